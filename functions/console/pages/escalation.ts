// 上报区级: one case: why it goes up, its life as a line of steps, what may be done next and by whom, its dossiers, and everything that was
// recorded. Through it a district unit sees the hazard and the unit that it is about, and nothing else of the town.
import { LIMIT_NAMES } from '../../../events/hazard.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { ESCALATION_GROUNDS } from '../../../events/escalation.ts';
import { DOSSIER_EVENTS } from '../../../shared/record/audit/layout.ts';
import { own } from '../../../shared/own.ts';
import { WORD_TYPE } from '../../api/routes/escalations.ts';
import type { Answers, EscalationAnswer } from '../answers.ts';
import { html, type Html } from '../../../shared/reading/html.ts';
import { gradeName, trackName } from '../labels.ts';
import { namesFor, peopleIn, type Named } from '../names.ts';
import { escalationPath, hazardPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { day, done, dueDate, facts, gradeTag, moment, nothing, records, statusTag, turning } from '../components.ts';
import * as escalationCommands from '../../../shared/rules/escalation/commands.ts';
import { actLinks, offered } from '../act-form.ts';
import { CASE_DONE } from './escalation-acts.ts';
import { CASE_FORWARD, caseSteps, whoseCase } from './escalation-steps.ts';
import { caseTag, days } from './escalations.ts';
import { stepsOf } from './hazard-steps.ts';
import { lastPosition, dueDateTable, history, stepLine } from './history.ts';
import { traceLinks } from './trace-subject.ts';
import { timeline, unitFacts } from './unit.ts';

type Hazard = Answers['getEscalatedHazard'];

export const escalationPage: Page = {
  path: '/escalations/{id}',
  action: 'read.escalations',
  get: async (visit) => {
    const id = visit.params['id'];
    // may it be seen at all, before more is read
    const one = await visit.ask('getEscalation', { id });
    const [hazard, unit] = await Promise.all([
      visit.ask('getEscalatedHazard', { id }),
      visit.ask('getEscalatedUnit', { id }),
    ]);
    const { events } = one;
    const named = await namesFor(visit, peopleIn(events));
    return {
      title: hazard.clause,
      section: 'escalations',
      above: [['上报区级', to('/escalations')]],
      asOf: lastPosition(events),
      body: html`
        ${done(own(CASE_DONE, visit.query['done'] ?? ''))}
        <div class="heading">
          <h1>${hazard.clause}</h1>
          <p>${caseTag(one)} ${gradeTag(hazard.grade)}</p>
        </div>
        ${traceLinks(visit, 'escalation', { escalation: id, unit: one.unit, hazard: one.hazard })}
        ${stepLine(caseSteps(one), named)} ${next(visit, one)}
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${overview(visit, one, hazard, unit.details.name, named)}
        </section>
        ${dossiers(one)} ${history(visit, events, named)}
      `,
    };
  },
};

function next(visit: Visit, one: EscalationAnswer): Html {
  const path = escalationPath(one.id);
  const acts = offered(escalationCommands, one);
  const turn = whoseCase(visit.campaign.definition, one);
  return html`<section class="next" aria-labelledby="next">
    <h2 id="next">下一步</h2>
    <p>${turn ?? '镇级已核实区级决定的落实情况，案件办结。'}</p>
    ${
      one.missing.length > 0 &&
      html`<p>还缺：</p>
        <ul>
          ${one.missing.map((what) => html`<li>${what}</li>`)}
        </ul>`
    }
    ${
      acts.length > 0
        ? html`<p class="actions">${actLinks(path, acts, CASE_FORWARD[one.status])}</p>`
        : turn && html`<p class="muted">您现在没有可以办理的事项。</p>`
    }
  </section>`;
}

function overview(visit: Visit, one: EscalationAnswer, hazard: Hazard, unitName: string, named: Named): Html {
  const { campaign, now } = visit;
  const { grounds, to: district, waitingSince, accepted, decision, verified, returns } = one;
  const path = escalationPath(one.id);
  // people of the town have pages of their own for these; a district unit sees them through the case
  const subject = {
    campaign: campaign.definition ?? undefined,
    hazard: { id: one.hazard, track: one.track, organisation: hazard.organisation },
  };
  const hazardAt = visit.may('read.hazards', subject) ? hazardPath(one.hazard) : `${path}/hazard`;
  const unitAt = visit.may('read.hazards', subject) ? unitPath(one.unit) : `${path}/unit`;
  return facts([
    ['编号', html`<code>${one.id}</code>`],
    [
      '隐患',
      html`<a href="${to(hazardAt)}">${hazard.clause}</a> ${statusTag(hazard.status)}
        ${hazard.due && html`<span class="muted">期限</span> ${dueDate(hazard.due, hazard.status, now)}`}`,
    ],
    ['单位', html`<a href="${to(unitAt)}">${unitName}</a>`],
    ['专项', trackName(one.track)],
    ['责任单位', organisationName(campaign.definition, hazard.organisation)],
    [
      '上报理由',
      grounds.map(
        ({ rule, limit, reason, ruleSet }) =>
          html`<span class="sub"
            ><b>${ESCALATION_GROUNDS[rule]}</b>（${LIMIT_NAMES[limit].short}）：${reason}
            <span class="muted">${rule === 'office' ? '' : `规则第 ${ruleSet} 版`}</span></span
          >`,
      ),
    ],
    ['区级单位', organisationName(campaign.definition, district)],
    [
      '等待',
      one.status !== 'verified' &&
        html`${days(one.waitingWorkingDays)}<span class="muted">（工作日，自 ${moment(waitingSince)} 起）</span>`,
    ],
    ['案龄', html`${days(one.ageWorkingDays)}<span class="muted">（工作日）</span>`],
    ['区级受理', accepted && html`${named(accepted.by)}${accepted.reference && `，区级编号 ${accepted.reference}`}`],
    ['退回', returns > 0 && `${returns} 次`],
    [
      '区级决定',
      decision &&
        html`${decision.decision}<span class="muted"
            >（${named(decision.by)}${decision.decidedAt && html`，${day(decision.decidedAt)}`}）</span
          >`,
    ],
    ['镇级核实', verified && html`${verified.note}（${named(verified.by)}）`],
  ]);
}

interface File {
  round: number;
  position: number;
  name: string;
  bytes: number;
  sha256: string;
  first: boolean;
}

function dossiers({ id, dossiers: all }: EscalationAnswer): Html {
  const rows = all.flatMap(({ round, position, files }) =>
    files.map(({ name, bytes, sha256 }, nth): File => ({ round, position, name, bytes, sha256, first: nth === 0 })),
  );
  return html`<section aria-labelledby="dossiers">
    <h2 id="dossiers">上报材料</h2>
    ${
      rows.length === 0
        ? nothing('材料还没有汇总好。', '平台自动汇总，一般几秒内完成；请刷新本页。')
        : records<File>(
            '上报材料',
            [
              { head: '材料', main: true, cell: (row) => `第 ${row.round} 次报送${row.first ? '' : `：${row.name}`}` },
              {
                head: '下载',
                cell: (row) =>
                  row.first
                    ? html`<a href="${to(`${escalationPath(id)}/dossiers/${row.round}`)}" download>Word 文件</a>
                        <span class="muted">${kilobytes(row.bytes)}</span>`
                    : row.name === DOSSIER_EVENTS
                      ? html`<a href="${to(`${escalationPath(id)}/dossiers/${row.round}/proofs`)}" download>证明包</a>`
                      : kilobytes(row.bytes),
              },
              { head: '截至日志位置', figure: true, cell: (row) => row.position },
              { head: 'SHA-256', cell: (row) => html`<code class="hash">${row.sha256}</code>` },
            ],
            rows,
          )
    }
    ${rows.length > 0 && html`<p class="muted">下载有查阅记录。下载的文件与记录的哈希一致时才会给出；可自行用 sha256sum 核对。证明包里有材料、背后的全部事件及其证明，解开后用 daocha audit verify 离线核验。</p>`}
  </section>`;
}

const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1024))} KB`;

const dossierPage: Page = {
  path: '/escalations/{id}/dossiers/{round}',
  action: 'read.escalations',
  get: async (visit) => {
    const { id, round } = visit.params;
    const bytes = await visit.ask('getDossier', { id, round });
    return { filename: `上报材料-${id}-${round}.docx`, type: WORD_TYPE, bytes };
  },
};

const proofsPage: Page = {
  path: '/escalations/{id}/dossiers/{round}/proofs',
  action: 'read.escalations',
  get: async (visit) => {
    const { id, round } = visit.params;
    const bytes = await visit.ask('getDossierProofs', { id, round });
    return { filename: `上报材料-${id}-${round}-证明.zip`, type: 'application/zip', bytes };
  },
};

/** The way back from what a case is about. */
const above = (id: string, clause: string): [string, string][] => [
  ['上报区级', to('/escalations')],
  [clause, to(escalationPath(id))],
];

const hazardOfCase: Page = {
  path: '/escalations/{id}/hazard',
  action: 'read.escalations',
  get: async (visit) => {
    const id = visit.params['id']!;
    const hazard = await visit.ask('getEscalatedHazard', { id });
    const { clause, status, grade, track, due, measures, statement, organisation, events } = hazard;
    return {
      title: `隐患：${clause}`,
      section: 'escalations',
      above: above(id, clause),
      asOf: lastPosition(events),
      body: html`
        <div class="heading">
          <h1>隐患：${clause}</h1>
          <p>${statusTag(status)} ${gradeTag(grade)}</p>
        </div>
        ${stepLine(stepsOf(hazard))}
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${facts([
            ['编号', html`<code>${hazard.id}</code>`],
            ['专项', trackName(track)],
            ['责任单位', organisationName(visit.campaign.definition, organisation)],
            ['等级', gradeName(grade)],
            ['整改期限', dueDate(due, status, visit.now)],
            ['整改措施', measures],
            ['整改情况', statement],
            ['回潮', hazard.recurrences > 0 && `${hazard.recurrences} 次`],
          ])}
        </section>
        ${dueDateTable(hazard)} ${history(visit, events)}
      `,
    };
  },
};

const unitOfCase: Page = {
  path: '/escalations/{id}/unit',
  action: 'read.escalations',
  get: async (visit) => {
    const id = visit.params['id']!;
    const { cursor } = visit.query;
    const unit = await visit.ask('getEscalatedUnit', { id });
    const [{ clause }, rows] = await Promise.all([
      visit.ask('getEscalatedHazard', { id }),
      visit.ask('getEscalatedTimeline', { id }, { cursor }),
    ]);
    const { name } = unit.details;
    return {
      title: `单位：${name}`,
      section: 'escalations',
      above: above(id, clause),
      asOf: unit.asOf.position,
      body: html`
        <h1>单位：${name}</h1>
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${unitFacts(visit, unit)}
        </section>
        <section aria-labelledby="timeline">
          <h2 id="timeline">时间线</h2>
          ${timeline(visit, rows.items)} ${turning(`${escalationPath(id)}/unit`, {}, rows.cursor, cursor === undefined)}
        </section>
      `,
    };
  },
};

export const escalationPages: readonly Page[] = [escalationPage, dossierPage, proofsPage, hazardOfCase, unitOfCase];

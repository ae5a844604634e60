// 隐患: one hazard: its life as a line of steps, what may be done next and by whom, every due date it ever had, and everything that was
// recorded, with evidence. Folded fresh from its stream, so whoever has just acted sees it.
import { CASE_STATUS_NAMES } from '../../../events/escalation.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { WAITING_STATUSES, STATUS_NAMES } from '../../../events/hazard.ts';
import { ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { provisionalYears } from '../../../shared/rules/reminder/ladder.ts';
import { own } from '../../../shared/own.ts';
import { provisionalWords } from '../../api/warnings.ts';
import type { HazardAnswer } from '../answers.ts';
import { html, type Html } from '../../../shared/reading/html.ts';
import { gradeName, trackName } from '../labels.ts';
import { namesFor, peopleIn, type Named } from '../names.ts';
import { escalationPath, hazardPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { done, dueDate, facts, gradeTag, moment, statusTag } from '../components.ts';
import { actLinks } from '../act-form.ts';
import { HAZARD_DONE, offeredIn } from './hazard-acts.ts';
import { mayPropose } from './escalation-acts.ts';
import { FORWARD, stepsOf, whoseTurn } from './hazard-steps.ts';
import { lastPosition, dueDateTable, history, stepLine } from './history.ts';
import { traceLinks } from './trace-subject.ts';
import { townMinute } from '../../../shared/town-time.ts';

export const hazardPage: Page = {
  path: '/hazards/{id}',
  action: 'read.hazards',
  get: async (visit) => {
    const hazard = await visit.ask('getHazard', { id: visit.params['id'] });
    const { clause, events, status, overdue, recurrences, text, place } = hazard;
    const named = await namesFor(visit, [
      ...peopleIn(events),
      hazard.finder,
      hazard.submittedBy,
      hazard.verifiedBy,
      hazard.extension?.by,
      hazard.proposal?.by,
    ]);
    return {
      title: clause,
      section: 'hazards',
      above: [
        ['隐患', to('/hazards')],
        [hazard.unitName, to(unitPath(hazard.unit))],
      ],
      asOf: lastPosition(events),
      body: html`
        ${done(own(HAZARD_DONE, visit.query['done'] ?? ''))}
        <div class="heading">
          <h1>${clause}</h1>
          <p>
            ${statusTag(status)} ${gradeTag(hazard.grade)}
            ${overdue && html`<span class="tag bad">已逾期</span>`}${recurrences > 0 && html` <span class="tag bad">回潮 ${recurrences} 次</span>`}
          </p>
        </div>
        ${text && html`<p class="lead">${text}</p>`}
        ${traceLinks(visit, 'hazard', { hazard: visit.params['id'], unit: hazard.unit })}
        ${stepLine(stepsOf(hazard), named)} ${next(visit, hazard)}
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${overview(visit, hazard, place, named)}
        </section>
        ${dueDateTable(hazard, named)} ${history(visit, events, named)}
      `,
    };
  },
};

function next(visit: Visit, hazard: HazardAnswer): Html {
  const offered = offeredIn(hazard);
  const up = mayPropose(visit, hazard);
  const turn = whoseTurn(visit.campaign.definition, hazard);
  return html`<section class="next" aria-labelledby="next">
    <h2 id="next">下一步</h2>
    ${turn && html`<p>${turn}</p>`}
    ${
      offered.length > 0 || up
        ? html`<p class="actions">
            ${actLinks(hazardPath(hazard.id), offered, FORWARD[hazard.status])}
            ${up && html`<a class="button quiet" href="${to(`${hazardPath(hazard.id)}/escalate`)}">上报区级</a>`}
          </p>`
        : html`<p class="muted">您现在没有可以办理的事项。</p>`
    }
  </section>`;
}

function overview({ campaign, now }: Visit, hazard: HazardAnswer, place: string | null, named: Named): Html {
  const { control, extension, proposal, statement, measures, submittedBy, verifiedBy, signedOff, escalation } = hazard;
  const rules = ruleSetAt(campaign, now.toISOString());
  const awaited = hazard.due !== null && WAITING_STATUSES.includes(hazard.status);
  const guessed = awaited && rules ? provisionalYears(rules, hazard.due!) : [];
  return facts([
    ['编号', html`<code>${hazard.id}</code>`],
    ['单位', html`<a href="${to(unitPath(hazard.unit))}">${hazard.unitName}</a>`],
    ['专项', trackName(hazard.track)],
    ['部位', place],
    ['责任单位', organisationName(campaign.definition, hazard.organisation)],
    ['等级', gradeName(hazard.grade)],
    ['本轮开始', moment(hazard.openedAt)],
    ['发现人', hazard.finder && named(hazard.finder)],
    [
      '整改期限',
      html`${dueDate(hazard.due, hazard.status, now)}${guessed.length > 0 && html` <span class="sub">${provisionalWords(guessed)}</span>`}`,
    ],
    [
      '延期申请',
      extension &&
        html`申请延至 ${moment(extension.requested)}：${extension.reason}（${named(extension.by)}，等待审批）`,
    ],
    ['整改措施', measures],
    ['临时管控', control && `${control.measures}${control.until ? `（至 ${townMinute(control.until)}）` : ''}`],
    ['整改情况', statement && html`${statement}（${named(submittedBy)}）`],
    ['复查', verifiedBy && html`${named(verifiedBy)}，${moment(hazard.verifiedAt)}`],
    ['复查不通过', hazard.rejections > 0 && `${hazard.rejections} 次，最近：${hazard.rejection?.reason ?? '—'}`],
    ['最近销项', signedOff && moment(signedOff.at)],
    [
      '上报区级',
      escalation &&
        html`<a href="${to(escalationPath(escalation.id))}">${CASE_STATUS_NAMES[escalation.status].waits}</a
          >（${organisationName(campaign.definition, escalation.to)}）`,
    ],
    [
      '撤并申请',
      proposal &&
        html`${STATUS_NAMES[proposal.kind].is}${proposal.of && html`，并入 <a href="${to(hazardPath(proposal.of))}">${proposal.of}</a>`}：${proposal.reason}（${named(proposal.by)}）`,
    ],
  ]);
}

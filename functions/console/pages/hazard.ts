// 隐患: one hazard: its life as a line of steps, what may be done next and by whom, every due date it ever had, and everything that was
// recorded, with evidence. Folded fresh from its stream, so whoever has just acted sees it.
import { parseStreamKey } from '../../../events/envelope.ts';
import type { HazardAnswer, ShownEvent } from '../ask.ts';
import { html, joined, type Content, type Html } from '../html.ts';
import { CLOSURE_NAMES, eventName, gradeName, organisationName, trackName } from '../labels.ts';
import { hazardPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { day, done, dueDate, facts, gradeTag, moment, records, statusTag } from '../parts.ts';
import { recordedLate, townMinute } from '../time.ts';
import { DONE, HAZARD_ACTS, isOffered } from './hazard-acts.ts';
import { eventDetails } from './event-details.ts';
import { FORWARD, stepsOf, whoseTurn, type Step } from './hazard-steps.ts';

export const hazardPage: Page = {
  path: '/hazards/{id}',
  action: 'read.hazards',
  get: async (visit) => {
    const hazard = await visit.ask('getHazard', { id: visit.params['id'] });
    const { clause, events, status, overdue, recurrences, text, place } = hazard;
    return {
      title: clause,
      section: 'hazards',
      above: [
        ['隐患', to('/hazards')],
        [hazard.unitName, to(unitPath(hazard.unit))],
      ],
      asOf: asOf(events),
      body: html`
        ${done(DONE[visit.query['done'] ?? ''])}
        <div class="heading">
          <h1>${clause}</h1>
          <p>
            ${statusTag(status)} ${gradeTag(hazard.grade)}
            ${overdue && html`<span class="tag bad">已逾期</span>`}${recurrences > 0 && html` <span class="tag bad">回潮 ${recurrences} 次</span>`}
          </p>
        </div>
        ${text && html`<p class="lead">${text}</p>`} ${steps(stepsOf(hazard))} ${next(visit, hazard)}
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${overview(visit, hazard, place)}
        </section>
        ${dueDates(hazard)}
        <section aria-labelledby="history">
          <h2 id="history">全部记录 <span class="count">${events.length}</span></h2>
          <ol class="timeline">
            ${events.toReversed().map((event) => entry(visit, event))}
          </ol>
        </section>
      `,
    };
  },
};

/** The page is of everything in the stream; its last event that has a position says how far that is. */
function asOf(events: readonly ShownEvent[]): number | undefined {
  const last = events.findLast(({ position }) => position !== undefined)?.position;
  return last === undefined ? undefined : last + 1;
}

function steps(all: readonly Step[]): Html {
  const WORDS = { done: '已完成', now: '当前', next: '未到' } as const;
  return html`<ol class="steps" aria-label="办理进度">
    ${all.map(
      ({ name, state, at, by, bad }) =>
        html`<li class="${bad ? `is-${state} is-bad` : `is-${state}`}" ${state === 'now' && html` aria-current="step"`}>
          <span class="name">${name}</span> <span class="off-screen">${WORDS[state]}</span>
          ${at && html`<span class="at">${day(at)}</span>`}${by && html`<span class="by">${by}</span>`}
        </li>`,
    )}
  </ol>`;
}

function next(visit: Visit, hazard: HazardAnswer): Html {
  const offered = HAZARD_ACTS.filter((act) => isOffered(act, hazard));
  const first = offered.find(({ acts }) => acts.includes(FORWARD[hazard.status]!));
  const others = offered.filter((act) => act !== first);
  const turn = whoseTurn(visit.campaign.definition, hazard);
  return html`<section class="next" aria-labelledby="next">
    <h2 id="next">下一步</h2>
    ${turn && html`<p>${turn}</p>`}
    ${
      offered.length > 0
        ? html`<p class="actions">
            ${first && html`<a class="button" href="${to(`${hazardPath(hazard.id)}/${first.path}`)}">${first.name}</a>`}
            ${others.map(({ path, name, again }) => html`<a class="button quiet" href="${to(`${hazardPath(hazard.id)}/${path}`)}">${again ?? name}</a>`)}
          </p>`
        : html`<p class="muted">您现在没有可以办理的事项。</p>`
    }
  </section>`;
}

function overview({ campaign, now }: Visit, hazard: HazardAnswer, place: string | null): Html {
  const { control, extension, proposal, statement, measures, submittedBy, verifiedBy, signedOff } = hazard;
  return facts([
    ['编号', html`<code>${hazard.id}</code>`],
    ['单位', html`<a href="${to(unitPath(hazard.unit))}">${hazard.unitName}</a>`],
    ['专项', trackName(hazard.track)],
    ['部位', place],
    ['责任单位', organisationName(campaign.definition, hazard.organisation)],
    ['等级', gradeName(hazard.grade)],
    ['本轮开始', moment(hazard.openedAt)],
    ['发现人', hazard.finder],
    ['整改期限', dueDate(hazard.due, hazard.status, now)],
    [
      '延期申请',
      extension && html`申请延至 ${moment(extension.requested)}：${extension.reason}（${extension.by}，等待审批）`,
    ],
    ['整改措施', measures],
    ['临时管控', control && `${control.measures}${control.until ? `（至 ${townMinute(control.until)}）` : ''}`],
    ['整改情况', statement && `${statement}（${submittedBy}）`],
    ['复查', verifiedBy && html`${verifiedBy}，${moment(hazard.verifiedAt)}`],
    ['复查不通过', hazard.rejections > 0 && `${hazard.rejections} 次，最近：${hazard.rejection?.reason ?? '—'}`],
    ['最近销项', signedOff && moment(signedOff.at)],
    [
      '撤并申请',
      proposal &&
        html`${CLOSURE_NAMES[proposal.kind]}${proposal.of && html`，并入 <a href="${to(hazardPath(proposal.of))}">${proposal.of}</a>`}：${proposal.reason}（${proposal.by}）`,
    ],
  ]);
}

function dueDates({ dueDates: all }: HazardAnswer): Content {
  return (
    all.length > 0 &&
    html`<section aria-labelledby="dues">
      <h2 id="dues">历次期限</h2>
      ${records(
        '历次期限',
        [
          { head: '期限', main: true, cell: (row) => moment(row.due) },
          { head: '方式', cell: (row) => (row.kind === 'order' ? '责令整改' : '延期') },
          { head: '确定时间', cell: (row) => moment(row.orderedAt) },
          { head: '确定人', cell: (row) => html`${row.by}${row.requestedBy && `（申请人 ${row.requestedBy}）`}` },
          { head: '依据', cell: (row) => row.authority ?? row.reason },
        ],
        all,
      )}
    </section>`
  );
}

function entry({ campaign }: Visit, event: ShownEvent): Html {
  const { actor, occurredAt, recordedAt, evidence = [], derived, position, corrected = [] } = event;
  const late = recordedLate(occurredAt, recordedAt);
  const { category, id } = parseStreamKey(event.stream);
  return html`<li id="${category}-${id}-${event.version}">
    <p class="when">${moment(occurredAt)}</p>
    <p class="what">
      ${eventName(event.type)}
      ${derived ? html` <span class="tag off">推断</span>` : late !== undefined && html` <span class="tag todo">${late} 天后补录</span>`}${corrected.length > 0 && html` <span class="tag todo">已更正</span>`}
    </p>
    ${facts(eventDetails(campaign.definition, event))}
    ${
      evidence.length > 0 &&
      html`<p class="muted">
        证据
        ${joined(
          evidence.map(
            ({ sha256, mediaType, takenAt }) =>
              html`<code title="${sha256}">${sha256.slice(0, 12)}</code
                >（${mediaType}${takenAt && `，摄于 ${townMinute(takenAt)}`}）`,
          ),
          '、',
        )}
      </p>`
    }
    ${derived && html`<p class="muted">由 ${derived.source} 的 ${derived.file} 第 ${derived.rows.join('、')} 行推断</p>`}
    <p class="muted">
      ${organisationName(campaign.definition, actor.organisation)} · ${actor.post} · ${actor.person} · 记录于
      ${townMinute(recordedAt)} · ${position === undefined ? '等待排序' : `日志位置 ${position}`}
    </p>
  </li>`;
}

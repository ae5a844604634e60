// What the pages of a hazard and of a case have in common: the life as a line of steps, every due date, and everything that was recorded.
import { eventName, organisationName } from '../../../shared/reading/dictionary.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import type { ShownDueDate, ShownEvent } from '../answers.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { byReference, type Named } from '../names.ts';
import type { Visit } from '../page.ts';
import { day, facts, moment, records } from '../components.ts';
import { recordedLate } from '../time.ts';
import { eventDetails } from './event-details.ts';
import { shots } from './evidence-shots.ts';
import type { HazardStep } from './hazard-steps.ts';
import { townMinute } from '../../../shared/town-time.ts';

/** The page is of everything in the stream; its last event that has a position says how far that is. */
export function lastPosition(events: readonly ShownEvent[]): number | undefined {
  const last = events.findLast(({ position }) => position !== undefined)?.position;
  return last === undefined ? undefined : last + 1;
}

export function stepLine(all: readonly HazardStep[], named: Named = byReference): Html {
  const WORDS = { done: '已完成', now: '当前', next: '未到' } as const;
  return html`<ol class="steps" aria-label="办理进度">
    ${all.map(
      ({ name, state, at, by, bad }) =>
        html`<li class="${bad ? `is-${state} is-bad` : `is-${state}`}" ${state === 'now' && html` aria-current="step"`}>
          <span class="name">${name}</span> <span class="off-screen">${WORDS[state]}</span>
          ${at && html`<span class="at">${day(at)}</span>`}${by && html`<span class="by">${named(by)}</span>`}
        </li>`,
    )}
  </ol>`;
}

const DUE_KINDS: Record<ShownDueDate['kind'], string> = {
  order: '责令整改',
  extension: '延期',
  rejection: '复查不通过',
};

export function dueDateTable(
  { dueDates: all }: { dueDates: readonly ShownDueDate[] },
  named: Named = byReference,
): Content {
  return (
    all.length > 0 &&
    html`<section aria-labelledby="dues">
      <h2 id="dues">历次期限</h2>
      ${records(
        '历次期限',
        [
          { head: '期限', main: true, cell: (row) => moment(row.due) },
          { head: '方式', cell: (row) => DUE_KINDS[row.kind] },
          { head: '确定时间', cell: (row) => moment(row.orderedAt) },
          {
            head: '确定人',
            cell: (row) => html`${named(row.by)}${row.requestedBy && html`（申请人 ${named(row.requestedBy)}）`}`,
          },
          { head: '依据', cell: (row) => row.authority ?? row.reason },
        ],
        all,
      )}
    </section>`
  );
}

function entry({ campaign }: Visit, event: ShownEvent, named: Named): Html {
  const { actor, occurredAt, recordedAt, evidence = [], derived, position, corrected = [] } = event;
  const late = recordedLate(occurredAt, recordedAt);
  const { category, id } = parseStreamKey(event.stream);
  return html`<li id="${category}-${id}-${event.version}">
    <p class="when">${moment(occurredAt)}</p>
    <p class="what">
      ${eventName(event.type)}
      ${derived ? html` <span class="tag off">推断</span>` : late !== undefined && html` <span class="tag todo">${late} 天后补录</span>`}${corrected.length > 0 && html` <span class="tag todo">已更正</span>`}
    </p>
    ${facts(eventDetails(campaign.definition, event, named))} ${shots(event.id, evidence)}
    ${derived && html`<p class="muted">由 ${derived.source} 的 ${derived.file} 第 ${derived.rows.join('、')} 行推断</p>`}
    <p class="muted">
      ${organisationName(campaign.definition, actor.organisation)} · ${actor.post} · ${named(actor.person)} · 记录于
      ${townMinute(recordedAt)} · ${position === undefined ? '等待排序' : `日志位置 ${position}`}
    </p>
  </li>`;
}

/** Everything that was recorded, newest first. */
export function history(visit: Visit, events: readonly ShownEvent[], named: Named = byReference): Html {
  return html`<section aria-labelledby="history">
    <h2 id="history">全部记录 <span class="count">${events.length}</span></h2>
    <ol class="timeline">
      ${events.toReversed().map((event) => entry(visit, event, named))}
    </ol>
  </section>`;
}

// The section of a dossier on hazards: of each its cycles, with every due date it ever had, what was handed in,
// verified, signed off, and what reminders were sent.
import { STATUS_NAMES } from '../../../events/hazard.ts';
import { CHANNEL_NAMES } from '../../../events/delivery.ts';
import { GRADE_NAMES } from '../../../events/inspection.ts';
import { own } from '../../own.ts';
import type { ActFact, DeadlineFact, DueFact } from '../trace/deadlines.ts';
import type { UnitFile, HazardFile } from './unit-file.ts';
import {
  basisLines,
  inferredTag,
  line,
  narrow,
  organisationName,
  positionCell,
  tableOf,
  time,
  type Cell,
  type DossierSetting,
  type Section,
} from './parts.ts';
import { html, joined, type Content, type Html } from '../html.ts';
import type { ReminderFact } from '../trace/reminders.ts';
import { ACT_ZH, DUE_ZH, postZh, afterZh, FOLLOWED_ZH, rungZh, trackZh, waitZh } from '../dictionary.ts';
import { townDay, townMinute } from '../../town-time.ts';

export function hazardSection({ hazards }: UnitFile, setting: DossierSetting): Section {
  const body = html`${hazards.length === 0 ? html`<p class="none">期间没有隐患。</p>` : ''}${hazards.map((hazard) => hazardBlock(hazard, setting))}`;
  return { id: 'hazards', title: '隐患与整改', count: hazards.length, body };
}

function hazardBlock(file: HazardFile, setting: DossierSetting): Html {
  const [first] = file.cycles;
  const status = html`<span class="tag${file.openOn ? ' bad' : ''}"
    >${own(STATUS_NAMES, file.status)?.is ?? file.status}</span
  >`;
  return html`<div class="hazard${file.openOn ? ' open' : ''}">
    <h3>
      ${file.clause} ${status}
      ${file.grade === null ? '' : html`<span class="tag">${own(GRADE_NAMES, file.grade) ?? file.grade}</span>`}
      <span class="dim">${trackZh(file.track)} ｜ ${file.hazard}</span>
    </h3>
    <p class="dim">${joined([first && `${townMinute(first.openedAt)} 发现`, assignedWords(file, setting)], '；')}</p>
    ${file.cycles.map((cycle) => cycleTable(cycle, file.cycles.length > 1, setting))}
    ${file.reminders.length === 0 ? '' : reminderTable(file.reminders, setting)}
  </div>`;
}

function assignedWords({ assigned }: HazardFile, setting: DossierSetting): string {
  const names = assigned.map(
    ({ organisation, from }) => `${organisationName(organisation, setting)}（${townDay(from)} 起）`,
  );
  return `责任单位 ${names.join(' → ')}`;
}

/** One table a cycle: everything in order of time, due dates in bold. */
function cycleTable(cycle: DeadlineFact, several: boolean, setting: DossierSetting): Html {
  const rows: { at: string; cells: Cell[] }[] = [
    {
      at: cycle.openedAt,
      cells: actCells(cycle.openedAt, cycle.openedBy.zh, cycle.openedBy.by.person, '', [cycle.openedBy], setting),
    },
    ...cycle.dues.map((due) => ({ at: due.events[0]!.occurredAt, cells: dueCells(due, setting) })),
    ...cycle.acts.map((act) => ({
      at: act.at,
      cells: actCells(act.at, ACT_ZH[act.act], act.by.person, actText(act), act.events, setting),
    })),
  ];
  const { signedOff, closed, undoneBy } = cycle;
  if (signedOff) {
    const text = `历时 ${signedOff.days} 天；复查 ${signedOff.verifiedBy?.person ?? '无'}`;
    const events = signedOff.events.slice(-1);
    rows.push({ at: signedOff.at, cells: actCells(signedOff.at, '销项', signedOff.by.person, text, events, setting) });
  }
  if (closed) {
    const name = closed.as === 'invalid' ? '认定无效' : '并入重复隐患';
    rows.push({ at: closed.at, cells: actCells(closed.at, name, closed.by.person, '', closed.events, setting) });
  }
  const ordered = rows.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const title = several
    ? html`<p>
        <b>第 ${cycle.cycle} 轮</b
        >${undoneBy ? html` <span class="bad">（${townMinute(undoneBy.occurredAt)} 回潮）</span>` : ''}
      </p>`
    : '';
  return html`${title}${tableOf(
    ['时间', '事项', '办理人', '内容', '位置'],
    ordered.map(({ cells }) => cells),
  )}${cycle.dues.length === 0 ? html`<p class="dim">本轮从未规定整改期限。</p>` : ''}${signedOff || closed ? '' : html`<p class="bad">尚未销项。</p>`}`;
}

function actCells(
  at: string,
  name: string,
  person: string,
  text: Content,
  events: DeadlineFact['events'],
  setting: DossierSetting,
): Cell[] {
  const derived = events.some((event) => event.derived);
  return [
    time(townMinute(at)),
    narrow(html`${name}${inferredTag(derived)}`),
    person,
    text,
    positionCell(events, setting),
  ];
}

function actText({ text, evidence, events }: ActFact): Content {
  const files = evidence.map(({ sha256, mediaType }) =>
    line(html`<span class="dim">证据 ${mediaType}</span> <code>${sha256.slice(0, 16)}…</code>`),
  );
  const [event] = events;
  const late =
    event?.late && !event.derived && line(html`<span class="bad">${townMinute(event.recordedAt)} 才记录</span>`);
  return html`${text}${files}${late}${basisLines(events)}`;
}

function dueCells(due: DueFact, setting: DossierSetting): Cell[] {
  const handed = due.submittedAt === null ? '未提交' : `${townMinute(due.submittedAt)} 提交`;
  const late = due.submittedAt !== null && due.submittedAt > due.due;
  const text = html`${line(html`<b>期限 ${townMinute(due.due)}</b>${due.inForce ? html` <span class="tag">现行</span>` : ''}${due.replaces === null ? '' : `，替代 ${townMinute(due.replaces)}`}`)}${due.measures === null ? '' : line(due.measures)}${line(html`<span class="dim">${due.by === 'order' ? '依据' : '理由'} ${due.ground}${due.requestedBy === null ? '' : `；${due.requestedBy} 申请`}</span>`)}${line(html`<span${late || due.missedAt !== null ? html` class="bad"` : ''}>${handed}${due.inTime ? '（按期）' : ''}${due.missedAt === null ? '' : `；${townMinute(due.missedAt)} 记为逾期`}</span>`)}${due.waited.map((wait) => line(html`<span${wait.late ? html` class="bad"` : ''}>等待复查 ${wait.workingDays} 个工作日，${townDay(wait.since)} 至 ${wait.until === null ? '今' : townDay(wait.until)}，${organisationName(wait.organisation, setting)}</span>`))}`;
  const { person, organisation, post } = due.approvedBy;
  const who = html`<b>${person}</b
    ><span class="line dim">${organisationName(organisation, setting)} ${postZh(post)}</span>`;
  return [
    time(townMinute(due.events[0]!.occurredAt)),
    narrow(DUE_ZH[due.by]),
    who,
    text,
    positionCell(due.events, setting),
  ];
}

function reminderTable(reminders: readonly ReminderFact[], setting: DossierSetting): Html {
  const rows = reminders.map((fact): Cell[] => [
    time(townMinute(fact.issuedAt)),
    narrow(
      html`${fact.awaits ? waitZh(fact.awaits, fact.rule.workingDays) : rungZh(fact.rule.workingDays)}<span
          class="line dim"
          >期限 ${townDay(fact.due)}</span
        >`,
    ),
    fact.recipients.map(({ organisation, post, person }) =>
      line(
        html`${organisationName(organisation, setting)} ${postZh(post)}
        ${person === null ? html`<span class="bad">空缺</span>` : html`<b>${person}</b>`}`,
      ),
    ),
    fact.deliveries.length === 0
      ? html`<span class="bad">无发送记录</span>`
      : fact.deliveries.map(({ channel, status, sentAt, error }) =>
          line(
            status === 'delivered'
              ? `${CHANNEL_NAMES[channel]} ${townMinute(sentAt!)} 送达`
              : html`<span class="bad">${CHANNEL_NAMES[channel]} 未送达：${error}</span>`,
          ),
        ),
    html`${line(html`<span${fact.followedBy === 'nothing' ? html` class="bad"` : ''}>${FOLLOWED_ZH[fact.followedBy]}</span>`)}${fact.acknowledged.map(({ by, hoursAfter }) => line(`${by} ${afterZh(hoursAfter)}确认`))}${fact.next ? line(`${fact.next.what}，${afterZh(fact.next.hoursAfter)}`) : ''}`,
    positionCell([...fact.events, ...fact.acknowledged.flatMap(({ events }) => events)], setting),
  ]);
  return html`<p><b>提醒</b></p>
    ${tableOf(['发出', '梯级', '发给', '送达', '此后', '位置'], rows)}`;
}

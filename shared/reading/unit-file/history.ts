// Sections of a dossier: recurrences, escalations, chronology, late records, corrections, accesses.
import { ESCALATION_GROUNDS } from '../../../events/escalation.ts';
import { LIMIT_NAMES } from '../../../events/hazard.ts';
import type { UnitFile } from './unit-file.ts';
import {
  basisLines,
  inferredTag,
  line,
  narrow,
  organisationName,
  positionCell,
  tableOf,
  time,
  who,
  type Cell,
  type DossierSetting,
  type Section,
} from './parts.ts';
import { html, joined } from '../html.ts';
import { LATE_KINDS } from '../trace/late.ts';
import { awayZh, accessZh, fieldZh, spanZh, correctedZh } from '../dictionary.ts';
import { townMinute } from '../../town-time.ts';

export function recurrenceSection({ recurrences }: UnitFile, setting: DossierSetting): Section {
  const rows = recurrences.map((fact): Cell[] => [
    time(townMinute(fact.foundAt)),
    html`${fact.clause}<span class="line dim">第 ${fact.recurrence} 次，${fact.foundBy.person} 发现</span>`,
    time(fact.undone ? townMinute(fact.undone.at) : '未知'),
    html`${line(html`销项 <b>${fact.undone?.by.person ?? '未知'}</b>${inferredTag(fact.undone?.events.some(({ derived }) => derived) ?? false)}`)}${line(`复查 ${fact.undone?.verifiedBy?.person ?? '无'}`)}${line(`提交 ${fact.undone?.submittedBy?.person ?? '无'}`)}`,
    narrow(awayZh(fact.daysAway)),
    fact.delisted ? '已移出' : html`<span class="dim">不在名单</span>`,
    positionCell([...(fact.undone?.events ?? []), ...fact.events], setting),
  ]);
  const body = tableOf(['发现', '条款', '所推翻的销项', '何人办理', '相隔', '销项名单', '位置'], rows, '没有回潮。');
  return { id: 'recurrences', title: '隐患回潮', count: recurrences.length, body };
}

export function escalationSection({ escalations }: UnitFile, setting: DossierSetting): Section {
  const rows = escalations.map((fact): Cell[] => [
    time(townMinute(fact.proposedAt)),
    html`${line(LIMIT_NAMES[fact.limit].short)}${line(html`<span class="dim">${ESCALATION_GROUNDS[fact.rule]}：${fact.reason}</span>`)}`,
    organisationName(fact.to, setting),
    fact.rounds.map(({ round, submittedAt, answer, daysWaiting, files }) =>
      line(
        joined(
          [
            `第 ${round} 次报送，${files.length} 个文件`,
            submittedAt === null ? '未报送' : `${townMinute(submittedAt)} 报送`,
            answer &&
              `${townMinute(answer.at)} ${answer.kind === 'accepted' ? '受理' : `退回，缺 ${answer.missing.join('；')}`}`,
            daysWaiting !== null && `等待 ${daysWaiting} 天`,
          ],
          '，',
        ),
      ),
    ),
    fact.resolved
      ? html`${townMinute(fact.resolved.at)} ${fact.resolved.decision}`
      : html`<span class="bad">未处理（${fact.daysOpen} 天）</span>`,
    positionCell(fact.events, setting),
  ]);
  const body = tableOf(['提出', '缘由', '报送', '材料与往来', '结果', '位置'], rows, '没有上报。');
  return { id: 'escalations', title: '上报区级', count: escalations.length, body };
}

export function chronologySection({ chronology }: UnitFile, setting: DossierSetting): Section {
  const rows = chronology.map((entry): Cell[] => {
    const late = !entry.derived && entry.lines.some((one) => one.late);
    return [
      time(townMinute(entry.at)),
      html`${entry.lines.map(({ zh, text }) => line(html`<b>${zh}</b> ${text}`))}${late ? line(html`<span class="bad">${townMinute(entry.recordedAt)} 才记录</span>`) : ''}${basisLines(entry.events)}`,
      who(
        html`${entry.by}${inferredTag(entry.derived)}<span class="line dim"
            >${organisationName(entry.organisation, setting)}</span
          >`,
      ),
      positionCell(entry.events, setting),
    ];
  });
  const body = tableOf(['时间', '事项', '记录人', '位置'], rows);
  return { id: 'chronology', title: '大事记', count: chronology.length, body };
}

export function lateSection({ late }: UnitFile, setting: DossierSetting): Section {
  const own = late.filter(({ derived }) => !derived);
  const imported = late.length - own.length;
  const rows = own.map((record): Cell[] => [
    html`${record.zh}<span class="line dim">${record.id}</span>`,
    time(townMinute(record.occurredAt)),
    time(townMinute(record.recordedAt)),
    narrow(spanZh(record.gapHours)),
    html`${record.kinds.map((kind) => line(LATE_KINDS[kind]))}${record.due === undefined ? '' : line(`期限 ${townMinute(record.due)}`)}${record.logged === undefined ? '' : line(`入册于 ${townMinute(record.logged)}`)}${basisLines([record])}`,
    record.by.person,
    positionCell([record], setting),
  ]);
  const body = html`${imported > 0 ? html`<p class="dim">另有 ${imported} 条由外来台账导入，导入时间必然晚于发生时间，不逐条列出。</p>` : ''}${tableOf(['事项', '称发生于', '记录于', '相差', '情形', '记录人', '位置'], rows, '没有补录或倒填。')}`;
  return { id: 'late', title: '补录与倒填', count: own.length, body };
}

export function correctionSection({ corrections }: UnitFile, setting: DossierSetting): Section {
  const rows = corrections.flatMap(({ event, target, changes, reason, approver }) =>
    changes.map(({ field, from, to }): Cell[] => [
      time(townMinute(event.recordedAt)),
      html`${fieldZh(field)}<span class="line dim">${target}</span>`,
      correctedZh(field, from),
      correctedZh(field, to),
      html`${reason}<span class="line dim">${event.by.person} 更正，${approver} 批准</span>`,
      positionCell([event], setting),
    ]),
  );
  const body = tableOf(['时间', '字段', '原为', '更正为', '理由', '位置'], rows, '没有更正。');
  return { id: 'corrections', title: '更正', count: corrections.length, body };
}

export function accessSection({ accesses, moreAccesses }: UnitFile): Section {
  const rows = accesses.map((access): Cell[] => [
    time(townMinute(access.at)),
    html`${access.person}<span class="line dim"
        >${access.organisation ?? ''} ${access.post ?? access.roles.join(' ')}</span
      >`,
    narrow(accessZh(access.action)),
    access.ground ?? html`<span class="dim">未说明</span>`,
    access.refused === null ? '' : html`<span class="bad">被拒：${access.refused}</span>`,
  ]);
  const body = html`${tableOf(['时间', '何人', '动作', '事由', '结果'], rows, '期间起没有查阅记录。')}${moreAccesses ? html`<p class="dim">其余查阅记录未列，见 daocha trace access。</p>` : ''}
    <p class="dim">查阅记录不在签名日志内。</p>`;
  return { id: 'accesses', title: '查阅记录', count: accesses.length, body };
}

// Sections of a dossier: the unit, gaps in duty, people responsible, inspections.
import { claimZh, recorderIn } from '../trace/event-text.ts';
import { OUTCOME_NAMES } from '../../../events/inspection.ts';
import type { UnitFile } from './unit-file.ts';
import {
  inferredTag,
  line,
  narrow,
  organisationName,
  positionCell,
  tableOf,
  time,
  type DossierSetting,
  type Section,
} from './parts.ts';
import { GAPS } from '../trace/gaps.ts';
import { html, joined, type Content, type Html } from '../html.ts';
import type { InspectionFact } from '../trace/inspections.ts';
import type { PersonThen } from '../trace/posts.ts';
import type { HolderFact, ResponsibleFact } from '../trace/responsible.ts';
import { becauseZh, modeZh, postZh, trackZh, changeZh } from '../dictionary.ts';
import { townDay, townMinute } from '../../town-time.ts';

export function unitSection({ unit, subject }: UnitFile, setting: DossierSetting): Section {
  const { details, riskGrade, listed, closed, hazards } = unit;
  const rows: [string, Content][] = [
    ['编号', subject.unit],
    ['名称', details?.name],
    ['类型', details?.kind ?? '未载明'],
    ['地址', details?.address ?? '未载明'],
    ['所在村居', details?.area ? organisationName(details.area, setting) : '未载明'],
    ['所属专项', details?.tracks.map(trackZh).join('、')],
    ['外部编号', details?.external ? `${details.external.system} ${details.external.id}` : null],
    ['风险等级', riskGrade ?? '未评定'],
    ['销项名单', listed ? '在名单上' : '不在名单上'],
    ['历来隐患', `${hazards.found} 处，现未销项 ${hazards.open} 处，回潮 ${hazards.recurrences} 次`],
    ['状态', closed ? '已注销' : null],
  ];
  const shown = rows.filter(([, value]) => value !== null && value !== undefined);
  const body = html`<dl>
    ${shown.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
  return { id: 'unit', title: '单位概况', count: null, body };
}

export function gapSection({ gaps }: UnitFile, setting: DossierSetting): Section {
  const kinds = [...Map.groupBy(gaps, ({ kind }) => kind)].map(
    ([kind, some]): Html => html`<span class="tag">${GAPS[kind]} ${some.length}</span> `,
  );
  const rows = gaps.map((gap) => [
    time(townDay(gap.at)),
    narrow(html`<b>${gap.zh}</b>`),
    gap.text,
    positionCell(gap.events, setting),
  ]);
  const body = html`<p class="dim">
      应为而记录中未见其为者。只就有记录可循的职责而言：计划的检查、整改期限、提醒、岗位、检查表。是否失职由人认定。
    </p>
    ${gaps.length > 0 ? html`<p>${kinds}</p>` : ''}${tableOf(['日期', '情形', '说明', '位置'], rows, '未见缺口。')}`;
  return { id: 'gaps', title: '履职缺口', count: gaps.length, body };
}

export function peopleSection({ responsible, people, subject }: UnitFile, setting: DossierSetting): Section {
  const onDay = responsible.map((fact) => [
    narrow(trackZh(fact.track)),
    narrow(fact.zh),
    html`${organisationName(fact.organisation, setting)}<span class="line dim"
        >${fact.because.map(becauseZh).join('、')}${fact.hazards.length > 0 ? `（${fact.hazards.length} 处隐患）` : ''}</span
      >`,
    holdersCell(fact, setting),
    fact.holders.map((holder) => line(basisWords(holder))),
    positionCell(fact.events, setting),
  ]);
  const changes = people.map((period) => [
    narrow(trackZh(period.track)),
    narrow(period.zh),
    organisationName(period.organisation, setting),
    narrow(html`${period.from}<span class="line">至 ${period.until}</span>`),
    holdersCell(period, setting),
    positionCell(period.events, setting),
  ]);
  const body = html`<h3>${subject.on} 当日</h3>
    ${tableOf(['专项', '职责', '组织', '任职者', '任期与依据', '位置'], onDay)}
    <h3>期间变动</h3>
    ${tableOf(['专项', '职责', '组织', '期间', '任职者', '位置'], changes, '期间在专项行动开始之前，尚无名册。')}`;
  return { id: 'people', title: '责任人员', count: null, body };
}

/** Where nobody was assigned to supervise the unit, whoever stands in is named as such. */
function holdersCell({ role, holders }: Pick<ResponsibleFact, 'role' | 'holders'>, setting: DossierSetting): Content {
  const words = holders.map((holder) => line(holderWords(holder, setting)));
  const assigned = holders.some(({ events }) => events.some(({ type }) => type === 'SupervisorAssigned'));
  return role === 'supervisor' && !assigned ? html`<span class="bad">未明确监管责任人</span>；依规则由${words}` : words;
}

function holderWords(holder: HolderFact, setting: DossierSetting): Content {
  const post = postZh(holder.post);
  const where = organisationName(holder.organisation, setting);
  return holder.person === null
    ? html`<span class="bad">${where} ${post} 空缺</span>`
    : html`<b>${holder.person}</b> ${where} ${post}`;
}

const basisWords = ({ person, from, until, basis }: HolderFact): Content =>
  person === null ? '名册中无人任职' : `${from ?? '?'} 至 ${until ?? '今'}；${basis ?? ''}`;

const claimOf = (person: string, events: UnitFile['inspections'][number]['events']): string => {
  const by = recorderIn(events);
  return by ? claimZh(person, by) : '';
};

export function inspectionSection({ inspections }: UnitFile, setting: DossierSetting): Section {
  const rows = inspections.map((fact) => [
    time(townMinute(fact.at)),
    joined([fact.track !== null && trackZh(fact.track), modeZh(fact.mode)], html`<br />`),
    html`${fact.inspectors.length > 0 ? fact.inspectors.map((person) => line(html`${personWords(person, setting)}${claimOf(person.person, fact.events)}`)) : html`<span class="dim">未载明检查人</span>`}`,
    resultCell(fact),
    signatureWords(fact),
    positionCell(fact.events, setting),
  ]);
  const body = tableOf(['时间', '专项与方式', '检查人与当时岗位', '检查表与结果', '签字', '位置'], rows);
  return { id: 'inspections', title: '检查情况', count: inspections.length, body };
}

export function personWords({ person, posts }: PersonThen, setting: DossierSetting): Content {
  if (posts.length === 0) return html`<b>${person}</b> <span class="dim">名册中无任命</span>`;
  return html`<b>${person}</b> ${posts.map(
      ({ organisation, post, basis }) =>
        html`${organisationName(organisation, setting)} ${postZh(post)}<span class="dim">（${basis}）</span> `,
    )}`;
}

function resultCell(fact: InspectionFact): Content {
  if (fact.status === 'missed') return html`<span class="bad">未执行</span>：${fact.missedBecause}`;
  if (fact.status === 'planned') return html`<span class="bad">已计划，无记录</span>`;
  const { problem, ok, notApplicable } = fact.answers!;
  const counts = [
    problem > 0 && `有问题 ${problem}`,
    ok > 0 && `无问题 ${ok}`,
    notApplicable > 0 && `不适用 ${notApplicable}`,
  ].filter(Boolean);
  const template = fact.template ? `检查表 ${fact.template.id} 第 ${fact.template.version} 版` : '未载明检查表';
  return html`${line(html`<span class="dim">${template}</span>`)}${line(html`<b>${counts.join('，') || '无逐项答复'}</b>${inferredTag(fact.events.some(({ derived }) => derived))}`)}${fact.findings.map(({ clause, outcome }) => line(`${clause} ${OUTCOME_NAMES[outcome].short}`))}${fact.result === null ? '' : line(html`<span class="dim">原文：${fact.result}</span>`)}${fact.corrected.map(({ field, from, to }) => line(html`<span class="tag">更正</span> ${changeZh({ field, from, to })}`))}`;
}

function signatureWords({ status, signature }: InspectionFact): Content {
  if (status !== 'recorded') return '';
  if (!signature) return html`<span class="dim">无</span>`;
  return signature.kind === 'signed'
    ? `${signature.by} 已签`
    : html`<span class="bad">拒签</span>：${signature.reason}`;
}

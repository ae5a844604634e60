// The dossier (上报材料) as a Word document in Chinese, laid out as an official document: who asks whom for what and why,
// then the record that it rests on. The same case file gives the same bytes.
import { CHANNEL_NAMES } from '../../../events/delivery.ts';
import { LIMIT_NAMES, STATUS_NAMES } from '../../../events/hazard.ts';
import { GRADE_NAMES } from '../../../events/inspection.ts';
import { definitionOf } from '../../../events/catalogue.ts';
import { ESCALATION_GROUNDS } from '../../../events/escalation.ts';
import type { WaitFact } from '../trace/waits.ts';
import {
  awayZh,
  basisZh,
  DUE_ZH,
  modeZh,
  postZh,
  trackZh,
  actorZh,
  rungZh,
  waitZh,
  organisationName,
  type NameOf,
} from '../dictionary.ts';
import { chronicle } from './chronicle.ts';
import { factsOf, MOST_LINES, type Facts } from './facts.ts';
import { fixedBytes } from './deterministic-zip.ts';
import type { CaseFile } from './gather.ts';
import { documentOf, heading, mark, note, pairs, subheading, table, text, title } from './layout.ts';
import { townDay, townMinute } from '../../town-time.ts';

export const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
export const DOSSIER_NAME = 'dossier.docx';

type Parts = ReturnType<typeof table>;

export async function dossierDocument(file: CaseFile): Promise<Uint8Array> {
  const facts = factsOf(file);
  const nameOf = naming(file);
  const office = officeOf(file);
  const name = `关于${file.unit.details!.name}${trackZh(file.case.track)}${gradeZh(file)}超出镇级处置范围的报告`;
  const sections: [string, Parts][] = [
    ['上报事由', grounds(file, facts, nameOf)],
    ['退回意见和补充材料', returns(facts)],
    ['单位和隐患基本情况', basics(file, facts, nameOf)],
    ['整改期限沿革', deadlines(facts, nameOf)],
    ['提醒督办情况', reminders(facts, nameOf)],
    ['有关时点的责任人', responsible(facts, nameOf)],
    ['隐患处置经过', course(file, nameOf)],
    ['单位检查和其他隐患情况', surroundings(facts)],
    ['证据目录', evidence(facts)],
    ['材料说明', remarks(file, facts)],
  ];
  const told = sections.filter(([, parts]) => parts.length > 0);
  const document = documentOf([
    ...(file.case.urgent ? [mark('特急')] : []),
    title(name),
    text(`${nameOf(file.case.to)}：`, { indent: false }),
    ...summary(file, facts),
    ...told.flatMap(([words, parts], n) => [heading(`${NUMERALS[n]}、${words}`), ...parts]),
    text(''),
    text(office, { right: true }),
    text(dateZh(file.calledAt), { right: true }),
  ]);
  return fixedBytes(document, { title: name, creator: office, at: file.calledAt });
}

/** Marks within quotation marks are single ones (GB/T 15834). */
const quotedInside = (name: string): string => name.replaceAll('“', '‘').replaceAll('”', '’');

const NUMERALS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

const naming =
  ({ campaign }: CaseFile): NameOf =>
  (id) =>
    organisationName(campaign, id);

const officeOf = ({ campaign }: CaseFile): string =>
  campaign.organisations.find(({ kind }) => kind === 'office')?.name ?? campaign.name;

const gradeZh = ({ hazard }: CaseFile): string => (hazard.grade ? GRADE_NAMES[hazard.grade] : '隐患');

/** `2025年5月8日`, in town time. */
function dateZh(instant: string): string {
  const [year, month, day] = townDay(instant).split('-').map(Number);
  return `${year}年${month}月${day}日`;
}

/** What the district has to know before it reads on. */
function summary(file: CaseFile, facts: Facts): Parts {
  const { campaign, hazard, unit, case: escalated } = file;
  const { deadlines: cycles, reminders: reminded, escalation } = facts;
  const cycle = cycles.at(-1);
  const dues = cycle?.dues.length ?? 0;
  const missed = cycle?.dues.filter(({ missedAt }) => missedAt !== null).length ?? 0;
  const ignored = reminded.filter(({ followedBy }) => followedBy === 'nothing').length;
  const found = dateZh(hazard.openedAt);
  const happened = [
    `${found}${hazard.recurrences > 0 ? `该隐患第${hazard.recurrences}次回潮` : '发现该隐患'}`,
    dues > 0 ? `先后确定整改期限${dues}次${missed > 0 ? `，其中${missed}次逾期` : ''}` : '尚未责令整改',
    hazard.rejections > 0 ? `复查不通过${hazard.rejections}次` : '',
    hazard.extensions > 0 ? `延期${hazard.extensions}次` : '',
    reminded.length > 0 ? `发出提醒${reminded.length}次${ignored > 0 ? `，其中${ignored}次无任何回应` : ''}` : '',
  ].filter(Boolean);
  const limits = [...new Set(escalated.grounds.map(({ limit }) => LIMIT_NAMES[limit].long))].join('、');
  const round = file.round > 1 ? `本材料为第${file.round}次报送。` : '';
  return [
    text(
      `在“${quotedInside(campaign.name)}”中，${unit.details!.name}存在${trackZh(file.case.track)}方面的${gradeZh(file)}（${hazard.clause}）。${happened.join('，')}，目前状态为“${STATUS_NAMES[hazard.status].is}”。` +
        `因${escalated.grounds.map(({ rule }) => ESCALATION_GROUNDS[rule]).join('、')}，${limits}，现将有关材料报上，请予指导处理。${round}`,
    ),
    ...(escalation.returns > 0 ? [text(`本案此前被退回${escalation.returns}次，所缺材料已补充，见第二部分。`)] : []),
  ];
}

function grounds(file: CaseFile, facts: Facts, nameOf: NameOf): Parts {
  const { escalation } = facts;
  const first = { ...escalation, at: escalation.proposedAt, by: escalation.proposedBy };
  const rows = [first, ...escalation.furtherGrounds].map((ground, n) => [
    String(n + 1),
    ESCALATION_GROUNDS[ground.rule],
    `${LIMIT_NAMES[ground.limit].long}${ground.urgent ? '\n（紧急）' : ''}`,
    ground.reason,
    `${townMinute(ground.at)}\n${actorZh(ground.by, nameOf)}`,
  ]);
  const versions = [...new Set(file.case.grounds.map(({ ruleSet }) => ruleSet))].join('、');
  return [
    ...table(
      [
        { heading: '序号', width: 6, centred: true },
        { heading: '适用规则', width: 14, centred: true },
        { heading: '镇级所缺', width: 15, centred: true },
        { heading: '理由', width: 38 },
        { heading: '时间和提出人', width: 27 },
      ],
      rows,
    ),
    note(
      `适用规则第${versions}版。报送单位：${officeOf(file)}；接收单位：${nameOf(file.case.to)}；案件编号：${file.id}。`,
    ),
  ];
}

function returns({ escalation }: Facts): Parts {
  const { rounds, materials } = escalation;
  const back = rounds.flatMap(({ round, answer }) =>
    answer?.kind === 'returned'
      ? [
          [
            `第${round}次`,
            townMinute(answer.at),
            '退回',
            answer.missing.map((one, n) => `${n + 1}. ${one}`).join('\n'),
            answer.by,
          ],
        ]
      : [],
  );
  if (back.length === 0 && materials.length === 0) return [];
  const added = materials.map(({ at, answers, note: words, by, evidence: photos }) => [
    '',
    townMinute(at),
    '补充',
    [...answers.map((one) => `针对“${one}”：`), words, photos.length > 0 ? `附证据${photos.length}件，见证据目录` : '']
      .filter(Boolean)
      .join('\n'),
    by,
  ]);
  return table(
    [
      { heading: '材料', width: 10, centred: true },
      { heading: '时间', width: 20, centred: true },
      { heading: '事项', width: 8, centred: true },
      { heading: '内容', width: 44 },
      { heading: '经办人编号', width: 18, centred: true },
    ],
    [...back, ...added].toSorted((a, b) => (a[1]! < b[1]! ? -1 : 1)),
  );
}

function basics(file: CaseFile, { recurrences }: Facts, nameOf: NameOf): Parts {
  const { unit, hazard, hazardEvents } = file;
  const { name, kind, address, area, tracks, external } = unit.details!;
  const found = hazardEvents.findLast(({ event }) => event.type === 'HazardFound')?.event;
  const data = found?.type === 'HazardFound' ? found.data : undefined;
  const supervisors = unit.supervisors
    .filter(({ track, until }) => track === file.case.track && until === null)
    .map(({ organisation, post, person }) => `${nameOf(organisation)} ${postZh(post)}（${person}）`);
  return [
    subheading('（一）单位'),
    ...pairs([
      ['名称', name],
      ['类型', kind ?? '—'],
      ['地址', address ?? '—'],
      ['所在村居', organisationName(file.campaign, area)],
      ['涉及专项', tracks.map(trackZh).join('、')],
      ['风险等级', unit.riskGrade ?? '未评定'],
      ['监管责任人', supervisors.join('\n') || '未明确'],
      ['未销项隐患', `${unit.open.length}项`],
      ['销项名单', unit.listed ? '在列' : '不在列'],
      ['单位编号', unit.id],
      ...(external ? ([['外部编号', `${external.system} ${external.id}`]] as [string, string][]) : []),
    ]),
    subheading('（二）隐患'),
    ...pairs([
      ['条款', hazard.clause],
      ['等级', hazard.grade ? GRADE_NAMES[hazard.grade] : '未定级'],
      ['部位', data?.place ?? '—'],
      ['目前状态', STATUS_NAMES[hazard.status].is],
      ['情况', data?.text ?? '—'],
      ['承办单位', nameOf(hazard.organisation)],
      ['本轮开始', townMinute(hazard.openedAt)],
      ['现行期限', hazard.due ? townDay(hazard.due) : '未确定'],
      ['回潮次数', `${hazard.recurrences}次`],
      ['本轮复查不通过', `${hazard.rejections}次`],
      ['本轮延期', `${hazard.extensions}次`],
      ['临时管控', hazard.control?.measures ?? '无'],
      ['隐患编号', hazard.id],
    ]),
    ...(recurrences.length > 0 ? [subheading('（三）历次回潮'), ...recurrenceTable(recurrences, nameOf)] : []),
  ];
}

const recurrenceTable = (recurrences: Facts['recurrences'], nameOf: NameOf): Parts =>
  table(
    [
      { heading: '次数', width: 8, centred: true },
      { heading: '发现时间', width: 22, centred: true },
      { heading: '所撤销的销项', width: 48 },
      { heading: '相隔', width: 12, centred: true },
    ],
    recurrences.map(({ recurrence, foundAt, undone, daysAway }) => [
      `第${recurrence}次`,
      townMinute(foundAt),
      undone
        ? `${townDay(undone.at)}销项：${actorZh(undone.by, nameOf).replace('\n', ' ')}${undone.verifiedBy ? `，复查人${undone.verifiedBy.person}` : ''}`
        : '—',
      awayZh(daysAway),
    ]),
  );

function deadlines({ deadlines: cycles }: Facts, nameOf: NameOf): Parts {
  const rows = cycles.flatMap(({ cycle, dues }) =>
    dues.map(({ due, by, approvedBy, ground, measures, missedAt, submittedAt, inForce, waited }) => [
      `第${cycle}轮`,
      `${townDay(due)}${inForce ? '\n（现行）' : ''}`,
      DUE_ZH[by],
      [ground, measures ? `措施：${measures}` : ''].filter(Boolean).join('\n'),
      actorZh(approvedBy, nameOf),
      [outcomeOf({ missedAt, submittedAt, inForce }), ...waited.map((wait) => waitedZh(wait, nameOf))].join('\n'),
    ]),
  );
  if (rows.length === 0) return [text('截至本材料形成，尚未确定整改期限。')];
  return [
    ...table(
      [
        { heading: '轮次', width: 9, centred: true },
        { heading: '期限', width: 16, centred: true },
        { heading: '由来', width: 12, centred: true },
        { heading: '依据和措施', width: 27 },
        { heading: '决定人', width: 18 },
        { heading: '结果', width: 18 },
      ],
      rows,
    ),
  ];
}

/** 等待复查6个工作日（规建办） */
const waitedZh = ({ awaits, workingDays, organisation }: WaitFact, nameOf: NameOf): string =>
  `${waitZh(awaits, workingDays)}（${nameOf(organisation)}）`;

function outcomeOf({
  missedAt,
  submittedAt,
  inForce,
}: Pick<Facts['deadlines'][number]['dues'][number], 'missedAt' | 'submittedAt' | 'inForce'>): string {
  const happened = [
    ...(submittedAt ? [[submittedAt, '提交整改']] : []),
    ...(missedAt ? [[missedAt, '记录逾期']] : []),
  ].toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1));
  if (happened.length > 0) return happened.map(([at, what]) => `${townDay(at!)}${what}`).join('\n');
  return inForce ? '未提交整改' : '已被取代';
}

function reminders({ reminders: reminded }: Facts, nameOf: NameOf): Parts {
  if (reminded.length === 0) return [text('截至本材料形成，未发出提醒。')];
  const rows = reminded.map(
    ({ issuedAt, due, rule, awaits, recipients, deliveries, acknowledged, next, followedBy }) => [
      townMinute(issuedAt),
      `${awaits ? waitZh(awaits, rule.workingDays) : rungZh(rule.workingDays)}\n（期限${townDay(due)}）`,
      recipients
        .map(({ organisation, post, person }) => `${nameOf(organisation)}${postZh(post)} ${person ?? '空缺'}`)
        .join('\n'),
      deliveries
        .map(({ channel, status }) => `${CHANNEL_NAMES[channel]}${status === 'delivered' ? '送达' : '未送达'}`)
        .join('\n') || '无送达记录',
      [
        ...acknowledged.map(({ by, at }) => `${townDay(at)} ${by}确认`),
        followedBy === 'acted' && next ? `${townDay(next.at)} ${next.what}` : '',
        followedBy === 'nothing' ? '无回应' : '',
      ]
        .filter(Boolean)
        .join('\n'),
    ],
  );
  return table(
    [
      { heading: '时间', width: 18, centred: true },
      { heading: '提醒', width: 20, centred: true },
      { heading: '对象', width: 30 },
      { heading: '送达', width: 14, centred: true },
      { heading: '其后', width: 18 },
    ],
    rows,
  );
}

function responsible({ responsible: rows }: Facts, nameOf: NameOf): Parts {
  if (rows.length === 0) return [text('名册中没有本专项的任职记录。')];
  return [
    ...table(
      [
        { heading: '责任', width: 14, centred: true },
        { heading: '单位和岗位', width: 20 },
        { heading: '人员编号', width: 18, centred: true },
        { heading: '任职时间和依据', width: 24 },
        { heading: '覆盖时点', width: 24 },
      ],
      rows.map(({ zh, organisation, holder, days }) => [
        zh,
        `${nameOf(organisation)}\n${postZh(holder.post)}`,
        holder.person ?? '空缺',
        holder.from ? `${holder.from}至${holder.until ?? '今'}\n${holder.basis ?? ''}`.trim() : '—',
        days.join('\n'),
      ]),
    ),
    note('人员以编号表示，姓名和联系方式在镇人员名录中；“空缺”指该时点名册中无人任职。'),
  ];
}

function course(file: CaseFile, nameOf: NameOf): Parts {
  const lines = chronicle([...file.hazardEvents, ...file.caseEvents], nameOf);
  const shown = lines.slice(-4 * MOST_LINES);
  return [
    ...table(
      [
        { heading: '时间', width: 17, centred: true },
        { heading: '事项', width: 14, centred: true },
        { heading: '内容', width: 41 },
        { heading: '经办', width: 20 },
        { heading: '位次', width: 8, centred: true },
      ],
      shown.map(({ at, title: words, detail, by, evidence: photos, position }) => [
        townMinute(at),
        words,
        [detail, photos > 0 ? `（附证据${photos}件）` : ''].filter(Boolean).join('\n'),
        by,
        String(position),
      ]),
    ),
    ...(lines.length > shown.length ? [note(`另有更早的记录${lines.length - shown.length}条，未列出。`)] : []),
  ];
}

function surroundings(facts: Facts): Parts {
  const { inspections, inspectionsLeftOut, others, othersLeftOut } = facts;
  const left = (count: number): Parts => (count > 0 ? [note(`另有${count}条，未列出。`)] : []);
  return [
    subheading('（一）近两年检查'),
    ...(inspections.length === 0
      ? [text('无检查记录。')]
      : table(
          [
            { heading: '时间', width: 18, centred: true },
            { heading: '专项', width: 16, centred: true },
            { heading: '方式', width: 14, centred: true },
            { heading: '结果', width: 32 },
            { heading: '检查人编号', width: 20 },
          ],
          inspections.map((inspection) => [
            townMinute(inspection.at),
            trackZh(inspection.track),
            modeZh(inspection.mode),
            resultZh(inspection),
            inspection.inspectors.map(({ person }) => person).join('\n'),
          ]),
        )),
    ...left(inspectionsLeftOut),
    subheading('（二）其他隐患'),
    ...(others.length === 0
      ? [text('无其他隐患记录。')]
      : table(
          [
            { heading: '条款', width: 40 },
            { heading: '专项', width: 20, centred: true },
            { heading: '发现', width: 20, centred: true },
            { heading: '目前状态', width: 20, centred: true },
          ],
          others.map(({ clause, track, foundAt, status }) => [
            clause,
            trackZh(track),
            townDay(foundAt),
            STATUS_NAMES[status].is,
          ]),
        )),
    ...left(othersLeftOut),
  ];
}

function resultZh({
  status,
  clean,
  answers,
  findings,
  signature,
  missedBecause,
}: Facts['inspections'][number]): string {
  if (status === 'missed') return `未执行：${missedBecause ?? ''}`;
  if (status === 'planned') return '已计划，未执行';
  const result = clean
    ? `未发现问题（${answers?.ok ?? 0}项）`
    : `问题${findings.length}项，无问题${answers?.ok ?? 0}项`;
  const signed = signature ? (signature.kind === 'signed' ? '，已签字' : `，拒签：${signature.reason}`) : '';
  return `${result}${signed}`;
}

function evidence({ evidence: items }: Facts): Parts {
  if (items.length === 0) return [text('截至本材料形成，没有随记录提交的照片或文件。')];
  return [
    ...table(
      [
        { heading: '序号', width: 7, centred: true },
        { heading: '所属记录', width: 18, centred: true },
        { heading: '时间', width: 17, centred: true },
        { heading: '类型', width: 14, centred: true },
        { heading: 'SHA-256', width: 44 },
      ],
      items.map(({ title: type, at, takenAt, mediaType, sha256 }, n) => [
        String(n + 1),
        definitionOf(type).zh,
        townMinute(takenAt ?? at),
        mediaType,
        `${sha256.slice(0, 32)}\n${sha256.slice(32)}`,
      ]),
    ),
  ];
}

function remarks({ position, id }: CaseFile, { late }: Facts): Parts {
  const told = [
    `本材料由系统根据日志中位次${position}之前（不含）的全部记录自动汇总，不经人工编辑；文件的SHA-256记录在案件的“汇总材料”事件中，下载时逐字节核对。`,
    `“位次”为每条记录在全镇日志中的次序。记录只增不改；更正另作记录，更正前的内容仍可查。随本材料可下载证明包（ZIP），内有本材料、所依据的全部记录及其证明，离线即可验证（daocha audit verify）每条记录未被改动、未被抽换、没有遗漏。`,
    '所列时间为经办人所报的发生时间，均为北京时间。',
    late.length > 0
      ? `本案有${late.length}条记录系事后补录或倒填时间：位次${late.map(({ position: at, lateBasis }) => (lateBasis === undefined ? at : `${at}（${basisZh(lateBasis)}）`)).join('、')}。`
      : '',
    `案件${id}的处理意见请通过区级账号或接口回复；需补充材料的，请列明所缺事项，系统将重新汇总后再次报送。`,
  ].filter(Boolean);
  return told.map((words, n) => text(`${n + 1}. ${words}`));
}

// What an event says beyond its name, in Chinese: the titles and values of its fields, or a better sentence where there is
// one. The chronicles of a unit's and of a case's file, and the details on a page, are made of this. Words of people stay
// as they were written.
import { definitionOf, type DaochaEvent, type EventType } from '../../../events/catalogue.ts';
import { fieldsOf, type DataField } from '../../../events/field.ts';
import { GRADE_NAMES, OUTCOME_NAMES } from '../../../events/inspection.ts';
import { PROVISIONAL_ZH } from '../../../events/reminder.ts';
import { unitDetailsSchema } from '../../../events/unit.ts';
import { changesOf } from '../../rules/corrections.ts';
import { own } from '../../own.ts';
import { samePerson } from '../../person.ts';
import { changeZh, modeZh, rungZh, valueZh, waitZh, type NameOf } from '../dictionary.ts';

/** What is shown of an event: its fields that have a value, in order. */
export function fieldsIn(
  { type, data, actor }: { type: string; data: object; actor: { person: string; organisation: string } },
  where: 'page' | 'sentence',
): [field: DataField, value: unknown][] {
  return fieldsOf(definitionOf(type).data).flatMap((field): [DataField, unknown][] => {
    const value = (data as Record<string, unknown>)[field.name];
    if (field.left === 'out' || (field.left && where === 'sentence')) return [];
    if (value === null || value === undefined || value === '') return [];
    // not so, and no words for it
    if (value === false && field.kind === 'yes-no') return [];
    // whoever recorded it stands beside it
    const itself = field.name === 'by' && (value === actor.person || value === actor.organisation);
    return itself ? [] : [[field, value]];
  });
}

/** Whoever is named by somebody else has not said so: `（由 p-1 填报，未确认）`. */
export const claimZh = (person: string, actor: { person: string }): string =>
  samePerson(person, actor.person) ? '' : `（由 ${actor.person} 填报，未确认）`;

/** Who recorded the inspection, of the events that a fact rests on. */
export const recorderIn = (
  events: readonly { type: string; by: { person: string } }[],
): { person: string } | undefined => events.find(({ type }) => type === 'InspectionRecorded')?.by;

const list = (...parts: (string | undefined | false)[]): string => parts.filter(Boolean).join('；');

type Sentences = { [T in EventType]?: (event: Extract<DaochaEvent, { type: T }>, nameOf: NameOf) => string };

/** Where titles and values alone do not make a sentence. */
const BETTER = {
  UnitRegistered: ({ data: { details } }, nameOf) =>
    list(
      ...fieldsOf(unitDetailsSchema).map(
        (field) =>
          own(details, field.name) !== undefined &&
          `${field.title}：${valueZh(field, own(details, field.name), nameOf)}`,
      ),
    ),
  UnitDetailsCorrected: (event) =>
    list(...changesOf(event).map(changeZh), `更正理由：${event.data.reason}`, `批准人：${event.data.approver}`),
  UnitLedgerChanged: ({ data: { opened, signedOff, dismissed, open } }) =>
    list(
      opened.length > 0 && `新增 ${opened.length} 处`,
      signedOff.length > 0 && `销项 ${signedOff.length} 处`,
      dismissed.length > 0 && `撤并 ${dismissed.length} 处`,
      `未销项 ${open} 处`,
    ),
  UnitListed: () => '隐患全部销项',
  InspectionRecorded: ({ data, actor }) => {
    const count = (kind: string): number => data.answers.filter(({ answer }) => answer === kind).length;
    return list(
      modeZh(data.mode),
      data.inspectors.length > 0 && `检查人：${data.inspectors.map((one) => one + claimZh(one, actor)).join('、')}`,
      data.template && `检查表 ${data.template.id} 第 ${data.template.version} 版`,
      count('problem') > 0 ? `有问题 ${count('problem')} 项` : '未发现问题',
      count('ok') > 0 && `无问题 ${count('ok')} 项`,
      ...data.findings.map(({ clause, outcome }) => `${clause} ${OUTCOME_NAMES[outcome].short}`),
      data.signature &&
        (data.signature.kind === 'signed' ? `${data.signature.by} 签字` : `拒签：${data.signature.reason}`),
      data.result && `“${data.result}”`,
    );
  },
  HazardGraded: ({ data: { from, grade, basis } }) =>
    list(`${from ? `由${GRADE_NAMES[from]}` : ''}定为${GRADE_NAMES[grade]}`, `定级依据：${basis}`),
  HazardAssigned: ({ data: { from, to, note } }, nameOf) =>
    list(`由${nameOf(from)}派发至${nameOf(to)}`, note && `说明：${note}`),
  HazardReassigned: ({ data: { from, to, reason } }, nameOf) =>
    list(`由${nameOf(from)}改派至${nameOf(to)}`, `改派理由：${reason}`),
  ReminderIssued: (event, nameOf) => reminded(event, nameOf),
  ReportReminderIssued: (event, nameOf) => reminded(event, nameOf),
} satisfies Sentences;

type Reminded = Extract<DaochaEvent, { type: 'ReminderIssued' | 'ReportReminderIssued' }>;
function reminded(event: Reminded, nameOf: NameOf): string {
  const { awaits, workingDays, due, provisional, recipients } = event.data;
  const field = fieldsOf(definitionOf(event.type).data).find(({ name }) => name === 'recipients')!;
  const until = fieldsOf(definitionOf(event.type).data).find(({ name }) => name === 'due')!;
  return list(
    awaits ? waitZh(awaits, workingDays) : rungZh(workingDays),
    `${awaits ? '应在此前答复' : '期限'}：${valueZh(until, due)}`,
    provisional && PROVISIONAL_ZH,
    `发给${valueZh(field, recipients, nameOf)}`,
  );
}

/** What the event says; its name is not in it, nor what it is about and who recorded it. Empty where the name says all. */
export function eventText(event: DaochaEvent, nameOf: NameOf = (id) => id): string {
  const better = own<unknown>(BETTER, event.type) as ((event: DaochaEvent, nameOf: NameOf) => string) | undefined;
  if (better) return better(event, nameOf);
  return list(
    ...fieldsIn(event, 'sentence').map(([field, value]) => `${field.title}：${valueZh(field, value, nameOf)}`),
  );
}

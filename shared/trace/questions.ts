// The questions that an auditor asks (倒查问题), in one table: numbers as in the design's list, names as in the API and on the command line.
export const QUESTIONS = {
  inspections: {
    number: 1,
    zh: '检查情况',
    en: 'the inspections of a unit before a day, by whom, in which post, with what result',
  },
  clause: {
    number: 2,
    zh: '条款检查',
    en: 'a clause at a unit: not on the checklist, omitted, “no problem”, or found',
  },
  deadlines: {
    number: 3,
    zh: '整改期限',
    en: 'every due date of a hazard, who approved each, who verified and signed off',
  },
  reminders: {
    number: 4,
    zh: '提醒情况',
    en: 'the reminders for a hazard: to whom, delivered, acknowledged, what followed',
  },
  responsible: {
    number: 5,
    zh: '责任人员',
    en: 'who was responsible for a unit on a day, with the appointments behind',
  },
  difference: { number: 6, zh: '所知差异', en: 'what was known of a unit then, against what is known now' },
  recurrences: { number: 7, zh: '隐患回潮', en: 'recurrences at a unit, and the sign-offs that they undid' },
  escalation: { number: 8, zh: '上报情况', en: 'an escalation: limit, material, recipient, days waiting, returns' },
  late: { number: 9, zh: '补录与倒填', en: 'what was recorded late or back-dated about a unit' },
  unchecked: { number: 11, zh: '未查单位', en: 'units like this one that were never checked for a clause' },
  access: { number: 12, zh: '查阅记录', en: 'who read or took home a unit, when, on what ground' },
} as const;
export type QuestionName = keyof typeof QUESTIONS;

/** How an answer names its question. */
export function questionOf(name: QuestionName): { question: QuestionName; zh: string } {
  return { question: name, zh: QUESTIONS[name].zh };
}

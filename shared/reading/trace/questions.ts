// The questions that an auditor asks (倒查问题), in one table: numbers as in the design's list, names as in the API and on the command line.
export interface Question {
  number: number;
  zh: string;
  en: string;
  /** what it is asked about */
  about: Subject;
  /** what it has to be told beside that, in the names of the API */
  needs: readonly Parameter[];
  may: readonly Parameter[];
}
export const SUBJECTS = ['unit', 'hazard', 'escalation', 'report'] as const;
export type Subject = (typeof SUBJECTS)[number];
export type Parameter = 'before' | 'months' | 'on' | 'after' | 'clause' | 'track' | 'area' | 'knownAt';

export const QUESTIONS = {
  inspections: {
    number: 1,
    zh: '检查情况',
    en: 'the inspections of a unit before a day, by whom, in which post, with what result',
    about: 'unit',
    needs: ['before', 'months'],
    may: ['track'],
  },
  clause: {
    number: 2,
    zh: '条款检查',
    en: 'a clause at a unit: not on the checklist, omitted, “no problem”, or found',
    about: 'unit',
    needs: ['clause'],
    may: ['track'],
  },
  deadlines: {
    number: 3,
    zh: '整改期限',
    en: 'every due date of a hazard, who approved each, who verified and signed off',
    about: 'hazard',
    needs: [],
    may: [],
  },
  reminders: {
    number: 4,
    zh: '提醒情况',
    en: 'the reminders for a hazard: to whom, delivered, acknowledged, what followed',
    about: 'hazard',
    needs: [],
    may: [],
  },
  responsible: {
    number: 5,
    zh: '责任人员',
    en: 'who was responsible for a unit on a day, with the appointments behind',
    about: 'unit',
    needs: ['on'],
    may: [],
  },
  difference: {
    number: 6,
    zh: '所知差异',
    en: 'what was known of a unit then, against what is known now',
    about: 'unit',
    needs: ['knownAt'],
    may: [],
  },
  recurrences: {
    number: 7,
    zh: '隐患回潮',
    en: 'recurrences at a unit, and the sign-offs that they undid',
    about: 'unit',
    needs: [],
    may: [],
  },
  escalation: {
    number: 8,
    zh: '上报情况',
    en: 'an escalation: limit, material, recipient, days waiting, returns',
    about: 'escalation',
    needs: [],
    may: [],
  },
  late: {
    number: 9,
    zh: '补录与倒填',
    en: 'what was recorded late or back-dated about a unit',
    about: 'unit',
    needs: [],
    may: [],
  },
  report: {
    number: 10,
    zh: '报表依据',
    en: 'the exact events behind the figures of a report, and what changed later',
    about: 'report',
    needs: [],
    may: [],
  },
  unchecked: {
    number: 11,
    zh: '未查单位',
    en: 'units like this one that were never checked for a clause',
    about: 'unit',
    needs: ['clause'],
    may: ['track', 'area'],
  },
  access: {
    number: 12,
    zh: '查阅记录',
    en: 'who read or took home a unit, when, on what ground',
    about: 'unit',
    needs: ['after'],
    may: [],
  },
} as const satisfies Record<string, Question>;
export type QuestionName = keyof typeof QUESTIONS;
export const QUESTION_NAMES = Object.keys(QUESTIONS) as QuestionName[];

/** How an answer names its question. */
export function questionOf(name: QuestionName): { question: QuestionName; zh: string } {
  return { question: name, zh: QUESTIONS[name].zh };
}

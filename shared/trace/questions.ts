// The questions that an auditor asks (倒查问题), in one table: numbers as in the design's list, names as in the API and on the command line.
export const QUESTIONS = {
  inspections: { number: 1, zh: '检查情况', en: "a unit's inspections before a day" },
  deadlines: { number: 3, zh: '整改期限', en: "a hazard's due dates, who approved each, verification and sign-off" },
} as const;
export type QuestionName = keyof typeof QUESTIONS;

/** How an answer names its question. */
export function questionOf(name: QuestionName): { question: QuestionName; zh: string } {
  return { question: name, zh: QUESTIONS[name].zh };
}

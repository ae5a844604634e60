// What traces are about, and the links that lead to them from the pages of a unit, a hazard and an escalation.
import { QUESTION_NAMES, QUESTIONS, type Subject } from '../../../shared/reading/trace/questions.ts';
import { html, type Content } from '../../../shared/reading/html.ts';
import { address, type Texts, type Visit } from '../page.ts';

export const SUBJECT_NAMES: Record<Subject, string> = {
  unit: '单位',
  hazard: '隐患',
  escalation: '案件',
  report: '报表',
};

/** The subjects that an address names. */
export function subjectsIn(query: Texts): Texts {
  const named = (Object.keys(SUBJECT_NAMES) as Subject[]).flatMap((kind) => {
    const id = query[kind]?.trim();
    return id ? [[kind, id] as const] : [];
  });
  return Object.fromEntries(named);
}

/** A line of links to the questions about something, for those who may ask them. */
export function traceLinks(visit: Visit, about: Subject, subjects: Texts): Content {
  if (!visit.may('read.trace')) return false;
  return html`<nav class="trace-links" aria-label="倒查">
    <span>倒查：</span>
    ${QUESTION_NAMES.filter((name) => QUESTIONS[name].about === about).map(
      (name) => html`<a href="${address(`/trace/${name}`, subjects)}">${QUESTIONS[name].zh}</a> `,
    )}
    ${about === 'unit' && html`<a href="${address('/trace/dossier', subjects)}">卷宗与证明包</a>`}
  </nav>`;
}

// 查阅事由: an auditor may read everything, and says on what ground; it goes into the access log with whatever is read until they say another.
import { must, showForm, takeForm, type FormPage } from '../form.ts';
import { html } from '../html.ts';
import { safeTarget, to, type Page, type Visit } from '../page.ts';

function form(visit: Visit): FormPage {
  const back = safeTarget(visit.query['to']);
  return {
    title: '查阅事由',
    above: [],
    intro: html`<p>审计人员查阅单位和隐患须先说明事由。事由连同查阅的时间、人员和内容记入查阅记录，不能更改。</p>`,
    fields: [{ kind: 'line', name: 'ground', label: '事由', most: 200, hint: '例如案件编号或审计通知书文号' }],
    initial: { ground: [visit.session.ground ?? ''], to: [back] },
    carries: ['to'],
    button: '继续',
    back: to('/'),
  };
}

export const groundPage: Page = {
  path: '/ground',
  get: async (visit) => showForm(visit, form(visit)),
  post: (visit) =>
    takeForm(visit, form(visit), async (values) => ({
      location: safeTarget(visit.form['to']?.[0]),
      session: { ...visit.session, ground: must(values, 'ground') },
    })),
};

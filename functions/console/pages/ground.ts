// 查阅事由: an auditor may read everything, and says on what ground; it goes into the access log with whatever is read until they say another.
// A browser has one ground for all its tabs: one that another tab has stated meanwhile is not put aside unsaid.
import { must, showForm, takeForm, type FormPage } from '../form.ts';
import { html } from '../../../shared/reading/html.ts';
import { safeTarget, to, type Page, type Visit } from '../page.ts';

function form(visit: Visit): FormPage {
  const back = safeTarget(visit.query['to']);
  const { ground = '' } = visit.session;
  return {
    title: '查阅事由',
    above: [],
    intro: html`<p>
      审计人员查阅单位和隐患须先说明事由。事由连同查阅的时间、人员和内容记入查阅记录，不能更改；本浏览器的各个页面同用一个事由。
    </p>`,
    fields: [{ kind: 'line', name: 'ground', label: '事由', most: 200, hint: '例如案件编号或审计通知书文号' }],
    initial: { ground: [ground], to: [back], before: [ground] }, // the one that held when the form was shown
    carries: ['to', 'before'],
    button: '继续',
    back: to('/'),
  };
}

export const groundPage: Page = {
  path: '/ground',
  get: async (visit) => showForm(visit, form(visit)),
  post: (visit) => {
    const { ground = '' } = visit.session;
    const stated = ground !== (visit.form['before']?.[0] ?? ground);
    visit.form['before'] = [ground]; // said once: sent again it is meant
    const also: FormPage['also'] = (values) =>
      stated && must(values, 'ground') !== ground
        ? [{ field: 'ground', message: `另一页面已填写事由“${ground}”。确要让各个页面改用现在所填的，请再提交一次` }]
        : [];
    return takeForm(visit, { ...form(visit), also }, async (values) => ({
      location: safeTarget(visit.form['to']?.[0]),
      session: { ...visit.session, ground: must(values, 'ground') },
    }));
  },
};

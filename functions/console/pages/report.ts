// 报表: one report that an organisation owes: what was handed in, as of which log position, its outcome, and the
// forms by which it is handed in, returned and accepted. Reached from 期限.
import { own } from '../../../shared/own.ts';
import { figureZh, organisationName } from '../../../shared/reading/dictionary.ts';
import { TRACK_NAMES } from '../../../events/envelope.ts';
import { REPORT_KINDS, type ReportStatus, REPORT_STATUS_NAMES } from '../../../events/report.ts';
import { Forbidden, RuleViolated } from '../../../events/errors.ts';
import { mayDo, type Action } from '../../api/permissions.ts';
import type { RouteName } from '../../api/routes.ts';
import type { Answers } from '../answers.ts';
import { must, one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName, type Tone } from '../labels.ts';
import { namesFor, peopleIn } from '../names.ts';
import { address, reportPath, to, type Page, type Visit } from '../page.ts';
import { done, facts, figures, moment } from '../components.ts';
import { untilDue } from '../time.ts';
import { lastPosition, history } from './history.ts';
import { traceLinks } from './trace-subject.ts';

type Report = Answers['getReport'];

const TONES: Record<ReportStatus, Tone> = { required: 'todo', submitted: 'wait', returned: 'bad', accepted: 'done' };
export const reportTag = (status: ReportStatus): Html =>
  html`<span class="tag ${TONES[status]}">${REPORT_STATUS_NAMES[status]}</span>`;

interface ReportForm {
  path: string;
  name: string;
  action: Action;
  route: RouteName;
  done: string;
  /** statuses in which it may be done */
  from: readonly ReportStatus[];
  /** whose it is: who owes the report, or whom it goes to */
  party: 'organisation' | 'to';
  intro?: string;
  fields: (report: Report) => readonly Field[];
  body: (values: Values) => Record<string, unknown>;
}

/** In the order in which the page offers them. */
const FORMS: readonly ReportForm[] = [
  {
    path: 'submit',
    name: '报送',
    action: 'report.submit',
    route: 'submitReport',
    done: 'submitted',
    from: ['required', 'returned', 'submitted'],
    party: 'organisation',
    intro: '数字由平台按报送时的日志位置计算，不用填写；再次报送即为下一版。',
    fields: () => [{ kind: 'text', name: 'note', label: '说明', most: 2000, optional: true }],
    body: (values) => ({ note: one(values, 'note') }),
  },
  {
    path: 'accept',
    name: '接收',
    action: 'report.judge',
    route: 'acceptReport',
    done: 'accepted',
    from: ['submitted'],
    party: 'to',
    fields: () => [],
    body: () => ({}),
  },
  {
    path: 'return',
    name: '退回',
    action: 'report.judge',
    route: 'returnReport',
    done: 'returned',
    from: ['submitted'],
    party: 'to',
    fields: ({ returnDue }) => [
      { kind: 'text', name: 'reason', label: '退回理由', most: 2000 },
      // handed in in time, its date has passed while it waited to be judged
      ...(returnDue
        ? [
            {
              kind: 'date' as const,
              name: 'due',
              label: '新的报送期限',
              hint: `已按期报送，不算逾期，须另定期限；建议 ${returnDue.day}（报送时还剩 ${returnDue.workingDays} 个工作日）`,
            },
          ]
        : []),
    ],
    body: (values) => ({ reason: must(values, 'reason'), due: one(values, 'due') }),
  },
];

const DONE: Record<string, string | undefined> = { submitted: '已报送。', accepted: '已接收。', returned: '已退回。' };

const titleOf = ({ kind, period, track }: Pick<Report, 'kind' | 'period' | 'track'>): string =>
  `${REPORT_KINDS[kind]} ${period}${track ? `（${trackName(track)}）` : ''}`;

/** Whether a form is somebody's at all: of their organisation, and nobody judges what they handed in themselves. */
function isTheirs({ principal }: Visit, { action, party }: ReportForm, report: Report): boolean {
  if (party === 'to' && report.submitted?.by === principal.person) return false;
  return mayDo(principal, action, { organisation: report[party] });
}

const offered = (visit: Visit, report: Report): ReportForm[] =>
  FORMS.filter((form) => form.from.includes(report.status) && isTheirs(visit, form, report));

const reportPage: Page = {
  path: '/reports/{id}',
  action: 'read.reports',
  get: async (visit) => {
    const report = await visit.ask('getReport', { id: visit.params['id'] });
    const { events, status } = report;
    const named = await namesFor(visit, peopleIn(events));
    const { definition } = visit.campaign;
    const title = titleOf(report);
    const { submitted } = report;
    const acts = offered(visit, report);
    const owed = status === 'required' || status === 'returned';
    return {
      title,
      section: 'deadlines',
      above: [['期限', to('/deadlines')]],
      asOf: lastPosition(events),
      body: html`
        ${done(own(DONE, visit.query['done'] ?? ''))}
        <div class="heading">
          <h1>${title}</h1>
          <p>${reportTag(status)} ${report.overdue && html`<span class="tag bad">已逾期</span>`}</p>
        </div>
        ${traceLinks(visit, 'report', { report: report.id })}
        ${
          acts.length > 0 &&
          html`<p class="actions">
            ${acts.map(({ path, name }, nth) => html`<a class="${nth === 0 ? 'button' : 'button quiet'}" href="${to(`${reportPath(report.id)}/${path}`)}">${path === 'submit' && status === 'submitted' ? '再次报送' : name}</a>`)}
          </p>`
        }
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${facts([
            ['应报单位', organisationName(definition, report.organisation)],
            ['报送给', organisationName(definition, report.to)],
            [
              '期限',
              html`${moment(report.due)}
              ${owed && html`<span class="${report.overdue ? 'late' : 'muted'}">${untilDue(report.due, visit.now)}</span>`}`,
            ],
            ['报送', submitted && html`${moment(submitted.at)}，${named(submitted.by)}，第 ${report.editions} 版`],
            ['数字截至日志位置', submitted?.position],
            ['退回理由', status === 'returned' && report.returned],
          ])}
        </section>
        ${submitted && numbers(submitted.figures)} ${history(visit, events, named)}
      `,
    };
  },
};

/** The figures handed in: of one track as a list, of several as a table. */
function numbers(all: Record<string, number>): Html {
  const byTrack = Map.groupBy(Object.entries(all), ([name]) => (name.includes('.') ? name.split('.')[0]! : ''));
  const label = (name: string): string => {
    return figureZh(name.slice(name.indexOf('.') + 1));
  };
  const [first] = byTrack.values();
  const body: Content =
    byTrack.size === 1 && byTrack.has('')
      ? facts(first!.map(([name, value]) => [label(name), value]))
      : first &&
        figures(
          '报送的数字',
          ['专项', ...first.map(([name]) => label(name))],
          [...byTrack].map(([track, row]) => [own(TRACK_NAMES, track) ?? track, ...row.map(([, value]) => value)]),
        );
  return html`<section aria-labelledby="figures">
    <h2 id="figures">报送的数字</h2>
    ${body}
  </section>`;
}

function formPage(form: ReportForm): Page {
  const prepare = async (visit: Visit): Promise<{ report: Report; page: FormPage }> => {
    const report = await visit.ask('getReport', { id: visit.params['id'] });
    const back = to(reportPath(report.id));
    const page: FormPage = {
      title: `${form.name}：${titleOf(report)}`,
      section: 'deadlines',
      above: [
        ['期限', to('/deadlines')],
        [titleOf(report), back],
      ],
      ...(form.intro === undefined ? {} : { intro: html`<p>${form.intro}</p>` }),
      fields: form.fields(report),
      button: form.name,
      back,
    };
    return { report, page };
  };
  return {
    path: `/reports/{id}/${form.path}`,
    action: form.action,
    get: async (visit) => {
      const { report, page } = await prepare(visit);
      if (!isTheirs(visit, form, report)) throw new Forbidden('forbidden', `${form.name} is not up to this person`);
      if (!form.from.includes(report.status)) {
        throw new RuleViolated(
          report.status === 'accepted' ? 'report-accepted' : 'report-not-submitted',
          `a report that is ${report.status} does not allow: ${form.path}`,
        );
      }
      return showForm(visit, page);
    },
    post: async (visit) => {
      const { report, page } = await prepare(visit);
      return takeForm(visit, page, async (values, key) => {
        await visit.act(form.route, { id: report.id }, form.body(values), key);
        return { location: address(reportPath(report.id), { done: form.done }) };
      });
    },
  };
}

export const reportPages: readonly Page[] = [...FORMS.map(formPage), reportPage];

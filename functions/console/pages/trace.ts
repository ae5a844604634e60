// 倒查: the questions that an auditor asks, one page each. What is asked is in the address, the moment of knowledge too; without script a
// form and links, with it a slider that goes through the moments at which what is known changed, and the answer follows.
import { eventName, organisationName } from '../../../shared/reading/dictionary.ts';
import { DaochaError } from '../../../events/errors.ts';
import {
  QUESTION_NAMES,
  QUESTIONS,
  type Parameter,
  type Question,
  type QuestionName,
  type Subject,
} from '../../../shared/reading/trace/questions.ts';
import type { Moments } from '../../../shared/reading/trace/answers.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { REPORT_KINDS } from '../../../events/report.ts';
import type { Traced } from '../answers.ts';
import { wordsFor } from '../error-words.ts';
import { attribute, flag, html, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { address, to, type Page, type Texts, type Visit } from '../page.ts';
import { nothing } from '../components.ts';
import { areaChoices, trackChoices } from '../scope.ts';
import { answerBody, proofPanel } from './trace-answer.ts';
import { SUBJECT_NAMES, subjectsIn } from './trace-subject.ts';
import { plusDays, townDay, townSecond } from '../../../shared/town-time.ts';

export const tracePath = (name: QuestionName): string => `/trace/${name}`;
const routeOf = (name: QuestionName) =>
  `trace${name[0]!.toUpperCase()}${name.slice(1)}` as `trace${Capitalize<QuestionName>}`;

export const tracePages: readonly Page[] = [
  {
    path: '/trace',
    action: 'read.trace',
    get: async (visit) => ({
      title: '倒查',
      section: 'trace',
      body: html`
        <h1>倒查</h1>
        <p>每个问题都可以按“当时所知”来问。答复中的每一事实都列出所依据的事件，并可在您的浏览器中核验。</p>
        ${groups(visit)}
        <h2>汇编与带走</h2>
        <p>
          <a href="${address('/trace/dossier', subjectsIn(visit.query))}">卷宗与证明包</a
          >：一个单位的全部经过汇编成一个文件；全部事件及证明打成一包。
        </p>
      `,
    }),
  },
  ...QUESTION_NAMES.map((name): Page => ({
    path: tracePath(name),
    action: 'read.trace',
    get: (visit) => questionPage(visit, name),
  })),
];

/** The questions by what they are about; each keeps what is already known of the subject. */
function groups({ query }: Visit): Html {
  const kept = subjectsIn(query);
  return html`${(Object.keys(SUBJECT_NAMES) as Subject[]).map(
    (about) => html`
      <h2>${SUBJECT_NAMES[about]}</h2>
      <ul class="questions">
        ${QUESTION_NAMES.filter((name) => QUESTIONS[name].about === about).map(
          (name) =>
            html`<li>
              <a href="${address(tracePath(name), kept)}">${QUESTIONS[name].number}. ${QUESTIONS[name].zh}</a>
              <span class="muted">${SAYS[name]}</span>
            </li>`,
        )}
      </ul>
    `,
  )}`;
}

const SAYS: Record<QuestionName, string> = {
  inspections: '某日之前的检查：何时、何人、当时任何职、用哪版检查表、结果、签字',
  clause: '某一条款历次检查：不在检查表上、漏项、答“无问题”、发现问题',
  deadlines: '历次整改期限、各由谁批准、证据、复查人、销项人',
  reminders: '提醒发给谁、送达、确认，此后做了什么、隔了多久',
  responsible: '某日由谁负责：监管、联络、领导，及任命依据',
  difference: '当时所知与现在所知的差别，逐项列出',
  recurrences: '回潮及其推翻的销项、相隔、由谁签字',
  escalation: '界限、材料、报送、等待天数、退回',
  report: '报表数字所依据的每一个事件，及报送以后的变化',
  late: '补录与倒填：发生与记录之间的差距',
  unchecked: '同类单位中从未按这一条款检查过的',
  access: '谁在何时、以何事由查阅或导出过',
};

async function questionPage(visit: Visit, name: QuestionName) {
  const question: Question = QUESTIONS[name];
  const { query } = visit;
  const asked = parametersOf(visit, name);
  const id = query[question.about]?.trim();
  const moments = id === undefined || id === '' ? undefined : await momentsFor(visit, question.about, id);
  const answer = await answered(visit, name, id, asked, moments);
  return {
    title: question.zh,
    section: 'trace' as const,
    above: [['倒查', address('/trace', subjectsIn(query))]] as const,
    scripts: ['proof.js'] as const,
    wide: true,
    asOf: answer.traced?.knownAt.position,
    status: answer.status,
    body: html`
      <h1>${question.zh}</h1>
      <p class="muted">${SAYS[name]}</p>
      ${tabs(visit, name)} ${form(visit, name, id, asked)}
      ${moments && known(name, { ...subjectsIn(query), ...asked }, moments)}
      <section id="answer" aria-labelledby="answered">
        <h2 id="answered">答复</h2>
        ${answer.body}
      </section>
      ${proofPanel()}
    `,
  };
}

/** The slider's own requests want the answer alone: the moments are not asked again. */
const MOMENTS_LEFT_OUT = 'answer';

async function momentsFor(visit: Visit, about: Subject, id: string): Promise<Moments | undefined> {
  if (visit.query['part'] === MOMENTS_LEFT_OUT) return undefined;
  return visit.ask('traceMoments', { subject: `${about}s`, id });
}

interface Answered {
  body: Content;
  traced?: Traced;
  status?: number;
}

/** What cannot be answered is said in the place of the answer, so that another moment can be chosen. */
async function answered(
  visit: Visit,
  name: QuestionName,
  id: string | undefined,
  asked: Texts,
  moments: Moments | undefined,
): Promise<Answered> {
  const { about, needs }: Question = QUESTIONS[name];
  if (!id && about === 'report') return { body: await submittedReports(visit) };
  if (!id)
    return {
      body: nothing(`请填写${SUBJECT_NAMES[about]}的编号。`, html`从${SUBJECT_NAMES[about]}的页面可以直接来到这里。`),
    };
  const missing = needs.find((parameter) => !asked[parameter]);
  if (missing !== undefined) return { body: nothing(`请填写${LABELS[missing]}。`) };
  try {
    const route = routeOf(name);
    const { cursor } = visit.query;
    const paged = name === 'unchecked' || name === 'access' ? { cursor } : {};
    const traced: Traced =
      name === 'report'
        ? await wholeReport(visit, id, asked, cursor)
        : await visit.ask(route, { id }, { ...asked, ...paged });
    const more =
      traced.cursor !== undefined &&
      html`<p>
        <a
          rel="next"
          href="${address(tracePath(name), { ...subjectsIn(visit.query), ...asked, cursor: traced.cursor })}"
          >下一页</a
        >
      </p>`;
    return { body: answerBody(name, traced, more), traced };
  } catch (error) {
    if (!(error instanceof DaochaError) || ![400, 404, 413].includes(error.status)) throw error;
    const then = moments?.moments[0];
    return {
      status: error.status,
      body: html`<div class="faults" role="alert">
        <h3>${error.field === 'knownAt' ? '那时还没有这方面的记录。' : wordsFor(error)}</h3>
        <p>${error.message}</p>
        ${then && html`<p>最早的记录：${townSecond(then.recordedAt)}（日志位置 ${then.knownAt}）。</p>`}
      </div>`,
    };
  }
}

/** Reports to choose from: the latest that were submitted. */
async function submittedReports(visit: Visit): Promise<Content> {
  const { items } = await visit.ask('listReports', {}, { limit: '100' });
  const submitted = items.filter(({ position }) => position !== null);
  if (submitted.length === 0) return nothing('还没有报送过的报表。');
  return html`<p>最近报送的报表：</p>
    <ul class="questions">
      ${submitted.map(
        ({ report, kind, period, track, organisation, editions }) =>
          html`<li>
            <a href="${address(tracePath('report'), { report })}"
              >${period} ${REPORT_KINDS[kind]}${track !== null && ` ${trackName(track)}`}</a
            >
            <span class="muted"
              >${organisationName(visit.campaign.definition, organisation)}，第 ${editions} 版，<code
                >${report}</code
              ></span
            >
          </li>`,
      )}
    </ul>`;
}

/** Pages of the log that are looked at for one page of a report's answer: 20,000 positions. */
const REPORT_PAGES = 4;

/** The events behind a report, of as much of the log as one request may take; the rest is on the next page. */
async function wholeReport(visit: Visit, id: string, asked: Texts, from: string | undefined): Promise<Traced> {
  const page = (query: Texts): Promise<Traced> => visit.ask('traceReport', { id }, { ...query, limit: '5000' });
  const { cursor: more, ...whole } = await page({ ...asked, cursor: from });
  let cursor = more;
  // all pages as known at the same moment
  const knownAt = asked['knownAt'] ?? String(whole.knownAt.position);
  for (let read = 1; cursor !== undefined && read < REPORT_PAGES; read += 1) {
    const next = await page({ ...asked, knownAt, cursor });
    whole.facts.push(...next.facts);
    whole.late.push(...next.late);
    whole.corrections.push(...next.corrections);
    ({ cursor } = next);
  }
  return { ...whole, ...(cursor === undefined ? {} : { cursor }), ...(from === undefined ? {} : { from }) };
}

// --- what is asked with ---------------------------------------------------------------------------------------------------------

const LABELS: Record<Parameter, string> = {
  before: '某日之前',
  months: '往前几个月',
  on: '日期',
  after: '某日以来',
  clause: '条款',
  track: '专项',
  area: '村居',
  knownAt: '当时所知',
};

/** As the address says, or what is asked most often: up to today, a year back, now. */
function parametersOf({ query, now }: Visit, name: QuestionName): Texts {
  const { needs, may }: Question = QUESTIONS[name];
  const today = townDay(now);
  const usual: Texts = { before: plusDays(today, 1), months: '12', on: today, after: plusDays(today, -30) };
  const given = [...new Set<Parameter>([...needs, ...may, 'knownAt'])].map((parameter) => {
    const text = query[parameter]?.trim();
    return [parameter, text === undefined || text === '' ? usual[parameter] : text] as const;
  });
  return Object.fromEntries(given);
}

function tabs({ query }: Visit, current: QuestionName): Html {
  const kept = subjectsIn(query);
  const among = QUESTION_NAMES.filter((name) => query[QUESTIONS[name].about] || name === current);
  return html`<nav class="tabs" aria-label="问题">
    <ul>
      ${among.map(
        (name) =>
          html`<li>
            <a
              href="${address(tracePath(name), { ...kept, knownAt: query['knownAt'], clause: query['clause'] })}"
              ${attribute('aria-current', name === current && 'page')}
              >${QUESTIONS[name].zh}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`;
}

function form(visit: Visit, name: QuestionName, id: string | undefined, asked: Texts): Html {
  const { about, needs, may }: Question = QUESTIONS[name];
  const others = Object.entries(subjectsIn(visit.query)).filter(([kind]) => kind !== about);
  const parameters = [...needs, ...may].filter((parameter) => parameter !== 'knownAt');
  return html`<form class="filters ask" method="get" action="${to(tracePath(name))}" aria-label="提问">
    ${others.map(([kind, value]) => html`<input type="hidden" name="${kind}" value="${value}" />`)}
    <div>
      <label for="q-${about}">${SUBJECT_NAMES[about]}编号</label>
      <input type="text" id="q-${about}" name="${about}" value="${id ?? ''}" autocomplete="off" />
    </div>
    ${parameters.map(
      (parameter) =>
        html`<div>
          <label for="q-${parameter}">${LABELS[parameter]}${may.includes(parameter) && '（选填）'}</label>
          ${input(visit, parameter, asked[parameter] ?? '')}
        </div>`,
    )}
    <div>
      <label for="q-knownAt">当时所知（日志位置，或带时区的时间）</label>
      <input
        type="text"
        id="q-knownAt"
        name="knownAt"
        value="${asked['knownAt'] ?? ''}"
        placeholder="现在"
        autocomplete="off"
      />
    </div>
    <button class="button">提问</button>
  </form>`;
}

function input(visit: Visit, parameter: Parameter, value: string): Html {
  const id = `q-${parameter}`;
  if (parameter === 'track' || parameter === 'area') {
    const options = parameter === 'track' ? trackChoices(TRACKS) : areaChoices(visit);
    return html`<select id="${id}" name="${parameter}">
      <option value="">全部</option>
      ${options.map(
        (option) =>
          html`<option value="${option.value}" ${flag('selected', option.value === value)}>${option.label}</option>`,
      )}
    </select>`;
  }
  const type = parameter === 'months' ? 'number' : parameter === 'clause' || value.length > 10 ? 'text' : 'date';
  return html`<input
    type="${type}"
    id="${id}"
    name="${parameter}"
    value="${value}"
    ${parameter === 'months' && html` min="1" max="240"`}
    autocomplete="off"
  />`;
}

// --- as known at ------------------------------------------------------------------------------------------------------------------

/** The moments at which what is known changed: a step back, a step on, all of them as links; the script makes a slider of these. */
function known(name: QuestionName, asked: Texts, { moments, of }: Moments): Content {
  if (moments.length === 0) return false;
  const at = momentAt(moments, asked['knownAt']);
  const link = (moment: Moments['moments'][number] | undefined): string =>
    address(tracePath(name), { ...asked, knownAt: moment && String(moment.knownAt) });
  const back = moments[at - 1];
  return html`<section class="known" aria-labelledby="known">
    <h2 id="known">当时所知</h2>
    <div class="slider" data-slider hidden>
      <label for="slider">拖动到某一时刻，答复随之改变</label>
      <input type="range" id="slider" min="0" max="${moments.length}" value="${at}" />
      <output for="slider" id="slider-says">${at < moments.length ? says(moments[at]!) : '现在'}</output>
    </div>
    <p class="turning">
      <a href="${link(back)}" data-step="-1" ${flag('hidden', at === 0)}>前一时刻</a>
      <a href="${link(moments[at + 1])}" data-step="1" ${flag('hidden', at === moments.length)}>后一时刻</a>
    </p>
    <details>
      <summary>${moments.length} 个时刻${of > moments.length && `（共 ${of} 个，均匀选取）`}</summary>
      <ol class="moments">
        ${moments.map(
          (moment, nth) =>
            html`<li>
              <a
                href="${link(moment)}"
                data-known="${moment.knownAt}"
                ${attribute('aria-current', nth === at && 'true')}
                >${says(moment)}</a
              >
            </li>`,
        )}
        <li>
          <a href="${link(undefined)}" data-known="" ${attribute('aria-current', at === moments.length && 'true')}
            >现在</a
          >
        </li>
      </ol>
    </details>
  </section>`;
}

/** The last moment that the asked one has seen; one beyond the last: now. */
function momentAt(moments: Moments['moments'], asked: string | undefined): number {
  if (asked === undefined) return moments.length;
  const seen = /^\d+$/.test(asked)
    ? moments.filter(({ knownAt }) => knownAt <= Number(asked))
    : moments.filter(({ recordedAt }) => Date.parse(recordedAt) <= Date.parse(asked));
  return Math.max(seen.length - 1, 0);
}

const says = ({ recordedAt, types }: Moments['moments'][number]): string =>
  `${townSecond(recordedAt)} ${types.slice(0, 3).map(eventName).join('、')}${types.length > 3 ? '等' : ''}`;

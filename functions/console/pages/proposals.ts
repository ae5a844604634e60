// 待确认: what was put forward and waits for a second person; one of them, with what would be recorded; and the forms by which it is
// confirmed, rejected and withdrawn. Whoever put it forward is led here.
import { definitionOf, type DaochaEvent } from '../../../events/catalogue.ts';
import { Forbidden, RuleViolated } from '../../../events/errors.ts';
import { changesOf, isCorrection } from '../../../shared/rules/corrections.ts';
import { PROPOSAL_DAYS } from '../../../shared/rules/proposal/proposal.ts';
import { PROPOSAL_STATUS_NAMES, type ProposalEntry } from '../../../shared/reading/proposal/list.ts';
import { changeZh, organisationName } from '../../../shared/reading/dictionary.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { own } from '../../../shared/own.ts';
import type { Action } from '../../api/permissions.ts';
import { ROUTES, type RouteName } from '../../api/routes.ts';
import type { Answers } from '../answers.ts';
import { done, facts, filters, moment, nothing, records, turning, type TableColumn } from '../components.ts';
import { one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { trackName, type Tone } from '../labels.ts';
import { namesFor, peopleIn, type Named } from '../names.ts';
import { address, hazardPath, proposalPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { eventDetails } from './event-details.ts';
import { history, lastPosition } from './history.ts';

type Proposal = Answers['getProposal'];

const PATH = '/proposals';
const TONES: Record<ProposalEntry['status'], Tone> = {
  open: 'wait',
  confirmed: 'done',
  rejected: 'bad',
  withdrawn: 'todo',
  expired: 'todo',
};
const tag = (status: ProposalEntry['status']): Html =>
  html`<span class="tag ${TONES[status]}">${PROPOSAL_STATUS_NAMES[status][0]}</span>`;

const DONE: Record<string, string | undefined> = {
  put: '已提请，须由另一人用自己的账号确认。确认前仍按原来的内容。',
  confirmProposal: '已确认，并已按提请的内容记录。',
  rejectProposal: '已记录不同意，提请的事项没有办理。',
  withdrawProposal: '已撤回。',
};

/** A link to what it is about, where there is a page of it. */
function about({ target, unit }: { target: string; unit: string | null }): Content {
  const [category, id = ''] = target.split('/');
  if (category === 'hazard') return html`<a href="${to(hazardPath(id))}">隐患 ${id}</a>`;
  if (unit !== null) return html`<a href="${to(unitPath(unit))}">单位 ${unit}</a>`;
  return target;
}

export const proposalsPage: Page = {
  path: PATH,
  action: 'read.proposals',
  get: async (visit) => {
    const { query } = visit;
    const all = query['status'] === 'all';
    const shown = { status: all ? 'all' : undefined };
    const asked = { open: all ? undefined : 'true', cursor: query['cursor'], atLeast: query['atLeast'] };
    const list = await visit.ask('listProposals', {}, asked);
    const named = await namesFor(
      visit,
      list.items.map(({ proposedBy }) => proposedBy),
    );
    return {
      title: '待确认',
      section: 'proposals',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <h1>待确认</h1>
        <p class="muted">
          更正、删除、风险降级、重大隐患销项和发布规则，须由另一人用自己的账号确认才办理；${PROPOSAL_DAYS}
          天内没有确认的作废。
        </p>
        ${filters(PATH, shown, [{ name: 'status', label: '状态', any: '待确认', options: [{ value: 'all', label: '全部' }] }])}
        ${
          list.items.length > 0
            ? records('待确认的事项', columns(visit, named), list.items)
            : nothing(all ? '还没有提请过的事项。' : '没有待确认的事项。')
        }
        ${turning(PATH, shown, list.cursor, query['cursor'] === undefined)}
      `,
    };
  },
};

function columns({ campaign }: Visit, named: Named): TableColumn<Answers['listProposals']['items'][number]>[] {
  return [
    {
      head: '事项',
      main: true,
      cell: ({ proposal, name, reason }) =>
        html`<a href="${to(proposalPath(proposal))}">${name}</a>${reason && html`<span class="sub">${reason}</span>`}`,
    },
    { head: '对象', cell: about },
    { head: '专项', cell: ({ track }) => (track === null ? '—' : trackName(track)) },
    {
      head: '状态',
      cell: ({ status, mayConfirm }) => html`${tag(status)}${mayConfirm && html`<span class="sub">可由您确认</span>`}`,
    },
    {
      head: '提请人',
      cell: ({ proposedBy, organisation }) =>
        html`${named(proposedBy)}<span class="sub">${organisationName(campaign.definition, organisation)}</span>`,
    },
    { head: '提请', cell: ({ madeAt }) => moment(madeAt) },
    { head: '确认期限', cell: ({ until }) => moment(until) },
  ];
}

interface ProposalForm {
  path: string;
  name: string;
  route: RouteName;
  may: (proposal: Proposal) => boolean;
  intro: string;
  fields: readonly Field[];
  body: (values: Values) => object;
  weighty?: true;
}

const FORMS: readonly ProposalForm[] = [
  {
    path: 'confirm',
    name: '确认',
    route: 'confirmProposal',
    may: ({ mayConfirm }) => mayConfirm,
    intro: '确认后即按下列内容记录，并记明您是第二人。请先核对。',
    fields: [],
    body: () => ({}),
    weighty: true,
  },
  {
    path: 'reject',
    name: '不同意',
    route: 'rejectProposal',
    may: ({ mayConfirm }) => mayConfirm,
    intro: '不同意的，提请的事项不办理。',
    fields: [{ kind: 'text', name: 'reason', label: '不同意的理由', most: 2000 }],
    body: (values) => ({ reason: one(values, 'reason') }),
  },
  {
    path: 'withdraw',
    name: '撤回',
    route: 'withdrawProposal',
    may: ({ mayWithdraw }) => mayWithdraw,
    intro: '撤回的，提请的事项不办理。',
    fields: [{ kind: 'text', name: 'reason', label: '撤回的理由', most: 2000, optional: true }],
    body: (values) => ({ reason: one(values, 'reason') }),
  },
];

const proposalPage: Page = {
  path: `${PATH}/{id}`,
  action: 'read.proposals',
  get: async (visit) => {
    const proposal = await visit.ask('getProposal', { id: visit.params['id'] });
    const { name, status, events, proposer, reason, until, madeAt, mayConfirm } = proposal;
    const named = await namesFor(visit, [proposer.person, ...peopleIn(events)]);
    const acts = FORMS.filter(({ may }) => may(proposal));
    return {
      title: name,
      section: 'proposals',
      above: [['待确认', to(PATH)]],
      asOf: lastPosition(events),
      body: html`
        ${done(own(DONE, visit.query['done'] ?? ''))}
        <div class="heading">
          <h1>${name}</h1>
          <p>${tag(status)}</p>
        </div>
        ${
          acts.length > 0 &&
          html`<p class="actions">
            ${acts.map((form, nth) => html`<a class="${nth === 0 && mayConfirm ? 'button' : 'button quiet'}" href="${to(`${proposalPath(proposal.id)}/${form.path}`)}">${form.name}</a>`)}
          </p>`
        }
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${facts([
            ['对象', about(proposal)],
            [
              '提请人',
              html`${named(proposer.person)}，${organisationName(visit.campaign.definition, proposer.organisation)}`,
            ],
            ['提请', moment(madeAt)],
            ['理由', reason],
            [status === 'open' ? '确认期限' : '原确认期限', moment(until)],
          ])}
        </section>
        ${wouldRecord(visit, proposal, named)} ${history(visit, events, named)}
      `,
    };
  },
};

/** What would be recorded, event by event. */
function wouldRecord({ campaign }: Visit, { would, proposer, id }: Proposal, named: Named): Html {
  return html`<section aria-labelledby="would">
    <h2 id="would">确认后的记录</h2>
    ${would.map((draft) => {
      const event = { ...draft, id, actor: proposer } as unknown as DaochaEvent;
      const lines =
        isCorrection(event) && event.type === 'UnitDetailsCorrected'
          ? changesOf(event).map((change) => ['更正', changeZh(change)] as const)
          : eventDetails(campaign.definition, event, named);
      return html`<h3>${definitionOf(draft.type).zh}</h3>
        ${facts(lines)}
        ${
          draft.type === 'RuleSetPublished' &&
          html`<details>
            <summary>规则全文</summary>
            <pre>${JSON.stringify(draft.data, null, 1)}</pre>
          </details>`
        }`;
    })}
  </section>`;
}

function formPage(form: ProposalForm): Page {
  const prepare = async (visit: Visit): Promise<{ proposal: Proposal; page: FormPage }> => {
    const proposal = await visit.ask('getProposal', { id: visit.params['id'] });
    const named = await namesFor(visit, [proposal.proposer.person]);
    const back = to(proposalPath(proposal.id));
    const page: FormPage = {
      title: `${form.name}：${proposal.name}`,
      section: 'proposals',
      above: [
        ['待确认', to(PATH)],
        [proposal.name, back],
      ],
      intro: html`<p>${form.intro}</p>
        ${wouldRecord(visit, proposal, named)}`,
      fields: form.fields,
      button: form.name,
      ...(form.weighty && { weighty: true }),
      back,
    };
    return { proposal, page };
  };
  return {
    path: `${PATH}/{id}/${form.path}`,
    action: ROUTES[form.route].action as Action,
    get: async (visit) => {
      const { proposal, page } = await prepare(visit);
      if (!form.may(proposal)) {
        throw proposal.status === 'open'
          ? new Forbidden('forbidden', `${form.name} is not up to this person`)
          : new RuleViolated('proposal-settled', `the proposal is ${proposal.status}`);
      }
      return showForm(visit, page);
    },
    post: async (visit) => {
      const { proposal, page } = await prepare(visit);
      return takeForm(visit, page, async (values, key) => {
        await visit.act(form.route, { id: proposal.id }, form.body(values), key);
        return { location: address(proposalPath(proposal.id), { done: form.route }) };
      });
    },
  };
}

export const proposalPages: readonly Page[] = [proposalsPage, ...FORMS.map(formPage), proposalPage];

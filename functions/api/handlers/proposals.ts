// Proposals (待确认事项): confirming one carries out its act, by the handler that the act has, for who put it forward.
import { COMMANDS } from '../../../shared/rules/commands.ts';
import type { Command } from '../../../shared/rules/command.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../../shared/person.ts';
import { own } from '../../../shared/own.ts';
import * as proposalCommands from '../../../shared/rules/proposal/commands.ts';
import * as rules from '../../../shared/rules/proposal/proposal.ts';
import { loadProposal, settleProposal } from '../../../shared/rules/perform/proposal.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { listProposals } from '../../../shared/reading/proposal/list-query.ts';
import type { ProposalEntry } from '../../../shared/reading/proposal/list.ts';
import { actorOf } from '../auth.ts';
import type { ApiCall, ApiDeps, ApiHandler, TypedHandlers } from '../handler-types.ts';
import { authorise, mayDo, secondOf, type PermissionSubject } from '../permissions.ts';
import type { Route } from '../route.ts';
import { ROUTES, type RouteName } from '../routes.ts';
import { answer, contextOf, handlersOf } from './command-handler.ts';
import { readAboutUnit, shown } from './streams.ts';
import { waitAtLeast } from './wait.ts';

/** The act as it is declared now. @throws RuleViolated `proposal-overtaken` where there is none any more */
function actOf({ made }: rules.KnownProposal): { name: RouteName; command: Command; body: unknown } {
  const command = own(COMMANDS as Record<string, Command>, made.act);
  const name = made.act as RouteName;
  const body = command && (ROUTES[name] as Route).body.safeParse(made.body);
  if (command?.second && body?.success) return { name, command, body: body.data };
  throw new RuleViolated('proposal-overtaken', `${made.act} is not taken any more as it was put forward`, {
    field: 'proposal',
    expected: 'a rejection or withdrawal; and the act anew',
  });
}

/** What the permission table needs of what it is about. */
async function subjectOf(deps: ApiDeps, call: ApiCall, state: rules.KnownProposal): Promise<PermissionSubject> {
  const { unit, track } = state.about;
  const { definition } = await loadCampaign(deps.store, deps.tenant, call.now);
  const about = unit === undefined ? {} : await readAboutUnit(deps, call, unit);
  return { campaign: definition ?? undefined, ...about, track, organisation: state.proposer.organisation };
}

/** Whether the caller may confirm it, as far as its envelope tells; the act itself asks again. */
const mayConfirm = ({ principal }: ApiCall, state: rules.KnownProposal, subject: PermissionSubject): boolean =>
  state.status === 'open' &&
  !samePerson(principal.person, state.proposer.person) &&
  mayDo(principal, secondOf(actOf(state).command), subject);

export const proposalHandlers = {
  ...handlersOf(proposalCommands, {
    confirmProposal: async (deps, call) => {
      const { id } = call.params;
      const { state } = await loadProposal(deps.store, deps.tenant, id);
      const { name, command, body } = actOf(state);
      const handler = deps.handlers[name] as ApiHandler;
      const confirms = { proposal: id, proposer: state.proposer, second: actorOf(call.principal), cause: state.event };
      return handler(deps, {
        ...call,
        params: state.made.params,
        body,
        confirms,
        authorise: (subject) => {
          authorise(call.principal, secondOf(command), subject);
        },
      });
    },

    rejectProposal: async (deps, call) => {
      const { id } = call.params;
      const { state } = await loadProposal(deps.store, deps.tenant, id);
      const action = secondOf(actOf(state).command);
      const authoriseSecond = (subject: PermissionSubject) => {
        authorise(call.principal, action, subject);
      };
      const context = contextOf(deps, { ...call, authorise: authoriseSecond });
      const executed = await settleProposal(deps.store, context, id, (proposal) =>
        rules.reject(proposal, id, call.body, context.actor, call.now.toISOString()),
      );
      return answer(deps, call, id, executed);
    },

    withdrawProposal: async (deps, call) => {
      const { id } = call.params;
      const context = contextOf(deps, call);
      const executed = await settleProposal(deps.store, context, id, (proposal) =>
        rules.withdraw(proposal, id, call.body, context.actor, call.now.toISOString()),
      );
      return answer(deps, call, id, executed);
    },
  }),

  listProposals: async (deps, call) => {
    const { atLeast, ...query } = call.query;
    await waitAtLeast(deps, call, atLeast);
    const { definition } = await loadCampaign(deps.store, deps.tenant, call.now);
    const subject = ({ track, organisation }: ProposalEntry): PermissionSubject => ({
      campaign: definition ?? undefined,
      organisation,
      ...(track && { track }),
    });
    const mine = ({ proposedBy }: ProposalEntry): boolean => samePerson(proposedBy, call.principal.person);
    const shows = (entry: ProposalEntry): boolean =>
      mine(entry) ||
      entry.organisation === call.principal.organisation ||
      mayDo(call.principal, 'read.proposals', subject(entry));
    const { examined: _examined, ...page } = await listProposals(deps.views, query, shows);
    const items = page.items.map((entry) => {
      const command = own(COMMANDS as Record<string, Command>, entry.act);
      const may = command?.second !== undefined && mayDo(call.principal, secondOf(command), subject(entry));
      return { ...entry, mayConfirm: may && entry.status === 'open' && !mine(entry) };
    });
    return { status: 200, body: { ...page, items } };
  },

  getProposal: async (deps, call) => {
    const { id } = call.params;
    const { state, events } = await loadProposal(deps.store, deps.tenant, id);
    const { made, proposer, status, about } = state;
    const subject = await subjectOf(deps, call, state);
    if (about.unit) call.reads(about.unit);
    // who put it forward sees what became of it, wherever they may read
    const mine = samePerson(call.principal.person, proposer.person);
    if (!mine) call.authorise(subject);
    const { params: _params, body: _body, proposedBy: _by, ...said } = made;
    const body = {
      id,
      status: status as Exclude<typeof status, 'none'>,
      ...said,
      proposer,
      madeAt: events[0]!.recordedAt,
      unit: about.unit ?? null,
      track: about.track ?? null,
      mayConfirm: mayConfirm(call, state, subject),
      mayWithdraw: mine && status === 'open',
      events: events.map((event) => shown({ event, position: undefined })),
    };
    return { status: 200, body };
  },
} satisfies TypedHandlers;

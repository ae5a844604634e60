// Two persons are two tokens. A command whose declaration says `second` is not carried out when it is given: it is put forward
// (ProposalMade), and whoever the declaration names confirms it with a token of their own. Only then is it decided again, on what stands
// there by then, and recorded, in one commit with ProposalConfirmed (shared/rules/perform/second.ts).
// To use it: `second: { who: … }` in the declaration of a command; `when` where only some of what it records needs it. An event that has
// a field `approver` gets the second person in it; deciders say nothing of it. What is recorded has the first person as its actor, and
// names the ProposalMade event as its cause. Nothing else is to be written: route, form, view and page follow.
import type { Actor, EventOf, Track } from '../../../events/envelope.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import type { ProposalEvent, ProposalMade } from '../../../events/proposal.ts';
import { samePerson } from '../../person.ts';
import { DAY_MS } from '../../town-time.ts';
import { NOTHING, type Drafts, type Fold } from '../decider.ts';

type Made = EventOf<typeof ProposalMade>['data'];

/** How long a proposal waits to be confirmed. */
export const PROPOSAL_DAYS = 14;

export interface ProposalState {
  status: 'none' | 'open' | 'confirmed' | 'rejected' | 'withdrawn' | 'expired';
  made: Made | null;
  /** who put it forward, as their token said */
  proposer: Actor | null;
  /** id of the event that put it forward */
  event: string | null;
  /** what it is about, as the events of it say */
  about: { unit?: string; track?: Track; organisation?: string };
  /** who confirmed or rejected it */
  settledBy: string | null;
}

export const proposal: Fold<ProposalState, ProposalEvent> = {
  category: 'proposal',
  initial: { status: 'none', made: null, proposer: null, event: null, about: {}, settledBy: null },
  evolve(state, event) {
    const settledBy = event.actor.person;
    switch (event.type) {
      case 'ProposalMade': {
        const { id, actor, data, unit, track, organisation } = event;
        const about = { ...(unit && { unit }), ...(track && { track }), ...(organisation && { organisation }) };
        return { status: 'open', made: data, proposer: actor, event: id, about, settledBy: null };
      }
      case 'ProposalConfirmed':
        return { ...state, status: 'confirmed', settledBy };
      case 'ProposalRejected':
        return { ...state, status: 'rejected', settledBy };
      case 'ProposalWithdrawn':
        return { ...state, status: 'withdrawn', settledBy };
      case 'ProposalExpired':
        return { ...state, status: 'expired', settledBy };
    }
  },
};

export type KnownProposal = ProposalState & { made: Made; proposer: Actor; event: string };

/** @throws NotFound `unknown-proposal` */
export function requireProposal(state: ProposalState, id: string): KnownProposal {
  if (state.made) return state as KnownProposal;
  throw new NotFound('unknown-proposal', `there is no proposal ${id}`, {
    field: 'proposal',
    expected: 'the id of a proposal, as the answer to the act has it',
  });
}

/** Puts an act forward. @param would what it would record */
export function propose(
  asked: Pick<Made, 'name' | 'act' | 'target' | 'params' | 'body' | 'would'>,
  about: ProposalState['about'],
  { person }: Actor,
  now: string,
): Drafts {
  const { reason = asked.body['basis'] } = asked.body;
  const until = new Date(Date.parse(now) + PROPOSAL_DAYS * DAY_MS).toISOString();
  const said = typeof reason === 'string' ? { reason } : {};
  return [{ type: 'ProposalMade', ...about, data: { ...asked, proposedBy: person, ...said, until } }];
}

/**
 * The second person, by their own token. @throws RuleViolated `second-person-needed`, `proposal-settled`, `proposal-expired`
 */
export function confirm(state: ProposalState, id: string, second: Actor, now: string): Drafts {
  const known = requireProposal(state, id);
  if (known.status === 'confirmed' && samePerson(known.settledBy, second.person)) return NOTHING;
  const data = open(known, id, now);
  requireOther(known, second);
  return [{ type: 'ProposalConfirmed', ...known.about, data }];
}

/** @throws as `confirm` */
export function reject(
  state: ProposalState,
  id: string,
  { reason }: { reason: string },
  second: Actor,
  now: string,
): Drafts {
  const known = requireProposal(state, id);
  if (known.status === 'rejected' && samePerson(known.settledBy, second.person)) return NOTHING;
  const data = open(known, id, now);
  requireOther(known, second);
  return [{ type: 'ProposalRejected', ...known.about, data: { ...data, reason } }];
}

/** By who put it forward. @throws RuleViolated `proposer-needed`, `proposal-settled`, `proposal-expired` */
export function withdraw(
  state: ProposalState,
  id: string,
  { reason }: { reason?: string | undefined },
  { person }: Actor,
  now: string,
): Drafts {
  const known = requireProposal(state, id);
  if (!samePerson(known.proposer.person, person)) {
    throw new RuleViolated('proposer-needed', 'a proposal is withdrawn by who put it forward', {
      field: 'person',
      expected: 'the proposer; others reject it',
    });
  }
  if (known.status === 'withdrawn') return NOTHING;
  const data = open(known, id, now);
  return [
    { type: 'ProposalWithdrawn', ...known.about, data: { ...data, ...(reason === undefined ? {} : { reason }) } },
  ];
}

/** By the clock, once its time is over; nothing before, and where it is settled. */
export function expire(state: ProposalState, id: string, now: string): Drafts {
  const known = requireProposal(state, id);
  const { name, target, proposedBy, until } = known.made;
  if (known.status !== 'open' || now <= until) return NOTHING;
  return [{ type: 'ProposalExpired', ...known.about, data: { name, target, proposedBy, until } }];
}

function open(known: KnownProposal, id: string, now: string): Pick<Made, 'name' | 'target' | 'proposedBy'> {
  const { name, target, proposedBy, until } = known.made;
  if (known.status !== 'open') {
    throw new RuleViolated('proposal-settled', `proposal ${id} is ${known.status}`, {
      field: 'proposal',
      expected: 'an open proposal; put it forward again',
      facts: { status: known.status },
    });
  }
  if (now > until) {
    throw new RuleViolated('proposal-expired', `proposal ${id} was open until ${until}`, {
      field: 'proposal',
      expected: 'a new proposal',
    });
  }
  return { name, target, proposedBy };
}

function requireOther({ proposer }: KnownProposal, second: Actor): void {
  if (!samePerson(proposer.person, second.person)) return;
  throw new RuleViolated('second-person-needed', 'it is confirmed by somebody other than who put it forward', {
    field: 'person',
    expected: 'another person than the proposer',
  });
}

// What stands between a decision and its recording where an act needs a second person: put forward, its drafts go into a proposal;
// confirmed, they are recorded with the confirmation. execute.ts comes through here for every command.
import * as z from 'zod';
import { definitionOf, type Draft } from '../../../events/catalogue.ts';
import type { Actor, Category, EventOf } from '../../../events/envelope.ts';
import type { ProposalMade } from '../../../events/proposal.ts';
import { RuleViolated } from '../../../events/errors.ts';
import type { Second } from '../command.ts';
import { same } from '../decider.ts';
import * as rules from '../proposal/proposal.ts';

type Made = EventOf<typeof ProposalMade>['data'];
/** What is done to each stream, by `<category>/<id>`. */
type Decision = Map<string, Draft[]>;

/** The act as it was asked for, so that it can be carried out later. */
export interface Asks extends Pick<Made, 'act' | 'name' | 'params' | 'body'>, Pick<Second, 'when'> {
  /** id of the proposal that it becomes */
  proposal: string;
}

/** The proposal that is confirmed, and by whom. */
export interface Confirms {
  proposal: string;
  second: Actor;
  /** id of the ProposalMade event */
  cause: string;
}

interface Context {
  actor: Actor;
  now: Date;
  asks?: Asks | undefined;
  confirms?: Confirms | undefined;
}

/** The proposal that a command makes or confirms. */
export const proposalOf = ({ asks, confirms }: Pick<Context, 'asks' | 'confirms'>): string | undefined =>
  asks?.proposal ?? confirms?.proposal;

/** Whether a decision puts something forward and changes nothing else. */
export const onlyPutsForward = (decision: Decision): boolean =>
  [...decision.values()].flat().every(({ type }) => type === 'ProposalMade');

/**
 * Decides, and puts forward or confirms where a second person is needed.
 * @throws RuleViolated `proposal-overtaken` when what would be recorded replaces something else than when it was put forward
 */
export async function decideWithSecond(
  context: Context,
  primary: { category: Category; id: string },
  read: (category: 'proposal', id: string) => Promise<rules.ProposalState>,
  decide: () => Promise<Decision>,
): Promise<Decision> {
  const { asks, confirms } = context;
  const now = context.now.toISOString();
  if (confirms) {
    const state = await read('proposal', confirms.proposal);
    const confirmed = rules.confirm(state, confirms.proposal, confirms.second, now);
    if (confirmed.length === 0) return new Map();
    const decision = await decide();
    requireUnchanged(state.made!.would, wouldRecord(decision));
    return new Map([...decision, [`proposal/${confirms.proposal}`, confirmed]]);
  }
  const decision = await decide();
  const drafts = [...decision.values()].flat();
  if (!asks || drafts.length === 0 || asks.when?.(drafts) === false) return decision;
  const { proposal, when: _when, ...asked } = asks;
  const target = `${primary.category}/${primary.id}`;
  const { unit = primary.category === 'unit' ? primary.id : undefined, track, organisation } = drafts[0]!;
  const about = { ...(unit && { unit }), ...(track && { track }), ...(organisation && { organisation }) };
  const made = rules.propose({ ...asked, target, would: wouldRecord(decision) }, about, context.actor, now);
  return new Map([[`proposal/${proposal}`, made]]);
}

const wouldRecord = (decision: Decision): Made['would'] =>
  [...decision].flatMap(([stream, drafts]) =>
    drafts.map(({ type, data }) => ({ stream, type, data: JSON.parse(JSON.stringify(data)) as Made['body'] })),
  );

/** What an event says stood there before it: all else may move on while a proposal waits. */
const replaced = ({ data: { changes, before, from } }: Made['would'][number]): unknown =>
  changes ?? (typeof before === 'object' ? before : from);

function requireUnchanged(put: Made['would'], now: Made['would']): void {
  const before = put.filter(({ stream, type }) => now.some((one) => one.stream === stream && one.type === type));
  if (now.length > 0 && same(before.map(replaced), now.map(replaced))) return;
  throw new RuleViolated(
    'proposal-overtaken',
    now.length === 0 ? 'what it asks for holds already' : 'what it would replace has changed since it was put forward',
    { field: 'proposal', expected: 'a rejection or withdrawal; and a new proposal on what stands there now' },
  );
}

/** A draft with the second person in it, where its event has a place for one. */
export function withApprover(draft: Draft, confirms: Confirms | undefined): Draft {
  if (!confirms) return draft;
  const { data } = definitionOf(draft.type);
  if (!(data instanceof z.ZodObject) || !Object.hasOwn(data.shape, 'approver')) return draft;
  return { ...draft, data: { ...draft.data, approver: confirms.second.person } } as Draft;
}

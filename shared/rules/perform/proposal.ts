// Loading a proposal, and the commands that settle it without carrying it out; it is confirmed by carrying out its act (second.ts).
import type { ProposalEvent } from '../../../events/proposal.ts';
import { foldAll, type Drafts } from '../decider.ts';
import * as rules from '../proposal/proposal.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { byClock, type ClockContext } from './clock-command.ts';
import {
  campaignOf,
  execute,
  on,
  readStream,
  type CommandContext,
  type Executed,
  type Read,
  type StreamCache,
} from './execute.ts';

/** The proposal as it stands, with its events. @throws NotFound `unknown-proposal` */
export async function loadProposal(
  deps: StoreDeps,
  tenant: string,
  id: string,
): Promise<{ state: rules.KnownProposal; events: ProposalEvent[] }> {
  const stored = await readStream(deps, tenant, 'proposal', id);
  const events = stored.map(({ event }) => event as ProposalEvent);
  return { state: rules.requireProposal(foldAll(rules.proposal, events), id), events };
}

/** The clock: nobody confirmed it in time. */
export function expireProposal(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  session?: StreamCache,
): Promise<Executed> {
  const decide = async (read: Read) =>
    new Map([on('proposal', id, rules.expire(await read('proposal', id), id, clock.now.toISOString()))]);
  return byClock(deps, clock, { category: 'proposal', id }, 'expired', decide, session);
}

/** Rejects or withdraws. */
export function settleProposal(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  decide: (state: rules.ProposalState) => Drafts,
): Promise<Executed> {
  return execute(deps, context, { category: 'proposal', id }, async (read) => {
    const state = await read('proposal', id);
    const { about, proposer } = rules.requireProposal(state, id);
    const { unit: unitId, track } = about;
    context.authorise?.({
      campaign: await campaignOf(deps, context.tenant, context.now),
      organisation: proposer.organisation,
      ...(track && { track }),
      ...(unitId && { unit: { ...(await read('unit', unitId)), id: unitId } }),
    });
    return new Map([on('proposal', id, decide(state))]);
  });
}

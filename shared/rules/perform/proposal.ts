// Loading a proposal, and the commands that settle it without carrying it out; it is confirmed by carrying out its act (second.ts).
import type { ProposalEvent } from '../../../events/proposal.ts';
import { foldAll, type Drafts } from '../decider.ts';
import * as rules from '../proposal/proposal.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { campaignOf, execute, on, readStream, type CommandContext, type Executed } from './execute.ts';

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

// Commands on one hazard. What closes or reopens it changes the unit's ledger, and with it the unit's place on the sign-off list, in
// the same commit; everything else is one write to the hazard's own stream.
import { isOpen } from '../../../events/hazard.ts';
import { notBefore } from '../claimed-time.ts';
import type { Drafts } from '../decider.ts';
import { requireHazard } from '../hazard/hazard.ts';
import { requireActive, type LedgerChange } from '../unit/unit.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { byOf, campaignOf, execute, on, type Bidden, type CommandContext, type Executed } from './execute.ts';
import { ledgerOf } from './ledger.ts';

/**
 * What is decided about one hazard, and what it means for its unit. @throws RuleViolated `unit-closed` where something
 * would open at a closed unit
 */
export function onHazard(
  deps: StoreDeps,
  context: CommandContext,
  { id, decide, other: twinOf }: Bidden,
): Promise<Executed> {
  return execute(deps, context, { category: 'hazard', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('hazard', id);
    const known = requireHazard(state, id);
    const unit = await read('unit', known.unit);
    context.authorise?.({ campaign, track: known.track, hazard: { ...state, id }, unit: { ...unit, id: known.unit } });
    const other = twinOf(state);
    const twin = other === undefined ? undefined : await read('hazard', other);
    if (twin) requireHazard(twin, other!);
    const by = byOf(context, campaign);
    const drafts = decide(state, { ...by, other: twin });
    if (drafts.length > 0 && by.claim) {
      notBefore(by.claim, { at: known.statusSince, what: `the hazard came to be ${known.status} then` });
    }
    const change = ledgerChange(id, drafts);
    if (change.opened.length > 0) requireActive(unit, known.unit);
    return new Map([on('hazard', id, drafts), on('unit', known.unit, ledgerOf(unit, change))]);
  });
}

/** What an act on one hazard means for its unit's ledger. */
function ledgerChange(id: string, drafts: Drafts): LedgerChange {
  const change: LedgerChange = { opened: [], recurred: [], signedOff: [], dismissed: [] };
  for (const draft of drafts) {
    if (draft.type === 'HazardSignedOff') change.signedOff.push(id);
    else if (draft.type === 'HazardLinkedAsDuplicate' || draft.type === 'HazardDismissed') change.dismissed.push(id);
    else if (draft.type === 'HazardUnlinked' && isOpen(draft.data.after)) change.opened.push(id);
  }
  return change;
}

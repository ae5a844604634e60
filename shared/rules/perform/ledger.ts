// A unit's ledger changes in the same commit as the hazards that it counts. Streams are read one after the other, so that a hazard may
// have been read later than its unit; then the ledger seems to say already what the hazard's change is about to say, the unit would
// not be written, its version not be checked, and it would stay on the sign-off list with a hazard open. Both streams read at one
// moment never disagree: a disagreement is a sign to read again.
import type { Drafts } from '../decider.ts';
import { changeLedger, unit as unitFold, type LedgerChange, type UnitState } from '../unit/unit.ts';
import { Overtaken } from './execute.ts';

/**
 * What the hazards' changes do to their unit.
 * @param again hazards signed off by a word from before they were seen again: first the list is what it was then, then they are open
 * @throws Overtaken when unit and hazards were not read at one moment
 */
export function ledgerOf(
  unit: UnitState,
  change: LedgerChange,
  again: readonly { hazard: string; at: string }[] = [],
): Drafts {
  const stale =
    change.opened.some((id) => unit.open.includes(id)) ||
    [...change.signedOff, ...change.dismissed].some((id) => !unit.open.includes(id) && !change.opened.includes(id));
  if (stale) throw new Overtaken();
  const drafts = changeLedger(unit, change);
  for (const { hazard, at } of again.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const then = drafts.reduce((state, draft) => unitFold.evolve(state, draft as never), unit);
    const back = changeLedger(then, { opened: [hazard], recurred: [hazard], signedOff: [], dismissed: [] });
    drafts.push(...back.map((draft) => ({ ...draft, occurredAt: at })));
  }
  return drafts;
}

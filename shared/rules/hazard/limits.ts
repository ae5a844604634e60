// Where the town comes to its limits with a hazard: the unit refuses the order, an officer states that the town lacks the power or the
// capacity, danger is imminent. Each is recorded here, with who and why; escalation-policy.ts decides what follows.
import type { Limit } from '../../../events/hazard.ts';
import { NOTHING, same, type Drafts } from '../decider.ts';
import { about, move, requireHazard, type HazardState } from './hazard.ts';

/** The unit refuses to carry out the order (拒不整改), before the officer who records it. */
export function refuseOrder(state: HazardState, id: string, command: { reason: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  const said = { reason: command.reason, by: person };
  if (same(known.refused, said)) return NOTHING;
  return [{ type: 'OrderRefused', ...about(known), data: { ...move(known, 'refuse'), ...said } }];
}

/** The town lacks the power or the capacity (超出镇级执法部门的权限或能力, plan 六（二）). */
export function stateLimit(
  state: HazardState,
  id: string,
  command: { limit: Limit; reason: string },
  person: string,
): Drafts {
  const known = requireHazard(state, id);
  const said = { limit: command.limit, reason: command.reason, by: person };
  if (same(known.limit, said)) return NOTHING;
  return [{ type: 'LimitStated', ...about(known), data: { ...move(known, 'stateLimit'), ...said } }];
}

/** Danger is imminent (重大险情): the case goes to the district at once. */
export function declareDanger(state: HazardState, id: string, command: { reason: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  const said = { reason: command.reason, by: person };
  if (same(known.danger, said)) return NOTHING;
  return [{ type: 'DangerDeclared', ...about(known), data: { ...move(known, 'declareDanger'), ...said } }];
}

// Closing a hazard that should not exist, as a duplicate of another (重复并入) or as invalid (认定无效): one person proposes, a second confirms.
import { RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import { NOTHING, type Drafts } from '../decider.ts';
import { about, move, requireHazard, type HazardState, type KnownHazard } from './hazard.ts';

export interface ClosureProposal {
  kind: 'duplicate' | 'invalid';
  of?: string | undefined;
  reason: string;
}

/**
 * First of the two persons whom a duplicate or invalid hazard needs.
 * @param twin the hazard that stays, where the command names one
 * @throws RuleViolated `duplicate-of-missing`, `duplicate-elsewhere`, `duplicate-of-dismissed`
 */
export function proposeClosure(
  state: HazardState,
  id: string,
  command: ClosureProposal,
  person: string,
  twin?: HazardState,
): Drafts {
  const known = requireHazard(state, id);
  const { kind, reason } = command;
  const of = kind === 'duplicate' ? command.of : undefined;
  if (known.proposal?.kind === kind && known.proposal.of === of) return NOTHING;
  const step = move(known, 'propose');
  if (kind === 'duplicate' && (!of || of === id)) {
    throw new RuleViolated('duplicate-of-missing', 'a duplicate names the hazard that stays', {
      field: 'of',
      expected: 'the id of another hazard',
    });
  }
  if (of && twin) requireStays(known, of, twin);
  return [
    {
      type: 'HazardClosureProposed',
      ...about(known),
      data: { ...step, kind, reason, ...(of ? { of } : {}), by: person },
    },
  ];
}

/** Two hazards linked to each other, or one linked to another unit's, would leave nothing open for what was found. */
function requireStays(known: KnownHazard, of: string, twin: HazardState): void {
  const { unit, status } = requireHazard(twin, of);
  if (unit !== known.unit) {
    throw new RuleViolated('duplicate-elsewhere', `hazard ${of} is at unit ${unit}`, {
      field: 'of',
      expected: `a hazard at unit ${known.unit}`,
    });
  }
  if (status === 'duplicate' || status === 'invalid') {
    throw new RuleViolated('duplicate-of-dismissed', `hazard ${of} is ${status} itself`, {
      field: 'of',
      expected: 'a hazard that stays on the list',
    });
  }
}

/** Second person. @throws RuleViolated `no-proposal`, `second-person-needed`, `duplicate-of-dismissed` */
export function confirmClosure(state: HazardState, id: string, person: string, twin?: HazardState): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'duplicate' || known.status === 'invalid') return NOTHING;
  const { proposal } = known;
  if (!proposal) {
    throw new RuleViolated('no-proposal', 'nobody has proposed to close this hazard', {
      expected: 'a closure proposal first',
    });
  }
  const step = move(known, 'confirm');
  if (samePerson(proposal.by, person)) {
    throw new RuleViolated('second-person-needed', 'a closure is confirmed by somebody other than who proposed it', {
      field: 'person',
      expected: 'another person than the proposer',
    });
  }
  if (proposal.of && twin) requireStays(known, proposal.of, twin);
  const who = { proposedBy: proposal.by, by: person, openedAt: known.openedAt };
  if (proposal.kind === 'duplicate') {
    return [
      {
        type: 'HazardLinkedAsDuplicate',
        ...about(known),
        data: { ...step, after: 'duplicate', of: proposal.of!, ...who },
      },
    ];
  }
  return [
    { type: 'HazardDismissed', ...about(known), data: { ...step, after: 'invalid', reason: proposal.reason, ...who } },
  ];
}

/** Undoes a link as duplicate: the hazard is where it was before. */
export function unlink(state: HazardState, id: string, command: { reason: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  const step = { ...move(known, 'unlink'), after: known.beforeClosure ?? known.status };
  const again = { openedAt: known.openedAt, due: known.due };
  return [{ type: 'HazardUnlinked', ...about(known), data: { ...step, reason: command.reason, by: person, ...again } }];
}

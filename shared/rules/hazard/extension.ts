// Moving the end of a rectification period (延期): asked for with a reason, decided by a higher post. Every date that was
// in force before stays in the stream; reminders start again for the new one.
import { RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import { requireAhead } from '../claimed-time.ts';
import { NOTHING, type Drafts } from '../decider.ts';
import { about, move, requireHazard, type HazardState, type KnownHazard } from './hazard.ts';

/** Who acts: a person, and the organisation that the person acts for. */
export interface Acting {
  person: string;
  organisation: string;
}

/**
 * Asks for a later due date.
 * @throws RuleViolated `due-past`, `due-too-late`, `due-not-later`, `extension-pending`, `wrong-transition`
 */
export function requestExtension(
  state: HazardState,
  id: string,
  command: { due: string; reason: string },
  acting: Acting,
  now: string,
): Drafts {
  const known = requireHazard(state, id);
  const { due: requested, reason } = command;
  const open = known.extension;
  if (open?.requested === requested && open.by === acting.person && open.reason === reason) return NOTHING;
  const step = move(known, 'requestExtension');
  if (open) {
    throw new RuleViolated('extension-pending', `an extension to ${open.requested} has been asked for already`, {
      field: 'due',
      expected: 'that one to be approved or refused first',
      facts: { requested: open.requested },
    });
  }
  const due = requireLater(known, requested, now);
  return [
    {
      type: 'ExtensionRequested',
      ...about(known),
      data: { ...step, due, requested, reason, by: acting.person },
    },
  ];
}

/**
 * Approves what was asked for, or another date.
 * @throws RuleViolated `no-extension-request`, `second-person-needed`, `higher-post-needed`, `due-past`, `due-not-later`
 */
export function approveExtension(
  state: HazardState,
  id: string,
  command: { due?: string | undefined; reason: string },
  acting: Acting,
  now: string,
): Drafts {
  const known = requireHazard(state, id);
  const step = move(known, 'approveExtension');
  const { requested, by: requestedBy } = requirePending(known, acting);
  const due = command.due ?? requested;
  const previousDue = requireLater(known, due, now);
  return [
    {
      type: 'ExtensionApproved',
      ...about(known),
      data: {
        ...step,
        due,
        previousDue,
        reason: command.reason,
        requestedBy,
        by: acting.person,
        extensions: known.extensions + 1,
      },
    },
  ];
}

/** The date in force stays. @throws RuleViolated `no-extension-request`, `second-person-needed`, `higher-post-needed` */
export function refuseExtension(state: HazardState, id: string, command: { reason: string }, acting: Acting): Drafts {
  const known = requireHazard(state, id);
  const step = move(known, 'refuseExtension');
  const { requested, by: requestedBy } = requirePending(known, acting);
  return [
    {
      type: 'ExtensionRefused',
      ...about(known),
      data: { ...step, due: known.due!, requested, reason: command.reason, requestedBy, by: acting.person },
    },
  ];
}

/** The request, to be decided by somebody else, of another organisation than the one that asked. */
function requirePending(known: KnownHazard, acting: Acting): NonNullable<HazardState['extension']> {
  const { extension } = known;
  if (!extension) {
    throw new RuleViolated('no-extension-request', 'no extension has been asked for', {
      expected: 'a request first, with its reason',
    });
  }
  if (samePerson(extension.by, acting.person)) {
    throw new RuleViolated('second-person-needed', 'an extension is decided by somebody other than who asked for it', {
      field: 'person',
      expected: 'another person than who asked',
    });
  }
  if (extension.organisation === acting.organisation) {
    throw new RuleViolated('higher-post-needed', `${acting.organisation} asked for the extension itself`, {
      field: 'organisation',
      expected: "a higher post: the track's lead, the task-force office or the leading group, where it is not theirs",
    });
  }
  return extension;
}

/** The date in force, which the new one must lie beyond. A date that has passed helps nobody. */
function requireLater(known: KnownHazard, wanted: string, now: string): string {
  const { due } = known;
  if (due === null) {
    throw new RuleViolated('no-due-date', 'no due date has been ordered that could be moved', {
      field: 'due',
      expected: 'an order with a due date first',
    });
  }
  if (wanted <= due) {
    throw new RuleViolated('due-not-later', `${wanted} is not later than the due date in force, ${due}`, {
      field: 'due',
      expected: `later than ${due}`,
    });
  }
  requireAhead(wanted, now);
  return due;
}

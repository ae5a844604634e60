// Everything that may happen to the roster (名册) of one organisation: who held which post in it, from which day to
// which. Several may hold a post at once (two directors of the office), nobody holds the very same one twice. A change
// of the past is a correction, with its reason and approver.
import type { Organisation } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';
import type { Post, RosterEvent } from '../../../events/roster.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { compared } from '../../text.ts';
import { correction, type AskedCorrection, type Maker } from '../corrections.ts';
import { NOTHING, withEntry, type Drafts, type Fold } from '../decider.ts';

export interface Appointment {
  appointment: string;
  post: Post;
  person: string;
  track?: Track | undefined;
  area?: string | undefined;
  /** first and last day, in town time; null: still holds it */
  from: string;
  until: string | null;
  basis: string;
  /** id of the event that appointed, of the one that relieved, of the corrections */
  appointedBy: string;
  relievedBy: string | null;
  correctedBy: string[];
}

export interface RosterState {
  /** by appointment id, in order of appointment */
  appointments: ReadonlyMap<string, Appointment>;
}

export const roster: Fold<RosterState, RosterEvent> = {
  category: 'roster',
  initial: { appointments: new Map() },
  evolve(state, event) {
    const known = state.appointments.get(event.data.appointment);
    switch (event.type) {
      case 'OfficerAppointed': {
        const { appointment, post, person, track, area, from, basis } = event.data;
        const held = { appointment, post, person, track, area, from, until: null, basis };
        return withAppointment(state, { ...held, appointedBy: event.id, relievedBy: null, correctedBy: [] });
      }
      case 'OfficerRelieved':
        return known ? withAppointment(state, { ...known, until: event.data.until, relievedBy: event.id }) : state;
      case 'AppointmentCorrected': {
        if (!known) return state;
        const changed = Object.fromEntries(
          event.data.changes
            .filter(({ field }) => Object.hasOwn(known, field))
            .map(({ field, to }) => [field, to === null ? undefined : to]),
        );
        return withAppointment(state, { ...known, ...changed, correctedBy: [...known.correctedBy, event.id] });
      }
    }
  },
};

const withAppointment = (state: RosterState, held: Appointment): RosterState => ({
  ...state,
  appointments: withEntry(state.appointments, held.appointment, held),
});

/** Those who held a post on a day in town time. */
export function holdersOn(state: RosterState, day: string): Appointment[] {
  return [...state.appointments.values()].filter(({ from, until }) => from <= day && (until === null || day <= until));
}

/** Posts that only one kind of organisation has. */
const ONLY_IN: Partial<Record<Post, Organisation['kind']>> = {
  leader: 'leading-group',
  'deputy-leader': 'leading-group',
  'office-director': 'office',
  contact: 'district',
};

export interface Appoint {
  appointment: string;
  post: Post;
  person: string;
  track?: Track | undefined;
  area?: string | undefined;
  from: string;
  basis: string;
}

/**
 * Appoints somebody to a post, from a day on, which may lie in the past: when it was recorded is told apart.
 * @param organisation the one whose roster it is
 * @throws RuleViolated `post-elsewhere`, `appointment-exists`, `appointment-overlaps`
 */
export function appoint(state: RosterState, command: Appoint, organisation: Organisation): Drafts {
  requirePost(command.post, organisation);
  const known = state.appointments.get(command.appointment);
  if (known && sameAppointment(known, command)) return NOTHING;
  if (known) {
    const { appointment, person, post, from, basis } = known;
    throw new RuleViolated(
      'appointment-exists',
      `appointment ${appointment} is another one: ${person} as ${post} from ${from}, by ${basis}`,
      { field: 'appointment', expected: 'a new id, or none: one is made up; or a correction of that one' },
    );
  }
  const held = [...state.appointments.values()];
  if (held.some((one) => one.until === null && sameAppointment(one, command))) return NOTHING;
  requireNoOverlap(state, { ...command, until: null });
  const { track, area, ...rest } = command;
  return [
    {
      type: 'OfficerAppointed',
      ...(track ? { track } : {}),
      data: { ...rest, ...(track ? { track } : {}), ...(area ? { area } : {}) },
    },
  ];
}

/** @throws RuleViolated `unknown-appointment`, `relief-before-appointment`, `already-relieved` */
export function relieve(state: RosterState, command: { appointment: string; until: string; reason: string }): Drafts {
  const { appointment, until } = command;
  const held = requireAppointment(state, appointment);
  if (held.until === until) return NOTHING;
  if (held.until !== null) {
    throw new RuleViolated('already-relieved', `appointment ${appointment} ended on ${held.until}`, {
      field: 'until',
      expected: `a correction of ${held.relievedBy}, confirmed by a second person`,
    });
  }
  requireOrder(held.from, until, 'until');
  return [{ type: 'OfficerRelieved', ...about(held), data: { ...command, person: held.person } }];
}

/**
 * Corrects what an appointment, or the relief from it, was recorded with.
 * @param events the roster's stream, which the state was folded from
 * @throws RuleViolated `unknown-appointment`, `other-appointment`, and what `correction` and `appoint` refuse
 */
export function correctAppointment(
  state: RosterState,
  events: readonly RosterEvent[],
  command: AskedCorrection & { appointment: string },
  maker: Maker,
  now: string,
  organisation: Organisation,
): Drafts {
  const { appointment, ...asked } = command;
  const held = requireAppointment(state, appointment);
  const own = [held.appointedBy, ...(held.relievedBy ? [held.relievedBy] : [])];
  if (!own.includes(asked.target)) {
    throw new RuleViolated('other-appointment', `${asked.target} does not belong to appointment ${appointment}`, {
      field: 'target',
      expected: `one of ${own.join(', ')}`,
    });
  }
  const changes = correction(events, asked, maker, now);
  if (!changes) return NOTHING;
  const drafts: Drafts = [{ type: 'AppointmentCorrected', ...about(held), data: { appointment, ...changes } }];
  const after = drafts.reduce((next, draft) => roster.evolve(next, { ...draft, id: 'draft' } as never), state);
  const result = after.appointments.get(appointment)!;
  requirePost(result.post, organisation);
  if (result.until !== null) requireOrder(result.from, result.until, 'changes');
  requireNoOverlap(after, result);
  return drafts;
}

const about = ({ track }: Appointment): { track?: Track } => (track ? { track } : {});

function requirePost(post: Post, organisation: Organisation): void {
  const kind = ONLY_IN[post];
  if (kind === undefined || kind === organisation.kind) return;
  throw new RuleViolated('post-elsewhere', `${organisation.id} has no ${post}`, {
    field: 'post',
    expected: `a post of a ${organisation.kind}; a ${post} belongs to a ${kind}`,
  });
}

function requireAppointment(state: RosterState, appointment: string): Appointment {
  const held = state.appointments.get(appointment);
  if (held) return held;
  throw new RuleViolated('unknown-appointment', `there is no appointment ${appointment} in this roster`, {
    field: 'appointment',
    expected: `one of ${[...state.appointments.keys()].slice(-20).join(', ') || 'none yet: appoint somebody first'}`,
  });
}

function requireOrder(from: string, until: string, field: string): void {
  if (from <= until) return;
  throw new RuleViolated(
    'relief-before-appointment',
    `the appointment begins on ${from}, its last day cannot be ${until}`,
    {
      field,
      expected: `${from} or later`,
    },
  );
}

type Seat = Pick<Appoint, 'post' | 'track' | 'area'>;
/** By the same decision too: another one would be lost without a word. */
const sameAppointment = (held: Appointment, asked: Appoint): boolean =>
  held.person === asked.person &&
  sameSeat(held, asked) &&
  held.from === asked.from &&
  compared(held.basis) === compared(asked.basis);
const sameSeat = (left: Seat, right: Seat): boolean =>
  left.post === right.post && left.track === right.track && left.area === right.area;

/** The same person in the same post for the same track and area, on one day twice: one of the two is a mistake. */
function requireNoOverlap(state: RosterState, asked: Appoint & { until: string | null }): void {
  const other = [...state.appointments.values()].find(
    (held) =>
      held.appointment !== asked.appointment &&
      held.person === asked.person &&
      sameSeat(held, asked) &&
      (held.until === null || asked.from <= held.until) &&
      (asked.until === null || held.from <= asked.until),
  );
  if (!other) return;
  throw new RuleViolated(
    'appointment-overlaps',
    `${asked.person} holds this post from ${other.from} to ${other.until ?? 'now'} by appointment ${other.appointment} (${other.basis})`,
    {
      field: 'from',
      expected: other.until === null ? 'relieve them first, or correct that appointment' : `a day after ${other.until}`,
    },
  );
}

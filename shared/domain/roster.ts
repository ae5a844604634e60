// Everything that may happen to the roster (名册) of one organisation: who held which post in it, from which day to which. Several may hold a
// post at once (two directors of the office); a change of the past is a correction, with its reason and approver.
import type { Track } from '../../events/envelope.ts';
import type { Post, RosterEvent } from '../../events/roster.ts';
import type { Fold } from './decider.ts';

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
  /** set when the organisation was registered after the campaign was launched */
  organisation: { id: string; name: string; kind: string } | null;
  /** by appointment id, in order of appointment */
  appointments: Record<string, Appointment>;
}

export const roster: Fold<RosterState, RosterEvent> = {
  category: 'roster',
  initial: { organisation: null, appointments: {} },
  evolve(state, event) {
    switch (event.type) {
      case 'OrganisationRegistered':
        return { ...state, organisation: event.data.organisation };
      case 'OfficerAppointed': {
        const { appointment, post, person, track, area, from, basis } = event.data;
        const held = { appointment, post, person, track, area, from, until: null, basis };
        return withAppointment(state, { ...held, appointedBy: event.id, relievedBy: null, correctedBy: [] });
      }
      case 'OfficerRelieved': {
        const known = state.appointments[event.data.appointment];
        return known ? withAppointment(state, { ...known, until: event.data.until, relievedBy: event.id }) : state;
      }
      case 'AppointmentCorrected': {
        const known = state.appointments[event.data.appointment];
        if (!known) return state;
        const changed = Object.fromEntries(event.data.changes.map(({ field, to }) => [field, to]));
        return withAppointment(state, { ...known, ...changed, correctedBy: [...known.correctedBy, event.id] });
      }
    }
  },
};

const withAppointment = (state: RosterState, held: Appointment): RosterState => ({
  ...state,
  appointments: { ...state.appointments, [held.appointment]: held },
});

/** Those who held a post on a day in town time. */
export function holdersOn(state: RosterState, day: string): Appointment[] {
  return Object.values(state.appointments).filter(({ from, until }) => from <= day && (until === null || day <= until));
}

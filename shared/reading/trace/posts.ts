// The post held then (当时岗位): whom the rosters show in which post on a day, with the appointment behind it. What a token
// said of a person's post at the time stands in the event itself and is shown beside it; where the roster knows of no
// appointment, that is a finding, not a gap to be filled.
import * as z from 'zod';
import { dateSchema, idSchema, trackSchema } from '../../../events/envelope.ts';
import type { RosterEvent } from '../../../events/roster.ts';
import { foldAll } from '../../rules/decider.ts';
import { holdersOn, roster, type Appointment, type RosterState } from '../../rules/roster/roster.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { townDay } from '../../town-time.ts';
import { eventRefs } from './event-ref.ts';

/** A person, and the posts held on the day; none: the roster knows of no appointment. */
export const personThenSchema = z
  .strictObject({
    person: z.string(),
    posts: z
      .array(
        z.strictObject({
          organisation: idSchema,
          post: z.string(),
          track: trackSchema.nullable(),
          area: z.string().nullable(),
          from: dateSchema,
          until: dateSchema.nullable(),
          basis: z.string(),
          /** appointed, relieved, corrected */
          events: eventRefs,
        }),
      )
      .describe('posts held on that day by the rosters; none: no appointment is on record'),
  })
  .meta({ id: 'PersonThen' });
export type PersonThen = z.infer<typeof personThenSchema>;

/** Roster events by organisation, folded once. */
export interface Rosters {
  states: ReadonlyMap<string, RosterState>;
  events: Map<string, Placed>;
}

export function rostersOf(byOrganisation: ReadonlyMap<string, readonly Placed[]>): Rosters {
  return {
    states: new Map(
      [...byOrganisation].map(([id, placed]) => [
        id,
        foldAll(
          roster,
          placed.map(({ event }) => event as RosterEvent),
        ),
      ]),
    ),
    events: new Map([...byOrganisation.values()].flat().map((placed) => [placed.event.id, placed])),
  };
}

/** The posts that a person held at an instant, by the day in town time. */
export function personAt(rosters: Rosters, person: string, instant: string, refer: Refer): PersonThen {
  const day = townDay(instant);
  const posts = [...rosters.states].flatMap(([organisation, state]) =>
    holdersOn(state, day)
      .filter((held) => held.person === person)
      .map((held) => postOf(rosters, organisation, held, refer)),
  );
  return { person, posts };
}

function postOf(rosters: Rosters, organisation: string, held: Appointment, refer: Refer): PersonThen['posts'][number] {
  const { post, track, area, from, until, basis, appointedBy, relievedBy, correctedBy } = held;
  return {
    organisation,
    post,
    track: track ?? null,
    area: area ?? null,
    from,
    until,
    basis,
    events: [appointedBy, ...(relievedBy === null ? [] : [relievedBy]), ...correctedBy].flatMap((id) => {
      const placed = rosters.events.get(id);
      return placed ? [refer(placed)] : [];
    }),
  };
}

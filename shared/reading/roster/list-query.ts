// Queries on the roster: every organisation with who holds which post on a day, and which of the posts that it must fill nobody holds.
import { ORGANISATION_KINDS, type Organisation } from '../../../events/campaign.ts';
import { POSTS, type Post } from '../../../events/roster.ts';
import type { Appointment } from '../../rules/roster/roster.ts';
import { checkOneOf } from '../views/cursor.ts';
import { pageOfLists } from '../views/list-page.ts';
import { ALL_ORGANISATIONS, rosterView, type HeldPost, type RosterDocument, type RosterList } from './page.ts';
import type { ViewDeps } from '../views/view.ts';

/** The post that every organisation of a kind must fill (plan, section 二: 各成员单位明确分管联络员). */
const MUST_FILL: Record<Organisation['kind'], readonly Post[]> = {
  'leading-group': ['leader'],
  office: ['office-director'],
  taskforce: ['liaison'],
  member: ['liaison'],
  village: ['liaison'],
  district: ['contact'],
};

export function shownAppointment(held: Appointment): HeldPost {
  const { appointment, post, person, track, area, from, until, basis, appointedBy, relievedBy, correctedBy } = held;
  return {
    appointment,
    post,
    title: POSTS[post],
    person,
    track: track ?? null,
    area: area ?? null,
    from,
    until,
    basis,
    event: appointedBy,
    relief: relievedBy,
    corrections: correctedBy,
  };
}

const holds = ({ from, until }: Appointment, day: string): boolean => from <= day && (until === null || day <= until);

/** Appointments parted by whether they hold on a day, and the posts that nobody holds then. */
export function rosterOn(
  appointments: readonly Appointment[],
  kind: Organisation['kind'],
  day: string,
): { held: HeldPost[]; others: HeldPost[]; vacant: Post[] } {
  const held = appointments.filter((one) => holds(one, day));
  return {
    held: held.map(shownAppointment),
    others: appointments.filter((one) => !holds(one, day)).map(shownAppointment),
    vacant: MUST_FILL[kind].filter((post) => !held.some((one) => one.post === post)),
  };
}

export interface RosterQuery {
  kind?: Organisation['kind'] | undefined;
  /** only organisations with a post that nobody holds, or only those without */
  vacant?: boolean | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Organisations in the town's order, as they are on a day in town time. @throws InvalidInput naming the field that is wrong */
export async function listRoster(
  deps: ViewDeps,
  query: RosterQuery,
  day: string,
): Promise<RosterList & { examined: number }> {
  checkOneOf('kind', query.kind, ORGANISATION_KINDS);
  const { limit, cursor, ...asked } = query;
  const page = await pageOfLists<RosterDocument>(deps, rosterView, {
    index: 'lists1',
    lists: [ALL_ORGANISATIONS],
    identity: { day, ...asked },
    limit,
    cursor,
    descending: false,
    wanted: ({ kind, appointments }) =>
      kind !== null &&
      (query.kind === undefined || kind === query.kind) &&
      (query.vacant === undefined || query.vacant === rosterOn(appointments, kind, day).vacant.length > 0),
  });
  return {
    ...page,
    on: day,
    items: page.items.map(({ organisation, name, kind, appointments }) => {
      const { held, vacant } = rosterOn(appointments, kind!, day);
      return { organisation, name: name!, kind: kind!, held, vacant };
    }),
  };
}

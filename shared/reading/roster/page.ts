// View `roster` (名册): one document an organisation: what it is, and its appointments. It has no clock: who holds a post
// today is worked out when it is asked for. Bounded: of appointments that have ended, the latest are written out; all
// of them are in the organisation's stream.
import * as z from 'zod';
import { ORGANISATION_KINDS, type Organisation } from '../../../events/campaign.ts';
import { postSchema, type RosterEvent } from '../../../events/roster.ts';
import { dateSchema, idSchema, parseStreamKey, personSchema, trackSchema } from '../../../events/envelope.ts';
import { roster, type Appointment } from '../../rules/roster/roster.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { asOfSchema } from '../views/page.ts';
import type { DocumentView } from '../views/view.ts';

export const MAX_ENDED = 200;

export interface RosterDocument {
  organisation: string;
  /** null only if something about its roster is known but not that it exists */
  name: string | null;
  kind: Organisation['kind'] | null;
  /** in order of appointment; of those that have ended the last MAX_ENDED by their last day */
  appointments: Appointment[];
  endedLeftOut: number;
}

/** An appointment as it is shown. */
export const heldPostSchema = z
  .strictObject({
    appointment: idSchema,
    post: postSchema,
    title: z.string().describe('the Chinese name of the post'),
    person: personSchema,
    track: trackSchema.nullable().describe('null: for all tracks'),
    area: idSchema.nullable().describe('null: for all areas'),
    from: dateSchema,
    until: dateSchema.nullable().describe('last day; null: no end has been recorded'),
    basis: z.string(),
    event: z.string().describe('the event that appointed'),
    relief: z.string().nullable().describe('the event that relieved'),
    corrections: z.array(z.string()).describe('events that corrected it'),
    phone: z
      .enum(['known', 'missing'])
      .optional()
      .describe('whether the directory has a telephone number; only for those who keep the directory'),
  })
  .meta({ id: 'HeldPost' });
export type HeldPost = z.infer<typeof heldPostSchema>;

const rosterRow = {
  organisation: idSchema,
  name: z.string(),
  kind: z.enum(ORGANISATION_KINDS),
  held: z.array(heldPostSchema),
  vacant: z.array(postSchema).describe('posts that an organisation of this kind must fill and that nobody holds'),
};
export const rosterListSchema = z
  .strictObject({
    on: dateSchema,
    items: z.array(z.strictObject(rosterRow)),
    cursor: z.string().optional(),
    asOf: asOfSchema,
  })
  .meta({ id: 'RosterList' });
export type RosterList = z.infer<typeof rosterListSchema>;
export const rosterPageSchema = z
  .strictObject({
    ...rosterRow,
    on: dateSchema,
    others: z.array(heldPostSchema).describe('appointments that did not hold on that day'),
    asOf: asOfSchema,
  })
  .meta({ id: 'Roster' });

const blank = (organisation: string): RosterDocument => ({
  organisation,
  name: null,
  kind: null,
  appointments: [],
  endedLeftOut: 0,
});

const isRosterEvent = (event: DaochaEvent): event is RosterEvent => parseStreamKey(event.stream).category === 'roster';

function organisationsIn(event: DaochaEvent): readonly Organisation[] {
  if (event.type === 'CampaignLaunched') return event.data.organisations;
  return event.type === 'OrganisationRegistered' ? [event.data.organisation] : [];
}

function bounded(doc: RosterDocument, appointments: Appointment[]): RosterDocument {
  const ended = appointments.filter(({ until }) => until !== null).toSorted((a, b) => (a.until! < b.until! ? -1 : 1));
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - MAX_ENDED)));
  return {
    ...doc,
    appointments: appointments.filter((held) => !dropped.has(held)),
    endedLeftOut: doc.endedLeftOut + dropped.size,
  };
}

export const ROSTER_SK = 'roster';
export const ALL_ORGANISATIONS = 'all';

/** The town's own order: who leads first, then by id. */
const RANK: readonly Organisation['kind'][] = ['leading-group', 'office', 'taskforce', 'member', 'village', 'district'];
export const rosterOrder = ({ kind, organisation }: RosterDocument): string =>
  `${kind === null ? RANK.length : RANK.indexOf(kind)}#${organisation}`;

export const rosterView: DocumentView<RosterDocument> = {
  kind: 'documents',
  name: 'roster',
  shape: 1,
  keys: (event) =>
    isRosterEvent(event)
      ? [{ key: parseStreamKey(event.stream).id, sk: ROSTER_SK }]
      : organisationsIn(event).map(({ id }) => ({ key: id, sk: ROSTER_SK })),
  fold: (doc, { event }, { key }) => {
    const known = doc ?? blank(key);
    if (!isRosterEvent(event)) {
      const { name, kind } = organisationsIn(event).find(({ id }) => id === key)!;
      return { ...known, name, kind };
    }
    const before = new Map(known.appointments.map((held) => [held.appointment, held]));
    const { appointments } = roster.evolve({ appointments: before }, event);
    // in the order of an object's keys, as documents have had it: ids that are whole numbers first
    return bounded(known, Object.values(Object.fromEntries(appointments)));
  },
  places: (doc) => ({ lists1: [ALL_ORGANISATIONS, rosterOrder(doc)] }),
};

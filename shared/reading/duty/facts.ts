// View `facts` (底数): of each unit and track the latest value of every field that was filled in, with when, by whom and in which event. A later
// survey replaces only what it says. On a list for each track, in order of the unit's id.
import * as z from 'zod';
import { dutyValueSchema, type DutyValues } from '../../../events/duty-definition.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { idSchema, instantSchema, parseStreamKey, trackSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { checkOneOf } from '../views/cursor.ts';
import { pageOfLists } from '../views/list-page.ts';
import type { AnswerPage } from '../views/page.ts';
import { unitOf, type DocumentView, type ViewDeps } from '../views/view.ts';

const factSchema = z.strictObject({
  field: z.string(),
  value: dutyValueSchema,
  at: instantSchema.describe('when it was found so, by the word of whoever recorded it'),
  by: z.string(),
  event: z.string().describe('the event that says so'),
  duty: idSchema.nullable().describe('the duty; null: a survey of its own'),
});
export const factsEntrySchema = z.strictObject({
  unit: idSchema,
  track: trackSchema,
  /** in order of first mention */
  facts: z.array(factSchema),
});
export type FactsEntry = z.infer<typeof factsEntrySchema>;
export const factsRowSchema = factsEntrySchema.extend({ unitName: z.string().nullable() }).meta({ id: 'FactsRow' });

const trackFacts = (track: Track): string => `track#${track}`;
const unitFactsList = (unit: string): string => `unit#${unit}`;

/** What an event says of a unit's fields; undefined for one that says nothing. */
function saidIn(event: DaochaEvent): { values: DutyValues; duty: string | null } | undefined {
  if (event.type === 'BaselineSurveyed') return { values: event.data.facts, duty: null };
  if (event.type !== 'StepDone' || Object.keys(event.data.values).length === 0) return undefined;
  return { values: event.data.values, duty: parseStreamKey(event.stream).id };
}

export const factsView: DocumentView<FactsEntry> = {
  kind: 'documents',
  name: 'facts',
  shape: 1,
  keys: (event) => {
    const unit = unitOf(event);
    if (unit === undefined || event.track === undefined || !saidIn(event)) return [];
    return [{ key: unit, sk: event.track }];
  },
  fold: (doc, { event }, { key, sk }) => {
    const said = saidIn(event)!;
    const { occurredAt: at, id, actor } = event;
    const facts = new Map((doc?.facts ?? []).map((fact) => [fact.field, fact]));
    for (const [field, value] of Object.entries(said.values)) {
      facts.set(field, { field, value, at, by: actor.person, event: id, duty: said.duty });
    }
    return { unit: key, track: sk as Track, facts: [...facts.values()] };
  },
  places: ({ unit, track }) => ({
    lists1: [trackFacts(track), unit],
    lists2: [unitFactsList(unit), track],
  }),
};

export interface FactsQuery {
  track?: Track | undefined;
  unit?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** The facts of a track's units, or of one unit. @throws InvalidInput naming the field that is wrong; ViewMissing */
export async function listFacts(deps: ViewDeps, query: FactsQuery): Promise<AnswerPage<FactsEntry>> {
  const { track, unit, limit, cursor } = query;
  checkOneOf('track', track, TRACKS);
  if (unit !== undefined && !idSchema.safeParse(unit).success) {
    throw new InvalidInput('unit: not an id', { field: 'unit', expected: 'the id of a unit' });
  }
  const lists =
    unit === undefined ? (track === undefined ? [...TRACKS] : [track]).map(trackFacts) : [unitFactsList(unit)];
  return pageOfLists(deps, factsView, {
    index: unit === undefined ? 'lists1' : 'lists2',
    lists,
    identity: { track, unit },
    limit,
    cursor,
    required: true,
    descending: false,
    wanted: (doc) => track === undefined || doc.track === track,
  });
}

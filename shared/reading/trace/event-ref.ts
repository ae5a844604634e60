// How an answer names an event: enough to look it up, to prove it (its position names the leaf), and to see who recorded it when.
import * as z from 'zod';
import { definitionOf, type DaochaEvent } from '../../../events/catalogue.ts';
import { actorSchema, instantSchema } from '../../../events/envelope.ts';
import type { Placed } from '../views/view.ts';

export const eventRefSchema = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    zh: z.string().describe('the Chinese name of its type'),
    stream: z.string(),
    version: z.int(),
    position: z.int().describe('log position: names its leaf in a proof bundle'),
    occurredAt: instantSchema.describe('when it is said to have happened'),
    recordedAt: instantSchema.describe("by the server's clock"),
    late: z.boolean().describe('recorded late or back-dated: see `late` of the answer'),
    lateBasis: z.string().optional().describe('on what a claimed time rests, in the words of whoever recorded it'),
    by: actorSchema,
    derived: z.boolean().describe("inferred from somebody else's register"),
  })
  .meta({ id: 'EventRef' });
export type EventRef = z.infer<typeof eventRefSchema>;
export const eventRefs = z.array(eventRefSchema).describe('the events that the fact rests on');

export function refOf({ position, event }: Placed, late: boolean): EventRef {
  const { id, type, stream, version, occurredAt, recordedAt, lateBasis, actor, derived } = event;
  return {
    id,
    type,
    zh: definitionOf(type).zh,
    stream,
    version,
    position,
    occurredAt,
    recordedAt,
    late,
    ...(lateBasis === undefined ? {} : { lateBasis }),
    by: actor,
    derived: derived !== undefined,
  };
}

/** In order of the time at which they happened, within a stream of its versions: never in that in which they came into the log. */
export function inOrder(placed: readonly Placed[]): Placed[] {
  return placed.toSorted((a, b) => compareEvents(a.event, b.event));
}

function compareEvents(a: DaochaEvent, b: DaochaEvent): number {
  return byText(a.occurredAt, b.occurredAt) || byText(a.stream, b.stream) || a.version - b.version;
}

/** By code units. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

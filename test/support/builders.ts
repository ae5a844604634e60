// Builders of events for tests: an envelope that is right, in which a test says only what it is about. Times start at T0 and go on
// by an hour an event, so that a story told in order also happened in order.
import * as z from 'zod';
import { definitionOf, type DaochaEvent, type Draft, type EventType } from '../../events/catalogue.ts';
import { streamKey, type Actor, type Category, type Envelope } from '../../events/envelope.ts';

export const TENANT = 'liantang';
/** 10 in the morning in town. */
export const T0 = '2025-05-08T02:00:00.000Z';
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** An instant `ms` after T0, or after another one. */
export function later(ms: number, from: string = T0): string {
  return new Date(Date.parse(from) + ms).toISOString();
}

export function actor(person = 'p-inspector-1', organisation = 'guijianban'): Actor {
  return { person, post: '科员', organisation };
}

/** What a test may say about an event besides its draft. */
export type About = Partial<Omit<Envelope, 'type'>>;

/** A second person is written in when what they confirm is recorded, not when it is decided. */
export function secondOf(type: EventType): { approver?: string } {
  const { approver } = (definitionOf(type).data as z.ZodObject).shape;
  return approver && !(approver instanceof z.ZodOptional) ? { approver: 'p-office' } : {};
}

/** An event as recorded: the draft in an envelope. Version and time follow from `version` unless said otherwise. */
export function eventOf(category: Category, id: string, version: number, draft: Draft, about: About = {}): DaochaEvent {
  const { type, data, ...own } = draft;
  const at = later((version - 1) * HOUR);
  return {
    id: `${category}/${id}/${version}`,
    type,
    schema: definitionOf(type).schema,
    tenant: TENANT,
    stream: streamKey(TENANT, category, id),
    version,
    occurredAt: at,
    recordedAt: at,
    actor: actor(),
    source: 'api',
    ruleSet: 1,
    command: `c-${version}`,
    ...(category === 'unit' ? { unit: id } : {}),
    ...own,
    ...about,
    data: { ...secondOf(type), ...data },
  } as DaochaEvent;
}

/** The example of an event type, in an envelope. */
export function exampleOf(type: EventType, about: About = {}): DaochaEvent {
  const { category, example } = definitionOf(type);
  return eventOf(category, `${category[0]}_1`, 1, { type, data: structuredClone(example) } as Draft, about);
}

// Views `deliveries` (消息送达) and `carried`: one entry a message, those that failed before those that were delivered, each by time, newest
// first; and, for every event that was sent to anybody, to whom and with which outcome.
import * as z from 'zod';
import { CHANNELS, GIVEN_UP, type DeliveryEvent } from '../../../events/delivery.ts';
import { idSchema, parseStreamKey } from '../../../events/envelope.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { DocumentView } from '../views/view.ts';

export const DELIVERY_STATUSES = ['failed', 'delivered'] as const;

export const deliveryEntrySchema = z
  .strictObject({
    message: idSchema,
    channel: z.enum(CHANNELS),
    organisation: idSchema,
    name: idSchema.nullable().describe('which channel, when the organisation has several of a kind'),
    status: z.enum(DELIVERY_STATUSES),
    carries: z.array(z.string()).describe('ids of the events that it carries'),
    round: z.int().describe('more than 1: sent again after it had failed'),
    attempts: z.int().describe('in the last round'),
    /** when the attempt began that the channel took */
    sentAt: z.string().nullable(),
    answer: z.string().nullable().describe('what the channel answered'),
    why: z.enum(GIVEN_UP).nullable().describe('why it was given up, in the last round that failed'),
    error: z.string().nullable(),
    at: z.string().describe('when the last outcome was recorded'),
  })
  .meta({ id: 'DeliveryRow' });
export type DeliveryEntry = z.infer<typeof deliveryEntrySchema>;

/** What became of one event at one channel. */
export type CarriedIn = Omit<DeliveryEntry, 'carries'>;
export interface CarriedEntry {
  event: string;
  /** in the order in which the messages had their first outcome */
  messages: CarriedIn[];
}

const isDelivery = (event: DaochaEvent): event is DeliveryEvent =>
  event.type === 'MessageDelivered' || event.type === 'MessageFailed';

function entryOf(before: DeliveryEntry | undefined, event: DeliveryEvent): DeliveryEntry {
  const { channel, organisation, name, carries, round, attempts } = event.data;
  const known = {
    message: parseStreamKey(event.stream).id,
    channel,
    organisation,
    name: name ?? null,
    carries,
    round,
    attempts,
    at: event.recordedAt,
  };
  if (event.type === 'MessageFailed') {
    return { ...known, status: 'failed', sentAt: null, answer: null, why: event.data.why, error: event.data.error };
  }
  return {
    ...known,
    status: 'delivered',
    sentAt: event.data.sentAt,
    answer: event.data.answer ?? null,
    why: before?.why ?? null,
    error: before?.error ?? null,
  };
}

export const ALL_DELIVERIES = 'all';
export const organisationDeliveries = (organisation: string): string => `org#${organisation}`;
export const DELIVERY_SK = 'message';
export const CARRIED_SK = 'messages';

const LATEST = 9_999_999_999_999;
/** Failed ones first, then newest first; ends in the message's id, so that no two are equal. */
export function deliveryOrder({ status, at, message }: DeliveryEntry): string {
  const backward = String(LATEST - Date.parse(at)).padStart(13, '0');
  return `${status === 'failed' ? 0 : 1}#${backward}#${message}`;
}
/** Every order key of the delivered comes after it, and of the failed before it. */
export const DELIVERED_FROM = '1';

export const deliveriesView: DocumentView<DeliveryEntry> = {
  kind: 'documents',
  name: 'deliveries',
  shape: 1,
  keys: (event) => (isDelivery(event) ? [{ key: parseStreamKey(event.stream).id, sk: DELIVERY_SK }] : []),
  fold: (doc, { event }) => (isDelivery(event) ? entryOf(doc, event) : doc),
  places: (doc) => ({
    lists1: [ALL_DELIVERIES, deliveryOrder(doc)],
    lists2: [organisationDeliveries(doc.organisation), deliveryOrder(doc)],
  }),
};

export const carriedView: DocumentView<CarriedEntry> = {
  kind: 'documents',
  name: 'carried',
  shape: 1,
  keys: (event) => (isDelivery(event) ? event.data.carries.map((id) => ({ key: id, sk: CARRIED_SK })) : []),
  fold: (doc, { event }, { key }) => {
    if (!isDelivery(event)) return doc;
    const messages = doc?.messages ?? [];
    const id = parseStreamKey(event.stream).id;
    const before = messages.find(({ message }) => message === id);
    const { carries: _, ...now } = entryOf(before && { ...before, carries: [] }, event);
    return {
      event: key,
      messages: before ? messages.map((each) => (each.message === id ? now : each)) : [...messages, now],
    };
  },
};

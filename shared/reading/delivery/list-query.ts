// Queries over messages (消息送达): the list of them, failed first, and the outcome of those about given events (a reminder, a case).
import { idSchema } from '../../../events/envelope.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { batchGet } from '../../record/log/batch.ts';
import { loadedOf, itemKey } from '../views/apply.ts';
import { checkOneOf } from '../views/cursor.ts';
import {
  ALL_DELIVERIES,
  CARRIED_SK,
  carriedView,
  deliveriesView,
  DELIVERED_FROM,
  DELIVERY_STATUSES,
  organisationDeliveries,
  type CarriedEntry,
  type CarriedIn,
  type DeliveryEntry,
} from './list.ts';
import { currentGeneration } from '../views/generation.ts';
import { pageOfLists } from '../views/list-page.ts';
import type { AnswerPage } from '../views/page.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';

export interface DeliveryQuery {
  status?: (typeof DELIVERY_STATUSES)[number] | undefined;
  organisation?: string | undefined;
  /** only messages that carry this event */
  event?: string | undefined;
  /** 1 to 100, default 20 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Messages, failed ones first, then the newest. @throws InvalidInput naming the field that is wrong */
export async function listDeliveries(deps: ViewDeps, query: DeliveryQuery): Promise<AnswerPage<DeliveryEntry>> {
  checkOneOf('status', query.status, DELIVERY_STATUSES);
  if (query.organisation !== undefined && !idSchema.safeParse(query.organisation).success) {
    throw new InvalidInput('organisation: not an id', { field: 'organisation', expected: 'the id of an organisation' });
  }
  const { limit, cursor, ...asked } = query;
  const list = query.organisation === undefined ? ALL_DELIVERIES : organisationDeliveries(query.organisation);
  return pageOfLists(deps, deliveriesView, {
    index: query.organisation === undefined ? 'lists1' : 'lists2',
    lists: [list],
    identity: asked,
    limit,
    cursor,
    descending: false,
    after: query.status === 'delivered' ? DELIVERED_FROM : undefined,
    ...(query.status === 'failed' && { below: DELIVERED_FROM }),
    wanted: (doc) => query.event === undefined || doc.carries.includes(query.event),
  });
}

/**
 * For each of these events, the messages that carried it to somebody, with channel, organisation and outcome; none for
 * one that was sent to nobody, or of whose message nothing has been recorded yet.
 * @param events ids such as `hazard/h_1/6`
 */
export async function deliveriesOf(deps: ViewDeps, events: readonly string[]): Promise<Map<string, CarriedIn[]>> {
  const generation = await currentGeneration(deps);
  const ids = [...new Set(events)];
  const keys = ids.map((id) => itemKey(viewPartition(deps.tenant, generation, carriedView.name, id), CARRIED_SK));
  const found = (await batchGet(deps.dynamo, deps.views, keys, deps.backoff)).flatMap(
    (item) => loadedOf<CarriedEntry>(item).doc ?? [],
  );
  const messages = new Map(found.map((entry) => [entry.event, entry.messages]));
  return new Map(ids.map((id) => [id, messages.get(id) ?? []]));
}

// Composing (汇总): as many of a channel's due events as fit become one message, in the order of the log. What the text
// needs is read here: the events themselves, and the names of units from the views.
import { createHash } from 'node:crypto';
import { decodeEvent } from '../../events/catalogue.ts';
import type { CampaignDefinition } from '../../events/campaign.ts';
import { MAX_CARRIED } from '../../events/delivery.ts';
import { addressees, isNotice } from '../../shared/rules/reminder/notice.ts';
import { batchGet } from '../../shared/record/log/batch.ts';
import { getCommits } from '../../shared/record/store/store.ts';
import { loadedOf, itemKey } from '../../shared/reading/views/apply.ts';
import { currentGeneration } from '../../shared/reading/views/generation.ts';
import { UNIT_ENTRY_SK, unitsView, type UnitEntry } from '../../shared/reading/unit/list.ts';
import { unitOf, viewPartition, type ViewDeps } from '../../shared/reading/views/view.ts';
import { partsOf } from './channels.ts';
import type { Adapter, Message, Notice } from './message.ts';
import type { Due, Pending, Reference } from './outbox.ts';
import { DAY_MS } from '../../shared/town-time.ts';

export interface ComposeDeps {
  views: ViewDeps;
  campaign: CampaignDefinition | null;
  /** address of the console, without a trailing slash */
  console: string | undefined;
}

/** What is older when it could be sent is not sent automatically any more: it is recorded as expired, and can be sent by hand. */
export const STALE_MS = 7 * DAY_MS;

/**
 * The message that a channel gets next, from what is due, oldest first; at least one event is in it.
 * @param today by the clock that events are recorded by; `now` is the world's
 */
export async function compose(
  deps: ComposeDeps,
  channel: string,
  due: readonly [Due, ...Due[]],
  adapter: Pick<Adapter<never>, 'most' | 'fits'>,
  { now, today }: { now: Date; today: Date },
): Promise<{ pending: Pending; message: Message }> {
  const isStale = ({ recordedAt }: Due): boolean => today.getTime() - Date.parse(recordedAt) > STALE_MS;
  const fresh = due.findIndex((each) => !isStale(each));
  if (fresh !== 0) {
    const stale = due.slice(0, Math.min(fresh === -1 ? due.length : fresh, MAX_CARRIED));
    const error = `recorded more than ${STALE_MS / DAY_MS} days before it could be sent`;
    return whole(deps, channel, { ...pendingOf(channel, stale, now), hopeless: { why: 'expired', error } });
  }
  const stale = due.findIndex(isStale);
  const most = due.slice(0, Math.min(stale === -1 ? due.length : stale, adapter.most, MAX_CARRIED));
  const all = await whole(deps, channel, pendingOf(channel, most, now));
  const first = (count: number): { pending: Pending; message: Message } => {
    const pending = pendingOf(channel, most.slice(0, count), now);
    return { pending, message: { ...all.message, id: pending.id, notices: all.message.notices.slice(0, count) } };
  };
  // The most that fit, by halving; one alone is tried whatever its size.
  let [low, high] = [1, most.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (adapter.fits(first(middle).message)) low = middle;
    else high = middle - 1;
  }
  return first(low);
}

function pendingOf(channel: string, carried: readonly Due[], now: Date): Pending {
  const carries = carried.map(({ id, position, stream, commit, version }): Reference => ({
    id,
    position,
    stream,
    commit,
    version,
  }));
  return { id: messageId(channel, carries), round: 1, carries, attempts: 0, since: now.toISOString() };
}

/** Made from the channel and what it carries: whoever composes the same message gives it the same id. */
export function messageId(channel: string, carries: readonly Pick<Reference, 'id'>[]): string {
  const text = JSON.stringify([channel, ...carries.map(({ id }) => id)]);
  return `m_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
}

/** A message as composed, with its events and the names in it. */
export async function whole(
  deps: ComposeDeps,
  channel: string,
  pending: Pending,
): Promise<{ pending: Pending; message: Message }> {
  const { organisation } = partsOf(channel);
  const notices = await noticesOf(deps, organisation, pending.carries);
  const { campaign, console } = deps;
  return { pending, message: { id: pending.id, organisation, notices, campaign, console } };
}

async function noticesOf(
  { views, campaign }: ComposeDeps,
  organisation: string,
  carries: readonly Reference[],
): Promise<Notice[]> {
  const keys = carries.map(({ stream, commit }) => ({ stream, version: commit }));
  const commits = await getCommits({ dynamo: views.dynamo, table: views.events }, keys);
  const found = carries.flatMap(({ position, version, commit }, index) => {
    const bytes = commits[index]?.events[version - commit];
    const event = bytes && decodeEvent(bytes);
    return event && isNotice(event) ? [{ position, event }] : [];
  });
  const names = await unitNames(
    views,
    found.flatMap(({ event }) => unitOf(event) ?? []),
  );
  return found.map(({ position, event }) => ({
    position,
    event,
    posts: addressees(event, campaign).find((one) => one.organisation === organisation)?.posts ?? [],
    unit: names.get(unitOf(event) ?? '') ?? null,
  }));
}

/** Names of units, as far as the views have them: a view that lags behind, or is being rebuilt, holds up no message. */
async function unitNames(views: ViewDeps, units: readonly string[]): Promise<Map<string, string>> {
  if (units.length === 0) return new Map();
  const generation = await currentGeneration(views);
  const keys = [...new Set(units)].map((unit) =>
    itemKey(viewPartition(views.tenant, generation, unitsView.name, unit), UNIT_ENTRY_SK),
  );
  const items = await batchGet(views.dynamo, views.views, keys, views.backoff);
  return new Map(
    items.flatMap((item) => {
      const { doc } = loadedOf<UnitEntry>(item);
      return doc ? [[doc.unit, doc.name] as const] : [];
    }),
  );
}

// Woken by new pages of the log: puts every event on the bus, as a CloudEvent, at least once, and moves its checkpoint
// only after all of a batch went. An event too large for the bus goes without its data rather than not at all.
import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Backoff } from '../../shared/record/log/batch.ts';
import type { Positioned } from '../../shared/record/log/read.ts';
import { makeFollower, type FollowerDeps, type StreamHandler } from '../runtime/follower.ts';
import { cloudEvent, withoutData, type CloudEvent } from './cloud-event.ts';
import { entryBytes, MAX_BYTES, putEvents } from './put-events.ts';

export interface PublishDeps extends Omit<FollowerDeps, 'name' | 'handle' | 'broken'> {
  bus: EventBridgeClient;
  /** name or ARN of the bus */
  busName: string;
  backoff?: Backoff;
}

/** The follower's name: its checkpoint in the log. */
export const PUBLISH = 'publish';

/** A Lambda handler for the LOG table's stream. */
export function makePublish({ bus, busName, backoff, ...follower }: PublishDeps): StreamHandler {
  return makeFollower({
    ...follower,
    name: PUBLISH,
    broken: 'retake',
    handle: (batch) =>
      putEvents(
        bus,
        batch.map((positioned) => busEntry(positioned, busName)),
        backoff,
      ),
  });
}

/** The entry for one event, without its data if it would be over the bus's limit by itself. */
export function busEntry(positioned: Positioned, busName: string): PutEventsRequestEntry {
  const event = cloudEvent(positioned);
  const whole = entryOf(positioned, event, busName);
  return entryBytes(whole) < MAX_BYTES ? whole : entryOf(positioned, withoutData(event), busName);
}

function entryOf({ event }: Positioned, detail: CloudEvent, busName: string): PutEventsRequestEntry {
  return {
    EventBusName: busName,
    Source: `daocha.${event.tenant}`,
    DetailType: event.type,
    Time: new Date(event.recordedAt),
    Detail: JSON.stringify(detail),
  };
}

// The log's own time. `recordedAt` is the word of whoever wrote a commit; when it came into the log is the sequencer's. Each page has both
// the sequencer's clock (`at`) and the log's time (`time`), which never runs backwards: a clock that was set back leaves it where it stood.
// A commit that names another time than its page is marked back-dated: on the page, and by position in a partition of its own. It is
// taken all the same, as it cannot be told from one whose delivery was lost; nobody can say that they did not know.
import { QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { Commit } from '../store/commit.ts';
import type { Item } from './batch.ts';
import { backDatedPartition, positionKey, type LogDeps } from './deps.ts';

/** How far a commit's time may be from its page's: deliveries that are tried again, clocks that differ. */
export const TOLERANCE_MS = 15 * 60_000;
/** How far two clocks of the platform may differ. */
export const SKEW_MS = 60_000;

export interface LogTime {
  /** the log's time (ISO); pages from before it was kept have none */
  time?: string;
  /** the sequencer's clock (ISO): before `time` when it had been set back */
  at?: string;
}

/** The time of the next page. @param before that of the page before it */
export const nextTime = (clock: Date, before: string | undefined): Required<LogTime> => {
  const at = clock.toISOString();
  return { time: before !== undefined && before > at ? before : at, at };
};

/** By how many milliseconds the sequencer's clock stood before the log's time, if by more than clocks differ. */
export const setBackBy = ({ time, at }: LogTime): number => {
  const behind = time === undefined || at === undefined ? 0 : Date.parse(time) - Date.parse(at);
  return behind > SKEW_MS ? behind : 0;
};

/** The time that a commit, or one of its events, names and that is not its page's; undefined when all are. */
export function foreignTime(commit: Pick<Commit, 'recordedAt' | 'events'>, time: string): string | undefined {
  const page = Date.parse(time);
  const told = [commit.recordedAt, ...commit.events.map(recordedAtOf)];
  return told.find((at) => !(Math.abs(Date.parse(at) - page) <= TOLERANCE_MS)); // no instant at all is none of its page's
}

const KEY = Buffer.from('"recordedAt":"');
const INSTANT = 24;

/** When an event says that it was recorded; empty when it does not say. Quotes within texts are escaped: what is found is a key. */
export function recordedAtOf(bytes: Uint8Array): string {
  const event = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = event.indexOf(KEY);
  if (at >= 0 && event.indexOf(KEY, at + 1) < 0) {
    return event.toString('latin1', at + KEY.length, at + KEY.length + INSTANT);
  }
  try {
    const told = (JSON.parse(event.toString('utf8')) as { recordedAt?: unknown } | null)?.recordedAt;
    return typeof told === 'string' ? told : '';
  } catch {
    return '';
  }
}

/** A commit that was marked. */
export interface BackDated {
  /** of its first event */
  position: number;
  stream: string;
  version: number;
  /** its events */
  count: number;
  /** the log's time when it came in */
  logged: string;
}

export const backDatedItem = (deps: LogDeps, { position, stream, version, count, logged }: BackDated): Item => ({
  pk: { S: backDatedPartition(deps.tenant) },
  sk: { S: positionKey(position) },
  stream: { S: stream },
  version: { N: String(version) },
  count: { N: String(count) },
  logged: { S: logged },
});

/** What was marked from one position to another, both included. */
export async function backDatedBetween(deps: LogDeps, from: number, to: number): Promise<BackDated[]> {
  const found: BackDated[] = [];
  let start: Item | undefined;
  do {
    const page: QueryCommandOutput = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.log,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': { S: backDatedPartition(deps.tenant) },
          ':from': { S: positionKey(from) },
          ':to': { S: positionKey(to) },
        },
        ConsistentRead: true,
        Limit: 1000,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) {
      found.push({
        position: Number(item['sk']!.S),
        stream: item['stream']!.S!,
        version: Number(item['version']!.N),
        count: Number(item['count']!.N),
        logged: item['logged']!.S!,
      });
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}

// The outbox (待发箱): what still has to go to which channel, kept in LOG under `<tenant>#outbox`, beside the followers'
// checkpoints. It holds references to events, never their content. Sort keys: `due#<channel>#<position>` one event that
// is to go out; `channel#<channel>` how the channel is doing and the one message that it is about to be sent;
// `dead#<channel>#<message>` a message that was given up; `again#…` one that somebody wants sent once more. Every
// change of a channel's state is a compare-and-swap on its revision: whoever comes second stops.
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import type { GivenUp } from '../../events/delivery.ts';
import { batchPut } from '../../shared/record/log/batch.ts';
import { positionKey, type LogDeps } from '../../shared/record/log/deps.ts';

type Item = Record<string, AttributeValue>;

/** Where an event is: its place in the log, its commit, its version in the stream. */
export interface Reference {
  id: string;
  position: number;
  stream: string;
  /** version of the commit's first event */
  commit: number;
  version: number;
}

/** An event that is to go to a channel. */
export interface Due extends Reference {
  /** when the event was recorded */
  recordedAt: string;
}

/** A message as composed: from then on it carries these events and no others, so that an attempt after a crash is the same message. */
export interface Pending {
  id: string;
  round: number;
  carries: Reference[];
  /** attempts of this round that were begun */
  attempts: number;
  /** when this round began */
  since: string;
  /** it is not to be tried at all */
  hopeless?: { why: GivenUp; error: string };
}

export interface ChannelState {
  /** raised with every write; 0: not stored yet */
  revision: number;
  /** every due event before this position has been put into a message; one that comes (again) later is a repetition */
  upTo: number;
  /** whoever holds the channel has it until then */
  leased: string | null;
  /** nothing is tried before */
  notBefore: string | null;
  /** attempts in a row that came to nothing */
  failures: number;
  lastError: string | null;
  /** when messages were sent lately, milliseconds since 1970 */
  sent: number[];
  message: Pending | null;
}

/** A message that was given up, as it can be sent again. */
export interface DeadLetter {
  channel: string;
  message: string;
  /** the round in which it was given up */
  round: number;
  carries: Reference[];
  why: GivenUp;
  error: string;
  at: string;
}

const NEW_CHANNEL: ChannelState = {
  revision: 0,
  upTo: 0,
  leased: null,
  notBefore: null,
  failures: 0,
  lastError: null,
  sent: [],
  message: null,
};

export const outboxPartition = (tenant: string): string => `${tenant}#outbox`;
const key = (deps: LogDeps, sk: string): Item => ({ pk: { S: outboxPartition(deps.tenant) }, sk: { S: sk } });
const dueKey = (channel: string, position: number): string => `due#${channel}#${positionKey(position)}`;
/** Sorts after everything that continues a key part: ids are ASCII. */
const END = '\uffff';
const PAGE = 200;

/** Notes what is to go to which channel; doing it again changes nothing. */
export async function putDue(deps: LogDeps, due: readonly (Due & { channel: string })[]): Promise<void> {
  const items = due.map(({ channel, ...reference }) => ({
    ...key(deps, dueKey(channel, reference.position)),
    content: { S: JSON.stringify(reference) },
  }));
  await batchPut(deps.dynamo, deps.log, items, deps.backoff);
}

/** What is to go to a channel, of events before position `before`, in order of the log, at most `limit`. */
export async function readDueMessages(deps: LogDeps, channel: string, before: number, limit: number): Promise<Due[]> {
  if (before <= 0) return [];
  const items = await between(deps, dueKey(channel, 0), dueKey(channel, before - 1), limit);
  return items.map((item) => JSON.parse(item['content']!.S!) as Due);
}

/** Takes due events out. What stays because the table is busy does no harm: `upTo` tells that it is a repetition. */
export async function dropDue(deps: LogDeps, channel: string, positions: readonly number[]): Promise<void> {
  for (let start = 0; start < positions.length; start += 25) {
    const requests = positions
      .slice(start, start + 25)
      .map((position) => ({ DeleteRequest: { Key: key(deps, dueKey(channel, position)) } }));
    await deps.dynamo.send(new BatchWriteItemCommand({ RequestItems: { [deps.log]: requests } }));
  }
}

/** Channels that have something to do: events due, a message begun, a message to be sent again. */
export async function busyChannels(deps: LogDeps): Promise<string[]> {
  const busy = new Set<string>();
  for (const [channel, state] of await readStates(deps)) if (state.message) busy.add(channel);
  for (const kind of ['due', 'again']) {
    // from one channel's first entry to the next channel's: one small read for each
    let from = `${kind}#`;
    for (;;) {
      const [item] = await between(deps, from, `${kind}#${END}`, 1);
      const channel = item?.['sk']?.S?.split('#')[1];
      if (channel === undefined) break;
      busy.add(channel);
      from = `${kind}#${channel}#${END}`;
    }
  }
  return [...busy].toSorted();
}

/** The state of every channel that ever had anything to do. */
export async function readStates(deps: LogDeps): Promise<Map<string, ChannelState>> {
  const items = await between(deps, 'channel#', `channel#${END}`);
  return new Map(items.map((item) => [item['sk']!.S!.slice('channel#'.length), stateOf(item)]));
}

export async function readState(deps: LogDeps, channel: string): Promise<ChannelState> {
  const { Item: item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: key(deps, `channel#${channel}`), ConsistentRead: true }),
  );
  return item ? stateOf(item) : NEW_CHANNEL;
}

const stateOf = (item: Item): ChannelState => ({
  ...(JSON.parse(item['content']!.S!) as ChannelState),
  revision: Number(item['revision']!.N),
});

/** Writes the next revision of a state; undefined when somebody else has written meanwhile: then nothing was written. */
export async function writeState(
  deps: LogDeps,
  channel: string,
  { revision, ...content }: ChannelState,
): Promise<ChannelState | undefined> {
  try {
    await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.log,
        Item: {
          ...key(deps, `channel#${channel}`),
          revision: { N: String(revision + 1) },
          content: { S: JSON.stringify(content) },
        },
        ...(revision === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#revision = :revision',
              ExpressionAttributeNames: { '#revision': 'revision' },
              ExpressionAttributeValues: { ':revision': { N: String(revision) } },
            }),
      }),
    );
    return { ...content, revision: revision + 1 };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

const letterKey = (kind: 'dead' | 'again', { channel, message }: Pick<DeadLetter, 'channel' | 'message'>): string =>
  `${kind}#${channel}#${message}`;

export async function putDeadLetter(deps: LogDeps, letter: DeadLetter): Promise<void> {
  await putLetter(deps, 'dead', letter);
}

/** Messages that were given up, of one channel or of all. */
export async function deadLetters(deps: LogDeps, channel?: string): Promise<DeadLetter[]> {
  return letters(deps, 'dead', channel);
}

/** Messages that somebody wants sent again. */
export async function toSendAgain(deps: LogDeps, channel?: string): Promise<DeadLetter[]> {
  return letters(deps, 'again', channel);
}

/** Has a message that was given up sent again, in its next round. Stopped half-way it is in both places, which does no harm. */
export async function putBack(deps: LogDeps, letter: DeadLetter): Promise<void> {
  await putLetter(deps, 'again', letter);
  await remove(deps, letterKey('dead', letter));
}

/** The next round has begun. */
export async function dropAgain(deps: LogDeps, letter: DeadLetter): Promise<void> {
  await remove(deps, letterKey('again', letter));
}

async function putLetter(deps: LogDeps, kind: 'dead' | 'again', letter: DeadLetter): Promise<void> {
  const item = { ...key(deps, letterKey(kind, letter)), content: { S: JSON.stringify(letter) } };
  await deps.dynamo.send(new PutItemCommand({ TableName: deps.log, Item: item }));
}

async function letters(deps: LogDeps, kind: 'dead' | 'again', channel: string | undefined): Promise<DeadLetter[]> {
  const prefix = channel === undefined ? `${kind}#` : `${kind}#${channel}#`;
  const items = await between(deps, prefix, `${prefix}${END}`);
  return items.map((item) => JSON.parse(item['content']!.S!) as DeadLetter);
}

async function remove(deps: LogDeps, sk: string): Promise<void> {
  await deps.dynamo.send(new DeleteItemCommand({ TableName: deps.log, Key: key(deps, sk) }));
}

/** Entries of the outbox by sort key, strongly consistent. */
async function between(deps: LogDeps, from: string, to: string, limit = Number.POSITIVE_INFINITY): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.log,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': { S: outboxPartition(deps.tenant) },
          ':from': { S: from },
          ':to': { S: to },
        },
        ConsistentRead: true,
        Limit: Math.min(PAGE, limit - items.length),
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start && items.length < limit);
  return items;
}

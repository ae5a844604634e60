// One item of the EVENTS table is one commit: the events of one command, in order. Its hash covers everything in it and the hash
// of the stream's commit before, so that a missing, moved or altered commit breaks the chain.
import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export interface CommitKey {
  stream: string;
  /** version of the commit's first event, from 1 */
  version: number;
}

export interface Commit extends CommitKey {
  /** version after the commit's last event: `version + events.length` */
  next: number;
  /** exact stored bytes of each event */
  events: Uint8Array[];
  /** idempotency key */
  command: string;
  /** fingerprint of the request: the same key with another body is a mistake of the caller */
  request: string;
  /** reference of the person who acted */
  person: string;
  recordedAt: string;
  /** id of the event that led to this commit */
  cause?: string;
  /** every part of a commit that spans streams, this one included */
  parts?: CommitKey[];
  /** hash of the stream's previous commit; 32 zero bytes before the first */
  prev: Uint8Array;
  hash: Uint8Array;
  /** SHA-256 of the token by which it was sent, base64url; under the acceptance, not under the hash */
  token?: string;
  /** by which component it was accepted, with its signature (acceptance.ts) */
  accepted?: string;
}

export const NO_COMMIT: Uint8Array = new Uint8Array(32);
export type Item = Record<string, AttributeValue>;

/**
 * SHA-256 over everything in the commit. Each field has its length before it, so that no two different commits give the same input.
 * Format: `daocha/commit/v1\n`, prev, then 4-byte big-endian length + bytes of stream, version, next, command, request, person,
 * recordedAt, cause (empty when none), parts (`stream@version`, joined by newline) and each event.
 */
export function commitHash(commit: Omit<Commit, 'hash' | 'token' | 'accepted'>): Uint8Array {
  const hash = createHash('sha256').update('daocha/commit/v1\n').update(commit.prev);
  const field = (bytes: Uint8Array | string): void => {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(buffer.length);
    hash.update(length).update(buffer);
  };
  field(commit.stream);
  field(String(commit.version));
  field(String(commit.next));
  field(commit.command);
  field(commit.request);
  field(commit.person);
  field(commit.recordedAt);
  field(commit.cause ?? '');
  field((commit.parts ?? []).map((part) => `${part.stream}@${part.version}`).join('\n'));
  for (const event of commit.events) field(event);
  return new Uint8Array(hash.digest());
}

export function itemFromCommit(commit: Commit): Item {
  const item: Item = {
    stream: { S: commit.stream },
    version: { N: String(commit.version) },
    events: { L: commit.events.map((bytes) => ({ B: bytes })) },
    command: { S: commit.command },
    request: { S: commit.request },
    person: { S: commit.person },
    recordedAt: { S: commit.recordedAt },
    next: { N: String(commit.next) },
    prev: { B: commit.prev },
    hash: { B: commit.hash },
  };
  for (const name of ['cause', 'token', 'accepted'] as const) {
    const value = commit[name];
    if (value !== undefined) item[name] = { S: value };
  }
  if (commit.parts) {
    item['parts'] = {
      L: commit.parts.map((part) => ({ M: { stream: { S: part.stream }, version: { N: String(part.version) } } })),
    };
  }
  return item;
}

/** @throws NoCommit naming the attribute */
export function commitFromItem(item: Item): Commit {
  const commit: Commit = {
    stream: text(item, 'stream'),
    version: number(item, 'version'),
    next: number(item, 'next'),
    events: list(item, 'events').map((value) => bytesOf(value, 'events')),
    command: text(item, 'command'),
    request: text(item, 'request'),
    person: text(item, 'person'),
    recordedAt: text(item, 'recordedAt'),
    prev: bytesOf(item['prev'], 'prev'),
    hash: bytesOf(item['hash'], 'hash'),
  };
  for (const name of ['cause', 'token', 'accepted'] as const) if (item[name]) commit[name] = text(item, name);
  if (item['parts']) {
    commit.parts = list(item, 'parts').map((part) => ({
      stream: text(part.M ?? {}, 'stream'),
      version: number(part.M ?? {}, 'version'),
    }));
  }
  return commit;
}

/** Bytes that DynamoDB counts for an item: names and values (AWS Developer Guide, “Item sizes and formats”). */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, element) => sum + 1 + valueSize(element), 0);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

function text(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw notACommit(name, 'a string');
  return value;
}

function number(item: Item, name: string): number {
  const value = Number(item[name]?.N);
  if (!Number.isSafeInteger(value)) throw notACommit(name, 'a whole number');
  return value;
}

function list(item: Item, name: string): AttributeValue[] {
  const value = item[name]?.L;
  if (!value) throw notACommit(name, 'a list');
  return value;
}

function bytesOf(value: AttributeValue | undefined, name: string): Uint8Array {
  if (!value?.B) throw notACommit(name, 'bytes');
  return value.B;
}

/** A stored item was made something else: nobody who appends writes such a one. */
export class NoCommit extends Error {}

const notACommit = (name: string, expected: string): NoCommit =>
  new NoCommit(`not a commit: attribute ${name} should be ${expected}`);

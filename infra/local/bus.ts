// The event bus on one machine: speaks EventBridge's PutEvents (AWS JSON 1.1), refuses what the real one refuses, and hands
// each event to the rules of the template, to subscribers in this process, and to whoever listens at /dev/events
// (server-sent events), so that one can watch them flow. Nothing is kept: the log is what lasts.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An event as EventBridge hands it to a target. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

interface PutEntry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  Time?: number;
  Resources?: string[];
}

interface ResultEntry {
  EventId?: string;
  ErrorCode?: string;
  ErrorMessage?: string;
}

export interface Bus {
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: BusEvent, bus: string) => void): () => void;
  /** Answers a PutEvents request. */
  put(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Streams all events that come from now on, until the client goes away. */
  stream(request: IncomingMessage, response: ServerResponse): void;
  /** Ends all streams. */
  close(): void;
}

const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;
const MAX_BODY = 2_000_000;

/** @param buses names of those declared; `default` is always there */
export function makeBus(buses: readonly string[], now: () => Date = () => new Date()): Bus {
  const names = new Set(['default', ...buses]);
  const listeners = new Set<(event: BusEvent, bus: string) => void>();
  const streams = new Set<ServerResponse>();

  const accept = (entry: PutEntry): ResultEntry => {
    const refused = refusal(entry);
    if (refused !== undefined) return refused;
    const name = (entry.EventBusName ?? 'default').split('/').at(-1) ?? 'default';
    const id = randomUUID();
    if (!names.has(name)) return { EventId: id }; // the real one swallows events for a bus that does not exist
    const event: BusEvent = {
      version: '0',
      id,
      'detail-type': entry.DetailType ?? '',
      source: entry.Source ?? '',
      account: '000000000000',
      time: (entry.Time === undefined ? now() : new Date(entry.Time * 1000)).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: 'us-east-1',
      resources: entry.Resources ?? [],
      detail: JSON.parse(entry.Detail ?? '{}'),
    };
    for (const listener of listeners) listener(event, name);
    return { EventId: id };
  };

  const put = async (request: IncomingMessage, response: ServerResponse) => {
    const fail = (type: string, message: string) =>
      answer(response, 400, { __type: type, message }, { 'x-amzn-errortype': type });
    const target = request.headers['x-amz-target'];
    if (
      request.method !== 'POST' ||
      typeof target !== 'string' ||
      !request.headers['content-type']?.startsWith('application/x-amz-json-1.1')
    ) {
      return fail(
        'UnknownOperationException',
        'Expected POST with content-type application/x-amz-json-1.1 and x-amz-target.',
      );
    }
    if (target !== 'AWSEvents.PutEvents')
      return fail('UnknownOperationException', `${target} is not offered here: only AWSEvents.PutEvents is.`);
    const body = await read(request);
    if (body === undefined)
      return fail('RequestEntityTooLargeException', `The request is larger than ${MAX_BODY} bytes.`);
    let entries: unknown;
    try {
      entries = (JSON.parse(body) as { Entries?: unknown }).Entries;
    } catch {
      return fail('SerializationException', 'The request is not JSON.');
    }
    if (!Array.isArray(entries) || entries.length === 0 || entries.length > MAX_ENTRIES) {
      return fail(
        'ValidationException',
        `Value at 'entries' failed to satisfy constraint: it must have 1 to ${MAX_ENTRIES} members.`,
      );
    }
    const bytes = entries.reduce((sum: number, entry: PutEntry) => sum + entrySize(entry), 0);
    if (bytes > MAX_BYTES) {
      return fail(
        'ValidationException',
        `Total size of the entries in the request is over the limit (${bytes} > ${MAX_BYTES} bytes).`,
      );
    }
    const results = (entries as PutEntry[]).map(accept);
    answer(response, 200, {
      FailedEntryCount: results.filter((r) => r.ErrorCode !== undefined).length,
      Entries: results,
    });
  };

  const subscribe: Bus['subscribe'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return {
    subscribe,
    put,
    stream(request, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      response.write(': daocha events\n\n');
      streams.add(response);
      const end = subscribe((event) =>
        response.write(`id: ${event.id}\nevent: ${event['detail-type']}\ndata: ${JSON.stringify(event)}\n\n`),
      );
      request.on('close', () => {
        end();
        streams.delete(response);
      });
    },
    close() {
      for (const stream of streams) stream.end();
    },
  };
}

/** The size that EventBridge counts: 14 bytes for a time, and the UTF-8 bytes of source, detail type, detail, resources. */
export function entrySize(entry: PutEntry): number {
  const bytes = (text: string | undefined) => Buffer.byteLength(text ?? '');
  return (
    (entry.Time === undefined ? 0 : 14) +
    bytes(entry.Source) +
    bytes(entry.DetailType) +
    bytes(entry.Detail) +
    (entry.Resources ?? []).reduce((sum, resource) => sum + bytes(resource), 0)
  );
}

function refusal(entry: PutEntry): ResultEntry | undefined {
  const wrong = (ErrorMessage: string): ResultEntry => ({ ErrorCode: 'InvalidArgument', ErrorMessage });
  if (!entry.Source) return wrong('Parameter Source is not valid. Reason: Source is a required argument.');
  if (entry.Source.startsWith('aws.'))
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: `Not authorized for the source ${entry.Source}.`,
    };
  if (!entry.DetailType) return wrong('Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  if (entry.DetailType.length > 128)
    return wrong('Parameter DetailType is not valid. Reason: it is longer than 128 characters.');
  if (!entry.Detail) return wrong('Parameter Detail is not valid. Reason: Detail is a required argument.');
  try {
    const detail: unknown = JSON.parse(entry.Detail);
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined;
  } catch {
    // told below
  }
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

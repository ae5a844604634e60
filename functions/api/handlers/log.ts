// The transparency log over HTTP: only what a checkpoint has been signed for is served, so that whoever asks can verify it.
import { idSchema } from '../../../events/envelope.ts';
import { cosignedNote, latestCosignature } from '../../../shared/record/attest/cosignatures.ts';
import { proveSubject } from '../../../shared/record/index/seal-index.ts';
import { latestTimeStamp } from '../../../shared/record/attest/timestamps.ts';
import { WHOLE } from '../../../shared/record/access/entry.ts';
import { type DaochaError, InvalidInput, NotFound } from '../../../events/errors.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { eventLeaf } from '../../../shared/record/log/leaf.ts';
import { readLog, readStored, type Positioned } from '../../../shared/record/log/read.ts';
import {
  checkpointFromOn,
  checkpointOf,
  checkpointUpTo,
  readSealed,
  type SignedCheckpoint,
} from '../../../shared/record/seal/checkpoints.ts';
import { tileReader } from '../../../shared/record/seal/tiles.ts';
import { base64 } from '../../../shared/record/tlog/bytes.ts';
import { MalformedTlog } from '../../../shared/record/tlog/errors.ts';
import { encodeEntries } from '../../../shared/record/tlog/entries.ts';
import { formatTlogProof } from '../../../shared/record/tlog/proof.ts';
import { proveConsistency, proveInclusion } from '../../../shared/record/tlog/proofs.ts';
import { TILE_WIDTH } from '../../../shared/record/tlog/subtree.ts';
import { tileHashReader } from '../../../shared/record/tlog/tile-build.ts';
import { parseTilePath, tileAt, tilePath, type HashTile, type Tile } from '../../../shared/record/tlog/tile.ts';
import type { HttpAnswer, ApiDeps, ApiCall, TypedHandlers } from '../handler-types.ts';
import { scopesOf } from '../permissions.ts';
import { LEVEL } from '../routes/log.ts';
import { readAboutUnit } from './streams.ts';

/** For those who may see it, and for them for ever. */
const FOR_EVER = 'private, max-age=31536000, immutable';

export const logHandlers = {
  getCheckpoint: async (deps, call) =>
    text(await cosignedNote(deps.views, await latestHaving(deps.views, call.query.having))),

  getVkey: async (deps) => {
    const sealed = await readSealed(deps.views);
    if (!sealed) throw nothingSigned();
    return text(`${sealed.vkey}\n`);
  },

  getTile: async (deps, call) => {
    const { level, index } = call.params;
    const tile = tileOf(level, index);
    await requireSigned(deps.views, tile);
    const [data] = await tileReader(deps.views)([tile as HashTile]);
    return bytes(data!);
  },

  getEntries: async (deps, call) => {
    const tile = tileOf('entries', call.params.index);
    await requireSigned(deps.views, tile);
    const events = await readLog(deps.views, tile.index * TILE_WIDTH, tile.width);
    return {
      ...bytes(encodeEntries(events.map((event) => event.bytes))),
      packable: 'the events one by one, at /v1/events/{position}',
    };
  },

  getEvent: async (deps, call) => {
    const { position } = call.params;
    const [found] = await readLog(deps.views, position, 1);
    if (!found) throw await beyond(deps.views, position);
    call.reads(found.event.unit ?? WHOLE);
    await authoriseEvent(deps, call, found);
    return {
      status: 200,
      body: {
        position,
        leaf: base64(eventLeaf(found.bytes)),
        entry: Buffer.from(found.bytes).toString('base64'),
        event: JSON.parse(Buffer.from(found.bytes).toString('utf8')),
      },
    };
  },

  getStoredEvent: async (deps, call) => {
    const { position } = call.params;
    call.authorise({});
    const stored = await readStored(deps.views, position);
    if (!stored) throw await beyond(deps.views, position);
    call.reads(unitIn(stored) ?? WHOLE);
    return { ...bytes(stored), headers: { 'content-type': 'application/octet-stream' } };
  },

  getProof: async (deps, call) => {
    const { position } = call.params;
    const checkpoint = await checkpointAsked(deps.views, call.query.size);
    const { size } = checkpoint;
    if (position >= size) {
      if (call.query.size === undefined) throw await beyond(deps.views, position);
      throw new InvalidInput(`size: the first ${size} events do not have position ${position}`, {
        field: 'size',
        expected: `a signed size of ${position + 1} or more`,
      });
    }
    const hashes = await proveInclusion(position, size, tileHashReader(size, tileReader(deps.views)));
    return text(formatTlogProof({ index: position, hashes, checkpoint: await cosignedNote(deps.views, checkpoint) }));
  },

  getIndexProof: async (deps, call) => {
    const { subject, size } = call.query;
    call.authorise({});
    call.reads(subject.startsWith('unit/') ? subject.slice('unit/'.length) : WHOLE);
    const checkpoint = await checkpointAsked(deps.views, size);
    return { status: 200, body: await proveSubject(deps.views, subject, checkpoint.size) };
  },

  getConsistency: async (deps, call) => {
    const { size } = await latest(deps.views);
    const { from, to = size } = call.query;
    if (to > size) throw await beyond(deps.views, to - 1, 'to');
    if (from > to) {
      throw new InvalidInput(`from: ${from} is larger than ${to}`, { field: 'from', expected: `at most ${to}` });
    }
    const hashes = await proveConsistency(from, to, tileHashReader(to, tileReader(deps.views)));
    return { status: 200, body: { from, to, hashes: hashes.map(base64) } };
  },
} satisfies TypedHandlers;

/** The tile that the parameters of a path name. @throws MalformedTlog naming the one that is wrong */
function tileOf(level: string, index: string): Tile {
  try {
    return parseTilePath(`tile/${level}/${index}`);
  } catch (error) {
    if (!(error instanceof MalformedTlog)) throw error;
    throw level === 'entries' || LEVEL.test(level)
      ? new MalformedTlog('index', 'x001/x234/067 for a whole tile, 067.p/112 for the first 112 entries of one')
      : new MalformedTlog('level', 'a whole number from 0 to 63');
  }
}

/** The unit that an event says it is about; what cannot be read says none. */
function unitIn(stored: Uint8Array): string | undefined {
  try {
    const { unit } = JSON.parse(Buffer.from(stored).toString('utf8')) as { unit?: unknown };
    return idSchema.safeParse(unit).data;
  } catch {
    return undefined;
  }
}

const text = (body: string): HttpAnswer<string> => ({
  status: 200,
  body,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
});

const bytes = (body: Uint8Array): HttpAnswer<Uint8Array> => ({
  status: 200,
  body,
  headers: { 'content-type': 'application/octet-stream', 'cache-control': FOR_EVER },
});

async function latest(log: LogDeps): Promise<SignedCheckpoint> {
  const checkpoint = await checkpointUpTo(log);
  if (!checkpoint) throw nothingSigned();
  return checkpoint;
}

const nothingSigned = (): NotFound =>
  new NotFound('nothing-signed', 'no checkpoint of this log has been signed yet', {
    expected: 'a moment later: checkpoints are signed a few seconds after new events came',
  });

/** The latest, or the latest that others have attested. */
async function latestHaving(log: LogDeps, having: 'cosignature' | 'time-stamp' | undefined): Promise<SignedCheckpoint> {
  if (having === undefined) return latest(log);
  const attested = await (having === 'cosignature' ? latestCosignature(log) : latestTimeStamp(log));
  const checkpoint = attested && (await checkpointOf(log, attested.size));
  if (checkpoint) return checkpoint;
  throw new NotFound('nothing-attested', `having: no checkpoint of this log has a ${having} yet`, {
    field: 'having',
    expected: 'nothing, for the latest as the log signed it; /v1/log/attestations says how it stands',
  });
}

/** The checkpoint of this size, or the latest. */
export async function checkpointAsked(log: LogDeps, size: number | undefined): Promise<SignedCheckpoint> {
  if (size === undefined) return latest(log);
  const found = await checkpointOf(log, size);
  if (found) return found;
  const near = await Promise.all([checkpointUpTo(log, size), checkpointFromOn(log, size)]);
  const signed = near.flatMap((checkpoint) => checkpoint?.size ?? []);
  throw new NotFound('size-not-signed', `size: no checkpoint was signed for ${size} events`, {
    field: 'size',
    expected: signed.length > 0 ? `a signed size; the nearest are ${signed.join(' and ')}` : 'a signed size',
  });
}

/** What is wrong with a position that is not among the signed events. */
async function beyond(log: LogDeps, position: number, field = 'position'): Promise<DaochaError> {
  const { size } = await readHead(log);
  if (position < size) {
    return new NotFound('not-signed-yet', `position ${position} is in the log and not signed yet`, {
      field,
      expected: 'the same a few seconds later',
    });
  }
  return new NotFound('beyond-log', `position ${position} is beyond the log, which has ${size} events`, {
    field,
    expected: size === 0 ? 'an event in the log' : `at most ${field === 'to' ? size : size - 1}`,
  });
}

/** @throws NotFound if the tile is empty, or has fewer entries under the latest checkpoint */
async function requireSigned(log: LogDeps, tile: Tile): Promise<void> {
  const { size } = await latest(log);
  const there = tileAt(tile.level, tile.index, size);
  if (there && tile.width <= there.width) return;
  throw new NotFound('unknown-tile', `the signed log of ${size} events has no ${tilePath(tile)}`, {
    field: 'index',
    expected: there
      ? `${tilePath(there)} or a narrower one`
      : 'a tile of the signed log; /log/checkpoint says its size',
  });
}

/** Whoever reads all of the town, or may see the unit that the event is about. */
async function authoriseEvent(deps: ApiDeps, call: ApiCall, { event }: Positioned): Promise<void> {
  if (scopesOf(call.principal, call.action).includes('town')) return;
  call.authorise(event.unit === undefined ? {} : await readAboutUnit(deps, call, event.unit));
}

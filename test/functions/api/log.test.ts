// The transparency log over HTTP: what is served, as what, to whom, and what is answered to those who ask for what is not there.
import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../shared/rules/roles.ts';
import { checkpointUpTo } from '../../../shared/record/seal/checkpoints.ts';
import { base64, fromBase64 } from '../../../shared/record/tlog/bytes.ts';
import { openCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { bundleLeaves, decodeEntries } from '../../../shared/record/tlog/entries.ts';
import { leafHash } from '../../../shared/record/tlog/hash.ts';
import { noteVerifier } from '../../../shared/record/tlog/note.ts';
import { verifyTlogProof } from '../../../shared/record/tlog/proof.ts';
import { verifyConsistency } from '../../../shared/record/tlog/proofs.ts';
import { readRoot } from '../../../shared/record/tlog/tile-build.ts';
import { tilePath } from '../../../shared/record/tlog/tile.ts';
import { parseVkey } from '../../../shared/record/tlog/vkey.ts';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let auditor: string;
let unit: string;

/** 300 events signed at sizes of about 20 and of 300; then two that are not signed, and one that has no position. */
beforeAll(async () => {
  town = await makeTown();
  auditor = await town.as('auditor', 'office');
  const office = await town.as('office', 'office');
  const register = async (n: number): Promise<string> =>
    (await town.post('/v1/units', office, { name: `单位${n}`, area: 'village-01', tracks: ['gas'] })).body.id;
  unit = await register(0);
  for (let n = 1; n < 20; n++) await register(n);
  await town.settle();
  await town.seal();
  while ((await size()) < 300) {
    for (let n = 0; n < 40; n++) await register(n);
    await town.settle();
  }
  await town.seal();
  signed = await size();
  await register(0);
  await register(1);
  await town.settle();
  await register(2);
}, 60_000);
let signed: number;

const size = async (): Promise<number> => (await town.get('/health', auditor)).body.log.size;
const get = (path: string, token = auditor) => town.get(path, token);
const bytesOf = async (path: string): Promise<Uint8Array> => {
  const { status, body } = await get(path);
  expect(status, path).toBe(200);
  return new Uint8Array(body);
};

describe('what is served', () => {
  test('checkpoint and key are text, and one verifies the other', async () => {
    const checkpoint = await get('/log/checkpoint');
    expect(checkpoint.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
    const vkey = (await get('/log/vkey')).body;
    const opened = await openCheckpoint(checkpoint.body, { log: [noteVerifier(parseVkey(vkey.trim()))] });
    expect(opened).toMatchObject({ origin: 'daocha.invalid/liantang', size: signed });
    expect((await get('/health')).body.log.signed).toEqual({ size: signed, at: town.now.at.toISOString(), age: 0 });
  });

  test('tiles are bytes to be kept for ever; they and the entries lead to the signed root', async () => {
    const tile = await get('/log/tile/0/000');
    expect(tile.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    expect(tile.body).toHaveLength(8192);
    const { root } = await openCheckpoint((await get('/log/checkpoint')).body, {
      log: [noteVerifier(parseVkey((await get('/log/vkey')).body.trim()))],
    });
    const read = (tiles: readonly Parameters<typeof tilePath>[0][]) =>
      Promise.all(tiles.map((one) => bytesOf(`/log/${tilePath(one)}`)));
    expect(base64(await readRoot(signed, read))).toBe(base64(root));
    const entries = await bytesOf('/log/tile/entries/000');
    expect(Buffer.from(bundleLeaves(entries, 256))).toEqual(tile.body);
    const rest = await bytesOf(`/log/tile/entries/001.p/${signed - 256}`);
    expect(Buffer.from(bundleLeaves(rest, signed - 256))).toEqual(
      (await get(`/log/tile/0/001.p/${signed - 256}`)).body,
    );
  });

  test('a partial tile, in every width that the log has had', async () => {
    const full = await bytesOf('/log/tile/0/000');
    for (const width of [1, 7, 255]) {
      expect(await bytesOf(`/log/tile/0/000.p/${width}`)).toEqual(full.subarray(0, width * 32));
    }
    expect(decodeEntries(await bytesOf('/log/tile/entries/000.p/3'), 3)).toHaveLength(3);
  });

  test('entries are packed for those who take it so', async () => {
    const packed = await town.send('GET', '/log/tile/entries/000', {
      token: auditor,
      headers: { 'accept-encoding': 'br, gzip', 'x-access-ground': 'case 1' },
    });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(new Uint8Array(gunzipSync(packed.body))).toEqual(await bytesOf('/log/tile/entries/000'));
  });

  test('an event with its leaf hash, and its proof, under the latest and under an earlier checkpoint', async () => {
    const log = (await get('/log/vkey')).body.trim();
    const earlier = (await checkpointUpTo(town.deps.views, 200))!.size;
    for (const [position, asked] of [
      [3, ''],
      [signed - 1, ''],
      [3, `?size=${earlier}`],
    ] as const) {
      const { body } = await get(`/v1/events/${position}`);
      const entry = fromBase64(body.entry)!;
      expect(body).toMatchObject({ position, leaf: base64(leafHash(entry)) });
      expect(JSON.parse(Buffer.from(entry).toString('utf8'))).toEqual(body.event);
      const proof = await get(`/v1/events/${position}/proof${asked}`);
      expect(proof.headers['content-type']).toBe('text/plain; charset=utf-8');
      const verified = await verifyTlogProof(entry, proof.body, { log });
      expect(verified).toMatchObject({ index: position, checkpoint: { size: asked ? earlier : signed } });
    }
    const wrong = (await get('/v1/events/4/proof')).body;
    const { entry } = (await get('/v1/events/5')).body;
    await expect(verifyTlogProof(fromBase64(entry)!, wrong, { log })).rejects.toThrow('not at position 4');
  });

  test('that the log of one size continues that of another, between any two', async () => {
    const read = (tiles: readonly Parameters<typeof tilePath>[0][]) =>
      Promise.all(tiles.map((one) => bytesOf(`/log/${tilePath(one)}`)));
    const rootOf = async (at: number) => ({ size: at, root: await readRoot(at, read) });
    for (const [from, to] of [
      [1, 2],
      [20, signed],
      [255, 257],
      [256, signed],
      [signed, signed],
      [0, 9],
    ] as const) {
      const { status, body } = await get(`/v1/log/consistency?from=${from}&to=${to}`);
      expect(status).toBe(200);
      const hashes = body.hashes.map((hash: string) => fromBase64(hash)!);
      verifyConsistency(await rootOf(from), await rootOf(to), hashes);
    }
    expect((await get('/v1/log/consistency?from=20')).body).toMatchObject({ from: 20, to: signed });
  });
});

describe('what is not there', () => {
  test.each([
    [() => `/log/tile/0/002`, 404, 'unknown-tile', 'index'],
    [() => `/log/tile/0/001`, 404, 'unknown-tile', 'index'],
    [() => `/log/tile/0/001.p/${signed - 255}`, 404, 'unknown-tile', 'index'],
    [() => `/log/tile/1/001.p/1`, 404, 'unknown-tile', 'index'],
    [() => `/log/tile/entries/001.p/${signed - 255}`, 404, 'unknown-tile', 'index'],
    [() => `/log/tile/0/000.p/0`, 400, 'malformed-tlog', 'index'],
    [() => `/log/tile/0/000.p/256`, 400, 'malformed-tlog', 'index'],
    [() => `/log/tile/0/0`, 400, 'malformed-tlog', 'index'],
    [() => `/log/tile/64/000`, 400, 'malformed-tlog', 'level'],
    [() => `/log/tile/0/x000/000`, 400, 'malformed-tlog', 'index'],
    [() => `/log/tile/00/000`, 400, 'malformed-tlog', 'level'],
    [() => `/log/tile/entries/..%2F000`, 400, 'malformed-tlog', 'index'],
    [() => `/log/tile/0`, 404, 'unknown-route', undefined],
    [() => `/v1/events/${signed + 2}`, 404, 'beyond-log', 'position'],
    [() => `/v1/events/${signed + 2}/proof`, 404, 'beyond-log', 'position'],
    [() => `/v1/events/${signed}/proof`, 404, 'not-signed-yet', 'position'],
    [() => `/v1/events/3/proof?size=4`, 404, 'size-not-signed', 'size'],
    [() => `/v1/events/${signed - 1}/proof?size=${firstSigned}`, 400, 'invalid-input', 'size'],
    [() => `/v1/events/-1`, 400, 'invalid-input', 'position'],
    [() => `/v1/events/1e3`, 400, 'invalid-input', 'position'],
    [() => `/v1/events/${'9'.repeat(20)}/proof`, 400, 'invalid-input', 'position'],
    [() => `/v1/log/consistency`, 400, 'invalid-input', 'from'],
    [() => `/v1/log/consistency?from=9&to=8`, 400, 'invalid-input', 'from'],
    [() => `/v1/log/consistency?from=9&to=${signed + 1}`, 404, 'not-signed-yet', 'to'],
    [() => `/v1/log/consistency?from=9&to=${signed + 9}`, 404, 'beyond-log', 'to'],
    [() => `/v1/log/consistency?from=${signed + 9}`, 400, 'invalid-input', 'from'],
  ])('%s: %i %s', async (path, status, type, field) => {
    firstSigned = (await checkpointUpTo(town.deps.views, 200))!.size;
    const answer = await get(path());
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(answer.body).toMatchObject({ type: `urn:daocha:problem:${type}` });
    expect(answer.body.field).toBe(field);
    expect(answer.body.expected).toMatch(/\S/u);
  });
  let firstSigned: number;

  test('a size that was not signed is told the nearest that were', async () => {
    const { body } = await get('/v1/events/3/proof?size=100');
    const near = (await checkpointUpTo(town.deps.views, 100))!.size;
    expect(body.expected).toBe(`a signed size; the nearest are ${near} and ${signed}`);
  });

  test('before anything is signed', async () => {
    const fresh = await makeTown();
    const token = await fresh.as('auditor', 'office');
    await fresh.settle();
    for (const path of [
      '/log/checkpoint',
      '/log/vkey',
      '/log/tile/0/000',
      '/v1/events/0/proof',
      '/v1/log/consistency?from=0',
    ]) {
      expect(await fresh.get(path, token), path).toMatchObject({
        status: 404,
        body: { type: 'urn:daocha:problem:nothing-signed' },
      });
    }
    expect((await fresh.get('/health', token)).body.log).toMatchObject({ signed: null });
    expect((await fresh.get('/v1/events/0', token)).status).toBe(200);
  });

  test('an event that was altered is not served as if it were the one in the log', async () => {
    const altered = await makeTown();
    const token = await altered.as('auditor', 'office');
    await altered.settle();
    await altered.seal();
    const item = structuredClone(altered.fake.items('events')[1]!);
    item['events']!.L![0]!.B = Buffer.from(item['events']!.L![0]!.B!).map((byte, n) => (n === 40 ? byte ^ 1 : byte));
    altered.fake.seed('events', item);
    for (const path of ['/v1/events/1', '/log/tile/entries/000.p/2']) {
      const { status, body } = await altered.get(path, token);
      expect({ status, type: body.type }).toEqual({ status: 500, type: 'urn:daocha:problem:event-altered' });
      expect(body.detail).toContain('position 1');
    }
  });

  test('a bundle of entries that is more than an answer carries says what to ask for instead', async () => {
    const large = await makeTown();
    const office = await large.as('office', 'office');
    const about = (await large.post('/v1/units', office, { name: 'U', area: 'village-01', tracks: ['gas'] })).body.id;
    for (let n = 0; n < 130; n++) {
      const answers = Array.from({ length: 45 }, (_, item) => {
        return { item: `${item}`, clause: 'GAS-01', answer: 'ok', text: randomBytes(750).toString('base64') };
      });
      const done = await large.post('/v1/inspections', office, { unit: about, track: 'gas', mode: 'routine', answers });
      expect(done.status, JSON.stringify(done.body).slice(0, 500)).toBe(201);
    }
    await large.settle();
    await large.seal();
    const answer = await large.send('GET', '/log/tile/entries/000.p/130', {
      token: office,
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(answer.body).toMatchObject({ status: 413, expected: expect.stringContaining('/v1/events/{position}') });
  }, 60_000);
});

describe('to whom', () => {
  const PATHS = {
    tree: ['/log/checkpoint', '/log/vkey', '/log/tile/0/000'],
    entries: ['/log/tile/entries/000'],
    proofs: ['/v1/events/3/proof', '/v1/log/consistency?from=3'],
  };
  test.each([
    ['auditor', 'tree entries proofs'],
    ['office', 'tree entries proofs'],
    ['witness', 'tree proofs'],
    ['inspector', 'proofs'],
    ['village', 'proofs'],
    ['admin', 'tree proofs'],
    ['importer', ''],
    ['subscriber', ''],
    ['district', ''],
  ] satisfies [Role, string][])('%s: %s', async (role, may) => {
    const token = await town.as(role, 'village-01');
    for (const [kind, paths] of Object.entries(PATHS)) {
      for (const path of paths) expect((await get(path, token)).status, path).toBe(may.includes(kind) ? 200 : 403);
    }
  });

  test('a single event: whoever may see the unit that it is about', async () => {
    const { position } = (await get(`/v1/positions?stream=unit/${unit}&version=1`)).body;
    const of = async (role: Role, org: string) =>
      (await get(`/v1/events/${position}`, await town.as(role, org))).status;
    expect(await of('auditor', 'office')).toBe(200);
    expect(await of('village', 'village-01')).toBe(200);
    expect(await of('village', 'village-02')).toBe(403);
    expect(await of('inspector', 'guijianban')).toBe(200);
    expect(await of('witness', 'office')).toBe(403);
    const campaign = await get('/v1/events/0', await town.as('village', 'village-01'));
    expect(campaign).toMatchObject({ status: 403, body: { type: 'urn:daocha:problem:foreign-organisation' } });
  });
});

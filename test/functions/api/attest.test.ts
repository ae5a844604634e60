// Cosignatures and time stamps over HTTP: who may bring them, what is taken, what is served, and what is answered when not.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../shared/rules/roles.ts';
import { putStanding } from '../../../shared/record/attest/progress.ts';
import { putTimeStamp } from '../../../shared/record/attest/timestamps.ts';
import { cosigner } from '../../../shared/record/tlog/cosignature.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import { verifyCheckpoint, verifyTlogProof } from '../../../shared/record/tlog/proof.ts';
import { formatVkey, hex32 } from '../../../shared/record/tlog/vkey.ts';
import { makeTown, WITNESS, WITNESS_KEY, type TestTown } from './support.ts';

const SIGNED_AT = 1_748_836_800;
let town: TestTown;
let auditor: string;
let witness: string;
/** signed sizes, the smaller first */
let sizes: number[];

const get = (path: string, token = auditor) => town.get(path, token);
const bring = (size: number | string, cosignatures: unknown, token = witness) =>
  town.post(`/log/checkpoint/${size}/cosignatures`, token, { cosignatures });

/** A witness's line over a note. */
async function lineOver(note: string, name = WITNESS.name, key = WITNESS_KEY): Promise<string> {
  const { text } = parseNote(note);
  return (await signNote(text, [cosigner(name, key, () => SIGNED_AT)])).slice(text.length + 1);
}
const noteOf = async (size: number): Promise<string> => (await get(`/log/checkpoint/${size}`)).body;

beforeAll(async () => {
  town = await makeTown();
  [auditor, witness] = [await town.as('auditor', 'office'), await town.as('witness', 'district')];
  const office = await town.as('office', 'office');
  sizes = [];
  for (const name of ['甲', '乙', '丙']) {
    await town.post('/v1/units', office, { name, area: 'village-01', tracks: ['gas'] });
    await town.settle();
    await town.seal();
    sizes.push((await get('/health')).body.log.signed.size);
  }
});

test('before anybody has attested anything', async () => {
  expect(await get('/log/checkpoint?having=cosignature')).toMatchObject({
    status: 404,
    body: { type: 'urn:daocha:problem:nothing-attested', field: 'having' },
  });
  expect((await get('/v1/log/attestations')).body).toEqual({
    signed: sizes[2],
    witnesses: [
      {
        name: WITNESS.name,
        vkey: formatVkey(WITNESS),
        asked: false,
        size: null,
        at: null,
        failingSince: null,
        problem: null,
      },
    ],
    timeStamp: { size: null, time: null, authority: null, failingSince: null, problem: null },
    copies: { size: 0, at: null, failingSince: null, problem: null },
  });
});

describe('cosignatures', () => {
  test('are refused when they are not what they should be, naming what would be right', async () => {
    const [size, other] = [sizes[1]!, sizes[0]!];
    const note = await noteOf(size);
    const stranger = localKey(new Uint8Array(32).fill(1));
    const cases: [size: number | string, lines: unknown, status: number, body: object][] = [
      [
        size,
        await lineOver(note, 'witness.example/none', stranger),
        422,
        {
          type: expect.stringContaining('unknown-witness') as string,
          field: 'cosignatures',
          expected: expect.stringContaining(WITNESS.name) as string,
        },
      ],
      [
        size,
        await lineOver(await noteOf(other)),
        422,
        {
          type: expect.stringContaining('not-over-this-checkpoint') as string,
          expected: expect.stringContaining(`/log/checkpoint/${size}`) as string,
        },
      ],
      [
        other + 100,
        await lineOver(note),
        404,
        { type: expect.stringContaining('size-not-signed') as string, field: 'size' },
      ],
      [
        size,
        (await lineOver(note)).repeat(40),
        400,
        { field: 'cosignatures', expected: expect.stringContaining('at most 32') as string },
      ],
      [size, 'nothing', 400, { field: 'cosignatures' }],
      [size, '', 400, { field: 'cosignatures' }],
      [size, 7, 400, { field: 'cosignatures' }],
      ['x', await lineOver(note), 400, { field: 'size' }],
      [0, await lineOver(note), 400, { field: 'size' }],
    ];
    for (const [at, lines, status, body] of cases) {
      expect(await bring(at, lines), JSON.stringify(lines)).toMatchObject({ status, body });
    }
    expect(await noteOf(size)).toBe(note);
  });

  test('are brought by witnesses and auditors, and by nobody else', async () => {
    const line = await lineOver(await noteOf(sizes[0]!));
    for (const role of ['office', 'admin', 'importer', 'department', 'leader'] as Role[]) {
      expect(await bring(sizes[0]!, line, await town.as(role, 'office')), role).toMatchObject({ status: 403 });
    }
    expect(await bring(sizes[0]!, line, auditor)).toMatchObject({
      status: 200,
      body: { size: sizes[0], added: [WITNESS.name], already: [] },
    });
  });

  test('are served with the checkpoint and in proofs; twice changes nothing', async () => {
    const size = sizes[1]!;
    const before = await noteOf(size);
    const line = await lineOver(before);
    expect(await bring(size, line)).toMatchObject({ status: 200, body: { added: [WITNESS.name] } });
    expect(await bring(size, line)).toMatchObject({ status: 200, body: { added: [], already: [WITNESS.name] } });
    expect(await noteOf(size)).toBe(before + line);
    const log = (await get('/log/vkey')).body.trim();
    const policy = { log, witnesses: [formatVkey(WITNESS)], threshold: 1 };
    const latest = await get('/log/checkpoint?having=cosignature');
    expect((await verifyCheckpoint(latest.body, policy)).checkpoint.size).toBe(size);
    expect((await get('/log/checkpoint')).body).toBe(await noteOf(sizes[2]!));
    const { body: proof } = await get(`/v1/events/0/proof?size=${size}`);
    const entry = Buffer.from((await get('/v1/events/0')).body.entry, 'base64');
    expect((await verifyTlogProof(entry, proof, policy)).cosignatures).toHaveLength(1);
  });

  test('a witness reads checkpoints and tiles, and no event', async () => {
    for (const path of [
      '/log/checkpoint',
      '/log/tile/0/000.p/1',
      '/v1/log/attestations',
      `/log/checkpoint/${sizes[0]}`,
    ]) {
      expect(await get(path, witness), path).toMatchObject({ status: 200 });
    }
    for (const path of ['/log/tile/entries/000.p/1', '/v1/events/0']) {
      expect(await get(path, witness), path).toMatchObject({ status: 403 });
    }
  });
});

describe('time stamps', () => {
  test('are served as the authority gave them', async () => {
    const size = sizes[0]!;
    const [tsq, tsr] = [Buffer.from('request'), Buffer.from('answer')];
    const time = new Date('2025-06-02T04:00:01.000Z');
    await putTimeStamp(town.deps.views, size, {
      tsq,
      tsr,
      time,
      authority: 'CN=T',
      serial: '01',
      policy: '1.2',
      trusted: false,
    });
    expect(await get(`/log/checkpoint/${size}/timestamp`)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/timestamp-reply' },
      body: tsr,
    });
    expect((await get(`/log/checkpoint/${size}/timestamp/request`)).body).toEqual(tsq);
    expect((await get('/log/checkpoint?having=time-stamp')).body).toBe(await noteOf(size));
    expect(await get(`/log/checkpoint/${sizes[1]}/timestamp`)).toMatchObject({
      status: 404,
      body: { field: 'size', expected: `a size that was stamped; the latest is ${size}` },
    });
    expect(await get('/log/checkpoint/99999/timestamp')).toMatchObject({ status: 404, body: { field: 'size' } });
  });
});

test('how it stands with each is shown', async () => {
  const { views } = town.deps;
  const since = '2025-06-02T03:00:00.000Z';
  await putStanding(views, `witness#${hex32(WITNESS.keyId)}`, { size: 1, since, problem: 'not-answered' });
  await putStanding(views, 'archive', { size: 1, at: since, also: [2] });
  expect((await get('/v1/log/attestations')).body).toMatchObject({
    witnesses: [{ size: sizes[1], at: '2025-06-02T04:00:00.000Z', failingSince: since, problem: 'not-answered' }],
    timeStamp: { size: sizes[0], authority: 'CN=T' },
    copies: { size: 2, at: since },
  });
  expect((await get('/v1/log/attestations?x=1')).status).toBe(400);
});

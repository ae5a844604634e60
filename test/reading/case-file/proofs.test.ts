// The proofs beside a dossier: what is in them, that they are the same whenever they are asked for, that they hold
// without the platform, and that whatever is done to them is told, by what and where.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EscalationEvent } from '../../../events/escalation.ts';
import { DOSSIER_EVENTS, MANIFEST, manifestLine, parseDossierEvents } from '../../../shared/record/audit/layout.ts';
import type { VerifyOptions } from '../../../shared/record/audit/verification.ts';
import { verifyBundle, type Verdict } from '../../../shared/record/audit/verify.ts';
import { zipOf } from '../../../shared/reading/case-file/zip.ts';
import { readLog } from '../../../shared/record/log/read.ts';
import { checkpointUpTo } from '../../../shared/record/seal/checkpoints.ts';
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { leafHash } from '../../../shared/record/tlog/hash.ts';
import { noteSigner } from '../../../shared/record/tlog/note.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { LOG_KEY, ORIGIN, type Answered } from '../../functions/api/support.ts';
import { temporaryDirectory } from '../../support/platform.ts';
import { unzip } from '../../support/zip.ts';
import { tellStory } from './story.ts';

const vkey = formatVkey(vkeyOf(ORIGIN, ED25519, LOG_KEY.publicKey));
const { path: base, remove } = temporaryDirectory();
let story: Awaited<ReturnType<typeof tellStory>>;
let zip: Uint8Array;
let dir: string;
let compiled: { position: number; data: Extract<EscalationEvent, { type: 'DossierCompiled' }>['data'] };

async function proofs(round: number, token?: string): Promise<Answered> {
  const { town, id } = story;
  const district = token ?? (await town.as('district', 'district-construction'));
  return town.get(`/v1/escalations/${id}/dossiers/${round}/proofs`, district);
}

beforeAll(async () => {
  story = await tellStory();
  const { town, id } = story;
  await town.seal();
  zip = new Uint8Array((await proofs(2)).body as Buffer);
  dir = join(base, 'proofs');
  await unzip(zip, dir);
  const { body } = await town.get(`/v1/escalations/${id}`, await town.as('district', 'district-construction'));
  compiled = body.events.findLast(({ type }: EscalationEvent) => type === 'DossierCompiled');
});
afterAll(remove);

describe('the proofs of a dossier', () => {
  test('hold without the platform, by the key of the log', async () => {
    const verdict = await verifyBundle(dir, { vkey });
    expect(verdict.problems).toEqual([]);
    expect(verdict).toMatchObject({ holds: true, origin: ORIGIN, evidence: { present: 2 } });
    expect(verdict.info!.events).toBe(readdirSync(join(dir, 'leaves')).length);
    expect(verdict.info!.events).toBeGreaterThan(30);
  });

  test('have the Word document and the list of events as the signed event names them', () => {
    for (const { sha256, bytes } of compiled.data.files) {
      const file = readFileSync(join(dir, 'evidence', sha256));
      expect([createHash('sha256').update(file).digest('hex'), file.length]).toEqual([sha256, bytes]);
    }
    expect(compiled.data.files.map(({ name }) => name)).toEqual(['dossier.docx', DOSSIER_EVENTS]);
    const list = compiled.data.files[1]!;
    const listed = parseDossierEvents(readFileSync(join(dir, 'evidence', list.sha256), 'utf8'));
    const there = readdirSync(join(dir, 'leaves')).map((name) => Number(name.replace('.json', '')));
    expect(there.toSorted((a, b) => a - b)).toEqual([...listed, compiled.position].toSorted((a, b) => a - b));
    expect(listed.every((position) => position < compiled.data.position)).toBe(true);
  });

  test('have every event of case, hazard and unit from before the dossier, the rules, and nothing of another unit', async () => {
    const { town, unit, hazard, id } = story;
    const all = await readLog(town.deps.views, 0, 1000);
    const there = new Set(readdirSync(join(dir, 'leaves')).map((name) => Number(name.replace('.json', ''))));
    const mine = [`unit#${unit}`, `hazard#${hazard}`, `escalation#${id}`, 'campaign#campaign', 'inspection#'];
    const missing = all.filter(
      ({ event, position }) =>
        position < compiled.data.position && mine.some((part) => event.stream.includes(part)) && !there.has(position),
    );
    expect(missing.map(({ event }) => event.id)).toEqual([]);
    const foreign = all.filter(({ event, position }) => there.has(position) && event.unit && event.unit !== unit);
    expect(foreign).toEqual([]);
  });

  test('are the same bytes after a year, however long the log has become, and say their hash', async () => {
    const { town, at, unit } = story;
    for (let n = 0; n < 3; n += 1) {
      await at(`2026-04-0${n + 1}T02:00:00.000Z`, 'village', 'village-01', '/v1/units', {
        name: `后来的店${n}`,
        area: 'village-01',
        tracks: ['gas'],
      });
      await town.seal();
    }
    const again = await proofs(2);
    expect(Buffer.from(zip).equals(again.body as Buffer)).toBe(true);
    const hash = createHash('sha256').update(zip).digest('base64');
    expect(again.headers).toMatchObject({ 'content-type': 'application/zip', 'repr-digest': `sha-256=:${hash}:` });
    expect(unit).toMatch(/^u_/);
  });

  test('go to whoever may read the case, and to nobody else', async () => {
    const { town } = story;
    expect((await proofs(2, await town.as('district', 'district-fire'))).status).toBe(403);
    expect((await proofs(2, await town.as('village', 'village-02'))).status).toBe(403);
    expect((await proofs(2, await town.as('office', 'office'))).status).toBe(200);
    expect(await proofs(9)).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:unknown-dossier' } });
  });
});

test('a dossier that is not signed yet is waited for, and then said to be so', async () => {
  const { town, id } = await tellStory();
  const begun = town.now.at.getTime();
  const path = `/v1/escalations/${id}/dossiers/1/proofs`;
  const token = await town.as('district', 'district-construction');
  expect(await town.get(path, token)).toMatchObject({
    status: 404,
    body: { type: 'urn:daocha:problem:not-signed-yet', expected: 'the same a few seconds later' },
  });
  expect(town.now.at.getTime() - begun).toBe(5000);
  await town.seal();
  expect((await town.get(path, token)).status).toBe(200);
});

test('the first checkpoint over the dossier is taken, not a later one', async () => {
  const { size } = (await checkpointUpTo(story.town.deps.views))!;
  const { size: proved } = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8')) as { size: number };
  expect(proved).toBeGreaterThan(compiled.position);
  expect(proved).toBeLessThan(size);
});

let copies = 0;
async function after(change: (copy: string) => void, options: VerifyOptions = { vkey }): Promise<Verdict> {
  const copy = join(base, `copy-${copies++}`);
  cpSync(dir, copy, { recursive: true });
  change(copy);
  try {
    return await verifyBundle(copy, options);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** As somebody would who knows the format: the manifest fits again. */
function relist(copy: string): void {
  const paths = readdirSync(copy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== MANIFEST)
    .map((entry) => join(entry.parentPath, entry.name).slice(copy.length + 1))
    .toSorted();
  const sum = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(copy, path)))
      .digest('hex');
  writeFileSync(join(copy, MANIFEST), paths.map((path) => manifestLine(path, sum(path))).join(''));
}

describe('proofs to which something was done', () => {
  const edit = (path: string, change: (text: string) => string) => (copy: string) => {
    writeFileSync(join(copy, path), change(readFileSync(join(copy, path), 'utf8')));
    relist(copy);
  };
  const drop =
    (...paths: string[]) =>
    (copy: string) => {
      for (const path of paths) rmSync(join(copy, path));
      relist(copy);
    };
  const evidence = (n: number) => `evidence/${compiled.data.files[n]!.sha256}`;
  const leaf = (position: number) => `leaves/${position}.json`;
  const proof = (position: number) => `proofs/${position}.tlog-proof`;
  const some = () => Number(readdirSync(join(dir, 'leaves'))[7]!.replace('.json', ''));

  test.each<[string, () => (copy: string) => void, string, () => string]>([
    [
      'an event altered',
      () => edit(leaf(some()), (text) => text.replace('2025', '2024')),
      'altered',
      () => leaf(some()),
    ],
    ['an event left out', () => drop(leaf(some()), proof(some())), 'missing', () => leaf(some())],
    ['a proof left out', () => drop(proof(some())), 'missing', () => proof(some())],
    ['the Word document altered', () => edit(evidence(0), (text) => `${text} `), 'evidence', () => evidence(0)],
    ['the Word document left out', () => drop(evidence(0)), 'missing', () => evidence(0)],
    [
      'a line of the list left out',
      () => edit(evidence(1), (text) => text.replace(/\n\d+\n$/u, '\n')),
      'extra',
      () => 'leaves/',
    ],
    ['the list left out', () => drop(evidence(1)), 'missing', () => evidence(1)],
    [
      'the event that names the dossier left out',
      () => drop(leaf(compiled.position), proof(compiled.position)),
      'missing',
      () => leaf(compiled.position),
    ],
    [
      'another round',
      () => edit('bundle.json', (text) => text.replace('"round": 2', '"round": 1')),
      'altered',
      () => 'bundle.json',
    ],
    [
      'another case',
      () => edit('bundle.json', (text) => text.replace(/e_[0-9a-f]{20}/u, 'e_other')),
      'altered',
      () => 'bundle.json',
    ],
    [
      'the checkpoint altered',
      () => edit('log/checkpoint', (text) => text.replace(/\n\d+\n/u, '\n9\n')),
      'altered',
      () => 'log/checkpoint',
    ],
  ])('%s', async (_, change, kind, where) => {
    const { holds, problems } = await after(change());
    expect(holds).toBe(false);
    expect(problems[0]).toMatchObject({ kind, where: expect.stringContaining(where()) as string });
  });

  test('by another key', async () => {
    const other = formatVkey(vkeyOf(ORIGIN, ED25519, new Uint8Array(32).fill(3)));
    expect((await after(() => {}, { vkey: other })).problems[0]).toMatchObject({ kind: 'wrong-key' });
  });

  test('cannot be compared with an earlier checkpoint, and says by what it can', async () => {
    const [first] = await readLog(story.town.deps.views, 0, 1);
    const older = { origin: ORIGIN, size: 1, root: leafHash(first!.bytes) };
    const since = await signCheckpoint(older, [noteSigner(ORIGIN, LOG_KEY)]);
    expect((await after(() => {}, { vkey, since })).problems).toEqual([
      { kind: 'missing', where: '--since', message: expect.stringContaining('daocha audit bundle') as string },
    ]);
    const own = readFileSync(join(dir, 'log/checkpoint'), 'utf8');
    expect((await after(() => {}, { vkey, since: own })).problems).toEqual([]);
  });
});

test('the list of events is refused in any other form', () => {
  for (const text of [
    '',
    'daocha/dossier-events@v1',
    'daocha/dossier-events@v1\n2\n1\n',
    'daocha/dossier-events@v1\n01\n',
    'x\n1\n',
  ]) {
    expect(() => parseDossierEvents(text), JSON.stringify(text)).toThrow(
      expect.objectContaining({ field: expect.stringContaining(DOSSIER_EVENTS) as string }),
    );
  }
  expect(parseDossierEvents('daocha/dossier-events@v1\n0\n7\n')).toEqual([0, 7]);
});

test('a ZIP depends on its files only, not on the order in which they come', () => {
  const [a, b] = [new TextEncoder().encode('一'), new Uint8Array()];
  const one = zipOf(
    new Map([
      ['材料/a.txt', a],
      ['b', b],
    ]),
  );
  expect(
    zipOf(
      new Map([
        ['b', b],
        ['材料/a.txt', a],
      ]),
    ),
  ).toEqual(one);
});

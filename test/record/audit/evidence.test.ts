// Photos and papers in a bundle: each once, by an event that names it; what cannot be had is counted, what is not what
// it should be is found.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { definitionOf, encodeEvent, type Draft } from '../../../events/catalogue.ts';
import { writeBundle, type BundleSource } from '../../../shared/record/audit/bundle.ts';
import { verifyBundle } from '../../../shared/record/audit/verify.ts';
import { eventOf } from '../../support/builders.ts';
import { sourceOf, temporary, vkey, type Told } from './town.ts';

const PHOTOS = ['照片一', '照片二', '决定书'].map((text) => Buffer.from(text));
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const [ONE, TWO, LOST] = PHOTOS.map(sha) as [string, string, string];
const { dir: base, remove } = temporary();
/** of a platform that keeps no files */
let bare: BundleSource;
let source: BundleSource;
let asked: string[];

/** An event of a hazard that names files. */
function found(version: number, files: string[]): Told {
  const draft = { type: 'HazardFound', data: structuredClone(definitionOf('HazardFound').example) } as Draft;
  const evidence = files.map((sha256) => ({ sha256, mediaType: 'image/jpeg' }));
  const event = eventOf('hazard', 'h_1', version, draft, { unit: 'u_1', evidence });
  return { stream: event.stream, version, unit: 'u_1', bytes: encodeEvent(event) };
}

beforeAll(async () => {
  const log = await sourceOf([found(1, [ONE]), found(2, [TWO, ONE]), found(3, [LOST])]);
  bare = log.source;
  source = {
    ...bare,
    evidence: (event, sha256) => {
      asked.push(`${event} ${sha256}`);
      return Promise.resolve(PHOTOS.slice(0, 2).find((bytes) => sha(bytes) === sha256));
    },
  };
});
afterAll(remove);

const scope = { kind: 'range', from: 0, to: 2 } as const;
const kept = (dir: string): string[] => readdirSync(join(dir, 'evidence')).toSorted();

test('has each file that can be had, asked for once, and holds', async () => {
  asked = [];
  const dir = join(base, 'whole');
  const { evidence } = await writeBundle(source, { dir, scope });
  expect(evidence).toEqual({ named: 3, present: 2, altered: [], absent: [LOST] });
  expect(asked).toEqual([`hazard/h_1/1 ${ONE}`, `hazard/h_1/2 ${TWO}`, `hazard/h_1/3 ${LOST}`]);
  expect(kept(dir)).toEqual([ONE, TWO].toSorted());
  expect(await verifyBundle(dir, { vkey })).toMatchObject({ holds: true, evidence: { named: 3, present: 2 } });
});

test('goes on where it was stopped', async () => {
  asked = [];
  const dir = join(base, 'stopped');
  const until = { dir, scope, stopped: () => asked.length === 1 };
  expect((await writeBundle(source, until)).finished).toBe(false);
  expect(kept(dir)).toEqual([ONE]);
  expect(await writeBundle(source, { dir, scope })).toMatchObject({ finished: true, evidence: { present: 2 } });
  expect(asked.filter((line) => line.endsWith(ONE))).toHaveLength(1);
});

test('leaves files out when told to, and from a platform that keeps none', async () => {
  asked = [];
  for (const [name, from, withoutEvidence] of [
    ['told', source, true],
    ['none', bare, false],
  ] as const) {
    const dir = join(base, name);
    expect(await writeBundle(from, { dir, scope, withoutEvidence })).toMatchObject({
      evidence: { named: 3, present: 0 },
    });
    expect((await verifyBundle(dir, { vkey })).holds).toBe(true);
  }
  expect(asked).toEqual([]);
});

test('is written whole though a file was altered on the platform, and says which', async () => {
  const dir = join(base, 'altered');
  const evidence: BundleSource['evidence'] = async (event, sha256) =>
    sha256 === TWO ? 'altered' : source.evidence!(event, sha256);
  const bundled = await writeBundle({ ...source, evidence }, { dir, scope });
  expect(bundled).toMatchObject({ finished: true, evidence: { present: 1, altered: [TWO], absent: [LOST] } });
  expect(kept(dir)).toEqual([ONE]);
  const { holds, problems, info } = await verifyBundle(dir, { vkey });
  expect(info!.evidence).toEqual({ altered: [TWO], absent: [LOST] });
  expect({ holds, problems }).toMatchObject({
    holds: false,
    problems: [{ kind: 'evidence', where: `evidence/${TWO}` }],
  });
});

test('with other bytes than the event names is found out', async () => {
  const dir = join(base, 'other');
  await writeBundle({ ...source, evidence: () => Promise.resolve(Buffer.from('别的')) }, { dir, scope });
  const { problems } = await verifyBundle(dir, { vkey });
  expect(problems[0]).toMatchObject({ kind: 'evidence', where: expect.stringContaining('evidence/') });
});

// Random harm to bundles, and random logs that are signed: whatever they hold, verifying ends, throws nothing, and says that all is well
// only of what is byte for byte as it was.
import * as fc from 'fast-check';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeBundle } from '../../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../../shared/record/audit/files.ts';
import { MANIFEST, manifestLine, type BundleScope } from '../../../shared/record/audit/layout.ts';
import { problemLine } from '../../../shared/record/audit/problem.ts';
import { verifyBundle } from '../../../shared/record/audit/verify.ts';
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner } from '../../../shared/record/tlog/note.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { readRoot } from '../../../shared/record/tlog/tile-build.ts';
import { randomOf } from './mutations.ts';
import { ORIGIN, sourceOf, temporary, Town, vkey } from './town.ts';
import { share } from '../../support/runs.ts';

const { dir: base, remove } = temporary();
afterAll(remove);
const SCOPES: BundleScope[] = [{ kind: 'all' }, { kind: 'unit', unit: 'u_3' }, { kind: 'range', from: 20, to: 40 }];
beforeAll(async () => {
  const { source } = await sourceOf(new Town(270).events);
  for (const scope of SCOPES) await writeBundle(source, { dir: join(base, scope.kind), scope });
});

const remanifest = (dir: string): void => {
  const files = new BundleFiles(dir);
  const lines = files.list().flatMap((path) => {
    const sum = path === MANIFEST ? undefined : files.sum(path);
    return sum === undefined ? [] : [manifestLine(path, sum)];
  });
  writeFileSync(join(dir, MANIFEST), lines.join(''));
};

const WEIRD = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  '\u0000',
  '__proto__',
  [],
  {},
  [null],
  '../../x',
  'x'.repeat(5000),
  { a: { b: {} } },
];
const NAMES = [
  '__proto__',
  'constructor',
  'leaves/9007199254740993.json',
  'leaves/-1.json',
  'leaves/1.json',
  'proofs/x',
  'a\nb',
  '\u001b[2J',
  'log/tile/0/x',
  'log/tile/entries/000.p/0',
  'evidence/..',
  'time/checkpoint.tsr',
  'time/checkpoint.tsq',
  'time/checkpoint',
  'export/ocel2.json',
];

/** Does one thing to a bundle; what, in words. */
function harm(dir: string, random: (below: number) => number): string {
  const paths = new BundleFiles(dir).list();
  const pick = <T>(of: readonly T[]): T => of[random(of.length)]!;
  const path = pick(paths);
  const at = join(dir, path);
  const write = (where: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(dir, where)), { recursive: true });
    rmSync(join(dir, where), { force: true }); // never through a link
    writeFileSync(join(dir, where), bytes);
  };
  const noise = (): Buffer => Buffer.from(Array.from({ length: random(400) }, () => random(256)));
  switch (random(9)) {
    case 0: {
      const bytes = readFileSync(at);
      for (let n = 0; n <= random(4); n++) if (bytes.length > 0) bytes[random(bytes.length)] = random(256);
      write(path, bytes);
      return `bytes of ${path}`;
    }
    case 1: {
      const bytes = readFileSync(at);
      const [from, to] = [random(bytes.length + 1), random(bytes.length + 1)].toSorted((a, b) => a - b);
      write(path, Buffer.concat([bytes.subarray(0, from), noise(), bytes.subarray(to)]));
      return `a piece of ${path}`;
    }
    case 2:
      write(path, noise());
      return `${path} is noise`;
    case 3:
      write(path, readFileSync(join(dir, pick(paths))));
      return `${path} is another file`;
    case 4: {
      if (!paths.includes('bundle.json')) return 'nothing';
      const info = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8')) as Record<string, unknown>;
      const inner = random(2) === 0 ? info : (info['scope'] as Record<string, unknown>);
      inner[pick([...Object.keys(inner), 'also', 'kind', 'compiled', 'round', 'escalation', 'streams'])] = pick(WEIRD);
      write('bundle.json', `${JSON.stringify(info, null, 2)}\n`);
      return 'bundle.json';
    }
    case 5:
      rmSync(at);
      symlinkSync(pick([join(base, 'all', MANIFEST), '.', '..', MANIFEST, 'nowhere']), at);
      return `${path} is a link`;
    case 6: {
      const name = pick(NAMES);
      try {
        write(name, random(2) === 0 ? noise() : readFileSync(at));
      } catch {
        return 'nothing'; // a folder of that name
      }
      return `${name} is there`;
    }
    case 7:
      truncateSync(at, random(3) === 0 ? 2 ** 27 : random(10_000));
      return `${path} has another length`;
    default:
      rmSync(at);
      return `${path} is gone`;
  }
}

/** Whether nothing was changed after all: plain files only, the same ones, the same bytes. */
function unchanged(dir: string, original: string): boolean {
  const [now, before] = [new BundleFiles(dir), new BundleFiles(original)];
  const { paths, odd } = now.walk();
  return (
    odd.length === 0 &&
    paths.join('\n') === before.list().join('\n') &&
    paths.every((path) => now.size(path) === before.size(path) && now.sum(path) === before.sum(path))
  );
}

test.each(SCOPES.map((scope) => [scope.kind] as const))(
  'harm to a bundle of %s',
  { timeout: 120_000 },
  async (kind) => {
    const original = join(base, kind);
    const dir = join(base, `${kind}-harmed`);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 5 }), fc.boolean(), async (seed, times, fits) => {
        rmSync(dir, { recursive: true, force: true });
        cpSync(original, dir, { recursive: true });
        const random = randomOf(seed);
        const what = Array.from({ length: times }, () => {
          try {
            return harm(dir, random);
          } catch {
            return 'nothing more'; // what was to be changed is gone, or too large to be read into memory
          }
        });
        // a manifest that is a link by now is left as it is
        if (fits && new BundleFiles(dir).list().includes(MANIFEST)) remanifest(dir);
        const { holds, problems } = await verifyBundle(dir, { vkey });
        for (const problem of problems) expect(problemLine(problem)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        const wrongly = holds && !unchanged(dir, original) ? what.join(', ') : '';
        expect(`all is well with: ${wrongly}`).toBe('all is well with: ');
      }),
      { numRuns: share(100) },
    );
  },
);

/** Somebody who has a key, and signs what they like. */
const OWN = localKey(new Uint8Array(32).fill(66));
const ownVkey = formatVkey(vkeyOf(ORIGIN, ED25519, OWN.publicKey));
const oddEvent = fc.oneof(
  fc.json({ depthSize: 'large' }),
  fc.string(),
  fc
    .record(
      {
        id: fc.oneof(fc.string(), fc.constant(null)),
        type: fc.constantFrom('DossierCompiled', 'UnitRegistered', 'toString', 5),
        stream: fc.constantFrom('t#unit#u', 't#escalation#e_1', '__proto__', '', 7),
        version: fc.oneof(fc.nat(3), fc.double(), fc.constant('1')),
        unit: fc.constantFrom('u', '__proto__', null, 3),
        evidence: fc.oneof(
          fc.constant([null]),
          fc.constant({}),
          fc.array(fc.record({ sha256: fc.string() })),
          fc.constant('x'),
        ),
        data: fc.oneof(fc.constant(null), fc.record({ round: fc.nat(2), files: fc.jsonValue() })),
      },
      { requiredKeys: [] },
    )
    .map((event) => JSON.stringify(event)),
);

test('logs of odd events, signed by a key of their own', { timeout: 120_000 }, async () => {
  const dir = join(base, 'odd');
  await fc.assert(
    fc.asyncProperty(
      fc.array(oddEvent, { minLength: 1, maxLength: 6 }),
      fc.nat(4),
      fc.nat(),
      async (texts, kind, seed) => {
        rmSync(dir, { recursive: true, force: true });
        const events = texts.map((text, n) => {
          const bytes = new TextEncoder().encode(text === '' ? '{}' : text);
          return { stream: 't#unit#u', version: n + 1, unit: 'u', bytes };
        });
        const { source, store } = await sourceOf(events);
        const root = await readRoot(store.size, store.read);
        const note = await signCheckpoint({ origin: ORIGIN, size: store.size, root }, [noteSigner(ORIGIN, OWN)]);
        const own = { ...source, vkey: async () => ownVkey, checkpoint: async () => note };
        const scope = [{ kind: 'all' }, { kind: 'range', from: 0, to: 0 }, { kind: 'unit', unit: 'u' }][
          kind % 3
        ] as BundleScope;
        await writeBundle(own, { dir, scope, withoutExport: true });
        if (kind > 2) {
          const info = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8')) as object;
          const dossier = { kind: 'dossier', escalation: 'e_1', round: 1, compiled: seed % texts.length };
          writeFileSync(join(dir, 'bundle.json'), `${JSON.stringify({ ...info, scope: dossier }, null, 2)}\n`);
          remanifest(dir);
        }
        // agreeing with itself is all that can be said without a key from elsewhere
        await verifyBundle(dir, {});
        const { holds, problems } = await verifyBundle(dir, { vkey });
        expect({ holds, kind: problems[0]?.kind }).toEqual({ holds: false, kind: 'wrong-key' });
      },
    ),
    { numRuns: share(100) },
  );
});

// Bundles by whoever means harm to the one that verifies them: links out of the directory, pipes that never end, files
// of a terabyte, sizes that nobody can have, names that drive a terminal, events that are signed and not well made.
// Each is told of by its name, at once and in little memory.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as audit } from '../../../infra/cli/audit.ts';
import { writeBundle } from '../../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../../shared/record/audit/files.ts';
import { limitOf, MANIFEST, manifestLine, type BundleScope } from '../../../shared/record/audit/layout.ts';
import { EXIT_CODES, problemLine } from '../../../shared/record/audit/problem.ts';
import { verifyBundle, type Verdict } from '../../../shared/record/audit/verify.ts';
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { noteSigner } from '../../../shared/record/tlog/note.ts';
import { key, ORIGIN, sourceOf, temporary, Town, vkey, type Told } from './town.ts';

const { dir: base, remove } = temporary();
const town = new Town(300);
let all: string;
let unit: string;
let copies = 0;
beforeAll(async () => {
  const { source } = await sourceOf(town.events);
  [all, unit] = [join(base, 'all'), join(base, 'unit')];
  await writeBundle(source, { dir: all, scope: { kind: 'all' } });
  await writeBundle(source, { dir: unit, scope: { kind: 'unit', unit: 'u_3' } });
});
afterAll(remove);

async function after(from: string, change: (dir: string) => unknown): Promise<Verdict> {
  const dir = join(base, `copy-${copies++}`);
  cpSync(from, dir, { recursive: true });
  await change(dir);
  try {
    return await verifyBundle(dir, { vkey });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
/** As `sha256sum` would have it, so that the manifest says nothing against it. */
function remanifest(dir: string): void {
  const files = new BundleFiles(dir);
  const lines = files.list().flatMap((path) => {
    const sum = path === MANIFEST ? undefined : files.sum(path);
    return sum === undefined ? [] : [manifestLine(path, sum)];
  });
  writeFileSync(join(dir, MANIFEST), lines.join(''));
}
const first = ({ problems }: Verdict): string => (problems[0] ? problemLine(problems[0]) : 'nothing is wrong');
const leaf = (dir: string): string => join(dir, 'leaves', readdirSync(join(dir, 'leaves')).toSorted()[0]!);

describe('what is no plain file', () => {
  const secret = (): string => {
    const path = join(base, 'secret');
    writeFileSync(path, 'not of the bundle');
    return path;
  };
  test.each([
    ['a link to a file elsewhere', (dir: string) => symlinkSync(secret(), join(dir, 'leaves/7.json'))],
    [
      'a link in place of a file',
      (dir: string) => (
        renameSync(leaf(dir), join(base, `kept-${copies}`)),
        symlinkSync(join(base, `kept-${copies}`), join(dir, 'leaves/36.json'))
      ),
    ],
    ['a link that leads nowhere', (dir: string) => symlinkSync('/nowhere', join(dir, 'evil'))],
    ['a link to a device that never ends', (dir: string) => symlinkSync('/dev/zero', join(dir, 'evidence'))],
    [
      'a link in place of a folder',
      (dir: string) => (
        renameSync(join(dir, 'log'), join(base, `log-${copies}`)),
        symlinkSync(join(base, `log-${copies}`), join(dir, 'log'))
      ),
    ],
  ] as const)('%s is not followed', async (_, change) => {
    const verdict = await after(unit, change);
    expect(first(verdict)).toMatch(/^extra: .*a symbolic link: a bundle has plain files and folders only/);
  });

  test('a link in place of the manifest, the checkpoint or the key is none of them', async () => {
    for (const path of [MANIFEST, 'log/checkpoint', 'log.vkey', 'bundle.json']) {
      const verdict = await after(unit, (dir) => {
        const kept = join(base, `kept-${copies}-${path.replaceAll('/', '-')}`);
        renameSync(join(dir, path), kept);
        symlinkSync(kept, join(dir, path));
      });
      expect(verdict.problems.map(problemLine).join('\n')).toMatch(new RegExp(`extra: ${path}[^]*missing: ${path}`));
    }
  });

  test('a pipe that nobody writes to is not waited for', async () => {
    const verdict = await after(unit, (dir) => void execFileSync('mkfifo', [join(dir, 'log/tile/0/pipe')]));
    expect(first(verdict)).toMatch(/^extra: log\/tile\/0\/pipe: a pipe/);
    const instead = await after(unit, (dir) => {
      rmSync(leaf(dir));
      execFileSync('mkfifo', [join(dir, 'leaves/36.json')]);
    });
    expect(first(instead)).toMatch(/^extra: leaves\/36\.json: a pipe/);
  });

  test('a socket is told of', async () => {
    const server = createServer();
    const verdict = await after(unit, async (dir) => {
      await new Promise<void>((listening) => void server.listen(join(dir, 's'), listening));
    });
    server.close();
    expect(first(verdict)).toMatch(/^extra: s: a socket/);
  });

  test('folders in folders without end are not walked', async () => {
    const verdict = await after(unit, (dir) => mkdirSync(join(dir, 'd/'.repeat(60)), { recursive: true }));
    expect(first(verdict)).toMatch(/^extra: d(\/d){9}: no folder of a bundle lies so deep/);
  });
});

describe('what is too large', () => {
  test.each([
    'MANIFEST.sha256',
    'bundle.json',
    'log.vkey',
    'policy',
    'log/checkpoint',
    'leaf',
    'proof',
    'tile',
    'evidence',
    'stray',
  ])('is not read: %s of a terabyte', async (what) => {
    let path = what;
    const verdict = await after(unit, (dir) => {
      const files = new BundleFiles(dir).list();
      if (what === 'leaf') path = files.find((one) => one.startsWith('leaves/'))!;
      if (what === 'proof') path = files.find((one) => one.startsWith('proofs/'))!;
      if (what === 'tile') path = files.find((one) => one.startsWith('log/tile/0/'))!;
      if (what === 'evidence') path = `evidence/${'0'.repeat(64)}`;
      mkdirSync(join(dir, 'evidence'), { recursive: true });
      writeFileSync(join(dir, path), '');
      truncateSync(join(dir, path), 2 ** 40);
    });
    expect(first(verdict)).toBe(
      `altered: ${path}: ${2 ** 40} bytes, where a file of its kind has at most ${limitOf(path)}: it is not read`,
    );
    expect(process.memoryUsage().rss).toBeLessThan(2 ** 31);
  });

  test('a log of more events than anybody has, signed by a key of the bundle’s own', async () => {
    for (const size of [2 ** 53 - 1, 2 ** 40, 300 + 256 * 5000]) {
      const verdict = await after(all, async (dir) => {
        const note = await signCheckpoint({ origin: ORIGIN, size, root: new Uint8Array(32) }, [
          noteSigner(ORIGIN, key),
        ]);
        writeFileSync(join(dir, 'log/checkpoint'), note);
        remanifest(dir);
      });
      expect(verdict.problems.map(problemLine).join('\n')).toMatch(
        /missing: log\/tile\/0: \d+ tiles .* and 2 are there/,
      );
    }
  });

  test.each([
    [{ kind: 'range', from: 0, to: 2 ** 53 - 1 }, /scope: must be .* a range of at most 100000 positions/],
    [{ kind: 'range', from: 0, to: 1e300 }, /scope: must be/],
    [{ kind: 'range', from: -1, to: 5 }, /scope: must be/],
    [{ kind: 'unit', unit: 'u_3', also: [null] }, /scope: must be/],
    [{ kind: 'unit', unit: ['u_3'] }, /scope: must be/],
    [
      { kind: 'dossier', escalation: '__proto__', round: 1, compiled: 2 ** 53 - 1 },
      /the event that names the dossier is not there/,
    ],
  ])('a scope of %j', async (scope, message) => {
    const verdict = await after(unit, (dir) => {
      const info = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8')) as object;
      writeFileSync(join(dir, 'bundle.json'), `${JSON.stringify({ ...info, scope }, null, 2)}\n`);
      remanifest(dir);
    });
    expect(verdict.problems.map(problemLine).join('\n')).toMatch(message);
  });
});

test('a platform cannot have files written elsewhere than into the bundle', async () => {
  const events = ['../../escaped', '/tmp/escaped', 'log.vkey', '..'].map((sha256, n) => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ id: `e-${n}`, stream: 's', version: n + 1, evidence: [{ sha256 }] }),
    );
    return { stream: 's', version: n + 1, unit: 'u', bytes };
  });
  const { source } = await sourceOf(events);
  const asked: string[] = [];
  const evidence = async (_event: string, sha256: string): Promise<Uint8Array> => {
    asked.push(sha256);
    return new Uint8Array([1]);
  };
  const dir = join(base, `made-${copies++}`);
  await writeBundle({ ...source, evidence }, { dir, scope: { kind: 'all' }, withoutExport: true });
  expect(asked).toEqual([]);
  expect(new BundleFiles(dir).list().filter((path) => path.startsWith('evidence'))).toEqual([]);
});

describe('what would mislead', () => {
  test('names and contents do not drive the terminal, and are one line each', async () => {
    const name = 'x\u001b[2J\u202e\naltered: nothing is wrong';
    const verdict = await after(unit, (dir) => writeFileSync(join(dir, name), ''));
    const line = first(verdict);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(line).toContain('<U+001B>[2J');
  });

  test.each([
    ['a manifest that names a file twice', (text: string) => `${text}${text.split('\n')[0]}\n`],
    [
      'one that leads out of the directory',
      (text: string) => `${text}${manifestLine('../../etc/passwd', '0'.repeat(64))}`,
    ],
    ['one with an absolute path', (text: string) => `${text}${manifestLine('/etc/passwd', '0'.repeat(64))}`],
  ])('%s', async (_, change) => {
    const verdict = await after(unit, (dir) => {
      const path = join(dir, MANIFEST);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
    });
    expect(verdict.holds).toBe(false);
    expect(first(verdict)).toMatch(/^(altered: MANIFEST|missing: (\.\.\/\.\.\/|\/)etc\/passwd)/);
  });

  test('names that are no positions, however much they look like some', async () => {
    for (const name of ['9007199254740993', '01', '1e3', '٣', '1'.repeat(200)]) {
      const verdict = await after(unit, (dir) => writeFileSync(join(dir, `leaves/${name}.json`), '{}'));
      expect({ name, said: first(verdict) }).toEqual({ name, said: expect.stringMatching(/^(missing|extra): /) });
    }
  });

  test.each([
    ['deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['a list', '[]'],
    ['null', 'null'],
    ['twice the same name', '{"format":"daocha/bundle@v1","format":"daocha/bundle@v1"}'],
    ['no text', '\u0000\u0000'],
  ])('a bundle.json that is %s', async (_, text) => {
    const verdict = await after(unit, (dir) => {
      writeFileSync(join(dir, 'bundle.json'), text);
      remanifest(dir);
    });
    expect(first(verdict)).toMatch(/^altered: bundle\.json: /);
  });
});

describe('events that are signed and not well made', () => {
  const told = (event: unknown): Told => {
    const bytes = new TextEncoder().encode(typeof event === 'string' ? event : JSON.stringify(event));
    return { stream: 's', version: 1, unit: 'u', bytes };
  };
  const compiled = (data: unknown) => ({
    type: 'DossierCompiled',
    stream: 'liantang#escalation#e_1',
    version: 1,
    data,
  });
  const EVENTS: [string, unknown][] = [
    ['evidence of nothing', { stream: 's', version: 1, evidence: [null] }],
    ['evidence that is no list', { stream: 's', version: 1, evidence: { length: 3 } }],
    ['evidence of numbers', { stream: 's', version: 1, evidence: [{ sha256: 5 }] }],
    ['a version beyond numbers', '{"stream":"s","version":1e400}'],
    ['a stream of a hostile name', { stream: '__proto__', version: 1, unit: 'constructor' }],
    ['no JSON', '{'],
    ['deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['null', 'null'],
    ['a dossier without files', compiled(null)],
    ['a dossier of odd files', compiled({ round: 1, files: [null, 1, { name: 5, sha256: {} }] })],
    ['a dossier whose files are no list', compiled({ round: 1, files: 'x' })],
  ];
  test.each(EVENTS)('%s', async (_, event) => {
    const events = [told(event), told(event), told({ stream: 't', version: 1 })];
    const { source } = await sourceOf(events);
    for (const scope of [
      { kind: 'all' },
      { kind: 'range', from: 0, to: 1 },
      { kind: 'unit', unit: 'u' },
    ] as BundleScope[]) {
      const dir = join(base, `made-${copies++}`);
      await writeBundle(source, { dir, scope, withoutExport: true, withoutEvidence: true });
      await expect(verifyBundle(dir, { vkey })).resolves.toBeDefined();
      const info = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8')) as object;
      const dossier = { kind: 'dossier', escalation: 'e_1', round: 1, compiled: 0 };
      writeFileSync(join(dir, 'bundle.json'), `${JSON.stringify({ ...info, scope: dossier }, null, 2)}\n`);
      remanifest(dir);
      expect((await verifyBundle(dir, { vkey })).holds).toBe(false);
    }
  });
});

test('the command takes a directory, and says of a packed one what to do', async () => {
  const file = join(base, 'proofs.zip');
  writeFileSync(file, createHash('sha256').digest());
  expect(await audit(['verify', file])).toBe(3);
  expect(await audit(['verify', join(base, 'nowhere')])).toBe(3);
  const dir = join(base, `copy-${copies++}`);
  cpSync(unit, dir, { recursive: true });
  symlinkSync('/dev/zero', join(dir, 'zero'));
  expect(await audit(['verify', dir, '--vkey', vkey])).toBe(EXIT_CODES.extra);
});

test('nothing is read through a folder that is a link', () => {
  const [inside, outside] = [join(base, `made-${copies++}`), join(base, `made-${copies++}`)];
  for (const folder of [join(inside, 'log'), join(outside, 'tile')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(inside, 'log/0'), 'ours');
  writeFileSync(join(outside, 'tile/0'), 'theirs');
  symlinkSync(outside, join(inside, 'evil'));
  const files = new BundleFiles(inside);
  expect([files.size('log/0'), files.size('evil/tile/0'), files.read('evil/tile/0')]).toEqual([
    4,
    undefined,
    undefined,
  ]);
});

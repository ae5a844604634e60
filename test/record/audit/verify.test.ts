// A bundle as an auditor gets it: it holds, and whatever is wrong with it is said in a line that tells what and where.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBundle } from '../../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../../shared/record/audit/files.ts';
import { MANIFEST, manifestLine, type BundleScope } from '../../../shared/record/audit/layout.ts';
import { EXIT_CODES, PROBLEM_KINDS } from '../../../shared/record/audit/problem.ts';
import type { VerifyOptions } from '../../../shared/record/audit/verification.ts';
import { verifyBundle, type Verdict } from '../../../shared/record/audit/verify.ts';
import { addCosignatures, cosignatureVerifier, cosigner } from '../../../shared/record/tlog/cosignature.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { flipped } from '../tlog/logs.ts';
import { checkpointOf, key, ORIGIN, sourceOf, temporary, Town, vkey } from './town.ts';

const town = new Town(700);
const SIZE = town.events.length;
const { dir: base, remove } = temporary();
const bundles = {
  all: join(base, 'all'),
  range: join(base, 'range'),
  unit: join(base, 'unit'),
  also: join(base, 'also'),
};
/** Single events of other units, as a dossier takes appointments home beside its unit. */
const ALSO = [3, 270];
let copies = 0;

beforeAll(async () => {
  const { source } = await sourceOf(town.events);
  const scopes: [string, BundleScope][] = [
    [bundles.all, { kind: 'all' }],
    [bundles.range, { kind: 'range', from: 250, to: 270 }],
    [bundles.unit, { kind: 'unit', unit: 'u_30' }],
    [bundles.also, { kind: 'unit', unit: 'u_30', also: ALSO }],
  ];
  for (const [dir, scope] of scopes) await writeBundle(source, { dir, scope });
});
afterAll(remove);

/** Verifies a copy that something was done to. */
async function after(
  kind: keyof typeof bundles,
  change: (dir: string) => void,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const dir = join(base, `copy-${copies++}`);
  cpSync(bundles[kind], dir, { recursive: true });
  change(dir);
  try {
    return await verifyBundle(dir, { vkey, ...options });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function rewrite(path: string, change: (bytes: Buffer) => Uint8Array | string): (dir: string) => void {
  return (dir) => writeFileSync(join(dir, path), change(readFileSync(join(dir, path))));
}

/** What somebody does who knows of the manifest. */
function remanifest(dir: string): void {
  const files = new BundleFiles(dir);
  const paths = files.list().filter((path) => path !== MANIFEST);
  writeFileSync(join(dir, MANIFEST), paths.map((path) => manifestLine(path, files.sum(path)!)).join(''));
}

const hidden =
  (change: (dir: string) => void) =>
  (dir: string): void => {
    change(dir);
    remanifest(dir);
  };

/** Entries of an entry bundle, changed as a list. */
const relisted = (change: (entries: Buffer[]) => Buffer[]) => (bytes: Buffer) => {
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(change(entries));
};

describe('a bundle holds', () => {
  test.each(['all', 'range', 'unit'] as const)('%s', async (kind) => {
    const verdict = await after(kind, () => {});
    expect(verdict).toMatchObject({ holds: true, count: 0, problems: [], origin: ORIGIN, info: { size: SIZE } });
  });

  test('its manifest is one that sha256sum reads', () => {
    const lines = readFileSync(join(bundles.unit, MANIFEST), 'utf8').trimEnd().split('\n');
    for (const line of lines) {
      const [sum, path] = line.split('  ');
      expect(
        createHash('sha256')
          .update(readFileSync(join(bundles.unit, path!)))
          .digest('hex'),
      ).toBe(sum);
    }
    expect(lines.map((line) => line.slice(66))).toContain('log/checkpoint');
  });

  test('a unit has all of its events, in whole streams, byte for byte', () => {
    const own = town.events.flatMap(({ unit, bytes }, position) => (unit === 'u_30' ? [{ position, bytes }] : []));
    expect(readdirSync(join(bundles.unit, 'leaves')).length).toBe(own.length);
    for (const { position, bytes } of own) {
      expect(new Uint8Array(readFileSync(join(bundles.unit, `leaves/${position}.json`)))).toEqual(
        new Uint8Array(bytes),
      );
    }
  });

  test('with a partial last tile of every level, or none at all', async () => {
    for (const size of [0, 1, 256, 257, 512]) {
      const { source } = await sourceOf(town.events.slice(0, size));
      const dir = join(base, `size-${size}`);
      await writeBundle(source, { dir, scope: { kind: 'all' } });
      expect(await verifyBundle(dir, { vkey })).toMatchObject({ holds: true, info: { size } });
    }
  });

  test('continues an earlier checkpoint, and says when it does not', async () => {
    for (const size of [0, 1, 255, 256, 600, SIZE]) {
      const { checkpoint } = await sourceOf(town.events.slice(0, size));
      expect(await after('unit', () => {}, { since: checkpoint })).toMatchObject({ holds: true });
    }
    const other = new Town(700).events.map((event, n) =>
      n === 40 ? { ...event, bytes: flipped(event.bytes, 900) } : event,
    );
    for (const size of [41, 300, SIZE]) {
      const { checkpoint } = await sourceOf(other.slice(0, size));
      const { problems } = await after('unit', () => {}, { since: checkpoint });
      expect(problems).toMatchObject([{ kind: 'forked', where: 'log/checkpoint' }]);
    }
    const longer = await sourceOf(new Town(900).events);
    const { problems } = await after('unit', () => {}, { since: longer.checkpoint });
    expect(problems).toMatchObject([{ kind: 'truncated', where: 'log/checkpoint', position: SIZE }]);
  });
});

describe('keys', () => {
  const other = localKey(new Uint8Array(32).fill(9));
  const otherVkey = formatVkey(vkeyOf(ORIGIN, ED25519, other.publicKey));

  test('another key than that of the log', async () => {
    const verdict = await after('unit', () => {}, { vkey: otherVkey });
    expect(verdict.problems.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
      'wrong-key log.vkey',
      'wrong-key log/checkpoint',
    ]);
  });

  test('a bundle that somebody else signed agrees with itself, and not with the key given', async () => {
    const { source, store } = await sourceOf(town.events.slice(0, 300));
    const forged = { ...source, vkey: async () => otherVkey, checkpoint: () => checkpointOf(store, other) };
    const dir = join(base, 'forged');
    await writeBundle(forged, { dir, scope: { kind: 'all' } });
    expect(await verifyBundle(dir)).toMatchObject({ holds: true });
    expect((await verifyBundle(dir, { vkey })).problems[0]).toMatchObject({ kind: 'wrong-key' });
  });

  test('a checkpoint of another log', async () => {
    const { store } = await sourceOf(town.events);
    const elsewhere = await checkpointOf(store, key, 'elsewhere.example/log');
    const { problems } = await after(
      'unit',
      rewrite('log/checkpoint', () => elsewhere),
    );
    expect(problems[0]).toMatchObject({ kind: 'wrong-key', where: 'log/checkpoint' });
  });

  test('a key that is none is refused', async () => {
    await expect(verifyBundle(bundles.unit, { vkey: 'liantang' })).rejects.toThrow('verifier key');
  });

  test('a witness must have cosigned when asked for', async () => {
    const witness = localKey(new Uint8Array(32).fill(3));
    const witnessKey = vkeyOf('audit.example/witness', COSIGNATURE_V1, witness.publicKey);
    const options = { witnesses: [formatVkey(witnessKey)] };
    expect((await after('unit', () => {}, options)).problems[0]).toMatchObject({
      kind: 'witness',
      where: 'log/checkpoint',
    });
    const { source, checkpoint } = await sourceOf(town.events);
    const line = await signNote(parseNote(checkpoint).text, [cosigner(witnessKey.name, witness, () => 1_750_000_000)]);
    const cosigned = await addCosignatures(checkpoint, line.split('\n\n')[1]!, [cosignatureVerifier(witnessKey)]);
    const dir = join(base, 'cosigned');
    await writeBundle({ ...source, checkpoint: async () => cosigned }, { dir, scope: { kind: 'unit', unit: 'u_1' } });
    expect(await verifyBundle(dir, { vkey, ...options })).toMatchObject({
      holds: true,
      cosignatures: [{ witness: 'audit.example/witness', time: 1_750_000_000 }],
    });
  });
});

describe('what was done to the whole log, with the manifest made to fit', () => {
  const file = 'log/tile/entries/001';

  test.each([
    [
      'an event altered',
      relisted((all) =>
        all.with(44, Buffer.concat([all[44]!.subarray(0, 30), Buffer.from('!'), all[44]!.subarray(31)])),
      ),
      'altered',
      300,
    ],
    ['two events exchanged', relisted((all) => all.with(44, all[50]!).with(50, all[44]!)), 'reordered', 300],
    ['events left out', relisted((all) => all.toSpliced(44, 3)), 'missing', 300],
    ['events put in', relisted((all) => all.toSpliced(44, 0, all[3]!, all[4]!)), 'inserted', 300],
    ['the end cut off', relisted((all) => all.slice(0, 44)), 'truncated', 300],
    ['cut within an event', (bytes: Buffer) => bytes.subarray(0, -5), 'truncated', 511],
  ] as const)('%s', async (_what, change, kind, position) => {
    const { problems } = await after('all', hidden(rewrite(file, change)));
    expect(problems[0]).toMatchObject({ kind, where: file, position });
  });

  test('a tile of leaf hashes, whose event is as signed', async () => {
    const { problems } = await after('all', hidden(rewrite('log/tile/0/001', (bytes) => flipped(bytes, 8 * 32 * 44))));
    expect(problems).toMatchObject([{ kind: 'altered', where: 'log/tile/0/001', position: 300 }]);
  });

  test('an event and its leaf hash', async () => {
    const { problems } = await after(
      'all',
      hidden((dir) => {
        rewrite(
          'log/tile/entries/001',
          relisted((all) => all.with(44, Buffer.from(flipped(all[44]!, 900)))),
        )(dir);
        rewrite('log/tile/0/001', (bytes) => flipped(bytes, 8 * 32 * 44))(dir);
      }),
    );
    expect(problems.map(({ where }) => where)).toContain('log/tile/0/001');
    expect(problems.some(({ position }) => position === 300)).toBe(true);
  });

  test('a whole other history under the old signature', async () => {
    const forged = town.events.toSpliced(300, 1);
    const { source, store } = await sourceOf([...forged, town.events[0]!]);
    expect(store.size).toBe(SIZE);
    const dir = join(base, 'history');
    const { checkpoint } = await sourceOf(town.events);
    await writeBundle({ ...source, checkpoint: async () => checkpoint }, { dir, scope: { kind: 'all' } });
    const { problems } = await verifyBundle(dir, { vkey });
    expect(problems[0]).toMatchObject({ kind: 'forked', where: 'log/checkpoint' });
    expect(problems[1]).toMatchObject({ kind: 'missing', where: 'log/tile/entries/001' });
    expect(problems[1]!.position).toBeGreaterThanOrEqual(300);
  });

  test('files missing and files too many', async () => {
    const missing = await after(
      'all',
      hidden((dir) => rmSync(join(dir, 'log/tile/entries/001'))),
    );
    expect(missing.problems[0]).toMatchObject({ kind: 'missing', where: 'log/tile/entries/001', position: 256 });
    const last = `log/tile/entries/002.p/${SIZE % 256}`;
    const cut = await after(
      'all',
      hidden((dir) => rmSync(join(dir, last))),
    );
    expect(cut.problems[0]).toMatchObject({ kind: 'truncated', where: last, position: 512 });
    const extra = await after(
      'all',
      hidden((dir) => writeFileSync(join(dir, 'log/tile/0/009'), 'x')),
    );
    expect(extra.problems).toMatchObject([{ kind: 'extra', where: 'log/tile/0/009' }]);
    const note = await after('all', (dir) => writeFileSync(join(dir, 'note.txt'), 'x'));
    expect(note.problems).toMatchObject([{ kind: 'extra', where: 'note.txt' }]);
  });
});

describe('what was done to single events, with the manifest made to fit', () => {
  test('an event altered', async () => {
    const { problems } = await after('range', hidden(rewrite('leaves/260.json', (bytes) => flipped(bytes, 300))));
    expect(problems).toMatchObject([{ kind: 'altered', where: 'leaves/260.json', position: 260 }]);
  });

  test('an event of a unit altered is that, and no gap in its stream', async () => {
    const position = town.events.findIndex(({ unit }) => unit === 'u_30');
    const { problems } = await after(
      'unit',
      hidden(rewrite(`leaves/${position}.json`, (bytes) => flipped(bytes, 700))),
    );
    expect(problems).toMatchObject([{ kind: 'altered', where: `leaves/${position}.json`, position }]);
  });

  test('an event or its proof taken away', async () => {
    const gone = await after(
      'range',
      hidden((dir) => rmSync(join(dir, 'leaves/260.json'))),
    );
    expect(gone.problems[0]).toMatchObject({ kind: 'missing', where: 'leaves/260.json', position: 260 });
    const proof = await after(
      'range',
      hidden((dir) => rmSync(join(dir, 'proofs/260.tlog-proof'))),
    );
    expect(proof.problems).toMatchObject([{ kind: 'missing', where: 'proofs/260.tlog-proof', position: 260 }]);
  });

  test('two events in each other’s places', async () => {
    const { problems } = await after(
      'range',
      hidden((dir) => {
        renameSync(join(dir, 'leaves/260.json'), join(dir, 'x'));
        renameSync(join(dir, 'leaves/261.json'), join(dir, 'leaves/260.json'));
        renameSync(join(dir, 'x'), join(dir, 'leaves/261.json'));
      }),
    );
    expect(problems).toMatchObject([
      { kind: 'reordered', position: 260, message: 'this is the event of position 261' },
      { kind: 'reordered', position: 261 },
    ]);
  });

  test('an event of a unit left out with its proof, so that its stream has a gap', async () => {
    const own = town.events.flatMap(({ unit, stream }, position) =>
      unit === 'u_30' && stream.includes('hazard') ? [position] : [],
    );
    const { problems } = await after(
      'unit',
      hidden((dir) => {
        rmSync(join(dir, `leaves/${own[2]}.json`));
        rmSync(join(dir, `proofs/${own[2]}.tlog-proof`));
      }),
    );
    expect(problems[0]).toMatchObject({ kind: 'missing', where: `leaves/${own[3]}.json`, position: own[3] });
  });

  test('the last event of a stream left out', async () => {
    const own = town.events.flatMap(({ unit, stream }, position) =>
      unit === 'u_30' && stream.includes('hazard') ? [position] : [],
    );
    const { problems } = await after(
      'unit',
      hidden((dir) => {
        rmSync(join(dir, `leaves/${own.at(-1)}.json`));
        rmSync(join(dir, `proofs/${own.at(-1)}.tlog-proof`));
      }),
    );
    expect(problems[0]).toMatchObject({ kind: 'missing', where: 'liantang#hazard#h_30@7' });
  });

  test('a tile altered under an event whose proof holds, and one of the level above', async () => {
    const tile = await after('range', hidden(rewrite('log/tile/0/001', (bytes) => flipped(bytes, 8 * 32 * 4))));
    expect(tile.problems.some(({ where, position }) => where === 'log/tile/0/001' && position === 260)).toBe(true);
    const upper = await after('range', hidden(rewrite('log/tile/1/000.p/2', (bytes) => flipped(bytes, 8 * 33))));
    expect(upper.problems[0]).toMatchObject({ kind: 'altered', where: 'log/tile/1/000.p/2', position: 256 });
  });

  test('an export that says something else', async () => {
    const { problems } = await after(
      'unit',
      hidden(rewrite('export/ocel2.json', (bytes) => bytes.toString().replace('false', 'true'))),
    );
    expect(problems).toMatchObject([{ kind: 'altered', where: 'export/ocel2.json' }]);
  });

  test('evidence that is not what the event names, or that none names', async () => {
    const put = (name: string, bytes: string) =>
      hidden((dir) => {
        mkdirSync(join(dir, 'evidence'));
        writeFileSync(join(dir, 'evidence', name), bytes);
      });
    const wrong = await after('unit', put('a'.repeat(64), 'photo'));
    expect(wrong.problems).toMatchObject([{ kind: 'evidence', where: `evidence/${'a'.repeat(64)}` }]);
    const stray = createHash('sha256').update('photo').digest('hex');
    expect((await after('unit', put(stray, 'photo'))).problems).toMatchObject([
      { kind: 'evidence', where: `evidence/${stray}`, message: 'no event of the bundle names it' },
    ]);
  });

  test('a manifest altered, or files altered that nobody signed', async () => {
    const line = await after(
      'unit',
      rewrite(MANIFEST, (bytes) => bytes.toString().replace(/^[0-9a-f]{4}/u, '0000')),
    );
    expect(line.problems).toMatchObject([{ kind: 'altered', where: 'bundle.json' }]);
    const none = await after('unit', (dir) => rmSync(join(dir, MANIFEST)));
    expect(none.problems[0]).toMatchObject({ kind: 'missing', where: MANIFEST });
    const policy = await after(
      'unit',
      rewrite('policy', (bytes) => `${bytes.toString()}\n`),
    );
    expect(policy.problems).toMatchObject([{ kind: 'altered', where: 'policy' }]);
    const cut = await after('unit', hidden(rewrite('policy', (bytes) => bytes.subarray(0, bytes.indexOf('quorum')))));
    expect(cut.problems).toMatchObject([{ kind: 'truncated', where: 'policy' }]);
  });
});

test('a bundle that says it is of another unit: what it says is wrong, not every event in it', async () => {
  const { problems } = await after('unit', (dir) => {
    rewrite('bundle.json', (bytes) => bytes.toString('utf8').replace('u_30', 'u_70'))(dir);
    remanifest(dir);
  });
  const of = problems.filter(({ message }) => message.includes('u_70'));
  expect(of).toMatchObject([{ kind: 'altered', where: 'bundle.json' }]);
  expect(problems.filter(({ kind }) => kind === 'extra')).toEqual([]);
});

describe('compiling', () => {
  test('goes on where it was stopped, for the same checkpoint', async () => {
    const { source } = await sourceOf(town.events);
    const dir = join(base, 'stopped');
    for (let calls = 0, finished = false; !finished; calls++) {
      let asked = 0;
      ({ finished } = await writeBundle(source, { dir, scope: { kind: 'all' }, stopped: () => ++asked > 2 }));
      expect(calls).toBeLessThan(40);
      expect(existsSync(join(dir, MANIFEST))).toBe(finished);
      if (calls > 5) break;
    }
    const { source: grown } = await sourceOf(new Town(900).events);
    expect(await writeBundle(grown, { dir, scope: { kind: 'all' } })).toMatchObject({
      continued: true,
      info: { size: SIZE },
    });
    expect(await verifyBundle(dir, { vkey })).toMatchObject({ holds: true });
  });

  test('refuses a position beyond the head, a finished bundle, and a directory of something else', async () => {
    const { source } = await sourceOf(town.events);
    const scope: BundleScope = { kind: 'range', from: 0, to: SIZE };
    await expect(writeBundle(source, { dir: join(base, 'beyond'), scope })).rejects.toThrow(
      `position ${SIZE} is beyond the log`,
    );
    await expect(writeBundle(source, { dir: bundles.all, scope: { kind: 'all' } })).rejects.toThrow('finished');
    const dir = join(base, 'other');
    mkdirSync(dir);
    writeFileSync(join(dir, 'holiday.jpg'), '');
    await expect(writeBundle(source, { dir, scope: { kind: 'all' } })).rejects.toThrow('is not empty');
  });
});

test('every kind of problem has an exit code of its own', () => {
  expect(new Set(PROBLEM_KINDS.map((kind) => EXIT_CODES[kind])).size).toBe(PROBLEM_KINDS.length);
});

describe('a bundle of a unit with single events of other streams beside it', () => {
  test('holds, with a proof of each', async () => {
    const verdict = await after('also', () => {});
    expect(verdict.problems).toEqual([]);
    const held = readdirSync(join(bundles.also, 'leaves')).length;
    expect(held).toBe(readdirSync(join(bundles.unit, 'leaves')).length + ALSO.length);
    for (const position of ALSO) expect(existsSync(join(bundles.also, `proofs/${position}.tlog-proof`))).toBe(true);
  });

  test('misses one that was taken out, manifest and all', async () => {
    const { problems } = await after('also', (dir) => {
      for (const path of [`leaves/${ALSO[1]}.json`, `proofs/${ALSO[1]}.tlog-proof`]) rmSync(join(dir, path));
      remanifest(dir);
    });
    expect(problems[0]).toMatchObject({ kind: 'missing', position: ALSO[1] });
  });

  test('does not take one that it does not name', async () => {
    const { problems } = await after('also', (dir) => {
      const info = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8')) as { scope: { also: number[] } };
      info.scope.also = ALSO.slice(0, 1);
      writeFileSync(join(dir, 'bundle.json'), `${JSON.stringify(info, null, 2)}\n`);
      remanifest(dir);
    });
    expect(problems[0]).toMatchObject({ kind: 'extra', position: ALSO[1] });
  });

  test('finds one that was altered', async () => {
    const { problems } = await after('also', (dir) => {
      rewrite(`leaves/${ALSO[0]}.json`, (bytes) => flipped(bytes, 40))(dir);
      remanifest(dir);
    });
    expect(problems[0]).toMatchObject({ kind: 'altered', position: ALSO[0] });
  });

  test('cannot be made of positions beyond the log', async () => {
    const { source } = await sourceOf(town.events);
    const scope: BundleScope = { kind: 'unit', unit: 'u_30', also: [SIZE] };
    await expect(writeBundle(source, { dir: join(base, 'beyond'), scope })).rejects.toMatchObject({ field: 'also' });
  });
});

describe('times that cannot be', () => {
  /** A signed log in which the event at a position names another time. */
  async function withTime(at: string, kind: 'all' | 'unit', options: VerifyOptions = {}) {
    const events = [...town.events];
    const position = events.findLastIndex(({ unit }) => unit === 'u_30');
    const told = (JSON.parse(Buffer.from(events[position]!.bytes).toString('utf8')) as { recordedAt: string })
      .recordedAt;
    const text = Buffer.from(events[position]!.bytes).toString('utf8').replaceAll(told, at);
    events[position] = { ...events[position]!, bytes: Buffer.from(text) };
    const dir = join(base, `times-${copies++}`);
    await writeBundle((await sourceOf(events)).source, {
      dir,
      scope: kind === 'all' ? { kind } : { kind, unit: 'u_30' },
    });
    return { position, verdict: await verifyBundle(dir, { vkey, ...options }) };
  }

  test.each(['all', 'unit'] as const)('%s: an event written into the past stands after later ones', async (kind) => {
    const { position, verdict } = await withTime('2024-01-01T00:00:00.000Z', kind);
    expect(verdict).toMatchObject({ holds: false, count: 1, problems: [{ kind: 'back-dated', position }] });
  });

  test('an event from after a witness saw the log', async () => {
    const witness = localKey(new Uint8Array(32).fill(3));
    const witnessKey = vkeyOf('audit.example/witness', COSIGNATURE_V1, witness.publicKey);
    const { source, checkpoint } = await sourceOf(town.events);
    const line = await signNote(parseNote(checkpoint).text, [cosigner(witnessKey.name, witness, () => 1_000_000_000)]);
    const cosigned = await addCosignatures(checkpoint, line.split('\n\n')[1]!, [cosignatureVerifier(witnessKey)]);
    const dir = join(base, `times-${copies++}`);
    await writeBundle(
      { ...source, checkpoint: async () => cosigned },
      { dir, scope: { kind: 'range', from: 3, to: 3 } },
    );
    expect(await verifyBundle(dir, { vkey, witnesses: [formatVkey(witnessKey)] })).toMatchObject({
      problems: [{ kind: 'back-dated', position: 3, message: expect.stringContaining('2001-09-09') as string }],
    });
  });
});

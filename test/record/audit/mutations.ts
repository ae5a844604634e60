// One change at random to a bundle or to the tables, and what its finding must name. The same number always gives the same change.
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkLog } from '../../../shared/record/audit/check.ts';
import { BundleFiles } from '../../../shared/record/audit/files.ts';
import { INFO, MANIFEST, manifestLine } from '../../../shared/record/audit/layout.ts';
import type { AuditProblem } from '../../../shared/record/audit/problem.ts';
import { verifyBundle } from '../../../shared/record/audit/verify.ts';
import { commitHash, itemFromCommit, type Item } from '../../../shared/record/store/commit.ts';
import { flipped } from '../tlog/logs.ts';
import type { LiveTown } from './live.ts';
import { vkey } from './town.ts';

export interface Outcome {
  what: string;
  problems: AuditProblem[];
  detected: boolean;
  located: boolean;
}

/** Numbers from a seed (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A bundle that is changed in one place, verified, and put back. */
export class MutableBundle {
  readonly dir: string;
  readonly original: string;
  readonly #files: BundleFiles;
  readonly #paths: string[];

  constructor(original: string, dir: string) {
    this.original = original;
    this.dir = dir;
    rmSync(dir, { recursive: true, force: true });
    cpSync(original, dir, { recursive: true });
    this.#files = new BundleFiles(dir);
    this.#paths = this.#files.list();
  }

  async mutate(seed: number): Promise<Outcome> {
    const random = randomOf(seed);
    const touched = new Set<string>();
    const change = this.#change(random, touched);
    try {
      const refit = random(2) === 0 && !touched.has(MANIFEST);
      if (refit) this.#remanifest();
      const { problems } = await verifyBundle(this.dir, { vkey });
      const located = problems.some(
        ({ where, position, kind }) =>
          touched.has(where) ||
          // what it says that the bundle holds is then missing
          (touched.has(INFO) && kind === 'missing') ||
          (position !== undefined && change.positions.includes(position)) ||
          change.where === where,
      );
      const what = `${change.what}${refit ? ', manifest made to fit' : ''}`;
      return { what, problems, detected: problems.length > 0, located };
    } finally {
      for (const path of [...touched, MANIFEST]) {
        rmSync(join(this.dir, path), { force: true });
        if (this.#paths.includes(path)) {
          mkdirSync(dirname(join(this.dir, path)), { recursive: true });
          cpSync(join(this.original, path), join(this.dir, path));
        }
      }
    }
  }

  #change(
    random: (below: number) => number,
    touched: Set<string>,
  ): { what: string; positions: number[]; where?: string } {
    const pick = <T>(all: readonly T[]): T => all[random(all.length)]!;
    const some = (test: (path: string) => boolean): string[] => this.#paths.filter(test);
    const write = (path: string, bytes: Uint8Array): void => {
      touched.add(path);
      writeFileSync(join(this.dir, path), bytes);
    };
    const read = (path: string): Buffer => readFileSync(join(this.dir, path));
    const bundles = some((path) => path.includes('tile/entries'));
    const leaves = some((path) => path.startsWith('leaves/'));
    const kind = random(8);
    if (kind === 0) {
      const path = pick(this.#paths.filter((one) => one !== MANIFEST));
      touched.add(path);
      rmSync(join(this.dir, path));
      return { what: `${path} deleted`, positions: [] };
    }
    if (kind === 1) {
      const path = pick(this.#paths);
      const bytes = read(path);
      write(path, bytes.subarray(0, random(bytes.length)));
      return { what: `${path} truncated`, positions: [] };
    }
    if (kind <= 3 && bundles.length > 0) {
      const path = pick(bundles);
      const base = Number(path.match(/[0-9]{3}/u)![0]) * 256;
      const bytes = read(path);
      const entries: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + 2 + bytes.readUInt16BE(at);
        entries.push(bytes.subarray(at, end));
        at = end;
      }
      const at = random(entries.length);
      const act = random(3);
      const count = 1 + random(3);
      if (act === 0) {
        write(path, Buffer.concat(entries.toSpliced(at, count)));
        return { what: `${path}: ${count} entries from ${at} left out`, positions: [base + at] };
      }
      if (act === 1) {
        const added = Array.from({ length: count }, (_, n) => entries[(at + 7 + n) % entries.length]!);
        write(path, Buffer.concat(entries.toSpliced(at, 0, ...added)));
        return { what: `${path}: ${count} entries put in at ${at}`, positions: [base + at] };
      }
      const other = (at + 1 + random(entries.length - 1)) % entries.length;
      write(path, Buffer.concat(entries.with(at, entries[other]!).with(other, entries[at]!)));
      return { what: `${path}: ${at} and ${other} exchanged`, positions: [base + at, base + other] };
    }
    if (kind <= 3) {
      const [one, other] = [pick(leaves), pick(leaves)];
      if (one !== other) {
        touched.add(one);
        touched.add(other);
        renameSync(join(this.dir, one), join(this.dir, 'x'));
        renameSync(join(this.dir, other), join(this.dir, one));
        renameSync(join(this.dir, 'x'), join(this.dir, other));
        return { what: `${one} and ${other} exchanged`, positions: [] };
      }
    }
    const path = pick(random(3) > 0 ? some((one) => one.startsWith('log/') || one.startsWith('leaves/')) : this.#paths);
    const bytes = read(path);
    const bit = random(bytes.length * 8);
    write(path, flipped(bytes, bit));
    const listed = path === MANIFEST ? lineAt(bytes, bit >> 3) : undefined;
    return { what: `${path} bit ${bit}`, positions: [], ...(listed === undefined ? {} : { where: listed }) };
  }

  #remanifest(): void {
    const paths = this.#files.list().filter((path) => path !== MANIFEST);
    writeFileSync(join(this.dir, MANIFEST), paths.map((path) => manifestLine(path, this.#files.sum(path)!)).join(''));
  }
}

/** The path in the manifest's line at this byte. */
function lineAt(manifest: Buffer, at: number): string {
  const start = manifest.lastIndexOf('\n', at - 1) + 1;
  return manifest.subarray(start + 66, manifest.indexOf('\n', at)).toString();
}

const COVERED = ['events', 'command', 'request', 'person', 'recordedAt', 'next', 'prev', 'hash'] as const;

/** One change to the tables, checked, and put back. */
export async function mutateTables(town: LiveTown, seed: number): Promise<Outcome> {
  const random = randomOf(seed);
  const events = town.items('events');
  const log = town.items('log');
  const ofLog = (name: string): Item[] =>
    log.filter((item) => item['pk']!.S!.startsWith(`${town.deps.tenant}#${name}`));
  const item = events[random(events.length)]!;
  const id = `${item['stream']!.S}@${item['version']!.N}`;
  const next = `${item['stream']!.S}@${item['next']!.N}`;
  const named = [id, `index ${id}`, next];
  const restore = (table: 'events' | 'log', was: Item) => (): void => town.fake.seed(table, was);
  let undo: () => void;
  let what: string;
  switch (random(6)) {
    case 0: {
      town.remove('events', { stream: item['stream']!, version: item['version']! });
      undo = restore('events', item);
      what = `${id} deleted`;
      break;
    }
    case 1: {
      const last = events.findLast((one) => one['stream']!.S === item['stream']!.S)!;
      const version = Number(last['next']!.N);
      const count = last['events']!.L!.length;
      const forged = {
        stream: item['stream']!.S!,
        version,
        next: version + count,
        events: last['events']!.L!.map(({ B }) => B!),
        command: 'c-forged',
        request: 'r',
        person: 'p-1',
        recordedAt: last['recordedAt']!.S!,
        prev: last['hash']!.B!,
      };
      const put = itemFromCommit({ ...forged, hash: commitHash(forged) });
      town.fake.seed('events', put);
      const index = {
        pk: { S: `${town.deps.tenant}#at#${forged.stream}` },
        sk: { S: String(version + count - 1).padStart(10, '0') },
      };
      town.fake.seed('log', { ...index, first: { N: String(random(town.events)) }, version: { N: String(version) } });
      named.push(`${forged.stream}@${version}`);
      undo = () => {
        town.remove('events', { stream: put['stream']!, version: put['version']! });
        town.remove('log', index);
      };
      what = `a commit put in at ${forged.stream}@${version}`;
      break;
    }
    case 2: {
      const tables = [...ofLog('page'), ...ofLog('tile'), ...ofLog('checkpoint'), ...ofLog('at')];
      const target = tables[random(tables.length)]!;
      const changed = structuredClone(target);
      const first = Number(target['first']?.N ?? Number.NaN);
      if (changed['leaves']) {
        const bit = random(changed['leaves'].B!.length * 8);
        changed['leaves'] = { B: flipped(changed['leaves'].B!, bit) };
        named.push(`position ${first + Math.floor(bit / 256)}`);
      } else if (changed['hashes']) {
        const bit = random(changed['hashes'].B!.length * 8);
        changed['hashes'] = { B: flipped(changed['hashes'].B!, bit) };
        const [level, index] = target['sk']!.S!.split('/');
        named.push(`tile ${level}/${Number(index)}`);
      } else if (changed['hash']) {
        changed['hash'] = { B: flipped(changed['hash'].B!, random(256)) };
        const [, level, index] = target['sk']!.S!.split('/');
        named.push(`root of tile ${level}/${Number(index)}`);
      } else if (changed['frontier'] && random(3) > 0) {
        const hashes = changed['frontier'].L!;
        const at = random(hashes.length);
        hashes[at] = { B: flipped(hashes[at]!.B!, random(256)) };
        named.push('the latest checkpoint');
      } else if (changed['note']) {
        const bytes = Buffer.from(changed['note'].S!);
        const at = random(bytes.length);
        bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
        changed['note'] = { S: bytes.toString() };
        named.push(changed['frontier'] ? 'the latest checkpoint' : `checkpoint ${Number(target['sk']!.S)}`);
      } else {
        changed['first'] = { N: String(first + 1) };
        named.push(`position ${first}`);
      }
      town.fake.seed('log', changed);
      undo = restore('log', target);
      what = `${target['pk']!.S} ${target['sk']!.S} altered`;
      break;
    }
    case 3: {
      const other = events[random(events.length)]!;
      const moved = { ...structuredClone(item), events: structuredClone(other['events']!) };
      if (JSON.stringify(moved['events']) === JSON.stringify(item['events'])) moved['events'] = { L: [] };
      town.fake.seed('events', moved);
      undo = restore('events', item);
      what = `${id} has the events of another`;
      break;
    }
    default: {
      const changed = structuredClone(item);
      const name = COVERED[random(COVERED.length)]!;
      const value = changed[name]!;
      if (value.L) {
        const at = random(value.L.length);
        value.L[at] = { B: flipped(value.L[at]!.B!, random(value.L[at]!.B!.length * 8)) };
      } else if (value.B) changed[name] = { B: flipped(value.B, random(256)) };
      else if (value.N) changed[name] = { N: String(Number(value.N) + 1) };
      else changed[name] = { S: `${value.S}!` };
      town.fake.seed('events', changed);
      undo = restore('events', item);
      what = `${id} ${name} altered`;
    }
  }
  try {
    const { problems } = await checkLog(town.deps, { vkey: town.vkey });
    const located = problems.some(({ where, position }) =>
      [...where.split(', '), `position ${position}`].some((one) => named.includes(one)),
    );
    return { what, problems, detected: problems.length > 0, located };
  } finally {
    undo();
  }
}

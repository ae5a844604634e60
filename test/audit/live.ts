// A town's events in the tables as they stand on a running platform, and hands that change them behind the platform's back.
import { positionKey, type LogDeps } from '../../shared/log/deps.ts';
import { sequence } from '../../shared/log/sequence.ts';
import { commitFromItem, itemFromCommit, type Commit, type Item } from '../../shared/store/commit.ts';
import { signCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { leafHash } from '../../shared/tlog/hash.ts';
import { noteSigner } from '../../shared/tlog/note.ts';
import { readFrontier, readRoot } from '../../shared/tlog/tile-build.ts';
import { tilesOf } from '../../shared/tlog/tile.ts';
import { logDeps } from '../log/commits.ts';
import { FakeDynamo } from '../support/fake-dynamo.ts';
import { TileStore } from '../tlog/logs.ts';
import { key, ORIGIN, Town, vkey } from './town.ts';

export interface LiveTown {
  fake: FakeDynamo;
  deps: LogDeps;
  commits: Commit[];
  /** how many */
  events: number;
  vkey: string;
  positionOf: (stream: string, version: number) => number;
  items: (table: 'events' | 'log') => Item[];
  /** the commit of a stream at this version, made another */
  replace: (stream: string, version: number, change: (commit: Commit) => Commit) => void;
  /** the first item that fits, changed */
  change: (table: 'events' | 'log', fits: (item: Item) => boolean, change: (item: Item) => void) => void;
  remove: (table: 'events' | 'log', key: Item) => void;
}

/**
 * @param events at least so many
 * @param perPage commits brought in at a time; each time makes a page
 */
export async function liveTown(events: number, perPage = 100): Promise<LiveTown> {
  const fake = new FakeDynamo();
  const deps = logDeps(fake);
  const { commits } = new Town(events);
  for (let at = 0; at < commits.length; at += perPage) {
    const some = commits.slice(at, at + perPage);
    for (const commit of some) fake.seed('events', itemFromCommit(commit));
    await sequence(deps, some);
  }
  const order = await orderOf(deps, fake);
  await sealed(fake, order.leaves);
  const town: LiveTown = {
    fake,
    deps,
    commits,
    events: order.leaves.length,
    vkey,
    positionOf: (stream, version) => order.positions.get(`${stream}@${version}`)!,
    items: (table) => fake.items(table),
    replace: (stream, version, change) =>
      town.change(
        'events',
        (item) => item['stream']?.S === stream && item['version']?.N === String(version),
        (item) => Object.assign(item, itemFromCommit(change(commitFromItem(item)))),
      ),
    change(table, fits, change) {
      const item = structuredClone(fake.items(table).find(fits)!);
      change(item);
      fake.seed(table, item);
    },
    remove: (table, gone) => fake.unseed(table, gone),
  };
  return town;
}

async function orderOf(
  deps: LogDeps,
  fake: FakeDynamo,
): Promise<{ positions: Map<string, number>; leaves: Uint8Array[] }> {
  const commits = new Map(
    fake.items('events').map((item) => [`${item['stream']!.S}@${item['version']!.N}`, commitFromItem(item)]),
  );
  const positions = new Map<string, number>();
  const leaves: Uint8Array[] = [];
  const pages = fake.items('log').filter((item) => item['pk']!.S === `${deps.tenant}#page`);
  for (const page of pages.toSorted((a, b) => Number(a['first']!.N) - Number(b['first']!.N))) {
    for (const [n, { S: stream }] of page['streams']!.L!.entries()) {
      const commit = commits.get(`${stream}@${page['versions']!.L![n]!.N}`)!;
      for (const [at, bytes] of commit.events.entries()) {
        positions.set(`${stream}@${commit.version + at}`, leaves.length);
        leaves.push(leafHash(bytes));
      }
    }
  }
  return { positions, leaves };
}

/** Full tiles, a checkpoint of two thirds of the log and one of all of it, and the frontier, as the sealing leaves them. */
async function sealed(fake: FakeDynamo, leaves: Uint8Array[]): Promise<void> {
  const pk = (name: string) => ({ S: `liantang#${name}` });
  const tiles = new TileStore();
  for (const until of [Math.floor((leaves.length * 2) / 3), leaves.length]) {
    await tiles.append(leaves.slice(tiles.size, until));
    const root = await readRoot(tiles.size, tiles.read);
    const note = await signCheckpoint({ origin: ORIGIN, size: tiles.size, root }, [noteSigner(ORIGIN, key)]);
    fake.seed('log', { pk: pk('checkpoint'), sk: { S: positionKey(tiles.size) }, note: { S: note } });
  }
  for (const tile of tilesOf(tiles.size).filter(({ width }) => width === 256)) {
    const sk = { S: `${tile.level}/${positionKey(tile.index)}` };
    fake.seed('log', { pk: pk('tile'), sk, hashes: { B: tiles.get(tile) } });
  }
  const head = fake.items('log').find((item) => item['sk']!.S === 'head')!;
  const { hashes } = await readFrontier(tiles.size, tiles.read);
  const frontier = Array.from({ length: hashes.length / 32 }, (_, n) => ({ B: hashes.slice(n * 32, n * 32 + 32) }));
  fake.seed('log', { ...head, frontier: { L: frontier } });
}

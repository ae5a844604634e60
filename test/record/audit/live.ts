// A town's events in the tables as they stand on a running platform, and hands that change them behind the platform's back.
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sealLog } from '../../../shared/record/seal/seal.ts';
import { commitFromItem, itemFromCommit, type Commit, type Item } from '../../../shared/record/store/commit.ts';
import { logDeps } from '../log/commits.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
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
 * Events in the log, a checkpoint of two thirds of it and one of all of it.
 * @param events the least number
 * @param perPage commits brought in at a time; each time makes a page
 */
export async function liveTown(events: number, perPage = 100): Promise<LiveTown> {
  const fake = new FakeDynamo();
  let now = new Date(0);
  const deps = { ...logDeps(fake), now: () => now };
  const { commits } = new Town(events);
  const sealing = { log: deps, origin: ORIGIN, key, interval: 0, sleep: () => Promise.resolve() };
  let early = Math.floor((commits.length * 2) / 3);
  for (let at = 0; at < commits.length; at += perPage) {
    const some = commits.slice(at, at + perPage);
    for (const commit of some) fake.seed('events', itemFromCommit(commit));
    now = new Date(some.at(-1)!.recordedAt);
    await sequence(deps, some);
    if (at + perPage <= early || early === 0) continue;
    await sealLog(sealing);
    early = 0;
  }
  await sealLog(sealing);
  const positions = positionsOf(deps, fake);
  const town: LiveTown = {
    fake,
    deps,
    commits,
    events: positions.size,
    vkey,
    positionOf: (stream, version) => positions.get(`${stream}@${version}`)!,
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

/** `stream@version` → position, by the pages. */
function positionsOf(deps: LogDeps, fake: FakeDynamo): Map<string, number> {
  const positions = new Map<string, number>();
  for (const page of fake.items('log').filter((item) => item['pk']!.S === `${deps.tenant}#page`)) {
    for (const [n, { S: stream }] of page['streams']!.L!.entries()) {
      for (let event = 0; event < Number(page['counts']!.L![n]!.N); event++) {
        positions.set(`${stream}@${Number(page['versions']!.L![n]!.N) + event}`, positions.size);
      }
    }
  }
  return positions;
}

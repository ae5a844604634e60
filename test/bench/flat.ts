// Does anything cost more when the log is long? Two platforms side by side, one with a short and one with a long log, measured in
// alternating rounds: times as a ratio (with the engine's own PutItem beside them, since a local engine slows down by itself), and what
// DynamoDB charges for, which is the same on any machine: write units, read units, items read.
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { registerUnit } from '../../shared/rules/perform/unit.ts';
import { itemFromCommit } from '../../shared/record/store/commit.ts';
import { appendCommits, sealCommits } from '../../shared/record/store/store.ts';
import { listHazards } from '../../shared/reading/hazard/list-query.ts';
import { readUnitPage, unitTimeline } from '../../shared/reading/unit/page-query.ts';
import { countCapacity, type Consumed } from './capacity.ts';
import { inTurn, run, type Measured } from './load.ts';
import type { Bench } from './options.ts';
import { startServer, type Server } from './server-process.ts';
import { commitOfOneKilobyte } from './store.ts';
import { fixed, judged, median, type Row, type Section } from './table.ts';
import * as town from './town.ts';

const MOST = 1.15;
const EVENTS_OF_A_UNIT = 22;
/** Both sides have as many. */
const LISTED = 10;
const SETTLED_AT_ONCE = 500; // units
/** Units of the work that is sequenced and projected in one round. */
const ROUND_UNITS = 12;

export interface Side {
  server: Server;
  events: number;
  followers: town.Followers;
  consumed: { take: () => Consumed };
  views: Parameters<typeof readUnitPage>[0];
  /** a unit with two percent of all events */
  long: string;
}
type Name = 'short' | 'long';

export async function flatSections(bench: Bench): Promise<Section[]> {
  const [few, many] = bench.quick ? [200, 2_000] : [1_000, 100_000];
  const sides: { short: Side; long: Side } = { short: await makeSide(few), long: await makeSide(many) };
  try {
    for (const side of [sides.short, sides.long]) await settle(bench, side);
    bench.say('flat: measuring');
    return [
      {
        title: `Flat cost: time after ${few} and after ${many} events`,
        note: 'Median ratio of alternating rounds, one call in flight. The local engine’s own PutItem shows how much of a ratio is the engine’s.',
        rows: [...(await times(bench, sides)), ...(await following(bench, sides))],
      },
      {
        title: `Flat cost: what DynamoDB charges after ${few} and after ${many} events`,
        note: 'From the engine’s ConsumedCapacity and counts. “Oldest unit”: the one that has two percent of all events.',
        rows: await charges(sides),
      },
    ];
  } finally {
    await Promise.all([sides.short.server.stop(), sides.long.server.stop()]);
  }
}

export async function makeSide(events: number): Promise<Side> {
  const server = await startServer(false);
  const dynamo = new DynamoDBClient({ ...server.client, maxAttempts: 3 });
  const views = { dynamo, ...server.tables, tenant: town.TENANT, now: () => new Date() };
  const consumed = countCapacity(dynamo, server.tables);
  return { server, events, followers: town.makeFollowers(views, 1000), consumed, views, long: 'u_oldest' };
}

/** Fills the tables by prepared commits, sequenced and projected by the handlers. */
export async function settle(bench: Bench, side: Side): Promise<void> {
  const old = await town.inspectedUnit(side.long, Math.round(side.events * 0.02) - 1);
  await bringIn(side, old);
  const units = Math.ceil((side.events - old.length) / EVENTS_OF_A_UNIT);
  for (let done = 0; done < units; done += SETTLED_AT_ONCE) {
    await bringIn(side, await town.townCommits(`fill${done}`, Math.min(SETTLED_AT_ONCE, units - done)));
    if (units > SETTLED_AT_ONCE)
      bench.say(`flat: ${Math.min(units, done + SETTLED_AT_ONCE)} of ${units} units filled in`);
  }
}

async function bringIn({ server, followers }: Side, commits: Awaited<ReturnType<typeof town.townCommits>>) {
  await town.fill(server.dynamo, server.tables.events, commits);
  for (const keys of town.chunks(commits, 1000)) await followers.sequence(keys);
  await followers.project();
}

/** The same call on both sides, round by round: medians of each, and the median of the rounds' ratios of medians. */
async function times(bench: Bench, sides: Record<Name, Side>): Promise<Row[]> {
  const [rounds, calls] = bench.quick ? [1, 10] : [7, 120];
  const compare = async (
    what: string,
    call: (side: Side, id: string) => Promise<unknown>,
    counts = true,
  ): Promise<Row> => {
    const contender = (side: Side) => (round: number) =>
      run(calls, 1, (index) => call(side, `${what}-${round}-${index}`));
    const measured = await inTurn<Name>(rounds, { short: contender(sides.short), long: contender(sides.long) });
    return timeRow(what, measured, counts);
  };
  const prepared = commitOfOneKilobyte('bench#hazard#template', 1);
  const put = itemFromCommit(sealCommits([prepared])[0]!);
  const unit = { short: 'u_fill0_0', long: 'u_fill0_0' };
  return [
    await compare(
      'the engine’s own PutItem of 1 KB',
      ({ server }, id) =>
        server.dynamo.send(
          new PutItemCommand({ TableName: server.tables.events, Item: { ...put, stream: { S: `raw#hazard#${id}` } } }),
        ),
      false,
    ),
    await compare('append of 1 KB', ({ server }, id) =>
      appendCommits({ dynamo: server.dynamo, table: server.tables.events }, [
        { ...prepared, stream: `bench#hazard#${id}` },
      ]),
    ),
    await compare('HTTP: register a unit', ({ server }, id) => server.http.post('/v1/units', town.unitDetails(id))),
    await compare('HTTP: record a clean inspection', ({ server }) =>
      server.http.post('/v1/inspections', {
        unit: unit.short,
        track: 'gas',
        mode: 'routine',
        answers: town.answers(0),
      }),
    ),
    await compare('HTTP: a unit’s page', ({ server }) => server.http.get(`/v1/units/${unit.long}`)),
    await compare('HTTP: page of the oldest unit', ({ server, long }) => server.http.get(`/v1/units/${long}`)),
    await compare('HTTP: list of open hazards', ({ server }) =>
      server.http.get(`/v1/hazards?status=open&limit=${LISTED}`),
    ),
  ];
}

function timeRow(what: string, { short, long }: Record<Name, Measured[]>, counts: boolean): Row {
  const medians = (measured: Measured[]): number[] => measured.map(({ latencies }) => median(latencies));
  const [before, after] = [medians(short), medians(long)];
  const ratio = median(after.map((one, round) => one / before[round]!));
  const text = `${fixed(median(before))} → ${fixed(median(after))} ms: **${fixed(ratio)}**`;
  return counts ? judged(`${what}, p50`, ratio, { atMost: MOST }, text) : { what: `${what}, p50`, figure: text };
}

/** Sequencing and projecting the same work, a hundred events a wake-up; and what it takes in write units. */
async function following(bench: Bench, sides: Record<Name, Side>): Promise<Row[]> {
  const rounds = bench.quick ? 1 : 7;
  const rates: Record<'sequencing' | 'projecting', Record<Name, number[]>> = {
    sequencing: { short: [], long: [] },
    projecting: { short: [], long: [] },
  };
  const units: Record<Name, number[]> = { short: [], long: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const commits = await town.townCommits(`round${round}`, ROUND_UNITS);
    const events = town.eventsIn(commits);
    for (const name of round % 2 === 0 ? (['short', 'long'] as const) : (['long', 'short'] as const)) {
      const { server, followers, consumed } = sides[name];
      await town.fill(server.dynamo, server.tables.events, commits);
      consumed.take();
      let [sequencing, projecting] = [0, 0];
      for (const wake of town.wakeUps(commits, 100)) {
        const begun = performance.now();
        await followers.sequence(wake);
        const between = performance.now();
        await followers.project();
        sequencing += between - begun;
        projecting += performance.now() - between;
      }
      if (round === 0) continue; // warm-up
      rates.sequencing[name].push((events / sequencing) * 1000);
      rates.projecting[name].push((events / projecting) * 1000);
      units[name].push(sum(Object.values(consumed.take().writes)) / events);
    }
  }
  const rows = (['sequencing', 'projecting'] as const).map((what) => {
    const { short, long } = rates[what];
    const ratio = median(short.map((one, round) => one / long[round]!));
    const text = `${Math.round(median(short))} → ${Math.round(median(long))} events/s: **${fixed(ratio)}**`;
    return judged(`${what}, 100 events a wake-up`, ratio, { atMost: MOST }, text);
  });
  return [
    ...rows,
    chargeRow('sequencing and projecting: write units per event', median(units.short), median(units.long)),
  ];
}

async function charges(sides: Record<Name, Side>): Promise<Row[]> {
  const measure = async (call: (side: Side) => Promise<unknown>): Promise<Record<Name, Consumed>> => {
    const each = async (side: Side): Promise<Consumed> => {
      await call(side); // what a process reads once: the campaign, the live generation
      side.consumed.take();
      await call(side);
      return side.consumed.take();
    };
    return { short: await each(sides.short), long: await each(sides.long) };
  };
  let commands = 0;
  const register = await measure(({ server, views }) => {
    commands += 1;
    return registerUnit(
      stores.get(server) ?? remember(server, { dynamo: views.dynamo, table: server.tables.events }),
      {
        tenant: town.TENANT,
        command: `flat-${commands}`,
        request: 'flat',
        actor: { person: 'p-office-1', post: '科员', organisation: 'office' },
        source: 'api',
        now: new Date(),
      },
      { details: town.unitDetails(`flat ${commands}`) },
    );
  });
  const page = await measure(({ views }) => readUnitPage(views, 'u_fill0_0'));
  const oldest = await measure(({ views, long }) => readUnitPage(views, long));
  const timeline = await measure(({ views, long }) => unitTimeline(views, { unit: long, limit: LISTED }));
  const list = await measure(({ views }) => listHazards(views, { status: 'open', limit: LISTED }));
  const items = (what: string, { short, long }: Record<Name, Consumed>): Row =>
    chargeRow(`${what}: items read`, short.items, long.items);
  const reads = (what: string, { short, long }: Record<Name, Consumed>): Row =>
    chargeRow(`${what}: read units`, short.reads, long.reads);
  return [
    chargeRow(
      'register a unit: write units',
      sum(Object.values(register.short.writes)),
      sum(Object.values(register.long.writes)),
    ),
    reads('register a unit', register),
    items('a unit’s page', page),
    reads('a unit’s page', page),
    items('page of the oldest unit', oldest),
    reads('page of the oldest unit', oldest),
    items('10 newest of the oldest unit’s timeline', timeline),
    items('10 open hazards', list),
    reads('10 open hazards', list),
  ];
}

const stores = new Map<Server, { dynamo: DynamoDBClient; table: string }>();
/** One object for the life of the process, as in the API: the campaign is remembered with it. */
function remember(server: Server, deps: { dynamo: DynamoDBClient; table: string }) {
  stores.set(server, deps);
  return deps;
}

function chargeRow(what: string, short: number, long: number): Row {
  const ratio = short === 0 && long === 0 ? 1 : long / short;
  return judged(what, ratio, { atMost: MOST }, `${fixed(short)} → ${fixed(long)}: **${fixed(ratio)}**`);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

// The trace asked of a unit with 10,000 events, in a short log and in one of a million: items and read units that each
// question takes, which must not depend on the rest of the log, and what they are made of: the unit's own index entries
// and commits. The rest is made cheaply, of commits with two hundred small events each; how they are grouped does not
// matter to a question that never reads them.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { definitionOf, encodeEvent } from '../../events/catalogue.ts';
import { streamKey } from '../../events/envelope.ts';
import { hazardId } from '../../shared/rules/perform/execute.ts';
import { positionOf } from '../../shared/record/log/positions.ts';
import { sweep } from '../../shared/record/log/sweep.ts';
import { NO_COMMIT, type Commit } from '../../shared/record/store/commit.ts';
import { sealCommits } from '../../shared/record/store/store.ts';
import { askAccess } from '../../shared/reading/trace/access-question.ts';
import { askDossier } from '../../shared/reading/trace/unit-file-question.ts';
import { askDeadlines, askEscalation, askReminders } from '../../shared/reading/trace/hazard-questions.ts';
import {
  askClause,
  askDifference,
  askInspections,
  askLate,
  askRecurrences,
  askResponsible,
  askUnchecked,
} from '../../shared/reading/trace/unit-questions.ts';
import { resolveKnownAt, type Known } from '../../shared/reading/trace/known-at.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { eventOf } from '../support/builders.ts';
import { countCapacity, type Consumed } from './capacity.ts';
import type { Bench } from './options.ts';
import { startServer, type Server } from './server-process.ts';
import { fixed, judged, median, type Row, type Section } from './table.ts';
import * as town from './town.ts';

const UNIT = 'u_traced';
const HAZARD = hazardId(UNIT, 'gas', 'GAS-01');
const CASE = 'e_traced';
const PER_COMMIT = 200;
const AT_ONCE = 50; // commits

interface Side {
  server: Server;
  views: ViewDeps;
  consumed: { take: () => Consumed };
  early: Known;
  now: Known;
}
type Asked = [what: string, ask: (side: Side) => Promise<unknown>];

/** The unit's acts are a day apart. */
const ON = '2026-01-01';
const QUESTIONS: readonly Asked[] = [
  ['1 inspections', ({ views, now }) => askInspections(views, now, { unit: UNIT, before: ON, months: 240 })],
  ['2 clause', ({ views, now }) => askClause(views, now, { unit: UNIT, clause: 'GAS-01' })],
  ['3 deadlines of its busiest hazard', ({ views, now }) => askDeadlines(views, now, HAZARD)],
  ['4 reminders of that hazard', ({ views, now }) => askReminders(views, now, HAZARD)],
  ['5 responsible', ({ views, now }) => askResponsible(views, now, { unit: UNIT, on: ON })],
  ['6 difference', ({ views, now, early }) => askDifference(views, early, now, UNIT)],
  ['7 recurrences', ({ views, now }) => askRecurrences(views, now, UNIT)],
  ['8 escalation', ({ views, now }) => askEscalation(views, now, CASE)],
  ['9 late', ({ views, now }) => askLate(views, now, UNIT)],
  ['9 late, as known at half of its life', ({ views, early }) => askLate(views, early, UNIT)],
  ['11 units like it', ({ views, now }) => askUnchecked(views, now, { unit: UNIT, clause: 'GAS-01', track: 'gas' })],
  ['12 readers', ({ views, now }) => askAccess(withAccess(views), now, { unit: UNIT, after: '2025-01-01' })],
  ['dossier, 12 months', ({ views, now }) => askDossier(withAccess(views), now, { unit: UNIT, on: ON, months: 12 })],
];

const withAccess = (views: ViewDeps) => ({
  ...views,
  access: { dynamo: views.dynamo, table: accessTables.get(views)!, tenant: views.tenant },
});
const accessTables = new WeakMap<ViewDeps, string>();

export async function traceSections(bench: Bench): Promise<Section[]> {
  const [unitEvents, few, many] = bench.quick ? [400, 1_000, 10_000] : [10_000, 20_000, 1_000_000];
  bench.say(`trace: making a unit with ${unitEvents} events`);
  const unit = [...(await town.tracedUnit(UNIT, unitEvents)), proposedCase()];
  const sides = { short: await makeSide(bench, unit, few), long: await makeSide(bench, unit, many) };
  try {
    const entries = town.eventsIn(unit);
    const rows: Row[] = [];
    for (const [what, ask] of QUESTIONS) rows.push(...(await measured(bench, what, ask, sides, entries, unit.length)));
    return [
      {
        title: `The trace: a unit with ${entries} events in logs of ${few} and of ${many}`,
        note: `Items and read units from the engine. The unit has ${entries} index entries and ${unit.length} commits; what a question reads beyond those it wants is the campaign and the rosters of its organisations.`,
        rows,
      },
    ];
  } finally {
    await Promise.all([sides.short.server.stop(), sides.long.server.stop()]);
  }
}

async function measured(
  bench: Bench,
  what: string,
  ask: (side: Side) => Promise<unknown>,
  sides: { short: Side; long: Side },
  entries: number,
  commits: number,
): Promise<Row[]> {
  bench.say(`trace: ${what}`);
  const times: { short: number[]; long: number[] } = { short: [], long: [] };
  const consumed = { short: undefined as Consumed | undefined, long: undefined as Consumed | undefined };
  for (let round = 0; round < (bench.quick ? 2 : 6); round += 1) {
    for (const name of round % 2 === 0 ? (['short', 'long'] as const) : (['long', 'short'] as const)) {
      const side = sides[name];
      side.consumed.take();
      const begun = performance.now();
      await ask(side);
      if (round > 0) times[name].push(performance.now() - begun); // the first is a warm-up
      consumed[name] = side.consumed.take();
    }
  }
  const [before, after] = [consumed.short!, consumed.long!];
  const ratio = after.items / before.items;
  const figure = `${before.items} → ${after.items} items: **${fixed(ratio)}**; ${fixed(after.reads, 0)} read units, ${fixed(median(times.short), 0)} → ${fixed(median(times.long), 0)} ms`;
  const bound = entries + commits + TOWN_ITEMS;
  return [
    judged(what, ratio, { atMost: 1 }, figure),
    ...(after.items > bound ? [judged(`${what}: items read`, after.items, { atMost: bound })] : []),
  ];
}

/** The campaign (definition, rule set, targets, checklists) and its positions. */
const TOWN_ITEMS = 60;

async function makeSide(bench: Bench, unit: readonly Commit[], events: number): Promise<Side> {
  const server = await startServer(false);
  const dynamo = new DynamoDBClient({ ...server.client, maxAttempts: 3 });
  const views: ViewDeps = {
    dynamo,
    ...server.tables,
    tenant: town.TENANT,
    now: () => new Date('2060-01-01T00:00:00Z'),
  };
  accessTables.set(views, server.tables.access);
  const followers = town.makeFollowers(views, 1000);
  const bringIn = async (commits: readonly Commit[]): Promise<void> => {
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- fills a table, not an array
    await town.fill(dynamo, server.tables.events, commits);
    for (const keys of town.chunks(commits, 1000)) await followers.sequence(keys);
    await followers.project();
  };
  await sweep(views); // the campaign, which the platform launched without followers
  await followers.project();
  // the unit's events stand among the others: half of these before, half after
  const others = Math.max(0, Math.ceil((events - town.eventsIn(unit)) / PER_COMMIT));
  const half = Math.ceil(others / 2);
  let done = 0;
  const fillUpTo = async (until: number): Promise<void> => {
    for (; done < until; done += AT_ONCE) {
      await bringIn(Array.from({ length: Math.min(AT_ONCE, until - done) }, (_, n) => filler(done + n)));
      if (done % 500 === 0) bench.say(`trace: ${done * PER_COMMIT} of ${events} events`);
    }
  };
  await fillUpTo(half);
  await bringIn(unit);
  done = half;
  await fillUpTo(others);
  const consumed = countCapacity(dynamo, server.tables);
  const now = await resolveKnownAt(views, undefined, async () => {});
  // in the middle of the unit's events
  const first = await positionOf(views, streamKey(town.TENANT, 'unit', UNIT), 1);
  const middle = first! + Math.floor(town.eventsIn(unit) / 2);
  const early = await resolveKnownAt(views, { position: middle }, async () => {});
  return { server, views, consumed, now, early };
}

/** A case of the unit that was proposed, and no more. */
function proposedCase(): Commit {
  const { example } = definitionOf('EscalationProposed');
  const data = { ...(example as object), hazard: HAZARD } as never;
  const event = eventOf('escalation', CASE, 1, { type: 'EscalationProposed', unit: UNIT, data });
  return commitOf(streamKey(town.TENANT, 'escalation', CASE), CASE, [encodeEvent(event)]);
}

/** Two hundred targets that nobody asks about, in a stream of their own. */
function filler(n: number): Commit {
  const id = `filler-${n}`;
  const data = { id: 'x', measure: '指标', goal: 1, unit: 'count' as const, due: '2025-12-31' };
  const events = Array.from({ length: PER_COMMIT }, (_, at) =>
    encodeEvent(eventOf('campaign', id, at + 1, { type: 'TargetSet', data })),
  );
  return commitOf(streamKey(town.TENANT, 'campaign', id), id, events);
}

/** The first commit of a stream. */
function commitOf(
  stream: string,
  command: string,
  events: Parameters<typeof sealCommits>[0][number]['events'],
): Commit {
  return sealCommits([
    {
      stream,
      version: 1,
      events,
      command,
      request: 'r',
      person: 'p',
      recordedAt: '2025-05-01T00:00:00.000Z',
      prev: NO_COMMIT,
    },
  ])[0]!;
}

// One morning's run of the clock (催办) among 10,000 open deadlines and among 100,000, with 500 due today in both: what
// it reads, and how long it takes, must depend on what is due. The documents of the view are made by its own fold and
// written as the projection writes them; only those that are due have their streams in the events table, as a run looks
// into no others.
import { encodeEvent, type DaochaEvent, type Draft } from '../../events/catalogue.ts';
import type { RuleSet } from '../../events/campaign.ts';
import { streamKey } from '../../events/envelope.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../shared/rules/perform/campaign.ts';
import type { CommandContext } from '../../shared/rules/perform/execute.ts';
import { registerUnit } from '../../shared/rules/perform/unit.ts';
import { batchPut } from '../../shared/record/log/batch.ts';
import { remind, type Reminded, type RemindDeps } from '../../shared/clock/remind/run.ts';
import { NO_COMMIT, type Commit } from '../../shared/record/store/commit.ts';
import { sealCommits } from '../../shared/record/store/store.ts';
import { ABSENT, documentItems, foldDocument } from '../../shared/reading/views/apply.ts';
import { DEADLINE_SK, deadlineKey, deadlinesView, type DeadlineEntry } from '../../shared/reading/deadline/list.ts';
import { viewPartition, type DocumentView } from '../../shared/reading/views/view.ts';
import { eventOf } from '../support/builders.ts';
import { startEngineWithTables, type EngineWithTables } from '../support/platform.ts';
import { countCapacity, type Consumed } from './capacity.ts';
import type { Bench } from './options.ts';
import { fixed, judged, median, type Section } from './table.ts';
import * as town from './town.ts';
import { endOfTownDay, plusDays } from '../../shared/town-time.ts';

/** A Thursday; the run is at half past eight in town. */
const TODAY = '2025-05-22';
const NOW = new Date(`${TODAY}T08:30:00+08:00`);
const UNIT = 'u_deadlines';
/** One in ten passed long ago, and its case is with the district. */
const LONG_PAST = 10;
/** Of the streams of a deadline that is due a run reads one item; beside them the campaign, the unit and the rosters. */
const TOWN_ITEMS = 60;
/** Documents written before progress is shown. */
const AT_ONCE = 5_000;

/** Without reports, so that only what is asked about is counted. */
const RULES: RuleSet = {
  ...LIANTANG_RULES,
  monthlyReport: { day: 24, cutoff: 'by' },
  quarterlyBulletin: undefined,
  yearEndReport: undefined,
};

interface Side {
  open: number;
  engine: EngineWithTables;
  consumed: { take: () => Consumed };
  times: number[];
}

export async function deadlineSections(bench: Bench): Promise<Section[]> {
  const [few, many, due] = bench.quick ? [300, 1_000, 50] : [10_000, 100_000, 500];
  const sides: Side[] = [];
  try {
    for (const open of [few, many]) {
      const engine = await startEngineWithTables();
      sides.push({ open, engine, consumed: countCapacity(engine.dynamo, engine.tables), times: [] });
      await fill(bench, engine, open, due);
    }
    const first: { done: Reminded; consumed: Consumed; ms: number }[] = [];
    for (const side of sides) {
      bench.say(`deadlines: the first run among ${side.open}`);
      first.push(await run(side));
    }
    // From here on everything is done already: each run looks at the same, and finds that.
    for (let round = 0; round < (bench.quick ? 2 : 6); round += 1) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) side.times.push((await run(side)).ms);
    }
    const [before, after] = first as [(typeof first)[0], (typeof first)[0]];
    const [short, long] = sides as [Side, Side];
    const ratio = after.consumed.items / before.consumed.items;
    const issued = ({ done }: typeof after): string =>
      `${Object.entries(done.issued)
        .map(([rung, count]) => `${count} × rung ${rung}`)
        .join(', ')}, ${done.failed} failed`;
    return [
      {
        title: `A run of the clock: ${due} due today among ${few} and among ${many} open deadlines`,
        note: 'Items and read units from the engine. The first run issues what is due; those after it find that done.',
        rows: [
          { what: 'issued by the first run', figure: `${issued(before)}; ${issued(after)}` },
          judged(
            'deadlines read from the view',
            after.done.read,
            { atMost: due },
            `${before.done.read} → ${after.done.read}`,
          ),
          judged(
            'items read',
            ratio,
            { atMost: 1.01 },
            `${before.consumed.items} → ${after.consumed.items}: **${fixed(ratio)}**; ${fixed(after.consumed.reads, 0)} read units in ${after.consumed.calls} calls`,
          ),
          judged('items read for each that is due', after.consumed.items / due, { atMost: 3 + TOWN_ITEMS / due }),
          { what: 'first run', figure: `${fixed(before.ms, 0)} → ${fixed(after.ms, 0)} ms` },
          judged(
            'runs after it',
            median(long.times) / median(short.times),
            { atMost: 1.5 },
            `${fixed(median(short.times), 0)} → ${fixed(median(long.times), 0)} ms: **${fixed(median(long.times) / median(short.times))}**`,
          ),
        ],
      },
    ];
  } finally {
    await Promise.all(sides.map(({ engine }) => engine.stop()));
  }
}

async function run({ engine, consumed }: Side): Promise<{ done: Reminded; consumed: Consumed; ms: number }> {
  const { dynamo, tables } = engine;
  const deps: RemindDeps = {
    store: { dynamo, table: tables.events },
    views: { dynamo, ...tables, tenant: town.TENANT, now: () => NOW },
    sleep: async () => {},
    failed: (what, error) => {
      throw new Error(what, { cause: error });
    },
  };
  consumed.take();
  const begun = performance.now();
  const done = await remind(deps, { mode: 'morning', now: NOW });
  return { done, ms: performance.now() - begun, consumed: consumed.take() };
}

async function fill(bench: Bench, { dynamo, tables }: EngineWithTables, open: number, due: number): Promise<void> {
  const store = { dynamo, table: tables.events };
  const launched = new Date('2025-05-08T02:00:00.000Z');
  await seedCampaign(store, as('seed', launched), { definition: LIANTANG, ruleSet: RULES, targets: [] });
  await registerUnit(store, as('unit', launched), { id: UNIT, details: town.unitDetails(UNIT) });
  const lifeNumber = (n: number): DaochaEvent[] =>
    n < due ? dueToday(n) : n % LONG_PAST === 0 ? longPast(n) : dueLater(n);
  const commits = Array.from({ length: due }, (_, n) => commitOf(lifeNumber(n)));
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- fills a table, not an array
  await town.fill(dynamo, tables.events, commits);
  for (let from = 0; from < open; from += AT_ONCE) {
    bench.say(`deadlines: ${from} of ${open} written`);
    const lives = Array.from({ length: Math.min(AT_ONCE, open - from) }, (_, n) => lifeNumber(from + n));
    await batchPut(dynamo, tables.views, lives.flatMap(itemsOf));
  }
}

function as(command: string, now: Date): CommandContext {
  const actor = { person: 'p-office-1', post: '主任', organisation: 'office' };
  return { tenant: town.TENANT, command, request: command, actor, source: 'api', now };
}

const idOf = (n: number): string => `h_${n}`;
const about = { unit: UNIT, track: 'gas' as const, organisation: 'guijianban' };
const life = { clause: 'GAS-01', grade: 'general' as const };
const waiting = { ...life, before: 'ordered' as const, after: 'ordered' as const };

/** From its finding to an order for a day; then what the clock did. */
function lifeOf(n: number, due: string, ...then: Draft[]): DaochaEvent[] {
  const drafts: Draft[] = [
    { type: 'HazardFound', data: { ...life, grade: null, before: null, after: 'found', inspection: 'i_1', item: '1' } },
    { type: 'HazardGraded', data: { ...life, before: 'found', after: 'graded', from: null, basis: '现场判定' } },
    {
      type: 'HazardAssigned',
      data: { ...life, before: 'graded', after: 'assigned', from: 'guijianban', to: 'guijianban' },
    },
    {
      type: 'RectificationOrdered',
      data: {
        ...life,
        before: 'assigned',
        after: 'ordered',
        measures: '更换软管',
        due,
        previousDue: null,
        authority: '条例',
      },
    },
    ...then,
  ];
  return drafts.map((draft, at) => eventOf('hazard', idOf(n), at + 1, draft, about));
}

function reminded(due: string, rung: string): Draft {
  const recipients = [{ organisation: 'guijianban', post: 'head', person: 'p-1' }];
  return {
    type: 'ReminderIssued',
    data: { ...waiting, due, rung, workingDays: Number(rung), recipients, skipped: [] },
  };
}

/** Reminded yesterday, due today. */
function dueToday(n: number): DaochaEvent[] {
  const due = endOfTownDay(TODAY);
  return lifeOf(n, due, reminded(due, '-1'));
}

/** Due in a month or later, within this year. */
const dueLater = (n: number): DaochaEvent[] => lifeOf(n, endOfTownDay(plusDays(TODAY, 30 + (n % 180))));

/** Due two months ago; every rung is issued, and the case is with the district. */
function longPast(n: number): DaochaEvent[] {
  const due = endOfTownDay(plusDays(TODAY, -60 - (n % 20)));
  const events = lifeOf(n, due, { type: 'DeadlineMissed', data: { ...waiting, due } }, reminded(due, '+3'));
  const up: Draft = {
    type: 'EscalationProposed',
    data: {
      hazard: idOf(n),
      to: 'district-fire',
      before: null,
      after: 'proposed',
      rule: 'overdue',
      limit: 'capacity',
      reason: '逾期',
      urgent: false,
      ruleSet: 1,
    },
  };
  return [...events, eventOf('escalation', `e_${n}`, 1, up, about)];
}

function commitOf(events: DaochaEvent[]): Commit {
  const [{ stream, command, recordedAt }] = events as [DaochaEvent];
  return sealCommits([
    {
      stream,
      version: 1,
      events: events.map(encodeEvent),
      command,
      request: 'r',
      person: 'p',
      recordedAt,
      prev: NO_COMMIT,
    },
  ])[0]!;
}

function itemsOf(events: readonly DaochaEvent[]) {
  const id = events[0]!.stream.slice(streamKey(town.TENANT, 'hazard', '').length);
  const where = { key: deadlineKey('hazard', id), sk: DEADLINE_SK };
  const placed = events
    .map((event, position) => ({ event, position }))
    .filter(({ event }) => deadlinesView.keys(event).length > 0);
  const document = foldDocument<DeadlineEntry>(deadlinesView, where, ABSENT, placed);
  const pk = viewPartition(town.TENANT, 1, deadlinesView.name, where.key);
  return documentItems(pk, deadlinesView as DocumentView<object>, where, document);
}

// The queries on the real engine: pages, timelines, lists with every filter and sort, cursors, and how many items they read.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Track } from '../../../events/envelope.ts';
import { isOpen } from '../../../events/hazard.ts';
import { InvalidInput, NotFound } from '../../../events/errors.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { itemFromCommit } from '../../../shared/record/store/commit.ts';
import { isCorrection } from '../../../shared/rules/corrections.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { NotYetVisible, waitFor } from '../../../shared/reading/views/as-of.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import {
  closedLoopList,
  listHazards,
  type HazardQuery,
  type HazardSort,
} from '../../../shared/reading/hazard/list-query.ts';
import { hazardsView, type HazardEntry } from '../../../shared/reading/hazard/list.ts';
import { readTrackPage } from '../../../shared/reading/track/page-query.ts';
import { listUnits, type UnitQuery } from '../../../shared/reading/unit/list-query.ts';
import { readUnitPage, unitTimeline } from '../../../shared/reading/unit/page-query.ts';
import { projectionName, type ViewDeps } from '../../../shared/reading/views/view.ts';
import { batchPut } from '../../../shared/record/log/batch.ts';
import { acts, town, UNITS, type Town } from '../../support/histories.ts';
import { startEngineWithTables, type EngineWithTables } from '../../support/platform.ts';
import { documents } from './projected.ts';

let engine: EngineWithTables;
let deps: ViewDeps;
let it: Town;
let entries: HazardEntry[];
/** items that the queries of one test read */
let read = 0;

/** In how many ways its hazards stand. */
const statuses = (some: Town): number =>
  new Set([...documents(hazardsView, some.placed).values()].map(({ status, due }) => `${status} ${due !== null}`)).size;

beforeAll(async () => {
  engine = await startEngineWithTables();
  const counting = {
    send: async (command: never) => {
      const output = (await engine.dynamo.send(command)) as { ScannedCount?: number; Item?: unknown };
      read += output.ScannedCount ?? (output.Item ? 1 : 0);
      return output;
    },
  } as unknown as DynamoDBClient;
  deps = { dynamo: counting, ...engine.tables, tenant: 'liantang', now: () => new Date() };
  // long enough to have hazards in most statuses
  it = fc
    .sample(acts({ minLength: 150, maxLength: 150 }), { numRuns: 12, seed: 20 })
    .map(town)
    .reduce((a, b) => (statuses(a) >= statuses(b) ? a : b));
  entries = [...documents(hazardsView, it.placed).values()];
  await batchPut(engine.dynamo, engine.tables.events, it.commits.map(itemFromCommit));
  await sequence(deps, it.commits);
  await follow(deps, projectionName(1), async (batch) => void (await applyBatch(deps, 1, VIEWS, batch)), {
    batch: 100,
  });
});
afterAll(() => engine?.stop());

/** All pages of a query, and that no item comes twice. */
async function all<Row>(
  page: (cursor?: string) => Promise<{ items: Row[]; cursor: string | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    rows.push(...next.items);
    cursor = next.cursor;
  } while (cursor !== undefined);
  return rows;
}

test('the history has what the lists are about', () => {
  expect(entries.filter(({ status }) => isOpen(status)).length).toBeGreaterThan(3);
  expect(entries.filter(({ status }) => status === 'signed-off').length).toBeGreaterThan(1);
  expect(new Set(entries.map(({ track }) => track)).size).toBeGreaterThan(1);
});

describe('a unit’s page', () => {
  test('shows details, baselines, counts and open hazards as of the end of the log', async () => {
    const page = await readUnitPage(deps, UNITS[0]);
    const own = entries.filter(({ unit }) => unit === UNITS[0]);
    expect(page.details).toEqual(it.unit(UNITS[0]).details);
    expect(Object.keys(page.baselines).toSorted()).toEqual(Object.keys(it.unit(UNITS[0]).baselines).toSorted());
    expect(page.counts).toMatchObject({ hazards: own.length, open: own.filter(({ status }) => isOpen(status)).length });
    expect(page.openHazards).toHaveLength(page.counts.open);
    expect(page.openHazardsLeftOut).toBe(0);
    expect(page.asOf).toEqual({ position: it.events.length });
  });

  test('reads at most ten items, alias and checkpoint included', async () => {
    read = 0;
    await readUnitPage(deps, UNITS[0]);
    expect(read).toBeLessThanOrEqual(10);
  });

  test('of a unit that does not exist is not found', async () => {
    await expect(readUnitPage(deps, 'u_none')).rejects.toThrow(NotFound);
  });
});

describe('a unit’s timeline', () => {
  test('has every event once, newest first, over all its pages', async () => {
    const rows = await all((cursor) => unitTimeline(deps, { unit: UNITS[0], limit: 7, cursor }));
    const expected = it.placed
      .filter(({ event }) => event.unit === UNITS[0])
      .toSorted((a, b) =>
        a.event.occurredAt === b.event.occurredAt
          ? b.position - a.position
          : a.event.occurredAt < b.event.occurredAt
            ? 1
            : -1,
      );
    expect(rows.map(({ position }) => position)).toEqual(expected.map(({ position }) => position));
    // the oldest one: a hazard that was dismissed may be found again
    expect(rows.findLast(({ type }) => type === 'HazardFound')).toMatchObject({
      title: '发现隐患',
      before: null,
      after: 'found',
    });
  });

  test('reads no more items than it shows, and the corrections of those', async () => {
    read = 0;
    const { items } = await unitTimeline(deps, { unit: UNITS[0], limit: 5 });
    const corrected = items.filter((row) => row.corrected !== undefined).length;
    expect(read).toBeLessThanOrEqual(5 + 2 + 5 + corrected);
  });

  test('marks what was corrected, on whatever page it stands', async () => {
    const rows = await all((cursor) => unitTimeline(deps, { unit: UNITS[0], limit: 3, cursor }));
    const targets = it.placed
      .filter(({ event }) => event.unit === UNITS[0] && isCorrection(event))
      .map(({ event }) => (event.data as { target: string }).target);
    expect(targets.length).toBeGreaterThan(0);
    const marked = rows.filter((row) => row.corrected !== undefined).map(({ event }) => event);
    expect(marked.toSorted()).toEqual([...new Set(targets)].toSorted());
  });

  test('refuses the cursor of another unit', async () => {
    const { cursor } = await unitTimeline(deps, { unit: UNITS[0], limit: 1 });
    await expect(unitTimeline(deps, { unit: UNITS[1], limit: 1, cursor })).rejects.toThrow(/another query/);
  });
});

test('a track’s page counts the hazards, in all and by organisation', async () => {
  for (const track of ['gas', 'factory'] as const) {
    const page = await readTrackPage(deps, track);
    const own = entries.filter((entry) => entry.track === track);
    const signedOff = own.filter(({ status }) => status === 'signed-off').length;
    const open = own.filter(({ status }) => isOpen(status)).length;
    expect(page).toMatchObject({ hazards: own.length, open, signedOff });
    expect(page.closureRate).toBe(Math.round((signedOff / (signedOff + open)) * 10_000) / 10_000);
    const by = (organisation: string) => own.filter((entry) => entry.organisation === organisation).length;
    for (const each of page.organisations) expect({ ...each, hazards: by(each.organisation) }).toEqual(each);
    expect(page.organisations.reduce((sum, { hazards }) => sum + hazards, 0)).toBe(own.length);
  }
  expect(await readTrackPage(deps, 'ebike')).toMatchObject({ track: 'ebike', asOf: { position: it.events.length } });
  await expect(readTrackPage(deps, 'water' as Track)).rejects.toThrow(InvalidInput);
});

describe('the list of hazards', () => {
  const orderOf = (sort: HazardSort) => (entry: HazardEntry) =>
    `${{ due: entry.due ?? '9999', found: entry.foundAt, signedOff: entry.closedAt ?? '' }[sort.replace('-', '') as 'due']}#${entry.hazard}`;
  const expected = (sort: HazardSort, wanted: (entry: HazardEntry) => boolean): string[] => {
    const ids = entries
      .filter(wanted)
      .toSorted((a, b) => (orderOf(sort)(a) < orderOf(sort)(b) ? -1 : 1))
      .map(({ hazard }) => hazard);
    return sort.startsWith('-') ? ids.toReversed() : ids;
  };
  const ids = async (query: HazardQuery): Promise<string[]> =>
    (await all((cursor) => listHazards(deps, { ...query, cursor }))).map(({ hazard }) => hazard);

  const queries = fc.record(
    {
      track: fc.constantFrom<Track>('gas', 'factory', 'ebike'),
      unit: fc.constantFrom(...UNITS),
      organisation: fc.constantFrom('chengyun', 'guijianban', 'nobody'),
      area: fc.constantFrom('village-00', 'village-01'),
      grade: fc.constantFrom('general' as const, 'major' as const),
      limit: fc.integer({ min: 1, max: 9 }),
    },
    { requiredKeys: ['limit'] },
  );
  const matches =
    ({ track, unit, organisation, area, grade }: HazardQuery) =>
    (entry: HazardEntry): boolean =>
      (track === undefined || entry.track === track) &&
      (unit === undefined || entry.unit === unit) &&
      (organisation === undefined || entry.organisation === organisation) &&
      (area === undefined || entry.area === area) &&
      (grade === undefined || entry.grade === grade);

  test.each(['due', '-due'] as const)('sorted by %s has the open ones that match, page by page', async (sort) => {
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const wanted = matches(query);
        expect(await ids({ ...query, sort })).toEqual(expected(sort, (each) => wanted(each) && isOpen(each.status)));
      }),
      { numRuns: 25 },
    );
  });

  test.each(['found', '-found'] as const)('sorted by %s has all that match', async (sort) => {
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        expect(await ids({ ...query, sort })).toEqual(expected(sort, matches(query)));
      }),
      { numRuns: 25 },
    );
  });

  test.each(['signedOff', '-signedOff'] as const)('sorted by %s has the signed-off ones that match', async (sort) => {
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const wanted = matches(query);
        expect(await ids({ ...query, sort })).toEqual(
          expected(sort, (each) => wanted(each) && each.status === 'signed-off'),
        );
      }),
      { numRuns: 25 },
    );
  });

  test('due before an instant has the open ones with an earlier due date only', async () => {
    const dues = entries.flatMap(({ due, status }) => (due && isOpen(status) ? [due] : [])).toSorted();
    const dueBefore = dues[Math.floor(dues.length / 2)]!;
    const wanted = ({ due, status }: HazardEntry): boolean => isOpen(status) && due !== null && due < dueBefore;
    for (const sort of ['due', '-due', 'found'] as const) {
      expect(await ids({ dueBefore, sort, limit: 2 })).toEqual(expected(sort, wanted));
    }
    expect(expected('due', wanted).length).toBeGreaterThan(0);
  });

  test('takes one status, several, open or closed', async () => {
    const of = (wanted: (status: HazardEntry['status']) => boolean) =>
      expected('-found', (each) => wanted(each.status)).toSorted();
    expect((await ids({ status: 'ordered' })).toSorted()).toEqual(of((status) => status === 'ordered'));
    expect((await ids({ status: ['found', 'signed-off'] })).toSorted()).toEqual(
      of((status) => status === 'found' || status === 'signed-off'),
    );
    expect((await ids({ status: 'open' })).toSorted()).toEqual(of(isOpen));
    expect((await ids({ status: 'closed' })).toSorted()).toEqual(of((status) => !isOpen(status)));
  });

  test('looks at a bounded number of items, whatever the filter lets through', async () => {
    read = 0;
    const page = await listHazards(deps, { organisation: 'nobody', sort: 'found', limit: 5 });
    expect(page.examined).toBeLessThanOrEqual(1000);
    expect(read).toBe(page.examined + 1); // and the checkpoint
  });

  test.each([
    [{ sort: 'due', status: 'closed' }, 'sort'],
    [{ sort: 'due', status: ['found', 'signed-off'] }, 'sort'],
    [{ sort: 'signedOff', status: 'open' }, 'sort'],
    [{ sort: 'name' }, 'sort'],
    [{ dueBefore: '2025-06-01T00:00:00.000Z', status: 'signed-off' }, 'dueBefore'],
    [{ dueBefore: 'tomorrow' }, 'dueBefore'],
    [{ status: 'lost' }, 'status'],
    [{ grade: 'small' }, 'grade'],
    [{ track: 'water' }, 'track'],
    [{ unit: 'a#b' }, 'unit'],
    [{ organisation: '' }, 'organisation'],
    [{ limit: 101 }, 'limit'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: Buffer.from('{"q":1}').toString('base64url') }, 'cursor'],
  ])('refuses %j, naming the field', async (query, field) => {
    const error = await listHazards(deps, query as HazardQuery).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error).toMatchObject({ field, expected: expect.stringMatching(/./) });
  });

  test('refuses the cursor of a query with other filters, and takes it with another limit', async () => {
    const { cursor } = await listHazards(deps, { limit: 1 });
    await expect(listHazards(deps, { limit: 1, cursor, track: 'gas' })).rejects.toMatchObject({ field: 'cursor' });
    expect((await listHazards(deps, { limit: 2, cursor })).items).toHaveLength(2);
  });
});

test('the closed-loop list shows the steps of each hazard’s present cycle', async () => {
  const rows = await all((cursor) => closedLoopList(deps, { status: 'signed-off', limit: 3, cursor }));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row.closed).toBe(true);
    const steps = [row.openedAt, row.signedOffAt];
    expect(steps).toEqual([it.hazard(row.hazard).openedAt, it.hazard(row.hazard).signedOff!.at]);
    expect([row.orderedAt, row.due, row.submittedAt, row.verifiedAt].every((each) => each !== null)).toBe(true);
  }
});

test('the list of units has each unit once, filtered by track, area, sign-off list and risk grade', async () => {
  const states = UNITS.map((unit) => ({ unit, ...it.unit(unit) })).filter(({ details }) => details);
  const units = async (query: UnitQuery) => all((cursor) => listUnits(deps, { limit: 1, ...query, cursor }));
  const idsOf = async (query: UnitQuery) => (await units(query)).map(({ unit }) => unit).toSorted();
  expect(await idsOf({})).toEqual(states.map(({ unit }) => unit).toSorted());
  for (const track of ['gas', 'factory', 'ebike'] as const) {
    const own = states.filter(({ details }) => details!.tracks.includes(track)).map(({ unit }) => unit);
    expect(await idsOf({ track })).toEqual(own.toSorted());
  }
  for (const area of ['village-00', 'village-01']) {
    const own = states.filter(({ details }) => details!.area === area).map(({ unit }) => unit);
    expect(await idsOf({ area })).toEqual(own.toSorted());
  }
  for (const listed of [true, false]) {
    expect(await idsOf({ listed })).toEqual(
      states
        .filter((each) => each.listed === listed)
        .map(({ unit }) => unit)
        .toSorted(),
    );
  }
  const [first] = await units({});
  expect(first).not.toHaveProperty('copied');
  await expect(listUnits(deps, { riskGrade: 'E' as never })).rejects.toMatchObject({ field: 'riskGrade' });
});

describe('waiting for one’s own write', () => {
  const none = { timeoutMs: 0, sleep: async () => {} };

  test('returns at once when it is visible, by position or by stream and version', async () => {
    const last = it.placed.at(-1)!;
    expect(await waitFor(deps, last.position, none)).toMatchObject({ position: last.position });
    const { stream, version } = last.event;
    expect(await waitFor(deps, { stream, version }, none)).toMatchObject({ position: last.position });
  });

  test('gives up after the time it was given, saying how far the views are', async () => {
    let time = 0;
    const slow = { ...deps, now: () => new Date(time) };
    const error = await waitFor(slow, it.events.length, {
      // far more than looking takes on a busy machine
      timeoutMs: 60_000,
      sleep: async (ms) => {
        time += ms;
      },
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotYetVisible);
    expect(error).toMatchObject({ status: 504, type: 'not-yet-visible', facts: { position: it.events.length } });
    expect(time).toBe(60_000);
    await expect(waitFor(deps, { stream: 'liantang#unit#u_none', version: 1 }, none)).rejects.toThrow(NotYetVisible);
  });
});

// The extract that the project ships, with the figures of its README, through a town that obeys the platform's rules.
import { createReadStream } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UnitPlan } from '../../shared/import/command.ts';
import { readRegister } from '../../shared/import/read.ts';
import { sendPlans } from '../../shared/import/send.ts';
import { startTally, type ImportSummary } from '../../shared/import/summary.ts';
import { torontoHighriseFire } from '../../shared/import/toronto-highrise-fire.ts';
import { town } from './support.ts';

const FILE = new URL('../../infra/data/toronto-highrise-fire/inspections_2017_2019.csv', import.meta.url);
const options = { source: 'toronto-highrise-fire', file: 'inspections_2017_2019.csv', batch: 50, concurrency: 4 };

async function plans(): Promise<{ all: UnitPlan[]; rows: number }> {
  const { register, rows, refused } = await readRegister(() => createReadStream(FILE), torontoHighriseFire);
  expect(refused).toEqual([]);
  return { all: [...register.plans()], rows };
}

const commandIds = (executed: { command: string }[]): string[] => executed.map(({ command }) => command).toSorted();

const EXPECTED = {
  rows: 7505,
  units: 860,
  inspections: 3047,
  cleanInspections: 1926,
  hazards: 5088,
  recurrences: 366,
  recurrenceUnits: 188,
  signedOff: 5088,
  open: 0,
  refused: [],
};

describe('the shipped extract', () => {
  const place = town();
  let first: ImportSummary;
  let read: { all: UnitPlan[]; rows: number };

  beforeAll(async () => {
    read = await plans();
    const tally = startTally(read.rows, []);
    await sendPlans(read.all, place.post, tally, options);
    first = tally.summary;
  });

  test('has the counts of its README', () => {
    expect(first).toMatchObject(EXPECTED);
  });

  test('imported again gives the same figures and adds no event', async () => {
    const again = await plans();
    const tally = startTally(again.rows, []);
    await sendPlans(again.all, place.post, tally, options);
    expect(tally.summary).toEqual({ ...first, eventsAdded: 0 });
  });

  test('read again implies the very same commands', async () => {
    expect((await plans()).all).toEqual(read.all);
  });

  test('stopped half way and run again ends in the same state as one run', async () => {
    const other = town();
    const stop = new AbortController();
    let units = 0;
    const half = startTally(read.rows, []);
    const finished = await sendPlans(read.all, other.post, half, {
      ...options,
      signal: stop.signal,
      onUnits: () => ++units > 300 && stop.abort(),
    });
    expect(finished).toBe(false);
    expect(other.executed.length).toBeLessThan(place.executed.length);
    const rest = startTally(read.rows, []);
    await sendPlans(read.all, other.post, rest, options);
    expect(rest.summary).toEqual({ ...first, eventsAdded: first.eventsAdded - half.summary.eventsAdded });
    expect(commandIds(other.executed)).toEqual(commandIds(place.executed));
  });

  test('a unit’s commands are in order of time, each with an id of its own and its rows', () => {
    const ids = new Set<string>();
    for (const { commands } of read.all) {
      expect(commands[0]?.kind).toBe('unit');
      for (const [i, command] of commands.entries()) {
        const before = commands[i - 1];
        expect(before === undefined || before.occurredAt <= command.occurredAt).toBe(true);
        const signedOffFirst =
          before?.occurredAt === command.occurredAt && before.kind === 'close' && command.kind === 'visit';
        expect(signedOffFirst).toBe(false);
        expect(command.derived.rows.length).toBeGreaterThan(0);
        ids.add(command.command);
      }
    }
    expect(ids.size).toBe(read.all.flatMap(({ commands }) => commands).length);
  });
});

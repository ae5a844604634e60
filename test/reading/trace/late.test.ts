// Question 9: late is more than a day; back-dated is to claim a time before what is on record; across a deadline is to
// claim to have been in time.
import { expect, it } from 'vitest';
import { lateRecords } from '../../../shared/reading/trace/late.ts';
import { TABLES } from '../../../shared/reading/trace/tables.ts';
import { DAY, eventOf, HOUR, later } from '../../support/builders.ts';
import { live, STEPS, WAY, DUE } from '../../support/hazard-life.ts';
import { placedAs } from './placed.ts';

const ordered = () => live(WAY.ordered);
const submit = (occurredAt: string, recordedAt: string) =>
  placedAs(live([{ ...STEPS.submit, about: { occurredAt, recordedAt } }], ordered()));

it('a day is not late, a minute more is', () => {
  expect(lateRecords(submit(later(5 * DAY), later(6 * DAY)))).toEqual([]);
  expect(lateRecords(submit(later(5 * DAY), later(6 * DAY + 60_000)))).toMatchObject([
    { type: 'RectificationSubmitted', kinds: ['late'], gapHours: 24, late: true },
  ]);
});

it('a time before that of an event on record already is back-dated, and names it', () => {
  const events = submit(later(HOUR / 2), later(4 * HOUR));
  expect(lateRecords(events)).toMatchObject([{ kinds: ['back-dated'], before: 'hazard/h_1/4', gapHours: 3.5 }]);
});

it('handed in in time by its own word, recorded when the due date had passed', () => {
  const before = new Date(Date.parse(DUE) - HOUR).toISOString();
  expect(lateRecords(submit(before, later(HOUR, DUE)))).toMatchObject([{ kinds: ['across-deadline'], due: DUE }]);
  expect(lateRecords(submit(later(HOUR, DUE), later(2 * HOUR, DUE)))).toEqual([]);
});

it('a correction of the time at which something happened is told; one of anything else is not', () => {
  const corrected = (field: string) =>
    eventOf('inspection', 'i_1', 2, {
      type: 'InspectionCorrected',
      unit: 'u_1',
      data: { target: 'inspection/i_1/1', changes: [{ field, from: later(0), to: later(-DAY) }], reason: 'r' },
    });
  expect(lateRecords(placedAs([corrected('occurredAt')]))).toMatchObject([{ kinds: ['time-corrected'] }]);
  expect(lateRecords(placedAs([corrected('mode')]))).toEqual([]);
});

it('says on what it rests, and is told for that even when it is not late', () => {
  const basis = (recordedAt: string) => {
    const about = { occurredAt: later(5 * DAY), recordedAt, lateBasis: '纸质检查表补录' };
    return lateRecords(placedAs(live([{ ...STEPS.submit, about }], ordered())));
  };
  const lateBasis = '纸质检查表补录';
  expect(basis(later(7 * DAY))).toMatchObject([{ kinds: ['late'], lateBasis }]);
  expect(basis(later(5 * DAY + HOUR))).toMatchObject([{ kinds: [], gapHours: 1, lateBasis }]);
  expect(basis(later(5 * DAY))).toEqual([]);
  const [table] = TABLES.late({ facts: basis(later(5 * DAY + HOUR)) } as never);
  expect(table!.rows[0]!.cells.join()).toContain(`补录依据：${lateBasis}`);
});

it('says so beside what was counted into a report too late, too', () => {
  const event = { zh: '检查记录', lateBasis: '纸质检查表补录' };
  const fact = {
    part: 'later',
    at: later(DAY),
    counts: {},
    by: { person: 'p' },
    happenedBefore: true,
    events: [event],
  };
  const tables = TABLES.report({ subject: { figures: {}, events: [] }, facts: [fact] } as never);
  const row = tables.flatMap((table) => table.rows).find(({ events }) => events.length > 0);
  expect(row!.cells[1]).toBe('检查记录\n报送以前发生，以后才记录\n补录依据：纸质检查表补录');
});

it('does not call an event back-dated because the one before it was', () => {
  const events = live(
    [
      { ...STEPS.submit, about: { occurredAt: later(HOUR / 2), recordedAt: later(4 * HOUR) } },
      { ...STEPS.verify, about: { occurredAt: later(5 * HOUR), recordedAt: later(5 * HOUR) } },
    ],
    ordered(),
  );
  expect(lateRecords(placedAs(events)).map(({ type }) => type)).toEqual(['RectificationSubmitted']);
});

it('tells what a register was imported from apart', () => {
  const derived = { source: 's', file: 'f', rows: [1], rule: 'r' };
  const [found] = ordered();
  const events = [{ ...found!, derived, recordedAt: later(400 * DAY) }];
  expect(lateRecords(placedAs(events))).toMatchObject([{ kinds: ['late'], derived: true }]);
});

it('names another time than that at which it came into the log, or runs backwards in its stream', () => {
  const events = submit(later(5 * DAY), later(5 * DAY));
  expect(lateRecords(events)).toEqual([]);
  const logged = later(40 * DAY);
  const marked = events.map((placed, n) => (n === events.length - 1 ? { ...placed, logged } : placed));
  expect(lateRecords(marked)).toMatchObject([{ type: 'RectificationSubmitted', kinds: ['log-time'], logged }]);
  const [table] = TABLES.late({ facts: lateRecords(marked) } as never);
  expect(table!.rows[0]!.cells.join()).toContain('自称记录时间与入册时间不符');
  const backwards = submit(later(HOUR), later(HOUR)); // what is before it was recorded hours later
  expect(lateRecords(backwards)[0]!.kinds).toContain('log-time');
});

// When an inspection was finished, on phones whose clocks are wrong: before, at finishing, at sending, with the page
// open or loaded again since.
import { describe, expect, test } from 'vitest';
import {
  contact,
  finishedAt,
  platformNow,
  type ClockReading,
} from '../../../functions/console/browser/inspect/clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** True times: the page was made at 8, the last answer at 9, finished at 10, sent at 14. */
const MADE = Date.parse('2025-11-03T00:00:00.000Z');
const [BEFORE, FINISHED, SENT] = [MADE + HOUR, MADE + 2 * HOUR, MADE + 6 * HOUR];
const IN_2010 = Date.parse('2010-01-01T00:00:00.000Z');

/** What the device says at a true time: its clock is off by `off`, its page was opened at `page`, and it slept for `slept` since. */
const says = (at: number, off = 0, page = 0, slept = 0): ClockReading => ({
  now: at + off,
  tick: at - MADE - page * HOUR - slept,
  origin: page,
});

interface Phone {
  /** by how much its clock is off at the last answer before finishing, at finishing, at sending */
  off: readonly [number, number, number];
  /** pages in which these three happened */
  pages?: readonly [number, number, number];
  slept?: number;
  from?: number | undefined;
  noContact?: boolean;
}
const after = (claimed: number | undefined): string =>
  claimed === undefined ? 'asks' : `${Math.round((claimed - FINISHED) / SECOND)} s`;

function found({ off, pages: [a, b, c] = [0, 0, 0], slept = 0, from = MADE, noContact = false }: Phone): string {
  const before = { ...says(BEFORE, off[0], a), platform: BEFORE };
  const sending = { ...says(SENT, off[2], c, b === c ? slept : 0), platform: SENT };
  const finished = { ...says(FINISHED, off[1], b), opened: says(BEFORE + MINUTE, off[0], b) };
  return after(finishedAt(noContact ? undefined : before, finished, sending, from));
}

const OPEN = [0, 0, 0] as const;
const FORM_OPENED_LATER = [0, 1, 1] as const;
const RELOADED = [0, 0, 1] as const;
const THREE_PAGES = [0, 1, 2] as const;

describe.each([
  ['open all the while', OPEN],
  ['opened after the last answer', FORM_OPENED_LATER],
  ['loaded anew since', RELOADED],
  ['loaded anew twice', THREE_PAGES],
])('the page was %s', (_, pages) => {
  test.each([
    ['right', 0],
    ['10 minutes ahead', 10 * MINUTE],
    ['3 hours behind', -3 * HOUR],
    ['in 2010', IN_2010 - FINISHED],
  ])('a clock that is %s all the while', (_name, off) => {
    expect(found({ off: [off, off, off], pages })).toBe('0 s');
    expect(found({ off: [off, off, off], pages, slept: 2 * HOUR })).toBe('0 s');
  });

  test.each([
    ['in 2010', IN_2010 - SENT],
    ['three hours behind', -3 * HOUR],
    ['an hour ahead', HOUR],
  ])('right at finishing, %s at sending', (_name, off) => {
    expect(found({ off: [0, 0, off], pages })).toBe('0 s');
  });
});

describe('wrong at finishing alone', () => {
  test.each([
    ['in 2010', IN_2010 - FINISHED],
    ['back before the last answer', -2 * HOUR],
    ['a day ahead', DAY],
  ])('%s, on a page that is open: what the browser counted', (_name, off) => {
    expect(found({ off: [0, off, 0] })).toBe('0 s');
    expect(found({ off: [0, off, off] })).toBe('0 s');
    expect(found({ off: [0, off, 0], pages: FORM_OPENED_LATER })).toBe('0 s');
    // too late where it slept, never too early
    expect(found({ off: [0, off, 0], slept: HOUR })).toBe('3600 s');
  });

  test.each([
    ['in 2010', IN_2010 - FINISHED],
    ['back before the last answer', -2 * HOUR],
    ['set back by half an hour while the page was open', -HOUR / 2],
    ['a day ahead, after the sending', DAY],
  ])('%s, and loaded anew since: only who was there can tell', (_name, off) => {
    expect(found({ off: [0, off, 0], pages: RELOADED })).toBe('asks');
    expect(found({ off: [0, off, off], pages: THREE_PAGES })).toBe('asks');
  });
});

test('never heard of the platform before: its clock at the sending is all there is, and must not lie before the page', () => {
  expect(found({ off: [0, HOUR, HOUR], pages: RELOADED, noContact: true })).toBe('0 s');
  expect(found({ off: [0, IN_2010 - FINISHED, 0], pages: RELOADED, noContact: true })).toBe('asks');
  expect(found({ off: [0, IN_2010 - FINISHED, 0], noContact: true })).toBe('0 s');
});

test('nothing is finished before its page was made, nor after it is sent', () => {
  const early = (from: number): string => found({ off: [0, 0, 0], pages: THREE_PAGES, from });
  expect(early(FINISHED + 30 * SECOND)).toBe('30 s'); // within the slack of a slow line
  expect(early(FINISHED + 2 * MINUTE)).toBe('asks');
  const late = finishedAt(
    { ...says(BEFORE), platform: BEFORE + 20 * SECOND },
    says(SENT - SECOND),
    { ...says(SENT, 0, 1), platform: SENT },
    MADE,
  );
  expect(late).toBe(SENT);
});

test('an answer stands for the middle between asking and hearing it', () => {
  const at = contact(SENT, says(SENT - 4 * SECOND), says(SENT + 2 * SECOND));
  expect(at).toEqual({ ...says(SENT - SECOND), platform: SENT });
  expect(platformNow(at, says(SENT + HOUR, DAY))).toBe(SENT + HOUR + SECOND);
  expect(platformNow(at, says(SENT + HOUR, 0, 1))).toBe(SENT + HOUR + SECOND);
  expect(platformNow(undefined, says(SENT))).toBe(SENT);
});

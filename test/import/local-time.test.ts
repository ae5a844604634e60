import { describe, expect, test } from 'vitest';
import { localClock } from '../../shared/import/local-time.ts';

const toronto = localClock('America/Toronto');
const town = localClock('Asia/Shanghai');

describe('local times', () => {
  test('winter and summer time are told apart', () => {
    expect(toronto('2017-01-26T09:45:44')).toEqual({ at: '2017-01-26T14:45:44.000Z', dateOnly: false });
    expect(toronto('2017-07-26 09:45:44')?.at).toBe('2017-07-26T13:45:44.000Z');
    expect(town('2025/5/8 14:30')?.at).toBe('2025-05-08T06:30:00.000Z');
  });

  test('a date is its local midnight', () => {
    expect(toronto('2020-07-29')).toEqual({ at: '2020-07-29T04:00:00.000Z', dateOnly: true });
    expect(town('2025-05-08')?.at).toBe('2025-05-07T16:00:00.000Z');
  });

  test('on the night of a change: the first of two equal times, and forward over a gap', () => {
    expect(toronto('2017-11-05T01:30:00')?.at).toBe('2017-11-05T05:30:00.000Z');
    expect(toronto('2017-11-05T02:30:00')?.at).toBe('2017-11-05T07:30:00.000Z');
    expect(toronto('2017-03-12T02:30:00')?.at).toBe('2017-03-12T07:30:00.000Z');
    expect(toronto('2017-03-12T01:30:00')?.at).toBe('2017-03-12T06:30:00.000Z');
  });

  test.each([
    '',
    'n/a',
    '2017-02-30',
    '2017-13-01',
    '2017-01-26T25:00:00',
    '26/01/2017',
    '20170126',
    '2017-01-26T09:45:44+02:00',
  ])('“%s” is not a local time', (text) => {
    expect(toronto(text)).toBeUndefined();
  });
});

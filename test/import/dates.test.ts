// Dates as Chinese tables have them: what is read, and what is refused because it can be read two ways or not at all.
import { describe, expect, test } from 'vitest';
import { wholeDate, writtenTime } from '../../shared/import/dates.ts';

const DAY = '2025-04-24T16:00:00.000Z';

describe('a date of a Chinese table', () => {
  test.each([
    '2025.4.25',
    '2025.04.25',
    '20250425',
    '２０２５年４月２５日',
    '2025年4月25号',
    '2025 年 4 月 25 日',
    '2025—4—25',
    '2025–4–25',
    '2025－4－25',
    '2025−4−25',
    '2025/4/25',
    '2025．4．25',
    '\u200B2025-04-25\u00A0',
  ])('“%s” is that day', (text) => {
    expect(writtenTime(text)).toEqual({ at: DAY, dateOnly: true });
  });

  test.each([
    ['2025年4月25日 14:30:00', '2025-04-25T06:30:00.000Z'],
    ['2025年4月25日14时30分20秒', '2025-04-25T06:30:20.000Z'],
    ['2025年4月25日上午9:30', '2025-04-25T01:30:00.000Z'],
    ['2025年4月25日 下午2:30', '2025-04-25T06:30:00.000Z'],
    ['2025/4/25 下午 2:30:05', '2025-04-25T06:30:05.000Z'],
    ['2025年4月25日下午14:30', '2025-04-25T06:30:00.000Z'],
    ['2025年4月25日下午12:05', '2025-04-25T04:05:00.000Z'],
    ['2025年4月25日上午0:05', '2025-04-24T16:05:00.000Z'],
    ['2025-4-25 14:30:00.0', '2025-04-25T06:30:00.000Z'],
    ['2025-04-25 14:30:00.123456', '2025-04-25T06:30:00.123Z'],
    ['2025-4-25 9时30分', '2025-04-25T01:30:00.000Z'],
    ['2025-4-25 9点30分', '2025-04-25T01:30:00.000Z'],
    ['2025.4.25 9点', '2025-04-25T01:00:00.000Z'],
    ['20250425 09:30', '2025-04-25T01:30:00.000Z'],
    ['2025-04-25T14:30', '2025-04-25T06:30:00.000Z'],
    ['2025-04-25T14:30:00Z', '2025-04-25T14:30:00.000Z'],
    ['2025-04-25T14:30:00.5+08:00', '2025-04-25T06:30:00.500Z'],
  ])('“%s” is %s', (text, at) => {
    expect(writtenTime(text)).toEqual({ at, dateOnly: false });
  });

  test.each([
    ['45772', '2025-04-25'],
    ['45772.604', '1900'],
    ['25/4/25', 'which is the year'],
    ['4/25/2025', 'which is the year'],
    ['25.4.25', 'which is the year'],
    ['2025年04月', 'no day'],
    ['2025.4', 'no day'],
    ['2025/2/29', 'no such day'],
    ['20250230', 'no such day'],
    ['2025年4月31日 9:30', 'no such day'],
    ['2025-02-30T00:00:00Z', 'no such day'],
    ['2025-04-25 24:00', 'no such time'],
    ['2025-04-25 14:60', 'no such time'],
    ['2025年4月25日上午12:30', 'no such time'],
    ['2025年4月25日上午13:30', 'no such time'],
    ['2025年4月25日下午0:30', 'no such time'],
    ['2025.4.25-4.26', 'a span'],
    ['2025年4月25日至26日', 'a span'],
    ['2025-04-25～2025-04-26', 'a span'],
    ['2025-04-2514:30', 'not a date'],
    ['2025-04-25T24:00:00Z', 'not a date'],
    ['2025-04/25', 'not a date'],
    ['250425', 'not a date'],
    ['立即整改', 'not a date'],
    ['1999-12-31', 'before 2000-01-01'],
    ['1905-05-08', 'before 2000-01-01'],
    ['1899-12-30', 'before 2000-01-01'],
    ['1899-12-30 00:00:00', 'before 2000-01-01'],
    ['0001-01-01T00:00:00Z', 'before 2000-01-01'],
    ['1899-02-29', 'no such day'],
  ])('“%s” is refused: %s', (text, why) => {
    const read = writtenTime(text);
    expect(read).toEqual({ wrong: expect.stringContaining(why) });
    expect(read).toEqual({ wrong: expect.stringContaining(`“${text}”`) });
  });

  test.each(['45800', '45800.5', '2025-13-01', '2025/2/30', '99999999', '123456', '2025-05-20 25:00'])(
    'a due date “%s” is none, and no words either',
    (text) => expect(wholeDate(text)).toBe('no-day'),
  );

  test.each(['立即整改', '7日内', '30', '2025年5月底前', '2025年5月', '5月20日', '2025.5.1-5.20', '25/5/20', ''])(
    'a due date “%s” is in words',
    (text) => expect(wholeDate(text)).toBeUndefined(),
  );

  test('the first day that is read', () => {
    expect(writtenTime('2000-01-01')).toEqual({ at: '1999-12-31T16:00:00.000Z', dateOnly: true });
  });
});

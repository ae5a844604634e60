import { describe, expect, it } from 'vitest';
import { timetable } from '../../../infra/local/cron.ts';
import { TemplateProblem } from '../../../infra/local/template.ts';

const next = (expression: string, after: string, zone?: string) =>
  timetable(expression, zone).next(new Date(after))?.toISOString();

describe('a schedule', () => {
  it.each([
    // half past eight in town is half past midnight in UTC
    ['cron(30 8 * * ? *)', '2025-05-08T00:29:59.000Z', '2025-05-08T00:30:00.000Z'],
    ['cron(30 8 * * ? *)', '2025-05-08T00:30:00.000Z', '2025-05-09T00:30:00.000Z'],
    ['cron(0 8-20 * * ? *)', '2025-05-08T12:00:00.000Z', '2025-05-09T00:00:00.000Z'],
    ['cron(0 8-20 * * ? *)', '2025-05-08T03:10:00.000Z', '2025-05-08T04:00:00.000Z'],
    ['cron(0/20 9 ? * MON-FRI *)', '2025-05-09T01:40:00.000Z', '2025-05-12T01:00:00.000Z'],
    ['cron(15,45 0 1 JAN,JUL ? 2026)', '2025-05-09T00:00:00.000Z', '2025-12-31T16:15:00.000Z'],
  ])('%s after %s comes at %s, in town time', (expression, after, expected) => {
    expect(next(expression, after, 'Asia/Shanghai')).toBe(expected);
  });

  it('goes by the zone’s own offset on either side of a change of the clocks', () => {
    expect(next('cron(30 8 * * ? *)', '2025-03-29T12:00:00.000Z', 'Europe/Berlin')).toBe('2025-03-30T06:30:00.000Z');
    expect(next('cron(30 8 * * ? *)', '2025-03-28T12:00:00.000Z', 'Europe/Berlin')).toBe('2025-03-29T07:30:00.000Z');
  });

  it.each([
    ['rate(5 minutes)', '2025-05-08T00:04:59.000Z', '2025-05-08T00:05:00.000Z'],
    ['rate(1 hour)', '2025-05-08T01:00:00.000Z', '2025-05-08T02:00:00.000Z'],
  ])('%s after %s comes at %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('that lies in the past never comes', () => {
    expect(next('cron(0 8 * * ? 2024)', '2025-05-08T00:00:00.000Z')).toBeUndefined();
  });

  it.each([
    ['cron(0 8 * * ?)', 'UTC'],
    ['at(2025-05-08T00:00:00)', 'UTC'],
    ['cron(0 8 L * ? *)', 'UTC'],
    ['cron(61 8 * * ? *)', 'UTC'],
    ['cron(0 20-8 * * ? *)', 'UTC'],
    ['cron(0/0 8 * * ? *)', 'UTC'],
    ['cron(0 8 * * ? *)', 'Asia/Liantang'],
  ])('%s in %s is refused', (expression, zone) => {
    expect(() => timetable(expression, zone)).toThrow(TemplateProblem);
  });
});

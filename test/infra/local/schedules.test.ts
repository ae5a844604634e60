// What the template declares on a schedule, on one machine: at the start, at its pace, never twice at once, and by hand.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { periodOf, readModel } from '../../../infra/local/model.ts';
import { type Schedules, startSchedules } from '../../../infra/local/schedules.ts';
import { MINI_TEMPLATE } from '../../support/mini-template.ts';

describe('the template', () => {
  const withRule = (properties: Record<string, unknown>) => ({
    Resources: {
      ...MINI_TEMPLATE.Resources,
      Fn: { Type: 'AWS::Lambda::Function', Metadata: { 'daocha:function': 'tidy' }, Properties: {} },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: { Targets: [{ Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Id: 'T' }], ...properties },
      },
    },
  });
  const schedulesOf = (properties: Record<string, unknown>) => readModel(withRule(properties), [], new Map()).schedules;

  it('names function, pace and input', () => {
    expect(schedulesOf({ ScheduleExpression: 'rate(5 minutes)' })).toEqual([
      { name: 'Rule', function: 'tidy', every: 300_000 },
    ]);
    const Targets = [{ Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Input: '{"a":1}' }];
    expect(schedulesOf({ ScheduleExpression: 'rate(1 hour)', Targets })[0]).toMatchObject({ input: { a: 1 } });
  });

  it('a disabled rule, and one for events, are none', () => {
    expect(schedulesOf({ ScheduleExpression: 'rate(5 minutes)', State: 'DISABLED' })).toEqual([]);
    expect(schedulesOf({ EventPattern: { source: ['x'] } })).toEqual([]);
  });

  it.each(['cron(0 8 * * ? *)', 'rate(0 minutes)', 'rate(5 seconds)', 'every day'])('%s is told', (expression) => {
    expect(() => periodOf(expression)).toThrow(/only rate\(N minutes\|hours\|days\)/u);
  });
});

describe('at work', () => {
  let calls: { fn: string; event: unknown; end: (error?: Error) => void }[];
  let notes: string[];
  let schedules: Schedules;
  const start = (...names: string[]) => {
    schedules = startSchedules(
      names.map((name) => ({ name: `${name}Rule`, function: name, every: 60_000 })),
      (fn, event) =>
        new Promise((done, fail) => {
          calls.push({ fn, event, end: (error) => (error ? fail(error) : done(undefined)) });
        }),
      (message) => notes.push(message),
    );
  };

  beforeEach(() => {
    vi.useFakeTimers();
    [calls, notes] = [[], []];
  });
  afterEach(async () => {
    for (const { end } of calls) end();
    await schedules.stop();
    vi.useRealTimers();
  });

  it('runs at the start and then at its pace, with the event that a schedule gives', async () => {
    start('tidy');
    expect(calls).toHaveLength(1);
    expect(calls[0]!.event).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
    calls[0]!.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(2);
  });

  it('does not start a run while one is going on', async () => {
    start('tidy');
    await vi.advanceTimersByTimeAsync(180_000);
    expect(calls).toHaveLength(1);
    calls[0]!.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(2);
  });

  it('tells of a failure, counts it, and goes on', async () => {
    start('tidy');
    calls[0]!.end(new Error('no bucket'));
    await vi.advanceTimersByTimeAsync(0);
    expect(notes).toEqual(['tidy (on schedule) fails: no bucket']);
    expect(schedules.states()).toMatchObject([{ function: 'tidy', runs: 1, failing: 1, lastError: 'no bucket' }]);
    await vi.advanceTimersByTimeAsync(60_000);
    calls[1]!.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(schedules.states()).toMatchObject([{ runs: 2, failures: 1, failing: 0 }]);
  });

  it('by hand it runs after what is under way, and says how it went', async () => {
    start('tidy', 'other');
    const fired = schedules.fire('tidy');
    expect(calls.filter(({ fn }) => fn === 'tidy')).toHaveLength(1);
    calls[0]!.end();
    await vi.advanceTimersByTimeAsync(0);
    const again = calls.filter(({ fn }) => fn === 'tidy')[1]!;
    again.end(new Error('no bucket'));
    await expect(fired).rejects.toThrow('no bucket');
    await expect(schedules.fire('seal')).rejects.toThrow(/scheduled are tidy, other/u);
  });

  it('stops when what is in flight has ended, and starts nothing more', async () => {
    start('tidy');
    const stopped = schedules.stop();
    calls[0]!.end();
    await stopped;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls).toHaveLength(1);
  });
});

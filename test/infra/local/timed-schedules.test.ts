// Schedules with times of the day: by the real clock they wait for them, by a virtual one they run as it is moved past them.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { now, setClock } from '../../../functions/runtime/now.ts';
import { startVirtualClock } from '../../../infra/local/virtual-clock.ts';
import { type LocalSchedule, readModel } from '../../../infra/local/model.ts';
import { startSchedules } from '../../../infra/local/schedules.ts';
import { TemplateProblem } from '../../../infra/local/template.ts';
import { MINI_TEMPLATE } from '../../support/mini-template.ts';

/** Eight in the morning in town. */
const T0 = new Date('2025-05-08T00:00:00.000Z');
const timed = (name: string, expression: string): LocalSchedule => ({
  name,
  function: `fn-${name}`,
  cron: { expression, timeZone: 'Asia/Shanghai' },
});
const DAILY = timed('daily', 'cron(30 8 * * ? *)');
const HOURLY = timed('hourly', 'cron(30 8-20 * * ? *)');

describe('the template', () => {
  const withSchedule = (properties: Record<string, unknown>) => ({
    Resources: {
      ...MINI_TEMPLATE.Resources,
      Fn: { Type: 'AWS::Lambda::Function', Metadata: { 'daocha:function': 'remind' }, Properties: {} },
      Morning: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: { Target: { Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Input: '{"run":"morning"}' }, ...properties },
      },
    },
  });
  const schedulesOf = (properties: Record<string, unknown>) =>
    readModel(withSchedule(properties), [], new Map()).schedules;

  it('names function, times, zone and input', () => {
    const times = { ScheduleExpression: 'cron(30 8 * * ? *)', ScheduleExpressionTimezone: 'Asia/Shanghai' };
    expect(schedulesOf(times)).toEqual([
      {
        name: 'Morning',
        function: 'remind',
        cron: { expression: 'cron(30 8 * * ? *)', timeZone: 'Asia/Shanghai' },
        input: { run: 'morning' },
      },
    ]);
    expect(schedulesOf({ ScheduleExpression: 'rate(1 hour)' })).toMatchObject([{ every: 3_600_000 }]);
    expect(schedulesOf({ ...times, State: 'DISABLED' })).toEqual([]);
  });

  it('is refused for times that this machine does not run', () => {
    expect(() => schedulesOf({ ScheduleExpression: 'at(2025-05-08T00:00:00)' })).toThrow(TemplateProblem);
  });
});

describe('by a virtual clock', () => {
  afterEach(() => setClock());
  const start = (schedules: LocalSchedule[], fails: string[] = []) => {
    const runs: string[] = [];
    const told: number[] = [];
    const notes: string[] = [];
    const clock = startVirtualClock(T0, {
      schedules,
      tell: async (at) => void told.push(at),
      fire: async (_fn, name) => {
        runs.push(`${name} ${now().toISOString().slice(5, 16)}`);
        if (fails.includes(name)) throw new Error('out of order');
      },
      note: (message) => notes.push(message),
    });
    return { clock, runs, told, notes };
  };

  it('they run in order, each at its own time, those of one time one after the other', async () => {
    const { clock, runs, told } = start([HOURLY, DAILY]);
    expect(await clock.runTo(new Date('2025-05-08T02:45:00.000Z'))).toBe(4);
    expect(runs).toEqual(['hourly 05-08T00:30', 'daily 05-08T00:30', 'hourly 05-08T01:30', 'hourly 05-08T02:30']);
    expect(now().toISOString()).toBe('2025-05-08T02:45:00.000Z');
    // the other threads stood at each of these times as well
    expect(told.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual(['00:30', '01:30', '02:30', '02:45']);
  });

  it('a year of mornings is run through, and not one twice', async () => {
    const { clock, runs } = start([DAILY]);
    await clock.runTo(new Date('2025-05-20T00:30:00.000Z'));
    await clock.runTo(new Date('2026-05-08T00:00:00.000Z'));
    expect(runs).toHaveLength(365);
    expect(new Set(runs).size).toBe(365);
  });

  it('one that fails is told of and keeps none from running', async () => {
    const { clock, runs, notes } = start([DAILY, HOURLY], ['daily']);
    await clock.runTo(new Date('2025-05-08T01:30:00.000Z'));
    expect(runs).toHaveLength(3);
    expect(notes).toEqual(['schedule daily: out of order']);
  });

  it('what has a pace, or no time to come, is not run', async () => {
    const { clock, runs } = start([
      { name: 'tidy', function: 'tidy', every: 60_000 },
      timed('past', 'cron(0 8 * * ? 2024)'),
    ]);
    expect(await clock.runTo(new Date('2025-05-10T00:00:00.000Z'))).toBe(0);
    expect(runs).toEqual([]);
  });

  it('setting the clock runs nothing; it goes forward only', async () => {
    const { clock, runs } = start([DAILY]);
    await clock.set(new Date('2025-05-09T00:00:00.000Z'));
    expect(runs).toEqual([]);
    await expect(clock.set(T0)).rejects.toMatchObject({ type: 'invalid-input', field: 'at' });
  });
});

describe('by the real clock', () => {
  const calls: string[] = [];
  const start = (existed: boolean, virtual = false) =>
    startSchedules(
      [HOURLY],
      async () => void calls.push(new Date().toISOString()),
      () => {},
      {
        now: () => new Date(),
        virtual,
        existed,
      },
    );
  beforeEach(() => {
    calls.length = 0;
    vi.useFakeTimers({ now: T0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('they run when their time has come, also after the machine slept, and end with the platform', async () => {
    const schedules = start(false);
    await vi.advanceTimersByTimeAsync(29 * 60_000);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(calls).toHaveLength(1);
    vi.setSystemTime(new Date('2025-05-08T03:31:00.000Z'));
    await vi.advanceTimersByTimeAsync(61_000);
    expect(calls).toHaveLength(2);
    await schedules.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(calls).toHaveLength(2);
  });

  it('a time that passed while the platform was off is made up for at the start; on a new platform none was missed', async () => {
    vi.setSystemTime(new Date('2025-05-08T01:10:00.000Z'));
    const restarted = start(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(1);
    await restarted.stop();
    const fresh = start(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(1);
    await fresh.stop();
  });

  it('by a virtual clock none runs by itself', async () => {
    const schedules = start(true, true);
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(calls).toEqual([]);
    await schedules.stop();
  });
});

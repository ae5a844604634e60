import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postThrough } from '../../infra/cli/import-post.ts';
import type { ImportCommand, UnitPlan } from '../../shared/import/command.ts';
import { PostFailed, sendPlans, type PostCommands } from '../../shared/import/send.ts';
import { startTally, type CommandResult } from '../../shared/import/summary.ts';
import { town } from './support.ts';

const options = { source: 'test', file: 'f.csv', batch: 3, concurrency: 3, backoff: [0, 0, 0] };

function plan(unit: string, visits: number): UnitPlan {
  const common = { unit, derived: { rows: [2], rule: 'test' } };
  const commands: ImportCommand[] = [
    {
      ...common,
      kind: 'unit',
      command: `${unit}:0`,
      occurredAt: '2020-01-01T00:00:00.000Z',
      details: { name: unit, tracks: ['gas'], external: { system: 'test', id: unit } },
    },
  ];
  for (let i = 1; i <= visits; i++) {
    commands.push({
      ...common,
      kind: 'visit',
      command: `${unit}:${i}`,
      inspection: `i_${unit}_${i}`,
      occurredAt: `2020-01-${String(i + 1).padStart(2, '0')}T00:00:00.000Z`,
      track: 'gas',
      mode: 'routine',
      answers: [{ item: '1', clause: 'A', answer: 'problem' }],
    });
  }
  return { unit, inspections: visits, clean: 0, commands };
}

describe('sending', () => {
  test('a unit’s commands arrive one after the other, in batches within the limit, however units are packed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (visits, batch, concurrency) => {
          const plans = visits.map((count, i) => plan(`u${i}`, count));
          const arrived: string[] = [];
          const inFlight = new Set<string>();
          const post: PostCommands = async ({ commands }) => {
            expect(commands.length).toBeLessThanOrEqual(batch);
            const units = new Set(commands.map(({ unit }) => unit));
            for (const unit of units) {
              expect(inFlight.has(unit)).toBe(false);
              inFlight.add(unit);
            }
            await Promise.resolve();
            arrived.push(...commands.map(({ command }) => command));
            for (const unit of units) inFlight.delete(unit);
            return commands.map(({ command }) => ({ command, status: 'done', added: 1 }));
          };
          const tally = startTally(0, []);
          expect(await sendPlans(plans, post, tally, { ...options, batch, concurrency })).toBe(true);
          for (const { unit, commands } of plans) {
            expect(arrived.filter((id) => id.startsWith(`${unit}:`))).toEqual(commands.map(({ command }) => command));
          }
          expect(tally.summary).toMatchObject({ units: plans.length, eventsAdded: arrived.length });
        },
      ),
    );
  });

  test('what may pass is sent again, and the figures are those of one run', async () => {
    const place = town();
    place.failNext([new PostFailed('retry', '503'), new PostFailed('retry', 'socket hang up')]);
    const tally = startTally(0, []);
    const reasons: string[] = [];
    await sendPlans([plan('u1', 5)], place.post, tally, { ...options, onRetry: (reason) => reasons.push(reason) });
    expect(reasons).toEqual(['503', 'socket hang up']);
    expect(tally.summary).toMatchObject({ hazards: 1, open: 1, recurrences: 0, refused: [] });
    expect(place.executed).toHaveLength(6);
  });

  test('an answer that was lost after the work was done changes nothing', async () => {
    const place = town();
    let lost = 0;
    const post: PostCommands = async (body) => {
      const results = await place.post(body);
      if (lost++ % 2 === 0) throw new PostFailed('retry', 'connection reset');
      return results;
    };
    const tally = startTally(0, []);
    await sendPlans([plan('u1', 5)], post, tally, options);
    expect(place.executed).toHaveLength(6);
    expect(tally.summary).toMatchObject({ hazards: 1, open: 1 });
  });

  test('requests shrink when answers come slowly, and grow again', async () => {
    let now = 0;
    const sizes: number[] = [];
    const post: PostCommands = async ({ commands }) => {
      sizes.push(commands.length);
      now += commands.length > 10 ? 6000 : 100;
      return commands.map(({ command }) => ({ command, status: 'done', added: 1 }));
    };
    const paced = { ...options, batch: 100, concurrency: 1, elapsed: () => now };
    await sendPlans([plan('u1', 99)], post, startTally(0, []), paced);
    expect(sizes.slice(0, 4)).toEqual([20, 10, 13, 6]);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(100);
  });

  test('a request that was lost comes again in smaller parts', async () => {
    const sizes: number[] = [];
    const post: PostCommands = async ({ commands }) => {
      sizes.push(commands.length);
      if (commands.length > 2) throw new PostFailed('retry', '504');
      return commands.map(({ command }) => ({ command, status: 'done', added: 1 }));
    };
    const tally = startTally(0, []);
    await sendPlans([plan('u1', 7)], post, tally, { ...options, batch: 8 });
    expect(sizes).toEqual([8, 4, 2, 2, 4, 2, 2]);
    expect(tally.summary.eventsAdded).toBe(8);
  });

  test('retries are bounded', async () => {
    const place = town();
    place.failNext(Array.from({ length: 9 }, () => new PostFailed('retry', 'down')));
    await expect(sendPlans([plan('u1', 1)], place.post, startTally(0, []), options)).rejects.toThrow('down');
    expect(place.executed).toHaveLength(0);
  });

  test('nothing more is sent once the caller is refused', async () => {
    const place = town();
    place.failNext([new PostFailed('fatal', 'the token is not accepted')]);
    const plans = [plan('u1', 1), plan('u2', 1), plan('u3', 1)];
    await expect(sendPlans(plans, place.post, startTally(0, []), { ...options, concurrency: 1 })).rejects.toThrow(
      'token',
    );
    expect(place.executed).toHaveLength(0);
  });

  test('one command that cannot be read does not take its neighbours with it', async () => {
    const place = town();
    const post: PostCommands = async (body) => {
      if (body.commands.some(({ command }) => command === 'u1:1')) {
        throw new PostFailed('bad-request', '400', {
          type: 'invalid-input',
          detail: 'commands[0].result: too long',
          field: 'result',
        });
      }
      return await place.post(body);
    };
    const tally = startTally(0, []);
    await sendPlans([plan('u1', 2)], post, tally, options);
    expect(place.executed.map(({ command }) => command)).toEqual(['u1:0', 'u1:2']);
    expect(tally.summary.refused).toEqual([
      { line: 2, column: 'result', reason: 'visit: commands[0].result: too long' },
    ]);
  });

  test('a command on which the platform fails again and again is refused with its row, and all others are done', async () => {
    const place = town();
    const requests: number[] = [];
    const post: PostCommands = async (body) => {
      if (body.commands.some(({ command }) => command === 'u3:1')) {
        requests.push(body.commands.length);
        throw new PostFailed('broken', '500', { detail: 'the platform failed on it' });
      }
      return await place.post(body);
    };
    const tally = startTally(0, []);
    const plans = Array.from({ length: 9 }, (_, n) => plan(`u${n}`, 2));
    expect(await sendPlans(plans, post, tally, { ...options, batch: 100 })).toBe(true);
    // halved down to the command alone, and then three times
    expect(requests).toEqual([27, 14, 7, 4, 2, 1, 1, 1]);
    expect(place.executed).toHaveLength(26);
    expect(tally.summary.refused).toEqual([{ line: 2, column: '', reason: 'visit: the platform failed on it' }]);
  });

  test('a failure that passes refuses nothing', async () => {
    const place = town();
    place.failNext([new PostFailed('broken', '500'), new PostFailed('broken', '500'), new PostFailed('broken', '500')]);
    const tally = startTally(0, []);
    await sendPlans([plan('u1', 5)], place.post, tally, { ...options, batch: 100 });
    expect(tally.summary).toMatchObject({ hazards: 1, refused: [] });
    expect(place.executed).toHaveLength(6);
  });

  test('a platform that fails on everything is not taken for so many bad rows', async () => {
    const post: PostCommands = () => Promise.reject(new PostFailed('broken', 'answers 500'));
    const plans = Array.from({ length: 40 }, (_, n) => plan(`u${n}`, 1));
    await expect(sendPlans(plans, post, startTally(0, []), options)).rejects.toThrow('answers 500');
  });

  test.each([
    [500, 200, 'broken'],
    // not there: as long as nothing is heard of the platform, no row is to blame
    [500, 503, 'retry'],
    [500, undefined, 'retry'],
    [502, 200, 'retry'],
    [503, 200, 'retry'],
    [504, 200, 'retry'],
  ])('an answer %i, and /health answers %s: %s', async (status, health, kind) => {
    const request = async (method: string): Promise<{ status: number; body: unknown }> => {
      if (method === 'POST') return { status, body: { detail: 'something went wrong' } };
      if (health === undefined) throw new Error('ECONNREFUSED');
      return { status: health, body: {} };
    };
    const post = postThrough({ api: 'http://x.test', request });
    await expect(post({ source: 's', file: 'f', commands: [] })).rejects.toMatchObject({ kind });
  });

  test('a refused command is listed with its row and the rest goes on; a unit known with other details is no refusal', async () => {
    const problems: Record<string, CommandResult['problem']> = {
      'u1:0': { type: 'urn:daocha:problem:unit-exists', detail: 'other details' },
      'u1:1': { type: 'urn:daocha:problem:unit-closed', detail: 'closed', field: 'unit', expected: 'an open unit' },
      'u1:2': { type: 'urn:daocha:problem:idempotency-key-reused', detail: 'used', field: 'Idempotency-Key' },
    };
    const post: PostCommands = async ({ commands }) =>
      commands.map(({ command }) => {
        const problem = problems[command];
        return problem ? { command, status: 'refused', added: 0, problem } : { command, status: 'done', added: 1 };
      });
    const tally = startTally(0, []);
    await sendPlans([plan('u1', 3)], post, tally, options);
    expect(tally.summary.eventsAdded).toBe(1);
    expect(tally.summary.refused).toEqual([
      { line: 2, column: 'unit', reason: 'visit: closed; right would be: an open unit' },
      { line: 2, column: '', reason: expect.stringContaining('recorded before with other content') },
    ]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { makeTown, type TestTown } from './support.ts';

const at = (day: number) => `2025-05-${String(day).padStart(2, '0')}T02:00:00.000Z`;
const derived = (row: number) => ({ rows: [row], rule: 'row' });
const register = (unit: string, row = 2) => ({
  kind: 'unit',
  command: `import:t:unit:${unit}`,
  unit,
  occurredAt: at(1),
  details: { name: unit, tracks: ['factory'], external: { system: 't', id: unit } },
  derived: derived(row),
});
const visit = (unit: string, day: number, problem = true) => ({
  kind: 'visit',
  command: `import:t:visit:${unit}:${day}`,
  unit,
  inspection: `i_${unit}_${day}`,
  occurredAt: at(day),
  track: 'factory',
  mode: 'routine',
  answers: problem ? [{ item: '1', clause: 'EXIT', answer: 'problem', grade: 'major', raw: 'exit blocked' }] : [],
  derived: derived(day),
});
const close = (unit: string, day: number) => ({
  kind: 'close',
  command: `import:t:close:${unit}:${day}`,
  unit,
  occurredAt: at(day),
  track: 'factory',
  closes: [{ clause: 'EXIT', basis: 'file closed' }],
  derived: derived(day),
});

const shape = (each: TestTown) =>
  each.fake.items('events').map((item) => [item['stream']!.S, item['version']!.N, item['next']!.N]);

describe('an import over HTTP', () => {
  let town: TestTown;
  let importer: string;
  beforeEach(async () => {
    town = await makeTown();
    importer = await town.as('importer', 'office');
  });
  const run = (commands: object[], headers = {}) =>
    town.post('/v1/imports', importer, { source: 't', file: 'f.csv', commands }, headers);

  it('tells what became of each command, and marks every event as derived', async () => {
    const { status, body } = await run([register('u_1'), visit('u_1', 2), close('u_1', 3), visit('u_1', 4)]);
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { status: 'done', added: 1 },
      { status: 'done', outcomes: [{ clause: 'EXIT', outcome: 'found' }] },
      { status: 'done', signedOff: ['EXIT'] },
      { status: 'done', outcomes: [{ clause: 'EXIT', outcome: 'recurred' }] },
    ]);
    const events = town.fake
      .items('events')
      .flatMap((item) => item['events']!.L!)
      .map((value) => JSON.parse(Buffer.from(value.B!).toString()))
      .filter((event) => event.source === 'import');
    expect(events.length).toBe(body.results.reduce((sum: number, result: { added: number }) => sum + result.added, 0));
    for (const event of events) expect(event.derived).toMatchObject({ source: 't', file: 'f.csv', rule: 'row' });
  });

  it('adds nothing the second time, however the batches are cut', async () => {
    const commands = [register('u_1'), visit('u_1', 2), close('u_1', 3)];
    await run(commands);
    const before = town.commits();
    for (const command of commands) {
      const { body } = await run([command]);
      expect(body.results).toMatchObject([{ status: 'already', added: 0 }]);
    }
    expect(town.commits()).toBe(before);
  });

  it('refuses a command that breaks a rule, says why, and goes on with the rest', async () => {
    const { status, body } = await run([visit('u_none', 2), register('u_2'), visit('u_2', 3, false)]);
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { status: 'refused', added: 0, problem: { type: 'urn:daocha:problem:unknown-unit', field: 'unit' } },
      { status: 'done' },
      { status: 'done' },
    ]);
  });

  it('stores nothing of a batch in which one command is malformed', async () => {
    const before = town.commits();
    const { status, body } = await run([register('u_1'), { ...visit('u_1', 2), colour: 'red' }]);
    expect(status).toBe(400);
    expect(body.field).toBe('commands[1].colour');
    expect(body.expected).toMatch(/known are kind, command, unit/);
    expect(town.commits()).toBe(before);
    expect((await run(Array.from({ length: 101 }, (_, each) => register(`u_${each}`)))).body.field).toBe('commands');
  });

  it('ends as one run would when an outage broke it off', async () => {
    const commands = [register('u_1'), visit('u_1', 2), close('u_1', 3), visit('u_1', 4)];
    const whole = await makeTown();
    await whole.post('/v1/imports', await whole.as('importer', 'office'), { source: 't', file: 'f.csv', commands });
    let writes = 0;
    town.fake.hook = ({ name, when }) => {
      if (when === 'before' && /Put|Transact/.test(name) && (writes += 1) === 3) {
        throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
      }
    };
    expect((await run(commands)).status).toBe(503);
    town.fake.hook = () => {};
    expect((await run(commands)).body.results.map((result: { status: string }) => result.status)).toEqual([
      'already',
      'already',
      'done',
      'done',
    ]);
    expect(shape(town)).toEqual(shape(whole));
  });
});

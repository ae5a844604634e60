// How the platform stands, to those who run and audit it: in a bounded number of reads, whatever is behind.
import { beforeEach, describe, expect, it } from 'vitest';
import { FOLLOWERS } from '../../../functions/api/handlers/platform.ts';
import { NOTIFY } from '../../../functions/notify/notify.ts';
import { PUBLISH } from '../../../functions/publish/publish.ts';
import { REACT } from '../../../functions/react/react.ts';
import { hold } from '../../../shared/record/log/quarantine.ts';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
const UNIT = { name: '练塘老街面馆', area: 'village-01', tracks: ['gas'] };
const system = async () => (await town.get('/v1/system', office)).body;
const later = (seconds: number): void => {
  town.now.at = new Date(town.now.at.getTime() + seconds * 1000);
};

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  await town.post('/v1/units', office, UNIT);
  await town.settle();
});

describe('GET /v1/system', () => {
  it('names every follower of the log', () => {
    expect([...FOLLOWERS].toSorted()).toEqual([NOTIFY, PUBLISH, REACT].toSorted());
  });

  it('tells how far each has come, how many events it is behind, and for how long', async () => {
    later(90);
    const { log, followers, generation } = await system();
    const of = (name: string) => followers.find((one: { name: string }) => one.name.startsWith(name));
    expect(of('project')).toMatchObject({
      position: log.size,
      lag: 0,
      behind: null,
      movedAt: '2025-06-02T04:00:00.000Z',
    });
    expect(of('publish')).toEqual({
      name: 'publish',
      position: 0,
      lag: log.size,
      ahead: 0,
      broken: [],
      behind: 90,
      movedAt: null,
    });
    expect(generation).toBe(1);
  });

  it('tells, as does /health, of a follower that was put behind the log and of streams that one leaves out', async () => {
    const { size } = (await system()).log;
    const checkpoint = (position: number, broken: Record<string, { N: string }>) =>
      town.fake.seed('log', {
        pk: { S: 'liantang#follower' },
        sk: { S: 'publish' },
        position: { N: String(position) },
        broken: { M: broken },
      });
    const both = async () => {
      const { followers } = await system();
      const health = await town.get('/health', office);
      return [followers.find((one: { name: string }) => one.name === 'publish'), health.body] as const;
    };
    checkpoint(999_999, {});
    const [moved, impaired] = await both();
    expect(moved).toMatchObject({ ahead: 999_999 - size, lag: 0, broken: [] });
    expect(impaired).toMatchObject({
      status: 'impaired',
      followers: { publish: { ahead: 999_999 - size, broken: 0 } },
    });
    checkpoint(size, { 'liantang#unit#u_x': { N: '3' } });
    const [leaving, also] = await both();
    expect(leaving).toMatchObject({ ahead: 0, broken: [{ stream: 'liantang#unit#u_x', position: 3 }] });
    expect(also).toMatchObject({ status: 'impaired', followers: { publish: { ahead: 0, broken: 1 } } });
  });

  it('tells the latest checkpoint and its age', async () => {
    expect((await system()).log.signed).toBeNull();
    await town.seal();
    later(30);
    const { log } = await system();
    expect(log.signed).toEqual({ size: log.size, at: '2025-06-02T04:00:00.000Z', age: 30 });
  });

  it('tells what is held back, the rule set in force and the calendar', async () => {
    const before = await system();
    expect(before).toMatchObject({
      held: [],
      ruleSet: { version: 1 },
      ruleSets: 1,
      calendar: { ruleSet: [2025, 2026], announced: [2025, 2026] },
    });
    await hold(town.deps.views, { stream: 'liantang#unit#u_x', version: 3 });
    expect((await system()).held).toEqual([{ stream: 'liantang#unit#u_x', version: 3 }]);
  });

  it('reads as many items after a thousand events as after ten', async () => {
    const reads = async (): Promise<number> => {
      let count = 0;
      town.fake.hook = ({ when }) => void (count += when === 'before' ? 1 : 0);
      await system();
      town.fake.hook = () => {};
      return count;
    };
    await system(); // what a process reads once
    const few = await reads();
    for (let n = 0; n < 60; n += 1) await town.post('/v1/units', office, { ...UNIT, name: `单位 ${n}` });
    await town.settle();
    expect(await reads()).toBe(few);
    expect(few).toBeLessThan(20);
  });

  it.each([
    ['village', 'village-01', 403],
    ['district', 'district-fire', 403],
    ['auditor', 'office', 200],
    ['leader', 'leading-group', 200],
  ] as const)('answers %s of %s with %d', async (role, organisation, status) => {
    expect((await town.get('/v1/system', await town.as(role, organisation))).status).toBe(status);
  });
});

describe('GET /v1/directory/names', () => {
  it('names who was entered, not who was erased or is not known, and puts each look on record', async () => {
    await town.post('/v1/directory', office, { person: 'p-1', name: '示例甲', phone: '021-59250000' });
    await town.post('/v1/directory', office, { person: 'p-2', name: '示例乙' });
    await town.agreed('/v1/directory/erasures', office, { person: 'p-2', reason: '本人申请' });
    const { status, body } = await town.get('/v1/directory/names?persons=p-1+p-2+p-3+p-1', office);
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        { person: 'p-1', name: '示例甲', state: 'entered' },
        { person: 'p-2', name: null, state: 'erased' },
        { person: 'p-3', name: null, state: 'unknown' },
      ],
    });
    later(1);
    for (const person of ['p-1', 'p-2', 'p-3']) {
      const looked = await town.get(`/v1/accesses?person=${person}&after=2025-06-02T00:00:00Z`, office);
      expect(looked.body.items, person).toMatchObject([{ action: 'names', asked: { person } }]);
    }
  });

  it.each([
    ['none', 'persons=', 400],
    ['a name', `persons=${encodeURIComponent('示例甲')}`, 400],
    ['too many', `persons=${Array.from({ length: 51 }, (_, n) => `p-${n}`).join('+')}`, 400],
  ])('refuses %s, naming the field', async (_what, query, status) => {
    const answer = await town.get(`/v1/directory/names?${query}`, office);
    expect(answer).toMatchObject({ status, body: { field: expect.stringMatching(/^persons/) } });
  });

  it('is not for those who may not know names, and asks an auditor for the ground', async () => {
    const path = '/v1/directory/names?persons=p-1';
    expect((await town.get(path, await town.as('department', 'guijianban'))).status).toBe(403);
    expect((await town.send('GET', path, { token: await town.as('auditor', 'office') })).body.field).toBe(
      'X-Access-Ground',
    );
  });
});

// The access log by itself: what is put there is found by unit and time, in order, in pages, whatever a retry repeats,
// and with bounded reads.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessesOf, recordAccess, recordRefusal, type AccessDeps } from '../../../shared/record/access/access.ts';
import type { Access, LoggedAccess } from '../../../shared/record/access/entry.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';

const at = (minute: number): string => new Date(Date.UTC(2025, 5, 2) + minute * 60_000).toISOString();
const access = (minute: number, more: Partial<Access> = {}): Access => ({
  at: at(minute),
  person: 'p-auditor-1',
  post: '审计员',
  organisation: 'office',
  roles: ['auditor'],
  action: 'read',
  unit: 'u_1',
  ground: '案件 1 号',
  route: 'GET /v1/units/{id}',
  asked: { id: 'u_1' },
  correlation: 'c-1',
  ...more,
});

function log(): { fake: FakeDynamo; deps: AccessDeps } {
  const fake = new FakeDynamo();
  return { fake, deps: { dynamo: fake.client, table: 'access', tenant: 'liantang' } };
}

/** Every page of an answer, one after the other. */
async function all(deps: AccessDeps, unit: string, limit: number, lists = false): Promise<LoggedAccess[]> {
  const found: LoggedAccess[] = [];
  let from: string | undefined;
  for (let pages = 0; ; pages++) {
    expect(pages, 'pages without end').toBeLessThan(500);
    const page = await accessesOf(deps, { unit }, { after: at(0), until: at(10_000), lists, limit, from });
    expect(page.accesses.length).toBeLessThanOrEqual(limit);
    found.push(...page.accesses);
    if (page.next === undefined) return found;
    from = page.next;
  }
}

describe('an access', () => {
  it('is found by its unit and time, the first moment included, the last not', async () => {
    const { deps } = log();
    for (const minute of [1, 2, 3]) await recordAccess(deps, `id-${minute}`, access(minute));
    const between = await accessesOf(deps, { unit: 'u_1' }, { after: at(2), until: at(3) });
    expect(between).toMatchObject({ accesses: [{ at: at(2), refused: null }], next: undefined });
    expect(between.accesses[0]).toEqual({ ...access(2), refused: null });
    expect((await accessesOf(deps, { unit: 'u_2' }, { after: at(0), until: at(9) })).accesses).toEqual([]);
  });

  it('written twice by a retry is one, and never another’s', async () => {
    const { fake, deps } = log();
    await recordAccess(deps, 'id', access(1));
    await recordAccess(deps, 'id', access(1, { person: 'p-other' }));
    expect(fake.items('access')).toHaveLength(1);
    expect((await all(deps, 'u_1', 10))[0]!.person).toBe('p-auditor-1');
  });

  it('of the whole log is one of every unit, a list only when lists are asked for', async () => {
    const { deps } = log();
    await recordAccess(deps, 'a', access(1, { unit: '*', action: 'bundle' }));
    await recordAccess(deps, 'b', access(2, { unit: '*', action: 'list' }));
    await recordAccess(deps, 'c', access(3, { action: 'list', unit: 'u_1' }));
    expect((await all(deps, 'u_1', 10)).map(({ action }) => action)).toEqual(['bundle', 'list']);
    expect((await all(deps, 'u_1', 10, true)).map(({ at: when }) => when)).toEqual([at(1), at(2), at(3)]);
    expect((await all(deps, '*', 10)).map(({ action }) => action)).toEqual(['bundle']);
  });

  it('that was refused says so', async () => {
    const { deps } = log();
    await recordAccess(deps, 'a', access(1));
    await recordRefusal(deps, 'a', access(1), 'foreign-organisation');
    expect(await all(deps, 'u_1', 1)).toMatchObject([{ refused: 'foreign-organisation' }]);
  });

  it('is found whatever the pages, once, in order, with its refusal', async () => {
    const one = fc.record({
      minute: fc.nat({ max: 30 }),
      where: fc.constantFrom('u_1', 'u_2', '*'),
      action: fc.constantFrom('read' as const, 'list' as const),
      refused: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (ones, limit, lists) => {
          const { deps } = log();
          for (const [n, { minute, where, action, refused }] of ones.entries()) {
            const entry = access(minute, { unit: where, action, correlation: String(n) });
            await recordAccess(deps, `id-${n}`, entry);
            if (refused) await recordRefusal(deps, `id-${n}`, entry, 'forbidden');
          }
          const expected = ones
            .map((entry, n) => Object.assign(entry, { n: String(n) }))
            .filter(({ where, action }) => where === 'u_1' || (where === '*' && (lists || action !== 'list')));
          const found = await all(deps, 'u_1', limit, lists);
          expect(found.map(({ correlation }) => correlation).toSorted()).toEqual(expected.map(({ n }) => n).toSorted());
          expect(found.map(({ at: when }) => when)).toEqual(found.map(({ at: when }) => when).toSorted());
          const refusals = new Map(expected.map(({ n, refused }) => [n, refused ? 'forbidden' : null]));
          for (const { correlation, refused } of found) expect(refused).toBe(refusals.get(correlation));
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('a question reads what it asks about, however much there is of other times and units', async () => {
  const { deps } = log();
  for (let minute = 0; minute < 1000; minute++) {
    await recordAccess(deps, `a-${minute}`, access(minute));
    await recordAccess(deps, `b-${minute}`, access(minute, { unit: 'u_2' }));
    await recordAccess(deps, `c-${minute}`, access(minute, { unit: '*', action: 'list' }));
  }
  const page = await accessesOf(deps, { unit: 'u_1' }, { after: at(500), until: at(520) });
  expect(page.accesses).toHaveLength(20);
  expect(page.examined).toBe(20);
  const first = await accessesOf(deps, { unit: 'u_1' }, { after: at(0), until: at(1000), limit: 10 });
  expect(first.accesses).toHaveLength(10);
  expect(first.examined).toBe(21);
});

// Entering and erasing people: the event and the directory are one transaction, whatever is sent twice, raced, or crashes in between.
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../events/catalogue.ts';
import type { PersonEvent } from '../../../events/person.ts';
import { enterPerson, erasePerson, personStream, type PeopleDeps } from '../../../shared/rules/perform/person.ts';
import {
  commitmentsOf,
  ERASED_NAME,
  MOST_ENTRIES,
  opens,
  readPerson,
  resolveNames,
  type DirectoryDeps,
} from '../../../shared/record/directory/directory.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { person as fold } from '../../../shared/rules/person/person.ts';
import { DaochaError } from '../../../events/errors.ts';
import { commitFromItem } from '../../../shared/record/store/commit.ts';
import { commitsOf, contextOf, emptyTown, type Town } from '../../rules/perform/town.ts';
import { agreed } from '../../support/agreed.ts';
import { interleave } from '../../support/interleave.ts';
import { TENANT } from '../../support/builders.ts';

let town: Town;
let deps: PeopleDeps;
beforeEach(async () => {
  town = await emptyTown();
  deps = peopleOf(town);
});

const peopleOf = ({ fake, deps: store }: Town, dynamo = fake.client): PeopleDeps => ({
  store: { ...store, dynamo },
  directory: { dynamo, table: 'directory', tenant: TENANT, backoff: () => Promise.resolve() },
});
const office = (command?: string) => contextOf('p-office', { occurredAt: undefined, ...(command ? { command } : {}) });
const enter = (name: string, phone?: string, context = office(), by = deps) =>
  enterPerson(by, context, { person: 'p-1', name, ...(phone === undefined ? {} : { phone }) });
const erase = (context = office(), by = deps) =>
  agreed(context, (one) => erasePerson(by, one, { person: 'p-1', reason: '本人申请' }));
const events = (): PersonEvent[] =>
  commitsOf(town.fake)
    .filter(({ stream }) => stream.startsWith(`${TENANT}#person#`))
    .flatMap((commit) => commit.events.map((bytes) => decodeEvent(bytes) as PersonEvent));
const directory = (): string => JSON.stringify(town.fake.items('directory'));

describe('entering a person', () => {
  it('keeps name and number in the directory, and commits to them in the event', async () => {
    await enter('张三', '13800000000');
    const [event] = events();
    const known = await readPerson(deps.directory, 'p-1');
    expect(known).toMatchObject({ state: 'entered', entries: [{ name: '张三', phone: '13800000000' }] });
    const [entry] = known.state === 'entered' ? known.entries : [];
    expect(event).toMatchObject({ type: 'PersonEntered', data: { person: 'p-1', commitments: commitmentsOf(entry!) } });
    expect(opens('张三', entry!.keys.name!, commitmentsOf(entry!).name)).toBe(true);
    expect(opens('李四', entry!.keys.name!, commitmentsOf(entry!).name)).toBe(false);
    expect(entry!.keys.name).toMatch(/^[0-9a-f]{64}$/);
    expect(entry!.keys.name).not.toBe(entry!.keys.phone);
  });

  it('leaves nothing of either anywhere else: not in the event, not in the commit, not as a hash that could be tried', async () => {
    await enter('张三', '13800000000', office('k'));
    const stored =
      JSON.stringify(town.fake.items('events')) +
      events()
        .map((event) => JSON.stringify(event))
        .join('');
    expect(stored).not.toContain('张三');
    expect(stored).not.toContain('13800000000');
    // another town in which the same command is sent: nothing that was stored is the same, but for the names of things
    const other = await emptyTown();
    await enterPerson(peopleOf(other), office('k'), { person: 'p-1', name: '张三', phone: '13800000000' });
    const requests = [town, other].map(({ fake }) => commitFromItem(fake.items('events').at(-1)!).request);
    expect(requests[0]).not.toBe(requests[1]);
  });

  it('the same again is nothing; what has changed is entered again, and the old is kept with its keys', async () => {
    await enter('张三', '1');
    expect(await enter('张三', '1')).toMatchObject({ already: true, added: 0 });
    await enter('张三', '2');
    await enter('张三');
    const known = await readPerson(deps.directory, 'p-1');
    expect(known.state === 'entered' && known.entries.map(({ phone }) => phone)).toEqual(['1', '2', undefined]);
    expect(events()).toHaveLength(3);
    expect(events().at(-1)).toMatchObject({ data: { commitments: { name: expect.any(String) } } });
    expect(events().at(-1)!.data).not.toHaveProperty('commitments.phone');
  });

  it('with the same key and body is answered from the record, with another body refused', async () => {
    const first = await enter('张三', '1', office('key'));
    expect(await enter('张三', '1', office('key'))).toMatchObject({ already: true, events: first.events });
    await expect(enter('李四', '1', office('key'))).rejects.toMatchObject({ type: 'idempotency-key-reused' });
    await enter('张三', '2');
    expect(await enter('张三', '1', office('key'))).toMatchObject({ already: true, events: first.events });
  });

  it('ends somewhere: who changes a number a hundred times needs a new reference', async () => {
    for (let n = 0; n < MOST_ENTRIES; n++) await enter('张三', String(n));
    await expect(enter('张三', 'x')).rejects.toMatchObject({ type: 'too-many-entries', field: 'person' });
  });
});

describe('erasing a person', () => {
  it('takes name, number, older ones and keys away with the event, for good', async () => {
    await enter('张三', '1');
    await enter('张三', '2');
    const before = events().map((event) => JSON.stringify(event));
    await erase();
    expect(directory()).not.toMatch(/张三|keys|[0-9a-f]{64}/);
    expect(await readPerson(deps.directory, 'p-1')).toEqual({ state: 'erased' });
    expect(
      events()
        .slice(0, 2)
        .map((event) => JSON.stringify(event)),
    ).toEqual(before);
    expect(events()[2]).toMatchObject({ type: 'PersonErased', data: { person: 'p-1', approver: 'p-leader-1' } });
    await expect(enter('张三', '1')).rejects.toMatchObject({ type: 'person-erased' });
  });

  it('again is nothing, and the same command again the same answer', async () => {
    await enter('张三');
    const first = await erase(office('key'));
    expect(await erase(office('key'))).toMatchObject({ already: true, events: first.events });
    expect(await erase()).toMatchObject({ already: true, added: 0 });
  });
});

it('names for a screen: those entered, those erased, those never heard of, in one read for every hundred', async () => {
  const people = Array.from({ length: 150 }, (_, n) => `p-${n}`);
  for (const person of people.slice(0, 3))
    await enterPerson(deps, office(), { person, name: `人${person}`, phone: '123456' });
  await erase();
  town.fake.calls.length = 0;
  const names = await resolveNames(deps.directory, [...people, ...people]);
  expect(town.fake.calls).toEqual(['BatchGetItem', 'BatchGetItem']);
  expect(names.get('p-0')).toMatchObject({ name: '人p-0', phone: '123456', state: 'entered' });
  expect(names.get('p-1')).toMatchObject({ name: ERASED_NAME, phone: null, state: 'erased' });
  expect(names.get('p-149')).toMatchObject({ name: 'p-149', phone: null, state: 'unknown' });
});

/** What must hold at every moment at which anybody may look. */
async function agree(by: { directory: DirectoryDeps }, found: readonly PersonEvent[]): Promise<void> {
  const state = foldAll(fold, found);
  const known = await readPerson(by.directory, 'p-1');
  const inDirectory = known.state === 'entered' ? commitmentsOf(known.entries.at(-1)!) : null;
  expect({ erased: known.state === 'erased', commitments: inDirectory }).toEqual({
    erased: state.erased,
    commitments: state.commitments,
  });
}

describe('whatever is raced, repeated or cut short', () => {
  const step = fc.record({
    act: fc.constantFrom('enter' as const, 'enter' as const, 'erase' as const),
    name: fc.constantFrom('甲', '乙'),
    key: fc.constantFrom('k1', 'k2', 'k3', 'k4'),
  });

  it('event and directory agree at every moment, and each command has one outcome', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 5 }),
        fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 30 }),
        fc.option(fc.nat({ max: 12 })),
        async (steps, choices, crash) => {
          town = await emptyTown();
          const { pause, run } = interleave(choices);
          let calls = 0;
          const dynamo = town.fake.clientWith(async ({ name, when }) => {
            await pause();
            // its answer is lost after the write, or it never got there
            if (crash !== null && name === 'TransactWriteItems' && calls++ === crash % 4) {
              if (when === (crash % 2 ? 'after' : 'before')) throw new Error('the process ended here');
            }
          });
          const racing = peopleOf(town, dynamo);
          const at = peopleOf(town);
          const refused: (string | undefined)[] = [];
          const tasks = steps.map(async ({ act, name, key }) => {
            const by = act === 'enter' ? `${key}-${name}` : `${key}-erase`;
            try {
              if (act === 'enter') await enter(name, '123456', office(by), racing);
              else await erase(office(by), racing);
            } catch (error) {
              if (!(error instanceof DaochaError) && (error as Error).message !== 'the process ended here') throw error;
              refused.push((error as DaochaError).type);
            }
            await agree(at, events());
          });
          await run(tasks);
          await agree(at, events());
          // whoever got no answer sends it again
          for (const { act, name, key } of steps) {
            const by = act === 'enter' ? `${key}-${name}` : `${key}-erase`;
            const again = act === 'enter' ? enter(name, '123456', office(by), at) : erase(office(by), at);
            await again.catch((error: unknown) => void refused.push((error as DaochaError).type));
            await agree(at, events());
          }
          // the process that ended has no type; a conflict is asked again
          const expected = new Set(['person-erased', 'unknown-person', 'proposal-overtaken', 'conflict', undefined]);
          expect(refused.filter((type) => !expected.has(type))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('the stream of a person is made from the reference, whatever characters it has', () => {
  expect(personStream(TENANT, 'auth0|a/b#c')).toMatch(/^p_[0-9a-f]{20}$/);
  expect(personStream(TENANT, 'p-1')).not.toBe(personStream('other', 'p-1'));
});

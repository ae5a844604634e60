// Imported history: the same deciders, marked as derived, once for each command however often and however brokenly a file is sent.
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digest, hazardId, type CommandContext, type StreamCache } from '../../../shared/rules/perform/execute.ts';
import { hazard } from '../../../shared/rules/hazard/hazard.ts';
import { hazardsOf } from '../../../shared/rules/perform/inspection.ts';
import { importCommandSchema, type ImportedCommand } from '../../../shared/rules/perform/import-command.ts';
import { importCommand, type Imported } from '../../../shared/rules/perform/import.ts';
import { DAY, later } from '../../support/builders.ts';
import { share } from '../../support/runs.ts';
import {
  actsOn,
  commitsOf,
  emptyTown,
  eventsOf,
  H1,
  H2,
  hazardState,
  inspect,
  NOW,
  townWith,
  UNIT,
  unitState,
  whatHappened,
  type Town,
} from './town.ts';

const ORIGIN = { source: 'toronto-highrise-fire', file: 'inspections.csv' };
const derived = (...rows: number[]) => ({ rows, rule: 'file closed' });

function unitCommand(unit = UNIT): ImportedCommand {
  const details = { name: `Building ${unit}`, tracks: ['gas' as const], external: { system: 'toronto', id: unit } };
  return { kind: 'unit', command: `imp:unit:${unit}`, unit, occurredAt: later(-DAY), details, derived: derived(1) };
}

type Closes = { clause: string; basis: string }[];
const gone = (...clauses: string[]): Closes => clauses.map((clause) => ({ clause, basis: '文件已结案' }));

function visit(
  n: number,
  day: number,
  clauses: string[],
  more: Partial<ImportedCommand & { kind: 'visit' }> = {},
): ImportedCommand {
  return {
    kind: 'visit',
    command: `imp:visit:${n}`,
    unit: UNIT,
    occurredAt: later(day * DAY),
    inspection: `i_${n}`,
    track: 'gas',
    mode: 'routine',
    answers: clauses.map((clause, item) => ({ item: String(item), clause, answer: 'problem', raw: `raw ${clause}` })),
    derived: derived(10 + n),
    ...more,
  };
}

function closing(n: number, day: number, ...clauses: string[]): ImportedCommand {
  return {
    kind: 'close',
    command: `imp:close:${n}`,
    unit: UNIT,
    occurredAt: later(day * DAY),
    track: 'gas',
    closes: gone(...clauses),
    derived: derived(20 + n),
  };
}

/** Two cycles at one unit, with a clean visit, a persisting hazard, one rectified on the spot, and a second unit between. */
const FILE: readonly ImportedCommand[] = [
  unitCommand(),
  visit(1, 0, ['GAS-01', 'GAS-02']),
  visit(2, 1, ['GAS-01']),
  closing(1, 5, 'GAS-01', 'GAS-02'),
  unitCommand('u_2'),
  visit(3, 10, []),
  visit(4, 20, ['GAS-01']),
  visit(5, 25, ['GAS-02'], { closes: gone('GAS-01', 'GAS-02') }),
  visit(6, 26, [], { unit: 'u_2' }),
];

const context = (more: Partial<CommandContext> = {}): CommandContext => ({
  ...({ tenant: 'liantang', source: 'import', command: '', request: 'import', now: NOW } as const),
  actor: { person: 'p-importer', post: '数据员', organisation: 'office' },
  ...more,
});

async function send(
  town: Pick<Town, 'deps'>,
  file: readonly ImportedCommand[],
  session: StreamCache = new Map(),
): Promise<Imported[]> {
  const answers: Imported[] = [];
  for (const command of file) answers.push(await importCommand(town.deps, context(), ORIGIN, command, session));
  return answers;
}

const outcomesOf = (answers: readonly Imported[]) =>
  answers.map(({ outcomes, signedOff }) => ({ outcomes, signedOff }));

test('the example file is what the schema takes', () => {
  expect(FILE.map((command) => importCommandSchema.parse(command))).toEqual(FILE);
});

test('a file tells of findings, what persists, recurs and is signed off', async () => {
  const town = await emptyTown();
  const answers = await send(town, FILE);
  expect(
    answers.map(({ outcomes, signedOff }) => [
      outcomes.map(({ clause, outcome }) => `${clause} ${outcome}`),
      signedOff,
    ]),
  ).toEqual([
    [[], []],
    [['GAS-01 found', 'GAS-02 found'], []],
    [['GAS-01 persists'], []],
    [[], ['GAS-01', 'GAS-02']],
    [[], []],
    [[], []],
    [['GAS-01 recurred'], []],
    [['GAS-02 recurred'], ['GAS-02', 'GAS-01']],
    [[], []],
  ]);
  expect(unitState(town.fake)).toMatchObject({ listed: true, open: [] });
  expect(hazardState(town.fake, H1)).toMatchObject({ status: 'signed-off', recurrences: 1, cycles: 2 });
});

test('every event is marked as derived, with its file, rows and rule', async () => {
  const town = await emptyTown();
  await send(town, FILE);
  const events = [
    ...eventsOf(town.fake, 'unit'),
    ...eventsOf(town.fake, 'inspection'),
    ...eventsOf(town.fake, 'hazard'),
  ];
  expect(events.filter(({ derived: mark, source }) => mark?.source !== ORIGIN.source || source !== 'import')).toEqual(
    [],
  );
  const closed = events.filter(({ command }) => command === 'imp:close:1');
  expect(closed).toHaveLength(8);
  for (const event of closed) expect(event.derived).toEqual({ ...ORIGIN, ...derived(21) });
});

test('what a close shows is submission, verification and sign-off, with the unit’s listing in the same commit', async () => {
  const town = await emptyTown();
  const answers = await send(town, FILE.slice(0, 4));
  expect(answers[3]!.events.map(({ type }) => type)).toEqual([
    'RectificationSubmitted',
    'VerificationPassed',
    'HazardSignedOff',
    'RectificationSubmitted',
    'VerificationPassed',
    'HazardSignedOff',
    'UnitLedgerChanged',
    'UnitListed',
  ]);
  expect(answers[3]!.commits.map(({ stream }) => stream)).toHaveLength(3);
});

test('a hazard that comes back and is rectified in one visit leaves the list and is listed again', async () => {
  const town = await emptyTown();
  await send(town, FILE.slice(0, 4));
  const [answer] = await send(town, [visit(7, 30, ['GAS-01'], { closes: gone('GAS-01') })]);
  expect(answer!.events.filter(({ stream }) => stream.includes('#unit#')).map(({ type }) => type)).toEqual([
    'UnitLedgerChanged',
    'UnitDelisted',
    'UnitListed',
  ]);
});

test('a grade that the register gives is recorded with the finding, in its words', async () => {
  const town = await emptyTown();
  const graded = visit(1, 0, ['GAS-01', 'GAS-02']);
  if (graded.kind === 'visit') Object.assign(graded.answers[0]!, { grade: 'major' });
  if (graded.kind === 'visit') Object.assign(graded.answers[1]!, { grade: 'general', raw: ' ' });
  await send(town, [unitCommand(), graded]);
  expect(eventsOf(town.fake, 'hazard', H1).at(-1)).toMatchObject({
    type: 'HazardGraded',
    data: { grade: 'major', basis: 'raw GAS-01' },
  });
  expect(eventsOf(town.fake, 'hazard', H2).at(-1)).toMatchObject({
    type: 'HazardGraded',
    data: { grade: 'general', basis: 'general' },
  });
  const answers = eventsOf(town.fake, 'inspection').flatMap((event) =>
    event.type === 'InspectionRecorded' ? event.data.answers : [],
  );
  expect(answers).toMatchObject([{ raw: 'raw GAS-01' }, { raw: ' ' }]);
  expect(answers[0]).not.toHaveProperty('grade');
});

describe('a close that has nothing to close', () => {
  test('because it lies before the present cycle does nothing', async () => {
    const town = await emptyTown();
    await send(town, FILE.slice(0, 7));
    const stored = town.fake.items('events');
    const [answer] = await send(town, [closing(9, 12, 'GAS-01')]);
    expect(answer).toMatchObject({ already: true, added: 0, signedOff: [] });
    expect(town.fake.items('events')).toEqual(stored);
    expect(hazardState(town.fake, H1).status).toBe('recurred');
  });

  test('because it is closed does nothing', async () => {
    const town = await emptyTown();
    await send(town, FILE.slice(0, 4));
    expect(await send(town, [closing(9, 6, 'GAS-01')])).toMatchObject([{ already: true, added: 0 }]);
  });

  test('because nobody found it, or at an unknown unit, is refused and leaves nothing', async () => {
    const town = await emptyTown();
    await send(town, FILE.slice(0, 2));
    const stored = town.fake.items('events');
    await expect(send(town, [closing(9, 6, 'GAS-01', 'GAS-99')])).rejects.toMatchObject({ type: 'unknown-hazard' });
    await expect(send(town, [{ ...closing(9, 6, 'GAS-01'), unit: 'u_9' }])).rejects.toMatchObject({
      type: 'unknown-unit',
    });
    expect(town.fake.items('events')).toEqual(stored);
  });
});

test('a visit that closes the same clause twice signs it off once', async () => {
  const town = await emptyTown();
  const [, answer] = await send(town, [unitCommand(), visit(1, 0, ['GAS-01'], { closes: gone('GAS-01', 'GAS-01') })]);
  expect(answer!.signedOff).toEqual(['GAS-01']);
});

test('what people have found or deal with on the platform is not signed off by a register, which is told', async () => {
  const found = await townWith('GAS-01');
  const refused = [{ clause: 'GAS-01', hazard: H1, why: 'acted-on' }];
  expect(await send(found, [closing(1, 5, 'GAS-01')])).toMatchObject([{ added: 0, signedOff: [], unclosed: refused }]);
  const town = await emptyTown();
  await send(town, [unitCommand(), visit(1, 0, ['GAS-01'])]);
  const acts = actsOn(town, H1);
  for (const act of [acts.grade, acts.assign, acts.order]) await act();
  const before = hazardState(town.fake, H1);
  expect(await send(town, [closing(1, 5, 'GAS-01')])).toMatchObject([{ added: 0, signedOff: [], unclosed: refused }]);
  expect(hazardState(town.fake, H1)).toEqual(before);
  expect(before).toMatchObject({ status: 'ordered' });
});

test('a sign-off that lies before a live sighting ends the cycle of then; what was seen has come back', async () => {
  const town = await emptyTown();
  await send(town, [unitCommand(), visit(1, 0, ['GAS-01'])]);
  await inspect(town, later(8 * DAY), ['GAS-01']);
  const [answer] = await send(town, [closing(1, 5, 'GAS-01')]);
  expect(answer).toMatchObject({
    outcomes: [{ clause: 'GAS-01', hazard: H1, outcome: 'recurred' }],
    signedOff: [],
    unclosed: [],
  });
  expect(hazardState(town.fake, H1)).toMatchObject({ status: 'recurred', recurrences: 1, openedAt: later(8 * DAY) });
  expect(unitState(town.fake)).toMatchObject({ open: [H1], listed: false });
  expect(
    eventsOf(town.fake, 'unit')
      .map(({ type }) => type)
      .slice(-4),
  ).toEqual(['UnitLedgerChanged', 'UnitListed', 'UnitLedgerChanged', 'UnitDelisted']);
  // the live sighting is an inspector's: nothing that a register says after it signs it off
  expect(await send(town, [closing(2, 9, 'GAS-01')])).toMatchObject([{ unclosed: [{ why: 'acted-on' }] }]);
});

const SPELLINGS = ['GAS-01', 'gas-01', 'GAS－01', 'GAS 01', 'ＧＡＳ-01', 'GAS—01', ' G A S - 0 1'];

test.each(SPELLINGS)(
  'a clause spelt %j is the hazard of any other spelling, however it was recorded',
  async (spelling) => {
    for (const first of SPELLINGS) {
      const town = await emptyTown();
      await send(town, [unitCommand(), visit(1, 0, [first, spelling]), closing(1, 5, spelling)]);
      const [again, none] = await send(town, [visit(2, 9, [spelling]), visit(3, 10, ['GAS-1'])]);
      expect(again!.outcomes).toMatchObject([{ outcome: 'recurred', hazard: H1 }]);
      expect(none!.outcomes).toMatchObject([{ outcome: 'found' }]);
      expect(unitState(town.fake).hazards).toHaveLength(2);
    }
  },
);

test('a hazard that was recorded under an id of its spelling is found by any spelling', async () => {
  const older = `h_${digest(UNIT, 'gas', 'gas 01')}`;
  const asked: string[] = [];
  const hazardAt = (id: string) => {
    asked.push(id);
    return Promise.resolve({ ...hazard.initial, clause: id === older ? 'gas 01' : '第３条', track: 'gas' as const });
  };
  const known = { hazards: ['h_other', older] };
  const at = { unit: UNIT, track: 'gas' as const };
  expect(await hazardsOf(hazardAt, known, at, ['GAS-01', '第 3 条', 'GAS-1'])).toEqual([
    older,
    'h_other',
    hazardId(UNIT, 'gas', 'GAS-1'),
  ]);
  expect(await hazardsOf(hazardAt, known, { ...at, track: 'factory' }, ['GAS-01'])).not.toContain(older);
  asked.length = 0;
  await hazardsOf(hazardAt, { hazards: [H1] }, at, ['gas-01']);
  expect(asked).toEqual([]);
});

test('another sign-off than the one on record is told', async () => {
  const town = await emptyTown();
  await send(town, [unitCommand(), visit(1, 3, ['GAS-01']), closing(1, 5, 'GAS-01')]);
  const none = await send(town, [closing(1, 5, 'GAS-01'), closing(2, 5, 'GAS-01')]);
  expect(none.map(({ unclosed }) => unclosed)).toEqual([[], []]);
  const told = { clause: 'GAS-01', hazard: H1, why: 'closed', at: later(5 * DAY) };
  for (let twice = 0; twice < 2; twice++)
    expect(await send(town, [closing(3, 6, 'GAS-01')])).toMatchObject([{ added: 0, unclosed: [told] }]);
  await send(town, [visit(2, 9, ['GAS-01'])]);
  expect(await send(town, [closing(4, 6, 'GAS-01')])).toMatchObject([
    { unclosed: [{ why: 'not-seen-yet', at: later(9 * DAY) }] },
  ]);
});

test('in whatever order the files come, a hazard is as its last sighting says, and what is lost on the way is told', async () => {
  const told = ({ outcomes, unclosed }: Imported): boolean =>
    unclosed.length > 0 || outcomes.some(({ outcome }) => outcome === 'late');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 8 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
      async (days, left, keys) => {
        const times = days.toSorted((a, b) => a - b);
        const inTime = times.map((day, n) => (n % 2 ? closing(n, day, 'GAS-01') : visit(n, day, ['GAS-01'])));
        if (left && inTime.length % 2 === 0) inTime.pop();
        const shuffled = inTime
          .map((command) => ({ command, key: keys.next().value as number }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ command }) => command);
        const [one, other] = [await emptyTown(), await emptyTown()];
        await send(one, [unitCommand(), ...inTime]);
        const answers: Imported[] = [];
        // a sign-off that comes before anything was seen is refused by name
        for (const command of [unitCommand(), ...shuffled])
          answers.push(...(await send(other, [command]).catch(() => [{ outcomes: [], unclosed: [{}] } as never])));
        const [right, now] = [one, other].map((town) => {
          const { status, recurrences, cycles } = hazardState(town.fake, H1);
          return { status, recurrences, cycles, ...unitState(town.fake) };
        });
        const { seen, signedOff } = hazardState(other.fake, H1);
        const seenSince = signedOff !== null && seen.some(({ at }) => at > signedOff.at);
        const same = isDeepStrictEqual(now, right);
        expect({ hidden: seenSince && now!.status !== 'recurred', unsaid: !same && !answers.some(told) }).toEqual({
          hidden: false,
          unsaid: false,
        });
      },
    ),
    { numRuns: share(300) },
  );
});

test('commands on one unit in one session load each stream once', async () => {
  const town = await emptyTown();
  await send(town, FILE.slice(0, 4));
  const reads = town.fake.calls.filter((name) => name === 'Query').length;
  // campaign, unit, two inspections, two hazards
  expect(reads).toBe(6);
  expect(town.fake.calls.length - reads).toBe(4);
});

test('sent twice, a file adds nothing and answers the same', async () => {
  const town = await emptyTown();
  const first = await send(town, FILE);
  const stored = town.fake.items('events');
  const second = await send(town, FILE);
  expect(second.map(({ added, already }) => [added, already])).toEqual(FILE.map(() => [0, true]));
  expect(outcomesOf(second)).toEqual(outcomesOf(first));
  expect(town.fake.items('events')).toEqual(stored);
});

test('stopped at any call, before or after it, and sent again, a file ends as if it had been sent once', async () => {
  const whole = await emptyTown();
  const answers = await send(whole, FILE);
  const expected = whatHappened(whole.fake);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ at: fc.nat(whole.fake.calls.length - 1), when: fc.constantFrom('before', 'after') }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.boolean(),
      async (stops, sameSession) => {
        const town = await emptyTown();
        const session: StreamCache = new Map();
        const stopped: string[] = [];
        for (const stop of stops) {
          let call = 0;
          town.fake.hook = ({ when }) => {
            if (when === stop.when && call++ === stop.at) throw new Error('stopped');
          };
          const sent = send(town, FILE, sameSession ? session : new Map());
          await sent.catch((error: Error) => stopped.push(error.message));
        }
        town.fake.hook = () => {};
        expect(stopped.filter((message) => message !== 'stopped')).toEqual([]);
        const last = await send(town, FILE, sameSession ? session : new Map());
        expect(whatHappened(town.fake)).toEqual(expected);
        expect(outcomesOf(last)).toEqual(outcomesOf(answers));
      },
    ),
    { numRuns: 100 },
  );
});

test('two importers of the same file at once end as one', async () => {
  const whole = await emptyTown();
  const expected = outcomesOf(await send(whole, FILE));
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const town = await emptyTown();
      town.fake.hook = ({ when, name }) => scheduler.schedule(Promise.resolve(), `${name} ${when}`);
      const both = Promise.all([send(town, FILE), send(town, FILE)]);
      const answers = await scheduler.waitFor(both);
      expect(answers.map(outcomesOf)).toEqual([expected, expected]);
      expect(whatHappened(town.fake)).toEqual(whatHappened(whole.fake));
    }),
    { numRuns: 100 },
  );
});

test('a session that others have overtaken does not refuse, or take as done, what it read before', async () => {
  const town = await emptyTown();
  const session: StreamCache = new Map();
  await send(town, FILE.slice(0, 2), session);
  // Meanwhile the hazard is signed off, and another is found.
  await send(town, [closing(7, 3, 'GAS-01', 'GAS-02'), visit(8, 4, ['GAS-03'])]);
  const [late] = await send(town, [closing(8, 5, 'GAS-03')], session);
  expect(late!.signedOff).toEqual(['GAS-03']);
  expect(unitState(town.fake)).toMatchObject({ listed: true, open: [] });
});

test('a file with one row changed under the same command is refused there', async () => {
  const town = await emptyTown();
  await importCommand(town.deps, context({ request: 'as sent' }), ORIGIN, unitCommand(), new Map());
  const changed = importCommand(town.deps, context({ request: 'as changed' }), ORIGIN, unitCommand(), new Map());
  await expect(changed).rejects.toMatchObject({ type: 'idempotency-key-reused' });
  expect(commitsOf(town.fake).filter(({ command }) => command === 'imp:unit:u_1')).toHaveLength(1);
});

test.each(['0001-01-01T00:00:00.000Z', '1905-06-18T00:00:00.000Z', '1999-12-31T15:59:59.999Z'])(
  'a time that a spreadsheet made of something else is refused: %s',
  async (occurredAt) => {
    const town = await townWith();
    for (const command of [unitCommand('u_9'), visit(1, 0, ['GAS-01']), closing(1, 0, 'GAS-01')])
      await expect(send(town, [{ ...command, occurredAt }])).rejects.toMatchObject({
        type: 'invalid-input',
        field: 'occurredAt',
        expected: 'not earlier than 1999-12-31T16:00:00.000Z',
      });
  },
);

// A finding and a sign-off at one moment, as in registers of dates without a time: a recurrence is never lost, in one file as in two, in
// either order.
import { describe, expect, test } from 'vitest';
import type { ImportSummary } from '../../shared/import/summary.ts';
import { importingTown } from './command-line.ts';

const HEAD = '单位编号,单位名称,专项,检查编号,检查时间,条款,有无隐患,整改完成时间,复查时间,销项时间\n';
const row = (inspection: string, at: string, done = ',,'): string =>
  `LT-1,甲店,燃气,${inspection},${at},GAS-01,有,${done}\n`;
const A = row('A', '2025-05-08', '2025-05-10,2025-05-11,2025-05-20');
const B = row('B', '2025-05-20');
const BETWEEN = row('C', '2025-05-15');
const B_LATER = row('B', '2025-05-20', '2025-05-21,2025-05-22,2025-05-23');
const B_THAT_DAY = row('B', '2025-05-20', '2025-05-20,2025-05-20,2025-05-20');
const A_THAT_DAY = row('A', '2025-05-08', '2025-05-08,2025-05-08,2025-05-08');
const B_BESIDE = row('B', '2025-05-08');

const place = importingTown();

interface Came {
  /** recurrences told by all imports together */
  recurrences: number;
  open: number;
  notes: ImportSummary['notes'];
  /** what the hazard went through */
  types: string[];
  listed: boolean;
}

async function cameOf(files: readonly string[]): Promise<Came> {
  const came = { recurrences: 0, open: 0, notes: [] as ImportSummary['notes'] };
  for (const rows of files) {
    const { exit, summary, err } = await place.daochaImport(await place.file(HEAD + rows));
    expect({ exit, refused: summary?.refused }, err).toEqual({ exit: 0, refused: [] });
    came.recurrences += summary!.recurrences;
    came.open = summary!.open;
    came.notes.push(...summary!.notes);
  }
  const types = place.town.fake
    .items('events')
    .flatMap((item) => item['events']!.L!)
    .map((value) => (JSON.parse(Buffer.from(value.B!).toString()) as { type: string }).type);
  const ofUnit = types.filter((type) => type === 'UnitListed' || type === 'UnitDelisted');
  return {
    ...came,
    types: types
      .filter((type) => /^(HazardFound|HazardPersisted|HazardSignedOff|RecurrenceFound)$/.test(type))
      .toSorted(),
    listed: ofUnit.length > 0 && ofUnit.filter((type) => type === 'UnitListed').length * 2 > ofUnit.length,
  };
}

const ways = (a: string, b: string): [string, string[]][] => [
  ['one file', [a + b]],
  ['one file, the other way round', [b + a]],
  ['two files', [a, b]],
  ['two files, the other way round', [b, a]],
];

describe.each(ways(A, B))('seen on the day of a sign-off by dates alone, %s', (_, files) => {
  test('is signed off, has come back, is open, and that is told', async () => {
    const came = await cameOf(files);
    expect(came).toMatchObject({ recurrences: 1, open: 1, listed: false });
    expect(came.types.filter((type) => type !== 'HazardPersisted')).toEqual([
      'HazardFound',
      'HazardSignedOff',
      'RecurrenceFound',
    ]);
    expect(came.notes.map(({ note }) => note)).toEqual([expect.stringMatching(/GAS-01.*2025-05-20.*隐患回潮.*未闭环/)]);
    // once more adds nothing
    for (const rows of files)
      expect((await place.daochaImport(await place.file(HEAD + rows))).summary).toMatchObject({ eventsAdded: 0 });
  });
});

test.each([
  ['in the order of days', A + BETWEEN + B],
  ['the other way round', B + BETWEEN + A],
])('a row between them is ended by the sign-off, and what is said of it is true: %s', async (_, rows) => {
  const came = await cameOf([rows]);
  expect(came).toMatchObject({ recurrences: 1, open: 1, listed: false });
  expect(came.types).toEqual(['HazardFound', 'HazardPersisted', 'HazardSignedOff', 'RecurrenceFound']);
  expect(came.notes.filter(({ note }) => note.includes('已于 2025-05-20 销项'))).toMatchObject([{ line: 3 }]);
});

test('a row within a longer spell is told the sign-off that ended it', async () => {
  const long = row('D', '2025-05-12', '2025-05-30,2025-05-30,2025-06-01');
  const { notes, types } = await cameOf([A + row('C', '2025-05-10') + long]);
  expect(types.filter((type) => type === 'HazardSignedOff')).toHaveLength(1);
  expect(notes).toMatchObject([{ line: 3, note: expect.stringContaining('第 4 行已于 2025-06-01 销项') }]);
});

test.each(ways(A, B_LATER).slice(0, 3))('one that came back and was signed off later: %s', async (_, files) => {
  const came = await cameOf(files);
  expect(came).toMatchObject({ recurrences: 1, open: 0, listed: true });
  expect(came.types).toEqual(['HazardFound', 'HazardSignedOff', 'HazardSignedOff', 'RecurrenceFound']);
});

test('one that came back and was signed off later, told first: the earlier sign-off is refused by name', async () => {
  const came = await cameOf([B_LATER, A]);
  expect(came.notes).toMatchObject([{ line: 2, note: expect.stringContaining('在册的销项时间是 2025-05-23') }]);
});

test.each(ways(A, B_THAT_DAY).slice(0, 3))(
  'one that came back and was signed off the same day: %s',
  async (_, files) => {
    const came = await cameOf(files);
    expect(came).toMatchObject({ recurrences: 1, open: 0, listed: true });
    expect(came.types).toEqual(['HazardFound', 'HazardSignedOff', 'HazardSignedOff', 'RecurrenceFound']);
  },
);

describe('signed off on the day of its inspection', () => {
  test.each(ways(A_THAT_DAY, B_BESIDE))(
    'beside another inspection of that day without sign-off: %s',
    async (_, files) => {
      const came = await cameOf(files);
      expect(came).toMatchObject({ recurrences: 1, open: 1, listed: false, notes: [{}] });
      expect(came.types.filter((type) => type !== 'HazardPersisted')).toEqual([
        'HazardFound',
        'HazardSignedOff',
        'RecurrenceFound',
      ]);
    },
  );

  test.each([
    ['first', row('', '2025-05-08', '2025-05-08,2025-05-08,2025-05-08') + row('', '2025-05-08'), 2, 3],
    ['last', row('', '2025-05-08') + row('', '2025-05-08', '2025-05-08,2025-05-08,2025-05-08'), 3, 2],
  ])('beside a row of the same inspection without: open, and both lines are told (%s)', async (_, rows, own, other) => {
    const came = await cameOf([rows]);
    expect(came).toMatchObject({ recurrences: 0, open: 1, types: ['HazardFound'], notes: [{ line: own }] });
    for (const line of [own, other]) expect(came.notes[0]!.note).toContain(`第 ${line} 行`);
  });

  test('alone it is signed off', async () => {
    expect(await cameOf([A_THAT_DAY])).toMatchObject({ recurrences: 0, open: 0, listed: true, notes: [] });
  });
});

test('with a time in the later row nothing is in doubt', async () => {
  expect(await cameOf([A + row('B', '2025-05-20 09:00')])).toMatchObject({ recurrences: 1, open: 1, notes: [] });
});

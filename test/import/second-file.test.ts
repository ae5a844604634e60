// A register that is imported again, on another day and with other content: nothing goes onto a unit that the file may not mean.
import { describe, expect, test } from 'vitest';
import type { ImportCommand, UnitPlan } from '../../shared/import/command.ts';
import { sendPlans, type PostCommands } from '../../shared/import/send.ts';
import { startTally, type CommandResult } from '../../shared/import/summary.ts';
import { importingTown } from './command-line.ts';

const HEAD = '单位编号,单位名称,地址,所属村居,单位类型,专项,检查时间,条款,有无隐患\n';
const shop = (
  number: string,
  name: string,
  more: { [of in 'at' | 'area' | 'kind' | 'day' | 'clause']?: string } = {},
) => {
  const { at = '甲路1号', area = 'village-01', kind = '餐饮', day = '2025-05-08', clause = 'GAS-01' } = more;
  return `${number},${name},${at},${area},${kind},燃气,${day},${clause},有\n`;
};
const bystander = shop('LT-9', '旁店', { at: '乙路1号' });

describe('a list that is filled in later', () => {
  const place = importingTown();
  const head = '单位名称,地址,专项,检查编号,检查时间,条款,有无隐患,整改完成时间,复查时间,销项时间\n';
  const seen = (day: string, closed = ',,') => `后填店,后填路4号,燃气,J${day},2025-${day},GAS-01,有,${closed}\n`;
  const importing = async (rows: string) => (await place.daochaImport(await place.file(head + rows))).summary!;

  test('does not sign off what another list saw after it; a changed date and one that comes too early are told', async () => {
    for (const rows of [seen('05-08'), seen('05-20')]) await importing(rows);
    const may = seen('05-08', '2025-05-12,2025-05-15,2025-05-16');
    expect(await importing(may)).toMatchObject({ recurrences: 1, open: 1, signedOff: 0, notes: [] });
    expect(await importing(may)).toMatchObject({ recurrences: 1, eventsAdded: 0, notes: [] });
    const changed = await importing(seen('05-08', '2025-05-12,2025-05-15,2025-05-19'));
    expect(changed).toMatchObject({ eventsAdded: 0, notes: [{ line: 2, column: '销项时间' }] });
    expect(changed.notes[0]!.note).toMatch(
      /^隐患 h_\w+（GAS-01）在册的最早所见是 2025-05-20，晚于这里的销项时间 2025-05-19：/,
    );
    await importing(seen('05-20', '2025-05-21,2025-05-21,2025-05-21'));
    const other = await importing(seen('05-20', '2025-05-21,2025-05-21,2025-05-22'));
    expect(other).toMatchObject({ eventsAdded: 0, signedOff: 1, open: 0 });
    expect(other.notes[0]!.note).toContain('在册的销项时间是 2025-05-21，这里的 2025-05-22');
  });
});

describe('a number that is on record', () => {
  const place = importingTown();
  const importing = async (rows: string) => place.daochaImport(await place.file(HEAD + rows));

  test.each([
    ['with another name', shop('LT-1', '乙店', { day: '2025-06-01' }), '单位名称', ['甲店', '乙店', '甲路1号', 'u_']],
    [
      'with another area',
      shop('LT-1', '甲店', { area: 'village-02' }),
      '所属村居',
      ['village-01', 'village-02', '甲店'],
    ],
  ])('%s: nothing of it goes in, both are named', async (_, row, column, words) => {
    expect(await importing(shop('LT-1', '甲店'))).toMatchObject({ exit: 0 });
    const before = place.recorded();
    const more = shop('LT-1', row.split(',')[1]!, { area: row.split(',')[3]!, day: '2025-06-02', clause: 'GAS-02' });
    const { exit, summary } = await importing(row + bystander + more);
    expect({ exit, lines: summary!.refused.map(({ line }) => line) }).toEqual({ exit: 1, lines: [2, 4] });
    expect(summary!.refused[0]!.column).toBe(column);
    for (const word of ['LT-1', ...words]) expect(summary!.refused[0]!.reason).toContain(word);
    expect(summary!.refused[1]!.reason).toContain('2');
    const { names, hazards } = place.recorded();
    expect({ names: names.toSorted(), hazards }).toEqual({ names: ['旁店', '甲店'], hazards: before.hazards + 1 });
    const again = await importing(row + bystander + more);
    expect(again.summary).toMatchObject({ eventsAdded: 0, refused: summary!.refused });
  });

  test.each([
    ['LT-1', 'lt-1'],
    ['００123', '123'],
    ["'00123", '00123'],
  ])('%s: %s in another file is refused, and the unit on record named', async (known, number) => {
    await importing(shop(known, '甲店'));
    const rows = shop(number, '甲店', { day: '2025-06-01' }) + shop(number, '甲店', { day: '2025-06-02' }) + bystander;
    const { exit, summary } = await importing(rows);
    expect({ exit, lines: summary!.refused.map(({ line, column }) => [line, column]) }).toEqual({
      exit: 1,
      lines: [
        [2, '单位编号'],
        [3, ''],
      ],
    });
    const [first, second] = summary!.refused;
    for (const word of [`“${number}”`, known, '甲店', 'u_']) expect(first!.reason).toContain(word);
    expect(second!.reason).toContain('2');
    expect(place.recorded().names.toSorted()).toEqual(['旁店', '甲店']);
    expect((await importing(rows)).summary).toMatchObject({ eventsAdded: 0, refused: summary!.refused });
    const apart = await place.daochaImport(await place.file(HEAD + rows), '--alike', 'apart');
    expect(apart).toMatchObject({ exit: 0, summary: { refused: [] } });
    expect(place.recorded().names).toHaveLength(3);
  });

  test('with other details goes in, and what is not recorded is told', async () => {
    await importing(shop('LT-1', '甲店'));
    const { exit, summary } = await importing(
      shop('LT-1', '甲 店', { at: '甲路2号', kind: '小吃', day: '2025-06-01' }),
    );
    expect({ exit, notes: summary!.notes }).toEqual({
      exit: 0,
      notes: [
        { line: 2, column: '单位类型', note: expect.anything(), kept: '餐饮', dropped: '小吃' },
        { line: 2, column: '地址', note: expect.anything(), kept: '甲路1号', dropped: '甲路2号' },
      ],
    });
    expect(place.recorded()).toMatchObject({ names: ['甲店'], inspections: { length: 2 } });
  });

  test('of a unit that was corrected goes in under either name', async () => {
    await importing(shop('LT-1', '甲店'));
    const unit = place.town.fake
      .items('events')
      .flatMap((item) => /#unit#(.*)/.exec(item['stream']!.S!)?.[1] ?? [])[0]!;
    const details = { name: '乙店', address: '甲路1号', area: 'village-01', tracks: ['gas'] };
    const office = await place.town.as('office', 'office');
    const correction = { details, reason: '更名' };
    expect((await place.town.agreed(`/v1/units/${unit}/corrections`, office, correction)).status).toBe(200);
    for (const [name, day] of [
      ['甲店', '2025-06-01'],
      ['乙店', '2025-06-02'],
    ] as const)
      // with a kind of its own the registration is another command than the first one
      expect(await importing(shop('LT-1', name, { day, kind: day }))).toMatchObject({
        exit: 0,
        summary: { refused: [] },
      });
    expect(await importing(shop('LT-1', '丙店', { day: '2025-06-03' }))).toMatchObject({ exit: 1 });
    expect(place.recorded().inspections).toHaveLength(3);
  });

  test('of name and address, in another area: nothing of it goes in', async () => {
    await importing(shop('', '甲店'));
    const { summary } = await importing(shop('', '甲店', { area: 'village-02', day: '2025-06-01' }));
    expect(summary!.refused).toMatchObject([{ line: 2, column: '所属村居' }]);
    expect(place.recorded().inspections).toHaveLength(1);
  });
});

test('nothing goes onto it, however requests are cut and in whatever parts they are sent again', async () => {
  const common = { unit: 'u1', occurredAt: '2020-01-01T00:00:00.000Z', derived: { rows: [2], rule: 'test' } };
  const visit = { ...common, kind: 'visit' as const, track: 'gas' as const, mode: 'routine' as const, answers: [] };
  const details: Extract<ImportCommand, { kind: 'unit' }>['details'] = {
    name: '乙店',
    tracks: ['gas'],
    external: { system: 's', id: 'LT-1' },
  };
  const plan: UnitPlan = {
    unit: 'u1',
    inspections: 5,
    clean: 5,
    commands: [
      { ...common, kind: 'unit', command: 'c:0', details },
      ...[1, 2, 3, 4, 5].map((n) => ({
        ...visit,
        command: `c:${n}`,
        inspection: `i_${n}`,
        derived: { rows: [2, n + 2], rule: '' },
      })),
    ],
  };
  const sent: string[] = [];
  const problem = { type: 'urn:daocha:problem:unit-differs', field: 'name', recorded: { name: '甲店' } };
  const post: PostCommands = async ({ commands }) => {
    sent.push(...commands.map(({ command }) => command));
    return commands.map(({ command, kind }): CommandResult =>
      kind === 'unit' ? { command, status: 'refused', added: 0, problem } : { command, status: 'done', added: 1 },
    );
  };
  const tally = startTally(6, []);
  await sendPlans([plan], post, tally, { source: 's', file: 'f', batch: 1, concurrency: 1 });
  expect(sent).toEqual(['c:0']);
  expect(tally.summary.refused.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7]);
});

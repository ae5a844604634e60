import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { daochaCsv, HEADINGS } from '../../shared/import/daocha-csv.ts';
import { readRegister } from '../../shared/import/read.ts';
import { sendPlans } from '../../shared/import/send.ts';
import { startTally } from '../../shared/import/summary.ts';
import { bytes, planned, story, town } from './support.ts';

const ZH =
  '单位编号,单位名称,专项,检查时间,检查方式,条款,有无隐患,隐患描述,隐患等级,整改期限,整改完成时间,复查时间,销项时间\n';
const EN =
  'unit_id,unit_name,track,inspected_at,mode,clause,problem,description,grade,due,rectified_at,verified_at,signed_off_at\n';

/** A row of these headings with what differs from a plain hazard. */
function row(
  cells: Partial<
    Record<
      | 'unit'
      | 'track'
      | 'at'
      | 'mode'
      | 'clause'
      | 'problem'
      | 'grade'
      | 'due'
      | 'rectified'
      | 'verified'
      | 'signedOff',
      string
    >
  >,
): string {
  const {
    unit = 'LT-1',
    track = '城镇燃气',
    at = '2025-05-08',
    mode = '日常检查',
    clause = 'GAS-01',
    problem = '有',
  } = cells;
  const { grade = '', due = '', rectified = '', verified = '', signedOff = '' } = cells;
  return `${unit},某饭店,${track},${at},${mode},${clause},${problem},软管老化,${grade},${due},${rectified},${verified},${signedOff}\n`;
}
const DONE = { rectified: '2025-05-10', verified: '2025-05-12', signedOff: '2025-05-13' };

async function steps(csv: string): Promise<string[]> {
  const { plans, refused } = await planned(daochaCsv, ZH + csv);
  expect(refused).toEqual([]);
  return plans.flatMap(story).slice(1);
}
async function refusal(cells: Parameters<typeof row>[0]): Promise<[string, string]> {
  const { refused, plans } = await planned(daochaCsv, ZH + row(cells) + row({ unit: 'LT-2' }));
  expect(plans).toHaveLength(1);
  expect(refused).toHaveLength(1);
  expect(refused[0]?.line).toBe(2);
  return [refused[0]!.column, refused[0]!.reason];
}

describe('a town’s own register', () => {
  test('a hazard with its whole way is a visit and a sign-off, in town time', async () => {
    expect(await steps(row({ at: '2025-05-08 14:30', grade: '重大', ...DONE }))).toEqual([
      'visit 2025-05-08T06:30:00.000Z GAS-01',
      'close 2025-05-12T16:00:00.000Z GAS-01',
    ]);
  });

  test('Chinese and English headings and values mean the same, byte for byte', async () => {
    const zh = await planned(daochaCsv, ZH + row({ grade: '重大', ...DONE }));
    const en = await planned(
      daochaCsv,
      EN + row({ track: 'gas', mode: 'routine', problem: 'yes', grade: 'major', ...DONE }),
    );
    expect(en.plans).toEqual(zh.plans);
    expect(zh.plans[0]?.commands[1]).toMatchObject({
      mode: 'routine',
      track: 'gas',
      answers: [{ clause: 'GAS-01', grade: 'major', text: '软管老化' }],
    });
  });

  test('the documented examples say the same in both languages, and what the documentation says of them', async () => {
    const [zh, en] = await Promise.all(
      ['zh', 'en'].map(async (language) =>
        planned(
          daochaCsv,
          await readFile(new URL(`../../infra/data/example-register/register.${language}.csv`, import.meta.url)),
        ),
      ),
    );
    expect(zh).toEqual(en);
    expect(zh?.refused).toEqual([]);
    const place = town();
    const tally = startTally(zh!.rows, []);
    await sendPlans(zh!.plans, place.post, tally, {
      source: 'daocha-csv',
      file: 'register.zh.csv',
      batch: 50,
      concurrency: 1,
    });
    expect(tally.summary).toMatchObject({
      rows: 5,
      units: 2,
      inspections: 3,
      cleanInspections: 1,
      hazards: 2,
      recurrences: 1,
      recurrenceUnits: 1,
      signedOff: 0,
      open: 2,
    });
  });

  test('no heading stands for two columns', () => {
    const all = Object.values(HEADINGS).flat();
    expect(new Set(all).size).toBe(all.length);
  });

  test('rows of one time, mode and track are one inspection; an item in order is an answer too', async () => {
    const { plans } = await planned(
      daochaCsv,
      ZH + row({}) + row({ clause: 'GAS-02', problem: '无' }) + row({ clause: 'GAS-03', problem: '不适用' }),
    );
    expect(plans[0]).toMatchObject({ inspections: 1, clean: 0 });
    expect(plans[0]?.commands[1]).toMatchObject({
      answers: [
        { answer: 'problem' },
        { clause: 'GAS-02', answer: 'ok' },
        { clause: 'GAS-03', answer: 'not-applicable' },
      ],
      derived: { rows: [2, 3, 4] },
    });
  });

  test('a row without hazard and clause is a clean inspection', async () => {
    const { plans } = await planned(daochaCsv, ZH + row({ problem: '否', clause: '' }));
    expect(plans[0]).toMatchObject({ inspections: 1, clean: 1 });
    expect(story(plans[0]!)[1]).toContain('clean');
  });

  test('a hazard in two rows that overlap is signed off with the later one', async () => {
    const later = { at: '2025-05-11', rectified: '2025-05-20', verified: '2025-05-21', signedOff: '2025-05-22' };
    expect((await steps(row(DONE) + row(later))).filter((step) => step.startsWith('close'))).toEqual([
      'close 2025-05-21T16:00:00.000Z GAS-01',
    ]);
    // what was seen after all sign-offs is not ended by any
    expect((await steps(row(DONE) + row({ at: '2025-05-11' }) + row({ at: '2025-05-17' }))).at(-1)).toContain('visit');
  });

  test.each([
    ['after it', '2025-05-11'],
    ['before it', '2025-05-01'],
  ])(
    'a row without sign-off, seen %s, is ended by the sign-off of another as in two files, and told',
    async (_, at) => {
      const all = ZH + row(DONE) + row({ at });
      const { plans, notes } = await planned(daochaCsv, all);
      expect(story(plans[0]!).filter((step) => step.startsWith('close'))).toEqual([
        'close 2025-05-12T16:00:00.000Z GAS-01',
      ]);
      expect(notes).toMatchObject([
        { line: 3, column: '销项时间', note: expect.stringContaining('第 2 行已于 2025-05-13 销项') },
      ]);
      const sent = async (files: string[]) => {
        const { post } = town();
        let open = 0;
        for (const file of files) {
          const read = await planned(daochaCsv, file);
          const tally = startTally(read.rows, read.refused);
          await sendPlans(read.plans, post, tally, { source: 'daocha-csv', file: 'f', batch: 100, concurrency: 1 });
          open = tally.summary.open;
        }
        return open;
      };
      expect(await sent([all])).toBe(0);
      expect(await sent([ZH + row(DONE), ZH + row({ at })])).toBe(0);
      expect(await sent([ZH + row({ at }), ZH + row(DONE)])).toBe(0);
    },
  );

  test('a row filled in later adds the sign-off and leaves the inspection as it was', async () => {
    const before = await planned(daochaCsv, ZH + row({}));
    const after = await planned(daochaCsv, ZH + row(DONE));
    expect(after.plans[0]?.commands.slice(0, 2)).toEqual(before.plans[0]?.commands);
    expect(after.plans[0]?.commands).toHaveLength(3);
  });

  test('rectified on the day of an afternoon inspection, by date only, is not before it', async () => {
    const day = '2025-05-08';
    expect(await steps(row({ at: `${day} 14:30`, rectified: day, verified: day, signedOff: day }))).toEqual([
      'visit 2025-05-08T06:30:00.000Z GAS-01',
      'close 2025-05-08T06:30:00.000Z GAS-01',
    ]);
  });

  test.each(['2025-05-08', '2025/5/8', '2025年5月8日', '2025-05-08T00:00:00+08:00', '2025-05-07T16:00:00Z'])(
    '“%s” is a date',
    async (at) => {
      expect((await steps(row({ at })))[0]).toBe('visit 2025-05-07T16:00:00.000Z GAS-01');
    },
  );

  test('what is wrong in a row is named, and the rest goes in', async () => {
    expect(await refusal({ at: '2025-02-30' })).toEqual([
      '检查时间',
      expect.stringContaining('“2025-02-30” is not a date'),
    ]);
    expect(await refusal({ at: '' })).toEqual(['检查时间', expect.stringContaining('blank')]);
    expect(await refusal({ at: '2025-13-01T00:00:00+08:00' })).toEqual([
      '检查时间',
      expect.stringContaining('not a date'),
    ]);
    expect(await refusal({ track: '食品' })).toEqual(['专项', expect.stringContaining('not a track')]);
    expect(await refusal({ problem: 'maybe' })).toEqual(['有无隐患', expect.stringContaining('not one of')]);
    expect(await refusal({ clause: '' })).toEqual(['条款', expect.stringContaining('blank')]);
    expect(await refusal({ grade: '较大' })).toEqual(['隐患等级', expect.stringContaining('not one of')]);
    expect(await refusal({ due: '2025-05-01' })).toEqual([
      '整改期限',
      expect.stringContaining('ends before the inspection'),
    ]);
    expect(await refusal({ signedOff: '2025-05-20' })).toEqual([
      '整改完成时间',
      expect.stringContaining('needs a rectification'),
    ]);
    expect(await refusal({ ...DONE, verified: '2025-05-09' })).toEqual([
      '复查时间',
      expect.stringContaining('before what it follows'),
    ]);
    expect(await refusal({ ...DONE, problem: '无' })).toEqual(['销项时间', expect.stringContaining('no hazard')]);
  });

  test('due date and responsible organisation are kept in words', async () => {
    const { plans } = await planned(daochaCsv, ZH + row({ due: '2025-05-31' }));
    expect(plans[0]?.commands[1]).toMatchObject({ answers: [{ text: '软管老化；整改期限 2025-05-31' }] });
  });

  test('without its track column the register needs --track', async () => {
    const csv = 'unit_name,inspected_at,clause,problem\nX,2025-05-08,GAS-01,yes\n';
    await expect(planned(daochaCsv, csv)).rejects.toThrow('column track or 专项 is missing');
    const { plans } = await planned(daochaCsv, csv, { track: 'gas' });
    expect(plans[0]?.commands[1]).toMatchObject({ track: 'gas' });
  });

  test('GBK from a spreadsheet reads like UTF-8', async () => {
    const gbk = Buffer.from('b5a5cebbc3fbb3c62cd7a8cfee2cbceccae9', 'hex');
    await expect(planned(daochaCsv, gbk)).rejects.toThrow('Headings found: “单位名称”, “专项”');
  });
});

describe('bytes that are not UTF-8 below headings in ASCII', () => {
  const file = (hex: string): Buffer =>
    Buffer.concat([
      Buffer.from(`${EN}LT-1,`),
      Buffer.from(hex, 'hex'),
      Buffer.from(',gas,2025-05-08,routine,GAS-01,yes,,,,,,\n'),
    ]);

  test.each([
    ['UTF-8 without its last byte', 'e5ba'],
    ['half of a character', 'e5ba97eda0bd'],
    ['Big5', 'a9b1'],
    ['Shift_JIS', '82b382ad82e7'],
  ])('are not guessed to be GBK: %s', async (_, hex) => {
    await expect(planned(daochaCsv, file(hex))).rejects.toThrow(/--encoding gbk.*--encoding utf-8/);
  });

  test('are GBK when somebody says so', async () => {
    const { plans } = await planned(daochaCsv, file('b5ea'), { encoding: 'gbk' });
    expect(plans.flatMap(story)[0]).toBe('unit 店');
  });
});

test('a sign-off in the future refuses its row, so that no inspection goes in without it', async () => {
  const csv = ZH + row({ ...DONE, signedOff: '2099-01-01' });
  const { plans, refused } = await planned(daochaCsv, csv, { now: new Date('2026-01-01T00:00:00.000Z') });
  expect(plans).toEqual([]);
  expect(refused).toEqual([{ line: 2, column: '销项时间', reason: expect.stringContaining('“2099-01-01”还没有到') }]);
});

test('a sign-off that the platform’s clock refuses is told by its column, and that the inspection is in', async () => {
  const { register } = await readRegister(bytes(ZH + row(DONE), 65_536), daochaCsv);
  const tally = startTally(1, [], [], { column: register.column?.bind(register) });
  for (const plan of register.plans()) {
    const unit = tally.unit(plan);
    for (const command of plan.commands)
      unit.answer(command, {
        command: command.command,
        added: 0,
        ...(command.kind === 'close'
          ? {
              status: 'refused',
              problem: { type: 'x:occurred-in-future', detail: 'occurredAt …', field: 'occurredAt' },
            }
          : { status: 'done' }),
      });
  }
  expect(tally.summary.refused).toEqual([
    { line: 2, column: '销项时间', reason: expect.stringMatching(/检查已经导入，销项没有导入/) },
  ]);
});

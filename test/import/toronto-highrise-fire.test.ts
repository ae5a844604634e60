import { describe, expect, test } from 'vitest';
import { torontoHighriseFire } from '../../shared/import/toronto-highrise-fire.ts';
import { planned, story } from './support.ts';

const OLD =
  '_id,Inspections.ClosedDate,inspections.OpenedDate,latitude,longitude,propertyAddress,propertyWard,violations.violationDescription,violations.violationFireCode\n';
const NEW =
  'id,property_address,address_number,address_name,enforcement_proceedings,property_type,property_ward,inspection_thread,inspections_opendate,inspections_closeddate,violation_fire_code,violations_item_number,violation_description\n';
let row = 0;
function old(address: string, opened: string, closed: string, code = ''): string {
  return `${++row},${closed},${opened},43.7,-79.4,${address},13,${code && `${code.trim()} text`},${code}\n`;
}
function recent(address: string, thread: string, opened: string, closed: string, code: string): string {
  return `${++row},${address},1,X,No,High Rise,3,${thread},${opened},${closed},${code},1,${code} text\n`;
}
async function stories(csv: string): Promise<string[][]> {
  const { plans, refused } = await planned(torontoHighriseFire, csv);
  expect(refused).toEqual([]);
  return plans.map(story);
}

describe('Toronto high-rise fire inspections', () => {
  test('a file is a visit at its opening, and what it cites is rectified at its closing', async () => {
    const csv =
      OLD +
      old('1 A St', '2017-01-04T09:00:00', '2017-02-01T10:00:00', '2.4.1.1') +
      old('1 A St', '2018-01-04T09:00:00', '2018-01-04T09:00:00');
    expect(await stories(csv)).toEqual([
      [
        'unit 1 A St',
        'visit 2017-01-04T14:00:00.000Z 2.4.1.1',
        'close 2017-02-01T15:00:00.000Z 2.4.1.1',
        'visit 2018-01-04T14:00:00.000Z clean',
      ],
    ]);
  });

  test('codes are compared trimmed, in capitals, without the OFC prefix; the raw code is kept', async () => {
    const csv =
      OLD +
      ['  ofc 2014.b.6.5.1   ', 'OFC 2014.B.6.5.1', '6.5.1']
        .map((code) => old('1 A St', '2017-01-04', '2017-01-05', code))
        .join('');
    const { plans } = await planned(torontoHighriseFire, csv);
    const visit = plans[0]?.commands[1];
    expect(visit).toMatchObject({
      answers: [{ item: '1', clause: '6.5.1', answer: 'problem', raw: '  ofc 2014.b.6.5.1   ' }],
      derived: { rows: [2, 3, 4] },
    });
  });

  test('a code in two overlapping files is rectified when the last of them is closed', async () => {
    const csv =
      OLD +
      old('1 A St', '2017-01-01', '2017-03-01', 'X') +
      old('1 A St', '2017-02-01', '2017-04-01', 'X') +
      old('1 A St', '2017-02-01', '2017-04-01', 'Y');
    expect((await stories(csv))[0]?.slice(1)).toEqual([
      'visit 2017-01-01T05:00:00.000Z X',
      'visit 2017-02-01T05:00:00.000Z X,Y',
      'close 2017-04-01T04:00:00.000Z X,Y',
    ]);
  });

  test('a file inside another one does not rectified what the outer one still cites', async () => {
    const csv = OLD + old('1 A St', '2017-01-01', '2017-06-01', 'X') + old('1 A St', '2017-02-01', '2017-03-01', 'X');
    expect((await stories(csv))[0]?.at(-1)).toBe('close 2017-06-01T04:00:00.000Z X');
    expect((await stories(csv))[0]).toHaveLength(4);
  });

  test('opened at the very instant of an earlier closing: it persists', async () => {
    const csv = OLD + old('1 A St', '2017-01-01', '2017-03-01', 'X') + old('1 A St', '2017-03-01', '2017-05-01', 'X');
    expect((await stories(csv))[0]?.filter((step) => step.startsWith('close'))).toEqual([
      'close 2017-05-01T04:00:00.000Z X',
    ]);
  });

  test('a building is the same unit in both layouts', async () => {
    const one = await planned(torontoHighriseFire, OLD + old('1 A St', '2017-01-01', '2017-03-01', 'X'));
    const two = await planned(
      torontoHighriseFire,
      NEW + recent('1 A St', '_t', '2020-01-01 10:00:00', '2020-03-01', 'X'),
    );
    expect(two.plans[0]?.unit).toBe(one.plans[0]?.unit);
    expect(story(two.plans[0]!)[1]).toBe('visit 2020-01-01T15:00:00.000Z X');
  });

  test('a thread opened twice is one inspection file and two visits, so that its codes come back', async () => {
    const csv =
      NEW +
      recent('1 A St', '_t', '2020-01-01', '2020-01-01', 'X') +
      recent('1 A St', '_t', '2020-02-01', '2020-03-01', 'X');
    const { plans } = await planned(torontoHighriseFire, csv);
    expect(plans[0]?.inspections).toBe(1);
    expect(story(plans[0]!).filter((step) => step.startsWith('visit'))).toHaveLength(2);
    expect(story(plans[0]!).filter((step) => step.startsWith('close'))).toHaveLength(2);
  });

  test('a bad date, a closing before the opening and a blank address are refused; the rest goes in', async () => {
    const csv =
      OLD +
      old('1 A St', '2017-02-30', '2017-03-01', 'X') +
      old('1 A St', '2017-03-02', '2017-03-01', 'X') +
      old(' ', '2017-03-02', '2017-03-03', 'X') +
      old('1 A St', '2017-03-02', 'soon', 'X') +
      old('1 A St', '2017-03-02', '2017-03-03', 'X');
    const { plans, refused, rows } = await planned(torontoHighriseFire, csv);
    expect(refused.map(({ line, column }) => [line, column])).toEqual([
      [2, 'inspections.OpenedDate'],
      [3, 'Inspections.ClosedDate'],
      [4, 'propertyAddress'],
      [5, 'Inspections.ClosedDate'],
    ]);
    expect(refused[0]?.reason).toContain('“2017-02-30” is not a date');
    expect(rows).toBe(5);
    expect(plans[0]?.inspections).toBe(1);
  });

  test('a missing column refuses the file and tells the headings found', async () => {
    const without = OLD.replace(',violations.violationFireCode', '');
    await expect(planned(torontoHighriseFire, without)).rejects.toThrow(
      /column violations\.violationFireCode is missing\. Headings found: “_id”, .*“propertyAddress”/,
    );
    await expect(planned(torontoHighriseFire, 'a;b;c\n1;2;3\n')).rejects.toThrow(
      /separated by something else than commas/,
    );
  });
});

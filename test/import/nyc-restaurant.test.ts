import { describe, expect, test } from 'vitest';
import { nycRestaurant } from '../../shared/import/nyc-restaurant.ts';
import type { SourceOptions } from '../../shared/import/source.ts';
import { planned, story } from './support.ts';

const HEAD =
  'camis,dba,boro,building,street,zipcode,inspection_date,action,violation_code,score,grade,grade_date,record_date,inspection_type,cuisine_code\n';
function row(date: string, code: string, type = 'Cycle Inspection / Initial Inspection'): string {
  return `403,MICHAEL'S,BROOKLYN,2929,AVENUE R,11229,${date},Violations were cited.,${code},12,A,${date},2016-01-06,${type},46\n`;
}
const SMOKE = 'Smoke-Free Air Act / Initial Inspection';

async function steps(csv: string, options: SourceOptions = {}): Promise<string[]> {
  const { plans, refused } = await planned(nycRestaurant, HEAD + csv, options);
  expect(refused).toEqual([]);
  return plans.flatMap(story).slice(1);
}

describe('New York restaurants', () => {
  test('a code is gone at a later inspection of its programme that does not find it', async () => {
    expect(await steps(row('2015-12-08', '10F') + row('2015-11-12', '04C'))).toEqual([
      'visit 2015-11-12T05:00:00.000Z 04C',
      'visit 2015-12-08T05:00:00.000Z 10F closes 04C',
    ]);
  });

  test('an inspection of another programme does not show a food code gone, unless any visit is to count', async () => {
    const csv = row('2015-01-12', '04C') + row('2015-02-12', '15I', SMOKE) + row('2015-03-12', '04C');
    expect(await steps(csv)).toEqual([
      'visit 2015-01-12T05:00:00.000Z 04C',
      'visit 2015-02-12T05:00:00.000Z 15I',
      'visit 2015-03-12T04:00:00.000Z 04C',
    ]);
    expect((await steps(csv, { signOff: 'visit' }))[1]).toBe('visit 2015-02-12T05:00:00.000Z 15I closes 04C');
  });

  test('what one of two inspections of a day still finds is not gone', async () => {
    const csv =
      row('2015-01-12', '04C') +
      row('2015-02-12', '06D') +
      row('2015-02-12', '04C', 'Cycle Inspection / Re-inspection');
    expect((await steps(csv)).filter((step) => step.includes('closes'))).toEqual([]);
  });

  test('a restaurant never inspected is a unit without inspections', async () => {
    const { plans } = await planned(nycRestaurant, `${HEAD}403,X,BRONX,,,,1900-01-01,,,,,,2016-01-06,,8\n`);
    expect(plans[0]?.inspections).toBe(0);
    expect(plans[0]?.commands).toMatchObject([
      { kind: 'unit', occurredAt: '2016-01-06T05:00:00.000Z', details: { name: 'X' } },
    ]);
  });

  test('another name in a later row is told once, the first one stands', async () => {
    const [first, other] = [row('2015-12-08', '10F'), row('2015-11-12', '04C').replace("MICHAEL'S", 'MIKE')];
    const { plans, notes, rows } = await planned(nycRestaurant, HEAD + first + other + other + first);
    expect({ rows, names: plans.map((plan) => story(plan)[0]) }).toEqual({ rows: 4, names: ["unit MICHAEL'S"] });
    expect(notes).toMatchObject([{ line: 3, column: 'dba', kept: "MICHAEL'S", dropped: 'MIKE' }]);
  });

  test('an inspection without a code is clean', async () => {
    const { plans } = await planned(nycRestaurant, HEAD + row('2015-01-12', ''));
    expect(plans[0]).toMatchObject({ inspections: 1, clean: 1 });
  });
});

import { describe, expect, test } from 'vitest';
import { torontoDinesafe } from '../../shared/import/toronto-dinesafe.ts';
import { planned, story } from './support.ts';

const HEAD =
  '"Rec #","Establishment ID","Inspection ID","Establishment Name","Establishment Type","Establishment Address","Latitude","Longitude","Establishment Status","Min. Inspections Per Year","Infraction Details","Inspection Date","Severity","Action","Outcome","Amount Fined"\n';
let rec = 0;
function row(
  inspection: string,
  date: string,
  infraction = '',
  action = 'Notice to Comply',
  severity = 'M - Minor',
): string {
  const found = infraction ? `"${severity}","${action}"` : '"",""';
  return `"${++rec}","900","${inspection}","A & W","Restaurant","2300 YONGE ST","43.7","-79.3","Pass","2","${infraction}","${date}",${found},"",""\n`;
}
const CDI = 'Corrected During Inspection';

async function steps(csv: string): Promise<string[]> {
  const { plans, refused } = await planned(torontoDinesafe, HEAD + csv);
  expect(refused).toEqual([]);
  return plans.flatMap(story).slice(1);
}

describe('DineSafe', () => {
  test('an infraction is gone at the next visit that does not find it, whatever the order in the file', async () => {
    expect(
      await steps(row('3', '2001-06-01', 'B') + row('1', '2001-01-08', 'A') + row('2', '2001-03-01', 'A')),
    ).toEqual([
      'visit 2001-01-08T05:00:00.000Z A',
      'visit 2001-03-01T05:00:00.000Z A',
      'visit 2001-06-01T04:00:00.000Z B closes A',
    ]);
  });

  test('corrected during inspection is signed off at that visit', async () => {
    expect(
      await steps(row('1', '2001-01-08', 'A', CDI) + row('1', '2001-01-08', 'B') + row('2', '2001-03-01')),
    ).toEqual([
      'visit 2001-01-08T05:00:00.000Z A,B',
      'close 2001-01-08T05:00:00.000Z A',
      'visit 2001-03-01T05:00:00.000Z clean closes B',
    ]);
  });

  test('a correction that the next visit finds undone did not hold: the infraction persists', async () => {
    expect(await steps(row('1', '2001-01-08', 'A', CDI) + row('2', '2001-03-01', 'A'))).toEqual([
      'visit 2001-01-08T05:00:00.000Z A',
      'visit 2001-03-01T05:00:00.000Z A',
    ]);
  });

  test('two visits of one day come in the order of their ids', async () => {
    expect(await steps(row('100', '2001-01-08') + row('99', '2001-01-08', 'A'))).toEqual([
      'visit 2001-01-08T05:00:00.000Z A',
      'visit 2001-01-08T05:00:00.000Z clean closes A',
    ]);
  });

  test('one infraction in another case and with other blanks is one class; grade and wording are kept', async () => {
    const { plans } = await planned(
      torontoDinesafe,
      HEAD +
        row('1', '2001-01-08', 'Fail  to wash', 'Ticket', 'C - Crucial') +
        row('2', '2001-02-08', 'FAIL TO WASH ', 'Ticket', 'NA - Not Applicable'),
    );
    const answers = plans[0]?.commands.flatMap((command) => (command.kind === 'visit' ? command.answers : []));
    expect(answers).toEqual([
      {
        item: '1',
        clause: 'FAIL TO WASH',
        answer: 'problem',
        text: 'C - Crucial; Ticket',
        grade: 'major',
        raw: 'Fail  to wash',
      },
      {
        item: '1',
        clause: 'FAIL TO WASH',
        answer: 'problem',
        text: 'NA - Not Applicable; Ticket',
        raw: 'FAIL TO WASH ',
      },
    ]);
  });

  test('a wording longer than a clause may be is still a class of its own', async () => {
    const long = 'x'.repeat(230);
    const { plans } = await planned(
      torontoDinesafe,
      HEAD + row('1', '2001-01-08', `${long}1`) + row('1', '2001-01-08', `${long}2`),
    );
    const visit = plans[0]?.commands[1];
    const clauses = visit?.kind === 'visit' ? visit.answers.map(({ clause }) => clause) : [];
    expect(new Set(clauses).size).toBe(2);
    expect(clauses.every((clause) => clause.length <= 200)).toBe(true);
  });

  test('a bad date is refused with its line', async () => {
    const { refused } = await planned(torontoDinesafe, HEAD + row('1', '2001-01-08') + row('2', '08/01/2001'));
    expect(refused).toEqual([
      {
        line: 3,
        column: 'Inspection Date',
        reason: expect.stringContaining('“08/01/2001” is not a date or a time; written are 2001-05-14'),
      },
    ]);
  });
});

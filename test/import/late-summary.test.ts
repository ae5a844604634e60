// The summary names each finding that was seen before a sign-off on record: its line, and when the hazard was signed off.
import { expect, test } from 'vitest';
import type { ImportCommand } from '../../shared/import/command.ts';
import { startTally } from '../../shared/import/summary.ts';

test('late findings are told with line and sign-off, and their hazards are not open', () => {
  const command = {
    kind: 'visit',
    command: 'v1',
    unit: 'u_1',
    inspection: 'i_1',
    occurredAt: '2025-05-08T02:00:00.000Z',
    track: 'gas',
    mode: 'routine',
    answers: ['GAS-01', 'GAS-02'].map((clause) => ({ item: clause, clause, answer: 'problem' })),
    derived: { rows: [4, 7], rule: 'row' },
  } as ImportCommand;
  const whole = startTally(2, []);
  const { summary } = whole;
  const tally = whole.unit({ unit: 'u_1', inspections: 1, clean: 0, commands: [command] });
  const signedOffAt = '2025-05-20T02:00:00.000Z';
  const outcomes = [
    { clause: 'GAS-01', hazard: 'h_1', outcome: 'found' as const },
    { clause: 'GAS-02', hazard: 'h_2', outcome: 'late' as const, signedOffAt },
  ];
  tally.answer(command, { command: 'v1', status: 'done', added: 3, outcomes });
  tally.done();
  expect(summary.late).toEqual([{ line: 7, clause: 'GAS-02', hazard: 'h_2', signedOffAt }]);
  expect(summary).toMatchObject({ hazards: 2, open: 1, signedOff: 1 });
});

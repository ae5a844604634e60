// The same date ordered again after the hazard has come back is another date: its reminders begin again, and what was
// sent for the cycle that is over does not stand for them.
import { expect, test } from 'vitest';
import type { CommandContext } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { TENANT } from '../../support/builders.ts';
import { HAZARDS, makeWorld } from './world.ts';
import { endOfTownDay, plusDays, townDay } from '../../../shared/town-time.ts';

test('a date that is ordered again in the next cycle is reminded of again, once', async () => {
  const world = await makeWorld();
  const store = { dynamo: world.fake.client, table: 'events' };
  const id = HAZARDS[0]!;
  let commands = 0;
  const as = (person: string, organisation = 'guijianban'): CommandContext => {
    const command = `act-${(commands += 1)}`;
    const actor = { person, post: 'p', organisation };
    return { tenant: TENANT, command, request: command, actor, source: 'api', now: world.now() };
  };
  const due = endOfTownDay(plusDays(townDay(world.now().toISOString()), 5));
  const orderAndRemind = async (measures: string): Promise<void> => {
    await perform(store, as('p-dept'), hazardCommands.orderRectification, id, { measures, due, authority: '条例' });
    for (let run = 0; run < 2; run += 1) {
      world.project();
      await world.wake('morning');
    }
  };
  await orderAndRemind('更换软管');
  world.pass(1);
  await perform(store, as('p-village', 'village-01'), hazardCommands.submitRectification, id, { statement: '已整改' });
  await perform(store, as('p-dept-2'), hazardCommands.verifyRectification, id, { result: 'passed', basis: '现场复查' });
  await perform(store, as('p-dept'), hazardCommands.signOffHazard, id, {});
  world.pass(1);
  await recordInspection(store, as('p-inspector'), {
    unit: 'u_1',
    track: 'gas',
    mode: 'routine',
    inspectors: [],
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
  });
  await orderAndRemind('再次更换软管');
  const reminders = world.events(id).filter(({ type }) => type === 'ReminderIssued');
  expect(reminders.map(({ data }) => data)).toMatchObject([
    { due, rung: '-3' },
    { due, rung: '-3' },
  ]);
});

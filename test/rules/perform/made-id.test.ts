// A command that begins a stream whose id is made from the command itself need not read that stream: the write tells whether it is new.
import { describe, expect, test } from 'vitest';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import * as units from '../../../shared/rules/perform/unit.ts';
import { later } from '../../support/builders.ts';
import { commitsOf, emptyTown, inspect, townWith, UNIT, WHO } from './town.ts';

const details = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };

describe('a command that makes the id of what it begins', () => {
  test('writes without reading: register a unit', async () => {
    const town = await emptyTown();
    await units.registerUnit(town.deps, town.as(WHO.office), { details }); // reads the campaign
    town.fake.calls.length = 0;
    await units.registerUnit(town.deps, town.as(WHO.office), { details });
    expect(town.fake.calls).toEqual(['PutItem']);
  });

  test('reads only what it is about: record a clean inspection', async () => {
    const town = await townWith();
    await inspect(town, later(0), []);
    town.fake.calls.length = 0;
    await inspect(town, later(0), []);
    expect(town.fake.calls).toEqual(['Query', 'PutItem']);
  });

  test('sent again, is answered from the record', async () => {
    const town = await townWith();
    const context = town.as(WHO.inspector);
    const first = await inspect(town, later(0), ['GAS-01'], context);
    const stored = commitsOf(town.fake);
    const again = await inspect(town, later(0), ['GAS-01'], context);
    expect(again).toMatchObject({ already: true, added: 0, id: first.id, findings: first.findings });
    expect(commitsOf(town.fake)).toEqual(stored);
  });

  test('sent again when it would be refused by now, is answered from the record all the same', async () => {
    const town = await townWith();
    const context = town.as(WHO.inspector);
    const first = await inspect(town, later(0), [], context);
    await perform(town.deps, town.as(WHO.office), unitCommands.closeUnit, UNIT, { reason: '已搬离' });
    const again = await inspect(town, later(0), [], context);
    expect(again).toMatchObject({ already: true, added: 0, id: first.id });
  });

  test('with the id of a plan it is read, and fulfils the plan', async () => {
    const town = await townWith();
    town.fake.calls.length = 0;
    const visit = { id: 'i_chosen', unit: UNIT, track: 'gas', mode: 'routine', inspectors: [], answers: [] } as const;
    await recordInspection(town.deps, town.as(WHO.inspector), { ...visit, inspectors: [WHO.inspector], answers: [] });
    expect(town.fake.calls.filter((name) => name === 'Query')).toHaveLength(2);
  });
});

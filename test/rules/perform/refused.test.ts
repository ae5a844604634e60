// What is wrong with a command is told by field, and nothing of it is stored.
import type { CommandContext } from '../../../shared/rules/perform/execute.ts';
import type { StoreDeps } from '../../../shared/record/store/store.ts';
import { describe, expect, test } from 'vitest';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { launchCampaign } from '../../../shared/rules/perform/campaign.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { missInspection, recordInspection } from '../../../shared/rules/perform/inspection.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import * as units from '../../../shared/rules/perform/unit.ts';
import { Forbidden } from '../../../events/errors.ts';
import { DAY } from '../../support/builders.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { actsOn, emptyTown, H1, NOW, townWith, UNIT, type Town, DETAILS, grade } from './town.ts';

describe('what is refused leaves no trace', () => {
  const act = (
    deps: StoreDeps,
    context: CommandContext,
    id: string,
    asked: { measures: string; due?: string; authority: string },
  ) => perform(deps, context, hazardCommands.orderRectification, id, asked);
  const order = { measures: '更换软管', due: new Date(NOW.getTime() + DAY).toISOString(), authority: 'a' };
  const visit = { unit: UNIT, track: 'gas' as const, mode: 'routine' as const, inspectors: [], answers: [] };
  const many = Array.from({ length: 98 }, (_, n) => ({
    item: String(n),
    clause: `C-${n}`,
    answer: 'problem' as const,
  }));

  test.each<[string, (town: Town) => Promise<unknown>, object]>([
    ['an unknown hazard', ({ deps, as }) => act(deps, as('p'), 'h_9', order), { type: 'unknown-hazard', status: 404 }],
    [
      'an unknown unit',
      ({ deps, as }) => perform(deps, as('p'), unitCommands.gradeRisk, 'u_9', { to: 'A', basis: 'b' }),
      { type: 'unknown-unit', status: 404 },
    ],
    [
      'an inspection at an unknown unit',
      ({ deps, as }) => recordInspection(deps, as('p'), { ...visit, unit: 'u_9' }),
      { type: 'unknown-unit' },
    ],
    [
      'an unknown inspection',
      ({ deps, as }) => missInspection(deps, as('p'), 'i_9', { reason: 'r' }),
      { type: 'unknown-inspection', status: 404 },
    ],
    [
      'a track that the unit is not in',
      ({ deps, as }) => recordInspection(deps, as('p'), { ...visit, track: 'factory' }),
      { type: 'unit-not-in-track', field: 'track' },
    ],
    [
      '98 hazards at once',
      ({ deps, as }) => recordInspection(deps, as('p'), { ...visit, answers: many }),
      { type: 'too-large', field: 'answers' },
    ],
    [
      'a wrong transition',
      ({ deps, as }) => act(deps, as('p'), H1, order),
      { type: 'wrong-transition', status: 422, field: 'status' },
    ],
    [
      'an unknown organisation',
      ({ deps, as }) => perform(deps, as('p'), hazardCommands.assignHazard, H1, { to: 'nobody' }),
      { type: 'invalid-input', field: 'to' },
    ],
    [
      'an unknown area',
      ({ deps, as }) => units.registerUnit(deps, as('p'), { details: { ...DETAILS, area: 'village-99' } }),
      { field: 'area' },
    ],
    [
      'an id that is none',
      ({ deps, as }) => units.registerUnit(deps, as('p'), { id: 'u 1', details: DETAILS }),
      { type: 'invalid-input', field: 'id' },
    ],
    [
      'a time to come',
      (town) => grade(town, town.as('p', { occurredAt: new Date(NOW.getTime() + 5 * 60_000 + 1).toISOString() })),
      { type: 'occurred-in-future', field: 'occurredAt' },
    ],
    [
      'a time that is none',
      (town) => grade(town, town.as('p', { occurredAt: 'yesterday' })),
      { type: 'invalid-input', field: 'occurredAt' },
    ],
    ['a name for a person', (town) => grade(town, town.as('王某某')), { type: 'invalid-input', field: 'actor.person' }],
    [
      'a duplicate of a hazard that is not there',
      (town) => actsOn(town, H1).propose({ kind: 'duplicate', of: 'h_9' }),
      { type: 'unknown-hazard' },
    ],
    [
      'a person who may not',
      (town) => grade(town, town.as('p', { authorise: forbid })),
      { type: 'forbidden', status: 403 },
    ],
    [
      'another definition of the campaign',
      ({ deps, as }) => launchCampaign(deps, as('p'), { ...LIANTANG, name: '别的' }),
      { type: 'campaign-launched' },
    ],
  ])('%s', async (_, command, refusal) => {
    const town = await townWith('GAS-01');
    const before = town.fake.items('events');
    await expect(command(town)).rejects.toMatchObject(refusal);
    expect(town.fake.items('events')).toEqual(before);
  });

  const forbid = (): never => {
    throw new Forbidden('forbidden', 'no');
  };

  test('leave is asked with what the command is about, before anything is decided', async () => {
    const town = await townWith('GAS-01');
    const subjects: object[] = [];
    await grade(town, town.as('p', { authorise: (subject) => void subjects.push(subject) }));
    expect(subjects).toMatchObject([
      {
        track: 'gas',
        hazard: { id: H1, status: 'found' },
        unit: { id: UNIT, details: DETAILS },
        campaign: { definition: LIANTANG },
      },
    ]);
    // A forbidden caller learns nothing about whether the act would have been possible.
    const wrong = perform(town.deps, town.as('p', { authorise: forbid }), hazardCommands.signOffHazard, H1, {});
    await expect(wrong).rejects.toMatchObject({ type: 'forbidden' });
  });

  test('before the campaign is launched, everything', async () => {
    const fake = new FakeDynamo();
    const { as } = await emptyTown();
    const deps = { dynamo: fake.client, table: 'events' };
    await expect(units.registerUnit(deps, as('p'), { details: DETAILS })).rejects.toMatchObject({
      type: 'campaign-not-launched',
    });
    expect(fake.items('events')).toEqual([]);
  });

  test('a few minutes of a fast clock are not a time to come', async () => {
    const town = await townWith('GAS-01');
    const occurredAt = new Date(NOW.getTime() + 5 * 60_000).toISOString();
    expect(await grade(town, town.as('p', { occurredAt }))).toMatchObject({
      added: 1,
      events: [{ occurredAt, recordedAt: NOW.toISOString() }],
    });
  });
});

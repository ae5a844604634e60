// What a command leaves on record: circumstances, rule set, ids that a repeated command finds again; and the seeded campaign.
import { describe, expect, test } from 'vitest';
import { LIANTANG_CHECKLISTS } from '../../../shared/rules/campaign/checklists.ts';
import { LIANTANG, LIANTANG_RULES, LIANTANG_TARGETS } from '../../../shared/rules/campaign/liantang.ts';
import * as campaignCommands from '../../../shared/rules/campaign/commands.ts';
import { launchCampaign, loadCampaign, seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import { execute, on, readStream } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { missInspection, planInspection, recordInspection } from '../../../shared/rules/perform/inspection.ts';
import * as units from '../../../shared/rules/perform/unit.ts';
import { DAY, later, TENANT } from '../../support/builders.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { actsOn, emptyTown, eventsOf, H1, H2, NOW, townWith, UNIT, WHO, DETAILS, grade } from './town.ts';
import { alreadyPublished } from '../../support/rule-sets.ts';

describe('what is recorded', () => {
  test('carries who, when, by which command, and what the caller told about the circumstances', async () => {
    const town = await townWith('GAS-01');
    const evidence = [{ sha256: 'a'.repeat(64), mediaType: 'image/jpeg' }];
    const context = town.as(WHO.office, {
      occurredAt: later(DAY),
      device: 'pda-7',
      place: { lat: 31, lon: 121, accuracy: 5 },
      evidence,
      cause: 'inspection/i_1/1',
      correlation: 'x-1',
    });
    await grade(town, context);
    const [last] = (await readStream(town.deps, TENANT, 'hazard', H1)).slice(-1);
    expect(last!.event).toMatchObject({
      id: `hazard/${H1}/2`,
      type: 'HazardGraded',
      schema: 1,
      tenant: TENANT,
      stream: `liantang#hazard#${H1}`,
      version: 2,
      occurredAt: later(DAY),
      recordedAt: NOW.toISOString(),
      actor: { person: WHO.office, post: '科员', organisation: 'guijianban' },
      source: 'api',
      device: 'pda-7',
      place: { lat: 31, lon: 121, accuracy: 5 },
      evidence,
      unit: UNIT,
      track: 'gas',
      organisation: 'guijianban',
      ruleSet: 1,
      command: context.command,
      cause: 'inspection/i_1/1',
      correlation: 'x-1',
    });
    expect(last!.commit).toMatchObject({
      command: context.command,
      request: context.request,
      person: WHO.office,
      cause: 'inspection/i_1/1',
    });
  });

  test('names the rule set that held when it was recorded, whatever time is claimed', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    const june = { ...LIANTANG_RULES, version: 2, effectiveFrom: '2025-06-01' };
    await alreadyPublished(town.deps, town.as(WHO.office).now, june);
    const at = (now: string, id: string, about = {}) =>
      perform(town.deps, { ...town.as(WHO.office, about), now: new Date(now) }, hazardCommands.gradeHazard, id, {
        grade: 'major',
        basis: 'b',
      });
    expect((await at('2025-05-31T15:59:59.999Z', H1)).events).toMatchObject([{ ruleSet: 1 }]);
    const yesterday = { occurredAt: '2025-05-31T10:00:00.000Z' };
    expect((await at('2025-05-31T16:00:00.000Z', H2, yesterday)).events).toMatchObject([{ ruleSet: 2 }]);
  });

  test('the longest period that the rule set gives for the grade binds the order', async () => {
    const town = await townWith('GAS-01');
    const rules = { ...LIANTANG_RULES, version: 2, periods: [], longestRectification: { general: 300, major: 5 } };
    await alreadyPublished(town.deps, town.as(WHO.office).now, rules);
    const acts = actsOn(town, H1);
    await acts.grade();
    await acts.assign();
    await grade(town, town.as(WHO.office, { occurredAt: later(DAY) }), 'major');
    await expect(acts.order()).rejects.toMatchObject({
      type: 'due-too-late',
      field: 'due',
      expected: expect.stringContaining('5 calendar days'),
    });
    await grade(town, town.as(WHO.office, { occurredAt: later(DAY) }), 'general');
    expect(await acts.order()).toMatchObject({ added: 1 });
  });

  test('a new unit without an id is the same unit when the command is sent again', async () => {
    const town = await emptyTown();
    const context = town.as(WHO.office);
    const first = await units.registerUnit(town.deps, context, { details: DETAILS });
    expect(first.id).toMatch(/^u_[0-9a-f]{20}$/);
    expect(await units.registerUnit(town.deps, context, { details: DETAILS })).toMatchObject({
      id: first.id,
      already: true,
    });
    expect((await units.registerUnit(town.deps, town.as(WHO.office), { details: DETAILS })).id).not.toBe(first.id);
  });

  test('a planned inspection is recorded under its id, or missed', async () => {
    const town = await townWith();
    const plan = {
      unit: UNIT,
      track: 'gas' as const,
      plannedFor: later(DAY),
      mode: 'routine' as const,
      inspectors: ['p-1'],
    };
    const planned = await planInspection(town.deps, town.as(WHO.office), plan);
    const { unit, track, mode } = plan;
    await recordInspection(town.deps, town.as('p-1'), {
      id: planned.id,
      unit,
      track,
      mode,
      inspectors: ['p-1'],
      answers: [],
    });
    const second = await planInspection(town.deps, town.as(WHO.office), { ...plan, id: 'i_2' });
    await missInspection(town.deps, town.as(WHO.office), second.id, { reason: '抽调' });
    expect(
      eventsOf(town.fake, 'inspection')
        .map(({ type, unit: at }) => `${type} ${at}`)
        .toSorted(),
    ).toEqual([
      `InspectionMissed ${UNIT}`,
      `InspectionPlanned ${UNIT}`,
      `InspectionPlanned ${UNIT}`,
      `InspectionRecorded ${UNIT}`,
    ]);
    const elsewhere = planInspection(town.deps, town.as(WHO.office), { ...plan, id: 'i_2', unit: 'u_9' });
    await expect(elsewhere).rejects.toMatchObject({ type: 'unknown-unit' });
  });
});

test('a decision that leaves its own stream out is a defect, and is not written', async () => {
  const town = await townWith('GAS-01');
  const before = town.fake.items('events');
  const primary = { category: 'unit', id: UNIT } as const;
  const elsewhere = execute(town.deps, town.as('p'), primary, () =>
    Promise.resolve(new Map([on('unit', 'u_2', [{ type: 'UnitClosed', data: { reason: 'r' } }])])),
  );
  await expect(elsewhere).rejects.toThrow('changes other streams but not liantang#unit#u_1');
  expect(town.fake.items('events')).toEqual(before);
});

describe('seeding the campaign', () => {
  const seed = {
    definition: LIANTANG,
    ruleSet: LIANTANG_RULES,
    targets: LIANTANG_TARGETS,
    checklists: LIANTANG_CHECKLISTS,
  };

  test('is done once, and launching the same by hand is nothing', async () => {
    const { as } = await emptyTown();
    const fake = new FakeDynamo();
    const deps = { dynamo: fake.client, table: 'events' };
    await seedCampaign(deps, as(WHO.office), seed);
    const stored = fake.items('events');
    expect(stored).toHaveLength(2 + LIANTANG_TARGETS.length + LIANTANG_CHECKLISTS.length);
    await seedCampaign(deps, as(WHO.office), seed);
    expect(await launchCampaign(deps, as('p-other'), LIANTANG)).toMatchObject({ already: true, added: 0 });
    expect(
      await perform(deps, as('p-other'), campaignCommands.publishRuleSet, 'campaign', LIANTANG_RULES),
    ).toMatchObject({
      already: true,
      added: 0,
    });
    expect(fake.items('events')).toEqual(stored);
    expect(await loadCampaign(deps, TENANT, NOW)).toMatchObject({ definition: LIANTANG, ruleSets: [LIANTANG_RULES] });
  });

  test('stopped anywhere and done again ends the same', async () => {
    const { as } = await emptyTown();
    const whole = new FakeDynamo();
    await seedCampaign({ dynamo: whole.client, table: 'events' }, as(WHO.office), seed);
    for (let stop = 0; stop < whole.calls.length; stop += 1) {
      const fake = new FakeDynamo();
      const deps = { dynamo: fake.client, table: 'events' };
      let call = 0;
      fake.hook = ({ when }) => {
        if (when === 'after' && call++ === stop) throw new Error('stopped');
      };
      await expect(seedCampaign(deps, as(WHO.office), seed)).rejects.toThrow('stopped');
      await seedCampaign(deps, as(WHO.office), seed);
      expect(fake.items('events')).toEqual(whole.items('events'));
    }
  });
});

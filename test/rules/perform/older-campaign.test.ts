// A campaign that was launched before there were ladders, calendars and district units goes on working, and gets what it lacks, once.
import { describe, expect, test } from 'vitest';
import type { CampaignDefinition, RuleSet } from '../../../events/campaign.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { launchCampaign, loadCampaign, seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import { ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { TENANT } from '../../support/builders.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { contextOf, NOW } from './town.ts';
import { alreadyPublished } from '../../support/rule-sets.ts';

/** As shipped then. */
const { operations: _later, ...rest } = LIANTANG;
const OLD: CampaignDefinition = {
  ...rest,
  organisations: LIANTANG.organisations.filter(({ kind }) => kind !== 'district'),
};
const BARE: RuleSet = {
  version: 1,
  effectiveFrom: '2025-04-25',
  monthlyReport: { day: 24, cutoff: 'by' },
  longestRectification: {},
};
const SEED = { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: [] };
const context = () => contextOf('p-admin', { occurredAt: undefined });

async function older(...ruleSets: RuleSet[]) {
  const fake = new FakeDynamo();
  const deps = { dynamo: fake.client, table: 'events' };
  await launchCampaign(deps, context(), OLD);
  for (const ruleSet of ruleSets) await alreadyPublished(deps, context().now, ruleSet);
  return { fake, deps };
}

describe('a campaign of an older daocha', () => {
  test('gets the district units and the next rule set, from today on; what was decided before keeps its own', async () => {
    const { fake, deps } = await older(BARE);
    await seedCampaign(deps, context(), SEED);
    const campaign = await loadCampaign(deps, TENANT, NOW);
    expect(campaign.ruleSets).toEqual([BARE, { ...LIANTANG_RULES, version: 2, effectiveFrom: '2026-01-05' }]);
    expect(campaign.definition!.organisations.filter(({ kind }) => kind === 'district')).toHaveLength(4);
    expect(ruleSetAt(campaign, '2025-12-31T02:00:00.000Z')?.version).toBe(1);
    expect(ruleSetAt(campaign, '2026-01-05T02:00:00.000Z')?.version).toBe(2);
    const stored = fake.items('events');
    await seedCampaign(deps, context(), SEED);
    expect(fake.items('events')).toEqual(stored);
  });

  test('that has published rules of its own keeps them', async () => {
    const own: RuleSet = { ...BARE, version: 2, longestRectification: { general: 30 } };
    const { fake, deps } = await older(BARE, own);
    const stored = fake.items('events');
    await seedCampaign(deps, context(), SEED);
    expect(fake.items('events')).toEqual(stored);
  });

  test('stopped anywhere and started again ends the same', async () => {
    const whole = await older(BARE);
    const before = whole.fake.calls.length;
    await seedCampaign(whole.deps, context(), SEED);
    const ids = (fake: FakeDynamo) =>
      fake.items('events').map(({ version, command }) => [version?.N, command?.S?.startsWith('seed:') && command.S]);
    for (let stop = 0; stop < whole.fake.calls.length - before; stop += 1) {
      const { fake, deps } = await older(BARE);
      let call = 0;
      fake.hook = ({ when }) => {
        if (when === 'after' && call++ === stop) throw new Error('stopped');
      };
      await seedCampaign(deps, context(), SEED).catch(() => {});
      fake.hook = () => {};
      await seedCampaign({ ...deps }, context(), SEED);
      expect(ids(fake)).toEqual(ids(whole.fake));
    }
  });

  test('of another document is another campaign: nothing is added to it', async () => {
    const { fake, deps } = await older(BARE);
    const stored = fake.items('events');
    await seedCampaign(deps, context(), { ...SEED, definition: { ...LIANTANG, document: '练府〔2026〕1号' } });
    expect(fake.items('events')).toEqual(stored);
  });
});

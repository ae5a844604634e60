// A rule set that is in force at once, as if it had been published before the story: people publish for days to come, by two persons.
import type { RuleSet } from '../../events/campaign.ts';
import { publishRuleSet } from '../../shared/rules/campaign/campaign.ts';
import { execute, forgetCampaign, on } from '../../shared/rules/perform/execute.ts';
import type { StoreDeps } from '../../shared/record/store/store.ts';
import { TENANT } from './builders.ts';

export async function alreadyPublished(store: StoreDeps, now: Date, ruleSet: RuleSet): Promise<void> {
  const command = `rules-${ruleSet.version}`;
  const actor = { person: 'p-admin', post: 'admin', organisation: 'office' };
  const context = { tenant: TENANT, command, request: command, actor, source: 'api' as const, now };
  await execute(store, context, { category: 'campaign', id: 'campaign' }, async (read) => {
    const state = await read('campaign', 'campaign');
    return new Map([on('campaign', 'campaign', publishRuleSet(state, { ...ruleSet, reason: '试验' }))]);
  });
  forgetCampaign(store, TENANT);
}

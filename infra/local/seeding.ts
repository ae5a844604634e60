// The state that every platform on this machine starts from, and the sweep that brings in what a stream has forgotten.

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Seeding {
  dynamo: DynamoDBClient;
  tables: { events: string; log: string; views: string };
  tenant: string;
  now: () => Date;
}

/**
 * The campaign of the town, by the same commands that anybody would use. Bears repetition.
 * @throws InvalidInput `calendar.years` when a rule set in force counts by a calendar that this daocha does not have
 */
export async function launchCampaign({ dynamo, tables, tenant, now }: Seeding): Promise<void> {
  const { loadCampaign, seedCampaign } = await import('../../shared/rules/perform/campaign.ts');
  const { checkYears } = await import('../../shared/rules/calendar/working-days.ts');
  const { LIANTANG, LIANTANG_RULES, LIANTANG_TARGETS } = await import('../../shared/rules/campaign/liantang.ts');
  const { LIANTANG_CHECKLISTS } = await import('../../shared/rules/campaign/checklists.ts');
  const actor = { person: 'daocha-local', post: 'platform', organisation: 'office' };
  await seedCampaign(
    { dynamo, table: tables.events },
    { tenant, actor, source: 'policy', now: now() },
    {
      definition: LIANTANG,
      ruleSet: LIANTANG_RULES,
      targets: LIANTANG_TARGETS,
      checklists: LIANTANG_CHECKLISTS,
    },
  );
  const { ruleSets } = await loadCampaign({ dynamo, table: tables.events }, tenant, now());
  for (const { calendar } of ruleSets) checkYears(calendar);
}

/** Gives a position to every commit that the log does not have. */
export async function sweepEvents({ dynamo, tables, tenant, now }: Seeding): Promise<void> {
  const { sweep } = await import('../../shared/record/log/sweep.ts');
  await sweep({ dynamo, events: tables.events, log: tables.log, tenant, now });
}

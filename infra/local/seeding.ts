// The state that every platform on this machine starts from, and the sweep that brings in what a stream has forgotten.

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { WRITERS } from '../../functions/runtime/variables.ts';
import type { NoteSigner } from '../../shared/record/tlog/note.ts';

export interface Seeding {
  dynamo: DynamoDBClient;
  tables: { events: string; log: string; views: string };
  tenant: string;
  now: () => Date;
  /** the keys of this machine's functions, by their name; the launch has one as well */
  writer?: (component: string) => NoteSigner & { vkey: string };
}

/** Who signs for what a start itself records. */
const LAUNCH = 'launch';

/**
 * The campaign of the town, by the same commands that anybody would use. Bears repetition.
 * @throws InvalidInput `calendar.years` when a rule set in force counts by a calendar that this daocha does not have
 */
export async function launchHere({ dynamo, tables, tenant, now, writer }: Seeding): Promise<void> {
  const { loadCampaign, seedCampaign } = await import('../../shared/rules/perform/campaign.ts');
  const { checkYears } = await import('../../shared/rules/calendar/working-days.ts');
  const { LIANTANG, LIANTANG_RULES, LIANTANG_TARGETS } = await import('../../shared/rules/campaign/liantang.ts');
  const { LIANTANG_DUTIES } = await import('../../shared/rules/campaign/liantang-duties.ts');
  const { LIANTANG_CHECKLISTS } = await import('../../shared/rules/campaign/checklists.ts');
  const actor = { person: 'daocha-local', post: 'platform', organisation: 'office' };
  const store = { dynamo, table: tables.events, writer: writer && (() => Promise.resolve(writer(LAUNCH))) };
  await seedCampaign(
    store,
    { tenant, actor, source: 'policy', now: now() },
    {
      definition: LIANTANG,
      ruleSet: LIANTANG_RULES,
      targets: LIANTANG_TARGETS,
      checklists: LIANTANG_CHECKLISTS,
      duties: LIANTANG_DUTIES,
      writers: writer && [LAUNCH, ...WRITERS].map((component) => writer(component).vkey),
    },
  );
  const { ruleSets } = await loadCampaign(store, tenant, now());
  for (const { calendar } of ruleSets) checkYears(calendar);
}

/** Gives a position to every commit that the log does not have. */
export async function sweepEvents({ dynamo, tables, tenant, now }: Seeding): Promise<void> {
  const { sweep } = await import('../../shared/record/log/sweep.ts');
  await sweep({ dynamo, events: tables.events, log: tables.log, tenant, now });
}

// What a campaign that was launched by an older daocha lacks beside the one that is shipped now. Nothing of a town's
// own is touched: its definition stays as launched, organisations are registered beside it, and a rule set is published
// only after the very first one that was shipped, which knew neither ladder nor calendar. It holds from the day on
// which it is published: what was decided before stays as it was.
import type { CampaignDefinition, Organisation, RuleSet } from '../../../events/campaign.ts';

export interface Shipped {
  definition: CampaignDefinition;
  ruleSet: RuleSet;
}

export interface Lacking {
  organisations: Organisation[];
  ruleSet: RuleSet | undefined;
}

/**
 * @param present the campaign as it is: with the organisations registered since its launch, and every rule set
 * @param today in town time
 */
export function lackingIn(
  present: { definition: CampaignDefinition; ruleSets: readonly RuleSet[] },
  shipped: Shipped,
  today: string,
): Lacking {
  const { definition, ruleSets } = present;
  if (definition.document !== shipped.definition.document) return { organisations: [], ruleSet: undefined };
  const [first, ...others] = ruleSets;
  if (!first) return { organisations: [], ruleSet: shipped.ruleSet };
  if (others.length > 0 || !isBare(first)) return { organisations: [], ruleSet: undefined };
  const known = new Set(definition.organisations.map(({ id }) => id));
  const routed = new Set((shipped.ruleSet.routing ?? []).map(({ to }) => to));
  return {
    organisations: shipped.definition.organisations.filter(({ id }) => routed.has(id) && !known.has(id)),
    ruleSet: {
      ...shipped.ruleSet,
      version: first.version + 1,
      effectiveFrom: today > first.effectiveFrom ? today : first.effectiveFrom,
    },
  };
}

/** As it was shipped before there were reminders: no ladder, no calendar, no escalation. */
function isBare(ruleSet: RuleSet): boolean {
  const { ladder, reportLadder, calendar, escalation, routing, periods } = ruleSet;
  return (
    ruleSet.version === 1 &&
    [ladder, reportLadder, calendar, escalation, routing, periods].every((part) => part === undefined)
  );
}

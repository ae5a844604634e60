// Commands on the campaign itself: launching it, registering organisations, publishing rule sets and checklists, setting targets.
import type { CampaignDefinition, Checklist, Organisation, RuleSet } from '../../../events/campaign.ts';
import type { DutyDefinition } from '../../../events/duty-definition.ts';
import * as rules from '../campaign/campaign.ts';
import { lackingIn } from '../campaign/upgrade.ts';
import { type Drafts } from '../decider.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  byOf,
  campaignOf,
  digest,
  execute,
  forgetCampaign,
  on,
  type Bidden,
  type CommandContext,
  type Executed,
} from './execute.ts';
import { townDay } from '../../town-time.ts';

/** @throws InvalidInput when the definition contradicts itself; RuleViolated `campaign-launched` */
export function launchCampaign(
  deps: StoreDeps,
  context: CommandContext,
  command: CampaignDefinition,
): Promise<Executed> {
  return onCampaignLoaded(deps, context, (state) => rules.launch(state, command));
}

/** @throws RuleViolated `organisation-exists` */
export function registerOrganisation(
  deps: StoreDeps,
  context: CommandContext,
  command: Organisation,
): Promise<Executed> {
  return onCampaignLoaded(deps, context, (state) => rules.registerOrganisation(state, command));
}

/** The campaign: definition, rule sets, targets, checklists; some seconds old at most. */
export function loadCampaign(deps: StoreDeps, tenant: string, now: Date): Promise<rules.CampaignState> {
  return campaignOf(deps, tenant, now);
}

/** The same, read again when it does not list the organisation: it may have been registered since. */
export async function campaignNaming(
  deps: StoreDeps,
  tenant: string,
  now: Date,
  organisation: string,
): Promise<rules.CampaignState> {
  const known = await campaignOf(deps, tenant, now);
  if (known.definition?.organisations.some(({ id }) => id === organisation)) return known;
  forgetCampaign(deps, tenant);
  return campaignOf(deps, tenant, now);
}

/** What is decided about the campaign; whoever asks next reads it again. */
export const onCampaign = (deps: StoreDeps, context: CommandContext, { decide }: Bidden): Promise<Executed> =>
  onCampaignLoaded(deps, context, (state) => decide(state, byOf(context, state)));

async function onCampaignLoaded(
  deps: StoreDeps,
  context: CommandContext,
  decide: (state: rules.CampaignState) => Drafts,
): Promise<Executed> {
  const executed = await execute(deps, context, { category: 'campaign', id: 'campaign' }, async (read) => {
    const state = await read('campaign', 'campaign');
    context.authorise?.({ campaign: state });
    return new Map([on('campaign', 'campaign', decide(state))]);
  });
  forgetCampaign(deps, context.tenant);
  return executed;
}

/** What a tenant starts with: the definition, its first rule set, its targets, its checklists. */
export interface CampaignSeed {
  definition: CampaignDefinition;
  ruleSet: RuleSet;
  targets: readonly rules.Target[];
  checklists?: readonly Checklist[];
  duties?: readonly DutyDefinition[];
  /** keys of the components that will record, where they are known already */
  writers?: readonly string[] | undefined;
}

/**
 * Launches the campaign with its first rule set, targets and checklists; nothing where that has been done. A campaign that an older daocha
 * launched gets what it lacks.
 */
export async function seedCampaign(
  deps: StoreDeps,
  context: Omit<CommandContext, 'command' | 'request'>,
  seed: CampaignSeed,
): Promise<void> {
  const step = (command: string): CommandContext => ({ ...context, command, request: command });
  const present = await loadCampaign(deps, context.tenant, context.now);
  if (!present.definition) await launchCampaign(deps, step('seed:launch'), seed.definition);
  const definition = present.definition ?? seed.definition;
  const today = townDay(context.now.toISOString());
  const { organisations, ruleSet } = lackingIn({ definition, ruleSets: present.ruleSets }, seed, today);
  for (const organisation of organisations) {
    await registerOrganisation(deps, step(`seed:organisation-${organisation.id}`), organisation);
  }
  if (ruleSet)
    await onCampaignLoaded(deps, step(`seed:rules-${ruleSet.version}`), (state) =>
      rules.publishRuleSet(state, ruleSet),
    );
  if (seed.writers) {
    const declared = { keys: [...seed.writers], reason: '平台启动，登记各组件的写入密钥' };
    await onCampaignLoaded(deps, step(`seed:writers-${digest(...seed.writers)}`), (state) =>
      rules.declareWriterKeys(state, declared),
    );
  }
  for (const target of seed.targets) {
    if (present.targets.has(target.id)) continue;
    await onCampaignLoaded(deps, step(`seed:target-${target.id}`), (state) => rules.setTarget(state, target));
  }
  for (const checklist of seed.checklists ?? []) {
    if (rules.checklistOf(present, { id: checklist.template, version: checklist.version })) continue;
    const name = `seed:checklist-${checklist.template}-${checklist.version}`;
    await onCampaignLoaded(deps, step(name), (state) => rules.publishChecklist(state, checklist));
  }
  // a town that has published its own keeps them; all at once, in one commit
  const missing = (seed.duties ?? []).filter(({ duty }) => !present.duties.has(duty));
  if (missing.length > 0) {
    const name = `seed:duties-${digest(...missing.map(({ duty, version }) => `${duty}@${version}`))}`;
    await onCampaignLoaded(deps, step(name), (state) => missing.flatMap((asked) => rules.publishDuty(state, asked)));
  }
}

// Woken by new pages of the log: applies the automatic rules to an event. By the escalation rules a case goes up
// (shared/rules/ escalation-policy.ts); when a case calls for a dossier, it is compiled, stored and recorded, and with
// it the case goes to the district. At least once in, once in effect: every command has an id made from the event that
// led to it, and a dossier compiled again is the same file. What is refused by a rule is logged, counted and left to
// people; what fails otherwise stops here, and the next attempt goes on from here.
import type { RuleSet } from '../../events/campaign.ts';
import type { EscalationEvent } from '../../events/escalation.ts';
import { parseStreamKey, type Actor } from '../../events/envelope.ts';
import type { CampaignState } from '../../shared/rules/campaign/campaign.ts';
import { groundsOf } from '../../shared/rules/escalation/policy.ts';
import { DOSSIER_EVENTS, formatDossierEvents } from '../../shared/record/audit/layout.ts';
import { callsForDossier, type Dossier } from '../../shared/rules/escalation/escalation.ts';
import { loadCampaign } from '../../shared/rules/perform/campaign.ts';
import { proposeByRule, recordDossier } from '../../shared/rules/perform/escalation.ts';
import { forgetCampaign, type CommandContext } from '../../shared/rules/perform/execute.ts';
import { gatherCase, type CaseFile, type GatherDeps } from '../../shared/reading/case-file/gather.ts';
import { DOSSIER_NAME, dossierDocument, WORD } from '../../shared/reading/case-file/word.ts';
import { DaochaError } from '../../events/errors.ts';
import type { Positioned } from '../../shared/record/log/read.ts';
import type { StoreDeps } from '../../shared/record/store/store.ts';
import type { DossierStore } from '../runtime/dossier-store.ts';
import { FollowerBehind, makeFollower, type FollowerDeps, type StreamHandler } from '../runtime/follower.ts';
import { METRICS } from '../runtime/variables.ts';
import { OPENS_DUTIES, reactForDuties } from './duties.ts';

export interface ReactDeps extends Omit<FollowerDeps, 'name' | 'handle' | 'log' | 'logger' | 'broken'> {
  /** LOG and VIEWS tables */
  views: GatherDeps;
  /** EVENTS table; one object for the life of the process: the campaign is remembered with it */
  store: StoreDeps;
  dossiers: DossierStore;
  /** the document of a case file; the same file must give the same bytes. A test may have a quicker one */
  compile?: (file: CaseFile) => Promise<Uint8Array>;
  logger: FollowerDeps['logger'] & { error: (message: string, facts: Record<string, unknown>) => void };
}

/** The follower's name: its checkpoint in the log. */
export const REACT = 'react';

/** A Lambda handler for the LOG table's stream. */
export function makeReact(deps: ReactDeps): StreamHandler {
  const { views, store: _store, dossiers: _dossiers, compile: _compile, ...follower } = deps;
  return makeFollower({
    ...follower,
    log: views,
    name: REACT,
    broken: 'retake',
    handle: async (batch, goOn) => {
      for (const positioned of batch) await reactTo(deps, positioned, goOn);
    },
  });
}

async function reactTo(deps: ReactDeps, { event, position }: Positioned, goOn: () => boolean): Promise<void> {
  const { category, id } = parseStreamKey(event.stream);
  if (category === 'hazard') {
    const grounds = groundsOf(event, await ruleSetOf(deps, event.ruleSet));
    for (const ground of grounds) {
      const trigger = { version: event.version, recordedAt: event.recordedAt };
      await orRefused(deps, event.id, { rule: ground.rule }, async () => {
        const context = await contextOf(deps, event, `propose:${ground.rule}`);
        await proposeByRule(deps.store, context, id, ground, trigger);
      });
    }
  }
  if (OPENS_DUTIES.has(event.type)) await onDuties(deps, { event, position } as Positioned, goOn);
  if (category === 'escalation' && callsForDossier(event as EscalationEvent)) {
    await orRefused(deps, event.id, {}, async () => {
      const found = await gatherCase(deps.views, id, { event: event as EscalationEvent, position });
      const files = [
        await kept(deps, DOSSIER_NAME, WORD, await (deps.compile ?? dossierDocument)(found)),
        await kept(deps, DOSSIER_EVENTS, 'text/plain', Buffer.from(formatDossierEvents(found.behind))),
      ];
      const dossier = { round: found.round, position: found.position, files };
      await recordDossier(deps.store, await contextOf(deps, event, 'compile'), id, dossier);
      deps.metrics.addMetric('DossiersCompiled', 'Count', 1);
    });
  }
}

/** A definition that was published a moment ago is read again. */
async function onDuties(deps: ReactDeps, positioned: Positioned, goOn: () => boolean): Promise<void> {
  const { event, position } = positioned;
  if (event.type === 'DutyPublished') forgetCampaign(deps.store, deps.views.tenant);
  const campaign = await campaignOf(deps);
  if (campaign.duties.size === 0) return;
  await orRefused(deps, event.id, {}, async () => {
    const { command: _command, request: _request, ...context } = await contextOf(deps, event, 'duties');
    const { store, views } = deps;
    const whole = await reactForDuties({ store, views, sleep: views.sleep }, context, campaign, positioned, goOn);
    if (!whole) throw new FollowerBehind(REACT, position);
  });
}

/** Keeps a file of a dossier before anything names it. */
async function kept(
  { dossiers }: ReactDeps,
  name: string,
  mediaType: string,
  bytes: Uint8Array,
): Promise<Dossier['files'][number]> {
  return { name, mediaType, bytes: bytes.length, sha256: await dossiers.put(bytes, mediaType) };
}

/** A refusal is final: the same would be refused again, and whatever comes after must not wait for it. */
async function orRefused(deps: ReactDeps, event: string, facts: object, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof DaochaError) || error.status >= 500 || error.status === 409) throw error;
    const { type, message } = error;
    deps.logger.error('what follows from an event was refused', { event, ...facts, type, reason: message });
    deps.metrics.addMetric(METRICS.reactionRefused, 'Count', 1);
  }
}

/** The rule set that an event names; read again when it is one published a moment ago. */
async function ruleSetOf(deps: ReactDeps, version: number): Promise<RuleSet | undefined> {
  if (version === 0) return undefined;
  const find = async (): Promise<RuleSet | undefined> =>
    (await campaignOf(deps)).ruleSets.find((ruleSet) => ruleSet.version === version);
  const known = await find();
  if (known) return known;
  forgetCampaign(deps.store, deps.views.tenant);
  const published = await find();
  if (!published) throw new Error(`an event names rule set ${version}, which the campaign does not have`);
  return published;
}

const campaignOf = ({ store, views }: ReactDeps): Promise<CampaignState> =>
  loadCampaign(store, views.tenant, views.now());

/** @param act what is done: with the event's id it makes the command's */
async function contextOf(deps: ReactDeps, event: Positioned['event'], act: string): Promise<CommandContext> {
  const command = `react:${act}:${event.id}`;
  return {
    tenant: deps.views.tenant,
    command,
    request: command,
    actor: officeActor(await campaignOf(deps)),
    source: 'policy',
    cause: event.id,
    correlation: event.correlation,
    now: deps.views.now(),
  };
}

/** The rules act for the task-force office (专班办公室), which published them. */
export function officeActor(campaign: CampaignState): Actor {
  const organisations = campaign.definition?.organisations ?? [];
  const office = organisations.find(({ kind }) => kind === 'office') ?? organisations[0];
  return { person: 'system:react', post: 'policy', organisation: office?.id ?? 'office' };
}

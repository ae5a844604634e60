// Commands on a case that goes beyond the town. There is one case for each cycle of a hazard; its id is made from the event that opened
// the cycle, so that whoever proposes it, and however often, names the same case.
import type { Ground } from '../../../events/escalation.ts';
import type { Track } from '../../../events/envelope.ts';
import type { Limit } from '../../../events/hazard.ts';
import { requireLaunched, requireOrganisation, ruleSetAt, type CampaignState } from '../campaign/campaign.ts';
import { notBefore } from '../claimed-time.ts';
import type { Drafts } from '../decider.ts';
import { overdue, routeOf } from '../escalation/policy.ts';
import * as rules from '../escalation/escalation.ts';
import { foldAll } from '../decider.ts';
import { hazard, requireHazard, type KnownHazard } from '../hazard/hazard.ts';
import { InvalidInput, RuleViolated } from '../../../events/errors.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  byOf,
  campaignOf,
  digest,
  execute,
  on,
  readStream,
  type Bidden,
  type CommandContext,
  type Executed,
} from './execute.ts';
import type { By } from '../command.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { townDay } from '../../town-time.ts';

/** Id of the case of the hazard's cycle that this event opened. */
export function escalationId(openedBy: string): string {
  return `e_${digest(openedBy)}`;
}

/** The event, or the moment, from which a ground follows. */
export interface Trigger {
  /** version of the hazard's event; none for what follows from the clock or from a person's judgement */
  version?: number | undefined;
  /** when it was recorded */
  recordedAt: string;
}

/**
 * Brings a hazard's case up on a ground that a rule gives. Nothing when the cycle that the event belongs to is over, or the case is up on
 * that ground already.
 * @throws RuleViolated `no-route` when the rule set names no district unit for the hazard's track and what the town lacks
 */
export async function proposeByRule(
  deps: StoreDeps,
  context: CommandContext,
  hazardId: string,
  ground: Ground,
  trigger: Trigger,
): Promise<Executed> {
  return propose(deps, context, hazardId, trigger, ({ track }, campaign) => routed(ground, track, campaign));
}

/**
 * Brings a hazard's case up because nothing came for so long after the last rung of the ladder. Nothing when something
 * has come meanwhile, or another due date is in force.
 * @param due the date that was missed
 * @param daysPast working days from a due date's day to today
 * @throws RuleViolated `no-route`
 */
export async function proposeOverdue(
  deps: StoreDeps,
  context: CommandContext,
  hazardId: string,
  due: string,
  daysPast: (dueDay: string) => number,
): Promise<Executed> {
  const now = context.now.toISOString();
  return propose(deps, context, hazardId, { recordedAt: now }, (known, campaign) => {
    if (known.due !== due) return undefined;
    const ground = overdue(known, daysPast(townDay(due)), ruleSetAt(campaign, now));
    return ground && routed(ground, known.track, campaign);
  });
}

/** @throws RuleViolated `no-route` */
function routed(ground: Ground, track: Track, campaign: CampaignState): Ground & { to: string } {
  const ruleSet = campaign.ruleSets.find(({ version }) => version === ground.ruleSet);
  const to = routeOf(ruleSet, track, ground.limit);
  if (to === undefined) throw noRoute(track, ground.limit, ground.ruleSet);
  return { ...ground, to };
}

function noRoute(track: string, limit: Limit, ruleSet: number): RuleViolated {
  return new RuleViolated('no-route', `rule set ${ruleSet} routes no case of track ${track} with limit ${limit}`, {
    field: 'to',
    expected: 'a district unit; the next rule set should name one in `routing`',
  });
}

export interface OfficeProposal {
  limit: Limit;
  reason: string;
  urgent?: boolean | undefined;
  /** district unit; that of the rule set in force when absent */
  to?: string | undefined;
}

/** The task-force office brings a case up by its own judgement (专班研判). @throws RuleViolated `no-route`, `hazard-closed` */
export async function proposeByOffice(
  deps: StoreDeps,
  context: CommandContext,
  hazardId: string,
  command: OfficeProposal,
): Promise<Executed & { id: string }> {
  const { limit, reason, urgent = false } = command;
  const now = context.now.toISOString();
  return propose(deps, context, hazardId, { recordedAt: now }, (known, campaign) => {
    rules.requireOpen(known);
    const ruleSet = ruleSetAt(campaign, now);
    const to = command.to ?? routeOf(ruleSet, known.track, limit);
    if (to === undefined) throw noRoute(known.track, limit, ruleSet?.version ?? 0);
    requireDistrict(campaign, to);
    return { rule: 'office', limit, reason, urgent, ruleSet: ruleSet?.version ?? 0, to };
  });
}

/** @throws InvalidInput naming `to` */
function requireDistrict(campaign: CampaignState, to: string): void {
  requireOrganisation(campaign, to, 'to');
  const districts = requireLaunched(campaign).organisations.filter(({ kind }) => kind === 'district');
  if (districts.some(({ id }) => id === to)) return;
  throw new InvalidInput(`${to} is not a district unit`, {
    field: 'to',
    expected: `one of ${districts.map(({ id }) => id).join(', ') || '(the campaign lists no district unit)'}`,
  });
}

async function propose(
  deps: StoreDeps,
  context: CommandContext,
  hazardId: string,
  trigger: Trigger,
  /** undefined: nothing speaks for it any more */
  proposal: (known: KnownHazard, campaign: CampaignState) => (Ground & { to: string }) | undefined,
): Promise<Executed & { id: string }> {
  const stored = await readStream(deps, context.tenant, 'hazard', hazardId);
  const before = foldAll(
    hazard,
    stored.map(({ event }) => event as HazardEvent),
  );
  const { openedBy } = requireHazard(before, hazardId);
  const id = escalationId(openedBy);
  if (trigger.version !== undefined && trigger.version < versionOf(openedBy)) return { ...NOTHING_DONE, id };
  // What a person proposes follows from the hazard as it is: the log then has the hazard's events before the case.
  const cause = context.cause ?? stored.at(-1)!.event.id;
  const executed = await execute(deps, { ...context, cause }, { category: 'escalation', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const known = requireHazard(await read('hazard', hazardId), hazardId);
    const unit = await read('unit', known.unit);
    context.authorise?.({ campaign, track: known.track, hazard: known, unit: { ...unit, id: known.unit } });
    // Closed and come back since it was read: the cycle is over, and with it the case.
    if (known.openedBy !== openedBy) return new Map();
    const ground = proposal(known, campaign);
    if (!ground) return new Map();
    const state = await read('escalation', id);
    const drafts = rules.propose(state, known, {
      ...ground,
      since: trigger.recordedAt,
      version: trigger.version,
      area: unit.details?.area,
    });
    return new Map([on('escalation', id, drafts)]);
  });
  return { ...executed, id };
}

const NOTHING_DONE: Executed = { already: true, added: 0, commits: [], events: [], writeUnits: 0 };

/** `hazard/h_1/7` → 7 */
const versionOf = (event: string): number => Number(event.slice(event.lastIndexOf('/') + 1));

/** A dossier that was called for is stored: recorded, and the case goes to the district. */
export function recordDossier(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  dossier: rules.Dossier,
): Promise<Executed> {
  return onEscalationLoaded(deps, context, id, (state) => rules.compile(state, id, dossier));
}

/** @throws InvalidInput `decidedAt` in the future */
export function resolveEscalation(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { decision: string; decidedAt?: string | undefined },
): Promise<Executed> {
  return onEscalationLoaded(deps, context, id, async (state, { claim }) => {
    const now = context.now.toISOString();
    rules.requireWithDistrict(state, claim);
    if (command.decidedAt !== undefined && command.decidedAt > now) {
      throw new InvalidInput(`decidedAt: ${command.decidedAt} has not come yet`, {
        field: 'decidedAt',
        expected: `not later than ${now}`,
      });
    }
    if (command.decidedAt !== undefined) {
      notBefore({ occurredAt: command.decidedAt, now }, rules.withDistrictSince(state), 'decidedAt');
    }
    const { hazard: about } = rules.requireEscalation(state, id);
    const seen = (await readStream(deps, context.tenant, 'hazard', about)).at(-1)?.event.version;
    return rules.resolve(state, id, command, context.actor.person, seen);
  });
}

/** What is decided about one case. */
export const onEscalation = (deps: StoreDeps, context: CommandContext, { id, decide }: Bidden): Promise<Executed> =>
  onEscalationLoaded(deps, context, id, decide);

function onEscalationLoaded(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  decide: (state: rules.EscalationState, by: By) => Drafts | Promise<Drafts>,
): Promise<Executed> {
  return execute(deps, context, { category: 'escalation', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('escalation', id);
    const known = rules.requireEscalation(state, id);
    context.authorise?.({ campaign, track: known.track, escalation: { ...known, id } });
    return new Map([on('escalation', id, await decide(state, byOf(context, campaign)))]);
  });
}

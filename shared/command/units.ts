// Commands on a unit: each names its stream, loads it, asks for leave, decides, appends.
import type { Track } from '../../events/envelope.ts';
import type { RiskGrade, UnitDetails } from '../../events/unit.ts';
import type { Drafts } from '../domain/decider.ts';
import { requireOrganisation, requireLaunched, trackOf, type CampaignState } from '../domain/campaign.ts';
import * as rules from '../domain/unit.ts';
import type { StoreDeps } from '../store/store.ts';
import {
  campaignOf,
  execute,
  newId,
  on,
  requireFreeId,
  type CommandContext,
  type Executed,
  type Session,
} from './execute.ts';

export type ExecutedOn = Executed & { id: string };

/**
 * Registers a unit. Without `id` one is made from the command, so that a repeated command names the same unit.
 * @throws InvalidInput for a track or an area that the campaign does not have
 */
export async function registerUnit(
  deps: StoreDeps,
  context: CommandContext,
  command: { id?: string | undefined; details: UnitDetails },
  session?: Session,
): Promise<ExecutedOn> {
  const id = requireFreeId(command.id, 'u', newId('u', context.tenant, context.command));
  const about = { details: command.details, made: command.id === undefined };
  return onUnit(deps, context, id, (state) => rules.register(state, command.details), about, session);
}

export function correctUnit(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: rules.Correction,
): Promise<ExecutedOn> {
  const { person } = context.actor;
  return onUnit(deps, context, id, (state) => rules.correct(state, id, command, person), { details: command.details });
}

export function surveyBaseline(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { track: Track; facts: Record<string, string | number | boolean> },
): Promise<ExecutedOn> {
  return onUnit(deps, context, id, (state) => rules.surveyBaseline(state, id, command), { track: command.track });
}

export function gradeRisk(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { to: RiskGrade; basis: string },
): Promise<ExecutedOn> {
  return onUnit(deps, context, id, (state) => rules.gradeRisk(state, id, command));
}

export function recordLease(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { lease: string; lessor: string; lessee: string; from: string; to?: string | undefined },
): Promise<ExecutedOn> {
  return onUnit(deps, context, id, (state) => rules.recordLease(state, id, command));
}

export function signAgreement(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { lease: string; signedOn: string },
): Promise<ExecutedOn> {
  return onUnit(deps, context, id, (state) => rules.signAgreement(state, id, command));
}

/** @throws RuleViolated `supervision-overlaps`; InvalidInput for an organisation that the campaign does not have */
export function assignSupervisor(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: rules.AssignSupervisor,
): Promise<ExecutedOn> {
  return onUnit(
    deps,
    context,
    id,
    (state, campaign) => {
      requireOrganisation(campaign, command.organisation, 'organisation');
      return rules.assignSupervisor(state, id, command);
    },
    { track: command.track },
  );
}

export function relieveSupervisor(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { track: Track; person: string; until: string; reason: string },
): Promise<ExecutedOn> {
  return onUnit(deps, context, id, (state) => rules.relieveSupervisor(state, id, command), { track: command.track });
}

export function closeUnit(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<ExecutedOn> {
  return onUnit(deps, context, id, (state) => rules.close(state, id, command));
}

async function onUnit(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  decide: (state: rules.UnitState, campaign: CampaignState) => Drafts,
  about: { details?: UnitDetails; track?: Track; made?: boolean } = {},
  session?: Session,
): Promise<ExecutedOn> {
  const executed = await execute(
    deps,
    context,
    { category: 'unit', id, made: about.made === true },
    async (read) => {
      const campaign = await campaignOf(deps, context.tenant, context.now);
      requireLaunched(campaign);
      const state = await read('unit', id);
      // What does not exist yet, and what is being changed, is judged by the details that it is to have.
      const details = state.details ?? about.details ?? null;
      const track = about.track;
      context.authorise?.({ campaign, unit: { ...state, id, details }, ...(track ? { track } : {}) });
      if (about.details) {
        for (const named of about.details.tracks) trackOf(campaign, named);
        if (about.details.area) requireOrganisation(campaign, about.details.area, 'area');
      }
      return new Map([on('unit', id, decide(state, campaign))]);
    },
    session,
  );
  return { ...executed, id };
}

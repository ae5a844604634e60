// Commands on one hazard. What closes or reopens it changes the unit's ledger, and with it the unit's place on the sign-off list, in
// the same commit; everything else is one write to the hazard's own stream.
import { isOpen, type Limit } from '../../events/hazard.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import { requireOrganisation, ruleSetAt, type CampaignState } from '../domain/campaign.ts';
import { notBefore } from '../domain/claimed-time.ts';
import { type Drafts } from '../domain/decider.ts';
import * as extensions from '../domain/extension.ts';
import * as closure from '../domain/closure.ts';
import * as rectification from '../domain/rectification.ts';
import * as rules from '../domain/hazard.ts';
import * as limits from '../domain/hazard-limits.ts';
import { proposeDue } from '../domain/ladder.ts';
import { requireActive, type LedgerChange } from '../domain/unit.ts';
import type { StoreDeps } from '../store/store.ts';
import { campaignOf, claimOf, execute, on, type CommandContext, type Executed } from './execute.ts';
import { ledgerOf } from './ledger.ts';
import { townDay } from '../town-time.ts';

/** Grades it general or major (一般隐患, 重大隐患). */
export function gradeHazard(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { grade: HazardGrade; basis: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => rectification.grade(state, id, command));
}

export function assignHazard(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { to: string; note?: string | undefined },
): Promise<Executed> {
  return onHazard(deps, context, id, (state, { campaign }) => {
    requireOrganisation(campaign, command.to, 'to');
    return rectification.assign(state, id, command);
  });
}

/** The organisation that it was assigned to gives it back. */
export function returnHazard(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => rectification.giveBack(state, id, command));
}

export function reassignHazard(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { to: string; reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state, { campaign }) => {
    requireOrganisation(campaign, command.to, 'to');
    return rectification.reassign(state, id, command);
  });
}

/** @throws RuleViolated `due-missing`, `due-past`, `due-too-late` */
export function orderRectification(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: rectification.Order,
): Promise<Executed> {
  return onHazard(deps, context, id, (state, { campaign, occurredAt, now }) => {
    const ruleSet = ruleSetAt(campaign, now);
    const longest = state.grade ? ruleSet?.longestRectification[state.grade] : undefined;
    const proposed = state.track ? proposeDue(ruleSet, state.track, state.grade, townDay(now)) : undefined;
    return rectification.order(state, id, command, occurredAt, now, longest, proposed);
  });
}

/** Asks for a later due date. @throws RuleViolated `due-past`, `due-not-later`, `extension-pending` */
export function requestExtension(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { due: string; reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state, { now }) =>
    extensions.requestExtension(state, id, command, context.actor, now),
  );
}

/** Approves the date asked for, or another. @throws RuleViolated `no-extension-request`, `second-person-needed`, `higher-post-needed` */
export function approveExtension(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { due?: string | undefined; reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state, { now }) =>
    extensions.approveExtension(state, id, command, context.actor, now),
  );
}

/** The date in force stays. @throws RuleViolated `no-extension-request`, `second-person-needed`, `higher-post-needed` */
export function refuseExtension(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => extensions.refuseExtension(state, id, command, context.actor));
}

export function setInterimControl(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { measures: string; until?: string | undefined },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => rectification.setInterimControl(state, id, command));
}

/** The unit refuses the order (拒不整改). */
export function refuseOrder(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => limits.refuseOrder(state, id, command, context.actor.person));
}

/** An officer states that the town lacks the power or the capacity. */
export function stateLimit(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { limit: Limit; reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => limits.stateLimit(state, id, command, context.actor.person));
}

/** Danger is imminent (重大险情). */
export function declareDanger(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => limits.declareDanger(state, id, command, context.actor.person));
}

export function submitRectification(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { statement: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => rectification.submit(state, id, command, context.actor.person));
}

/** @throws RuleViolated `verifier-is-submitter` */
export function passVerification(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { basis: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => rectification.verify(state, id, command, context.actor.person));
}

/** @throws RuleViolated `verifier-is-submitter`, `due-missing`, `due-stays`, `due-past`, `due-too-late` */
export function rejectVerification(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string; due?: string | undefined },
): Promise<Executed> {
  return onHazard(deps, context, id, (state, { campaign, occurredAt, now }) =>
    rectification.reject(state, id, command, context.actor.person, {
      occurredAt,
      now,
      ruleSet: ruleSetAt(campaign, now),
    }),
  );
}

/** Signs off (销项). When it was the unit's last open hazard, the unit is listed in the same commit. */
export function signOffHazard(deps: StoreDeps, context: CommandContext, id: string): Promise<Executed> {
  return onHazard(deps, context, id, (state, { occurredAt }) =>
    rectification.signOff(state, id, occurredAt, context.actor.person),
  );
}

/** First of two persons: it is a duplicate of another, or no hazard at all. */
export function proposeClosure(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: closure.ClosureProposal,
): Promise<Executed> {
  return onHazard(
    deps,
    context,
    id,
    (state, { twin }) => closure.proposeClosure(state, id, command, context.actor.person, twin),
    () => command.of,
  );
}

/** Second of two persons. @throws RuleViolated `no-proposal`, `second-person-needed`, `duplicate-of-dismissed` */
export function confirmClosure(deps: StoreDeps, context: CommandContext, id: string): Promise<Executed> {
  return onHazard(
    deps,
    context,
    id,
    (state, { twin }) => closure.confirmClosure(state, id, context.actor.person, twin),
    (state) => state.proposal?.of,
  );
}

/** @throws RuleViolated `unit-closed`: nothing opens at a unit that has been closed */
export function unlinkDuplicate(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<Executed> {
  return onHazard(deps, context, id, (state) => closure.unlink(state, id, command, context.actor.person));
}

interface Moment {
  campaign: CampaignState;
  occurredAt: string;
  now: string;
  /** the hazard that stays, where the act links one as its duplicate */
  twin?: rules.HazardState | undefined;
}

function onHazard(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  decide: (state: rules.HazardState, moment: Moment) => Drafts,
  /** another hazard that the act is about and that must exist */
  twinOf: (state: rules.HazardState) => string | undefined = () => undefined,
): Promise<Executed> {
  return execute(deps, context, { category: 'hazard', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('hazard', id);
    const known = rules.requireHazard(state, id);
    const unit = await read('unit', known.unit);
    context.authorise?.({ campaign, track: known.track, hazard: { ...state, id }, unit: { ...unit, id: known.unit } });
    const other = twinOf(state);
    const twin = other === undefined ? undefined : await read('hazard', other);
    if (twin) rules.requireHazard(twin, other!);
    const now = context.now.toISOString();
    const drafts = decide(state, { campaign, occurredAt: context.occurredAt ?? now, now, twin });
    if (drafts.length > 0 && context.occurredAt !== undefined) {
      const what = `the hazard came to be ${known.status} then`;
      notBefore(claimOf(context), { at: known.statusSince, what });
    }
    const change = ledgerChange(id, drafts);
    if (change.opened.length > 0) requireActive(unit, known.unit);
    return new Map([on('hazard', id, drafts), on('unit', known.unit, ledgerOf(unit, change))]);
  });
}

/** What an act on one hazard means for its unit's ledger. */
function ledgerChange(id: string, drafts: Drafts): LedgerChange {
  const change: LedgerChange = { opened: [], recurred: [], signedOff: [], dismissed: [] };
  for (const draft of drafts) {
    if (draft.type === 'HazardSignedOff') change.signedOff.push(id);
    else if (draft.type === 'HazardLinkedAsDuplicate' || draft.type === 'HazardDismissed') change.dismissed.push(id);
    else if (draft.type === 'HazardUnlinked' && isOpen(draft.data.after)) change.opened.push(id);
  }
  return change;
}

// Commands on duties (应办事项). Doing a step may span streams: where the definition says so, an unmet rule is recorded as an inspection that
// found the clause broken, with its hazard and the unit's ledger, and a confirmed grade changes the unit's, all in the same commit.
import { own } from '../../own.ts';
import type { DutyDefinition } from '../../../events/duty-definition.ts';
import type { RiskGrade } from '../../../events/unit.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { workingDays } from '../calendar/working-days.ts';
import { leadOf, requireLaunched, requireOrganisation, ruleSetAt, type CampaignState } from '../campaign/campaign.ts';
import { NOTHING, type Drafts } from '../decider.ts';
import * as rules from '../duty/duty.ts';
import { owerOf } from '../duty/openings.ts';
import * as inspections from '../inspection/inspection.ts';
import { requireActive, requireTrack, type UnitState } from '../unit/unit.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  byOf,
  campaignOf,
  claimOf,
  digest,
  execute,
  newId,
  on,
  requireFreeId,
  type Bidden,
  type CommandContext,
  type Decision,
  type Executed,
  type Read,
  type StreamCache,
} from './execute.ts';
import { clockOrganisation, missesOf, remindsOf, standingRung } from './clock-command.ts';
import { observeAll } from './inspection.ts';
import { ledgerOf } from './ledger.ts';
import { townDay } from '../../town-time.ts';

/** The id of a duty that is opened by itself: made of what it is about. */
export function dutyId({
  definition,
  subject,
  period,
}: Pick<rules.Owing, 'definition' | 'subject' | 'period'>): string {
  const whole = [definition.duty, subject.id, ...(period === undefined ? [] : [period])].join(':');
  return whole.length <= 64 ? whole : `${definition.duty}:${digest(subject.id, period ?? '')}`;
}

/** Opens what is owed; nothing when it has been opened. */
export function openOwed(
  deps: StoreDeps,
  context: Omit<CommandContext, 'command' | 'request'>,
  owing: rules.Owing,
  session?: StreamCache,
): Promise<Executed> {
  const id = dutyId(owing);
  const command = `open:${id}`;
  return execute(
    deps,
    { ...context, command, request: command },
    { category: 'duty', id, made: true },
    async (read) => {
      const campaign = await campaignOf(deps, context.tenant, context.now);
      return new Map([on('duty', id, rules.openDuty(await read('duty', id), owing, openingBy(context, campaign)))]);
    },
    session,
  );
}

const openingBy = ({ actor, now }: Pick<CommandContext, 'actor' | 'now'>, campaign: CampaignState) => ({
  person: actor.person,
  now: now.toISOString(),
  calendar: workingDays(ruleSetAt(campaign, now.toISOString())?.calendar),
});

/** An event does a step of a duty that is open; nothing when there is no such duty, or it asks for no such step. */
export function fulfilOwed(
  deps: StoreDeps,
  context: Omit<CommandContext, 'command' | 'request'>,
  owing: rules.Owing,
  type: string,
  event: string,
): Promise<Executed> {
  const id = dutyId(owing);
  const command = `fulfil:${event}`;
  return execute(deps, { ...context, command, request: command }, { category: 'duty', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('duty', id);
    if (state.status === null) return new Map();
    const definition = rules.definitionIn(campaign.duties, rules.requireDuty(state, id));
    return new Map([
      on('duty', id, rules.fulfilStep(state, id, type, { ...openingBy(context, campaign), definition })),
    ]);
  });
}

/** Nobody owes it: the lead of its track is reminded, or the office. */
export const remindDuty = remindsOf('duty', async ({ deps, clock, read, id, seen: { due, rung } }) => {
  const known = rules.requireDuty(await read('duty', id), id);
  if (!rules.isDutyAwaited(known) || known.due !== due) return NOTHING;
  const { track, unit, stage, dueSetAt } = known;
  const campaign = await campaignOf(deps, clock.tenant, clock.now);
  const organisation =
    known.organisation ?? (track === null ? await clockOrganisation(deps, clock) : leadOf(campaign, track));
  const reminding = await standingRung(deps, clock, read, rung, {
    ladder: 'dutyLadder',
    due,
    setAt: dueSetAt,
    stage,
    organisation,
    more: async () => ({
      ...(track === null ? {} : { track }),
      ...(unit === null ? {} : { unit: await read('unit', unit) }),
    }),
  });
  return reminding ? rules.remindOfDuty(known, id, reminding) : NOTHING;
});

export const noticeDutyMissed = missesOf('duty', async ({ clock, read, id, seen: { due } }) =>
  rules.missDuty(await read('duty', id), id, due, clock.now.toISOString()),
);

export interface OpenByHand {
  id?: string | undefined;
  duty: string;
  name?: string | undefined;
  unit?: string | undefined;
  area?: string | undefined;
  organisation?: string | undefined;
}

/** @throws RuleViolated `unknown-definition`, `opens-by-itself`, `subject-missing`, `duty-exists`; as for units and organisations */
export async function openByHand(
  deps: StoreDeps,
  context: CommandContext,
  command: OpenByHand,
): Promise<Executed & { id: string }> {
  const id = requireFreeId(command.id, 'd', newId('d', context.tenant, context.command));
  const primary = { category: 'duty', id, made: command.id === undefined } as const;
  const executed = await execute(deps, context, primary, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    requireLaunched(campaign);
    const definition = requireByHand(campaign, command.duty);
    const unit = command.unit === undefined ? undefined : await read('unit', command.unit);
    const area = unit?.details?.area ?? command.area;
    const subject = subjectOf(campaign, definition, command, id);
    const ower = owerOf(campaign, definition, { id: subject.id, unit, area }, townDay(context.now));
    context.authorise?.({
      campaign,
      ...(unit ? { unit: { ...unit, id: command.unit! } } : {}),
      ...(definition.track ? { track: definition.track } : {}),
      duty: { organisation: ower.organisation, area: area ?? null },
    });
    if (unit) {
      const details = requireActive(unit, command.unit!);
      if (definition.track) requireTrack(details, definition.track, command.unit!);
    }
    const state = await read('duty', id);
    if (state.status !== null) {
      throw new RuleViolated('duty-exists', `there is a duty ${id}`, { field: 'id', expected: 'another id, or none' });
    }
    const owing = { definition, subject, unit: command.unit, ...(area ? { area } : {}), ...ower };
    return new Map([on('duty', id, rules.openDuty(state, owing, openingBy(context, campaign)))]);
  });
  return { ...executed, id };
}

function requireByHand({ duties }: CampaignState, name: string): DutyDefinition {
  const definition = duties.get(name)?.at(-1);
  const byHand = [...duties.values()].map((versions) => versions.at(-1)!).filter(({ opens }) => opens.by === 'hand');
  const expected = `one of ${byHand.map(({ duty }) => duty).join(', ') || 'none: no definition opens by hand'}`;
  if (!definition)
    throw new RuleViolated('unknown-definition', `there is no duty ${name}`, { field: 'duty', expected });
  if (definition.opens.by === 'hand') return definition;
  throw new RuleViolated('opens-by-itself', `${name} is opened by ${definition.opens.by}`, { field: 'duty', expected });
}

function subjectOf(
  campaign: CampaignState,
  { subject, duty }: DutyDefinition,
  { name, unit, area, organisation }: OpenByHand,
  id: string,
): rules.Owing['subject'] {
  const needed = <T>(field: string, value: T | undefined): T => {
    if (value !== undefined) return value;
    throw new RuleViolated('subject-missing', `${duty} is about: ${subject}`, {
      field,
      expected: `the ${field} that it is about`,
    });
  };
  if (area !== undefined) requireOrganisation(campaign, area, 'area', 'village');
  if (organisation !== undefined) requireOrganisation(campaign, organisation, 'organisation');
  switch (subject) {
    case 'unit':
      return { kind: subject, id: needed('unit', unit) };
    case 'area':
      return { kind: subject, id: needed('area', area) };
    case 'organisation':
      return { kind: subject, id: needed('organisation', organisation) };
    case 'town':
      return { kind: subject, id: 'town' };
    case 'matter':
      return { kind: subject, id, name: needed('name', name) };
  }
}

/** What is decided about one duty, and what it means for its unit. */
export function onDuty(deps: StoreDeps, context: CommandContext, { id, decide }: Bidden): Promise<Executed> {
  return execute(deps, context, { category: 'duty', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('duty', id);
    const known = rules.requireDuty(state, id);
    const unit = known.unit === null ? undefined : await read('unit', known.unit);
    context.authorise?.({
      campaign,
      ...(unit ? { unit: { ...unit, id: known.unit! } } : {}),
      ...(known.track ? { track: known.track } : {}),
      duty: { organisation: known.organisation, area: known.area },
    });
    const drafts = decide(state, byOf(context, campaign));
    const decision: Decision = new Map([on('duty', id, drafts)]);
    if (unit) await withUnit(context, read, { campaign, known, unit, id, drafts }, decision);
    return decision;
  });
}

interface AtUnit {
  campaign: CampaignState;
  known: rules.KnownDuty;
  unit: UnitState;
  id: string;
  drafts: Drafts;
}

/** What an act on a duty does at its unit: a hazard found, a grade set. */
async function withUnit(
  context: CommandContext,
  read: Read,
  { campaign, known, unit, id, drafts }: AtUnit,
  decision: Decision,
): Promise<void> {
  const definition = rules.definitionIn(campaign.duties, known);
  const unitId = known.unit!;
  for (const draft of drafts) {
    if (draft.type === 'StepConfirmed') {
      const step = definition.steps.find(({ step: name }) => name === draft.data.step)!;
      const to = step.grades === undefined ? undefined : own(known.steps.get(step.step)!.values, step.grades);
      if (to === undefined || to === unit.riskGrade) continue;
      requireActive(unit, unitId);
      const basis = `${definition.name}（${id}）`;
      decision.set(`unit/${unitId}`, [
        { type: 'RiskGraded', data: { from: unit.riskGrade, to: to as RiskGrade, basis } },
      ]);
    }
    if (draft.type !== 'StepDone' || draft.data.unmet.length === 0) continue;
    const step = definition.steps.find(({ step: name }) => name === draft.data.step)!;
    if (step.hazard === undefined || !definition.track) continue;
    await found(
      context,
      read,
      {
        campaign,
        unit,
        unitId,
        track: definition.track,
        clause: step.hazard,
        item: step.step,
        text: draft.data.unmet.join('；'),
      },
      decision,
    );
  }
}

interface Broken {
  campaign: CampaignState;
  unit: UnitState;
  unitId: string;
  track: NonNullable<DutyDefinition['track']>;
  clause: string;
  item: string;
  text: string;
}

/** Whoever saw that the rule is unmet has looked at the unit: an inspection, with its hazard. */
async function found(
  context: CommandContext,
  read: Read,
  { campaign, unit, unitId, track, clause, item, text }: Broken,
  decision: Decision,
): Promise<void> {
  requireTrack(requireActive(unit, unitId), track, unitId);
  const inspection = newId('i', context.tenant, context.command);
  const occurredAt = context.occurredAt ?? context.now.toISOString();
  const answers = [{ item, clause, answer: 'problem' as const, text }];
  const record = { unit: unitId, mode: 'routine' as const, inspectors: [context.actor.person], answers };
  const seen = await observeAll(
    read,
    {
      ...record,
      track,
      id: inspection,
      occurredAt,
      source: context.source,
      claim: claimOf(context),
      lead: leadOf(campaign, track),
      area: unit.details?.area,
    },
    {},
  );
  const state = await read('inspection', inspection);
  const drafts = inspections.record(state, record, seen.findings).map((draft) => ({ ...draft, unit: unitId, track }));
  decision.set(`inspection/${inspection}`, drafts);
  for (const [hazard, entry] of seen.hazards) decision.set(`hazard/${hazard}`, entry.drafts);
  const ledger = ledgerOf(unit, seen.ledger, seen.again);
  if (ledger.length > 0) decision.set(`unit/${unitId}`, ledger);
}

// Queries answered from the streams themselves, always fresh: one hazard, one inspection, the campaign, an event's position.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { streamKey, type Category } from '../../../events/envelope.ts';
import type { DutyEvent } from '../../../events/duty.ts';
import type { EscalationEvent, EscalationStatus } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import type { InspectionEvent } from '../../../events/inspection.ts';
import { escalationId } from '../../../shared/rules/perform/escalation.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { loadState, readStream } from '../../../shared/rules/perform/execute.ts';
import { ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { corrected, type CorrectedField } from '../../../shared/rules/corrections.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { duty, requireDuty, type KnownDuty } from '../../../shared/rules/duty/duty.ts';
import { escalation, requireEscalation } from '../../../shared/rules/escalation/escalation.ts';
import type { Command } from '../../../shared/rules/command.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import {
  hazard,
  needsAnother,
  nextActs,
  requireHazard,
  shownHazard,
  type HazardAct,
} from '../../../shared/rules/hazard/hazard.ts';
import { inspection } from '../../../shared/rules/inspection/inspection.ts';
import { proposeDue } from '../../../shared/rules/reminder/ladder.ts';
import { dueAfterRejection } from '../../../shared/rules/hazard/rectification.ts';
import { isAwaited } from '../../../shared/rules/reminder/reminder.ts';
import { requireUnit } from '../../../shared/rules/unit/unit.ts';
import { NotFound } from '../../../events/errors.ts';
import { requireLogged } from '../../../shared/record/log/leaves.ts';
import { getCommits } from '../../../shared/record/store/store.ts';
import { positionOf, positionsOf } from '../../../shared/record/log/positions.ts';
import { EventAltered } from '../../../shared/record/log/read.ts';
import type { HttpAnswer, ApiDeps, ApiCall, TypedHandlers } from '../handler-types.ts';
import { authorise, mayDo, requireRole, type Action, type PermissionSubject } from '../permissions.ts';
import type { DueDate } from '../routes/hazards.ts';
import type { StoredEvent } from '../routes/history.ts';
import { townDay } from '../../../shared/town-time.ts';

export const streamHandlers = {
  getHazard: async (deps, call) => {
    const { id } = call.params;
    const history = await historyOf(deps, call, 'hazard', id);
    const facts = corrected(history.map(({ event }) => event as HazardEvent));
    // as corrections put it right: they touch words, never the life of the hazard
    const events = facts.map(({ event }) => event);
    const state = foldAll(hazard, events);
    const known = requireHazard(state, id);
    const { name, ...about } = await readAboutUnit(deps, call, known.unit);
    const subject: PermissionSubject = { ...about, hazard: { ...known, id } };
    call.authorise(subject);
    const may = (action: Action, act: HazardAct): boolean =>
      mayDo(call.principal, action, subject) && !needsAnother(state, act, call.principal);
    const { track, grade } = known;
    const now = call.now.toISOString();
    const allowed = nextActs(state);
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const rules = ruleSetAt(campaign, now);
    const proposed = allowed.includes('order') ? proposeDue(rules, track, grade, townDay(now)) : undefined;
    return ok({
      ...shownHazard(known),
      unitName: name,
      allowed: allowedActs(hazardCommands, allowed, id, may),
      dueDates: events.flatMap(dueDateOf),
      proposedDue: proposed ?? null,
      rejectionDue: dueAfterRejection(known, rules, now) ?? null,
      escalation: await caseOf(deps, known.openedBy),
      overdue: isAwaited(known) && known.due < now,
      text: lastSaid(events, 'text'),
      place: lastSaid(events, 'place'),
      events: history.map((one, n) => shown(one, facts[n]!.corrections)),
    });
  },

  getInspection: async (deps, call) => {
    const { id } = call.params;
    const history = await historyOf(deps, call, 'inspection', id);
    const recorded = history.map(({ event }) => event as InspectionEvent);
    const subject = await inspectionSubject(deps, call, id, recorded);
    call.authorise(subject);
    const facts = corrected(recorded);
    const { status, plannedFor } = foldAll(
      inspection,
      facts.map(({ event }) => event),
    );
    return ok({
      id,
      status: status as Exclude<typeof status, 'none'>,
      plannedFor,
      unit: subject.unit.id,
      track: subject.track!,
      events: history.map((one, n) => shown(one, facts[n]!.corrections)),
    });
  },

  getCampaign: async (deps, call) => {
    const { definition, ruleSets, targets } = await loadCampaign(deps.store, deps.tenant, call.now);
    return ok({ definition, ruleSets, targets: [...targets.values()] });
  },

  listChecklists: async (deps, call) => {
    const { track } = call.query;
    const { checklists } = await loadCampaign(deps.store, deps.tenant, call.now);
    const items = [...checklists.values()].flat();
    return ok({ items: track === undefined ? items : items.filter((checklist) => checklist.track === track) });
  },

  getPosition: async (deps, call) => {
    const { stream, version } = call.query;
    const [category, id] = stream.split('/') as [Category, string];
    await authoriseStream(deps, call, category, id);
    const position = await positionOf(deps.views, streamKey(deps.tenant, category, id), version);
    return ok({ stream, version, position: position ?? null });
  },
} satisfies TypedHandlers;

/** What may be done next, as an answer lists it: by which route, and whether by the caller. */
export function allowedActs<Act extends string>(
  commands: object,
  acts: readonly Act[],
  id: string,
  may: (action: Action, act: Act) => boolean,
): { act: Act; path: string; may: boolean }[] {
  return acts.map((act) => {
    const { path, action } = Object.values(commands as Record<string, Command>).find((command) =>
      command.acts.includes(act),
    )!;
    return { act, path: path.replace('{id}', id), may: may(action as Action, act) };
  });
}

/** As what a stream is read: who may not read it there learns nothing of it by its positions either. */
export const READ_AS = {
  campaign: 'read.campaign',
  roster: 'read.roster',
  person: 'read.directory',
  unit: 'read.units',
  inspection: 'read.inspections',
  hazard: 'read.hazards',
  escalation: 'read.escalations',
  report: 'read.reports',
  duty: 'read.duties',
  delivery: 'read.deliveries',
  index: 'read.log',
  proposal: 'read.proposals',
} as const satisfies Record<Category, Action>;

/** Whether the caller may read the stream, asked as its own route asks. @throws Forbidden, NotFound as there */
export async function authoriseStream(deps: ApiDeps, call: ApiCall, category: Category, id: string): Promise<void> {
  const action = READ_AS[category];
  requireRole(call.principal, action);
  const stored = await readStream(deps.store, deps.tenant, category, id);
  const events = stored.map(({ event }) => event);
  const of = async (unitId: string): Promise<PermissionSubject> => readAboutUnit(deps, call, unitId);
  const subject = async (): Promise<PermissionSubject> => {
    if (category === 'unit') return of(id);
    if (category === 'inspection') return inspectionSubject(deps, call, id, events);
    if (category === 'hazard') {
      const known = requireHazard(foldAll(hazard, events as HazardEvent[]), id);
      return { ...(await of(known.unit)), hazard: { ...known, id } };
    }
    if (category === 'escalation') {
      const known = requireEscalation(foldAll(escalation, events as EscalationEvent[]), id);
      return { ...(await of(known.unit)), hazard: { ...known, id: known.hazard }, escalation: { id, to: known.to } };
    }
    if (category === 'duty') {
      const known = requireDuty(foldAll(duty, events as DutyEvent[]), id);
      return aboutDuty(deps, call, known);
    }
    // the others are read by those who read all of the town
    return {};
  };
  authorise(call.principal, action, await subject());
}

/** What the permission table needs of an inspection. @throws NotFound when there is none */
async function inspectionSubject(
  deps: ApiDeps,
  call: ApiCall,
  id: string,
  events: readonly DaochaEvent[],
): Promise<PermissionSubject & { unit: { id: string } }> {
  const unitId = events.at(-1)?.unit;
  if (!unitId) {
    throw new NotFound('unknown-inspection', `there is no inspection ${id}`, {
      field: 'inspection',
      expected: 'the id of a planned or recorded inspection',
    });
  }
  const track = events.find((event) => event.track)?.track;
  return { ...(await readAboutUnit(deps, call, unitId)), track };
}

/** What the permission table needs of a duty. */
export async function aboutDuty(
  deps: ApiDeps,
  call: ApiCall,
  { unit: at, track, organisation, area }: Pick<KnownDuty, 'unit' | 'track' | 'organisation' | 'area'>,
): Promise<PermissionSubject> {
  const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
  const unitPart = at === null ? { campaign: campaign.definition ?? undefined } : await readAboutUnit(deps, call, at);
  return { ...unitPart, duty: { organisation, area }, ...(track ? { track } : {}) };
}

/** An event as stored, with what was corrected in it, and its position once it has one. */
export function shown(
  { event, position }: { event: DaochaEvent; position: number | undefined },
  corrections: CorrectedField[] = [],
): StoredEvent {
  return {
    ...event,
    ...(corrections.length === 0 ? {} : { corrected: corrections }),
    ...(position === undefined ? {} : { position }),
  };
}

/** The case of a hazard's present cycle with the district, if it has one: one read of a stream whose id follows from the cycle's. */
async function caseOf(
  deps: ApiDeps,
  openedBy: string,
): Promise<{ id: string; status: EscalationStatus; to: string } | null> {
  const id = escalationId(openedBy);
  const { status, to } = await loadState(deps.store, deps.tenant, 'escalation', id);
  return status === null ? null : { id, status, to: to! };
}

/** What was last said of the hazard. */
function lastSaid(events: readonly HazardEvent[], field: 'text' | 'place'): string | null {
  const said = (event: HazardEvent): string | undefined => (event.data as { text?: string; place?: string })[field];
  const last = events.findLast((event) => said(event) !== undefined);
  return (last && said(last)) ?? null;
}

export const ok = <Body>(body: Body): HttpAnswer<Body> => ({ status: 200, body });

/**
 * A stream's events with their positions, as they came into the log and no others: one query, and the leaf hashes behind them.
 * @throws EventAltered when one is gone or another than it was
 */
export async function historyOf(
  deps: ApiDeps,
  call: ApiCall,
  category: Category,
  id: string,
): Promise<{ event: DaochaEvent; position: number | undefined }[]> {
  const stream = streamKey(deps.tenant, category, id);
  const stored = await readStream(deps.store, deps.tenant, category, id);
  const about = stored.at(-1)?.event.unit;
  if (about !== undefined) call.reads(about);
  const firsts = await positionsOf(deps.views, stream);
  const placed = stored.map(({ event, commit }) => {
    const first = firsts.get(commit.version);
    const nth = event.version - commit.version;
    return { event, commit, bytes: commit.events[nth]!, position: first === undefined ? undefined : first + nth };
  });
  const there = new Set(stored.map(({ commit }) => commit.version));
  for (const [version, position] of firsts) {
    if (there.has(version)) continue;
    const [appended] = await getCommits(deps.store, [{ stream, version }]); // since the stream was read
    if (!appended) throw new EventAltered(position, { stream, version }, 'the event is no longer there');
  }
  await requireLogged(
    deps.views,
    placed.flatMap(({ position, commit, bytes }) => (position === undefined ? [] : [{ position, commit, bytes }])),
  );
  return placed.map(({ event, position }) => ({ event, position }));
}

/** The due date that an event set, if it set one: by an order, an extension, or a rejection after the date. */
export function dueDateOf(event: HazardEvent): DueDate[] {
  const set = { orderedAt: event.occurredAt, by: event.actor.person, event: event.id };
  if (event.type === 'RectificationOrdered') {
    const { due, authority } = event.data;
    return [{ due, kind: 'order', ...set, authority }];
  }
  if (event.type === 'VerificationRejected' && event.data.due !== undefined) {
    const { due, previousDue, reason } = event.data;
    return [{ due, kind: 'rejection', ...set, previousDue, reason }];
  }
  if (event.type !== 'ExtensionApproved') return [];
  const { due, previousDue, reason, requestedBy } = event.data;
  return [{ due, kind: 'extension', ...set, previousDue, reason, requestedBy }];
}

/** What the permission table needs of the unit that something is about, read from its stream, and the unit's name. @throws NotFound */
export async function readAboutUnit(
  deps: ApiDeps,
  call: ApiCall,
  id: string,
): Promise<PermissionSubject & { name: string; unit: { id: string } }> {
  const [campaign, state] = await Promise.all([
    loadCampaign(deps.store, deps.tenant, call.now),
    loadState(deps.store, deps.tenant, 'unit', id),
  ]);
  const { name, area, tracks } = requireUnit(state, id);
  return { campaign: campaign.definition ?? undefined, unit: { id, area, tracks }, name };
}

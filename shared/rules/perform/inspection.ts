// Commands on inspections. Recording one is the command that spans streams: the inspection with every answer, each hazard that it
// found, saw again or saw come back, and the unit, whose place on the sign-off list changes in the same commit.
import type { Evidence, Track } from '../../../events/envelope.ts';
import { isOpen } from '../../../events/hazard.ts';
import type { Answer, Finding } from '../../../events/inspection.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { leadOf, requireLaunched, requirePublished, type CampaignState } from '../campaign/campaign.ts';
import { notBefore, type Claim } from '../claimed-time.ts';
import type { Drafts } from '../decider.ts';
import * as finding from '../hazard/finding.ts';
import * as rectification from '../hazard/rectification.ts';
import * as rules from '../inspection/inspection.ts';
import { requireActive, requireTrack, type LedgerChange, type UnitState } from '../unit/unit.ts';
import { hazard as hazardFold, type HazardState } from '../hazard/hazard.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { HazardGrade } from '../../../events/inspection.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  campaignOf,
  claimOf,
  execute,
  hazardId,
  newId,
  on,
  requireFreeId,
  type CommandContext,
  type Read,
  type StreamCache,
} from './execute.ts';
import { clauseRead } from '../../text.ts';
import type { ImportedClose } from './import-command.ts';
import { ledgerOf } from './ledger.ts';
import type { ExecutedOn } from './unit.ts';

/** Plans an inspection at a unit. */
export async function planInspection(
  deps: StoreDeps,
  context: CommandContext,
  command: rules.Plan & { id?: string | undefined; unit: string; track: Track },
): Promise<ExecutedOn> {
  const id = requireFreeId(command.id, 'i', newId('i', context.tenant, context.command));
  const { unit, track, id: chosen, ...plan } = command;
  const primary = { category: 'inspection', id, made: chosen === undefined } as const;
  const executed = await execute(deps, context, primary, async (read) => {
    const { state, campaign } = await subject(deps, context, read, id, unit, track);
    if (plan.template) requirePublished(campaign, plan.template);
    return new Map([on('inspection', id, at(rules.plan(state, plan, unit), unit, track))]);
  });
  return { ...executed, id };
}

/** A planned inspection did not take place: the omission is a fact on record. */
export async function missInspection(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<ExecutedOn> {
  const executed = await execute(deps, context, { category: 'inspection', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('inspection', id);
    const unit = rules.requireInspection(state, id);
    context.authorise?.({ campaign, inspection: { ...state, id }, unit: { ...(await read('unit', unit)), id: unit } });
    return new Map([on('inspection', id, at(rules.missInspection(state, command), unit))]);
  });
  return { ...executed, id };
}

export interface RecordInspection extends rules.Record {
  /** the planned inspection this is, or an id of one's own; made from the command when absent */
  id?: string | undefined;
  track: Track;
}

/** What else an imported visit tells: grades, hazards that were rectified on the spot or shown gone. */
export interface VisitExtras {
  grades?: Map<string, { grade: HazardGrade; basis: string }>;
  closes?: ImportedClose[];
}

/**
 * Records an inspection with every answer (“no problem” too). Each clause answered “problem” is a new hazard, one that persists, or one
 * that came back; in the last case the unit leaves the sign-off list in the same commit.
 * @throws NotFound `unknown-unit`; RuleViolated `unit-closed`, `unit-not-in-track`, `wrong-transition`; TooLarge
 */
export async function recordInspection(
  deps: StoreDeps,
  context: CommandContext,
  command: RecordInspection,
  session?: StreamCache,
  extras: VisitExtras = {},
): Promise<ExecutedOn & { findings: Finding[] }> {
  const id = requireFreeId(command.id, 'i', newId('i', context.tenant, context.command));
  const { unit, track } = command;
  const occurredAt = context.occurredAt ?? context.now.toISOString();
  const executed = await execute(
    deps,
    context,
    { category: 'inspection', id, made: command.id === undefined },
    async (read) => {
      const { state, lead, unitState, campaign } = await subject(deps, context, read, id, unit, track);
      const claim = context.source === 'import' ? undefined : claimOf(context);
      const published = command.template && requirePublished(campaign, command.template);
      if (claim && context.occurredAt !== undefined) requirePlausible(claim, unitState, published);
      const area = unitState.details?.area;
      const seen = await observeAll(
        read,
        { ...command, id, occurredAt, source: context.source, claim, lead, area },
        extras,
      );
      const files = filesOf(context, command.answers, seen.findings);
      await closeAll(read, context, seen, unit, track, occurredAt, extras.closes ?? []);
      return new Map([
        on('inspection', id, at(rules.record(state, command, seen.findings), unit, track)),
        ...[...seen.hazards].map(([hazard, { drafts }]) => on('hazard', hazard, shownBy(files.get(hazard), drafts))),
        on('unit', unit, shownBy(files.size > 0 ? [] : undefined, ledgerOf(unitState, seen.ledger, seen.again))),
      ]);
    },
    session,
  );
  return { ...executed, id, findings: findingsOf(executed.events) };
}

/** Nothing was inspected at a unit before it was registered, or by a checklist before it was published; unless somebody says how. */
function requirePlausible(claim: Claim, unit: UnitState, published: string | undefined): void {
  if (unit.registeredAt) notBefore(claim, { at: unit.registeredAt, what: 'the unit was registered', askable: true });
  if (published) notBefore(claim, { at: published, what: 'the checklist was published', askable: true });
}

/**
 * Whose evidence is whose: once any answer names its own, each hazard carries what its answers name, and the unit nothing. Empty when none
 * does; then every event carries all of it.
 * @throws InvalidInput `answers[n].evidence`
 */
function filesOf(
  { evidence = [] }: CommandContext,
  answers: readonly Answer[],
  findings: readonly Finding[],
): Map<string, Evidence[]> {
  for (const [n, answer] of answers.entries()) {
    const unknown = answer.evidence?.find((sha256) => !evidence.some((file) => file.sha256 === sha256));
    if (unknown === undefined) continue;
    throw new InvalidInput(`answer ${n + 1} names the file ${unknown}, which the inspection does not`, {
      field: `answers[${n}].evidence`,
      expected: 'hashes of files in `evidence`',
    });
  }
  if (!answers.some((answer) => answer.evidence)) return new Map();
  return new Map(
    findings.map(({ hazard, clause }) => {
      const named = new Set(
        answers.flatMap((answer) => (clauseRead(answer.clause) === clauseRead(clause) ? (answer.evidence ?? []) : [])),
      );
      return [hazard, evidence.filter(({ sha256 }) => named.has(sha256))];
    }),
  );
}

/** Drafts with evidence of their own; undefined leaves them what the command has. */
const shownBy = (files: Evidence[] | undefined, drafts: Drafts): Drafts =>
  files === undefined ? drafts : drafts.map((draft) => ({ ...draft, evidence: files }));

/** The findings that an inspection put on record. */
export function findingsOf(events: readonly DaochaEvent[]): Finding[] {
  return events.flatMap((event) => (event.type === 'InspectionRecorded' ? event.data.findings : []));
}

/** Hazards changed within one decision: what happens to each, and the state after it. */
export interface Changed {
  findings: Finding[];
  hazards: Map<string, { state: HazardState; drafts: Drafts }>;
  ledger: LedgerChange;
  /** hazards signed off that were seen after it, and when: they are open again */
  again: { hazard: string; at: string }[];
}

export function nothingChanged(): Changed {
  return {
    findings: [],
    hazards: new Map(),
    ledger: { opened: [], recurred: [], signedOff: [], dismissed: [] },
    again: [],
  };
}

/** What clauses answered “problem” mean for the unit's hazards. */
export async function observeAll(
  read: Read,
  command: RecordInspection & {
    id: string;
    occurredAt: string;
    source: DaochaEvent['source'];
    claim: Claim | undefined;
    lead: string;
    area: string | undefined;
  },
  extras: VisitExtras,
): Promise<Changed> {
  const changed = nothingChanged();
  const { unit, track, id: inspection, occurredAt, source, claim, lead, area } = command;
  const found = rules.problems(command.answers);
  const ids = await hazardsOf(
    (id) => read('hazard', id),
    await read('unit', unit),
    { unit, track },
    found.map(({ clause }) => clause),
  );
  const states = await Promise.all(ids.map((id) => read('hazard', id)));
  for (const [index, answer] of found.entries()) {
    const id = ids[index]!;
    const { item, clause, text, place, raw } = answer;
    const twin = states[index]!.status === 'duplicate' ? states[index]!.proposal?.of : undefined;
    const twinStatus = twin ? (await read('hazard', twin)).status : null;
    const twinOpen = twinStatus !== null && isOpen(twinStatus);
    const about = { id, unit, track, clause, inspection, item, text, place, raw, lead, area, twinOpen };
    const sighting = { ...about, occurredAt, claim };
    const { outcome, drafts } = finding.observe(states[index]!, sighting);
    const entry = { state: evolveAll(states[index]!, drafts, id, { occurredAt, source }), drafts: [...drafts] };
    changed.hazards.set(id, entry);
    changed.findings.push({ item, clause, hazard: id, outcome });
    if (outcome === 'found' || outcome === 'recurred') changed.ledger.opened.push(id);
    if (outcome === 'recurred') changed.ledger.recurred.push(id);
    const graded = extras.grades?.get(clauseRead(clause));
    if (graded && outcome !== 'late')
      push(entry, rectification.grade(entry.state, id, graded), id, { occurredAt, source });
  }
  return changed;
}

/**
 * The hazards that clauses are at a unit. One that was recorded under another spelling is the same: where none has the id that is made of how
 * the clause reads, those on record here are looked through.
 */
export async function hazardsOf(
  hazardAt: (id: string) => Promise<HazardState>,
  { hazards }: Pick<UnitState, 'hazards'>,
  where: { unit: string; track: Track },
  clauses: readonly string[],
): Promise<string[]> {
  const made = clauses.map((clause) => hazardId(where.unit, where.track, clause));
  if (made.every((id) => hazards.includes(id))) return made;
  const spelt = new Map<string, string>();
  const known = await Promise.all(hazards.map((id) => hazardAt(id)));
  for (const [n, { clause, track }] of known.entries())
    if (clause !== null && track === where.track) spelt.set(clauseRead(clause), hazards[n]!);
  return clauses.map((clause, n) =>
    hazards.includes(made[n]!) ? made[n]! : (spelt.get(clauseRead(clause)) ?? made[n]!),
  );
}

/** Closes hazards that a register shows gone, after whatever the same visit found. */
export async function closeAll(
  read: Read,
  context: CommandContext,
  changed: Changed,
  unit: string,
  track: Track,
  occurredAt: string,
  closes: readonly ImportedClose[],
): Promise<void> {
  const ids = await hazardsOf(
    (id) => read('hazard', id),
    await read('unit', unit),
    { unit, track },
    closes.map(({ clause }) => clause),
  );
  const loaded = await Promise.all(ids.map((id) => read('hazard', id)));
  for (const [index, { basis, inspection }] of closes.entries()) {
    const id = ids[index]!;
    const entry = changed.hazards.get(id) ?? { state: loaded[index]!, drafts: [] };
    const drafts = rectification.closeAsDerived(
      entry.state,
      id,
      { basis, occurredAt, inspection },
      context.actor.person,
    );
    if (drafts.length === 0) continue;
    push(entry, drafts, id, { occurredAt, source: context.source });
    changed.hazards.set(id, entry);
    changed.ledger.signedOff.push(id);
    const back = drafts.find(({ type }) => type === 'RecurrenceFound');
    if (back) changed.again.push({ hazard: id, at: back.occurredAt! });
  }
}

type Made = Pick<DaochaEvent, 'occurredAt' | 'source'>;

function push(entry: { state: HazardState; drafts: Drafts }, drafts: Drafts, id: string, made: Made): void {
  entry.drafts.push(...drafts);
  entry.state = evolveAll(entry.state, drafts, id, made);
}

/** The state after drafts that are not recorded yet: only what the next decision of the same command asks for. */
function evolveAll(state: HazardState, drafts: Drafts, id: string, { occurredAt, source }: Made): HazardState {
  return drafts.reduce(
    (now, draft) =>
      hazardFold.evolve(now, {
        id: `hazard/${id}/draft`,
        stream: `draft#hazard#${id}`,
        version: now.version + 1,
        source,
        occurredAt,
        recordedAt: occurredAt,
        actor: { person: '', post: '', organisation: '' },
        ...draft,
      } as never),
    state,
  );
}

async function subject(
  deps: StoreDeps,
  context: CommandContext,
  read: Read,
  id: string,
  unit: string,
  track: Track,
): Promise<{ state: rules.InspectionState; unitState: UnitState; lead: string; campaign: CampaignState }> {
  const campaign = await campaignOf(deps, context.tenant, context.now);
  requireLaunched(campaign);
  const [state, unitState] = await Promise.all([read('inspection', id), read('unit', unit)]);
  const details = requireActive(unitState, unit);
  context.authorise?.({ campaign, track, unit: { ...unitState, id: unit }, inspection: { ...state, id } });
  const lead = leadOf(campaign, track);
  requireTrack(details, track, unit);
  return { state, unitState, lead, campaign };
}

function at(drafts: Drafts, unit: string, track?: Track): Drafts {
  return drafts.map((draft) => ({ ...draft, unit, ...(track ? { track } : {}) }));
}

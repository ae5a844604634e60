// Imported history goes through the same deciders as live commands; what a register does not say but shows is recorded and marked as
// derived, with file, rows and rule. Command ids are made from the rows, so a file imported twice adds nothing.
import type { UnitEvent } from '../../../events/unit.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { parseStreamKey, streamKey } from '../../../events/envelope.ts';
import type { Finding } from '../../../events/inspection.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { foldAll } from '../decider.ts';
import { hazard as hazardFold } from '../hazard/hazard.ts';
import { unclosed, type Unclosed } from '../hazard/rectification.ts';
import { requireLaunched } from '../campaign/campaign.ts';
import { requireUnit, unit as unitFold } from '../unit/unit.ts';
import { InvalidInput } from '../../../events/errors.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { clauseRead } from '../../text.ts';
import { EARLIEST } from '../../town-time.ts';
import {
  campaignOf,
  execute,
  on,
  readStream,
  type CommandContext,
  type Executed,
  type StreamCache,
} from './execute.ts';
import type { ImportedCommand } from './import-command.ts';
import { closeAll, hazardsOf, nothingChanged, recordInspection } from './inspection.ts';
import { ledgerOf } from './ledger.ts';
import type { Alike } from './unit-names.ts';
import { registerUnit } from './unit.ts';

export interface Imported extends Executed {
  /** units on record that a unit reads like */
  similar?: Alike[];
  /** `signedOffAt`: of a finding seen before a sign-off that is on record, and of a recurrence at the very time of one */
  outcomes: (Pick<Finding, 'clause' | 'hazard' | 'outcome'> & { signedOffAt?: string })[];
  /** clauses whose hazard was signed off by this command, and is not open again */
  signedOff: string[];
  /** clauses that it should have signed off and did not */
  unclosed: { clause: string; hazard: string; why: Unclosed; at?: string }[];
}

/**
 * Carries out one imported command. Commands of one unit share a `session` and are sent in order.
 * @param context its `command`, `occurredAt` and `derived` are set from the import command
 */
export async function importCommand(
  deps: StoreDeps,
  context: CommandContext,
  origin: { source: string; file: string },
  command: ImportedCommand,
  session: StreamCache,
): Promise<Imported> {
  if (command.occurredAt < EARLIEST) {
    throw new InvalidInput(`occurredAt ${command.occurredAt} is before 2000-01-01, in town time`, {
      field: 'occurredAt',
      expected: `not earlier than ${EARLIEST}`,
    });
  }
  const own: CommandContext = {
    ...context,
    command: command.command,
    occurredAt: command.occurredAt,
    derived: { source: origin.source, file: origin.file, ...command.derived },
  };
  const executed = await carryOut(deps, own, command, session);
  const findings = executed.events.flatMap((event) => (event.type === 'InspectionRecorded' ? event.data.findings : []));
  const signedOff = executed.events.flatMap((event) => (event.type === 'HazardSignedOff' ? [event] : []));
  const sameTime = (hazardStream: string): { signedOffAt?: string } => {
    const { occurredAt: at } =
      executed.events.find(
        ({ type, stream, occurredAt, data }) =>
          type === 'RecurrenceFound' && stream === hazardStream && occurredAt === data.signedOffAt,
      ) ?? {};
    return at === undefined ? {} : { signedOffAt: at };
  };
  // Found by a sign-off that lies before what was seen; the inspection's own are among its findings.
  const again = executed.events.flatMap(({ type, stream, data }) =>
    type === 'RecurrenceFound' && signedOff.some(({ id }) => id === data.undoes)
      ? [{ clause: data.clause, hazard: parseStreamKey(stream).id, outcome: 'recurred' as const, ...sameTime(stream) }]
      : [],
  );
  return {
    ...executed,
    outcomes: [
      ...(await Promise.all(
        findings.map(async ({ clause, hazard, outcome }) => ({
          clause,
          hazard,
          outcome,
          ...(outcome === 'recurred' ? sameTime(streamKey(context.tenant, 'hazard', hazard)) : {}),
          ...(outcome === 'late' ? await signOffOf(deps, context.tenant, hazard, executed.events) : {}),
        })),
      )),
      ...again,
    ],
    signedOff: signedOff.map(({ data }) => data.clause).filter((clause) => !again.some((one) => one.clause === clause)),
    unclosed: await unclosedOf(
      deps,
      context.tenant,
      command,
      new Set(signedOff.map(({ data }) => clauseRead(data.clause))),
    ),
  };
}

/** What the command did not sign off, as the record stands now; nothing where it is signed off at that very time. */
async function unclosedOf(
  deps: StoreDeps,
  tenant: string,
  command: ImportedCommand,
  signedOff: ReadonlySet<string>,
): Promise<Imported['unclosed']> {
  if (command.kind === 'unit') return [];
  const { unit, track, occurredAt } = command;
  const left = (command.closes ?? []).filter(({ clause }) => !signedOff.has(clauseRead(clause)));
  if (left.length === 0) return [];
  const hazardEvents = (id: string) => eventsOf<HazardEvent>(deps, tenant, 'hazard', id);
  const ids = await hazardsOf(
    async (id) => foldAll(hazardFold, await hazardEvents(id)),
    foldAll(unitFold, await eventsOf<UnitEvent>(deps, tenant, 'unit', unit)),
    { unit, track },
    left.map(({ clause }) => clause),
  );
  const told = await Promise.all(
    left.map(async ({ clause, inspection }, n) => {
      const id = ids[n]!;
      const stored = await hazardEvents(id);
      const state = foldAll(hazardFold, stored);
      const why = unclosed(state, occurredAt, inspection);
      const signOffs = stored.flatMap((event) => (event.type === 'HazardSignedOff' ? [event.occurredAt] : []));
      if (why === undefined || signOffs.includes(occurredAt)) return [];
      const at = why === 'not-seen-yet' ? state.seen.map((one) => one.at).toSorted()[0] : state.signedOff?.at;
      return [{ clause, hazard: id, why, ...(at === undefined || why === 'acted-on' ? {} : { at }) }];
    }),
  );
  return told.flat();
}

const eventsOf = async <Event extends DaochaEvent>(
  deps: StoreDeps,
  tenant: string,
  category: 'hazard' | 'unit',
  id: string,
): Promise<Event[]> => (await readStream(deps, tenant, category, id)).map(({ event }) => event as Event);

/** The sign-off before which a hazard was seen: the last one before the sighting in its stream. */
async function signOffOf(
  deps: StoreDeps,
  tenant: string,
  hazard: string,
  events: readonly DaochaEvent[],
): Promise<{ signedOffAt?: string }> {
  const sighting = events.find(({ stream }) => stream === streamKey(tenant, 'hazard', hazard));
  const stored = await readStream(deps, tenant, 'hazard', hazard);
  const signOff = stored.findLast(
    ({ event: { type, version } }) => type === 'HazardSignedOff' && version < (sighting?.version ?? Infinity),
  );
  return signOff ? { signedOffAt: signOff.event.occurredAt } : {};
}

async function carryOut(
  deps: StoreDeps,
  context: CommandContext,
  command: ImportedCommand,
  session: StreamCache,
): Promise<Executed & { similar?: Alike[] }> {
  switch (command.kind) {
    case 'unit':
      return registerUnit(
        deps,
        context,
        { id: command.unit, details: command.details, onAlike: command.alike ?? 'told' },
        session,
      );
    case 'visit': {
      const grades = new Map(
        command.answers.flatMap(({ clause, grade, raw }) =>
          grade ? [[clauseRead(clause), { grade, basis: raw?.trim() || grade }] as const] : [],
        ),
      );
      const { unit, inspection: id, track, mode, template, result } = command;
      const answers = command.answers.map(({ grade: _grade, ...answer }) => answer);
      const visit = { id, unit, track, mode, template, result, inspectors: [], answers };
      return recordInspection(deps, context, visit, session, { grades, closes: command.closes ?? [] });
    }
    case 'close':
      return closeDerived(deps, context, command, session);
  }
}

/** Signs off what the register shows gone. The unit's ledger changes with it, so the unit's stream remembers the command. */
function closeDerived(
  deps: StoreDeps,
  context: CommandContext,
  command: ImportedCommand & { kind: 'close' },
  session: StreamCache,
): Promise<Executed> {
  const { unit, track, occurredAt, closes } = command;
  return execute(
    deps,
    context,
    { category: 'unit', id: unit },
    async (read) => {
      const campaign = await campaignOf(deps, context.tenant, context.now);
      requireLaunched(campaign);
      const state = await read('unit', unit);
      requireUnit(state, unit);
      context.authorise?.({ campaign, track, unit: { ...state, id: unit } });
      const changed = nothingChanged();
      await closeAll(read, context, changed, unit, track, occurredAt, closes);
      return new Map([
        ...[...changed.hazards].map(([hazard, { drafts }]) => on('hazard', hazard, drafts)),
        on('unit', unit, ledgerOf(state, changed.ledger, changed.again)),
      ]);
    },
    session,
  );
}

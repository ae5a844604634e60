// Whatever people claim of when something happened, from decades back to minutes ahead: a finding after a sign-off leaves its hazard open,
// or is recorded within a day of its claim, or somebody has said why. And what claims to have happened right now is never too early.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { correctInspection } from '../../../shared/rules/perform/corrections.ts';
import type { CommandContext, Executed } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { importCommand } from '../../../shared/rules/perform/import.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import { DaochaError } from '../../../events/errors.ts';
import { agreed } from '../../support/agreed.ts';
import { DAY, HOUR } from '../../support/builders.ts';
import { contextOf, DETAILS, emptyTown, eventsOf, H1, hazardState, UNIT, WHO, type Town } from './town.ts';

const MINUTE = 60_000;
const START = Date.parse('2025-06-02T15:58:00.000Z'); // two minutes before midnight in town
const BASIS = '纸质检查表补录';

interface Step {
  kind: 'next' | 'inspect' | 'reject' | 'close' | 'correct';
  /** by how much the clock goes on before it */
  after: number;
  /** how far what it claims is from the clock; null: claims nothing */
  claim: number | null;
  basis: boolean;
}

const claims = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom(0, -1, -DAY, -DAY - 1, 5 * MINUTE, 4.5 * MINUTE) },
  { weight: 2, arbitrary: fc.integer({ min: -5 * MINUTE, max: 5 * MINUTE }) },
  { weight: 3, arbitrary: fc.integer({ min: -3 * DAY, max: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: -60 * DAY, max: 0 }) },
  { weight: 1, arbitrary: fc.integer({ min: -60 * 365, max: 0 }).map((days) => days * DAY) },
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...(['next', 'next', 'next', 'next', 'next', 'inspect', 'inspect', 'reject', 'close', 'correct'] as const),
  ),
  after: fc.constantFrom(0, 1, MINUTE, 3 * MINUTE, HOUR, 20 * HOUR, 2 * DAY),
  claim: claims,
  basis: fc.boolean(),
});

const visit = {
  unit: UNIT,
  track: 'gas' as const,
  mode: 'covert' as const,
  inspectors: [],
  answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' as const }],
};

/** What comes next in a hazard's life. */
function next({ deps, fake }: Town, context: CommandContext, due: string): Promise<Executed> {
  const by = (person: string): CommandContext => ({ ...context, actor: { ...context.actor, person } });
  const { status, grade } = hazardState(fake, H1);
  switch (status) {
    case null:
    case 'signed-off':
      return recordInspection(deps, context, visit);
    case 'found':
      return perform(deps, context, hazardCommands.gradeHazard, H1, { grade: 'general', basis: 'b' });
    case 'graded':
      return perform(deps, context, hazardCommands.assignHazard, H1, { to: 'wenti' });
    case 'ordered':
      return perform(deps, by(WHO.submitter), hazardCommands.submitRectification, H1, { statement: 's' });
    case 'submitted':
      return perform(deps, by(WHO.verifier), hazardCommands.verifyRectification, H1, { result: 'passed', basis: 'b' });
    case 'verified':
      return perform(deps, by(WHO.signer), hazardCommands.signOffHazard, H1, {});
    case 'assigned':
    case 'rejected':
    case 'recurred':
    case 'returned':
    case 'duplicate':
    case 'invalid':
      if (grade === null)
        return perform(deps, context, hazardCommands.gradeHazard, H1, { grade: 'general', basis: 'b' });
      return perform(deps, context, hazardCommands.orderRectification, H1, { measures: 'm', due, authority: 'a' });
  }
}

async function carryOut(town: Town, { kind }: Step, context: CommandContext): Promise<Executed | undefined> {
  const { deps, fake } = town;
  const due = new Date(context.now.getTime() + 9 * DAY).toISOString();
  const by = (person: string): CommandContext => ({ ...context, actor: { ...context.actor, person } });
  if (kind === 'next') return next(town, context, due);
  if (kind === 'inspect') return recordInspection(deps, context, visit);
  if (kind === 'reject')
    return perform(deps, by(WHO.verifier), hazardCommands.verifyRectification, H1, {
      result: 'rejected',
      reason: 'r',
      due,
    });
  const at = context.occurredAt ?? context.now.toISOString();
  if (kind === 'correct') {
    const last = eventsOf(fake, 'inspection').findLast(({ type }) => type === 'InspectionRecorded');
    if (!last) return undefined;
    const changes = [{ field: 'occurredAt', to: at }];
    const { occurredAt: _, ...now } = context;
    const command = { target: last.id, changes, reason: 'r' };
    return agreed(now, (one) => correctInspection(deps, one, last.id.split('/')[1]!, command));
  }
  return importCommand(
    deps,
    { ...context, source: 'import' },
    { source: 's', file: 'f' },
    {
      kind: 'close',
      command: context.command,
      unit: UNIT,
      occurredAt: at,
      track: 'gas',
      closes: [{ clause: 'GAS-01', basis: 'b' }],
      derived: { rows: [1], rule: 'r' },
    },
    new Map(),
  );
}

const earlier = ({ occurredAt, recordedAt }: DaochaEvent): number =>
  Math.min(Date.parse(occurredAt), Date.parse(recordedAt));

/** When a hazard was rectified by what was on record before a sighting: its verification, or the sign-off that is older still. */
function putRight(past: readonly HazardEvent[]): number {
  const from = past.findLastIndex(({ type }) => type === 'VerificationPassed');
  return Math.min(
    ...past
      .slice(from)
      .filter(({ type }) => type === 'VerificationPassed' || type === 'HazardSignedOff')
      .map(earlier),
  );
}

const TIMELY = new Set(['occurred-too-early', 'seen-before-sign-off', 'signed-off-too-early', 'occurred-in-future']);

test('no recurrence is lost to a claimed time unless somebody said so', async () => {
  const seen = new Map<string, number>();
  const count = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 30, size: 'max' }), async (steps) => {
      const town = await emptyTown();
      let clock = START;
      const wronged: string[] = [];
      const at = (person: string, more: Partial<CommandContext> = {}) =>
        contextOf(person, { occurredAt: undefined, now: new Date(clock), ...more });
      await registerUnit(town.deps, at(WHO.office, { occurredAt: new Date(START - 30 * DAY).toISOString() }), {
        id: UNIT,
        details: DETAILS,
      });
      for (const one of steps) {
        clock += one.after;
        const occurredAt = one.claim === null ? undefined : new Date(clock + one.claim).toISOString();
        const context = at(WHO.inspector, { occurredAt, lateBasis: one.basis ? BASIS : undefined });
        try {
          await carryOut(town, one, context);
        } catch (error) {
          if (!(error instanceof DaochaError)) throw error;
          count(error.type);
          const now = one.claim === null || one.claim === 0;
          if (now && TIMELY.has(error.type)) wronged.push(`${one.kind} right now: ${error.type}`);
        }
      }
      expect(wronged).toEqual([]);
      expectNothingLost(eventsOf(town.fake, 'hazard', H1) as HazardEvent[], eventsOf(town.fake, 'inspection'), count);
    }),
    { numRuns: 200 },
  );
  // The walks are worth something only when they get to what they are about.
  const around = ['recurred', 'rejected', 'late within a day', 'late with a basis', 'seen-before-sign-off'];
  expect(around.filter((what) => !seen.has(what))).toEqual([]);
}, 900_000);

function expectNothingLost(
  life: readonly HazardEvent[],
  inspections: readonly DaochaEvent[],
  count: (what: string) => void,
): void {
  for (const [n, event] of life.entries()) {
    const { before, after } = event.data;
    const sighting = event.type === 'HazardPersisted' || event.type === 'RecurrenceFound' ? event : undefined;
    if (!sighting || (before !== 'signed-off' && before !== 'verified')) continue;
    const rightAt = putRight(life.slice(0, n));
    const claimed = Date.parse(event.occurredAt);
    expect(claimed >= rightAt, 'seen after it was put right it has come back, and only then').toBe(after !== before);
    if (after !== before) {
      count(after);
      continue;
    }
    const gap = Date.parse(event.recordedAt) - claimed;
    expect(gap <= DAY || event.lateBasis !== undefined, `${gap / HOUR} h late, and nobody said why`).toBe(true);
    count(gap <= DAY ? 'late within a day' : 'late with a basis');
    // Corrected to another time it is still before.
    for (const correction of inspections) {
      if (correction.type !== 'InspectionCorrected') continue;
      if (correction.data.target !== `inspection/${sighting.data.inspection}/1`) continue;
      count('corrected');
      for (const { to } of correction.data.changes) expect(Date.parse(to as string)).toBeLessThan(rightAt);
    }
  }
}

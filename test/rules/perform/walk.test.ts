// Whatever people do to the hazards of a unit, in whatever order: some things must never be the case.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOpen, type HazardEvent } from '../../../events/hazard.ts';
import { hazardId, type CommandContext, type Executed } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { importCommand } from '../../../shared/rules/perform/import.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { nextActs, type HazardAct } from '../../../shared/rules/hazard/hazard.ts';
import { DaochaError } from '../../../events/errors.ts';
import { commitHash, NO_COMMIT } from '../../../shared/record/store/commit.ts';
import { DAY, later } from '../../support/builders.ts';
import {
  CLAUSES,
  commitsOf,
  contextOf,
  eventsOf,
  hazardState,
  NOW,
  townWith,
  UNIT,
  unitState,
  type Town,
} from './town.ts';

interface Act {
  kind: keyof typeof KINDS;
  guided: number | null;
  clause: number;
  person: number;
  /** bits: which clauses an inspection finds; also chooses among values */
  bits: number;
  /** days after the act before; below 0 a late record */
  days: number;
}

const PEOPLE = ['p-1', 'p-2', 'p-3'];
const due = new Date(NOW.getTime() + 9 * DAY).toISOString();
const extended = new Date(NOW.getTime() + 20 * DAY).toISOString();
const ofOffice = (context: CommandContext): CommandContext => ({
  ...context,
  actor: { ...context.actor, organisation: 'office' },
});
const ids = CLAUSES.map((clause) => hazardId(UNIT, 'gas', clause));
const answersOf = (bits: number) =>
  CLAUSES.map((clause, n) => ({
    item: String(n),
    clause,
    answer: (bits >> n) % 2 === 1 ? ('problem' as const) : ('ok' as const),
  }));

/** What the first of them says comes from a register: only that is signed off by one. */
const toldBy = (context: CommandContext): CommandContext =>
  context.actor.person === PEOPLE[0] ? { ...context, source: 'import' } : context;

type Doing = (town: Town, context: CommandContext, id: string, bits: number) => Promise<Executed>;
const KINDS = {
  inspect: ({ deps }, context, _, bits) =>
    recordInspection(deps, toldBy(context), {
      unit: UNIT,
      track: 'gas',
      mode: 'covert',
      inspectors: [],
      answers: answersOf(bits),
    }),
  close: ({ deps }, context, id) =>
    importCommand(
      deps,
      { ...context, source: 'import' },
      { source: 's', file: 'f' },
      {
        kind: 'close',
        command: context.command,
        unit: UNIT,
        occurredAt: context.occurredAt!,
        track: 'gas',
        closes: [{ clause: CLAUSES[ids.indexOf(id)]!, basis: 'b' }],
        derived: { rows: [1], rule: 'r' },
      },
      new Map(),
    ),
  grade: ({ deps }, context, id, bits) =>
    perform(deps, context, hazardCommands.gradeHazard, id, { grade: bits % 2 ? 'major' : 'general', basis: 'b' }),
  assign: ({ deps }, context, id, bits) =>
    perform(deps, context, hazardCommands.assignHazard, id, { to: bits % 2 ? 'wenti' : 'nongfu' }),
  giveBack: ({ deps }, context, id) => perform(deps, context, hazardCommands.returnHazard, id, { reason: 'r' }),
  reassign: ({ deps }, context, id) =>
    perform(deps, context, hazardCommands.reassignHazard, id, { to: 'lvyou', reason: 'r' }),
  order: ({ deps }, context, id, bits) =>
    perform(deps, context, hazardCommands.orderRectification, id, { measures: `m${bits % 2}`, due, authority: 'a' }),
  control: ({ deps }, context, id) => perform(deps, context, hazardCommands.setInterimControl, id, { measures: 'm' }),
  refuse: ({ deps }, context, id) => perform(deps, context, hazardCommands.refuseOrder, id, { reason: 'r' }),
  stateLimit: ({ deps }, context, id) =>
    perform(deps, context, hazardCommands.stateLimit, id, { limit: 'power', reason: 'r' }),
  declareDanger: ({ deps }, context, id) => perform(deps, context, hazardCommands.declareDanger, id, { reason: 'r' }),
  submit: ({ deps }, context, id) => perform(deps, context, hazardCommands.submitRectification, id, { statement: 's' }),
  verify: ({ deps }, context, id) =>
    perform(deps, context, hazardCommands.verifyRectification, id, { result: 'passed', basis: 'b' }),
  reject: ({ deps }, context, id) =>
    perform(deps, context, hazardCommands.verifyRectification, id, { result: 'rejected', reason: 'r' }),
  signOff: ({ deps }, context, id) => perform(deps, context, hazardCommands.signOffHazard, id, {}),
  propose: ({ deps }, context, id, bits) =>
    perform(deps, context, hazardCommands.proposeClosure, id, {
      kind: bits % 2 ? 'duplicate' : 'invalid',
      of: ids[bits % ids.length],
      reason: 'r',
    }),
  confirm: ({ deps }, context, id) => perform(deps, context, hazardCommands.confirmClosure, id, {}),
  unlink: ({ deps }, context, id) => perform(deps, context, hazardCommands.unlinkDuplicate, id, { reason: 'r' }),
  requestExtension: ({ deps }, context, id) =>
    perform(deps, context, hazardCommands.requestExtension, id, { due: extended, reason: 'r' }),
  approveExtension: ({ deps }, context, id) =>
    perform(deps, ofOffice(context), hazardCommands.approveExtension, id, { reason: 'r' }),
  refuseExtension: ({ deps }, context, id) =>
    perform(deps, ofOffice(context), hazardCommands.refuseExtension, id, { reason: 'r' }),
} as const satisfies Record<string, Doing>;

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...(Object.keys(KINDS) as Act['kind'][])),
  guided: fc.option(fc.nat(30), { freq: 5 }),
  clause: fc.constantFrom(0, 0, 0, 1, 1, 2),
  person: fc.nat(PEOPLE.length - 1),
  bits: fc.nat(7),
  days: fc.constantFrom(0, 1, 2, 3, -3),
});

const LIMITS = ['refuse', 'stateLimit', 'declareDanger'] as const;

/** Mostly something that is possible now, so that walks get through to sign-offs and recurrences; else anything at all. */
function kindOf({ kind, guided, clause }: Act, { fake }: Town): Act['kind'] {
  if (guided === null) return kind;
  const state = hazardState(fake, ids[clause]!);
  if (state.status && !state.acted && guided % 3 === 0) return 'close';
  const aside: readonly HazardAct[] =
    state.status === 'found'
      ? ['control', 'propose', ...LIMITS]
      : ['grade', 'control', 'propose', 'reassign', ...LIMITS];
  const possible = nextActs(state).filter((next) => guided > 24 || !aside.includes(next));
  const chosen = possible[guided % (possible.length + 1)] ?? 'inspect';
  return chosen === 'return' ? 'giveBack' : chosen;
}

test('the list, the ledger and every hazard’s life always agree, and no command works twice', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 45, size: 'max' }), async (acts) => {
      const town = await townWith();
      let day = 0;
      for (const step of acts) {
        const kind = kindOf(step, town);
        const id = ids[step.clause]!;
        day = Math.max(0, day + step.days);
        const context = contextOf(PEOPLE[step.person]!, { occurredAt: later(day * DAY) });
        const doing: Doing = KINDS[kind];
        const before = town.fake.records.length;
        const done = await doing(town, context, id, step.bits).catch(refused);
        const after = town.fake.records.length;
        expect(after > before, `${kind} is recorded when it adds, and only then`).toBe((done?.added ?? 0) > 0);
        // The same again, by the same key and by another one: nothing comes of it. An inspection is another one under another key.
        const other = contextOf(PEOPLE[step.person]!, { occurredAt: context.occurredAt });
        const again = kind === 'inspect' ? [context] : [context, other];
        for (const repeated of again) await doing(town, repeated, id, step.bits).catch(refused);
        expect(town.fake.records, `${kind} again`).toHaveLength(after);
      }
      const events = ids.flatMap((id) => eventsOf(town.fake, 'hazard', id));
      for (const event of events) seen.add(event.type);
      expectAgreement(town);
      for (const id of ids) expectChain(eventsOf(town.fake, 'hazard', id) as HazardEvent[]);
      expectVersions(town);
    }),
    { numRuns: 50 },
  );
  // The walks are worth something only when they get around.
  const around = ['HazardSignedOff', 'RecurrenceFound'];
  expect(around.filter((type) => !seen.has(type))).toEqual([]);
}, 60_000);

function refused(error: unknown): undefined {
  if (!(error instanceof DaochaError)) throw error;
  return undefined;
}

function expectAgreement({ fake }: Town): void {
  const open = ids.filter((id) => {
    const { status } = hazardState(fake, id);
    return status !== null && isOpen(status);
  });
  const unit = unitState(fake);
  expect(unit.open.toSorted()).toEqual(open.toSorted());
  expect(unit.listed && open.length > 0, 'listed with an open hazard').toBe(false);
  const ledger = eventsOf(fake, 'unit').findLast((event) => event.type === 'UnitLedgerChanged');
  expect(ledger?.data.open ?? 0).toBe(open.length);
  expect(unit.listed).toBe(open.length === 0 && unit.everSignedOff);
}

/** Each event begins where the one before ended; no sign-off without a verification passed in the same cycle, by another person. */
function expectChain(events: readonly HazardEvent[]): void {
  expect(events.map(({ data }) => data.before)).toEqual(
    [null, ...events.slice(0, -1).map(({ data }) => data.after)].slice(0, events.length),
  );
  const unverified = events.filter((event, index) => {
    if (event.type !== 'HazardSignedOff') return false;
    const past = events.slice(0, index);
    const cycle = past.slice(past.findLastIndex(({ type }) => type === 'HazardFound' || type === 'RecurrenceFound'));
    const submitted = cycle.findLast(({ type }) => type === 'RectificationSubmitted');
    const verified = cycle.findLast(({ type }) => type === 'VerificationPassed');
    if (!submitted || !verified || verified.version < submitted.version) return true;
    return !event.derived && verified.actor.person === submitted.actor.person;
  });
  expect(unverified).toEqual([]);
}

function expectVersions({ fake }: Town): void {
  const heads = new Map<string, { next: number; hash: Uint8Array }>();
  for (const commit of commitsOf(fake)) {
    const head = heads.get(commit.stream) ?? { next: 1, hash: NO_COMMIT };
    expect(commit.version).toBe(head.next);
    expect(commit.prev).toEqual(head.hash);
    expect(commit.hash).toEqual(commitHash(commit));
    heads.set(commit.stream, commit);
  }
}

// A town on the in-memory table: the campaign seeded, commands with contexts that are right, and what is stored read back.
import { decodeEvent, type DaochaEvent } from '../../../events/catalogue.ts';
import { parseStreamKey, type Category } from '../../../events/envelope.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import { hazardId, type CommandContext } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { hazard, type HazardState } from '../../../shared/rules/hazard/hazard.ts';
import { unit, type UnitState } from '../../../shared/rules/unit/unit.ts';
import { commitFromItem, type Commit } from '../../../shared/record/store/commit.ts';
import type { StoreDeps } from '../../../shared/record/store/store.ts';
import { actor, DAY, later, TENANT } from '../../support/builders.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';

export const NOW = new Date('2026-01-05T02:00:00.000Z');
export const CLAUSES = ['GAS-01', 'GAS-02', 'GAS-03'] as const;
export const UNIT = 'u_1';
export const H1 = hazardId(UNIT, 'gas', 'GAS-01');
export const H2 = hazardId(UNIT, 'gas', 'GAS-02');

/** People of the story: who submits, who verifies, who signs off, who proposes, who confirms. */
export const WHO = {
  inspector: 'p-inspector-1',
  submitter: 'p-village-1',
  verifier: 'p-dept-1',
  signer: 'p-dept-2',
  office: 'p-office-1',
} as const;

export interface Town {
  fake: FakeDynamo;
  deps: StoreDeps;
  /** A context: a new command id unless one is given, and what else the test wants. */
  as: (person: string, more?: Partial<CommandContext>) => CommandContext;
}

let commands = 0;

export function contextOf(person: string, more: Partial<CommandContext> = {}): CommandContext {
  commands += 1;
  const command = more.command ?? `c-${commands}`;
  return {
    tenant: TENANT,
    command,
    request: `request of ${command}`,
    actor: actor(person),
    source: 'api',
    occurredAt: later(0),
    now: NOW,
    ...more,
  };
}

/** A context of somebody who acts by the clock of the test. */
export function contextAt(person: string, organisation: string, now: Date): CommandContext {
  commands += 1;
  const command = `people-${commands}`;
  return { tenant: TENANT, command, request: command, actor: { person, post: 'p', organisation }, source: 'api', now };
}

/** An empty table with the campaign launched. */
export async function emptyTown(): Promise<Town> {
  const fake = new FakeDynamo();
  const deps = { dynamo: fake.client, table: 'events' };
  await seedCampaign(deps, contextOf(WHO.office), { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: [] });
  fake.calls.length = 0;
  return { fake, deps, as: contextOf };
}

/** A town with one unit, and with hazards open at it where clauses are named. */
export async function townWith(...clauses: string[]): Promise<Town> {
  const town = await emptyTown();
  await registerUnit(town.deps, town.as(WHO.office), { id: UNIT, details: DETAILS });
  if (clauses.length > 0) await inspect(town, later(0), clauses);
  return town;
}

/** An inspection at a time that finds these clauses broken. */
export function inspect(
  town: Town,
  occurredAt: string,
  clauses: readonly string[],
  more: Partial<CommandContext> = {},
) {
  return recordInspection(town.deps, town.as(WHO.inspector, { occurredAt, ...more }), {
    unit: UNIT,
    track: 'gas',
    mode: 'routine',
    inspectors: [WHO.inspector],
    answers: CLAUSES.map((clause, n) => ({
      item: String(n + 1),
      clause,
      answer: clauses.includes(clause) ? ('problem' as const) : ('ok' as const),
    })),
  });
}

/** The acts of a hazard's life, each by the right person; `day` counts from T0. */
export function actsOn(town: Town, id: string) {
  const at = (person: string, day: number) => town.as(person, { occurredAt: later(day * DAY) });
  const due = new Date(NOW.getTime() + 10 * DAY).toISOString();
  return {
    grade: (day = 1) =>
      perform(town.deps, at(WHO.office, day), hazardCommands.gradeHazard, id, {
        grade: 'general',
        basis: '可立即整改',
      }),
    assign: (day = 1) =>
      perform(town.deps, at(WHO.office, day), hazardCommands.assignHazard, id, { to: 'shichangsuo' }),
    order: (day = 2) =>
      perform(town.deps, at(WHO.verifier, day), hazardCommands.orderRectification, id, {
        measures: '更换软管',
        due,
        authority: '安全生产法',
      }),
    submit: (day = 3) =>
      perform(town.deps, at(WHO.submitter, day), hazardCommands.submitRectification, id, { statement: '已更换' }),
    reject: (day = 4) =>
      perform(town.deps, at(WHO.verifier, day), hazardCommands.verifyRectification, id, {
        result: 'rejected',
        reason: '未到位',
      }),
    verify: (day = 5) =>
      perform(town.deps, at(WHO.verifier, day), hazardCommands.verifyRectification, id, {
        result: 'passed',
        basis: '现场复查',
      }),
    signOff: (day = 6) => perform(town.deps, at(WHO.signer, day), hazardCommands.signOffHazard, id, {}),
    propose: (more: object, day = 2) =>
      perform(town.deps, at(WHO.verifier, day), hazardCommands.proposeClosure, id, {
        kind: 'invalid',
        reason: '误报',
        ...more,
      }),
    confirm: (day = 3) => perform(town.deps, at(WHO.office, day), hazardCommands.confirmClosure, id, {}),
    unlink: (day = 4) =>
      perform(town.deps, at(WHO.office, day), hazardCommands.unlinkDuplicate, id, { reason: '实为两处' }),
  };
}

/** Everything up to the sign-off of one open hazard. */
export async function signedOff(town: Town, id: string): Promise<void> {
  const acts = actsOn(town, id);
  for (const act of [acts.grade, acts.assign, acts.order, acts.submit, acts.verify, acts.signOff]) await act();
}

export function commitsOf(fake: FakeDynamo): Commit[] {
  return fake.items('events').map(commitFromItem);
}

export function eventsOf(fake: FakeDynamo, category: Category, id?: string): DaochaEvent[] {
  return commitsOf(fake)
    .filter(({ stream }) => {
      const key = parseStreamKey(stream);
      return key.category === category && (id === undefined || key.id === id);
    })
    .flatMap(({ events }) => events.map(decodeEvent));
}

export function unitState(fake: FakeDynamo, id: string = UNIT): UnitState {
  return foldAll(unit, eventsOf(fake, 'unit', id) as never[]);
}

export function hazardState(fake: FakeDynamo, id: string): HazardState {
  return foldAll(hazard, eventsOf(fake, 'hazard', id) as never[]);
}

/** Everything stored, without what a second run of the same commands may differ in: the server's clock and what follows from it. */
export function whatHappened(fake: FakeDynamo): unknown[] {
  return commitsOf(fake).map(({ stream, version, next, command, parts, events }) => ({
    stream,
    version,
    next,
    command,
    parts,
    events: events.map(decodeEvent).map(({ recordedAt: _recordedAt, ...event }) => event),
  }));
}

export const DETAILS = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };

/** Grades the first hazard: the simplest command there is. */
export function grade(town: Town, context: CommandContext, value: 'general' | 'major' = 'general') {
  return perform(town.deps, context, hazardCommands.gradeHazard, H1, { grade: value, basis: '可立即整改' });
}

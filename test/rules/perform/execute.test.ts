// Every command is carried out once: repeated, overtaken, crashed between write and answer.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import * as units from '../../../shared/rules/perform/unit.ts';
import type { Finding } from '../../../events/inspection.ts';
import type { DaochaError } from '../../../events/errors.ts';
import { DAY, later } from '../../support/builders.ts';
import { type FakeCall } from '../../support/fake-dynamo.ts';
import {
  actsOn,
  commitsOf,
  eventsOf,
  H1,
  H2,
  hazardState,
  inspect,
  townWith,
  UNIT,
  unitState,
  WHO,
  type Town,
  DETAILS,
  grade,
} from './town.ts';

const isWrite = ({ name }: FakeCall): boolean => name === 'PutItem' || name === 'TransactWriteItems';

describe('a command sent again with its key', () => {
  test('gives the same answer and adds nothing', async () => {
    const town = await townWith('GAS-01');
    const context = town.as(WHO.office);
    const first = await grade(town, context);
    const stored = town.fake.items('events');
    const again = await grade(town, context);
    expect(first).toMatchObject({ already: false, added: 1 });
    expect(again).toMatchObject({
      already: true,
      added: 0,
      writeUnits: 0,
      commits: first.commits,
      events: first.events,
    });
    expect(town.fake.items('events')).toEqual(stored);
  });

  test('gives every part of a commit that spans streams', async () => {
    const town = await townWith();
    const context = town.as(WHO.inspector);
    const first = await inspect(town, later(0), ['GAS-01', 'GAS-02'], context);
    const again = await inspect(town, later(0), ['GAS-01', 'GAS-02'], context);
    expect(first.commits.map(({ stream }) => stream.split('#')[1])).toEqual(['inspection', 'hazard', 'hazard', 'unit']);
    expect(again).toMatchObject({
      already: true,
      added: 0,
      id: first.id,
      findings: first.findings,
      commits: first.commits,
    });
    expect(again.events).toEqual(first.events);
  });

  test('answers as it did although much has happened since', async () => {
    const town = await townWith('GAS-01');
    const context = town.as(WHO.office);
    const first = await grade(town, context);
    await actsOn(town, H1).assign();
    await grade(town, town.as(WHO.office, { occurredAt: later(DAY) }), 'major');
    expect(await grade(town, context)).toMatchObject({ already: true, commits: first.commits, events: first.events });
  });

  test('answers with its own parts, where another command to the same unit came with the same key', async () => {
    const town = await townWith();
    const context = town.as(WHO.inspector, { command: 'same key' });
    const first = await inspect(town, later(0), ['GAS-01'], context);
    const closing = { unit: UNIT, track: 'gas' as const, mode: 'routine' as const, inspectors: [], id: 'i_other' };
    await recordInspection(
      town.deps,
      { ...context, request: 'another' },
      { ...closing, answers: [{ item: '1', clause: 'GAS-02', answer: 'problem' }] },
    );
    expect(await inspect(town, later(0), ['GAS-01'], context)).toMatchObject({
      commits: first.commits,
      events: first.events,
    });
  });

  test('but with another request is refused', async () => {
    const town = await townWith('GAS-01');
    const context = town.as(WHO.office);
    await grade(town, context);
    const before = town.fake.items('events');
    const other = grade(town, { ...context, request: 'another request' }, 'major');
    await expect(other).rejects.toMatchObject({
      type: 'idempotency-key-reused',
      status: 422,
      field: 'Idempotency-Key',
    });
    expect(town.fake.items('events')).toEqual(before);
  });

  test('whose answer was lost after the write has been carried out once', async () => {
    const town = await townWith();
    for (const [find, context] of [
      [['GAS-01', 'GAS-02'], town.as(WHO.inspector)],
      [[], town.as(WHO.inspector)],
    ] as const) {
      town.fake.hook = (call) => {
        if (call.when === 'after' && isWrite(call)) throw new Error('lost answer');
      };
      await expect(inspect(town, later(0), find, context)).rejects.toThrow('lost answer');
      const stored = town.fake.items('events');
      town.fake.hook = () => {};
      expect(await inspect(town, later(0), find, context)).toMatchObject({ already: true, added: 0 });
      expect(town.fake.items('events')).toEqual(stored);
    }
  });

  test('that failed before the write is carried out then', async () => {
    const town = await townWith('GAS-01');
    const context = town.as(WHO.office);
    town.fake.hook = (call) => {
      if (call.when === 'before' && isWrite(call)) throw new Error('out of reach');
    };
    await expect(grade(town, context)).rejects.toThrow('out of reach');
    town.fake.hook = () => {};
    expect(await grade(town, context)).toMatchObject({ already: false, added: 1 });
  });
});

test('a state that holds already is the same answer without a key: nothing is written', async () => {
  const town = await townWith('GAS-01');
  await grade(town, town.as(WHO.office));
  const calls = town.fake.calls.length;
  expect(await grade(town, town.as(WHO.office))).toEqual({
    already: true,
    added: 0,
    commits: [],
    events: [],
    writeUnits: 0,
  });
  expect(town.fake.calls.slice(calls).every((name) => name === 'Query')).toBe(true);
});

describe('overtaken by others', () => {
  /** Lets somebody else do something just before each of the next `times` writes. */
  const overtake = (town: Town, times: number, other: () => Promise<unknown>): void => {
    let left = times;
    let busy = false;
    town.fake.hook = async (call) => {
      if (call.when !== 'before' || !isWrite(call) || busy || left === 0) return;
      left -= 1;
      busy = true;
      await other();
      busy = false;
    };
  };

  test('a command is decided again on what the others did', async () => {
    const town = await townWith('GAS-01');
    overtake(town, 1, () => grade(town, town.as(WHO.office), 'major'));
    await grade(town, town.as(WHO.office));
    const grades = eventsOf(town.fake, 'hazard').filter(({ type }) => type === 'HazardGraded');
    expect(grades.map(({ data }) => data)).toMatchObject([
      { from: null, grade: 'major', before: 'found', after: 'graded' },
      { from: 'major', grade: 'general', before: 'graded', after: 'graded' },
    ]);
  });

  test('and refused when what they did forbids it', async () => {
    const town = await townWith('GAS-01');
    const acts = actsOn(town, H1);
    for (const act of [acts.grade, acts.assign, acts.order, acts.submit]) await act();
    overtake(town, 1, () => acts.reject());
    await expect(acts.verify()).rejects.toMatchObject({ type: 'wrong-transition' });
    expect(hazardState(town.fake, H1).status).toBe('rejected');
  });

  test('in a session too, whose streams are read again', async () => {
    const town = await townWith();
    const session = new Map();
    const register = (id: string) =>
      units.registerUnit(town.deps, town.as(WHO.office), { id, details: DETAILS }, session);
    await register('u_2');
    overtake(town, 1, () => units.registerUnit(town.deps, town.as(WHO.office), { id: 'u_3', details: DETAILS }));
    expect(await register('u_3')).toMatchObject({ already: true, added: 0 });
  });

  test('again and again it gives up, with nothing written and the advice to send it again', async () => {
    const town = await townWith('GAS-01');
    let turn = 0;
    overtake(town, 99, () => grade(town, town.as('p-other'), (turn += 1) % 2 ? 'major' : 'general'));
    const context = town.as(WHO.office);
    const control = perform(town.deps, context, hazardCommands.setInterimControl, H1, { measures: '停止用气' });
    await expect(control).rejects.toMatchObject({ type: 'conflict', status: 409 });
    expect(commitsOf(town.fake).some(({ command }) => command === context.command)).toBe(false);
    expect(turn).toBe(6);
  });

  test('by somebody’s transaction at one of its streams it is decided again as a whole', async () => {
    const town = await townWith();
    overtake(town, 1, () => inspect(town, later(0), ['GAS-01']));
    const { findings } = await inspect(town, later(DAY), ['GAS-01', 'GAS-02']);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['persists', 'found']);
    expect(unitState(town.fake).open.toSorted()).toEqual([H1, H2].toSorted());
  });

  test('however a sign-off and an inspection interleave, the unit is not listed with a hazard open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const town = await townWith('GAS-01');
        const acts = actsOn(town, H1);
        for (const act of [acts.grade, acts.assign, acts.order, acts.submit, acts.verify]) await act();
        town.fake.hook = ({ when, name }) => scheduler.schedule(Promise.resolve(), `${name} ${when}`);
        // Seen first, the hazard is not there to be signed off any more: its verification no longer counts.
        const signOff = acts.signOff(6).then(
          () => 'signed off',
          (error: DaochaError) => error.type,
        );
        const both = Promise.all([signOff, inspect(town, later(7 * DAY), ['GAS-01'])]);
        const [signed, { findings }] = await scheduler.waitFor(both);
        const open = hazardState(town.fake, H1).status !== 'signed-off';
        expect(open).toBe(true);
        const [{ outcome }] = findings as [Finding];
        expect(['signed off, recurred', 'wrong-transition, persists']).toContain(`${signed}, ${outcome}`);
        expect(unitState(town.fake)).toMatchObject({ listed: !open, open: open ? [H1] : [] });
      }),
      { numRuns: 150 },
    );
  });

  test('however commands on one unit interleave, all are carried out once and the ledger is right', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const town = await townWith();
        town.fake.hook = ({ when, name }) => scheduler.schedule(Promise.resolve(), `${name} ${when}`);
        const found = [['GAS-01'], ['GAS-01', 'GAS-02'], ['GAS-03']];
        await scheduler.waitFor(Promise.all(found.map((clauses) => inspect(town, later(0), clauses))));
        const types = eventsOf(town.fake, 'hazard').map(({ type }) => type);
        expect(types.toSorted()).toEqual(['HazardFound', 'HazardFound', 'HazardFound', 'HazardPersisted']);
        expect(unitState(town.fake).open).toHaveLength(3);
        expect(eventsOf(town.fake, 'inspection')).toHaveLength(3);
      }),
      { numRuns: 40 },
    );
  });
});

// Every command is carried out once: repeated, overtaken, crashed between write and answer, refused.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIANTANG, LIANTANG_RULES, LIANTANG_TARGETS } from '../../shared/campaign/liantang.ts';
import { launchCampaign, loadCampaign, publishRuleSet, seedCampaign } from '../../shared/command/campaign.ts';
import { execute, on, readStream, type CommandContext } from '../../shared/command/execute.ts';
import * as hazards from '../../shared/command/hazards.ts';
import { missInspection, planInspection, recordInspection } from '../../shared/command/inspections.ts';
import * as units from '../../shared/command/units.ts';
import { Forbidden } from '../../shared/errors.ts';
import { DAY, later, TENANT } from '../support/builders.ts';
import { FakeDynamo, type FakeCall } from '../support/fake-dynamo.ts';
import {
  actsOn,
  commitsOf,
  emptyTown,
  eventsOf,
  H1,
  H2,
  hazardState,
  inspect,
  NOW,
  townWith,
  UNIT,
  unitState,
  WHO,
  type Town,
} from './town.ts';

const DETAILS = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };
const grade = (town: Town, context: CommandContext, value: 'general' | 'major' = 'general') =>
  hazards.gradeHazard(town.deps, context, H1, { grade: value, basis: '可立即整改' });
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
    await grade(town, town.as(WHO.office), 'major');
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
    const control = hazards.setInterimControl(town.deps, context, H1, { measures: '停止用气' });
    await expect(control).rejects.toMatchObject({ type: 'conflict', status: 409 });
    expect(commitsOf(town.fake).some(({ command }) => command === context.command)).toBe(false);
    expect(turn).toBe(6);
  });

  test('by somebody’s transaction at one of its streams it is decided again as a whole', async () => {
    const town = await townWith();
    overtake(town, 1, () => inspect(town, later(-DAY), ['GAS-01']));
    const { findings } = await inspect(town, later(0), ['GAS-01', 'GAS-02']);
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
        const both = Promise.all([acts.signOff(6), inspect(town, later(7 * DAY), ['GAS-01'])]);
        const [, { findings }] = await scheduler.waitFor(both);
        const open = hazardState(town.fake, H1).status !== 'signed-off';
        expect(open).toBe(findings[0]!.outcome === 'recurred');
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

describe('what is refused leaves no trace', () => {
  const act = hazards.orderRectification;
  const order = { measures: '更换软管', due: new Date(NOW.getTime() + DAY).toISOString(), authority: 'a' };
  const visit = { unit: UNIT, track: 'gas' as const, mode: 'routine' as const, inspectors: [], answers: [] };
  const many = Array.from({ length: 98 }, (_, n) => ({
    item: String(n),
    clause: `C-${n}`,
    answer: 'problem' as const,
  }));

  test.each<[string, (town: Town) => Promise<unknown>, object]>([
    ['an unknown hazard', ({ deps, as }) => act(deps, as('p'), 'h_9', order), { type: 'unknown-hazard', status: 404 }],
    [
      'an unknown unit',
      ({ deps, as }) => units.gradeRisk(deps, as('p'), 'u_9', { to: 'A', basis: 'b' }),
      { type: 'unknown-unit', status: 404 },
    ],
    [
      'an inspection at an unknown unit',
      ({ deps, as }) => recordInspection(deps, as('p'), { ...visit, unit: 'u_9' }),
      { type: 'unknown-unit' },
    ],
    [
      'an unknown inspection',
      ({ deps, as }) => missInspection(deps, as('p'), 'i_9', { reason: 'r' }),
      { type: 'unknown-inspection', status: 404 },
    ],
    [
      'a track that the unit is not in',
      ({ deps, as }) => recordInspection(deps, as('p'), { ...visit, track: 'factory' }),
      { type: 'unit-not-in-track', field: 'track' },
    ],
    [
      '98 hazards at once',
      ({ deps, as }) => recordInspection(deps, as('p'), { ...visit, answers: many }),
      { type: 'too-large', field: 'answers' },
    ],
    [
      'a wrong transition',
      ({ deps, as }) => act(deps, as('p'), H1, order),
      { type: 'wrong-transition', status: 422, field: 'status' },
    ],
    [
      'an unknown organisation',
      ({ deps, as }) => hazards.assignHazard(deps, as('p'), H1, { to: 'nobody' }),
      { type: 'invalid-input', field: 'to' },
    ],
    [
      'an unknown area',
      ({ deps, as }) => units.registerUnit(deps, as('p'), { details: { ...DETAILS, area: 'village-99' } }),
      { field: 'area' },
    ],
    [
      'an id that is none',
      ({ deps, as }) => units.registerUnit(deps, as('p'), { id: 'u 1', details: DETAILS }),
      { type: 'invalid-input', field: 'id' },
    ],
    [
      'a time to come',
      (town) => grade(town, town.as('p', { occurredAt: new Date(NOW.getTime() + 5 * 60_000 + 1).toISOString() })),
      { type: 'occurred-in-future', field: 'occurredAt' },
    ],
    [
      'a time that is none',
      (town) => grade(town, town.as('p', { occurredAt: 'yesterday' })),
      { type: 'invalid-input', field: 'occurredAt' },
    ],
    ['a name for a person', (town) => grade(town, town.as('王某某')), { type: 'invalid-input', field: 'actor.person' }],
    [
      'a duplicate of a hazard that is not there',
      (town) => actsOn(town, H1).propose({ kind: 'duplicate', of: 'h_9' }),
      { type: 'unknown-hazard' },
    ],
    [
      'a person who may not',
      (town) => grade(town, town.as('p', { authorise: forbid })),
      { type: 'forbidden', status: 403 },
    ],
    [
      'another definition of the campaign',
      ({ deps, as }) => launchCampaign(deps, as('p'), { ...LIANTANG, name: '别的' }),
      { type: 'campaign-launched' },
    ],
  ])('%s', async (_, command, refusal) => {
    const town = await townWith('GAS-01');
    const before = town.fake.items('events');
    await expect(command(town)).rejects.toMatchObject(refusal);
    expect(town.fake.items('events')).toEqual(before);
  });

  const forbid = (): never => {
    throw new Forbidden('forbidden', 'no');
  };

  test('leave is asked with what the command is about, before anything is decided', async () => {
    const town = await townWith('GAS-01');
    const subjects: object[] = [];
    await grade(town, town.as('p', { authorise: (subject) => void subjects.push(subject) }));
    expect(subjects).toMatchObject([
      {
        track: 'gas',
        hazard: { id: H1, status: 'found' },
        unit: { id: UNIT, details: DETAILS },
        campaign: { definition: LIANTANG },
      },
    ]);
    // A forbidden caller learns nothing about whether the act would have been possible.
    const wrong = hazards.signOffHazard(town.deps, town.as('p', { authorise: forbid }), H1);
    await expect(wrong).rejects.toMatchObject({ type: 'forbidden' });
  });

  test('before the campaign is launched, everything', async () => {
    const fake = new FakeDynamo();
    const { as } = await emptyTown();
    const deps = { dynamo: fake.client, table: 'events' };
    await expect(units.registerUnit(deps, as('p'), { details: DETAILS })).rejects.toMatchObject({
      type: 'campaign-not-launched',
    });
    expect(fake.items('events')).toEqual([]);
  });

  test('a few minutes of a fast clock are not a time to come', async () => {
    const town = await townWith('GAS-01');
    const occurredAt = new Date(NOW.getTime() + 5 * 60_000).toISOString();
    expect(await grade(town, town.as('p', { occurredAt }))).toMatchObject({
      added: 1,
      events: [{ occurredAt, recordedAt: NOW.toISOString() }],
    });
  });
});

describe('what is recorded', () => {
  test('carries who, when, by which command, and what the caller told about the circumstances', async () => {
    const town = await townWith('GAS-01');
    const evidence = [{ sha256: 'a'.repeat(64), mediaType: 'image/jpeg' }];
    const context = town.as(WHO.office, {
      occurredAt: later(DAY),
      device: 'pda-7',
      place: { lat: 31, lon: 121, accuracy: 5 },
      evidence,
      cause: 'inspection/i_1/1',
      correlation: 'x-1',
    });
    await grade(town, context);
    const [last] = (await readStream(town.deps, TENANT, 'hazard', H1)).slice(-1);
    expect(last!.event).toMatchObject({
      id: `hazard/${H1}/2`,
      type: 'HazardGraded',
      schema: 1,
      tenant: TENANT,
      stream: `liantang#hazard#${H1}`,
      version: 2,
      occurredAt: later(DAY),
      recordedAt: NOW.toISOString(),
      actor: { person: WHO.office, post: '科员', organisation: 'guijianban' },
      source: 'api',
      device: 'pda-7',
      place: { lat: 31, lon: 121, accuracy: 5 },
      evidence,
      unit: UNIT,
      track: 'gas',
      organisation: 'guijianban',
      ruleSet: 1,
      command: context.command,
      cause: 'inspection/i_1/1',
      correlation: 'x-1',
    });
    expect(last!.commit).toMatchObject({
      command: context.command,
      request: context.request,
      person: WHO.office,
      cause: 'inspection/i_1/1',
    });
  });

  test('names the rule set that held when it happened', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    await publishRuleSet(town.deps, town.as(WHO.office), {
      ...LIANTANG_RULES,
      version: 2,
      effectiveFrom: '2025-06-01',
    });
    const at = (occurredAt: string, id: string) =>
      hazards.gradeHazard(town.deps, town.as(WHO.office, { occurredAt }), id, { grade: 'major', basis: 'b' });
    expect((await at('2025-05-31T15:59:59.999Z', H1)).events).toMatchObject([{ ruleSet: 1 }]);
    expect((await at('2025-05-31T16:00:00.000Z', H2)).events).toMatchObject([{ ruleSet: 2 }]);
    const early = await units.gradeRisk(
      town.deps,
      town.as(WHO.office, { occurredAt: '2025-04-01T00:00:00.000Z' }),
      UNIT,
      { to: 'B', basis: 'b' },
    );
    expect(early.events).toMatchObject([{ ruleSet: 0 }]);
  });

  test('the longest period that the rule set gives for the grade binds the order', async () => {
    const town = await townWith('GAS-01');
    const rules = { ...LIANTANG_RULES, version: 2, longestRectification: { general: 300, major: 5 } };
    await publishRuleSet(town.deps, town.as(WHO.office), rules);
    const acts = actsOn(town, H1);
    await acts.grade();
    await acts.assign();
    await grade(town, town.as(WHO.office), 'major');
    await expect(acts.order()).rejects.toMatchObject({
      type: 'due-too-late',
      field: 'due',
      expected: expect.stringContaining('5 calendar days'),
    });
    await grade(town, town.as(WHO.office), 'general');
    expect(await acts.order()).toMatchObject({ added: 1 });
  });

  test('a new unit without an id is the same unit when the command is sent again', async () => {
    const town = await emptyTown();
    const context = town.as(WHO.office);
    const first = await units.registerUnit(town.deps, context, { details: DETAILS });
    expect(first.id).toMatch(/^u_[0-9a-f]{20}$/);
    expect(await units.registerUnit(town.deps, context, { details: DETAILS })).toMatchObject({
      id: first.id,
      already: true,
    });
    expect((await units.registerUnit(town.deps, town.as(WHO.office), { details: DETAILS })).id).not.toBe(first.id);
  });

  test('a planned inspection is recorded under its id, or missed', async () => {
    const town = await townWith();
    const plan = {
      unit: UNIT,
      track: 'gas' as const,
      plannedFor: later(DAY),
      mode: 'routine' as const,
      inspectors: ['p-1'],
    };
    const planned = await planInspection(town.deps, town.as(WHO.office), plan);
    const { unit, track, mode } = plan;
    await recordInspection(town.deps, town.as('p-1'), {
      id: planned.id,
      unit,
      track,
      mode,
      inspectors: ['p-1'],
      answers: [],
    });
    const second = await planInspection(town.deps, town.as(WHO.office), { ...plan, id: 'i_2' });
    await missInspection(town.deps, town.as(WHO.office), second.id, { reason: '抽调' });
    expect(
      eventsOf(town.fake, 'inspection')
        .map(({ type, unit: at }) => `${type} ${at}`)
        .toSorted(),
    ).toEqual([
      `InspectionMissed ${UNIT}`,
      `InspectionPlanned ${UNIT}`,
      `InspectionPlanned ${UNIT}`,
      `InspectionRecorded ${UNIT}`,
    ]);
    const elsewhere = planInspection(town.deps, town.as(WHO.office), { ...plan, id: 'i_2', unit: 'u_9' });
    await expect(elsewhere).rejects.toMatchObject({ type: 'unknown-unit' });
  });
});

test('a decision that leaves its own stream out is a defect, and is not written', async () => {
  const town = await townWith('GAS-01');
  const before = town.fake.items('events');
  const primary = { category: 'unit', id: UNIT } as const;
  const elsewhere = execute(town.deps, town.as('p'), primary, () =>
    Promise.resolve(new Map([on('unit', 'u_2', [{ type: 'UnitClosed', data: { reason: 'r' } }])])),
  );
  await expect(elsewhere).rejects.toThrow('changes other streams but not liantang#unit#u_1');
  expect(town.fake.items('events')).toEqual(before);
});

describe('seeding the campaign', () => {
  const seed = { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: LIANTANG_TARGETS };

  test('is done once, and launching the same by hand is nothing', async () => {
    const { as } = await emptyTown();
    const fake = new FakeDynamo();
    const deps = { dynamo: fake.client, table: 'events' };
    await seedCampaign(deps, as(WHO.office), seed);
    const stored = fake.items('events');
    expect(stored).toHaveLength(2 + LIANTANG_TARGETS.length);
    await seedCampaign(deps, as(WHO.office), seed);
    expect(await launchCampaign(deps, as('p-other'), LIANTANG)).toMatchObject({ already: true, added: 0 });
    expect(await publishRuleSet(deps, as('p-other'), LIANTANG_RULES)).toMatchObject({ already: true, added: 0 });
    expect(fake.items('events')).toEqual(stored);
    expect(await loadCampaign(deps, TENANT, NOW)).toMatchObject({ definition: LIANTANG, ruleSets: [LIANTANG_RULES] });
  });

  test('stopped anywhere and done again ends the same', async () => {
    const { as } = await emptyTown();
    const whole = new FakeDynamo();
    await seedCampaign({ dynamo: whole.client, table: 'events' }, as(WHO.office), seed);
    for (let stop = 0; stop < whole.calls.length; stop += 1) {
      const fake = new FakeDynamo();
      const deps = { dynamo: fake.client, table: 'events' };
      let call = 0;
      fake.hook = ({ when }) => {
        if (when === 'after' && call++ === stop) throw new Error('stopped');
      };
      await expect(seedCampaign(deps, as(WHO.office), seed)).rejects.toThrow('stopped');
      await seedCampaign(deps, as(WHO.office), seed);
      expect(fake.items('events')).toEqual(whole.items('events'));
    }
  });
});

// Every act on a hazard in every status: what it leads to where it is allowed, how it is refused where it is not.
import { describe, expect, test } from 'vitest';
import { HAZARD_STATUSES, isOpen, type HazardEvent, type HazardStatus } from '../../events/hazard.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as extensions from '../../shared/rules/hazard/extension.ts';
import * as closure from '../../shared/rules/hazard/closure.ts';
import * as finding from '../../shared/rules/hazard/finding.ts';
import * as rectification from '../../shared/rules/hazard/rectification.ts';
import * as hazards from '../../shared/rules/hazard/hazard.ts';
import * as limits from '../../shared/rules/hazard/limits.ts';
import type { DaochaError } from '../../events/errors.ts';
import { DAY, eventOf, HOUR, later } from '../support/builders.ts';
import { given } from '../support/given.ts';
import {
  CONFIRMER,
  DUE,
  hazardThatIs,
  ID,
  live,
  PROPOSER,
  sighting,
  SIGNER,
  STEPS,
  SUBMITTER,
  VERIFIER,
} from '../support/hazard-life.ts';

const AT_ONCE = { occurredAt: later(0), now: later(0) };

const { hazard } = hazards;
const REQUESTER = { person: 'p-x', organisation: 'village-01' };
const OFFICE = { person: 'p-y', organisation: 'office' };
const order: rectification.Order = { measures: '加装熄火保护装置', due: later(20 * DAY), authority: '安全生产法' };

/** Each act with values that nothing before has used, and what it records. */
const ACTS: Record<
  hazards.HazardAct,
  { decide: (state: hazards.HazardState) => Drafts; type: Drafts[number]['type'] }
> = {
  grade: { decide: (state) => rectification.grade(state, ID, { grade: 'major', basis: '重大' }), type: 'HazardGraded' },
  assign: { decide: (state) => rectification.assign(state, ID, { to: 'wenti' }), type: 'HazardAssigned' },
  return: { decide: (state) => rectification.returnHazard(state, ID, { reason: '非本部门' }), type: 'HazardReturned' },
  reassign: {
    decide: (state) => rectification.reassign(state, ID, { to: 'nongfu', reason: '改派' }),
    type: 'HazardReassigned',
  },
  order: {
    decide: (state) => rectification.orderRectification(state, ID, order, later(0), later(0)),
    type: 'RectificationOrdered',
  },
  control: {
    decide: (state) => rectification.setInterimControl(state, ID, { measures: '停用' }),
    type: 'InterimControlSet',
  },
  submit: {
    decide: (state) => rectification.submitRectification(state, ID, { statement: '已改' }, 'p-x'),
    type: 'RectificationSubmitted',
  },
  refuse: { decide: (state) => limits.refuseOrder(state, ID, { reason: '拒签' }, 'p-x'), type: 'OrderRefused' },
  stateLimit: {
    decide: (state) => limits.stateLimit(state, ID, { limit: 'power', reason: '须区级决定' }, 'p-x'),
    type: 'LimitStated',
  },
  declareDanger: {
    decide: (state) => limits.declareDanger(state, ID, { reason: '泄漏' }, 'p-x'),
    type: 'DangerDeclared',
  },
  verify: { decide: (state) => rectification.verify(state, ID, { basis: '查看' }, 'p-x'), type: 'VerificationPassed' },
  reject: {
    decide: (state) => rectification.reject(state, ID, { reason: '未改' }, 'p-x', AT_ONCE),
    type: 'VerificationRejected',
  },
  signOff: { decide: (state) => rectification.signOff(state, ID, later(40 * DAY), 'p-x'), type: 'HazardSignedOff' },
  propose: {
    decide: (state) => closure.proposeClosure(state, ID, { kind: 'invalid', reason: '误报' }, 'p-x'),
    type: 'HazardClosureProposed',
  },
  confirm: { decide: (state) => closure.confirmClosure(state, ID, 'p-y'), type: 'HazardDismissed' },
  unlink: { decide: (state) => closure.unlink(state, ID, { reason: '实为两处' }, 'p-x'), type: 'HazardUnlinked' },
  requestExtension: {
    decide: (state) =>
      extensions.requestExtension(state, ID, { due: later(40 * DAY), reason: '缺配件' }, REQUESTER, later(0)),
    type: 'ExtensionRequested',
  },
  approveExtension: {
    decide: (state) => extensions.approveExtension(state, ID, { reason: '情况属实' }, OFFICE, later(0)),
    type: 'ExtensionApproved',
  },
  refuseExtension: {
    decide: (state) => extensions.refuseExtension(state, ID, { reason: '无正当理由' }, OFFICE),
    type: 'ExtensionRefused',
  },
};

/** Where the status after an act is not simply that of its row in TRANSITIONS. */
const AFTER: Partial<Record<`${hazards.HazardAct} ${HazardStatus}`, HazardStatus>> = {
  'grade found': 'graded',
  'reassign returned': 'assigned',
  'confirm found': 'invalid',
  'confirm graded': 'invalid',
  'confirm assigned': 'invalid',
  'confirm returned': 'invalid',
  'confirm ordered': 'invalid',
  'confirm rejected': 'invalid',
  'confirm recurred': 'invalid',
  'unlink duplicate': 'found',
};

/** The state already holds: nothing to do, and nothing to refuse. */
const HOLDS = new Set([
  'return returned',
  'confirm duplicate',
  'confirm invalid',
  'propose invalid',
  'signOff signed-off',
]);

const proposal = (state: hazards.HazardState): Drafts =>
  closure.proposeClosure(state, ID, { kind: 'invalid', reason: '误报' }, PROPOSER);

/** What somebody must have asked for, before it can be answered. */
const WAITS_FOR: Partial<Record<hazards.HazardAct, (state: hazards.HazardState) => Drafts>> = {
  confirm: proposal,
  approveExtension: ACTS.requestExtension.decide,
  refuseExtension: ACTS.requestExtension.decide,
};

// Deciders with what the tests below vary.
const control = (measures: string) => ({
  decide: (state: hazards.HazardState) => rectification.setInterimControl(state, ID, { measures, until: DUE }),
});

const signing = (at: string) => (state: hazards.HazardState) => rectification.signOff(state, ID, at, SIGNER);

const propose =
  (kind: 'duplicate' | 'invalid', of?: string, other?: hazards.HazardState) => (state: hazards.HazardState) =>
    closure.proposeClosure(state, ID, { kind, of, reason: '同一问题' }, PROPOSER, other);

const closing = (occurredAt: string) => (state: hazards.HazardState) =>
  rectification.closeAsDerived(state, ID, { basis: '文件已结案', occurredAt }, 'p-importer');

describe.each(HAZARD_STATUSES)('a hazard that is %s', (status) => {
  test.each(Object.keys(ACTS) as hazards.HazardAct[])('answers to: %s', (act) => {
    const { decide, type } = ACTS[act];
    const { from, to } = hazards.TRANSITIONS[act];
    const allowed = (from as readonly HazardStatus[]).includes(status);
    const past = hazardThatIs(status);
    const before = WAITS_FOR[act];
    const events = before && allowed ? live([{ decide: before }], past) : past;
    const after = AFTER[`${act} ${status}`] ?? (to === 'same' ? status : to);
    const recorded = { type, unit: 'u_1', clause: 'GAS-01', before: status, after, status: after };
    const otherwise = HOLDS.has(`${act} ${status}`) ? 'nothing' : refusalOf(act);
    expect(answer(events, decide)).toEqual(allowed ? recorded : otherwise);
    const offered = hazards.nextActs(foldAll(hazard, events)).includes(act);
    expect(offered, 'offered as a next act').toBe(allowed);
  });

  test('is found again', () => {
    const past = hazardThatIs(status);
    const at = later(60 * DAY);
    const { outcome, drafts } = finding.observe(foldAll(hazard, past), sighting({ inspection: 'i_9', occurredAt: at }));
    const again = { found: ['invalid', 'duplicate'], recurred: ['signed-off'] };
    const expected = again.found.includes(status) ? 'found' : again.recurred.includes(status) ? 'recurred' : 'persists';
    expect(outcome).toBe(expected);
    const still = status === 'verified' ? 'rejected' : status;
    const after = { found: 'found', recurred: 'recurred', persists: still }[expected];
    given(hazard, past)
      .when(() => drafts)
      .thenRecorded({
        type: { found: 'HazardFound', recurred: 'RecurrenceFound', persists: 'HazardPersisted' }[expected] as never,
        data: { before: status, after, inspection: 'i_9', clause: 'GAS-01' },
      });
    expect(isOpen(after as HazardStatus)).toBe(true);
  });
});

function refusalOf(act: hazards.HazardAct): string {
  return act === 'confirm' ? 'no-proposal' : 'wrong-transition';
}

/** What a decision answers: `nothing`, the type of a refusal, or what is recorded and the status then. */
function answer(events: readonly HazardEvent[], decide: (state: hazards.HazardState) => Drafts): unknown {
  const when = given(hazard, events).when(decide);
  let drafts: Drafts;
  try {
    drafts = decide(foldAll(hazard, events));
  } catch (error) {
    return (error as DaochaError).type;
  }
  const [draft] = drafts;
  if (!draft) return 'nothing';
  const { clause, before, after } = draft.data as HazardEvent['data'];
  return { type: draft.type, unit: draft.unit, clause, before, after, status: when.state().status };
}

describe('a hazard that does not exist', () => {
  test.each(Object.keys(ACTS) as hazards.HazardAct[])('refuses: %s', (act) => {
    given(hazard).when(ACTS[act].decide).thenRefused('unknown-hazard', 'hazard');
  });

  test('has no next acts', () => {
    expect(hazards.nextActs(hazard.initial)).toEqual([]);
  });

  test('begins when an inspection finds it, at its track’s lead', () => {
    given(hazard)
      .when((state) => finding.observe(state, sighting({ place: '后厨', raw: 'HOSE' })).drafts)
      .thenRecorded({
        type: 'HazardFound',
        unit: 'u_1',
        track: 'gas',
        organisation: 'guijianban',
        data: {
          clause: 'GAS-01',
          before: null,
          after: 'found',
          grade: null,
          inspection: 'i_1',
          item: '1',
          text: '软管老化',
          place: '后厨',
          raw: 'HOSE',
          area: 'village-01',
        },
      });
  });
});

test('a refused act tells what is possible now', () => {
  const state = foldAll(hazard, hazardThatIs('found'));
  expect(() => rectification.signOff(state, ID, later(DAY), SIGNER)).toThrow(
    expect.objectContaining({
      expected: expect.stringContaining('now possible: grade, control, propose, stateLimit, declareDanger'),
      facts: { status: 'found', allowed: ['grade', 'control', 'propose', 'stateLimit', 'declareDanger'] },
    }),
  );
});

describe('grading', () => {
  test('a sign-off says that it was major before, in this cycle and in no later one', () => {
    const to = (grade: 'major' | 'general') => ({
      decide: (state: hazards.HazardState) => rectification.grade(state, ID, { grade, basis: '重新核定' }),
    });
    const { submit, verify, signOff, recur } = STEPS;
    const lowered = live([to('major'), to('general'), submit, verify], hazardThatIs('ordered'));
    given(hazard, lowered)
      .when(signOff.decide)
      .thenRecorded({ type: 'HazardSignedOff', data: { grade: 'general', highest: 'major' } });
    const again = foldAll(hazard, live([signOff, recur, STEPS.order, submit, verify], lowered));
    expect(rectification.signOff(again, ID, later(40 * DAY), SIGNER)[0]!.data).not.toHaveProperty('highest');
  });

  test('a graded hazard keeps its status when it is graded otherwise', () => {
    given(hazard, hazardThatIs('ordered'))
      .when((state) => rectification.grade(state, ID, { grade: 'major', basis: '人员密集' }))
      .thenRecorded({
        type: 'HazardGraded',
        data: { before: 'ordered', after: 'ordered', from: 'general', grade: 'major' },
      });
  });

  test('the same grade again is nothing', () => {
    given(hazard, hazardThatIs('ordered')).when(STEPS.grade.decide).thenNothing();
  });

  test('a hazard that was graded, dismissed and found again can be graded the same and goes on', () => {
    const again = live([STEPS.proposeInvalid, STEPS.confirm, STEPS.find], hazardThatIs('graded'));
    given(hazard, again)
      .when(STEPS.grade.decide)
      .thenRecorded({
        type: 'HazardGraded',
        data: { before: 'found', after: 'graded', from: 'general', grade: 'general' },
      });
    expect(hazards.nextActs(foldAll(hazard, live([STEPS.grade], again)))).toContain('assign');
  });
});

describe('whose it is', () => {
  test('assigning names the organisation before and after', () => {
    given(hazard, hazardThatIs('graded'))
      .when((state) => rectification.assign(state, ID, { to: 'shichangsuo', note: '请尽快' }))
      .thenRecorded({
        type: 'HazardAssigned',
        organisation: 'shichangsuo',
        data: { from: 'guijianban', to: 'shichangsuo', note: '请尽快' },
      });
  });

  test('assigning to whom it is assigned already is nothing', () => {
    given(hazard, hazardThatIs('assigned')).when(STEPS.assign.decide).thenNothing();
  });

  test('what was given back can be assigned to the same organisation again', () => {
    given(hazard, hazardThatIs('returned'))
      .when((state) => rectification.reassign(state, ID, { to: 'shichangsuo', reason: '确属其职责' }))
      .thenRecorded({ type: 'HazardReassigned', data: { before: 'returned', after: 'assigned', to: 'shichangsuo' } });
  });

  test('reassigning an ordered hazard keeps the order and its due date', () => {
    const when = given(hazard, hazardThatIs('ordered')).when((state) =>
      rectification.reassign(state, ID, { to: 'nongfu', reason: '改派' }),
    );
    when.thenRecorded({
      type: 'HazardReassigned',
      organisation: 'nongfu',
      data: { from: 'shichangsuo', to: 'nongfu' },
    });
    expect(when.state()).toMatchObject({ status: 'ordered', due: DUE, organisation: 'nongfu' });
  });

  test('reassigning to whom it belongs is nothing', () => {
    given(hazard, hazardThatIs('ordered'))
      .when((state) => rectification.reassign(state, ID, { to: 'shichangsuo', reason: '改派' }))
      .thenNothing();
  });
});

describe('the due date of an order', () => {
  const at = later(0);
  const ordering =
    (due: string | undefined, longest?: number, occurredAt = at, now = at) =>
    (state: hazards.HazardState): Drafts =>
      rectification.orderRectification(state, ID, { ...order, due }, occurredAt, now, longest);
  const assigned = given(hazard, hazardThatIs('assigned'));

  test('is asked for', () => {
    assigned.when(ordering(undefined)).thenRefused('due-missing', 'due');
  });

  test.each([
    ['before the order', later(-HOUR), at, at],
    ['at the moment of the order', at, at, at],
    ['after the claimed time but before now', later(HOUR), at, later(2 * HOUR)],
    ['after now but before the claimed time', later(HOUR), later(2 * HOUR), at],
  ])('must be to come: %s', (_, due, occurredAt, now) => {
    assigned.when(ordering(due, undefined, occurredAt, now)).thenRefused('due-past', 'due');
  });

  test('lies within the period that the rule set allows, in calendar days of the town', () => {
    // ordered at 10 in the morning of the 8th; the 18th ends at 16:00 UTC
    assigned.when(ordering('2025-05-18T15:59:59.000Z', 10)).thenRecorded({ type: 'RectificationOrdered' });
    assigned.when(ordering('2025-05-18T16:00:00.000Z', 10)).thenRefused('due-too-late', 'due');
  });

  test('has no limit where the rule set gives none, but that a wrong year is noticed', () => {
    assigned
      .when(ordering(later(400 * DAY)))
      .thenRecorded({ type: 'RectificationOrdered', data: { previousDue: null } });
    assigned.when(ordering(later(3653 * DAY))).thenRefused('due-too-late', 'due');
  });

  test('that is replaced after a rejection stays on record', () => {
    given(hazard, hazardThatIs('rejected'))
      .when(ordering(later(20 * DAY)))
      .thenRecorded({ type: 'RectificationOrdered', data: { due: later(20 * DAY), previousDue: DUE } });
  });

  test('ends with its cycle: a recurrence waits for an order of its own', () => {
    expect(foldAll(hazard, hazardThatIs('recurred'))).toMatchObject({
      due: null,
      measures: null,
      openedAt: later(30 * DAY),
    });
  });

  test('ordering the same again is nothing', () => {
    given(hazard, hazardThatIs('ordered')).when(STEPS.order.decide).thenNothing();
  });
});

describe('verification', () => {
  const submitted = given(hazard, hazardThatIs('submitted'));

  test('is never by who submitted, whether it passes or not', () => {
    submitted
      .when((state) => rectification.verify(state, ID, { basis: '自查' }, SUBMITTER))
      .thenRefused('verifier-is-submitter', 'person');
    submitted
      .when((state) => rectification.reject(state, ID, { reason: '自查' }, SUBMITTER, AT_ONCE))
      .thenRefused('verifier-is-submitter', 'person');
  });

  test('counts from who submitted last', () => {
    const events = live(
      [{ decide: (state) => rectification.submitRectification(state, ID, { statement: '再改' }, VERIFIER) }],
      hazardThatIs('rejected'),
    );
    given(hazard, events)
      .when((state) => rectification.verify(state, ID, { basis: '查看' }, VERIFIER))
      .thenRefused('verifier-is-submitter', 'person');
    given(hazard, events)
      .when((state) => rectification.verify(state, ID, { basis: '查看' }, SUBMITTER))
      .thenRecorded({ type: 'VerificationPassed', data: { by: SUBMITTER } });
  });

  test('that fails is counted', () => {
    const events = live([STEPS.submit], hazardThatIs('rejected'));
    given(hazard, events)
      .when((state) => rectification.reject(state, ID, { reason: '仍未改' }, VERIFIER, AT_ONCE))
      .thenRecorded({ type: 'VerificationRejected', data: { rejections: 2, by: VERIFIER } });
  });
});

describe('a command sent again', () => {
  const nextDay = later(8 * DAY);
  test.each([
    ['submit', 'submitted', STEPS.submit.decide],
    ['verify', 'verified', STEPS.verify.decide],
    ['reject', 'rejected', STEPS.reject.decide],
    ['give back', 'returned', STEPS.giveBack.decide],
    ['sign off', 'signed-off', (state: hazards.HazardState) => rectification.signOff(state, ID, nextDay, SIGNER)],
    ['confirm', 'duplicate', STEPS.confirm.decide],
    ['confirm', 'invalid', STEPS.confirm.decide],
  ] as const)('%s on what is %s records nothing', (_, status, decide) => {
    given(hazard, hazardThatIs(status)).when(decide).thenNothing();
  });

  test('the same interim control records nothing, another one does', () => {
    const events = live([control('停止用气')], hazardThatIs('ordered'));
    given(hazard, events).when(control('停止用气').decide).thenNothing();
    given(hazard, events)
      .when(control('疏散').decide)
      .thenRecorded({ type: 'InterimControlSet', data: { measures: '疏散', until: DUE } });
  });

  test('another statement, or another person, is not the same', () => {
    const events = hazardThatIs('submitted');
    given(hazard, events)
      .when((state) => rectification.submitRectification(state, ID, { statement: '别的' }, SUBMITTER))
      .thenRefused('wrong-transition', 'status');
    given(hazard, hazardThatIs('verified'))
      .when((state) => rectification.verify(state, ID, { basis: '现场复查' }, 'p-other'))
      .thenRefused('wrong-transition', 'status');
  });
});

describe('sign-off', () => {
  test.each([
    ['on the same day', later(HOUR), 0],
    ['a second before midnight in town', '2025-05-08T15:59:59.999Z', 0],
    ['at midnight in town', '2025-05-08T16:00:00.000Z', 1],
    ['a week later', later(7 * DAY), 7],
  ])('counts calendar days in town time: %s', (_, at, days) => {
    given(hazard, hazardThatIs('verified'))
      .when(signing(at))
      .thenRecorded({ type: 'HazardSignedOff', data: { days, cycle: 1, openedAt: later(0), by: SIGNER } });
  });

  test('cannot lie before the finding', () => {
    given(hazard, hazardThatIs('verified'))
      .when(signing(later(-1)))
      .thenRefused('signed-off-too-early', 'occurredAt');
  });

  test('of a recurrence counts from the recurrence, as the next cycle', () => {
    const reorder = {
      decide: (state: hazards.HazardState) =>
        rectification.orderRectification(
          state,
          ID,
          { ...order, due: later(50 * DAY) },
          later(31 * DAY),
          later(31 * DAY),
        ),
    };
    const events = live([reorder, STEPS.submit, STEPS.verify], hazardThatIs('recurred'));
    given(hazard, events)
      .when(signing(later(33 * DAY)))
      .thenRecorded({ type: 'HazardSignedOff', data: { days: 3, cycle: 2, openedAt: later(30 * DAY) } });
  });
});

describe('found again after its sign-off', () => {
  const past = hazardThatIs('signed-off');
  const state = foldAll(hazard, past);
  const signedOffAt = later(8 * DAY);

  test('it is the same hazard come back, and undoes that sign-off', () => {
    const { outcome, drafts } = finding.observe(state, sighting({ occurredAt: later(9 * DAY) }));
    expect(outcome).toBe('recurred');
    given(hazard, past)
      .when(() => drafts)
      .thenRecorded({
        type: 'RecurrenceFound',
        data: { undoes: past.at(-1)!.id, signedOffAt, recurrence: 1, before: 'signed-off', after: 'recurred' },
      });
  });

  test.each([
    ['a millisecond before the verification that it stands on', -1, 'late'],
    ['at the moment of that verification', 0, 'recurred'],
    ['after it, before the sign-off', 1, 'recurred'],
  ] as const)('by an inspection %s', (_, offset, expected) => {
    expect(finding.observe(state, sighting({ occurredAt: later(offset, state.putRightAt!) })).outcome).toBe(expected);
  });

  test('a visit before the sign-off that was recorded late is put on record and changes nothing', () => {
    const { drafts } = finding.observe(state, sighting({ occurredAt: later(-1, state.putRightAt!) }));
    const when = given(hazard, past).when(() => drafts);
    when.thenRecorded({ type: 'HazardPersisted', data: { late: true, before: 'signed-off', after: 'signed-off' } });
    expect(when.state()).toEqual({ ...state, version: state.version + 1 });
  });

  test('while open it persists and is not late', () => {
    given(hazard, hazardThatIs('ordered'))
      .when((open) => finding.observe(open, sighting({ occurredAt: later(-DAY) })).drafts)
      .thenRecorded({ type: 'HazardPersisted', data: { late: false, before: 'ordered', after: 'ordered' } });
  });

  test('seen after its verification it cannot be signed off on it; seen before, the verification stands', () => {
    const verified = hazardThatIs('verified');
    const { verifiedAt } = foldAll(hazard, verified);
    const seenAt = (occurredAt: string) =>
      given(hazard, verified).when((now) => finding.observe(now, sighting({ occurredAt })).drafts);
    seenAt(verifiedAt!).thenRecorded({ type: 'HazardPersisted', data: { before: 'verified', after: 'rejected' } });
    seenAt(later(-DAY)).thenRecorded({ type: 'HazardPersisted', data: { before: 'verified', after: 'verified' } });
  });

  test('the second time it is the second recurrence', () => {
    const told = hazardThatIs('recurred').map((event) => ({ ...event, source: 'import' as const }));
    const again = {
      decide: (now: hazards.HazardState) =>
        rectification.closeAsDerived(now, ID, { basis: 'b', occurredAt: later(31 * DAY) }, 'p'),
      about: { occurredAt: later(31 * DAY) },
    };
    given(hazard, live([again], told))
      .when((now) => finding.observe(now, sighting({ occurredAt: later(32 * DAY) })).drafts)
      .thenRecorded({ type: 'RecurrenceFound', data: { recurrence: 2, signedOffAt: later(31 * DAY) } });
  });

  test('nothing of the cycle before counts any more', () => {
    expect(foldAll(hazard, hazardThatIs('recurred'))).toMatchObject({
      submittedBy: null,
      verifiedBy: null,
      due: null,
      proposal: null,
      finder: 'p-inspector-2',
      recurrences: 1,
    });
  });
});

describe('duplicate or invalid', () => {
  const twin = (status: HazardStatus, unit = 'u_1') => ({ ...foldAll(hazard, hazardThatIs(status)), unit });
  const found = given(hazard, hazardThatIs('found'));

  test.each([undefined, ID])('a duplicate names another hazard, not %s', (of) => {
    found.when(propose('duplicate', of)).thenRefused('duplicate-of-missing', 'of');
  });

  test('the hazard that stays is at the same unit', () => {
    found.when(propose('duplicate', 'h_2', twin('ordered', 'u_2'))).thenRefused('duplicate-elsewhere', 'of');
  });

  test.each(['duplicate', 'invalid'] as const)('the hazard that stays is not %s itself', (status) => {
    found.when(propose('duplicate', 'h_2', twin(status))).thenRefused('duplicate-of-dismissed', 'of');
  });

  test('two hazards cannot be linked to each other: the second confirmation looks again', () => {
    given(hazard, live([STEPS.find, STEPS.proposeDuplicate]))
      .when((state) => closure.confirmClosure(state, ID, CONFIRMER, twin('duplicate')))
      .thenRefused('duplicate-of-dismissed', 'of');
  });

  test.each([STEPS.proposeDuplicate, STEPS.proposeInvalid])('needs a second person', (step) => {
    given(hazard, live([STEPS.find, step]))
      .when((state) => closure.confirmClosure(state, ID, PROPOSER))
      .thenRefused('second-person-needed', 'person');
  });

  test('names both persons', () => {
    given(hazard, live([STEPS.find, STEPS.proposeDuplicate]))
      .when(STEPS.confirm.decide)
      .thenRecorded({ type: 'HazardLinkedAsDuplicate', data: { of: 'h_2', proposedBy: PROPOSER, by: CONFIRMER } });
    given(hazard, live([STEPS.find, STEPS.proposeInvalid]))
      .when(STEPS.confirm.decide)
      .thenRecorded({ type: 'HazardDismissed', data: { reason: '误报', proposedBy: PROPOSER, by: CONFIRMER } });
  });

  test('proposing the same again is nothing, another kind replaces the proposal', () => {
    const events = live([STEPS.find, { decide: propose('invalid', 'h_2') }]);
    given(hazard, events).when(propose('invalid', 'h_2')).thenNothing();
    given(hazard, events).when(propose('invalid')).thenNothing();
    given(hazard, events)
      .when(propose('duplicate', 'h_2', twin('found')))
      .thenRecorded({ type: 'HazardClosureProposed', data: { kind: 'duplicate', of: 'h_2' } });
  });

  test('a proposal does not outlive the cycle in which it was made', () => {
    const events = live(
      [STEPS.proposeInvalid, STEPS.submit, STEPS.verify, STEPS.signOff, STEPS.recur],
      hazardThatIs('ordered'),
    );
    given(hazard, events).when(STEPS.confirm.decide).thenRefused('no-proposal');
    given(hazard, events.slice(0, -1)).when(STEPS.proposeInvalid.decide).thenRefused('wrong-transition', 'status');
  });

  test('undoing a link leads back to where it was, with its due date', () => {
    const events = live([STEPS.proposeDuplicate, STEPS.confirm], hazardThatIs('ordered'));
    const when = given(hazard, events).when((state) => closure.unlink(state, ID, { reason: '实为两处' }, CONFIRMER));
    when.thenRecorded({
      type: 'HazardUnlinked',
      data: { before: 'duplicate', after: 'ordered', due: DUE, openedAt: later(0), by: CONFIRMER },
    });
    expect(when.state()).toMatchObject({ status: 'ordered', proposal: null });
  });

  test('a duplicate that is seen again persists while the hazard that stays is open, and is open again when it is not', () => {
    const state = foldAll(hazard, hazardThatIs('duplicate'));
    expect(finding.observe(state, sighting({ twinOpen: true }))).toMatchObject({
      outcome: 'persists',
      drafts: [{ type: 'HazardPersisted', data: { before: 'duplicate', after: 'duplicate', late: false } }],
    });
    expect(finding.observe(state, sighting({ twinOpen: false }))).toMatchObject({
      outcome: 'found',
      drafts: [{ type: 'HazardFound', data: { before: 'duplicate', after: 'found' } }],
    });
  });

  test('found again after it was dismissed, it begins again: no due date, no submitter of the past', () => {
    const again = { ...STEPS.find, about: { occurredAt: later(50 * DAY) } };
    const dismissed = live([STEPS.proposeInvalid, STEPS.confirm, again], hazardThatIs('rejected'));
    expect(foldAll(hazard, dismissed)).toMatchObject({
      status: 'found',
      openedAt: later(50 * DAY),
      due: null,
      submittedBy: null,
      rejection: null,
      proposal: null,
      organisation: 'shichangsuo',
    });
  });
});

describe('shown gone by another register', () => {
  const told = (status: HazardStatus) => hazardThatIs(status).map((event) => ({ ...event, source: 'import' as const }));

  test.each(HAZARD_STATUSES.filter(isOpen))('a hazard that is %s is submitted, verified and signed off', (status) => {
    const at = later(40 * DAY);
    given(hazard, told(status))
      .when(closing(at))
      .thenRecorded(
        { type: 'RectificationSubmitted', data: { before: status, after: 'submitted', statement: '文件已结案' } },
        { type: 'VerificationPassed', data: { before: 'submitted', after: 'verified', basis: '文件已结案' } },
        {
          type: 'HazardSignedOff',
          data: {
            before: 'verified',
            after: 'signed-off',
            days: status === 'recurred' ? 10 : 40,
            cycle: status === 'recurred' ? 2 : 1,
          },
        },
      );
  });

  test.each(HAZARD_STATUSES.filter((status) => !isOpen(status)))('nothing happens to one that is %s', (status) => {
    given(hazard, told(status))
      .when(closing(later(40 * DAY)))
      .thenNothing();
  });

  test.each(HAZARD_STATUSES.filter(isOpen))('nothing happens to one that is %s by people on the platform', (status) => {
    given(hazard, hazardThatIs(status))
      .when(closing(later(40 * DAY)))
      .thenNothing();
  });

  test('seen again after the time that the register speaks of, it has come back', () => {
    const seen = (inspection: string, days: number) => ({
      decide: (now: hazards.HazardState) =>
        finding.observe(now, sighting({ inspection, occurredAt: later(days * DAY) })).drafts,
      about: { occurredAt: later(days * DAY), source: 'import' as const },
    });
    const stream = live([seen('i_3', 30), seen('i_1', 3), seen('i_4', 40), seen('i_2', 20)]);
    const outcome = given(hazard, stream).when(closing(later(5 * DAY)));
    outcome.thenRecorded(
      { type: 'RectificationSubmitted' },
      { type: 'VerificationPassed' },
      { type: 'HazardSignedOff', data: { openedAt: later(3 * DAY), days: 2, cycle: 1 } },
      {
        type: 'RecurrenceFound',
        occurredAt: later(20 * DAY),
        data: { inspection: 'i_2', undoes: 'hazard/h_1/7', signedOffAt: later(5 * DAY), recurrence: 1 },
      },
    );
    expect(outcome.state()).toMatchObject({ status: 'recurred', recurrences: 1, openedAt: later(20 * DAY) });
    expect(outcome.state().seen.map(({ inspection }) => inspection)).toEqual(['i_3', 'i_4', 'i_2']);
  });

  test('nothing happens when the register speaks of a time before the present cycle', () => {
    given(hazard, told('recurred'))
      .when(closing(later(29 * DAY)))
      .thenNothing();
    given(hazard, told('found'))
      .when(closing(later(-1)))
      .thenNothing();
  });

  test('a hazard that nobody found cannot be closed', () => {
    given(hazard)
      .when(closing(later(DAY)))
      .thenRefused('unknown-hazard', 'hazard');
  });
});

describe('correcting', () => {
  const NOW = later(100 * DAY);
  const stream = [
    eventOf('hazard', 'h_1', 1, {
      type: 'HazardFound',
      unit: 'u_1',
      track: 'gas',
      organisation: 'guijianban',
      data: {
        clause: 'GAS-01',
        grade: null,
        before: null,
        after: 'found',
        inspection: 'i_1',
        item: '1',
        text: '软管老化',
      },
    }),
    eventOf('hazard', 'h_1', 2, {
      type: 'HazardGraded',
      unit: 'u_1',
      track: 'gas',
      organisation: 'guijianban',
      data: { clause: 'GAS-01', grade: 'major', before: 'found', after: 'graded', from: null, basis: '依据有误' },
    }),
  ];
  const correcting = (target: number, changes: { field: string; to: unknown }[]) => (state: hazards.HazardState) =>
    rectification.correctHazard(
      hazards.requireHazard(state, 'h_1'),
      stream as HazardEvent[],
      { target: `hazard/h_1/${target}`, changes, reason: '录入有误' },
      { organisation: 'guijianban', office: false },
      NOW,
    );

  test('changes words and nothing of the life', () => {
    const outcome = given(hazards.hazard, stream, 'h_1').when(correcting(1, [{ field: 'place', to: '后厨' }]));
    outcome.thenRecorded({
      type: 'HazardCorrected',
      unit: 'u_1',
      track: 'gas',
      organisation: 'guijianban',
      data: {
        clause: 'GAS-01',
        before: 'graded',
        after: 'graded',
        grade: 'major',
        target: 'hazard/h_1/1',
        changes: [{ field: 'place', from: null, to: '后厨' }],
      },
    });
    expect(outcome.state()).toEqual({
      ...foldAll(hazards.hazard, stream as HazardEvent[]),
      version: stream.length + 1,
    });
  });

  test.each(['clause', 'before', 'after', 'grade', 'from', 'due'])('never touches %s', (field) => {
    given(hazards.hazard, stream, 'h_1')
      .when(correcting(2, [{ field, to: 'general' }]))
      .thenRefused('not-correctable', 'changes[0].field');
  });
});

// Each rule by which a case goes beyond the town: what fires it, what does not, with which limit; by which rule set; where the case goes.
import { describe, expect, test } from 'vitest';
import type { RuleSet } from '../../events/campaign.ts';
import type { DaochaEvent, Draft } from '../../events/catalogue.ts';
import { TRACKS } from '../../events/envelope.ts';
import { HAZARD_STATUSES, LIMITS, type HazardEvent } from '../../events/hazard.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { groundsOf, overdue, overdueAfter, routeOf } from '../../shared/rules/escalation/policy.ts';
import { DAY, eventOf, exampleOf, later, type About } from '../support/builders.ts';
import { live, STEPS } from '../support/hazard-life.ts';

const rules = (escalation: RuleSet['escalation']): RuleSet => ({ ...LIANTANG_RULES, version: 3, escalation });
const about = { clause: 'GAS-01', before: 'ordered', after: 'ordered', grade: 'general' } as const;
const happened = (type: Draft['type'], data: object, more: About = {}): DaochaEvent =>
  eventOf('hazard', 'h_1', 9, { type, data: { ...about, ...data } } as Draft, more);
const fired = (event: DaochaEvent, ruleSet: RuleSet | undefined = LIANTANG_RULES) =>
  groundsOf(event, ruleSet).map(({ rule, limit, urgent }) => ({ rule, limit, urgent }));

describe('limit-stated', () => {
  test.each(LIMITS)('fires with the limit that the officer states: %s', (limit) => {
    const event = happened('LimitStated', { limit, reason: '须区级决定', by: 'p' });
    expect(groundsOf(event, LIANTANG_RULES)).toEqual([
      { rule: 'limit-stated', limit, reason: '须区级决定', urgent: false, ruleSet: 1 },
    ]);
  });
});

describe('major', () => {
  const graded = (from: string | null, grade: string) => happened('HazardGraded', { from, grade, basis: '重大' });

  test('fires when a hazard becomes major, not when it is or stays anything else', () => {
    expect(fired(graded(null, 'major'))).toEqual([{ rule: 'major', limit: 'power', urgent: false }]);
    expect(fired(graded('general', 'major'))).toHaveLength(1);
    expect(fired(graded('major', 'general'))).toEqual([]);
    expect(fired(graded(null, 'general'))).toEqual([]);
  });

  test('fires when a major hazard opens again: come back, found again, unlinked', () => {
    const major = { grade: 'major' };
    const back = { inspection: 'i', item: '1', undoes: 'x', signedOffAt: later(0), recurrence: 1 };
    expect(
      fired(happened('RecurrenceFound', { ...back, ...major, before: 'signed-off', after: 'recurred' })),
    ).toHaveLength(1);
    expect(
      fired(happened('HazardFound', { ...major, before: 'invalid', after: 'found', inspection: 'i', item: '1' })),
    ).toHaveLength(1);
    const unlinked = { reason: 'r', by: 'p', openedAt: later(0), due: null };
    expect(
      fired(happened('HazardUnlinked', { ...major, ...unlinked, before: 'duplicate', after: 'found' })),
    ).toHaveLength(1);
    expect(fired(happened('HazardAssigned', { ...major, from: 'a', to: 'b' }))).toEqual([]);
    expect(
      fired(
        happened('HazardSignedOff', { ...major, after: 'signed-off', by: 'p', openedAt: later(0), days: 1, cycle: 1 }),
      ),
    ).toEqual([]);
  });
});

describe('order-refused', () => {
  test('fires on every refusal', () => {
    expect(fired(happened('OrderRefused', { reason: '拒签', by: 'p' }))).toEqual([
      { rule: 'order-refused', limit: 'power', urgent: false },
    ]);
  });
});

describe.each([
  ['rejections', 'VerificationRejected', (n: number) => ({ by: 'p', reason: '未到位', rejections: n })],
  [
    'extensions',
    'ExtensionApproved',
    (n: number) => ({
      due: later(9 * DAY),
      previousDue: later(DAY),
      reason: '配件未到',
      requestedBy: 'p',
      by: 'q',
      extensions: n,
    }),
  ],
  [
    'recurrences',
    'RecurrenceFound',
    (n: number) => ({
      before: 'signed-off',
      after: 'recurred',
      inspection: 'i',
      item: '1',
      undoes: 'x',
      signedOffAt: later(0),
      recurrence: n,
    }),
  ],
] as const)('%s', (rule, type, data) => {
  const nth = (n: number) => happened(type, data(n));

  test('fires from the second on, by default', () => {
    expect(fired(nth(1))).toEqual([]);
    expect(fired(nth(2))).toEqual([{ rule, limit: 'capacity', urgent: false }]);
    expect(fired(nth(3))).toHaveLength(1);
    expect(groundsOf(nth(2), LIANTANG_RULES)[0]!.reason).toContain('第2次');
  });

  test('fires at the threshold of the rule set, and names its version', () => {
    const ruleSet = rules([{ rule, threshold: 4, limit: 'power' }]);
    expect(fired(nth(3), ruleSet)).toEqual([]);
    expect(groundsOf(nth(4), ruleSet)).toMatchObject([{ rule, limit: 'power', ruleSet: 3 }]);
  });

  test('counts what the hazard itself counts', () => {
    // three rejections in one cycle, then one in the next: it begins again
    const { submit, reject, recur, verify, signOff } = STEPS;
    const [find, grade, assign, order] = [STEPS.find, STEPS.grade, STEPS.assign, STEPS.order];
    const twice = [find, grade, assign, order, submit, reject, submit, reject];
    const counts = (events: readonly HazardEvent[]) =>
      events.flatMap((event) => (event.type === 'VerificationRejected' ? [event.data.rejections] : []));
    const events = live([...twice, submit, verify, signOff, recur, order, submit, reject]);
    expect(counts(events)).toEqual([1, 2, 1]);
  });
});

describe('danger', () => {
  test('fires at once, urgent', () => {
    expect(fired(happened('DangerDeclared', { reason: '泄漏', by: 'p' }))).toEqual([
      { rule: 'danger', limit: 'power', urgent: true },
    ]);
  });
});

describe('overdue', () => {
  const due = later(0);
  const state = (status: (typeof HAZARD_STATUSES)[number] | null) => ({ status, due });

  test('fires so many working days after the last rung of the ladder', () => {
    // the last rung is +3, the threshold 5
    expect(overdueAfter(LIANTANG_RULES)).toBe(8);
    expect(overdue(state('ordered'), 7, LIANTANG_RULES)).toBeUndefined();
    expect(overdue(state('ordered'), 8, LIANTANG_RULES)).toMatchObject({
      rule: 'overdue',
      limit: 'capacity',
      ruleSet: 1,
    });
    expect(overdue(state('rejected'), 60, LIANTANG_RULES)).toMatchObject({ reason: expect.stringContaining('60') });
  });

  test('fires only while the unit owes something', () => {
    const owes = HAZARD_STATUSES.filter((status) => overdue(state(status), 90, LIANTANG_RULES));
    expect(owes).toEqual(['ordered', 'rejected']);
    expect(overdue({ status: 'ordered', due: null }, 90, LIANTANG_RULES)).toBeUndefined();
  });

  test('never fires without the rule, or before there is a rule set', () => {
    expect(overdueAfter(rules([{ rule: 'major' }]))).toBeUndefined();
    expect(overdue(state('ordered'), 90, rules([]))).toBeUndefined();
    expect(overdue(state('ordered'), 90, undefined)).toBeUndefined();
  });
});

describe('a rule set', () => {
  test('that does not list a rule, or lists none, keeps it from firing', () => {
    const event = happened('OrderRefused', { reason: '拒签', by: 'p' });
    expect(fired(event, rules([{ rule: 'major' }]))).toEqual([]);
    expect(fired(event, rules(undefined))).toEqual([]);
    expect(groundsOf(event, undefined)).toEqual([]);
  });

  test('may have several rules fire on one event, in its order', () => {
    const event = happened('RecurrenceFound', {
      before: 'signed-off',
      after: 'recurred',
      grade: 'major',
      inspection: 'i',
      item: '1',
      undoes: 'x',
      signedOffAt: later(0),
      recurrence: 2,
    });
    expect(fired(event).map(({ rule }) => rule)).toEqual(['major', 'recurrences']);
  });
});

test('nothing fires on what does not concern a hazard', () => {
  expect(groundsOf(exampleOf('UnitDelisted'), LIANTANG_RULES)).toEqual([]);
  expect(groundsOf(exampleOf('EscalationReturned'), LIANTANG_RULES)).toEqual([]);
});

test('a row of somebody else’s register is news for a week; an old one is history and fires nothing', () => {
  const derived = { source: 's', file: 'f', rows: [1], rule: 'r' };
  const row = (days: number) =>
    happened(
      'HazardGraded',
      { from: null, grade: 'major', basis: 'b' },
      {
        derived,
        occurredAt: later(0),
        recordedAt: later(days * DAY),
      },
    );
  expect(fired(row(7))).toHaveLength(1);
  expect(fired(row(8))).toEqual([]);
});

describe('a route', () => {
  test('is the first that fits track and limit', () => {
    const routing = [
      { track: 'gas', limit: 'power', to: 'd-1' },
      { track: 'gas', to: 'd-2' },
      { limit: 'capacity', to: 'd-3' },
    ] as const;
    const at = (track: (typeof TRACKS)[number], limit: (typeof LIMITS)[number]) =>
      routeOf({ routing: [...routing] }, track, limit);
    expect(at('gas', 'power')).toBe('d-1');
    expect(at('gas', 'capacity')).toBe('d-2');
    expect(at('ebike', 'capacity')).toBe('d-3');
    expect(at('ebike', 'power')).toBeUndefined();
    expect(routeOf(undefined, 'gas', 'power')).toBeUndefined();
  });

  test.each(TRACKS)(
    'of the shipped rule set exists for %s with either limit, and leads to a district unit',
    (track) => {
      for (const limit of LIMITS) {
        const to = routeOf(LIANTANG_RULES, track, limit);
        expect(LIANTANG.organisations.find(({ id }) => id === to)?.kind).toBe('district');
      }
    },
  );
});

// An inspection is planned, then recorded once with every answer, or missed.
import { describe, expect, test } from 'vitest';
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { Answer, InspectionEvent } from '../../events/inspection.ts';
import type { HazardEvent } from '../../events/hazard.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as inspections from '../../shared/rules/inspection/inspection.ts';
import { DAY, eventOf, later } from '../support/builders.ts';
import { given } from '../support/given.ts';

const { inspection } = inspections;
const answers: Answer[] = [
  { item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' },
  { item: '2', clause: 'GAS-02', answer: 'ok' },
  { item: '3', clause: 'GAS-03', answer: 'not-applicable' },
];
const findings = [{ item: '1', clause: 'GAS-01', hazard: 'h_1', outcome: 'found' as const }];
const plan = (state: inspections.InspectionState, unit = 'u_1', plannedFor = later(DAY)): Drafts =>
  inspections.plan(state, { plannedFor, mode: 'routine', inspectors: ['p-1'] }, unit);
const record = (state: inspections.InspectionState, more: object = {}): Drafts =>
  inspections.record(state, { unit: 'u_1', mode: 'routine', inspectors: ['p-1'], answers, ...more }, findings);
const miss = (state: inspections.InspectionState): Drafts =>
  inspections.missInspection(state, { reason: '检查人员临时抽调' });

function past(...steps: ((state: inspections.InspectionState) => Drafts)[]): DaochaEvent[] {
  const events: DaochaEvent[] = [];
  for (const decide of steps) {
    const [draft] = decide(foldAll(inspection, events as InspectionEvent[]));
    events.push(eventOf('inspection', 'i_1', events.length + 1, draft!, { unit: 'u_1', track: 'gas' }));
  }
  return events;
}

describe('transitions', () => {
  test.each([
    ['new', [], plan, 'InspectionPlanned'],
    ['new', [], record, 'InspectionRecorded'],
    ['planned', [plan], record, 'InspectionRecorded'],
    ['planned', [plan], miss, 'InspectionMissed'],
  ] as const)('%s allows it (%#)', (_, steps, decide, type) => {
    given(inspection, past(...steps))
      .when((state) => decide(state))
      .thenRecorded({ type });
  });

  test.each([
    ['new', [], miss],
    ['recorded', [record], record],
    ['recorded', [record], miss],
    ['recorded', [record], plan],
    ['missed', [plan, miss], record],
    ['missed', [plan, miss], plan],
  ] as const)('%s refuses it (%#)', (_, steps, decide) => {
    given(inspection, past(...steps))
      .when((state) => decide(state))
      .thenRefused('wrong-transition', 'inspection');
  });

  test('the same plan again, and the same omission again, are nothing', () => {
    given(inspection, past(plan))
      .when((state) => plan(state))
      .thenNothing();
    given(inspection, past(plan, miss)).when(miss).thenNothing();
  });

  test('a planned inspection is neither planned for another day or unit, nor recorded at another unit', () => {
    given(inspection, past(plan))
      .when((state) => plan(state, 'u_1', later(2 * DAY)))
      .thenRefused('wrong-transition', 'inspection');
    given(inspection, past(plan))
      .when((state) => plan(state, 'u_2'))
      .thenRefused('wrong-transition', 'inspection');
    given(inspection, past(plan))
      .when((state) => record(state, { unit: 'u_2' }))
      .thenRefused('other-unit', 'unit');
  });

  test('an inspection that nobody knows is named as such', () => {
    expect(() => inspections.requireInspection(inspection.initial, 'i_9')).toThrow(
      expect.objectContaining({ type: 'unknown-inspection', status: 404, field: 'inspection' }),
    );
    expect(inspections.requireInspection(foldAll(inspection, past(plan) as InspectionEvent[]), 'i_1')).toBe('u_1');
  });
});

describe('the record', () => {
  test('keeps every answer, “no problem” too, and what each finding meant', () => {
    given(inspection, past(plan))
      .when((state) =>
        record(state, {
          template: { id: 'gas', version: 2 },
          signature: { kind: 'refused', reason: '拒签' },
          result: '不合格',
        }),
      )
      .thenRecorded({
        type: 'InspectionRecorded',
        data: {
          answers,
          findings,
          clean: false,
          template: { id: 'gas', version: 2 },
          signature: { kind: 'refused', reason: '拒签' },
          result: '不合格',
        },
      });
  });

  test.each([
    [[], true],
    [answers.slice(1), true],
    [answers, false],
  ])('is clean when no answer was “problem” (%#)', (given_, clean) => {
    given(inspection)
      .when((state) => record(state, { answers: given_ }))
      .thenRecorded({ type: 'InspectionRecorded', data: { clean } });
  });

  test('has one answer an item, and names the second', () => {
    given(inspection)
      .when((state) => record(state, { answers: [...answers, { item: '2', clause: 'GAS-09', answer: 'ok' }] }))
      .thenRefused('invalid-input', 'answers[3].item');
  });

  test('finds no more hazards than one transaction can hold', () => {
    const many = Array.from({ length: 98 }, (_, n) => ({ ...findings[0]!, hazard: `h_${n}` }));
    const recorded = (count: number) => (state: inspections.InspectionState) =>
      inspections.record(state, { unit: 'u_1', mode: 'routine', inspectors: [], answers }, many.slice(0, count));
    given(inspection).when(recorded(97)).thenRecorded({ type: 'InspectionRecorded' });
    given(inspection).when(recorded(98)).thenRefused('too-large', 'answers');
  });

  test('a clause that is found twice is one problem, in the words of the first', () => {
    const twice: Answer[] = [...answers, { item: '4', clause: 'GAS-01', answer: 'problem', text: '另一处' }];
    expect(inspections.problems(twice)).toEqual([answers[0]]);
  });
});

describe('correcting', () => {
  const recorded = eventOf('inspection', 'i_1', 1, {
    type: 'InspectionRecorded',
    unit: 'u_1',
    data: {
      mode: 'routine',
      inspectors: ['p-1'],
      answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
      findings: [{ item: '1', clause: 'GAS-01', hazard: 'h_1', outcome: 'found' }],
      clean: false,
    },
  });
  const NOW = later(100 * DAY);
  const life = { clause: 'GAS-01', grade: null };
  const seen = { ...life, inspection: 'i_1', item: '1' };
  const correcting =
    (changes: { field: string; to: unknown }[], hazard: DaochaEvent[] = [], organisation = 'guijianban') =>
    () =>
      inspections.correctInspection(
        [recorded] as InspectionEvent[],
        'i_1',
        { target: recorded.id, changes, reason: '录入有误' },
        { organisation, office: false },
        NOW,
        new Map([['h_1', hazard as HazardEvent[]]]),
      );
  const when = (...asked: Parameters<typeof correcting>) =>
    given(inspection, [recorded], 'i_1').when(correcting(...asked));

  test('keeps what was there', () => {
    when([{ field: 'mode', to: 'joint' }]).thenRecorded({
      type: 'InspectionCorrected',
      data: { target: recorded.id, changes: [{ field: 'mode', from: 'routine', to: 'joint' }] },
    });
    when([{ field: 'mode', to: 'routine' }]).thenNothing();
    when([{ field: 'mode', to: 'joint' }], [], 'village-01').thenRefused('not-recorded-by-you', 'target');
    when([{ field: 'answers[1].answer', to: 'ok' }]).thenRefused('answer-not-correctable', 'changes[0].to');
  });

  const found = eventOf('hazard', 'h_1', 1, {
    type: 'HazardFound',
    data: { ...seen, before: null, after: 'found' },
  });
  const signedOff = (version: number, at: string): DaochaEvent =>
    eventOf(
      'hazard',
      'h_1',
      version,
      {
        type: 'HazardSignedOff',
        data: { ...life, before: 'verified', after: 'signed-off', by: 'p-2', openedAt: later(0), days: 1, cycle: 1 },
      },
      { occurredAt: at, recordedAt: at },
    );
  const recurred = eventOf('hazard', 'h_1', 3, {
    type: 'RecurrenceFound',
    data: {
      ...seen,
      before: 'signed-off',
      after: 'recurred',
      undoes: 'hazard/h_1/2',
      signedOffAt: later(2 * DAY),
      recurrence: 1,
    },
  });
  const lateSeen = eventOf('hazard', 'h_1', 3, {
    type: 'HazardPersisted',
    data: { ...seen, before: 'signed-off', after: 'signed-off', late: true },
  });
  const at = (days: number) => [{ field: 'occurredAt', to: later(days * DAY) }];

  test.each<[string, DaochaEvent[], number, boolean]>([
    ['a finding, before the sign-off that followed', [found, signedOff(2, later(5 * DAY))], 4, true],
    ['a finding, after the sign-off that followed', [found, signedOff(2, later(5 * DAY))], 6, false],
    ['a finding that was never signed off', [found], 50, true],
    ['a recurrence, after the sign-off that it undid', [signedOff(2, later(2 * DAY)), recurred], 3, true],
    ['a recurrence, before the sign-off that it undid', [signedOff(2, later(2 * DAY)), recurred], 1, false],
    ['one recorded late, before the sign-off', [signedOff(2, later(2 * DAY)), lateSeen], 1, true],
    ['one recorded late, after the sign-off', [signedOff(2, later(2 * DAY)), lateSeen], 3, false],
  ])('the time of %s: on day %s of it', (_, hazard, day, allowed) => {
    const outcome = when(at(day), hazard);
    if (allowed) outcome.thenRecorded({ type: 'InspectionCorrected' });
    else outcome.thenRefused('crosses-sign-off', 'changes');
  });
});

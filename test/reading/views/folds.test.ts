// Given these events, this is what people see. Events are built by hand here, so that each rule of a view stands by itself.
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import type { HazardStatus } from '../../../events/hazard.ts';
import { hazardsView } from '../../../shared/reading/hazard/list.ts';
import { timelineView } from '../../../shared/reading/unit/timeline.ts';
import { trackView } from '../../../shared/reading/track/page.ts';
import { baselineView, MAX_LEASES, MAX_OPEN_HAZARDS, unitView } from '../../../shared/reading/unit/page.ts';
import { unitsView } from '../../../shared/reading/unit/list.ts';
import type { DocumentView, Placed } from '../../../shared/reading/views/view.ts';
import { at, given } from './given.ts';
import { documents } from './projected.ts';

const details = { name: '练塘某餐饮店', tracks: ['gas' as const], area: 'village-01' };
const registered: Draft = { type: 'UnitRegistered', data: { details } };
const found = (clause = 'GAS-01'): Draft => ({
  type: 'HazardFound',
  data: { clause, before: null, after: 'found', grade: null, inspection: 'i_1', item: '1' },
});
const step = (before: HazardStatus, after: HazardStatus) => ({
  clause: 'GAS-01',
  before,
  after,
  grade: 'general' as const,
});
const ordered = (due: number): Draft => ({
  type: 'RectificationOrdered',
  data: { ...step('assigned', 'ordered'), measures: 'm', due: at(due), previousDue: null, authority: 'a' },
});
const signedOff = (days = 7): Draft => ({
  type: 'HazardSignedOff',
  data: { ...step('verified', 'signed-off'), by: 'p', openedAt: at(1), days, cycle: 1 },
});
const recurred: Draft = {
  type: 'RecurrenceFound',
  data: {
    ...step('signed-off', 'recurred'),
    inspection: 'i_2',
    item: '1',
    undoes: 'hazard/h_1/2',
    signedOffAt: at(8),
    recurrence: 1,
  },
};
const inspected = (clean: boolean): Draft => ({
  type: 'InspectionRecorded',
  data: { mode: 'covert', inspectors: ['p'], answers: [], findings: [], clean },
});

/** The only document of a view, or the one under this sort key. */
function one<Doc extends object>(view: DocumentView<Doc>, events: Placed[], sk?: string): Doc | undefined {
  const all = [...documents(view, events)];
  return sk === undefined ? all[0]?.[1] : all.find(([id]) => id.endsWith(` ${sk}`))?.[1];
}

describe('a unit', () => {
  test('shows a corrected detail with what it was, who approved it and why', () => {
    const after = { ...details, name: '练塘某饭店' };
    const events = given(
      ['unit/u_1', 1, registered],
      [
        'unit/u_1',
        2,
        {
          type: 'UnitDetailsCorrected',
          data: { target: 'unit/u_1/1', before: details, after, reason: '名称有误', approver: 'p-2' },
        },
      ],
    );
    expect(one(unitView, events)).toMatchObject({
      details: after,
      corrected: {
        name: { from: details.name, correctedAt: at(2), target: 'unit/u_1/1', reason: '名称有误', approver: 'p-2' },
      },
    });
    expect(Object.keys(one(unitView, events)!.corrected)).toEqual(['name']);
  });

  test('lists an open hazard with its due date, and drops it when it is signed off', () => {
    const life: Parameters<typeof given> = [
      ['unit/u_1', 1, registered],
      ['hazard/h_1', 1, found()],
      ['hazard/h_1', 2, ordered(20)],
    ];
    expect(one(unitView, given(...life))!.openHazards).toEqual([
      {
        hazard: 'h_1',
        clause: 'GAS-01',
        track: 'gas',
        status: 'ordered',
        grade: 'general',
        due: at(20),
        organisation: 'guijianban',
        since: at(1),
      },
    ]);
    const after = one(unitView, given(...life, ['hazard/h_1', 8, signedOff()]))!;
    expect(after.openHazards).toEqual([]);
    expect(after.counts).toMatchObject({ hazards: 1, open: 0, signedOff: 1, signOffs: 1, recurrences: 0 });
  });

  test('counts a hazard that came back once, and shows it again without its old due date', () => {
    const events = given(
      ['hazard/h_1', 1, found()],
      ['hazard/h_1', 2, ordered(20)],
      ['hazard/h_1', 8, signedOff()],
      ['hazard/h_1', 12, recurred],
      ['unit/u_1', 12, { type: 'UnitDelisted', data: { reason: 'recurrence', hazards: ['h_1'] } }],
    );
    expect(one(unitView, events)).toMatchObject({
      counts: { hazards: 1, open: 1, signedOff: 0, signOffs: 1, recurrences: 1 },
      openHazards: [{ hazard: 'h_1', status: 'recurred', due: null, since: at(12) }],
      listed: { on: false, since: at(12), reason: 'recurrence' },
    });
  });

  test('an undone link shows the hazard with the date it opened and the due date it had', () => {
    const link = { clause: 'GAS-01', grade: null };
    const events = given(
      ['hazard/h_1', 1, found()],
      [
        'hazard/h_1',
        2,
        {
          type: 'HazardLinkedAsDuplicate',
          data: { ...link, before: 'found', after: 'duplicate', of: 'h_2', proposedBy: 'p', by: 'q' },
        },
      ],
      [
        'hazard/h_1',
        3,
        {
          type: 'HazardUnlinked',
          data: { ...link, before: 'duplicate', after: 'found', reason: 'r', by: 'q', openedAt: at(1), due: at(9) },
        },
      ],
    );
    expect(one(unitView, events.slice(0, 2))!.openHazards).toEqual([]);
    expect(one(unitView, events)!.openHazards).toMatchObject([
      { hazard: 'h_1', status: 'found', since: at(1), due: at(9) },
    ]);
  });

  test('an inspection recorded late does not hide a later one', () => {
    const events = given(['inspection/i_1', 10, inspected(true)], ['inspection/i_2', 5, inspected(false)]);
    expect(one(unitView, events)).toMatchObject({
      lastInspection: { inspection: 'i_1', at: at(10), mode: 'covert', clean: true },
      counts: { inspections: 2, clean: 1 },
    });
  });

  test('keeps the agreement with its lease', () => {
    const events = given(
      [
        'unit/u_1',
        1,
        { type: 'LeaseRecorded', data: { lease: 'l-1', lessor: '甲', lessee: '乙', from: '2025-01-01' } },
      ],
      ['unit/u_1', 2, { type: 'AgreementSigned', data: { lease: 'l-1', signedOn: '2025-05-02' } }],
    );
    expect(one(unitView, events)!.leases).toEqual([
      { lease: 'l-1', lessor: '甲', lessee: '乙', from: '2025-01-01', to: null, agreement: '2025-05-02' },
    ]);
  });

  test('its document stays bounded: 100 open hazards and 50 leases are written out, of the rest the number', () => {
    const hazards = Array.from({ length: 130 }, (_, n) => [`hazard/h_${n}`, 1, found('x'.repeat(200))] as const);
    const leases = Array.from(
      { length: 70 },
      (_, n) =>
        [
          'unit/u_1',
          1,
          {
            type: 'LeaseRecorded',
            data: { lease: `l-${n}`, lessor: '甲'.repeat(200), lessee: '乙'.repeat(200), from: '2025-01-01' },
          },
        ] as const,
    );
    const unit = one(unitView, given(...([...hazards, ...leases] as unknown as Parameters<typeof given>)))!;
    expect(unit.openHazards).toHaveLength(MAX_OPEN_HAZARDS);
    expect(unit.counts.open).toBe(130);
    expect(unit.leases).toHaveLength(MAX_LEASES);
    expect(unit.leases.at(-1)!.lease).toBe('l-69');
    expect(unit.leasesLeftOut).toBe(20);
    expect(Buffer.byteLength(JSON.stringify(unit))).toBeLessThan(150_000);
  });

  test('has its baseline facts beside it, the last survey of each track', () => {
    const survey = (facts: Record<string, number>): Draft => ({
      type: 'BaselineSurveyed',
      data: { track: 'gas', facts },
    });
    const events = given(['unit/u_1', 1, survey({ 气瓶数: 2 })], ['unit/u_1', 3, survey({ 气瓶数: 3 })]);
    expect(one(baselineView, events)).toEqual({
      track: 'gas',
      facts: { 气瓶数: 3 },
      surveyedAt: at(3),
      event: 'unit/u_1/2',
      surveys: 2,
    });
    expect(one(unitsView, [...given(['unit/u_1', 1, registered]), ...shifted(events, 1)])!.surveyed).toEqual({
      gas: { at: at(3), facts: 1 },
    });
  });
});

const shifted = (events: Placed[], by: number): Placed[] =>
  events.map(({ position, event }) => ({ position: position + by, event }));

describe('a track', () => {
  const graded = (from: 'general' | null, grade: 'general' | 'major'): Draft => ({
    type: 'HazardGraded',
    data: { clause: 'GAS-01', before: from ? 'graded' : 'found', after: 'graded', from, grade, basis: 'b' },
  });

  test('moves a hazard from its old cell when it is graded, and graded again', () => {
    const events = given(
      ['hazard/h_1', 1, found()],
      ['hazard/h_1', 2, graded(null, 'general')],
      ['hazard/h_1', 3, graded('general', 'major')],
    );
    expect(one(trackView, events.slice(0, 2), 'total')!.cells).toEqual({ graded: { general: 1 } });
    expect(one(trackView, events, 'total')!.cells).toEqual({ graded: { major: 1 } });
  });

  test('moves it from the old organisation to the new one when it is reassigned', () => {
    const events = given(
      ['hazard/h_1', 1, found()],
      [
        'hazard/h_1',
        2,
        {
          type: 'HazardReassigned',
          organisation: 'shichangsuo',
          data: { ...step('found', 'assigned'), grade: null, from: 'guijianban', to: 'shichangsuo', reason: 'r' },
        },
      ],
    );
    expect(one(trackView, events, 'org#guijianban')!.cells).toEqual({});
    expect(one(trackView, events, 'org#shichangsuo')!.cells).toEqual({ assigned: { ungraded: 1 } });
    expect(one(trackView, events, 'total')!.cells).toEqual({ assigned: { ungraded: 1 } });
  });

  test('keeps sign-offs, days and recurrences apart from what is signed off now', () => {
    const events = given(['hazard/h_1', 1, found()], ['hazard/h_1', 8, signedOff(7)], ['hazard/h_1', 12, recurred]);
    expect(one(trackView, events.slice(1), 'total')).toMatchObject({ signOffs: 1, recurrences: 1, days: { 7: 1 } });
  });

  test('counts an inspection for the organisation that carried it out', () => {
    const events = given(['inspection/i_1', 1, inspected(true)], ['inspection/i_2', 2, inspected(false)]);
    expect(one(trackView, events, 'org#village-01')).toMatchObject({ inspections: 2, cleanInspections: 1 });
    expect(one(trackView, events, 'total')).toMatchObject({ inspections: 2, cleanInspections: 1 });
  });
});

describe('a hazard’s entry', () => {
  test('begins a new cycle when it comes back: what belonged to the old one is gone, when it was found is not', () => {
    const events = given(
      ['hazard/h_1', 1, found()],
      ['hazard/h_1', 2, ordered(20)],
      ['hazard/h_1', 8, signedOff(7)],
      ['hazard/h_1', 12, recurred],
    );
    expect(one(hazardsView, events.slice(0, 3))).toMatchObject({
      status: 'signed-off',
      orderedAt: at(2),
      due: at(20),
      signedOffAt: at(8),
      closedAt: at(8),
      days: 7,
      cycle: 1,
    });
    expect(one(hazardsView, events)).toMatchObject({
      status: 'recurred',
      foundAt: at(1),
      openedAt: at(12),
      orderedAt: null,
      due: null,
      signedOffAt: null,
      closedAt: null,
      days: null,
      cycle: 2,
      recurrences: 1,
    });
  });

  test('stands last by due date while no due date has been ordered', () => {
    const due = (events: Placed[]) =>
      hazardsView.places!(one(hazardsView, events)!, { key: 'u_1', sk: 'h_1' }).lists1![1];
    const without = due(given(['hazard/h_1', 1, found()]));
    const withDue = due(given(['hazard/h_1', 1, found()], ['hazard/h_1', 2, ordered(28)]));
    expect(withDue < without).toBe(true);
  });
});

test('a timeline’s entry says what happened to which hazard, by whom, and whether it was inferred', () => {
  const derived = { source: 's', file: 'f.csv', rows: [3], rule: 'r' };
  const [placed] = given(['hazard/h_1', 1, { ...found(), derived }]);
  expect(timelineView.entries(placed!)).toEqual([
    {
      key: 'u_1',
      sk: `${at(1)}#000000000000`,
      doc: {
        position: 0,
        event: 'hazard/h_1/1',
        type: 'HazardFound',
        stream: 'liantang#hazard#h_1',
        version: 1,
        occurredAt: at(1),
        recordedAt: at(1),
        actor: placed!.event.actor,
        track: 'gas',
        clause: 'GAS-01',
        before: null,
        after: 'found',
        corrects: null,
        duty: null,
        derived: true,
      },
    },
  ]);
});

// What views show of what was corrected: the corrected value, and that it was corrected.
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import {
  correctionsView,
  MAX_CORRECTIONS,
  type CorrectionsDocument,
} from '../../../shared/reading/unit/corrections.ts';
import { hazardsView } from '../../../shared/reading/hazard/list.ts';
import { timelineView } from '../../../shared/reading/unit/timeline.ts';
import { unitView } from '../../../shared/reading/unit/page.ts';
import type { DocumentView, Placed } from '../../../shared/reading/views/view.ts';
import { at, given } from './given.ts';
import { documents } from './projected.ts';

const life = { clause: 'GAS-01', before: 'found' as const, after: 'found' as const, grade: null };
const found: Draft = {
  type: 'HazardFound',
  data: { ...life, before: null, inspection: 'i_1', item: '1', text: '软管老化', place: '后厨' },
};
const recurred: Draft = {
  type: 'RecurrenceFound',
  data: {
    ...life,
    before: 'signed-off',
    after: 'recurred',
    inspection: 'i_2',
    item: '1',
    text: '又老化',
    undoes: 'hazard/h_1/1',
    signedOffAt: at(2),
    recurrence: 1,
  },
};
const about = { reason: '录入有误', approver: 'p-office' };
const corrected = (target: string, field: string, from: string | null, to: string | null): Draft => ({
  type: 'HazardCorrected',
  data: { ...life, target, changes: [{ field, from, to }], ...about },
});
const inspected: Draft = {
  type: 'InspectionRecorded',
  data: { mode: 'covert', inspectors: ['p'], answers: [], findings: [], clean: true },
};
const inspectionCorrected = (target: string, changes: { field: string; from: string; to: string }[]): Draft => ({
  type: 'InspectionCorrected',
  data: { target, changes, ...about },
});

const one = <Doc extends object>(view: DocumentView<Doc>, events: Placed[]): Doc => [...documents(view, events)][0]![1];

describe('a hazard on the lists', () => {
  test('has the corrected words, and which event corrected what', () => {
    const entry = one(
      hazardsView,
      given(['hazard/h_1', 1, found], ['hazard/h_1', 3, corrected('hazard/h_1/1', 'place', '后厨', '前厅')]),
    );
    expect(entry).toMatchObject({
      text: '软管老化',
      place: '前厅',
      said: {
        text: { event: 'hazard/h_1/1', corrected: null },
        place: { event: 'hazard/h_1/1', corrected: { from: '后厨', event: 'hazard/h_1/2', at: at(3) } },
      },
    });
  });

  test('does not take the correction of words that it does not show any more', () => {
    const events = given(
      ['hazard/h_1', 1, found],
      ['hazard/h_1', 3, recurred],
      ['hazard/h_1', 4, corrected('hazard/h_1/1', 'text', '软管老化', '软管龟裂')],
    );
    expect(one(hazardsView, events)).toMatchObject({
      text: '又老化',
      said: { text: { event: 'hazard/h_1/2', corrected: null } },
    });
    const again = given(
      ['hazard/h_1', 1, found],
      ['hazard/h_1', 3, recurred],
      ['hazard/h_1', 4, corrected('hazard/h_1/2', 'text', '又老化', null)],
    );
    expect(one(hazardsView, again)).toMatchObject({ text: null, said: { text: { corrected: { from: '又老化' } } } });
  });

  test('stays where it is otherwise: a correction of something else changes nothing', () => {
    const before = given(['hazard/h_1', 1, found]);
    const after = given(['hazard/h_1', 1, found], ['hazard/h_1', 2, corrected('hazard/h_1/1', 'basis', 'a', 'b')]);
    expect(one(hazardsView, after)).toEqual(one(hazardsView, before));
  });
});

describe('a unit’s last inspection', () => {
  const events = given(
    ['inspection/i_1', 2, inspected],
    ['inspection/i_2', 5, inspected],
    [
      'inspection/i_2',
      6,
      inspectionCorrected('inspection/i_2/1', [
        { field: 'mode', from: 'covert', to: 'joint' },
        { field: 'occurredAt', from: at(5), to: at(4) },
      ]),
    ],
    ['inspection/i_1', 7, inspectionCorrected('inspection/i_1/1', [{ field: 'mode', from: 'covert', to: 'recheck' }])],
  );

  test('has the corrected time and mode, and says so; another inspection’s correction leaves it alone', () => {
    expect(one(unitView, events).lastInspection).toMatchObject({
      inspection: 'i_2',
      mode: 'joint',
      at: at(4),
      corrected: 'inspection/i_2/2',
    });
    expect(one(unitView, events.slice(0, 2)).lastInspection).toMatchObject({ mode: 'covert', corrected: null });
  });
});

describe('beside the timeline', () => {
  test('lies what was corrected, by the event that it corrects; the entries stay as they were', () => {
    const details = { name: '甲', tracks: ['gas' as const] };
    const events = given(
      ['unit/u_1', 1, { type: 'UnitRegistered', data: { details } }],
      [
        'unit/u_1',
        2,
        {
          type: 'UnitDetailsCorrected',
          data: { target: 'unit/u_1/1', before: details, after: { ...details, name: '乙' }, ...about },
        },
      ],
      ['hazard/h_1', 3, found],
      ['hazard/h_1', 4, corrected('hazard/h_1/1', 'text', '软管老化', 'x')],
      ['hazard/h_1', 5, corrected('hazard/h_1/1', 'text', 'x', 'y')],
    );
    const marks = Object.fromEntries(
      [...documents(correctionsView, events)].map(([id, doc]) => [id.split(' ')[1], doc]),
    );
    expect(Object.keys(marks)).toEqual(['unit/u_1/1', 'hazard/h_1/1']);
    expect(marks['unit/u_1/1']).toMatchObject({
      corrections: [{ field: 'details.name', from: '甲', to: '乙', event: 'unit/u_1/2' }],
    });
    expect(marks['hazard/h_1/1']).toMatchObject({
      corrections: [{ to: 'x' }, { from: 'x', to: 'y', approver: 'p-office' }],
    });
    const entries = events.flatMap((event) =>
      timelineView.entries(event).map(({ doc }) => doc as { corrects: string | null }),
    );
    expect(entries.map(({ corrects }) => corrects)).toEqual([null, 'unit/u_1/1', null, 'hazard/h_1/1', 'hazard/h_1/1']);
  });

  test('is bounded, and says what was left out', () => {
    const many = Array.from({ length: MAX_CORRECTIONS + 3 }, (_, n): [string, number, Draft] => [
      'hazard/h_1',
      2,
      corrected('hazard/h_1/1', 'text', String(n), String(n + 1)),
    ]);
    const doc: CorrectionsDocument = one(correctionsView, given(['hazard/h_1', 1, found], ...many));
    expect(doc).toMatchObject({ leftOut: 3 });
    expect(doc.corrections).toHaveLength(MAX_CORRECTIONS);
    expect(doc.corrections[0]).toMatchObject({ from: '3' });
  });
});

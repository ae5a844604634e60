// Corrections: what may be corrected and what is an act of its own; the facts of earlier events as later ones correct them.
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { definitionOf, encodeEvent, EVENT_TYPES, type DaochaEvent, type Draft } from '../../events/catalogue.ts';
import { CORRECTABLE, corrected, correction, type AskedCorrection } from '../../shared/rules/corrections.ts';
import { eventOf } from '../support/builders.ts';
import { refusal } from '../support/given.ts';

/** of the organisation that recorded it */
const CLERK = { organisation: 'guijianban', office: false };
const NOW = '2025-06-10T02:00:00.000Z';
const recorded = eventOf('inspection', 'i_1', 1, {
  type: 'InspectionRecorded',
  unit: 'u_1',
  track: 'gas',
  data: {
    mode: 'routine',
    inspectors: ['p-1'],
    answers: [
      { item: '1.a', clause: 'GAS-01', answer: 'problem', text: '软管老化' },
      { item: '2', clause: 'GAS-02', answer: 'ok' },
    ],
    findings: [{ item: '1.a', clause: 'GAS-01', hazard: 'h_1', outcome: 'found' }],
    clean: false,
  },
});

const ask = (changes: { field: string; to: unknown }[], more: Partial<AskedCorrection> = {}): AskedCorrection => ({
  target: recorded.id,
  changes,
  reason: '录入有误',
  ...more,
});
const decide = (changes: { field: string; to: unknown }[], more: Partial<AskedCorrection> = {}, events = [recorded]) =>
  correction(events, ask(changes, more), CLERK, NOW);
const refused = (
  changes: { field: string; to: unknown }[],
  more: Partial<AskedCorrection> = {},
  events = [recorded],
) => {
  const { type, field, expected } = refusal(() => decide(changes, more, events));
  return { type, field, expected };
};
/** The stream with a correction on record. */
const alsoRecorded = (events: DaochaEvent[], changes: { field: string; to: unknown }[]): DaochaEvent[] => {
  const data = correction(events, ask(changes), CLERK, NOW)!;
  return [...events, eventOf('inspection', 'i_1', events.length + 1, { type: 'InspectionCorrected', data })];
};

describe('a correction', () => {
  test('says what was there before, field by field', () => {
    expect(
      decide([
        { field: 'inspectors', to: ['p-2'] },
        { field: 'answers[1.a].place', to: '后厨' },
        { field: 'answers[2].answer', to: 'not-applicable' },
        { field: 'signature', to: { kind: 'refused', reason: '拒签' } },
        { field: 'occurredAt', to: '2025-05-07T02:00:00.000Z' },
      ])!.changes,
    ).toEqual([
      { field: 'inspectors', from: ['p-1'], to: ['p-2'] },
      { field: 'answers[1.a].place', from: null, to: '后厨' },
      { field: 'answers[2].answer', from: 'ok', to: 'not-applicable' },
      { field: 'signature', from: null, to: { kind: 'refused', reason: '拒签' } },
      { field: 'occurredAt', from: recorded.occurredAt, to: '2025-05-07T02:00:00.000Z' },
    ]);
  });

  test('of a correction begins where that one ended', () => {
    const events = alsoRecorded([recorded], [{ field: 'mode', to: 'covert' }]);
    expect(decide([{ field: 'mode', to: 'joint' }], {}, events)!.changes).toEqual([
      { field: 'mode', from: 'covert', to: 'joint' },
    ]);
  });

  test('of what stands so already is nothing, and leaves out what does not change', () => {
    expect(decide([{ field: 'mode', to: 'routine' }])).toBeUndefined();
    expect(decide([{ field: 'answers[2].text', to: null }])).toBeUndefined();
    expect(
      decide([
        { field: 'mode', to: 'routine' },
        { field: 'inspectors', to: ['p-2'] },
      ])!.changes,
    ).toHaveLength(1);
  });

  test('never makes a problem of none, nor none of a problem', () => {
    expect(refused([{ field: 'answers[2].answer', to: 'problem' }])).toEqual({
      type: 'answer-not-correctable',
      field: 'changes[0].to',
      expected: expect.stringContaining('new inspection'),
    });
    expect(refused([{ field: 'answers[1.a].answer', to: 'ok' }])).toEqual({
      type: 'answer-not-correctable',
      field: 'changes[0].to',
      expected: expect.stringContaining('invalid'),
    });
  });

  test.each<[string, { organisation: string; office: boolean }, string | undefined, boolean]>([
    ['who recorded it', CLERK, undefined, true],
    ['the office', { organisation: 'office', office: true }, undefined, true],
    ['another department', { organisation: 'shichangsuo', office: false }, undefined, false],
    ['the one that it is about', { organisation: 'village-01', office: false }, 'village-01', false],
    ['the office, that it is about', { organisation: 'office', office: true }, 'office', false],
    ['who recorded it of itself', CLERK, 'guijianban', true],
  ])('is asked for by %s: %s', (_, maker, about, allowed) => {
    const events = [about === undefined ? recorded : { ...recorded, organisation: about }];
    const decided = () => correction(events, ask([{ field: 'mode', to: 'joint' }]), maker, NOW);
    const said = allowed ? decided() : refusal(decided);
    expect(said).toMatchObject(allowed ? { target: recorded.id } : { type: 'not-recorded-by-you', field: 'target' });
  });

  test.each<[string, { field: string; to: unknown }[], Partial<AskedCorrection>, string, string]>([
    [
      'of an event that is not there',
      [{ field: 'mode', to: 'joint' }],
      { target: 'inspection/i_1/9' },
      'unknown-event',
      'target',
    ],
    ['of a field that is no field', [{ field: 'colour', to: 'red' }], {}, 'not-correctable', 'changes[0].field'],
    ['of what was concluded', [{ field: 'clean', to: true }], {}, 'not-correctable', 'changes[0].field'],
    ['of all findings', [{ field: 'findings', to: [] }], {}, 'not-correctable', 'changes[0].field'],
    ['of all answers at once', [{ field: 'answers', to: [] }], {}, 'not-correctable', 'changes[0].field'],
    ['of a clause', [{ field: 'answers[2].clause', to: 'x' }], {}, 'not-correctable', 'changes[0].field'],
    ['of an item that was not asked', [{ field: 'answers[7].text', to: 'x' }], {}, 'unknown-item', 'changes[0].field'],
    ['to what cannot be', [{ field: 'mode', to: 'secret' }], {}, 'invalid-input', 'changes[0].to'],
    ['to nothing where there must be something', [{ field: 'mode', to: null }], {}, 'invalid-input', 'changes[0].to'],
    ['to a name', [{ field: 'inspectors', to: ['张三'] }], {}, 'invalid-input', 'changes[0].to'],
    ['to too long a text', [{ field: 'answers[2].text', to: 'x'.repeat(1001) }], {}, 'invalid-input', 'changes[0].to'],
    [
      'to a time to come',
      [{ field: 'occurredAt', to: '2025-06-11T02:00:00.000Z' }],
      {},
      'occurred-in-future',
      'changes[0].to',
    ],
    ['to no time', [{ field: 'occurredAt', to: '2025-06-01' }], {}, 'invalid-input', 'changes[0].to'],
    ['to no time at all', [{ field: 'occurredAt', to: null }], {}, 'invalid-input', 'changes[0].to'],
    [
      'of a field twice',
      [
        { field: 'mode', to: 'joint' },
        { field: 'mode', to: 'covert' },
      ],
      {},
      'invalid-input',
      'changes[1].field',
    ],
  ])('%s is refused', (_, changes, more, type, field) => {
    const found = refused(changes, more);
    expect({ type: found.type, field: found.field }).toEqual({ type, field });
    expect(found.expected).toBeTruthy();
  });

  test('of a correction itself is refused: the event that it corrects is corrected again', () => {
    const events = alsoRecorded([recorded], [{ field: 'mode', to: 'covert' }]);
    expect(refused([{ field: 'reason', to: 'x' }], { target: events[1]!.id }, events)).toMatchObject({
      type: 'not-correctable',
      field: 'target',
      expected: expect.stringContaining(recorded.id),
    });
  });

  test.each(EVENT_TYPES.filter((type) => CORRECTABLE[type]))('of %s names fields that it has', (type) => {
    const fields = CORRECTABLE[type]!.filter((field) => field !== 'occurredAt');
    // oxlint-disable-next-line typescript/no-explicit-any
    const { shape } = definitionOf(type).data as any;
    expect(fields.filter((field) => !(field in shape))).toEqual([]);
    const decided = new Set([
      'status',
      'before',
      'after',
      'clause',
      'grade',
      'due',
      'previousDue',
      'rejections',
      'to',
      'by',
    ]);
    expect(fields.filter((field) => decided.has(field))).toEqual([]);
  });
});

describe('the facts as corrected', () => {
  test('without corrections are the events as recorded', () => {
    expect(corrected([recorded])).toEqual([{ event: recorded, corrections: [] }]);
  });

  test('have the last word, and every word before it', () => {
    const once = alsoRecorded([recorded], [{ field: 'answers[1.a].text', to: '软管龟裂' }]);
    const twice = alsoRecorded(once, [{ field: 'answers[1.a].text', to: '软管脱落' }]);
    const [fact, ...corrections] = corrected(twice);
    expect(fact!.event).toMatchObject({ data: { answers: [{ item: '1.a', text: '软管脱落' }, { item: '2' }] } });
    expect(fact!.corrections).toMatchObject([
      { from: '软管老化', to: '软管龟裂', event: 'inspection/i_1/2', approver: 'p-office', reason: '录入有误' },
      { from: '软管龟裂', to: '软管脱落', event: 'inspection/i_1/3' },
    ]);
    expect(corrections.map(({ event }) => event)).toEqual(twice.slice(1));
    // as it was known before each of them
    expect(corrected(once)[0]!.event).toMatchObject({ data: { answers: [{ text: '软管龟裂' }, {}] } });
    expect(corrected(twice.slice(0, 1))[0]!.event).toEqual(recorded);
  });

  test('leave what was recorded as it was', () => {
    const before = JSON.stringify(recorded);
    corrected(alsoRecorded([recorded], [{ field: 'answers[2].text', to: '正常' }]));
    expect(JSON.stringify(recorded)).toBe(before);
  });

  test('of a unit are the details that the last correction left, on its registration', () => {
    const details = { name: '甲', area: 'village-01', tracks: ['gas' as const] };
    const change = (version: number, target: string, before: object, after: object): DaochaEvent =>
      eventOf('unit', 'u_1', version, {
        type: 'UnitDetailsCorrected',
        data: { target, before, after, reason: 'r', approver: 'p-office' },
      } as Draft);
    const second = { ...details, name: '乙' };
    const third = { name: '乙', tracks: ['gas' as const] };
    const events = [
      eventOf('unit', 'u_1', 1, { type: 'UnitRegistered', data: { details } }),
      change(2, 'unit/u_1/1', details, second),
      change(3, 'unit/u_1/2', second, third),
    ];
    const [fact] = corrected(events);
    expect(fact!.event).toMatchObject({ data: { details: third } });
    expect(fact!.event.data).not.toHaveProperty('details.area');
    expect(fact!.corrections.map(({ field, from, to, event }) => [field, from, to, event])).toEqual([
      ['details.name', '甲', '乙', 'unit/u_1/2'],
      ['details.area', 'village-01', null, 'unit/u_1/3'],
    ]);
  });

  test('are events that could have been recorded, whatever was corrected in whatever order', () => {
    const change = fc.oneof(
      fc.record({ field: fc.constant('mode'), to: fc.constantFrom('routine', 'covert', 'joint', 'nonsense') }),
      fc.record({
        field: fc.constant('inspectors'),
        to: fc.array(fc.constantFrom('p-1', 'p-2', '张三'), { maxLength: 3 }),
      }),
      fc.record({
        field: fc.constantFrom('answers[1.a].text', 'answers[2].text', 'answers[2].place', 'answers[9].text'),
        to: fc.option(fc.string({ maxLength: 5 })),
      }),
      fc.record({
        field: fc.constantFrom('answers[1.a].answer', 'answers[2].answer'),
        to: fc.constantFrom('ok', 'not-applicable', 'problem'),
      }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        let events: DaochaEvent[] = [recorded];
        const accepted: { field: string; to: unknown }[] = [];
        for (const one of changes) {
          try {
            if (!decide([one], {}, events)) continue;
          } catch {
            continue;
          }
          events = alsoRecorded(events, [one]);
          accepted.push(one);
        }
        const [fact] = corrected(events);
        encodeEvent(fact!.event);
        expect(fact!.corrections.map(({ field, to }) => ({ field, to }))).toEqual(
          accepted.map(({ field, to }) => ({ field, to: to ?? null })),
        );
        for (const [n, { field, from }] of fact!.corrections.entries()) {
          const earlier = fact!.corrections.slice(0, n).findLast((one) => one.field === field);
          expect(from).toEqual(earlier ? earlier.to : from);
        }
      }),
    );
  });
});

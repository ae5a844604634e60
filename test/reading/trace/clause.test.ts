// Question 2: what an inspection did with a clause is told apart by the checklist that it names, and nothing is guessed.
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../events/inspection.ts';
import { clauseFacts } from '../../../shared/reading/trace/clause.ts';
import { rostersOf } from '../../../shared/reading/trace/posts.ts';
import type { Placed } from '../../../shared/reading/views/view.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { campaign } from '../../../shared/rules/campaign/campaign.ts';
import type { CampaignEvent } from '../../../events/campaign.ts';
import { DAY, later } from '../../support/builders.ts';
import { placed, refer, type Told } from './placed.ts';

const items = (...clauses: string[]) =>
  clauses.map((clause, n) => ({ item: String(n + 1), clause, text: `看 ${clause}` }));
const PUBLISHED: Told[] = [
  [
    'campaign/campaign',
    {
      type: 'ChecklistPublished',
      data: { template: 'gas', version: 1, track: 'gas', name: '燃气', items: items('G-1', 'G-2') },
    },
  ],
  [
    'campaign/campaign',
    {
      type: 'ChecklistPublished',
      data: { template: 'gas', version: 2, track: 'gas', name: '燃气', items: items('G-1', 'G-2', 'G-3', 'G-3') },
    },
  ],
];
const CAMPAIGN = placed(PUBLISHED);

type Given = Partial<Answer> & { item: string };
function inspected(id: string, template: { id: string; version: number } | undefined, answers: Given[], day = 0): Told {
  const all = answers.map((answer): Answer => ({ clause: `G-${answer.item}`, answer: 'ok', ...answer }));
  return [
    `inspection/${id}`,
    {
      type: 'InspectionRecorded',
      track: 'gas',
      data: {
        mode: 'routine',
        ...(template ? { template } : {}),
        inspectors: ['p-inspector-1'],
        answers: all,
        findings: all
          .filter(({ answer }) => answer === 'problem')
          .map(({ item, clause }) => ({ item, clause, hazard: 'h_1', outcome: 'persists' as const })),
        clean: all.every(({ answer }) => answer !== 'problem'),
      },
    },
    { occurredAt: later(day * DAY), recordedAt: later(day * DAY) },
  ];
}

function ask(told: Told[], clause: string, known: readonly Placed[] = CAMPAIGN) {
  const all = placed(told, CAMPAIGN.length);
  const state = foldAll(
    campaign,
    known.map(({ event }) => event as CampaignEvent),
  );
  return clauseFacts(all, { state, placed: known }, rostersOf(new Map()), refer([...known, ...all]), { clause });
}

const V1 = { id: 'gas', version: 1 };
const V2 = { id: 'gas', version: 2 };

describe('a clause at a unit', () => {
  it.each([
    ['found', V1, [{ item: '1', answer: 'problem' as const, text: '老化', place: '后厨' }], 'G-1'],
    ['no-problem', V1, [{ item: '1' }, { item: '2' }], 'G-1'],
    ['not-applicable', V1, [{ item: '1', answer: 'not-applicable' as const }], 'G-1'],
    ['omitted', V1, [{ item: '1' }], 'G-2'],
    ['not-on-checklist', V1, [{ item: '1' }], 'G-3'],
    ['no-problem', undefined, [{ item: '1' }], 'G-1'],
    ['unknown', undefined, [{ item: '1' }], 'G-2'],
    ['unknown', { id: 'gas', version: 7 }, [{ item: '1' }], 'G-2'],
    ['unknown', { id: 'else', version: 1 }, [{ item: '1' }], 'G-2'],
  ])('was %s (checklist %o)', (outcome, template, answers, clause) => {
    expect(ask([inspected('i_1', template, answers)], clause)).toMatchObject([{ outcome }]);
  });

  it('says what finding it meant, where, in which words, and names hazard and events', () => {
    const [fact] = ask([inspected('i_1', V1, [{ item: '1', answer: 'problem', text: '老化', place: '后厨' }])], 'G-1');
    expect(fact).toMatchObject({
      finding: { hazard: 'h_1', outcome: 'persists' },
      items: [{ item: '1', outcome: 'found', text: '老化', place: '后厨' }],
      template: { id: 'gas', version: 1, name: '燃气' },
      inspectors: [{ person: 'p-inspector-1', posts: [] }],
    });
    expect(fact!.events.map(({ type, position }) => [type, position])).toEqual([
      ['InspectionRecorded', 2],
      ['ChecklistPublished', 0],
    ]);
  });

  it('that stands on the list twice and was answered once is omitted there, not fine', () => {
    const [fact] = ask([inspected('i_1', V2, [{ item: '3', clause: 'G-3' }])], 'G-3');
    expect(fact).toMatchObject({
      outcome: 'omitted',
      items: [
        { item: '3', outcome: 'no-problem' },
        { item: '4', outcome: 'omitted', text: '看 G-3' },
      ],
    });
  });

  it('is judged by the version that the inspection names', () => {
    const told = [inspected('i_1', V1, [{ item: '1' }]), inspected('i_2', V2, [{ item: '1' }], 5)];
    expect(ask(told, 'G-3').map(({ outcome }) => outcome)).toEqual(['not-on-checklist', 'omitted']);
  });

  it('cannot be judged by a checklist that was not published yet, as known then', () => {
    const [fact] = ask([inspected('i_1', V1, [{ item: '1' }])], 'G-2', []);
    expect(fact).toMatchObject({ outcome: 'unknown', template: { id: 'gas', version: 1, name: null } });
  });

  it('shows a corrected answer, and that it was corrected', () => {
    const correction: Told = [
      'inspection/i_1',
      {
        type: 'InspectionCorrected',
        data: {
          target: 'inspection/i_1/1',
          changes: [{ field: 'answers[1].answer', from: 'ok', to: 'not-applicable' }],
          reason: '误点',
          approver: 'p-office-1',
        },
      },
    ];
    const told = inspected('i_1', V1, [{ item: '1' }]);
    expect(ask([told], 'G-1')).toMatchObject([{ outcome: 'no-problem', corrected: [] }]);
    expect(ask([told, correction], 'G-1')).toMatchObject([
      { outcome: 'not-applicable', corrected: [{ field: 'answers[1].answer', from: 'ok', reason: '误点' }] },
    ]);
  });

  it('was not looked at when the inspection was missed, or has no record yet', () => {
    const plannedFor = later(3 * DAY);
    const plan = (id: string): Told => [
      `inspection/${id}`,
      {
        type: 'InspectionPlanned',
        track: 'gas',
        data: { plannedFor, mode: 'surprise', template: V1, inspectors: ['p-2'] },
      },
    ];
    const missed: Told = ['inspection/i_2', { type: 'InspectionMissed', data: { plannedFor, reason: '抽调' } }];
    expect(ask([plan('i_1'), plan('i_2'), missed], 'G-1')).toMatchObject([
      { inspection: 'i_1', outcome: 'planned', at: plannedFor, inspectors: [{ person: 'p-2' }] },
      { inspection: 'i_2', outcome: 'missed' },
    ]);
  });
});

// Questions 5 and 6, and the post held then: pure over the events of a unit and the rosters.
import { describe, expect, it } from 'vitest';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { differenceFacts } from '../../../shared/reading/trace/difference.ts';
import { differenceZh } from '../../../shared/reading/trace/difference.ts';
import { inspectionFacts } from '../../../shared/reading/trace/inspections.ts';
import { personAt, rostersOf } from '../../../shared/reading/trace/posts.ts';
import { responsibleFacts } from '../../../shared/reading/trace/responsible.ts';
import { DAY, HOUR, later } from '../../support/builders.ts';
import { placed, refer, type Told } from './placed.ts';

const details = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };
const REGISTERED: Told = ['unit/u_1', { type: 'UnitRegistered', data: { details } }];
const SUPERVISED: Told = [
  'unit/u_1',
  {
    type: 'SupervisorAssigned',
    track: 'gas',
    data: {
      track: 'gas',
      person: 'p-sup',
      post: '燃气监管员',
      organisation: 'shichangsuo',
      from: '2025-05-10',
      basis: '分工',
    },
  },
];
const appointed = (org: string, id: string, post: 'liaison' | 'head', person: string, from: string): Told => [
  `roster/${org}`,
  { type: 'OfficerAppointed', data: { appointment: id, post, person, from, basis: `${org} 任命 ${id}` } },
];
const ROSTER: Told[] = [
  appointed('guijianban', 'a-1', 'liaison', 'p-old', '2025-05-01'),
  appointed('guijianban', 'a-2', 'head', 'p-head', '2025-05-01'),
  [
    'roster/guijianban',
    { type: 'OfficerRelieved', data: { appointment: 'a-1', person: 'p-old', until: '2025-05-31', reason: '轮岗' } },
  ],
  appointed('guijianban', 'a-3', 'liaison', 'p-new', '2025-06-01'),
];

function sources(told: Told[], roster: Told[] = ROSTER) {
  const unit = placed(told);
  const rosters = placed(roster, unit.length);
  const refers = refer([...unit, ...rosters]);
  const byOrganisation = Map.groupBy(rosters, ({ event }) => event.stream.split('#')[2]!);
  return { placed: unit, campaign: LIANTANG, rosters: rostersOf(byOrganisation), refer: refers };
}

describe('who was responsible', () => {
  const ask = (on: string, told = [REGISTERED, SUPERVISED]) => responsibleFacts(sources(told), on);
  const find = (facts: ReturnType<typeof ask>, role: string, organisation: string) =>
    facts.find((fact) => fact.role === role && fact.organisation === organisation);

  it('on a day: the supervisor with the assignment, the liaison then with the appointment', () => {
    const facts = ask('2025-05-20');
    expect(find(facts, 'supervisor', 'shichangsuo')).toMatchObject({
      zh: '监管责任人',
      because: ['supervisor'],
      holders: [{ person: 'p-sup', from: '2025-05-10', basis: '分工', events: [{ type: 'SupervisorAssigned' }] }],
    });
    expect(find(facts, 'liaison', 'guijianban')).toMatchObject({
      because: ['lead'],
      holders: [
        {
          person: 'p-old',
          from: '2025-05-01',
          until: '2025-05-31',
          basis: 'guijianban 任命 a-1',
          events: [{ type: 'OfficerAppointed' }, { type: 'OfficerRelieved' }],
        },
      ],
    });
    expect(find(ask('2025-06-01'), 'liaison', 'guijianban')!.holders).toMatchObject([{ person: 'p-new' }]);
  });

  it('names a post that nobody held', () => {
    const facts = ask('2025-05-20');
    expect(find(facts, 'liaison', 'village-01')).toMatchObject({
      because: ['area'],
      vacant: true,
      holders: [{ person: null, basis: null, events: [] }],
    });
    expect(facts.filter(({ role }) => role === 'office')).toMatchObject([{ vacant: true, because: ['town'] }]);
    expect(find(ask('2025-05-09'), 'supervisor', 'guijianban')).toMatchObject({ holders: [{ person: 'p-old' }] });
  });

  it('counts an organisation in while a hazard assigned to it was open, and not before or after', () => {
    const life = { clause: 'GAS-01', grade: 'general' as const };
    const at = (day: number) => ({ track: 'gas' as const, occurredAt: later(day * DAY), recordedAt: later(day * DAY) });
    const hazard: Told[] = [
      [
        'hazard/h_1',
        {
          type: 'HazardFound',
          data: { ...life, grade: null, before: null, after: 'found', inspection: 'i_1', item: '1' },
        },
        { ...at(0), organisation: 'guijianban' },
      ],
      [
        'hazard/h_1',
        {
          type: 'HazardAssigned',
          data: { ...life, before: 'graded', after: 'assigned', from: 'guijianban', to: 'nongfu' },
        },
        { ...at(1), organisation: 'nongfu' },
      ],
      [
        'hazard/h_1',
        {
          type: 'HazardSignedOff',
          data: { ...life, before: 'verified', after: 'signed-off', by: 'p', openedAt: later(0), days: 5, cycle: 1 },
        },
        { ...at(5), organisation: 'nongfu' },
      ],
    ];
    const on = (day: string) => find(ask(day, [REGISTERED, ...hazard]), 'head', 'nongfu');
    expect(on('2025-05-08')).toBeUndefined();
    expect(on('2025-05-09')).toMatchObject({ because: ['hazards'], hazards: ['h_1'] });
    expect(on('2025-05-13')).toMatchObject({ hazards: ['h_1'] });
    expect(on('2025-05-14')).toBeUndefined();
  });
});

describe('the post held then', () => {
  const { rosters, refer: refers } = sources([]);

  it('is that of the day in town time', () => {
    const of = (person: string, instant: string) => personAt(rosters, person, instant, refers).posts;
    // five in the afternoon UTC is one at night of the next day in town
    expect(of('p-old', '2025-05-31T15:59:00.000Z')).toMatchObject([{ post: 'liaison', organisation: 'guijianban' }]);
    expect(of('p-old', '2025-05-31T16:00:00.000Z')).toEqual([]);
    expect(of('p-nobody', '2025-05-31T15:59:00.000Z')).toEqual([]);
  });

  it('follows a correction of the appointment', () => {
    const correction: Told = [
      'roster/guijianban',
      {
        type: 'AppointmentCorrected',
        data: {
          appointment: 'a-1',
          target: 'roster/guijianban/1',
          changes: [{ field: 'from', from: '2025-05-01', to: '2025-05-15' }],
          reason: 'r',
          approver: 'p-x',
        },
      },
    ];
    const after = sources([], [...ROSTER, correction]);
    const posts = (instant: string) => personAt(after.rosters, 'p-old', instant, after.refer).posts;
    expect(posts('2025-05-10T02:00:00.000Z')).toEqual([]);
    expect(posts('2025-05-16T02:00:00.000Z')).toMatchObject([
      { from: '2025-05-15', events: [{}, {}, { type: 'AppointmentCorrected' }] },
    ]);
  });

  it('stands beside each inspector', () => {
    const told: Told[] = [
      [
        'inspection/i_1',
        {
          type: 'InspectionRecorded',
          track: 'gas',
          data: { mode: 'routine', inspectors: ['p-head', 'p-nobody'], answers: [], findings: [], clean: true },
        },
      ],
    ];
    const { placed: unit, rosters: posts, refer: ref } = sources(told);
    const window = { from: later(-DAY), to: later(DAY) };
    expect(inspectionFacts(unit, posts, ref, { window })).toMatchObject([
      {
        inspectors: [
          { person: 'p-head', posts: [{ post: 'head', basis: 'guijianban 任命 a-2' }] },
          { person: 'p-nobody', posts: [] },
        ],
      },
    ]);
  });
});

describe('what was known then against now', () => {
  const found = (text: string): Told => [
    'hazard/h_1',
    {
      type: 'HazardFound',
      data: { clause: 'GAS-01', grade: null, before: null, after: 'found', inspection: 'i_1', item: '1', text },
    },
    { track: 'gas', organisation: 'guijianban' },
  ];
  const graded: Told = [
    'hazard/h_1',
    {
      type: 'HazardGraded',
      data: { clause: 'GAS-01', before: 'found', after: 'graded', from: null, grade: 'major', basis: 'b' },
    },
    { organisation: 'guijianban' },
  ];
  const renamed: Told = [
    'unit/u_1',
    {
      type: 'UnitDetailsCorrected',
      data: {
        target: 'unit/u_1/1',
        before: details,
        after: { ...details, name: '练塘某饭店' },
        reason: '名称有误',
        approver: 'p-office-1',
      },
    },
  ];
  const ask = (told: Told[], known: number) => {
    const all = placed(told);
    return differenceFacts(all, ({ position }) => position < known, refer(all));
  };

  it('is field by field, each with the events that made it', () => {
    const facts = ask([REGISTERED, found('软管'), graded, renamed], 2);
    expect(facts.map(({ about, field, before, after }) => [about, field, before, after])).toEqual([
      ['hazard', 'status', 'found', 'graded'],
      ['hazard', 'grade', null, 'major'],
      ['unit', 'name', '练塘某餐饮店', '练塘某饭店'],
    ]);
    expect(facts.find(({ field }) => field === 'grade')!.because).toMatchObject([{ type: 'HazardGraded' }]);
    expect(facts.find(({ field }) => field === 'name')!.because).toMatchObject([{ type: 'UnitDetailsCorrected' }]);
  });

  it('is nothing where nothing came to be known', () => {
    expect(ask([REGISTERED, found('软管')], 2)).toEqual([]);
  });

  it('says in one line what was not on record at all', () => {
    expect(ask([REGISTERED, found('软管'), graded], 1)).toMatchObject([
      { about: 'hazard', id: 'h_1', field: 'exists', before: null, after: { status: 'graded', grade: 'major' } },
    ]);
  });

  it('does not name an event that changed a field and was undone', () => {
    const back: Told = [
      'unit/u_1',
      {
        type: 'UnitDetailsCorrected',
        data: {
          target: 'unit/u_1/2',
          before: { ...details, name: '练塘某饭店' },
          after: details,
          reason: 'r',
          approver: 'p-x',
        },
      },
    ];
    expect(ask([REGISTERED, renamed, back], 1)).toEqual([]);
  });

  describe('leaves nothing out that came to be known', () => {
    const life = { clause: 'GAS-01', grade: 'major' as const, before: 'ordered' as const, after: 'ordered' as const };
    const of = { organisation: 'guijianban' };
    const recipients = [{ organisation: 'guijianban', post: 'head' as const, person: 'p-head' }];
    const reminded: Told = [
      'hazard/h_1',
      {
        type: 'ReminderIssued',
        data: { ...life, due: later(DAY), rung: '-1', workingDays: -1, recipients, skipped: [] },
      },
      of,
    ];
    const supervised: Told = [
      'unit/u_1',
      {
        type: 'SupervisorAssigned',
        data: {
          track: 'gas',
          person: 'p-9',
          post: 'grid',
          organisation: 'village-01',
          from: '2025-05-01',
          basis: '村委决定',
        },
      },
    ];
    const relieved: Told = [
      'unit/u_1',
      {
        type: 'SupervisorRelieved',
        data: { track: 'gas', person: 'p-9', until: '2025-05-31', reason: '调离' },
      },
    ];
    const CASES: [string, Told[], string[], RegExp][] = [
      [
        'an extension asked for and not decided',
        [
          [
            'hazard/h_1',
            {
              type: 'ExtensionRequested',
              data: { ...life, due: later(DAY), requested: later(9 * DAY), reason: '等待配件', by: 'p-3' },
            },
            of,
          ],
        ],
        ['status', 'extension'],
        /申请延至：2025-.*理由：等待配件，办理人：p-3/,
      ],
      [
        'a rejection: who and why',
        [
          [
            'hazard/h_1',
            {
              type: 'VerificationRejected',
              data: { ...life, after: 'rejected', by: 'p-4', reason: '软管未换', rejections: 1 },
            },
            of,
          ],
        ],
        ['status', 'rejections', 'rejection'],
        /理由：软管未换，办理人：p-4/,
      ],
      ['a reminder issued', [reminded], ['status', 'reminders'], /期限：2025-.*发给：guijianban主要领导（p-head）/],
      [
        'a reminder acknowledged',
        [
          reminded,
          [
            'hazard/h_1',
            { type: 'ReminderAcknowledged', data: { ...life, reminder: 'hazard/h_1/3', by: 'p-head' } },
            of,
          ],
        ],
        ['status', 'reminders'],
        /确认人：p-head/,
      ],
      [
        'a limit stated',
        [['hazard/h_1', { type: 'LimitStated', data: { ...life, limit: 'power', reason: '无执法权', by: 'p-1' } }, of]],
        ['status', 'limit'],
        /超出镇级之处：权限不足，理由：无执法权，办理人：p-1/,
      ],
      [
        'a supervisor assigned and relieved, both later',
        [supervised, relieved],
        ['supervisors'],
        /专项：城镇燃气，人员编号：p-9，岗位：网格员.*最后一天：2025-05-31/,
      ],
    ];
    it.each(CASES)('%s', (_, later_, fields, words) => {
      const facts = ask([REGISTERED, found('软管'), graded, ...later_], 3);
      expect(facts.map(({ field }) => field)).toEqual(fields);
      expect(facts.map((fact) => differenceZh(fact, fact.after)).join('\n')).toMatch(words);
    });
  });

  it('sees the words of a hazard that were corrected', () => {
    const ordered: Told = [
      'hazard/h_1',
      {
        type: 'RectificationOrdered',
        data: {
          clause: 'GAS-01',
          grade: 'major',
          before: 'assigned',
          after: 'ordered',
          measures: '旧措施',
          due: later(DAY),
          previousDue: null,
          authority: 'a',
        },
      },
      { organisation: 'guijianban' },
    ];
    const corrected: Told = [
      'hazard/h_1',
      {
        type: 'HazardCorrected',
        data: {
          clause: 'GAS-01',
          grade: 'major',
          before: 'ordered',
          after: 'ordered',
          target: 'hazard/h_1/3',
          changes: [{ field: 'measures', from: '旧措施', to: '新措施' }],
          reason: 'r',
          approver: 'p-x',
        },
      },
      { organisation: 'guijianban', occurredAt: later(9 * HOUR) },
    ];
    expect(ask([REGISTERED, found('软管'), graded, ordered, corrected], 4)).toMatchObject([
      { field: 'measures', before: '旧措施', after: '新措施', because: [{ type: 'HazardCorrected' }] },
    ]);
  });
});

// Who is responsible on a day: by what the rosters and the unit say then, the most particular appointment first, a vacant post named.
import { describe, expect, test } from 'vitest';
import type { RosterDraft, RosterEvent } from '../../events/roster.ts';
import type { UnitDraft, UnitEvent } from '../../events/unit.ts';
import { LIANTANG } from '../../shared/rules/campaign/liantang.ts';
import { foldAll } from '../../shared/rules/decider.ts';
import {
  recipientsOf,
  responsibleOn,
  rostersFor,
  type ResponsibleFacts,
} from '../../shared/rules/roster/responsible.ts';
import { roster } from '../../shared/rules/roster/roster.ts';
import { unit } from '../../shared/rules/unit/unit.ts';
import { eventOf } from '../support/builders.ts';

const DAY = '2025-06-10';
type Held = Extract<RosterDraft, { type: 'OfficerAppointed' }>['data'];

const appointed = (appointment: string, post: Held['post'], more: Partial<Held> = {}): RosterDraft => ({
  type: 'OfficerAppointed',
  data: { appointment, post, person: `p-${appointment}`, from: '2025-04-25', basis: '任命文件', ...more },
});
const relieved = (appointment: string, until: string): RosterDraft => ({
  type: 'OfficerRelieved',
  data: { appointment, person: `p-${appointment}`, until, reason: '岗位调整' },
});
const rosterOf = (organisation: string, ...drafts: RosterDraft[]) =>
  foldAll(roster, drafts.map((draft, n) => eventOf('roster', organisation, n + 1, draft)) as RosterEvent[]);
const unitOf = (...drafts: UnitDraft[]) => {
  const details = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };
  const all: UnitDraft[] = [{ type: 'UnitRegistered', data: { details } }, ...drafts];
  return foldAll(unit, all.map((draft, n) => eventOf('unit', 'u_1', n + 1, draft)) as UnitEvent[]);
};
const assigned = (person: string, from: string): UnitDraft => ({
  type: 'SupervisorAssigned',
  data: { track: 'gas', person, post: '燃气监管员', organisation: 'guijianban', from, basis: '到人到岗' },
});
const withdrawn = (person: string, until: string): UnitDraft => ({
  type: 'SupervisorRelieved',
  data: { track: 'gas', person, until, reason: '岗位调整' },
});

const facts = (given: Partial<ResponsibleFacts> = {}): ResponsibleFacts => ({
  campaign: LIANTANG,
  rosters: new Map(),
  unit: unitOf(),
  track: 'gas',
  organisation: 'guijianban',
  ...given,
});
const persons = (role: Parameters<typeof recipientsOf>[0], given: ResponsibleFacts, day = DAY): (string | null)[] =>
  recipientsOf(role, given, day).map(({ person }) => person);

describe('the supervisor', () => {
  const rosters = new Map([
    ['guijianban', rosterOf('guijianban', appointed('liaison', 'liaison'), appointed('officer', 'officer'))],
  ]);

  test('is who supervises the unit for the track, with the event that assigned', () => {
    const given = facts({ rosters, unit: unitOf(assigned('p-s1', '2025-05-01')) });
    expect(recipientsOf('supervisor', given, DAY)).toEqual([
      { organisation: 'guijianban', post: '燃气监管员', person: 'p-s1', appointment: 'unit/u_1/2' },
    ]);
  });

  test('changes hands on the day it was handed over, and the past stays what it was', () => {
    const supervised = unitOf(
      assigned('p-s1', '2025-05-01'),
      withdrawn('p-s1', '2025-05-31'),
      assigned('p-s2', '2025-06-02'),
    );
    const given = facts({ rosters, unit: supervised });
    const on = (day: string) => persons('supervisor', given, day);
    expect([on('2025-05-01'), on('2025-05-31'), on('2025-06-02')]).toEqual([['p-s1'], ['p-s1'], ['p-s2']]);
    expect(on('2025-06-01'), 'between the two: an officer').toEqual(['p-officer']);
    expect(on('2025-04-30'), 'before the first: an officer').toEqual(['p-officer']);
  });

  test('of one track is none of another', () => {
    const given = facts({ rosters, unit: unitOf(assigned('p-s1', '2025-05-01')), track: 'construction' });
    expect(persons('supervisor', given)).toEqual(['p-officer']);
  });

  test('where there is none, the liaison stands in, and is named even when that post is vacant', () => {
    const liaisons = new Map([['guijianban', rosterOf('guijianban', appointed('liaison', 'liaison'))]]);
    expect(persons('supervisor', facts({ rosters: liaisons }))).toEqual(['p-liaison']);
    expect(recipientsOf('supervisor', facts(), DAY)).toEqual([
      { organisation: 'guijianban', post: 'liaison', person: null },
    ]);
  });
});

describe('of several appointments', () => {
  const several = (...drafts: RosterDraft[]) =>
    facts({ rosters: new Map([['guijianban', rosterOf('guijianban', ...drafts)]]) });

  test('the one for this track and this area comes before the one for all', () => {
    const forAll = appointed('all', 'officer');
    const forTrack = appointed('track', 'officer', { track: 'gas' });
    const forArea = appointed('area', 'grid', { area: 'village-01' });
    const forBoth = appointed('both', 'grid', { track: 'gas', area: 'village-01' });
    expect(persons('supervisor', several(forAll, forTrack, forArea, forBoth))).toEqual(['p-both']);
    expect(persons('supervisor', several(forAll, forTrack, forArea))).toEqual(['p-track']);
    expect(persons('supervisor', several(forAll, forArea))).toEqual(['p-area']);
  });

  test('one for another track or another area does not count', () => {
    const elsewhere = appointed('elsewhere', 'officer', { area: 'village-02' });
    const other = appointed('other', 'officer', { track: 'ebike' });
    expect(persons('supervisor', several(elsewhere, other))).toEqual([null]);
    expect(persons('liaison', several(appointed('other', 'liaison', { track: 'ebike' })))).toEqual([null]);
  });

  test('two who hold the same post are both named', () => {
    expect(persons('liaison', several(appointed('one', 'liaison'), appointed('two', 'liaison')))).toEqual([
      'p-one',
      'p-two',
    ]);
  });

  test('one ended counts on its last day and not after it', () => {
    const given = several(appointed('old', 'liaison'), relieved('old', '2025-06-09'));
    expect([persons('liaison', given, '2025-06-09'), persons('liaison', given, '2025-06-10')]).toEqual([
      ['p-old'],
      [null],
    ]);
  });

  test('for a report, which has no track, the liaison for all comes before one for a track', () => {
    const report = (...drafts: RosterDraft[]) => ({ ...several(...drafts), track: undefined, unit: undefined });
    const forGas = appointed('gas', 'liaison', { track: 'gas' });
    expect(persons('liaison', report(forGas, appointed('all', 'liaison')))).toEqual(['p-all']);
    expect(persons('liaison', report(forGas))).toEqual(['p-gas']);
  });
});

describe('the town', () => {
  const rosters = new Map([
    ['office', rosterOf('office', appointed('d1', 'office-director'), appointed('d2', 'office-director'))],
    ['leading-group', rosterOf('leading-group', appointed('l1', 'leader'), appointed('l2', 'deputy-leader'))],
    ['chengyun', rosterOf('chengyun', appointed('o1', 'liaison'))],
    ['guijianban', rosterOf('guijianban', appointed('h1', 'head'))],
  ]);

  test('is answered for by the directors of the office, the leading group and the operations centre', () => {
    const on = responsibleOn(facts({ rosters }), DAY);
    expect(Object.fromEntries(Object.entries(on).map(([role, held]) => [role, held.map((one) => one.person)]))).toEqual(
      {
        supervisor: [null],
        liaison: [null],
        head: ['p-h1'],
        office: ['p-d1', 'p-d2'],
        'leading-group': ['p-l1', 'p-l2'],
        operations: ['p-o1'],
      },
    );
  });

  test('every role names somebody or a vacant post, whatever is missing', () => {
    for (const [role, recipients] of Object.entries(responsibleOn(facts(), DAY))) {
      expect(recipients.length, role).toBe(1);
      expect(recipients[0]!.person, role).toBeNull();
    }
  });

  test('where the campaign has no operations centre, the head of the responsible organisation stands in', () => {
    const { operations: _none, ...campaign } = LIANTANG;
    expect(persons('operations', facts({ rosters, campaign }))).toEqual(['p-h1']);
    expect(rostersFor(campaign, 'guijianban')).toEqual(['guijianban', 'office', 'leading-group']);
  });

  test('the rosters that are looked at are named, each once', () => {
    expect(rostersFor(LIANTANG, 'chengyun')).toEqual(['chengyun', 'office', 'leading-group']);
    expect(rostersFor(LIANTANG, 'guijianban')).toEqual(['guijianban', 'office', 'leading-group', 'chengyun']);
  });
});

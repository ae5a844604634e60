// The campaign: launched once, rule sets with a date from which they hold, targets; and the campaign that daocha ships.
import { describe, expect, test } from 'vitest';
import { decodeEvent, encodeEvent, type DaochaEvent } from '../../events/catalogue.ts';
import type { CampaignDefinition, CampaignEvent, RuleSet } from '../../events/campaign.ts';
import { TRACKS } from '../../events/envelope.ts';
import { LIANTANG, LIANTANG_RULES, LIANTANG_TARGETS } from '../../shared/rules/campaign/liantang.ts';
import * as campaigns from '../../shared/rules/campaign/campaign.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import { eventOf } from '../support/builders.ts';
import { given, refusal } from '../support/given.ts';
import { townDay, townDaysBetween } from '../../shared/town-time.ts';

const { campaign } = campaigns;
type Decide = (state: campaigns.CampaignState) => Drafts;
const launch: Decide = (state) => campaigns.launch(state, LIANTANG);
const publish =
  (more: Partial<RuleSet> & { reason?: string } = {}): Decide =>
  (state) =>
    campaigns.publishRuleSet(state, { ...LIANTANG_RULES, ...more });

/** Events as they come back from the store: decoded from their bytes, with their keys sorted. */
function past(...steps: Decide[]): DaochaEvent[] {
  const events: DaochaEvent[] = [];
  for (const decide of steps) {
    for (const draft of decide(stateOf(events))) {
      events.push(decodeEvent(encodeEvent(eventOf('campaign', 'campaign', events.length + 1, draft))));
    }
  }
  return events;
}
const stateOf = (events: readonly DaochaEvent[]): campaigns.CampaignState =>
  foldAll(campaign, events as readonly CampaignEvent[]);
const launched = stateOf(past(launch));

describe('launching', () => {
  test('puts the definition on record, and the same again is nothing', () => {
    given(campaign).when(launch).thenRecorded({ type: 'CampaignLaunched', data: LIANTANG });
    given(campaign, past(launch)).when(launch).thenNothing();
  });

  test('another definition is refused', () => {
    given(campaign, past(launch))
      .when((state) => campaigns.launch(state, { ...LIANTANG, to: '2026-12-31' }))
      .thenRefused('campaign-launched', 'definition');
  });

  const [gas, ...others] = LIANTANG.tracks
    .toReversed()
    .toSorted((a, b) => Number(b.track === 'gas') - Number(a.track === 'gas'));
  test.each<[string, Partial<CampaignDefinition>, string]>([
    [
      'an organisation twice',
      { organisations: [...LIANTANG.organisations, LIANTANG.organisations[0]!] },
      'organisations',
    ],
    ['an operations centre that is not listed', { operations: 'nobody' }, 'operations'],
    ['a track twice', { tracks: [...LIANTANG.tracks, gas!] }, 'tracks'],
    ['a lead that is not listed', { tracks: [{ ...gas!, lead: 'nobody' }, ...others] }, 'tracks.gas'],
    ['a lead that stands for many', { tracks: [{ ...gas!, lead: 'villages' }, ...others] }, 'tracks.gas'],
    [
      'a responsible organisation that is not listed',
      { tracks: [{ ...gas!, responsible: ['nobody'] }, ...others] },
      'tracks.gas',
    ],
  ])('refuses a definition with %s', (_, change, field) => {
    given(campaign)
      .when((state) => campaigns.launch(state, { ...LIANTANG, ...change }))
      .thenRefused('invalid-input', field);
  });
});

describe('before it is launched', () => {
  test.each<[string, Decide]>([
    ['rule sets', publish()],
    ['organisations', (state) => campaigns.registerOrganisation(state, LIANTANG.organisations[0]!)],
    ['targets', (state) => campaigns.setTarget(state, LIANTANG_TARGETS[0]!)],
  ])('%s are refused', (_, decide) => {
    given(campaign).when(decide).thenRefused('campaign-not-launched');
  });
});

describe('an organisation registered after the launch', () => {
  const village = { id: 'village-04', name: '示例三村', kind: 'village' as const };
  const register =
    (more: object = {}): Decide =>
    (state) =>
      campaigns.registerOrganisation(state, { ...village, ...more });

  test('is on record, and the same again is nothing', () => {
    given(campaign, past(launch))
      .when(register())
      .thenRecorded({ type: 'OrganisationRegistered', data: { organisation: village } });
    given(campaign, past(launch, register())).when(register()).thenNothing();
    given(campaign, past(launch)).when(register(LIANTANG.organisations[0])).thenNothing();
  });

  test('counts as if the campaign had been launched with it', () => {
    const state = stateOf(past(launch, register(), register({ id: 'xinban', name: '新办', kind: 'member' })));
    expect(campaigns.requireOrganisation(state, 'village-04', 'to')).toEqual(village);
    expect(campaigns.servesTrack(state, 'ebike', 'village-04')).toBe(true);
    expect(campaigns.servesTrack(state, 'gas', 'xinban')).toBe(true);
    expect(campaigns.servesTrack(state, 'ebike', 'xinban')).toBe(false);
  });

  test('does not make the launch another one: the same launch again is nothing', () => {
    given(campaign, past(launch, register())).when(launch).thenNothing();
  });

  test.each([
    ['under an id that is taken', { id: 'guijianban' }, 'id'],
    ['with another name', { id: 'village-01' }, 'id'],
    ['under a word that stands for many', { id: 'villages' }, 'id'],
    ['as a second office', { kind: 'office' }, 'kind'],
    ['as a second leading group', { kind: 'leading-group' }, 'kind'],
  ])('%s is refused', (_, more, field) => {
    given(campaign, past(launch)).when(register(more)).thenRefused('organisation-exists', field);
  });

  test('whose name reads like that of another is refused: nobody could tell the two apart by name', () => {
    const { name } = LIANTANG.organisations.find(({ id }) => id === 'village-01')!;
    for (const alike of [name, ` ${name}\u200b`])
      given(campaign, past(launch))
        .when(register({ name: alike }))
        .thenRefused('organisation-looks-like', 'name');
  });

  test('is looked for by its kind where only that kind will do', () => {
    const state = stateOf(past(launch));
    expect(refusal(() => campaigns.requireOrganisation(state, 'guijianban', 'area', 'village'))).toMatchObject({
      field: 'area',
      expected: 'one of village-01, village-02, village-03',
    });
  });
});

describe('rule sets', () => {
  const second = { version: 2, effectiveFrom: '2025-07-01' };

  test('count up by one', () => {
    given(campaign, past(launch))
      .when(publish({ version: 2 }))
      .thenRefused('wrong-version', 'version');
    given(campaign, past(launch))
      .when(publish())
      .thenRecorded({ type: 'RuleSetPublished', data: { version: 1 } });
    given(campaign, past(launch, publish()))
      .when(publish({ version: 3 }))
      .thenRefused('wrong-version', 'version');
    given(campaign, past(launch, publish()))
      .when(publish(second))
      .thenRecorded({ type: 'RuleSetPublished', data: second });
  });

  test('the last one again is nothing, the last version with other rules is refused', () => {
    given(campaign, past(launch, publish())).when(publish()).thenNothing();
    given(campaign, past(launch, publish()))
      .when(publish({ longestRectification: { general: 30 } }))
      .thenRefused('wrong-version', 'version');
  });

  test('never reach back before the one before', () => {
    given(campaign, past(launch, publish()))
      .when(publish({ version: 2, effectiveFrom: '2025-04-24' }))
      .thenRefused('effective-too-early', 'effectiveFrom');
  });

  test('published by people hold from tomorrow on', () => {
    const asked = (effectiveFrom: string) => (state: campaigns.CampaignState) =>
      campaigns.publishRuleSet(state, { ...LIANTANG_RULES, version: 2, effectiveFrom }, '2025-06-02');
    const after = given(campaign, past(launch, publish()));
    after.when(asked('2025-05-01')).thenRefused('effective-too-early', 'effectiveFrom');
    after.when(asked('2025-06-02')).thenRefused('effective-too-early', 'effectiveFrom');
    after.when(asked('2025-06-03')).thenRecorded({ type: 'RuleSetPublished' });
  });

  test.each(['periods', 'ladder', 'reportLadder', 'escalation'] as const)('that take away all %s say why', (part) => {
    const without = { ...second, [part]: part === 'ladder' ? undefined : [] };
    const after = given(campaign, past(launch, publish()));
    after.when(publish(without)).thenRefused('reason-missing', 'reason');
    after.when(publish({ ...without, reason: '专项结束' })).thenRecorded({
      type: 'RuleSetPublished',
      data: { reason: '专项结束' },
    });
  });

  test('hold from midnight in town of their date', () => {
    const state = stateOf(past(launch, publish(), publish(second)));
    const versionAt = (instant: string): number | undefined => campaigns.ruleSetAt(state, instant)?.version;
    expect(versionAt('2025-04-24T15:59:59.999Z')).toBeUndefined();
    expect(versionAt('2025-04-24T16:00:00.000Z')).toBe(1);
    expect(versionAt('2025-06-30T15:59:59.999Z')).toBe(1);
    expect(versionAt('2025-06-30T16:00:00.000Z')).toBe(2);
  });

  test('of one date: the later version holds', () => {
    const state = stateOf(past(launch, publish(), publish({ version: 2 })));
    expect(campaigns.ruleSetAt(state, '2025-05-01T00:00:00.000Z')?.version).toBe(2);
  });
});

describe('targets', () => {
  const [target] = LIANTANG_TARGETS;
  const set =
    (more: object = {}): Decide =>
    (state) =>
      campaigns.setTarget(state, { ...target!, ...more });
  test('are set, set again, and not set twice', () => {
    given(campaign, past(launch)).when(set()).thenRecorded({ type: 'TargetSet', data: target! });
    given(campaign, past(launch, set())).when(set()).thenNothing();
    given(campaign, past(launch, set()))
      .when(set({ goal: 90 }))
      .thenRecorded({ type: 'TargetSet', data: { goal: 90 } });
    given(campaign, past(launch))
      .when(set({ track: 'gas' }))
      .thenRecorded({ type: 'TargetSet', track: 'gas' });
  });
});

describe('town time', () => {
  test.each([
    ['2025-05-08T15:59:59.999Z', '2025-05-08'],
    ['2025-05-08T16:00:00.000Z', '2025-05-09'],
    ['2024-12-31T16:00:00.000Z', '2025-01-01'],
  ])('%s is on %s', (instant, day) => {
    expect(townDay(instant)).toBe(day);
  });

  test.each([
    ['2025-05-08T15:59:59.999Z', '2025-05-08T16:00:00.000Z', 1],
    ['2025-05-07T16:00:00.000Z', '2025-05-08T15:59:59.999Z', 0],
    ['2025-02-28T02:00:00.000Z', '2025-03-01T02:00:00.000Z', 1],
    ['2025-05-08T02:00:00.000Z', '2025-05-01T02:00:00.000Z', 0],
  ])('from %s to %s: %i days', (from, to, days) => {
    expect(townDaysBetween(from, to)).toBe(days);
  });
});

describe('the Liantang campaign', () => {
  test('has the seven tracks of the plan with their leads', () => {
    expect(Object.fromEntries(LIANTANG.tracks.map(({ track, lead, level }) => [track, `${lead} ${level}`]))).toEqual({
      ebike: 'ebike-taskforce municipal',
      'hotwork-industry': 'chengyun municipal',
      factory: 'factory-taskforce municipal',
      insulation: 'chengyun national',
      'hotwork-crowded': 'chengyun national',
      gas: 'guijianban municipal',
      construction: 'guijianban municipal',
    });
    expect(LIANTANG.tracks.map(({ track }) => track).toSorted()).toEqual([...TRACKS].toSorted());
  });

  test('has thirteen members and an office', () => {
    const kinds = LIANTANG.organisations.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'member')).toHaveLength(13);
    expect(kinds.filter((kind) => kind === 'office')).toHaveLength(1);
  });

  test('names only organisations that exist', () => {
    const ids = new Set(LIANTANG.organisations.map(({ id }) => id));
    const named = LIANTANG.tracks.flatMap(({ lead, responsible }) => [lead, ...responsible]);
    expect(named.filter((id) => !ids.has(id) && id !== 'villages' && id !== 'members')).toEqual([]);
  });

  test('is accepted with its rules and its targets', () => {
    const targets = LIANTANG_TARGETS.map(
      (target): Decide =>
        (state) =>
          campaigns.setTarget(state, target),
    );
    expect(past(launch, publish(), ...targets)).toHaveLength(2 + LIANTANG_TARGETS.length);
  });

  test('knows who serves a track', () => {
    const serves = (track: 'gas' | 'insulation' | 'ebike', organisation: string): boolean =>
      campaigns.servesTrack(launched, track, organisation);
    expect([serves('gas', 'guijianban'), serves('gas', 'wenti'), serves('gas', 'village-02')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([
      serves('insulation', 'chengyun'),
      serves('insulation', 'nongfu'),
      serves('insulation', 'village-01'),
    ]).toEqual([true, true, true]);
    expect([
      serves('insulation', 'wenti'),
      serves('ebike', 'wenti'),
      serves('gas', 'office'),
      serves('gas', 'nobody'),
    ]).toEqual([false, false, false, false]);
    expect(campaigns.leadOf(launched, 'factory')).toBe('factory-taskforce');
  });

  test('names what it does not have', () => {
    const without = stateOf(
      past((state) => campaigns.launch(state, { ...LIANTANG, tracks: LIANTANG.tracks.slice(0, 1) })),
    );
    expect(refusal(() => campaigns.leadOf(without, 'gas'))).toMatchObject({
      type: 'invalid-input',
      field: 'track',
      expected: 'one of ebike',
    });
    expect(refusal(() => campaigns.requireOrganisation(launched, 'nobody', 'to'))).toMatchObject({
      type: 'invalid-input',
      field: 'to',
    });
    expect(refusal(() => campaigns.leadOf(campaign.initial, 'gas'))).toMatchObject({ type: 'campaign-not-launched' });
  });
});

describe('keys of the components that record', () => {
  const KEY = 'daocha-writer/liantang/api+a466bd4d+AfcqgPClI56aBCHq7OM/+6EZBgjMzfDCayFdpM9g0NQK';
  const declare =
    (...keys: string[]): Decide =>
    (state) =>
      campaigns.declareWriterKeys(state, { keys, reason: '系统上线' });

  test('are declared as a whole list, and the same list again is nothing', () => {
    given(campaign, past(launch))
      .when(declare(KEY))
      .thenRecorded({ type: 'WriterKeysDeclared', data: { keys: [KEY], reason: '系统上线' } });
    given(campaign, past(launch, declare(KEY)))
      .when(declare(KEY))
      .thenNothing();
  });

  test.each([
    ['another key ID', KEY.replace('a466bd4d', 'a466bd4e')],
    ['another name', KEY.replace('/api', '/console')],
    ['a witness key', KEY.replace('+Afcq', '+Bfcq')],
  ])('%s is refused by its place in the list', (_what, key) => {
    given(campaign, past(launch)).when(declare(KEY, key)).thenRefused('not-a-writer-key', 'keys.1');
  });
});

// Checklists: published version by version, never changed; and those that daocha ships.
import { describe, expect, test } from 'vitest';
import type { CampaignEvent, Checklist } from '../../events/campaign.ts';
import { TRACKS } from '../../events/envelope.ts';
import { LIANTANG_CHECKLISTS } from '../../shared/rules/campaign/checklists.ts';
import { LIANTANG } from '../../shared/rules/campaign/liantang.ts';
import { campaign, checklistOf, publishChecklist } from '../../shared/rules/campaign/campaign.ts';
import { foldAll } from '../../shared/rules/decider.ts';
import { eventOf } from '../support/builders.ts';
import { given } from '../support/given.ts';

const GAS: Checklist = {
  template: 'gas',
  version: 1,
  track: 'gas',
  name: '燃气',
  items: [
    { item: '1', clause: 'G-1', text: '软管' },
    { item: '2', clause: 'G-2', text: '熄火保护' },
  ],
};
const launched = [eventOf('campaign', 'campaign', 1, { type: 'CampaignLaunched', data: LIANTANG })];
const published = [...launched, eventOf('campaign', 'campaign', 2, { type: 'ChecklistPublished', data: GAS })];
const next = { ...GAS, version: 2, items: [...GAS.items, { item: '3', clause: 'G-3', text: '报警器' }] };

describe('publishing a checklist', () => {
  test('records it, and the same again is nothing', () => {
    given(campaign, launched)
      .when((state) => publishChecklist(state, GAS))
      .thenRecorded({ type: 'ChecklistPublished', track: 'gas', data: GAS });
    given(campaign, published)
      .when((state) => publishChecklist(state, GAS))
      .thenNothing();
  });

  test('adds versions one by one, and keeps each', () => {
    const state = given(campaign, published)
      .when((now) => publishChecklist(now, next))
      .state();
    expect(checklistOf(state, { id: 'gas', version: 1 })).toEqual(GAS);
    expect(checklistOf(state, { id: 'gas', version: 2 })).toEqual(next);
    expect(checklistOf(state, { id: 'gas', version: 3 })).toBeUndefined();
    expect(checklistOf(state, { id: 'other', version: 1 })).toBeUndefined();
  });

  test.each<[string, Checklist, string, string]>([
    ['the same version with other items', { ...next, version: 1 }, 'wrong-version', 'version'],
    ['a version left out', { ...next, version: 3 }, 'wrong-version', 'version'],
    ['another track', { ...next, track: 'factory' }, 'other-track', 'track'],
    [
      'an item twice',
      { ...next, items: [...GAS.items, { item: '1', clause: 'G-9', text: '重复' }] },
      'invalid-input',
      'items',
    ],
  ])('refuses %s', (_, checklist, type, field) => {
    given(campaign, published)
      .when((state) => publishChecklist(state, checklist))
      .thenRefused(type, field);
  });

  test('needs a campaign', () => {
    given(campaign)
      .when((state) => publishChecklist(state, GAS))
      .thenRefused('campaign-not-launched');
  });
});

test('daocha ships one for each track, each clause on one of them, and all can be published', () => {
  expect(LIANTANG_CHECKLISTS.map(({ track }) => track).toSorted()).toEqual([...TRACKS].toSorted());
  const clauses = LIANTANG_CHECKLISTS.flatMap(({ items }) => items.map(({ clause }) => clause));
  expect(new Set(clauses).size).toBe(clauses.length);
  for (const checklist of LIANTANG_CHECKLISTS) {
    const state = foldAll(campaign, launched as CampaignEvent[]);
    expect(publishChecklist(state, checklist)).toHaveLength(1);
  }
});

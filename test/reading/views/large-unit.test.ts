// A unit with more hazards than its document writes out, or than one request sorts in memory, is still shown right and whole.
import { expect, test } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { listHazards } from '../../../shared/reading/hazard/list-query.ts';
import { readUnitPage } from '../../../shared/reading/unit/page-query.ts';
import type { ViewDeps } from '../../../shared/reading/views/view.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { given } from './given.ts';
import { viewDeps } from './projected.ts';

const registered: Draft = { type: 'UnitRegistered', data: { details: { name: '大楼', tracks: ['gas'] } } };
const found: Draft = {
  type: 'HazardFound',
  data: { clause: 'C', before: null, after: 'found', grade: null, inspection: 'i_1', item: '1' },
};
const dismissed: Draft = {
  type: 'HazardDismissed',
  data: { clause: 'C', before: 'found', after: 'invalid', grade: null, reason: 'r', proposedBy: 'p', by: 'q' },
};
const id = (n: number): string => `h_${String(n).padStart(4, '0')}`;

async function unitWith(open: number, thenDismissed = 0): Promise<ViewDeps> {
  const deps = viewDeps(new FakeDynamo());
  const opening = Array.from({ length: open }, (_, n) => [`hazard/${id(n)}`, 1, found] as const);
  const closing = Array.from({ length: thenDismissed }, (_, n) => [`hazard/${id(n)}`, 2, dismissed] as const);
  const drafts = [['unit/u_1', 1, registered] as const, ...opening, ...closing];
  await applyBatch(deps, 1, VIEWS, given(...(drafts as unknown as Parameters<typeof given>)));
  return deps;
}

test('more than 100 open hazards: 100 are shown, of the rest the number', async () => {
  const page = await readUnitPage(await unitWith(130), 'u_1');
  expect(page.counts.open).toBe(130);
  expect(page.openHazards).toHaveLength(100);
  expect(page.openHazardsLeftOut).toBe(30);
});

test('those that the document had no room for are shown when the others are gone', async () => {
  const page = await readUnitPage(await unitWith(130, 100), 'u_1');
  expect(page.counts.open).toBe(30);
  expect(page.openHazards.map(({ hazard }) => hazard)).toEqual(Array.from({ length: 30 }, (_, n) => id(100 + n)));
  expect(page.openHazardsLeftOut).toBe(0);
});

test('more than 1,000 hazards at one unit are listed page by page, no request looking at more than 2,000', async () => {
  const deps = await unitWith(1050);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listHazards(deps, { unit: 'u_1', sort: 'found', limit: 100, cursor });
    expect(page.examined).toBeLessThanOrEqual(2000);
    seen.push(...page.items.map(({ hazard }) => hazard));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(Array.from({ length: 1050 }, (_, n) => id(n)));
});

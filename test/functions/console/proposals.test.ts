// 待确认: whoever corrects is led to what waits; a second person sees what would be recorded and confirms, or does not.
import { beforeAll, expect, test } from 'vitest';
import type { Visitor } from './support.ts';
import { makeTownWithHazard, type TownWithHazard } from './town.ts';

let it: TownWithHazard;
let village: Visitor;
let office: Visitor;

beforeAll(async () => {
  it = await makeTownWithHazard();
  village = await it.console.as('village', 'village-01');
  office = await it.console.as('office');
});

/** Puts a correction forward by the form of the unit, and gives the page that it leads to. */
async function propose(name: string): Promise<string> {
  const fields = { name, kind: '餐饮', address: '', area: 'village-01', tracks: ['gas'], reason: '登记有误' };
  const sent = await village.fill(it.path('/units/{unit}/correct'), fields);
  expect(sent.status, sent.text).toBe(303);
  const location = sent.headers['location']!;
  expect(location).toMatch(/^\/console\/proposals\/pr_[0-9a-f]{20}\?done=put$/);
  expect((await village.get(location)).text).toContain('须由另一人用自己的账号确认');
  await it.console.town.settle();
  return location.split('?')[0]!;
}
const unitPage = async () => (await office.get(it.path('/units/{unit}'))).text;

test('a correction waits with its old value shown, and is recorded when somebody else confirms it', async () => {
  const path = await propose('练塘某饭店');
  expect(await unitPage()).toContain('<h1>练塘老街面馆</h1>');
  const own = (await village.get(path)).text;
  expect(own).toContain(`${path}/withdraw`);
  expect(own).not.toContain(`${path}/confirm`);
  expect((await village.get(`${path}/confirm`)).status).toBe(403);

  const list = (await office.get('/console/proposals')).text;
  expect(list).toContain(`href="${path}"`);
  expect(list).toContain('可由您确认');
  expect((await office.get(path)).text).toContain('练塘老街面馆 → 练塘某饭店');
  const confirmed = await office.fill(`${path}/confirm`, {});
  expect(confirmed.headers['location']).toBe(`${path}?done=confirmProposal`);
  await it.console.town.settle();
  expect((await office.get(confirmed.headers['location']!)).text).toContain('已确认，并已按提请的内容记录');
  expect(await unitPage()).toContain('<h1>练塘某饭店</h1>');
  expect((await office.get('/console/proposals')).text).toContain('没有待确认的事项');
  expect((await office.get('/console/proposals?status=all')).text).toContain('已确认');
  expect((await office.get(`${path}/confirm`)).status).toBe(422);
});

test('not agreed to, it says why, and nothing is recorded', async () => {
  const path = await propose('别的名称');
  expect((await office.fill(`${path}/reject`, { reason: '' })).status).toBe(400);
  expect((await office.fill(`${path}/reject`, { reason: '与执照不符' })).status).toBe(303);
  expect((await village.get(path)).text).toContain('与执照不符');
  expect(await unitPage()).toContain('<h1>练塘某饭店</h1>');
});

test('is no page for who may not read it', async () => {
  const path = await propose('又一名称');
  expect((await (await it.console.as('village', 'village-02')).get(path)).status).toBe(403);
  const auditor = await it.console.as('auditor');
  const { text } = await auditor.get(path);
  expect(text).not.toContain(`${path}/confirm`);
  expect((await village.fill(`${path}/withdraw`, { reason: '' })).status).toBe(303);
});

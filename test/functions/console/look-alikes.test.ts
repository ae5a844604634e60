// A new unit that reads like one on record, on the forms: the one on record is linked, and whoever says that it is another goes on.
import { beforeEach, expect, test } from 'vitest';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { makeConsoleTown, type ConsoleTown, type Visitor } from './support.ts';

let it: ConsoleTown;
let village: Visitor;
let known: string;
const SHOP = { name: '老街新开面馆', address: '老街8号', area: 'village-01', tracks: 'gas' };
const REGISTER = '/console/units/new';
const INSPECT = '/console/inspect/gas';
const AS_SCRIPT = { accept: 'application/json' };
const CHECKLIST = {
  template: 'gas-restaurant',
  version: 1,
  track: 'gas',
  name: '餐饮场所燃气安全检查表',
  items: [{ item: '1', clause: 'GAS-01', text: '软管无老化' }],
};

beforeEach(async () => {
  it = await makeConsoleTown({ compared: true, settling: true });
  const admin = await it.town.as('admin', 'office');
  await it.town.post('/v1/campaign/checklists', admin, CHECKLIST);
  village = await it.as('village', 'village-01');
  const first = await village.fill(REGISTER, SHOP);
  if (first.status !== 303) throw new Error(first.text);
  known = /u_[0-9a-f]+/.exec(first.headers['location']!)![0];
});

const registered = async (id: string) => (await readStream(it.town.deps.store, 'liantang', 'unit', id))[0]!.event;

test('the form of a unit comes back with the one on record; ticked, it is another, and that is on record', async () => {
  const before = it.town.commits();
  const asked = await village.fill(REGISTER, { ...SHOP, address: '老街８号' });
  expect(asked.status).toBe(422);
  expect(it.town.commits()).toBe(before);
  for (const words of ['没有登记', `href="/console/units/${known}"`, '老街新开面馆', 'name="distinctFrom"', '老街８号'])
    expect(asked.text).toContain(words);
  const sent = await village.fill(REGISTER, { ...SHOP, address: '老街８号', distinctFrom: [known] });
  expect(sent.status, sent.text).toBe(303);
  const [second] = /u_[0-9a-f]+/.exec(sent.headers['location']!)!;
  expect(await registered(second)).toMatchObject({ data: { distinctFrom: [known] } });
});

test('what was ticked is kept where something else is wrong', async () => {
  const asked = await village.fill(REGISTER, { ...SHOP, name: '', distinctFrom: [known] });
  expect(asked.text).toContain(`type="hidden" name="distinctFrom" value="${known}"`);
});

test('of the same name elsewhere it is registered, and its page shows the one on record', async () => {
  const sent = await village.fill(REGISTER, { ...SHOP, address: '新街1号' });
  expect(sent.status, sent.text).toBe(303);
  const page = await village.get(sent.headers['location']!);
  for (const words of ['单位已登记', '名称或地址与它相同', `href="/console/units/${known}"`, '老街新开面馆，老街8号'])
    expect(page.text).toContain(words);
  // of a unit that the caller may not see, or that there is not, no more than its id is shown
  const other = await village.get(`/console/units/${known}?similar=u_never`);
  expect(other.text).toContain('href="/console/units/u_never">u_never<');
  expect((await village.get(`/console/units/${known}`)).text).not.toContain('名称或地址与它相同');
});

test('a draft of an inspection is told which unit its new one reads like, and is recorded for either', async () => {
  const inspector = await it.as('inspector', 'guijianban');
  const { csrf } = JSON.parse((await inspector.get('/console/inspect/session', AS_SCRIPT)).text);
  const filled = { 'a-0': 'ok', mode: 'routine', signature: 'signed', template: 'gas-restaurant@1' };
  const fresh = { newName: SHOP.name, newAddress: SHOP.address, newArea: 'village-01' };
  const send = (key: string, fields: object) => inspector.post(INSPECT, { csrf, key, ...filled, ...fields }, AS_SCRIPT);

  const asked = await send('a-draft-of-a-new-unit', fresh);
  expect([asked.status, JSON.parse(asked.text)]).toMatchObject([
    422,
    { type: 'unit-looks-like', alike: [{ id: known, name: SHOP.name, address: SHOP.address }] },
  ]);
  const another = await send('said-to-be-another', { ...fresh, distinctFrom: [known] });
  expect(another.status, another.text).toBe(200);
  const chain = await send('of-the-same-name-elsewhere', { ...fresh, newAddress: '新街2号' });
  expect(JSON.parse(chain.text).location).toContain(`similar=${known}`);
  const same = await send('said-to-be-that-one', { unit: known, unitName: SHOP.name });
  expect(JSON.parse(same.text).location).toContain(known);
});

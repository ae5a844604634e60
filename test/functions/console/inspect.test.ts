// 检查 without a browser: the form as it is sent plainly, and as the script of the page sends it; what the scripts ask; who may.
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../../functions/runtime/dossier-store.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { directoryEvidence, JPEG } from '../../support/evidence.ts';
import { TENANT } from '../api/support.ts';
import { heading, hiddenFields, makeConsoleTown, type Answered, type ConsoleTown, type Visitor } from './support.ts';

/** What an answer holds is what each test asserts. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

const ITEMS = ['软管无老化', '灶具有熄火保护装置', '通风良好'];
const checklist = (version: number) => ({
  template: 'gas-restaurant',
  version,
  track: 'gas',
  name: '餐饮场所燃气安全检查表',
  items: ITEMS.map((text, n) => ({ item: String(n + 1), clause: `GAS-0${n + 1}`, text })),
});
const evidence = directoryEvidence(TENANT);

let it: ConsoleTown;
let unit: string;
let inspector: Visitor;

async function newUnit(area = 'village-01', tracks = ['gas']): Promise<string> {
  const office = await it.town.as('office', 'office');
  return (await it.town.post('/v1/units', office, { name: '练塘老街面馆', area, tracks })).body.id;
}

beforeAll(async () => {
  it = await makeConsoleTown({ evidence, settling: true });
  const admin = await it.town.as('admin', 'office');
  await it.town.post('/v1/campaign/checklists', admin, checklist(1));
  unit = await newUnit();
  inspector = await it.as('inspector', 'guijianban');
  await it.town.settle();
});

const FILLED = {
  'a-0': 'problem',
  't-0': '软管老化龟裂',
  'p-0': '后厨',
  'a-1': 'ok',
  'a-2': 'not-applicable',
  mode: 'routine',
  signature: 'signed',
  template: 'gas-restaurant@1',
};
const PATH = '/console/inspect/gas';
const AS_SCRIPT = { accept: 'application/json' };

/** What the script of the page sends: the form, and what only it knows. */
async function script(
  who: Visitor,
  fields: Record<string, string | readonly string[]>,
): Promise<Answered & { json: Loose }> {
  const session = JSON.parse((await who.get('/console/inspect/session', AS_SCRIPT)).text);
  const sent = await who.post(PATH, { csrf: session.csrf, ...fields }, AS_SCRIPT);
  return { ...sent, json: JSON.parse(sent.text) };
}

const recorded = async (id: string): Promise<Loose> => {
  const { body } = await it.town.get(`/v1/inspections/${id}`, await it.town.as('office', 'office'));
  return body.events[0];
};
/** The one inspection that is there now and was not before. */
function onlyNew(before: readonly string[]): string {
  const [id, ...more] = inspections().filter((known) => !before.includes(known));
  if (id === undefined || more.length > 0) throw new Error(`${1 + more.length} are new, or none: ${id}`);
  return id;
}
const inspections = (): string[] =>
  it.town.fake
    .items('events')
    .map(({ stream }) => stream!.S!.split('#'))
    .flatMap(([, kind, id]) => (kind === 'inspection' ? [id!] : []));

describe('the form, sent plainly', () => {
  test('asks every item with its clause, and names the unit', async () => {
    const { text } = await inspector.get(`${PATH}?unit=${unit}`);
    for (const words of [...ITEMS, 'GAS-02', '餐饮场所燃气安全检查表（第 1 版）', '练塘老街面馆'])
      expect(text).toContain(words);
  });

  test('records every answer, what was found, who signed', async () => {
    const before = inspections();
    const sent = await inspector.fill(`${PATH}?unit=${unit}`, {
      ...FILLED,
      unit,
      with: 'p-018 p-019',
      'c-x': 'GAS-99',
      't-x': '气瓶堵占通道',
    });
    expect(sent.status, sent.text).toBe(303);
    const page = await inspector.get(sent.headers['location']!);
    expect(page.text).toContain('检查已记录。');
    expect(page.text).toContain('GAS-99');
    const { data } = await recorded(onlyNew(before));
    expect(data).toMatchObject({
      template: { id: 'gas-restaurant', version: 1 },
      inspectors: ['p-inspector-guijianban', 'p-018', 'p-019'],
      answers: [
        { item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化龟裂', place: '后厨' },
        { item: '2', clause: 'GAS-02', answer: 'ok' },
        { item: '3', clause: 'GAS-03', answer: 'not-applicable' },
        { item: 'x', clause: 'GAS-99', answer: 'problem', text: '气瓶堵占通道' },
      ],
      signature: { kind: 'signed', by: `in-charge:${unit}` },
    });
  });

  test('names every fault, keeps what was typed, and records nothing', async () => {
    const before = it.town.commits();
    const { status, text } = await inspector.fill(PATH, {
      'a-0': 'problem',
      'a-1': 'ok',
      mode: 'routine',
      signature: 'refused',
      with: '张三',
      'p-0': '<script>alert(1)</script>',
      template: 'gas-restaurant@1',
    });
    expect(status).toBe(400);
    for (const words of [
      '请选择第 3 项的检查结果',
      '请填写第 1 项的问题描述',
      '请选择单位，或填写新单位名称',
      '请填写拒签原因',
      '请填写人员编号（字母、数字），不写姓名',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toContain('<script>alert(1)');
    expect(it.town.commits()).toBe(before);
  });

  test('registers a new unit with the inspection, both once', async () => {
    const village = await it.as('village', 'village-01');
    const { key, csrf } = hiddenFields((await village.get(PATH)).text);
    const form = { ...FILLED, key, csrf, newName: '新开的小吃店', newArea: 'village-01' };
    const before = it.town.commits();
    const [one, two] = [await village.post(PATH, form), await village.post(PATH, form)];
    expect([one.status, two.status]).toEqual([303, 303]);
    expect(two.headers['location']!.split('?')[0]).toBe(one.headers['location']!.split('?')[0]);
    // unit; inspection, hazard and the unit again
    expect(it.town.commits()).toBe(before + 4);
  });

  test('grades at once what a department found, which an inspector is not asked', async () => {
    const department = await it.as('department', 'guijianban');
    expect((await inspector.get(`${PATH}?unit=${unit}`)).text).not.toContain('name="g-0"');
    const at = await newUnit();
    await it.town.settle();
    const sent = await department.fill(`${PATH}?unit=${at}`, { ...FILLED, unit: at, 'g-0': 'major' });
    expect(sent.status, sent.text).toBe(303);
    expect((await department.get(sent.headers['location']!)).text).toContain('重大隐患');
  });

  test('is not there for a track of others, a unit of others, or a track that there is not', async () => {
    expect((await inspector.get('/console/inspect/factory')).status).toBe(403);
    const other = await it.as('village', 'village-02');
    expect((await other.get(`${PATH}?unit=${unit}`)).status).toBe(403);
    expect((await inspector.get('/console/inspect/nonsense')).status).toBe(404);
    expect((await (await it.as('leader', 'leading-group')).get('/console/inspect')).status).toBe(403);
  });
});

describe('the form, sent by its script', () => {
  const key = 'a-draft-of-the-device';
  const photo = evidence.keep(JPEG);

  test('is recorded with time, place, device and photos, each photo at its hazard; sent again it is the same one', async () => {
    const at = await newUnit();
    const fields = {
      ...FILLED,
      key,
      unit: at,
      occurredAt: it.town.now.at.toISOString(),
      at: '31.0123,121.0456,12',
      device: 'web-1234',
      'f-0': [photo.sha256],
      evidence: [JSON.stringify({ ...photo, takenAt: '2025-06-01T02:00:00.000Z' })],
    };
    const before = inspections();
    const first = await script(inspector, fields);
    expect(first.status, first.text).toBe(200);
    const again = await Promise.all([script(inspector, fields), script(inspector, fields)]);
    for (const { json } of again) expect(json.location).toBe(first.json.location);
    const event = await recorded(onlyNew(before));
    expect(event).toMatchObject({
      occurredAt: it.town.now.at.toISOString(),
      place: { lat: 31.0123, lon: 121.0456, accuracy: 12 },
      device: 'web-1234',
      evidence: [{ sha256: photo.sha256, mediaType: 'image/jpeg', takenAt: '2025-06-01T02:00:00.000Z' }],
    });
    expect(event.data.answers[0].evidence).toEqual([photo.sha256]);
    const [{ hazard }] = event.data.findings;
    const page = await inspector.get(`/console/hazards/${hazard}`);
    const shown = `/console/evidence/${photo.sha256}?event=${encodeURIComponent(`hazard/${hazard}/1`)}`;
    expect(page.text).toContain(`src="${shown}"`);
    const image = await inspector.get(shown);
    expect(image.status).toBe(200);
    expect(image.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(sha256Of(Buffer.from(image.text, 'latin1'))).toBe(photo.sha256);
  });

  test('with other words under the same key is not a second inspection', async () => {
    const before = inspections();
    const { status, json } = await script(inspector, { ...FILLED, key, unit, 't-0': '别的' });
    expect([status, json.type]).toEqual([422, 'idempotency-key-reused']);
    expect(inspections()).toEqual(before);
  });

  test('says in data what was wrong with it', async () => {
    const { status, json } = await script(inspector, { ...FILLED, key: 'another-draft', unit, 't-0': '' });
    expect(status).toBe(400);
    expect(json).toEqual({
      type: 'invalid-input',
      faults: [{ field: 't-0', message: '请填写第 1 项的问题描述' }],
    });
  });

  test('for a unit that was closed meanwhile says so', async () => {
    const at = await newUnit();
    const department = await it.town.as('department', 'guijianban');
    await it.town.post(`/v1/units/${at}/closure`, department, { reason: '停业' });
    const { status, json } = await script(inspector, { ...FILLED, key: 'closed-draft', unit: at });
    expect([status, json.type]).toEqual([422, 'unit-closed']);
    expect(json.faults[0].message).toContain('单位已注销');
  });

  test('after the session has ended is told to sign in, not sent to a page', async () => {
    const { status, text } = await it.send('POST', PATH, { form: { ...FILLED, key }, headers: AS_SCRIPT });
    expect([status, JSON.parse(text).type]).toEqual([401, 'unauthenticated']);
  });

  test('with the token of an earlier session is told so', async () => {
    const other = await it.as('inspector', 'guijianban');
    const { csrf } = JSON.parse((await other.get('/console/inspect/session', AS_SCRIPT)).text);
    const { status, text } = await inspector.post(PATH, { ...FILLED, key, csrf }, AS_SCRIPT);
    expect([status, JSON.parse(text).type]).toEqual([403, 'foreign-form']);
  });
});

const hidden = (text: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? '';

describe('a claimed time', () => {
  const claims = (occurredAt: string, draftedFrom: string, more: object = {}) =>
    script(inspector, {
      ...FILLED,
      key: `claim-${occurredAt}-${draftedFrom}`.replaceAll(/\W/g, '-'),
      unit,
      occurredAt,
      draftedFrom,
      ...more,
    });

  test('the page says when it was made, and what is written on it cannot have happened before', async () => {
    const made = hidden((await inspector.get(PATH)).text, 'draftedFrom');
    expect(Date.parse(made)).toBeGreaterThan(0);
    const { headers } = await inspector.get('/console/inspect/session', AS_SCRIPT);
    expect(Date.parse(headers['x-now']!)).toBeGreaterThanOrEqual(Date.parse(made));
    const before = it.town.commits();
    const early = new Date(Date.parse(made) - 61_000).toISOString();
    const { status, json } = await claims(early, made);
    expect([status, json.type, json.asks]).toEqual([422, 'occurred-too-early', 'time']);
    expect(json.faults[0].message).toContain('最早为 ');
    const village = await it.as('village', 'village-01');
    const form = { ...FILLED, key: 'new-unit-too-early', newName: '早登记的店', newArea: 'village-01' };
    const registered = await script(village, { ...form, occurredAt: early, draftedFrom: made });
    expect(registered.json.type).toBe('occurred-too-early');
    expect(it.town.commits()).toBe(before);
  });

  test('that is no time is refused, and not taken for now', async () => {
    const before = it.town.commits();
    expect((await claims('yesterday', '2025-06-01T00:00:00.000Z')).status).toBe(400);
    expect(it.town.commits()).toBe(before);
  });

  test('a new unit of a refused form is registered once, and what is sent next is about it', async () => {
    const village = await it.as('village', 'village-01');
    const fresh = (await village.get(PATH)).text;
    const { key, csrf } = hiddenFields(fresh);
    const people = Array.from({ length: 300 }, (_, n) => `p${n}`)
      .join(' ')
      .slice(0, 499);
    const draftedFrom = hidden(fresh, 'draftedFrom');
    const form = { ...FILLED, key, csrf, draftedFrom, newName: '只登记一次的店', newArea: 'village-01', with: people };
    const before = it.town.commits();
    const refused = await village.post(PATH, form);
    expect(refused.status, refused.text).toBe(400);
    expect(it.town.commits()).toBe(before + 1);
    const said = hiddenFields(refused.text);
    const registered = { unit: hidden(refused.text, 'unit'), unitName: hidden(refused.text, 'unitName') };
    expect(registered.unitName).toBe('只登记一次的店');
    expect(said.key).not.toBe(key);
    const sent = await village.post(PATH, { ...form, ...said, ...registered, with: '' });
    expect(sent.status, sent.text).toBe(303);
    expect(sent.headers['location']).toContain(encodeURIComponent(registered.unit));

    const asScript = await script(village, { ...form, key: 'once-by-script', newName: '另一家新店' });
    expect([asScript.status, typeof asScript.json.unit]).toEqual([400, 'string']);
  });
});

describe('what the scripts ask', () => {
  const ask = async (who: Visitor, path: string): Promise<Loose> => JSON.parse((await who.get(path, AS_SCRIPT)).text);

  test('the pages and units to keep are those of the person’s own part of the town', async () => {
    const far = await newUnit('village-02');
    await it.town.settle();
    const mine = await ask(inspector, '/console/inspect/kept');
    expect(mine.pages).toContain(PATH);
    expect(mine.pages).not.toContain('/console/inspect/factory');
    expect(mine.units.map(({ unit: id }: { unit: string }) => id)).toEqual(expect.arrayContaining([unit, far]));
    const village = await ask(await it.as('village', 'village-02'), '/console/inspect/kept');
    expect(village.units.map(({ unit: id }: { unit: string }) => id)).toEqual([far]);
    expect(village.pages).toHaveLength(TRACKS.length + 1);
  });

  test('a photo is announced with the session’s token, within the limits', async () => {
    const { csrf } = await ask(inspector, '/console/inspect/session');
    const file = { sha256: '1'.repeat(64), mediaType: 'image/jpeg', size: '1000', takenAt: '' };
    const post = (fields: object) => inspector.post('/console/inspect/photos', { ...file, ...fields }, AS_SCRIPT);
    const announced = await post({ csrf });
    expect(JSON.parse(announced.text)).toMatchObject({ present: false, upload: { method: 'PUT' } });
    expect((await post({})).status).toBe(403);
    for (const wrong of [{ mediaType: 'image/svg+xml' }, { size: '4000001' }, { sha256: 'x' }]) {
      expect((await post({ csrf, ...wrong })).status, JSON.stringify(wrong)).toBe(400);
    }
  });

  test('a photo is shown to nobody by its hash alone', async () => {
    const village = await it.as('village', 'village-02');
    expect((await village.get(`/console/evidence/${sha256Of(JPEG)}`)).status).toBe(400);
  });

  test('the service worker is asked for again each time, and has the path of what it serves', async () => {
    const { status, headers } = await it.send('GET', '/console/worker.js');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': expect.stringContaining('javascript'),
      'cache-control': 'no-cache',
    });
  });
});

describe('uploads to S3', () => {
  test('are the only thing elsewhere that the policy allows', async () => {
    const away = { ...evidence, origin: () => Promise.resolve('https://town.s3.cn-north-1.amazonaws.com.cn') };
    const aws = await makeConsoleTown({ evidence: away });
    const { headers } = await (await aws.as('inspector', 'guijianban')).get('/console/inspect');
    expect(headers['content-security-policy']).toContain(
      "connect-src 'self' https://town.s3.cn-north-1.amazonaws.com.cn;",
    );
    expect(headers['content-security-policy']!.match(/https:/g)).toHaveLength(1);
  });
});

describe('a track with several checklists', () => {
  test('offers the others, each a page to keep on the device', async () => {
    const admin = await it.town.as('admin', 'office');
    const canteen = { ...checklist(1), template: 'gas-canteen', name: '食堂燃气安全检查表' };
    await it.town.post('/v1/campaign/checklists', admin, canteen);
    const link = `${PATH}?template=gas-canteen`;
    expect((await inspector.get(PATH)).text).toContain(`href="${link}"`);
    const other = (await inspector.get(link)).text;
    expect(other).toContain('食堂燃气安全检查表（第 1 版）');
    expect(other).toContain(`href="${PATH}?template=gas-restaurant"`);
    expect(JSON.parse((await inspector.get('/console/inspect/kept', AS_SCRIPT)).text).pages).toContain(link);
  });
});

describe('a checklist that has a newer version', () => {
  test('is said to have one; told to, the older is recorded as what it is', async () => {
    const open = (await inspector.get(`${PATH}?unit=${unit}`)).text;
    const admin = await it.town.as('admin', 'office');
    await it.town.post('/v1/campaign/checklists', admin, checklist(2));
    const form = { ...FILLED, ...hiddenFields(open), unit };
    const before = inspections();
    const late = await inspector.post(PATH, form);
    expect([late.status, heading(late.text)]).toEqual([409, '检查表已更新']);
    expect(late.text).toContain('软管老化龟裂'); // nothing that was filled in is lost
    const asScript = await script(inspector, { ...FILLED, key: 'old-version', unit });
    expect(asScript.json).toMatchObject({ type: 'checklist-changed', accept: '2' });
    expect(inspections()).toEqual(before);
    const told = await inspector.post(PATH, { ...form, accept: '2' });
    expect(told.status).toBe(303);
    const { data } = await recorded(onlyNew(before));
    expect(data.template).toEqual({ id: 'gas-restaurant', version: 1 });
  });
});

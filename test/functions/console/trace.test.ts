// The pages of 倒查 without a browser: what they say, to whom, and the files to take away.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { zippedBundle } from '../../../functions/console/bundle.ts';
import { QUESTION_NAMES, QUESTIONS } from '../../../shared/reading/trace/questions.ts';
import { verifyBundle } from '../../../shared/record/audit/verify.ts';
import type { Visitor } from './support.ts';
import { makeTownWithHazard, type TownWithHazard } from './town.ts';

let it: TownWithHazard;
let office: Visitor;
beforeAll(async () => {
  it = await makeTownWithHazard({ name: '练塘<老街>面馆' });
  await it.console.town.seal();
  office = await it.console.as('office');
});
const trace = (path: string) => office.get(`/console/trace${path}`);

test('every question has a page that says what it needs', async () => {
  const { text } = await trace('');
  for (const name of QUESTION_NAMES) {
    expect(text).toContain(`/console/trace/${name}`);
    const page = await trace(`/${name}`);
    expect(page.status, name).toBe(200);
    expect(page.text).toContain(`${QUESTIONS[name].zh}</h1>`);
    expect(page.text).toMatch(name === 'report' ? /还没有报送过的报表/ : /请填写.+的编号/);
  }
});

test('the pages of units and hazards lead to it, for those who may trace', async () => {
  const { text } = await office.get(it.path('/units/{unit}'));
  expect(text).toContain(`/console/trace/inspections?unit=${it.unit}`);
  expect((await office.get(it.path('/hazards/{hazard}'))).text).toContain(
    `/console/trace/deadlines?hazard=${it.hazard}`,
  );
  const village = await it.console.as('village', 'village-01');
  expect((await village.get(it.path('/units/{unit}'))).text).not.toContain('/console/trace');
  expect((await village.get('/console/trace')).status).toBe(403);
});

describe('an answer', () => {
  test('names the events behind each fact, for the script to verify', async () => {
    const { text, status } = await trace(`/clause?unit=${it.unit}&clause=GAS-02`);
    expect(status).toBe(200);
    expect(text).toContain('答“无问题”');
    expect(text).toMatch(/data-proof="\d+" data-id="inspection\/i_\w+\/1" data-type="InspectionRecorded"/);
    expect(text).toMatch(/src="\/console\/assets\/[\w-]+\/proof\.js"/);
  });

  test('goes through time by links, each a moment at which what is known changed', async () => {
    const { text } = await trace(`/late?unit=${it.unit}`);
    const known = [...text.matchAll(/data-known="(\d+)"/g)].map(([, at]) => Number(at));
    expect(known.length).toBeGreaterThan(0);
    const then = await trace(`/late?unit=${it.unit}&knownAt=${known[0]}`);
    expect(then.text).toContain(`按当时所知：日志位置 ${known[0]} 之前`);
    const part = await trace(`/late?unit=${it.unit}&knownAt=${known[0]}&part=answer`);
    expect(part.text).not.toContain('data-known');
    expect(part.text).toContain('id="answer"');
  });

  test.each([
    ['/inspections?unit=u_none', 404, '没有这个单位'],
    ['/deadlines?hazard=h_none', 404, '没有这一条隐患'],
  ])('%s: there is none of that name', async (path, status, says) => {
    const page = await trace(path);
    expect(page.status).toBe(status);
    expect(page.text).toContain(says);
  });

  test('what cannot be asked is said in its place, with the question still there', async () => {
    const early = await trace(`/inspections?unit=${it.unit}&knownAt=1`);
    expect(early.status).toBe(404);
    expect(early.text).toContain('那时还没有这方面的记录');
    const wrong = await trace(`/inspections?unit=${it.unit}&knownAt=yesterday`);
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('value="yesterday"');
    const later = await trace(`/responsible?unit=${it.unit}&on=2099-01-01`);
    expect(later.status).toBe(400);
    expect(later.text).toContain('role="alert"');
  });
});

describe('to take away', () => {
  test('the dossier is one page that needs nothing else', async () => {
    const file = await trace(`/dossier/download?unit=${it.unit}&on=2025-06-02&months=3`);
    expect(file.status).toBe(200);
    expect(file.headers['content-disposition']).toContain('attachment');
    expect(file.text).toContain('练塘&lt;老街&gt;面馆');
    expect(file.text).toContain("default-src 'none'");
    const wrong = await trace(`/dossier/download?unit=${it.unit}&on=2099-06-02&months=3`);
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('没有下载');
    expect((await trace('/dossier/download?unit=u_none&on=2025-06-02&months=3')).text).toContain('没有这个单位');
  });

  test('the bundle verifies at home, and what was read for it is on the access log', async () => {
    const file = await trace(`/bundle/download?unit=${it.unit}`);
    expect(file.status).toBe(200);
    const dir = mkdtempSync(join(tmpdir(), 'daocha-test-'));
    try {
      const zip = new ZipReader(new Uint8ArrayReader(new Uint8Array(Buffer.from(file.text, 'latin1'))));
      for (const entry of await zip.getEntries()) {
        if (entry.directory) continue;
        const path = join(dir, entry.filename);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, await entry.getData(new Uint8ArrayWriter()));
      }
      const { problems, info } = await verifyBundle(dir);
      expect(problems).toEqual([]);
      expect(info?.scope).toEqual({ kind: 'unit', unit: it.unit });
      expect(info?.events).toBeGreaterThan(2);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    const { now } = it.console.town;
    now.at = new Date(now.at.getTime() + 60_000); // what is read in this moment is not in the answer
    const { text } = await trace(`/access?unit=${it.unit}`);
    expect(text).toContain('带走证明包');
  });

  test('a bundle that no answer can carry is refused, and the command is named', async () => {
    const ask = () =>
      Promise.resolve('daocha.invalid/x\n1000\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAA=\n');
    await expect(zippedBundle({ ask: ask as never }, 'u_1', 1000)).rejects.toMatchObject({
      status: 413,
      expected: 'daocha audit bundle --unit u_1 --out DIR',
    });
  });
});

describe('an event', () => {
  test('shows its stored bytes, and hands over what is verified', async () => {
    const page = await trace('/events/3');
    expect(page.status).toBe(200);
    const bytes = await trace('/events/3/download');
    expect(JSON.parse(Buffer.from(bytes.text, 'latin1').toString('utf8'))).toMatchObject({
      version: expect.any(Number),
    });
    expect((await trace('/events/3/proof/download')).text).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 3\n/);
    expect((await trace('/log/vkey/download')).text).toMatch(/^daocha\.invalid\/liantang\+[0-9a-f]{8}\+/);
    expect((await trace('/log/consistency/download?from=1&to=2')).text).toMatch(/^[\w+/=]{44}\n/);
  });

  test('that is not signed yet, or is none, says so by name', async () => {
    const beyond = await trace('/events/9999/download');
    expect(beyond).toMatchObject({ status: 404, headers: { 'x-problem': 'beyond-log' } });
    await it.console.town.post('/v1/units', await it.console.town.as('village', 'village-01'), {
      name: '新店',
      area: 'village-01',
      tracks: ['gas'],
    });
    await it.console.town.settle();
    const { size } = (await it.console.town.get('/health', await it.console.town.as('office', 'office'))).body.log;
    const unsealed = await trace(`/events/${size - 1}/proof/download`);
    expect(unsealed).toMatchObject({ status: 404, headers: { 'x-problem': 'not-signed-yet' } });
    expect((await trace(`/events/${size - 1}/download`)).status).toBe(200);
  });
});

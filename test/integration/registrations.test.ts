// Many register at once on the running platform: every one is taken, all are listed, nothing is behind and the audit finds nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlatformFile } from '../../infra/cli/data-directory.ts';
import { readSigningKey, signToken } from '../../infra/local/issuer.ts';
import { type DaochaProcess, daocha, daochaStart, temporaryDirectory, waitFor } from '../support/platform.ts';

const data = temporaryDirectory();
let platform: DaochaProcess & { api: string };
let token: string;
const MANY = Array.from({ length: 120 }, (_, n) => `同时登记第 ${n} 店`);

beforeAll(async () => {
  platform = await daochaStart(data.path);
  const request = { roles: ['office'], org: 'office', person: 'p-office', post: 'office' };
  token = await signToken(readSigningKey(data.path)!, readPlatformFile(data.path)!, request);
});
afterAll(async () => {
  platform?.child.kill('SIGINT');
  await platform?.ended;
  data.remove();
});

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${platform.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
  return { status: response.status, body: (await response.json()) as any };
}

const register = (name: string) => ask('POST', '/v1/units', { name, area: 'village-01', tracks: ['gas'] });

test('120 registrations at once are 120 units', async () => {
  const answers = await Promise.all(MANY.map(register));
  expect(answers.filter(({ status }) => status !== 201)).toEqual([]);

  await waitFor('every follower is at the end of the log', async () => {
    const [{ body: health }, { body: status }] = await Promise.all([ask('GET', '/health'), ask('GET', '/dev/status')]);
    const idle = status.mappings.every((mapping: { idle: boolean }) => mapping.idle);
    return (
      idle && health.log.size > 120 && Object.values<{ lag: number }>(health.followers).every(({ lag }) => lag === 0)
    );
  });
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor !== undefined && { cursor }) });
    const { body } = await ask('GET', `/v1/units?${query.toString()}`);
    listed.push(...body.items.map(({ name }: { name: string }) => name));
    cursor = body.cursor;
  } while (cursor !== undefined);
  expect(listed.toSorted()).toEqual(MANY.toSorted());

  const checked = daocha(['audit', 'check', '--data', data.path]);
  expect((await checked.ended).code, checked.out() + checked.err()).toBe(0);
});

test('of one shop registered by many at once there is one unit', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => register('老街新开面馆')));
  const refused = answers.filter(({ status, body }) => status === 422 && body.units.length === 1);
  expect([refused.length, answers.filter(({ status }) => status === 201).length]).toEqual([7, 1]);
});

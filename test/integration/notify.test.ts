// Reminders on their way out of a running platform: a case is submitted to the district, whose WeCom robot is a server
// here; it refuses, it is sent again by hand; the platform is killed before a message went, and sends it when it is
// back.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlatformFile } from '../../infra/cli/data-directory.ts';
import { readSigningKey, signToken } from '../../infra/local/issuer.ts';
import { LIANTANG } from '../../shared/rules/campaign/liantang.ts';
import { says, startServer, type TestServer } from '../functions/notify/support.ts';
import { type DaochaProcess, daocha, daochaStart, temporaryDirectory, waitFor } from '../support/platform.ts';

const data = temporaryDirectory();
const KEY = '693a91f6-7aoc-4bc4-97a0';
let robot: TestServer;
let platform: DaochaProcess & { api: string };

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
type Body = any;

beforeAll(async () => {
  robot = await startServer();
  const channels = [{ kind: 'wecom', url: `${robot.address}/cgi-bin/webhook/send?key=${KEY}` }];
  const districts = LIANTANG.organisations.flatMap(({ id, kind }) => (kind === 'district' ? [id] : []));
  const secrets = Object.fromEntries(districts.map((district) => [`channels/${district}`, channels]));
  const pasted = `whsec_${Buffer.alloc(32, 7).toString('base64')}\u200B`;
  const all = { ...secrets, 'district-webhooks/district-fire': pasted, 'chanels/guijianban': channels };
  writeFileSync(join(data.path, 'secrets.json'), JSON.stringify(all), { mode: 0o600 });
  platform = await daochaStart(data.path);
});
afterAll(async () => {
  platform?.child.kill('SIGINT');
  await platform?.ended;
  await robot?.close();
  data.remove();
});

async function ask(method: string, path: string, as?: [role: string, org: string], body?: unknown): Promise<Body> {
  const token =
    as &&
    (await signToken(readSigningKey(data.path)!, readPlatformFile(data.path)!, {
      roles: [as[0]],
      org: as[1],
      person: `p-${as.join('-')}`,
      post: as[0],
    }));
  const response = await fetch(`${platform.api}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Body;
  expect(response.status, JSON.stringify(answer)).toBeLessThan(300);
  return answer;
}

/** A major hazard, which goes to the district by itself; the name of its unit. */
async function majorHazard(name: string): Promise<string> {
  const office: [string, string] = ['office', 'office'];
  const { id: unit } = await ask('POST', '/v1/units', office, { name, area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const inspection = { unit, track: 'gas', mode: 'routine', answers };
  const { findings } = await ask('POST', '/v1/inspections', ['inspector', 'guijianban'], inspection);
  const { hazard } = findings[0];
  await ask('POST', `/v1/hazards/${hazard}/gradings`, ['department', 'guijianban'], {
    grade: 'major',
    basis: '燃气泄漏',
  });
  return name;
}
const arrivedWith = (name: string) => () => robot.arrived.find(({ text }) => text.includes(name));
const deliveries = (query = ''): Promise<Body> => ask('GET', `/v1/deliveries${query}`, ['auditor', 'office']);
const command = async (...argv: string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const done = daocha([...argv, '--data', data.path]);
  const { code } = await done.ended;
  return { code, out: done.out(), err: done.err() };
};

test('the configuration can be checked, and a channel tried, before anything depends on it', async () => {
  robot.answer = says({ errcode: 0, errmsg: 'ok' });
  const { code, out } = await command('notify', 'check');
  expect(out).toMatch(/^district-fire\/wecom: well-formed$/m);
  expect(out).toMatch(/^no channel: .*office/m);
  expect(out).toMatch(
    /^district-webhooks\/district-fire has a character that is not seen \(U\+200B\) at its end; must be whsec_/m,
  );
  expect(out).toMatch(/^chanels\/guijianban: nobody reads a secret of this name; they are channels\/<id>, /m);
  expect(out).not.toMatch(/^smtp|^channels\/guijianban: nobody/m);
  expect(code).toBe(1);
  const trial = await command('notify', 'test', '--channel', 'district-fire/wecom');
  expect(trial).toMatchObject({ code: 0, out: 'district-fire/wecom: taken (errcode 0 ok)\n' });
  expect(robot.arrived.at(-1)!.text).toContain('测试消息');
  expect(await command('notify', 'test', '--organisation', 'nobody')).toMatchObject({ code: 1 });
  expect(await command('notify', 'test')).toMatchObject({ code: 2 });
  expect(await command('notify', 'dance')).toMatchObject({ code: 2 });
});

test('a case that is submitted to the district is told to it, with a link, and that is recorded', async () => {
  const name = await majorHazard('练塘甲餐饮店');
  const { text } = await waitFor('the message arrives', arrivedWith(name), { timeout: 40_000 });
  const { content } = JSON.parse(text).markdown;
  expect(content).toContain(`**【上报区级】${name}**`);
  expect(content).toContain(`](${platform.api}/console/escalations/`);
  const [message] = await waitFor('the outcome is shown', async () => {
    const { items } = await deliveries();
    return items.length > 0 && items;
  });
  expect(message).toMatchObject({
    channel: 'wecom',
    status: 'delivered',
    round: 1,
    attempts: 1,
    answer: 'errcode 0 ok',
  });
  expect((await deliveries(`?event=${message.carries[0]}`)).items).toHaveLength(1);
});

test('a message that the robot refuses is listed first, and goes when it is sent again', async () => {
  robot.answer = says({ errcode: 93_000, errmsg: `invalid webhook url ${KEY}` });
  const name = await majorHazard('练塘乙餐饮店');
  const [failed] = await waitFor(
    'the failure is shown',
    async () => {
      const { items } = await deliveries('?status=failed');
      return items.length > 0 && items;
    },
    { timeout: 40_000 },
  );
  expect(failed).toMatchObject({ why: 'refused', error: 'errcode 93000 invalid webhook url ***' });
  const status = await command('notify', 'status', '--json');
  expect(JSON.parse(status.out).deadLetters).toMatchObject([{ message: failed.message }]);
  expect(status.out).not.toContain(KEY);

  robot.answer = says({ errcode: 0, errmsg: 'ok' });
  robot.arrived.length = 0;
  expect(await command('notify', 'retry', '--message', failed.message)).toMatchObject({ code: 0 });
  await ask('POST', '/dev/schedules/notify');
  expect(robot.arrived.map(({ text }) => text.includes(name))).toEqual([true]);
  await waitFor('it is shown as delivered', async () => (await deliveries('?status=failed')).items.length === 0);
  expect((await deliveries()).items[0]).toMatchObject({ message: failed.message, status: 'delivered', round: 2 });
  expect(await command('notify', 'retry', '--all')).toMatchObject({ code: 1 });
});

test('a platform that was killed before the message went sends it when it is back, once', async () => {
  robot.arrived.length = 0;
  const name = await majorHazard('练塘丙餐饮店');
  platform.child.kill('SIGKILL');
  await platform.ended;
  expect(robot.arrived).toEqual([]);
  platform = await daochaStart(data.path);
  await waitFor('the message arrives', arrivedWith(name), { timeout: 60_000 });
  await waitFor('the outcome is shown', async () => (await deliveries()).items.length === 3);
  await ask('POST', '/dev/schedules/notify');
  expect(robot.arrived).toHaveLength(1);
});

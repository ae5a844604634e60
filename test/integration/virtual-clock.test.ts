// The whole platform by a virtual clock: what it records, in either thread, bears the time that the clock was set to.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Platform, startPlatform } from '../../infra/local/platform.ts';
import { temporaryDirectory, waitFor } from '../support/platform.ts';

const START = new Date('2025-04-25T00:00:00.000Z');
const data = temporaryDirectory();
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ data: data.path, port: 0, memory: true, clock: START });
});
afterAll(async () => {
  await platform?.stop();
  data.remove();
});

async function ask(path: string, body?: unknown) {
  const token = await platform.token({ roles: ['office'], org: 'office', post: 'office' });
  const response = await fetch(`${platform.api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
  return { status: response.status, body: (await response.json()) as any };
}

test('events are recorded, and followers move, at the clock’s time; it stands still until it is moved', async () => {
  const at = '2025-05-08T02:00:00.000Z';
  await platform.clock!.set(new Date(at));
  const { body } = await ask('/v1/units', { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] });
  const timeline = await ask(`/v1/units/${body.id}/timeline?atLeast=${encodeURIComponent(body.atLeast)}`);
  expect(timeline.body.items).toMatchObject([{ type: 'UnitRegistered', recordedAt: at, occurredAt: at }]);
  const followers = await waitFor('the followers say when they moved', async () => {
    const health = await ask('/health');
    return Object.values<{ lag: number }>(health.body.followers).every(({ lag }) => lag === 0) && health.body.followers;
  });
  expect(followers['project@g1'].movedAt).toBe(at);
});

test('what has not happened yet by the clock is refused, however long ago it was in the real world', async () => {
  const answer = await ask('/v1/units', {
    name: '练塘某网吧',
    area: 'village-01',
    tracks: ['gas'],
    occurredAt: '2025-06-01T10:00:00+08:00',
  });
  expect(answer).toMatchObject({ status: 422, body: { type: 'urn:daocha:problem:occurred-in-future' } });
});

test('the clock goes forward only', async () => {
  await expect(platform.clock!.set(START)).rejects.toMatchObject({ type: 'invalid-input', field: 'at' });
  expect(platform.clock!.now().toISOString()).toBe('2025-05-08T02:00:00.000Z');
});

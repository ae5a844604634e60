// Weeks of reminders on the whole platform: the schedules of the template, run by the virtual clock, remind of what
// people ordered over HTTP, each rung on its day and once, over a weekend and whatever is run by hand besides.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Platform, startPlatform } from '../../infra/local/platform.ts';
import { temporaryDirectory, waitFor } from '../support/platform.ts';

const data = temporaryDirectory();
const notes: string[] = [];
let platform: Platform;
let hazard: string;

beforeAll(async () => {
  platform = await startPlatform({
    data: data.path,
    port: 0,
    memory: true,
    clock: new Date('2025-06-03T02:00:00.000Z'),
    note: (message) => notes.push(message),
  });
}, 600_000);
afterAll(async () => {
  await platform?.stop();
  data.remove();
});

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
type Body = any;

async function ask(role: string, org: string, path: string, body?: unknown): Promise<Body> {
  const token = await platform.token({ roles: [role], org, post: role, person: `p-${role}-${org}` });
  const response = await fetch(`${platform.api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return response.json();
}
const office = (path: string, body?: unknown) => ask('office', 'office', path, body);
const department = (path: string, body?: unknown) => ask('department', 'guijianban', path, body);

/** What the clock has recorded about the hazard: its own stream is always fresh. */
async function saidByTheClock(): Promise<Body[]> {
  const { events } = await office(`/v1/hazards/${hazard}`);
  return events.filter(({ source }: Body) => source === 'clock');
}

/** Until the list of deadlines shows what the clock has recorded: the next run goes by it. */
const settled = () =>
  waitFor(
    'the view has everything',
    async () => {
      const said = await saidByTheClock();
      const rungs = said.filter(({ type }: Body) => type === 'ReminderIssued');
      const missed = said.some(({ type }: Body) => type === 'DeadlineMissed');
      const { items } = await office('/v1/deadlines?kind=hazard&limit=20');
      const entry = items.find(({ id }: Body) => id === hazard);
      return entry && entry.rung === (rungs.at(-1)?.data.rung ?? null) && (entry.phase !== 'waiting') === missed;
    },
    { timeout: 60_000 },
  );

test('an order is reminded of by the ladder, each rung on its day, and its passing is noticed on the day off after it', async () => {
  const unit = await office('/v1/units', { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const inspection = await office('/v1/inspections', { unit: unit.id, track: 'gas', mode: 'routine', answers });
  hazard = inspection.findings[0].hazard;
  await department(`/v1/hazards/${hazard}/gradings`, { grade: 'general', basis: '可立即整改' });
  await office(`/v1/hazards/${hazard}/assignments`, { to: 'guijianban' });
  // a Friday
  await department(`/v1/hazards/${hazard}/orders`, { measures: '更换软管', due: '2025-06-13', authority: '条例' });
  await settled();
  // The platform was off for some days: the first run issues what stands then, and names what it overtakes.
  await platform.clock!.set(new Date('2025-06-09T15:00:00.000Z'));
  for (let day = 10; day <= 18; day++) {
    await platform.clock!.runTo(new Date(Date.UTC(2025, 5, day, 15)));
    await settled();
  }
  const said = (await saidByTheClock()).map(({ type, recordedAt, data: { rung, skipped } }: Body) => [
    type,
    rung,
    recordedAt,
    skipped?.join() ?? '',
  ]);
  expect(said).toEqual([
    ['ReminderIssued', '-3', '2025-06-10T00:30:00.000Z', '-7'],
    ['ReminderIssued', '-1', '2025-06-12T00:30:00.000Z', ''],
    ['ReminderIssued', '0', '2025-06-13T00:30:00.000Z', ''],
    ['DeadlineMissed', undefined, '2025-06-14T00:30:00.000Z', ''],
    ['ReminderIssued', '+1', '2025-06-16T00:30:00.000Z', ''],
    ['ReminderIssued', '+3', '2025-06-18T00:30:00.000Z', ''],
  ]);
  expect(notes).toEqual([]);
}, 900_000);

test('run again by hand, and twice at once, it finds nothing more to do', async () => {
  const before = await saidByTheClock();
  await platform.fire('remind');
  await Promise.all([platform.fire('remind'), platform.fire('remind')]);
  expect(await saidByTheClock()).toEqual(before);
});

test('the list of deadlines has it first, and reports are owed and reminded of', async () => {
  const { items } = await office('/v1/deadlines?kind=hazard&limit=20');
  expect(items[0]).toMatchObject({ kind: 'hazard', id: hazard, overdue: true, rung: '+3', phase: 'missed' });
  const reports = await office('/v1/reports?period=2025-06');
  expect(reports.items).toHaveLength(7);
  expect(reports.items.every(({ rung }: Body) => rung === '-5')).toBe(true);
});

test('so many working days later the case is with the district', async () => {
  await platform.clock!.runTo(new Date('2025-06-25T02:00:00.000Z'));
  const cases = await waitFor(
    'the case has gone up',
    async () => {
      const { items } = await office('/v1/escalations');
      return items?.length > 0 && items;
    },
    { timeout: 60_000 },
  );
  expect(cases).toHaveLength(1);
  expect(cases[0]).toMatchObject({ hazard });
}, 300_000);

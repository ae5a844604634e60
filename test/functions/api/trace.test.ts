// The trace over HTTP: as known now and then, what is refused and why.
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { commitFromItem, itemFromCommit } from '../../../shared/record/store/commit.ts';
import { sealCommits } from '../../../shared/record/store/store.ts';
import { thinned } from '../../../shared/reading/trace/moments.ts';
import { makeTown, type Answered, type TestTown } from './support.ts';

const GUI = 'guijianban';
let town: TestTown;
let auditor: string;
let unit = '';
let hazard = '';
/** size of the log after each step */
const sizes: Record<string, number> = {};

const size = async (): Promise<number> => (await town.send('GET', '/health')).body.log.size;
const ask = (path: string, token = auditor): Promise<Answered> => town.get(`/v1/trace/${path}`, token);

async function act(path: string, token: string, body: object): Promise<Answered> {
  town.now.at = new Date(town.now.at.getTime() + 60_000);
  const answer = await town.post(path, token, body);
  expect(answer.status).toBeLessThan(300);
  return answer;
}

beforeAll(async () => {
  town = await makeTown({ settling: true });
  auditor = await town.as('auditor', 'office');
  const office = await town.as('office', 'office');
  const department = await town.as('department', GUI, 'p-dept-1');
  unit = (await act('/v1/units', office, { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] })).body.id;
  await town.settle();
  sizes['registered'] = await size();
  const inspector = await town.as('inspector', GUI);
  const inspected = await act('/v1/inspections', inspector, {
    unit,
    track: 'gas',
    mode: 'covert',
    template: { id: 'gas-restaurant', version: 1 },
    answers: [
      { item: '1', clause: 'GAS-01', answer: 'problem' },
      { item: '2', clause: 'GAS-02', answer: 'ok' },
    ],
    signature: { kind: 'refused', reason: '负责人不在场' },
    occurredAt: '2025-05-20T10:00:00+08:00',
    lateBasis: '纸质检查表补录',
  });
  hazard = inspected.body.findings[0].hazard;
  await act(`/v1/hazards/${hazard}/gradings`, department, { grade: 'general', basis: 'b' });
  await act(`/v1/hazards/${hazard}/assignments`, office, { to: GUI });
  await act(`/v1/hazards/${hazard}/orders`, department, { measures: 'm', due: '2025-06-20', authority: '条例' });
  await town.settle();
  sizes['ordered'] = await size();
  const village = await town.as('village', 'village-01');
  await act(`/v1/hazards/${hazard}/submissions`, village, {
    statement: '已换',
    evidence: [{ sha256: 'a'.repeat(64), mediaType: 'image/jpeg' }],
  });
  await act(`/v1/hazards/${hazard}/verifications`, department, { result: 'passed', basis: '现场复查' });
  await act(`/v1/hazards/${hazard}/sign-off`, await town.as('department', GUI, 'p-dept-2'), {});
  await town.settle();
  sizes['signed off'] = await size();
});

describe('inspections of a unit', () => {
  it('tell when, how, by whom, with what result, and name the events behind', async () => {
    const { status, body } = await ask(`units/${unit}/inspections?before=2025-06-01&months=1`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      question: 'inspections',
      zh: '检查情况',
      subject: { unit, name: '练塘某餐饮店', from: '2025-04-30T16:00:00.000Z', to: '2025-05-31T16:00:00.000Z' },
      knownAt: { asked: null, position: sizes['signed off'] },
      facts: [
        {
          status: 'recorded',
          at: '2025-05-20T02:00:00.000Z',
          mode: 'covert',
          template: { id: 'gas-restaurant', version: 1 },
          inspectors: [{ person: `p-inspector-${GUI}`, posts: [] }],
          answers: { problem: 1, ok: 1, notApplicable: 0 },
          findings: [{ clause: 'GAS-01', hazard, outcome: 'found' }],
          signature: { kind: 'refused' },
        },
      ],
    });
    const [event] = body.facts[0].events;
    expect(event).toMatchObject({ type: 'InspectionRecorded', zh: '检查记录', version: 1, late: true });
    const stored = await town.get(
      `/v1/positions?stream=${event.stream.split('#').slice(1).join('/')}&version=1`,
      auditor,
    );
    expect(stored.body.position).toBe(event.position);
    const lateBasis = '纸质检查表补录';
    expect(body.late).toMatchObject([{ id: event.id, kinds: ['late'], gapHours: expect.any(Number), lateBasis }]);
  });

  it('are those of the window only: the day itself is not in it', async () => {
    const none = await ask(`units/${unit}/inspections?before=2025-05-20&months=12`);
    expect(none.body.facts).toEqual([]);
    const moment = encodeURIComponent('2025-05-20T10:00:01+08:00');
    expect((await ask(`units/${unit}/inspections?before=${moment}&months=12`)).body.facts).toHaveLength(1);
    expect((await ask(`units/${unit}/inspections?before=2025-06-01&months=1&track=ebike`)).body.facts).toEqual([]);
  });

  it('as known before they were recorded are none', async () => {
    const then = await ask(`units/${unit}/inspections?before=2025-06-01&months=1&knownAt=${sizes['registered']}`);
    expect(then.body).toMatchObject({ facts: [], late: [], knownAt: { asked: String(sizes['registered']) } });
  });
});

describe('deadlines of a hazard', () => {
  it('are every due date with who ordered it, the evidence, the verifier and the signer', async () => {
    const { body } = await ask(`hazards/${hazard}/deadlines`);
    expect(body.subject).toEqual({ hazard, unit, track: 'gas', clause: 'GAS-01' });
    expect(body.facts).toMatchObject([
      {
        cycle: 1,
        dues: [{ due: '2025-06-20T15:59:59.999Z', by: 'order', approvedBy: { person: 'p-dept-1' }, inForce: false }],
        acts: [
          { act: 'submitted', evidence: [{ sha256: 'a'.repeat(64) }] },
          { act: 'verified', by: { person: 'p-dept-1' } },
        ],
        signedOff: { by: { person: 'p-dept-2' }, verifiedBy: { person: 'p-dept-1' } },
      },
    ]);
  });

  it('as known when it had been ordered: in force, nothing handed in', async () => {
    const byPosition = await ask(`hazards/${hazard}/deadlines?knownAt=${sizes['ordered']}`);
    expect(byPosition.body.facts).toMatchObject([
      { dues: [{ inForce: true, submittedAt: null }], acts: [], signedOff: null },
    ]);
    const { time } = byPosition.body.knownAt;
    const byTime = await ask(`hazards/${hazard}/deadlines?knownAt=${time}`);
    expect(byTime.body.facts).toEqual(byPosition.body.facts);
    expect(byTime.body.knownAt).toMatchObject({ asked: time, time, position: sizes['ordered'], by: 'log' });
  });

  it('are of a hazard that was known then', async () => {
    const then = await ask(`hazards/${hazard}/deadlines?knownAt=${sizes['registered']}`);
    expect(then).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:unknown-hazard', field: 'hazard' } });
    expect((await ask('hazards/h_nosuch/deadlines')).status).toBe(404);
  });
});

describe('what there is not', () => {
  it.each([
    ['hazards/h_nosuch/reminders', 'unknown-hazard', 'hazard'],
    ['escalations/e_nosuch', 'unknown-escalation', 'escalation'],
    ['reports/monthly_2001-01_gas', 'unknown-report', 'report'],
    ['hazards/h_nosuch/moments', 'unknown-hazard', 'hazard'],
    ['escalations/e_nosuch/moments', 'unknown-escalation', 'escalation'],
    ['units/u_nosuch/moments', 'unknown-unit', 'unit'],
  ])('%s is not found, and says what would be right', async (path, type, field) => {
    const { status, body } = await ask(path);
    expect({ status, type: body.type, field: body.field }).toEqual({
      status: 404,
      type: `urn:daocha:problem:${type}`,
      field,
    });
    expect(body.expected).toMatch(/the id of/);
  });

  it('reminders and deadlines of a hazard that was not known yet are not found either', async () => {
    const then = await ask(`hazards/${hazard}/reminders?knownAt=${sizes['registered']}`);
    expect(then).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:unknown-hazard', field: 'hazard' } });
  });
});

describe('moments', () => {
  it('are those at which what is known changed, in order; asked with, each answers as known right after it', async () => {
    const { body } = await ask(`hazards/${hazard}/moments`);
    expect(body).toMatchObject({ subject: { kind: 'hazard', id: hazard, unit }, of: 7 });
    const known = body.moments.map((moment: { knownAt: number }) => moment.knownAt);
    expect(known).toEqual(known.toSorted((a: number, b: number) => a - b));
    expect(body.moments[0].types).toContain('HazardFound');
    const first = await ask(`hazards/${hazard}/deadlines?knownAt=${known[0]}`);
    expect(first.body.facts).toMatchObject([{ dues: [], signedOff: null }]);
    const last = await ask(`hazards/${hazard}/deadlines?knownAt=${known.at(-1)}`);
    expect(last.body.facts).toEqual((await ask(`hazards/${hazard}/deadlines`)).body.facts);
    const ofUnit = (await ask(`units/${unit}/moments`)).body;
    expect(ofUnit.of).toBeGreaterThanOrEqual(7);
  });

  it('of a long history are thinned, the first and the last among them', () => {
    const all = Array.from({ length: 1001 }, (_, n) => n);
    const some = thinned(all, 200);
    expect(some).toHaveLength(200);
    expect(new Set(some).size).toBe(200);
    expect([some[0], some.at(-1)]).toEqual([0, 1000]);
    expect(thinned([1, 2], 200)).toEqual([1, 2]);
  });
});

describe('the stored bytes of an event', () => {
  it('are handed over as they lie there, also when they were altered; everything else refuses', async () => {
    const { body } = await ask(`hazards/${hazard}/deadlines`);
    const { position, stream, version } = body.facts[0].openedBy;
    const path = `/v1/events/${position}`;
    const before = await town.get(`${path}/entry`, auditor);
    expect(Buffer.from(before.body).toString('base64')).toBe((await town.get(path, auditor)).body.entry);
    expect(before.headers['cache-control']).toBe('no-store');
    const commit = town.fake
      .items('events')
      .find((item) => item['stream']!.S === stream && item['version']!.N === String(version))!;
    const stored = commit['events']!.L!;
    const altered = Buffer.from(Buffer.from(stored[0]!.B!).toString('utf8').replace('GAS-01', 'GAS-09'));
    town.fake.seed('events', { ...commit, events: { L: [{ B: altered }, ...stored.slice(1)] } });
    expect(Buffer.from((await town.get(`${path}/entry`, auditor)).body).equals(altered)).toBe(true);
    expect((await town.get(path, auditor)).status).toBe(500);
    town.fake.seed('events', commit);
    expect((await town.get('/v1/events/999999/entry', auditor)).status).toBe(404);
    expect((await town.get(`${path}/entry`, await town.as('department', GUI))).status).toBe(403);
  });
});

describe('the access to a unit', () => {
  it('is asked for like any other question, and the asking is in the next answer', async () => {
    town.now.at = new Date(town.now.at.getTime() + 1000);
    await ask(`units/${unit}/late`);
    town.now.at = new Date(town.now.at.getTime() + 1000);
    const { status, body } = await ask(`units/${unit}/access?after=2025-06-01`);
    expect(status).toBe(200);
    expect(body.facts.at(-1)).toMatchObject({ person: 'p-auditor-office', action: 'trace', unit, refused: null });
    expect(body.facts.at(-1).route).toContain('/late');
    town.now.at = new Date(town.now.at.getTime() + 1000);
    const next = await ask(`units/${unit}/access?after=2025-06-01`);
    expect(next.body.facts.at(-1).route).toContain('/access');
    expect((await ask(`units/${unit}/access?after=2030-01-01`)).body.facts).toEqual([]);
  });

  it('as known at an earlier position is what had been read before the next event was recorded', async () => {
    const then = await ask(`units/${unit}/access?after=2025-01-01&knownAt=${sizes['ordered']}`);
    expect(then.body.facts).toEqual([]);
  });
});

describe('the dossier', () => {
  it('compiles the answers, and its reading is logged as one', async () => {
    const { status, body } = await ask(`units/${unit}/dossier?on=2025-06-02&months=3`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      question: 'dossier',
      subject: { unit, name: '练塘某餐饮店', on: '2025-06-02', months: 3 },
      inspections: [{ status: 'recorded' }],
      hazards: [{ hazard, cycles: [{ signedOff: { by: { person: 'p-dept-2' } } }] }],
    });
    town.now.at = new Date(town.now.at.getTime() + 1000);
    const { body: accesses } = await ask(`units/${unit}/access?after=2025-06-01`);
    expect(accesses.facts.map(({ action }: { action: string }) => action)).toContain('dossier');
  });

  it('as known at an earlier position does not know the sign-off', async () => {
    const { body } = await ask(`units/${unit}/dossier?on=2025-06-02&months=3&knownAt=${sizes['ordered']}`);
    expect(body.hazards).toMatchObject([{ status: 'ordered', cycles: [{ signedOff: null }] }]);
  });

  it.each([
    ['on', 'on=2025-07-01&months=3', /has not come yet/],
    ['on', 'on=tomorrow&months=3', /date/i],
    ['months', 'on=2025-06-01&months=500', /at most 240/],
  ])('is refused for a wrong %s (%s)', async (field, query, message) => {
    const { status, body } = await ask(`units/${unit}/dossier?${query}`);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
    expect(body.detail).toMatch(message);
  });
});

describe('what is refused', () => {
  it.each([
    ['the future', () => '2025-07-01T00:00:00Z', /has not come yet/, /not later than 2025-06-02/],
    ['before the first event', () => '2025-06-01T00:00:00Z', /nothing had been recorded/, /from 2025-06-02T04:0[01]/],
    ['before the first position', () => '0', /there is no event/, /from 1 to/],
    ['beyond the head', () => String(sizes['signed off']! + 1), /beyond the head/, /from 1 to \d+/],
    ['a date without zone', () => '2025-06-02', /with zone/, /2025-05-24T10:00:00\+08:00/],
    ['a time without zone', () => '2025-06-02T12:00:00', /with zone/, /2025-05-24T10:00:00\+08:00/],
    ['a negative position', () => '-3', /log position/, /log position/],
  ])('as known at %s', async (_, knownAt, detail, expected) => {
    const { status, body } = await ask(`hazards/${hazard}/deadlines?knownAt=${encodeURIComponent(knownAt())}`);
    expect({ status, field: body.field }).toEqual({ status: 400, field: 'knownAt' });
    expect(body.detail).toMatch(detail);
    expect(body.expected).toMatch(expected);
  });

  it('a unit that there is not, or that was not on record yet', async () => {
    const never = await ask('units/u_nosuch/inspections?before=2025-06-01&months=1');
    expect(never).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:unknown-unit', field: 'unit' } });
    const early = await ask(`units/${unit}/inspections?before=2025-06-01&months=1&knownAt=1`);
    expect(early).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:unknown-unit', field: 'knownAt' } });
    expect(early.body.detail).toMatch(/not on record yet: its first record has position \d+/);
  });

  it.each([
    ['before', 'before=2025-06-01T10:00:00&months=1', /with zone/],
    ['before', 'before=yesterday&months=1', /must be a date/],
    ['months', 'before=2025-06-01&months=0', /at least 1/],
    ['months', 'before=2025-06-01', /is missing/],
    ['colour', 'before=2025-06-01&months=1&colour=red', /unknown parameter/],
  ])('a wrong %s (%s)', async (field, query, message) => {
    const { status, body } = await ask(`units/${unit}/inspections?${query}`);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
    expect(body.detail).toMatch(message);
  });

  it('whoever may not trace: the roles that may are named', async () => {
    for (const role of ['inspector', 'village', 'department', 'district', 'subscriber'] as const) {
      const { status, body } = await ask(
        `units/${unit}/inspections?before=2025-06-01&months=1`,
        await town.as(role, GUI),
      );
      expect({ role, status }).toEqual({ role, status: 403 });
      expect(body.expected).toContain('auditor');
    }
    for (const role of ['office', 'leader'] as const) {
      expect((await ask(`hazards/${hazard}/deadlines`, await town.as(role, 'office'))).status).toBe(200);
    }
  });

  it('an empty log has nothing to ask about', async () => {
    const empty = await makeTown({ launched: false });
    const { status, body } = await empty.get(
      '/v1/trace/hazards/h_1/deadlines?knownAt=1',
      await empty.as('auditor', 'office'),
    );
    expect({ status, type: body.type }).toEqual({ status: 404, type: 'urn:daocha:problem:nothing-known' });
  });
});

describe('somebody with a right to write to the table of events', () => {
  const COPY = '2025-06-02T04:03:00.000Z';

  /** The hazard's stream goes on with a copy of its first event, which says that it was recorded weeks ago. */
  async function forge(at: TestTown, id: string): Promise<void> {
    const { events, dynamo } = at.deps.views;
    const stream = `liantang#hazard#${id}`;
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: events,
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'stream' },
        ExpressionAttributeValues: { ':s': { S: stream } },
        Limit: 100,
      }),
    );
    const { parts: _, ...last } = commitFromItem(Items.at(-1)!);
    const event = JSON.parse(Buffer.from(last.events.at(-1)!).toString('utf8')) as Record<string, unknown>;
    const told = {
      ...event,
      occurredAt: COPY,
      id: `hazard/${id}/${last.next}`,
      version: last.next,
      recordedAt: COPY,
      command: 'forged',
    };
    const [commit] = sealCommits([
      {
        ...last,
        version: last.next,
        prev: last.hash,
        recordedAt: COPY,
        command: 'forged',
        events: [Buffer.from(JSON.stringify(told))],
      },
    ]);
    await dynamo.send(new PutItemCommand({ TableName: events, Item: itemFromCommit(commit!) }));
    await at.settle();
  }

  it('writes an event into the past: it is not known then, and is listed as what names another time', async () => {
    town.now.at = new Date(town.now.at.getTime() + 40 * 60_000);
    const before = await ask(`hazards/${hazard}/deadlines?knownAt=2025-06-02T04:20:00Z`);
    await forge(town, hazard);
    const then = await ask(`hazards/${hazard}/deadlines?knownAt=2025-06-02T04:20:00Z`);
    expect(then.body).toEqual(before.body);
    const late = await ask(`units/${unit}/late`);
    expect(late.body.facts).toContainEqual(
      expect.objectContaining({
        kinds: expect.arrayContaining(['log-time']) as string[],
        recordedAt: COPY,
        logged: town.now.at.toISOString(),
      }),
    );
  });
});

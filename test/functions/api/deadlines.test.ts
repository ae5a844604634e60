// Deadlines and reports as a town lives them: people over HTTP, the clock by its own runs, days passing between them.
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import type { RunMode } from '../../../shared/clock/remind/rules.ts';
import { remind, type Reminded } from '../../../shared/clock/remind/run.ts';
import type { Role } from '../../../shared/rules/roles.ts';
import { addedUp, type ReportFact } from '../../../shared/reading/trace/report.ts';
import { makeTown, sign, type TestTown } from './support.ts';
import { addressees } from '../../../shared/rules/reminder/notice.ts';
import { alreadyPublished } from '../../support/rule-sets.ts';

const GUI = 'guijianban'; // leads the gas track
let town: TestTown;
let office: string;
let department: string;
let village: string;
let failures: string[];

const YEAR = 366 * 86_400;
/** A token that holds for as long as these stories last. */
const as = (role: Role, org: string) =>
  sign(town.keys, { sub: `p-${role}-${org}`, roles: [role], org, post: role, expiresIn: YEAR });

/** A moment of a day in town. */
const at = (day: string, time = '08:30'): Date => new Date(`${day}T${time}:00.000+08:00`);

/** The clock runs at that moment, and the views see what came of it. */
async function run(day: string, mode: RunMode = 'morning', time?: string): Promise<Reminded> {
  town.now.at = at(day, time);
  await town.settle();
  const done = await remind(
    { store: town.deps.store, views: town.deps.views, sleep: async () => {}, failed: (what) => failures.push(what) },
    { mode, now: town.now.at },
  );
  await town.settle();
  return done;
}

async function post(path: string, token: string, body: unknown = {}) {
  const answer = await town.post(path, token, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

/** A hazard that has been ordered to be rectified, on the second of June. */
async function ordered(due: string): Promise<string> {
  const unit = await post('/v1/units', office, { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] });
  const { findings } = await post('/v1/inspections', office, {
    unit: unit.id,
    track: 'gas',
    mode: 'routine',
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
  });
  const hazard: string = findings[0].hazard;
  await post(`/v1/hazards/${hazard}/gradings`, department, { grade: 'general', basis: '可立即整改' });
  await post(`/v1/hazards/${hazard}/assignments`, office, { to: GUI });
  await post(`/v1/hazards/${hazard}/orders`, department, { measures: '更换软管', due, authority: '条例' });
  return hazard;
}

const deadlines = async (query = '', token = office) => (await town.get(`/v1/deadlines${query}`, token)).body;
const typesOf = async (hazard: string): Promise<string[]> =>
  (await town.get(`/v1/hazards/${hazard}`, office)).body.events.map((event: { type: string }) => event.type);

beforeEach(async () => {
  town = await makeTown();
  town.now.at = at('2025-06-03', '10:00');
  office = await as('office', 'office');
  department = await as('department', GUI);
  village = await as('village', 'village-01');
  failures = [];
});

/** The town asks for no reports: what is told is told of hazards alone. */
async function askForNoReports(): Promise<void> {
  const { quarterlyBulletin: _q, yearEndReport: _y, ...rules } = LIANTANG_RULES;
  const next = { ...rules, version: 2, effectiveFrom: '2025-06-01', monthlyReport: { day: 24, cutoff: 'by' as const } };
  await alreadyPublished(town.deps.store, town.now.at, next);
}

describe('a due date', () => {
  beforeEach(askForNoReports);

  it('is reminded of by the ladder, each rung once, to whoever holds the post then; vacant posts are named', async () => {
    await post(`/v1/roster/${GUI}/appointments`, office, {
      appointment: 'a-1',
      post: 'liaison',
      person: 'p-liaison',
      from: '2025-06-01',
      basis: '任命',
    });
    const hazard = await ordered('2025-06-20');
    const issued: Record<string, Record<string, number>> = {};
    for (const day of ['06-10', '06-11', '06-12', '06-13', '06-17', '06-19', '06-20', '06-23', '06-24', '06-25']) {
      const done = await run(`2025-${day}`);
      await run(`2025-${day}`, 'urgent', '10:00');
      if (Object.keys(done.issued).length > 0) issued[day] = done.issued;
    }
    expect(issued).toEqual({
      '06-11': { '-7': 1 },
      '06-17': { '-3': 1 },
      '06-19': { '-1': 1 },
      '06-20': { '0': 1 },
      '06-23': { '+1': 1 },
      '06-25': { '+3': 1 },
    });
    const { body } = await town.get(`/v1/hazards/${hazard}`, office);
    const reminders = body.events.filter((event: { type: string }) => event.type === 'ReminderIssued');
    expect(reminders[0]).toMatchObject({
      source: 'clock',
      actor: { person: 'system:clock', organisation: 'office' },
      ruleSet: 2,
      data: { rung: '-7', skipped: [], recipients: [{ organisation: GUI, post: 'liaison', person: 'p-liaison' }] },
    });
    expect(reminders.at(-1).data.recipients).toContainEqual({
      organisation: 'leading-group',
      post: 'leader',
      person: null,
    });
    expect(failures).toEqual([]);
  });

  it('that nobody reminded of for days gets the latest rung only, which names those passed over', async () => {
    const hazard = await ordered('2025-06-20');
    await run('2025-06-11');
    expect((await run('2025-06-23')).issued).toEqual({ '+1': 1 });
    const { body } = await town.get(`/v1/hazards/${hazard}`, office);
    expect(body.events.at(-1)).toMatchObject({
      type: 'ReminderIssued',
      data: { rung: '+1', skipped: ['-3', '-1', '0'] },
    });
    expect((await run('2025-06-23')).issued).toEqual({});
  });

  it('that passed is noticed within the hour, also on a day off, and stands first on the list', async () => {
    const late = await ordered('2025-06-06');
    await run('2025-06-06');
    expect(await run('2025-06-07', 'urgent', '09:00')).toMatchObject({ mode: 'urgent', missed: 1, issued: {} });
    expect(await typesOf(late)).toContain('DeadlineMissed');
    expect((await deadlines('?overdue=true')).items).toMatchObject([
      { kind: 'hazard', id: late, overdue: true, phase: 'missed', rung: '0', due: '2025-06-06T15:59:59.999Z' },
    ]);
    expect((await deadlines('?overdue=false')).items).toEqual([]);
  });

  it('on a Saturday is reminded of on the day itself', async () => {
    await ordered('2025-06-07');
    await run('2025-06-06');
    expect(await run('2025-06-07')).toMatchObject({ mode: 'urgent', issued: { '0': 1 } });
  });

  it('moved by an extension starts again; earlier dates stay on the entry', async () => {
    const hazard = await ordered('2025-06-11');
    expect((await run('2025-06-10')).issued).toEqual({ '-1': 1 });
    await post(`/v1/hazards/${hazard}/extension-requests`, village, { due: '2025-06-20', reason: '缺配件' });
    await post(`/v1/hazards/${hazard}/extension-approvals`, office, { reason: '情况属实' });
    expect((await run('2025-06-11')).issued).toEqual({ '-7': 1 });
    expect((await deadlines()).items).toMatchObject([
      { due: '2025-06-20T15:59:59.999Z', rung: '-7', earlier: [{ due: '2025-06-11T15:59:59.999Z', rung: '-1' }] },
    ]);
  });

  it('ordered again for the same day in the next cycle is reminded of again', async () => {
    const hazard = await ordered('2025-06-20');
    expect((await run('2025-06-11')).issued).toEqual({ '-7': 1 });
    await post(`/v1/hazards/${hazard}/submissions`, village, { statement: '已改' });
    await post(`/v1/hazards/${hazard}/verifications`, department, { result: 'passed', basis: '现场' });
    await post(`/v1/hazards/${hazard}/sign-off`, department);
    const { unit } = (await town.get(`/v1/hazards/${hazard}`, office)).body;
    town.now.at = at('2025-06-11', '15:00');
    const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
    await post('/v1/inspections', office, { unit, track: 'gas', mode: 'covert', answers });
    const order = { measures: '再次更换', due: '2025-06-20', authority: '条例' };
    await post(`/v1/hazards/${hazard}/orders`, department, order);
    expect((await run('2025-06-12')).issued).toEqual({ '-7': 1 });
  });

  it('is not reminded of once something has been handed in, and is again when that is rejected', async () => {
    const hazard = await ordered('2025-06-20');
    await post(`/v1/hazards/${hazard}/submissions`, village, { statement: '已改' });
    // of its date nobody is reminded any more; of what waits to be looked at, whoever is to look
    expect(await run('2025-06-17')).toMatchObject({ read: 1, issued: { 'verification+3': 1 } });
    expect((await deadlines()).items).toEqual([]);
    await post(`/v1/hazards/${hazard}/verifications`, department, { result: 'rejected', reason: '未装' });
    expect((await run('2025-06-18')).issued).toEqual({ '-3': 1 });
  });

  it('so long overdue that the rule fires brings the case up once', async () => {
    const hazard = await ordered('2025-06-06');
    for (const day of ['2025-06-09', '2025-06-11', '2025-06-17']) expect((await run(day)).escalated).toBe(0);
    expect((await run('2025-06-18')).escalated).toBe(1);
    expect(await run('2025-06-19')).toMatchObject({ read: 0, escalated: 0 });
    const proposed = (await town.items()).filter(({ stream }) => stream!.S!.includes('#escalation#'));
    expect(proposed).toHaveLength(1);
    expect(
      (await deadlines(`?unit=${(await town.get(`/v1/hazards/${hazard}`, office)).body.unit}`)).items,
    ).toMatchObject([{ phase: 'escalated', escalated: true }]);
  });
});

describe('acknowledging', () => {
  beforeEach(askForNoReports);

  it('is for those to whom it went, once, and stops nothing', async () => {
    const hazard = await ordered('2025-06-20');
    await run('2025-06-11');
    const { events } = (await town.get(`/v1/hazards/${hazard}`, office)).body;
    const reminder = events.at(-1).id;
    const path = `/v1/hazards/${hazard}/acknowledgements`;
    expect((await town.post(path, office, { reminder })).body).toMatchObject({
      type: 'urn:daocha:problem:not-a-recipient',
      field: 'reminder',
    });
    expect((await town.post(path, department, { reminder: 'hazard/h_1/99' })).body).toMatchObject({
      status: 404,
      type: 'urn:daocha:problem:unknown-reminder',
    });
    expect(await post(path, department, { reminder, note: '已联系单位' })).toMatchObject({ added: 1 });
    expect(await post(path, department, { reminder })).toMatchObject({ added: 0, already: true });
    await town.settle();
    expect((await deadlines()).items).toMatchObject([{ rung: '-7', acknowledgedAt: expect.any(String) }]);
    expect((await run('2025-06-17')).issued).toEqual({ '-3': 1 });
  });
});

describe('the list', () => {
  it('shows a village its own area, a department its tracks, and refuses what is wrong by name', async () => {
    await ordered('2025-06-20');
    await town.settle();
    expect((await deadlines('', village)).items).toHaveLength(1);
    expect((await deadlines('', await as('village', 'village-02'))).items).toEqual([]);
    expect((await deadlines('?track=gas', department)).items).toHaveLength(1);
    expect((await deadlines('?track=ebike', department)).type).toBe('urn:daocha:problem:foreign-organisation');
    expect(await deadlines('?kind=task')).toMatchObject({ status: 400, field: 'kind' });
    expect(await deadlines('?overdue=maybe')).toMatchObject({ status: 400, field: 'overdue' });
  });

  it('says so when the views were begun by an older daocha, and so does the run', async () => {
    const item = { pk: { S: 'liantang#alias' }, sk: { S: 'g1' }, shapes: { M: { unit: { N: '1' } } } };
    await town.deps.views.dynamo.send(new PutItemCommand({ TableName: 'views', Item: item }));
    expect(await deadlines()).toMatchObject({ status: 503, type: 'urn:daocha:problem:view-missing' });
    await expect(run('2025-06-11')).rejects.toMatchObject({
      type: 'view-missing',
      expected: expect.stringContaining('rebuild'),
    });
  });
});

describe('a run', () => {
  it('goes on after what fails, says what failed, and does it the next time', async () => {
    const first = await ordered('2025-06-20');
    await town.settle();
    town.fake.hook = ({ name, input, when }) => {
      const stream = (input as { Item?: { stream?: { S: string } } }).Item?.stream?.S ?? '';
      if (when === 'before' && name === 'PutItem' && stream.includes(first)) throw new Error('no room');
    };
    expect(await run('2025-06-11')).toMatchObject({ failed: 1, issued: {}, complete: true, required: 7 });
    expect(failures).toEqual([`hazard ${first}: rung -7`]);
    town.fake.hook = () => {};
    expect(await run('2025-06-11')).toMatchObject({ failed: 0, issued: { '-7': 1 }, required: 0 });
  });

  it('cut short does the rest the next time', async () => {
    await ordered('2025-06-20');
    await town.settle();
    town.now.at = at('2025-06-11');
    const deps = { store: town.deps.store, views: town.deps.views, sleep: async () => {}, failed: () => {} };
    const cut = await remind(deps, { mode: 'morning', now: town.now.at, goOn: () => false });
    expect(cut).toMatchObject({ complete: false, issued: {} });
    expect((await run('2025-06-11')).issued).toEqual({ '-7': 1 });
  });
});

const nonZero = (figures: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0));

describe('reports', () => {
  const reports = async (query = '') => (await town.get(`/v1/reports${query}`, office)).body.items;

  it('are owed from the month of the launch on: a list a track, by the lead, before the weekend when the day is one', async () => {
    expect(await run('2025-06-03')).toMatchObject({ required: 7 });
    expect(await run('2025-06-04')).toMatchObject({ required: 0 });
    const owed = await reports('?kind=monthly');
    expect(owed).toHaveLength(7);
    expect(owed.find(({ track }: { track: string }) => track === 'gas')).toMatchObject({
      report: 'monthly_2025-06_gas',
      organisation: GUI,
      to: 'chengyun',
      due: '2025-06-24T15:59:59.999Z',
      status: 'required',
    });
    // 24 August is a Sunday, 15 October is a day of work
    await run('2025-08-01');
    expect((await reports('?period=2025-08'))[0].due).toBe('2025-08-22T15:59:59.999Z');
    await run('2025-10-09');
    expect(await reports('?kind=quarterly')).toMatchObject([
      { report: 'quarterly_2025-Q3', due: '2025-10-15T15:59:59.999Z', organisation: 'office', to: 'leading-group' },
      { report: 'quarterly_2025-Q2', due: '2025-07-15T15:59:59.999Z' },
    ]);
    await run('2025-12-01');
    expect((await town.get('/v1/reports?kind=year-end&limit=50', office)).body.items).toHaveLength(15);
  });

  it('are traced to the exact events behind their figures, and to what changed later', async () => {
    await run('2025-06-03');
    const id = 'monthly_2025-06_gas';
    const auditor = await as('auditor', 'office');
    const trace = async (query = '') => (await town.get(`/v1/trace/reports/${id}${query}`, auditor)).body;
    await ordered('2025-07-10');
    await town.settle();
    const before = (await town.get('/health', auditor)).body.log.size;
    expect(await trace()).toMatchObject({ question: 'report', subject: { edition: null, figures: null }, facts: [] });
    await post(`/v1/reports/${id}/submissions`, department);
    // an inspection from before the submission, recorded after it
    await post('/v1/inspections', office, {
      unit: await post('/v1/units', office, { name: '另一家', area: 'village-01', tracks: ['gas'] }).then(
        (made) => made.id,
      ),
      track: 'gas',
      mode: 'routine',
      occurredAt: '2025-06-01T10:00:00+08:00',
      lateBasis: '纸质检查表补录',
      answers: [{ item: '1', clause: 'GAS-02', answer: 'ok' }],
    });
    await town.settle();
    const { subject, facts, late, cursor } = await trace();
    expect(cursor).toBeUndefined();
    expect(subject).toMatchObject({ report: id, edition: 1, position: before, figures: { inspections: 1, open: 1 } });
    const behind = facts.filter(({ part }: ReportFact) => part === 'behind');
    expect(nonZero(addedUp(behind, 'behind'))).toEqual(nonZero(subject.figures));
    // grading it as general and ordering change no figure: an open hazard stays one
    const types = behind.map(({ events }: ReportFact) => events[0]!.type);
    expect(types).toEqual(['InspectionRecorded', 'HazardFound']);
    expect(facts.filter(({ part }: ReportFact) => part === 'later')).toMatchObject([
      {
        counts: { inspections: 1, cleanInspections: 1 },
        happenedBefore: true,
        events: [{ type: 'InspectionRecorded' }],
      },
    ]);
    expect(late).toMatchObject([{ kinds: ['late'], type: 'InspectionRecorded' }]);
    // page by page it is the same
    const pages: ReportFact[] = [];
    let cursorOf: string | undefined = '0';
    while (cursorOf !== undefined) {
      const page: { facts: ReportFact[]; cursor?: string; looked: number } = await trace(`?limit=3&cursor=${cursorOf}`);
      expect(page.looked).toBeLessThanOrEqual(3);
      pages.push(...page.facts);
      cursorOf = page.cursor;
    }
    // which of a page are late is told by what the page has
    const plain = (some: ReportFact[]) => some.map(({ counts, part, unit }) => ({ counts, part, unit }));
    expect(plain(pages)).toEqual(plain(facts));
    // as known before it was handed in there was nothing to explain
    expect(await trace(`?knownAt=${before}`)).toMatchObject({ subject: { edition: null }, facts: [] });
    const never = await town.get('/v1/trace/reports/monthly_2001-01_gas', auditor);
    expect(never).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:unknown-report', field: 'report' } });
  });

  it('are reminded of, missed, handed in with figures as of a position, returned, handed in again, accepted', async () => {
    await run('2025-06-03');
    const id = 'monthly_2025-06_gas';
    expect((await run('2025-06-17')).issued).toEqual({ '-5': 7 });
    expect(await run('2025-06-25', 'urgent', '09:00')).toMatchObject({ missed: 7 });
    expect(await reports('?missed=true&track=gas')).toMatchObject([{ report: id, rung: '-5' }]);
    const hazard = await ordered('2025-07-10');
    await town.settle();
    const { body: submitted } = await town.post(`/v1/reports/${id}/submissions`, department, { note: '迟报' });
    expect(submitted).toMatchObject({ added: 1 });
    const { body: shown } = await town.get(`/v1/reports/${id}`, office);
    expect(shown).toMatchObject({ status: 'submitted', editions: 1, overdue: false });
    expect(shown.submitted.figures).toMatchObject({ inspections: 1, hazards: 1, open: 1, signedOff: 0 });
    const events = shown.events.map((event: { type: string }) => event.type);
    expect(events).toEqual(['ReportRequired', 'ReportReminderIssued', 'ReportMissed', 'ReportSubmitted']);
    // the figures are of the log before the position: the hazard's order is in it, the submission is not
    const order = (await town.get(`/v1/hazards/${hazard}`, office)).body.events.at(-1).position;
    expect(shown.submitted.position).toBeGreaterThan(order);

    const operations = await as('operations', 'chengyun');
    expect((await town.post(`/v1/reports/${id}/acceptance`, office, {})).body).toMatchObject({
      status: 403,
      type: 'urn:daocha:problem:foreign-organisation',
    });
    await post(`/v1/reports/${id}/returns`, operations, { reason: '数据不全' });
    expect((await town.post(`/v1/reports/${id}/acceptance`, operations, {})).body).toMatchObject({
      type: 'urn:daocha:problem:report-not-submitted',
    });
    await post(`/v1/reports/${id}/submissions`, department);
    await post(`/v1/reports/${id}/acceptance`, operations);
    await town.settle();
    expect(await reports(`?track=gas&period=2025-06`)).toMatchObject([
      { status: 'accepted', editions: 2, late: true, returnedReason: '数据不全' },
    ]);
    expect((await town.post(`/v1/reports/${id}/submissions`, department, {})).body).toMatchObject({
      type: 'urn:daocha:problem:report-accepted',
    });
  });

  it('are handed in by who owes them, and only if there are any', async () => {
    await run('2025-06-03');
    const other = await as('department', 'shichangsuo');
    expect((await town.post('/v1/reports/monthly_2025-06_gas/submissions', other, {})).body).toMatchObject({
      status: 403,
    });
    expect((await town.post('/v1/reports/monthly_2025-01_gas/submissions', department, {})).body).toMatchObject({
      status: 404,
      type: 'urn:daocha:problem:unknown-report',
    });
  });
});

it('what nobody confirms in time expires, once, and is told to who could have confirmed it', async () => {
  const unit = await post('/v1/units', office, { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] });
  const correction = { details: { name: '别的名称', area: 'village-01', tracks: ['gas'] }, reason: 'r' };
  const { proposal } = await post(`/v1/units/${unit.id}/corrections`, office, correction);
  expect((await run('2025-06-17')).lapsed).toBe(0);
  expect((await run('2025-06-18')).lapsed).toBe(1);
  expect((await run('2025-06-19')).lapsed).toBe(0);
  const { status, events } = (await town.get(`/v1/proposals/${proposal}`, office)).body;
  expect(status).toBe('expired');
  expect(events.at(-1)).toMatchObject({ type: 'ProposalExpired', actor: { person: 'system:clock' } });
  const addressed = addressees(events.at(-1), LIANTANG).map(({ organisation }) => organisation);
  expect(addressed).toEqual(['leading-group', 'office']);
  expect((await town.get('/v1/proposals?open=true', office)).body.items).toEqual([]);
});

// Claimed times over HTTP: what cannot be is refused, what is hardly so is asked about, and neither writes anything. No claim, however
// far back or ahead of the clock, makes a recurrence (隐患回潮) of a hazard disappear without somebody having said so.
import { createHmac, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../../shared/rules/roles.ts';
import { LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { beginStory } from '../../reading/case-file/story.ts';
import { makeTown, sign, type Answered, type TestTown } from './support.ts';
import { alreadyPublished } from '../../support/rule-sets.ts';
import type { RuleSet } from '../../../events/campaign.ts';

const GUI = 'guijianban'; // leads the gas track
const BASIS = '纸质检查表补录';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let town: TestTown;
let office: string;
let department: string;
let village: string;

/** Tokens that hold for as long as these stories last. */
const as = (role: Role, org: string) =>
  sign(town.keys, {
    sub: `p-${role}-${org}`,
    roles: [role],
    org,
    post: role,
    now: town.now.at,
    expiresIn: 30 * 86_400,
  });

const setClock = (instant: string): void => void (town.now.at = new Date(instant));
/** An instant so far from the platform's clock. */
const fromNow = (milliseconds: number): string => new Date(town.now.at.getTime() + milliseconds).toISOString();

async function done(path: string, token: string, body: object): Promise<Answered> {
  const answer = await town.post(path, token, body);
  expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer;
}

/** Refused with these facts, and nothing written. */
async function expectRefused(path: string, token: string, body: object, problem: object): Promise<void> {
  const before = town.commits();
  const answer = await town.post(path, token, body);
  expect(answer, `${path}: ${JSON.stringify(answer.body)}`).toMatchObject({ status: 422, body: problem });
  expect(answer.body.expected).toBeTruthy();
  expect(town.commits()).toBe(before);
}

const tooEarly = (bound: string, askable: boolean, field = 'occurredAt') => ({
  type: 'urn:daocha:problem:occurred-too-early',
  field,
  bound,
  askable,
  since: expect.any(String),
});

const visit = (answer: 'problem' | 'ok', more: object = {}) => ({
  unit: 'u_1',
  track: 'gas',
  mode: 'routine',
  answers: [{ item: '1', clause: 'GAS-01', answer }],
  ...more,
});
const inspect = (more: object = {}) => done('/v1/inspections', office, visit('problem', more));
const lastOf = async (path: string) => (await town.get(path, office)).body.events.at(-1);

const CAMPAIGN = '2025-03-31T16:00:00.000Z';
const REGISTERED = '2025-06-02T00:00:00.000Z';

beforeEach(async () => {
  town = await makeTown();
  setClock(REGISTERED);
  office = await as('office', 'office');
  department = await as('department', GUI);
  village = await as('village', 'village-01');
  await done('/v1/units', office, { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] });
  setClock('2025-06-02T02:00:00.000Z');
});

describe('nothing that is told live happened before the campaign', () => {
  it.each([
    '0001-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00Z',
    '2010-01-01T08:00:00+08:00',
    '2025-03-31T23:59:59+08:00',
  ])('not in %s, whatever is said', async (occurredAt) => {
    const claim = { occurredAt, lateBasis: BASIS };
    await expectRefused('/v1/inspections', office, visit('problem', claim), tooEarly(CAMPAIGN, false));
    const unit = { id: 'u_2', name: '乙', area: 'village-01', tracks: ['gas'] };
    await expectRefused('/v1/units', office, { ...unit, ...claim }, tooEarly(CAMPAIGN, false));
    const { findings } = (await inspect()).body;
    const graded = { grade: 'general', basis: 'b', ...claim };
    await expectRefused(`/v1/hazards/${findings[0].hazard}/gradings`, department, graded, tooEarly(CAMPAIGN, false));
  });

  it('nor by a correction', async () => {
    const { id } = (await inspect()).body;
    const correction = {
      target: `inspection/${id}/1`,
      changes: [
        { field: 'mode', to: 'joint' },
        { field: 'occurredAt', to: '2010-01-01T08:00:00+08:00' },
      ],
      reason: '手机时间有误',
    };
    await expectRefused(
      `/v1/inspections/${id}/corrections`,
      office,
      correction,
      tooEarly(CAMPAIGN, false, 'changes[1].to'),
    );
  });

  it('its first moment is within it', async () => {
    const unit = { id: 'u_2', name: '乙', area: 'village-01', tracks: ['gas'], occurredAt: CAMPAIGN };
    expect((await done('/v1/units', office, unit)).status).toBe(201);
  });
});

describe('nothing happened before the page was fetched on which it was written', () => {
  const draftedFrom = '2025-06-02T01:00:00.000Z';

  it('but for a minute’s slack', async () => {
    expect((await inspect({ draftedFrom, occurredAt: '2025-06-02T00:59:00.000Z' })).status).toBe(201);
  });

  it('and no page has been fetched in the future, whether it claims a time or not', async () => {
    const to = '2099-01-01T00:00:00.000Z';
    const answer = { type: 'urn:daocha:problem:occurred-in-future', field: 'draftedFrom' };
    for (const claim of [{ draftedFrom: to }, { draftedFrom: to, occurredAt: '2025-06-02T00:59:00.000Z' }]) {
      await expectRefused('/v1/inspections', office, visit('problem', claim), answer);
      await expectRefused(
        '/v1/units',
        office,
        { id: 'u_2', name: '乙', area: 'village-01', tracks: ['gas'], ...claim },
        answer,
      );
    }
  });

  it('and cannot be explained', async () => {
    const claim = { draftedFrom, occurredAt: '2025-06-02T00:58:59.999Z', lateBasis: BASIS };
    const answer = tooEarly('2025-06-02T00:59:00.000Z', false);
    await expectRefused('/v1/inspections', office, visit('problem', claim), answer);
    const unit = { id: 'u_2', name: '乙', area: 'village-01', tracks: ['gas'] };
    await expectRefused('/v1/units', office, { ...unit, ...claim }, answer);
  });
});

describe('an inspection', () => {
  it('before its unit was registered is a question, and its answer stands on the events', async () => {
    const claim = { occurredAt: '2025-06-01T02:00:00.000Z' };
    await expectRefused('/v1/inspections', office, visit('problem', claim), tooEarly(REGISTERED, true));
    const { id, findings } = (await inspect({ ...claim, lateBasis: BASIS })).body;
    expect(await lastOf(`/v1/inspections/${id}`)).toMatchObject({ ...claim, lateBasis: BASIS });
    expect(await lastOf(`/v1/hazards/${findings[0].hazard}`)).toMatchObject({ ...claim, lateBasis: BASIS });
  });

  it('is bounded by what a unit claims that came to be known late', async () => {
    const occurredAt = '2025-05-20T02:00:00.000Z';
    await done('/v1/units', office, { id: 'u_2', name: '乙', area: 'village-01', tracks: ['gas'], occurredAt });
    const unit = 'u_2';
    await inspect({ unit, occurredAt });
    const before = visit('ok', { unit, occurredAt: '2025-05-20T01:59:59.999Z' });
    await expectRefused('/v1/inspections', office, before, tooEarly(occurredAt, true));
  });

  it('before its checklist was published is a question', async () => {
    setClock('2025-06-02T03:00:00.000Z');
    const admin = await as('admin', 'office');
    const items = [{ item: '1', clause: 'GAS-01', text: '软管' }];
    const checklist = { template: 'gas-restaurant', version: 1, name: '餐饮燃气', track: 'gas', items };
    await done('/v1/campaign/checklists', admin, checklist);
    setClock('2025-06-02T05:00:00.000Z');
    await done('/v1/campaign/checklists', admin, { ...checklist, version: 2, name: '餐饮燃气（二）' });
    setClock('2025-06-02T06:00:00.000Z');
    const by = (version: number, occurredAt: string) => ({ template: { id: 'gas-restaurant', version }, occurredAt });
    await inspect(by(1, '2025-06-02T04:00:00.000Z'));
    const early = by(2, '2025-06-02T04:00:00.000Z');
    await expectRefused('/v1/inspections', office, visit('ok', early), tooEarly('2025-06-02T05:00:00.000Z', true));
    const { id } = (await inspect({ ...early, lateBasis: BASIS })).body;
    for (const template of [
      { id: 'gas-restaurant', version: 3 },
      { id: 'nonesuch', version: 1 },
    ]) {
      const expected = expect.stringContaining('GET /v1/campaign/checklists');
      const refused = { status: 400, body: { field: 'template', expected } };
      const claimed = visit('ok', { template, occurredAt: '2025-06-02T04:00:00.000Z' });
      const { unit, track, answers } = visit('ok');
      const plan = {
        unit,
        track,
        mode: 'routine',
        inspectors: ['p-1'],
        plannedFor: '2025-06-09T01:00:00.000Z',
        template,
      };
      const derived = { rows: [2], rule: 'row' };
      const imported = {
        kind: 'visit',
        command: 'c-1',
        unit,
        inspection: 'i_9',
        track,
        mode: 'routine',
        answers,
        derived,
      };
      expect(await town.post('/v1/inspections', office, claimed)).toMatchObject(refused);
      expect(await town.post('/v1/inspections', office, visit('ok', { template }))).toMatchObject(refused);
      expect(await town.post('/v1/inspections/plans', office, plan)).toMatchObject(refused);
      const commands = [{ ...imported, template, occurredAt: '2025-05-20T04:00:00.000Z' }];
      const { body } = await town.post('/v1/imports', await as('importer', 'office'), {
        source: 's',
        file: 'f',
        commands,
      });
      expect(body.results).toMatchObject([{ status: 'refused', problem: { field: 'template' } }]);
    }
    expect(await lastOf(`/v1/inspections/${id}`)).toMatchObject({ lateBasis: BASIS });
  });
});

/** A hazard's life up to some act, an act an hour from 02:00 on. */
const ACTS = {
  gradings: { grade: 'general', basis: 'b' },
  assignments: { to: GUI },
  orders: { measures: 'm', due: '2025-07-10', authority: 'a' },
  submissions: { statement: 's' },
  verifications: { result: 'passed', basis: 'b' },
  'sign-off': {},
};
type ActName = keyof typeof ACTS;
const tokenOf = (act: ActName) => (act === 'assignments' ? office : act === 'submissions' ? village : department);
const act = (hazard: string, name: ActName, claim: object = {}) =>
  done(`/v1/hazards/${hazard}/${name}`, tokenOf(name), { ...ACTS[name], ...claim });

async function lifeUpTo(last: ActName, hours = 1): Promise<string> {
  const hazard: string = (await inspect()).body.findings[0].hazard;
  for (const name of Object.keys(ACTS) as ActName[]) {
    setClock(fromNow(hours * HOUR));
    await act(hazard, name);
    if (name === last) break;
  }
  setClock(fromNow(hours * HOUR));
  return hazard;
}
const shown = async (hazard: string) => (await town.get(`/v1/hazards/${hazard}`, office)).body;

describe('an act on a hazard is not older than what it acts on', () => {
  it.each<[ActName, ActName, string]>([
    ['assignments', 'orders', 'assigned'],
    ['orders', 'submissions', 'ordered'],
    ['submissions', 'verifications', 'submitted'],
    ['verifications', 'sign-off', 'verified'],
  ])('after %s: %s', async (before, name, status) => {
    const hazard = await lifeUpTo(before);
    const bound = fromNow(-HOUR);
    const claim = { occurredAt: fromNow(-HOUR - 1), lateBasis: BASIS };
    const path = `/v1/hazards/${hazard}/${name}`;
    const answer = { ...tooEarly(bound, false), since: expect.stringContaining(status) };
    await expectRefused(path, tokenOf(name), { ...ACTS[name], ...claim }, answer);
    await act(hazard, name, { occurredAt: bound });
  });

  it('a clock that was fast then holds up nobody now', async () => {
    const ahead = () => ({ occurredAt: fromNow(4.5 * MINUTE) });
    const hazard: string = (await inspect(ahead())).body.findings[0].hazard;
    for (const name of Object.keys(ACTS) as ActName[]) {
      const fast = name !== 'sign-off' && Object.keys(ACTS).indexOf(name) % 2 === 1;
      await act(hazard, name, fast ? ahead() : { occurredAt: fromNow(0) });
    }
    expect(await shown(hazard)).toMatchObject({ status: 'signed-off' });
  });
});

describe('a finding against a sign-off on record', () => {
  const listed = async () => {
    await town.settle();
    return (await town.get('/v1/units/u_1', office)).body.listed;
  };
  const history = async (hazard: string) =>
    (await shown(hazard)).events.map(({ type }: { type: string }) => type).at(-1);

  it('seen at it has come back', async () => {
    const hazard = await lifeUpTo('sign-off');
    expect((await inspect({ occurredAt: fromNow(-HOUR) })).body.findings).toMatchObject([{ outcome: 'recurred' }]);
    expect(await shown(hazard)).toMatchObject({ status: 'recurred', recurrences: 1 });
    expect(await listed()).toMatchObject({ on: false });
  });

  it('seen between the verification on which it stands and the sign-off has come back', async () => {
    const hazard = await lifeUpTo('sign-off');
    expect((await inspect({ occurredAt: fromNow(-2 * HOUR) })).body.findings).toMatchObject([{ outcome: 'recurred' }]);
    expect(await history(hazard)).toBe('RecurrenceFound');
    expect(await listed()).toMatchObject({ on: false });
  });

  it('seen before, and recorded within a day, is late: the hazard stays signed off', async () => {
    const hazard = await lifeUpTo('sign-off');
    expect((await inspect({ occurredAt: fromNow(-2 * HOUR - 1) })).body.findings).toMatchObject([{ outcome: 'late' }]);
    expect(await lastOf(`/v1/hazards/${hazard}`)).toMatchObject({ type: 'HazardPersisted', data: { late: true } });
    expect(await shown(hazard)).toMatchObject({ status: 'signed-off' });
  });

  it('seen before it, is corrected to no time at which it would have come back', async () => {
    await lifeUpTo('sign-off');
    const { id } = (await inspect({ occurredAt: fromNow(-2 * HOUR - 1) })).body;
    const correction = (to: string) => ({
      target: `inspection/${id}/1`,
      changes: [{ field: 'occurredAt', to }],
      reason: '时间有误',
    });
    const path = `/v1/inspections/${id}/corrections`;
    const problem = { type: 'urn:daocha:problem:crosses-sign-off', expected: `before ${fromNow(-2 * HOUR)}` };
    await expectRefused(path, office, correction(fromNow(-2 * HOUR)), problem);
    await done(path, office, correction(fromNow(-2 * HOUR - 2)));
  });

  it('seen before, and recorded more than a day later, is a question', async () => {
    const hazard = await lifeUpTo('sign-off', 24);
    const signedOffAt = fromNow(-48 * HOUR);
    const claim = { occurredAt: fromNow(-48 * HOUR - 1) };
    const problem = { type: 'urn:daocha:problem:seen-before-sign-off', field: 'occurredAt', hazard, signedOffAt };
    await expectRefused('/v1/inspections', office, visit('problem', claim), problem);
    const { findings } = (await inspect({ ...claim, lateBasis: BASIS })).body;
    expect(findings).toMatchObject([{ outcome: 'late' }]);
    expect(await lastOf(`/v1/hazards/${hazard}`)).toMatchObject({ data: { late: true }, lateBasis: BASIS });
  });

  it('is no question within exactly a day', async () => {
    await lifeUpTo('verifications', 24);
    setClock(fromNow(-HOUR));
    expect((await inspect({ occurredAt: fromNow(-24 * HOUR) })).status).toBe(201);
  });

  it('seen right now has come back, when the sign-off’s clock was fast', async () => {
    const hazard = await lifeUpTo('verifications');
    await act(hazard, 'sign-off', { occurredAt: fromNow(4.5 * MINUTE) });
    expect((await inspect()).body.findings).toMatchObject([{ outcome: 'recurred' }]);
  });

  it('the same holds for what is verified: after it rejected, before it persisting or a question', async () => {
    const hazard = await lifeUpTo('verifications', 24);
    const verifiedAt = fromNow(-24 * HOUR);
    const claim = { occurredAt: fromNow(-24 * HOUR - 1) };
    const problem = {
      type: 'urn:daocha:problem:seen-before-sign-off',
      field: 'occurredAt',
      hazard,
      signedOffAt: verifiedAt,
    };
    await expectRefused('/v1/inspections', office, visit('problem', claim), problem);
    await inspect({ ...claim, lateBasis: BASIS });
    expect(await lastOf(`/v1/hazards/${hazard}`)).toMatchObject({ type: 'HazardPersisted', lateBasis: BASIS });
    expect(await shown(hazard)).toMatchObject({ status: 'verified' });
    await inspect({ occurredAt: verifiedAt });
    expect(await shown(hazard)).toMatchObject({ status: 'rejected' });
  });

  it('verified a moment ago, seen a moment before: the verification stands', async () => {
    const hazard = await lifeUpTo('verifications');
    await inspect({ occurredAt: fromNow(-HOUR - 1) });
    expect(await shown(hazard)).toMatchObject({ status: 'verified' });
  });
});

it('an order is judged by the rule set of its recording, whatever day it claims', async () => {
  const rules = (version: number, effectiveFrom: string, days: number): RuleSet => ({
    ...LIANTANG_RULES,
    version,
    effectiveFrom,
    periods: [{ track: '*', grade: 'general', workingDays: 5 }],
    longestRectification: { general: days, major: days },
  });
  await alreadyPublished(town.deps.store, town.now.at, rules(2, '2025-06-01', 30));
  await alreadyPublished(town.deps.store, town.now.at, rules(3, '2025-06-10', 15));
  const hazard = await lifeUpTo('assignments');
  setClock('2025-06-10T02:00:00.000Z');
  const order = { ...ACTS.orders, due: '2025-07-05', occurredAt: '2025-06-09T02:00:00.000Z' };
  const path = `/v1/hazards/${hazard}/orders`;
  await expectRefused(path, department, order, { type: 'urn:daocha:problem:due-too-late', field: 'due' });
  await done(path, department, { ...order, due: '2025-06-24' });
  expect(await lastOf(`/v1/hazards/${hazard}`)).toMatchObject({ ruleSet: 3 });
});

describe('what a district answers, it answers after the case came to it', () => {
  const DISTRICT = 'district-construction';
  const KEY = randomBytes(32);
  let submitted: string;
  let escalation: string;

  beforeEach(async () => {
    const story = await beginStory();
    ({ town } = story);
    town.secrets.set(`district-webhooks/${DISTRICT}`, `whsec_${KEY.toString('base64')}`);
    await story.at('2025-06-03T06:00:00.000Z', 'department', GUI, `/v1/hazards/${story.hazard}/gradings`, {
      grade: 'major',
      basis: '随时可能爆燃',
    });
    escalation = await story.escalation();
    const { events } = (await town.get(`/v1/escalations/${escalation}`, await town.as('office', 'office'))).body;
    const submission = events.findLast(({ type }: { type: string }) => type === 'EscalationSubmitted');
    submitted = submission.recordedAt;
    setClock('2025-06-04T02:00:00.000Z');
  });

  let deliveries = 0;
  function deliver(body: object): Promise<Answered> {
    const id = `d-${(deliveries += 1)}`;
    const raw = JSON.stringify({ escalation, ...body });
    const timestamp = String(Math.floor(town.now.at.getTime() / 1000));
    const signature = createHmac('sha256', KEY).update(`${id}.${timestamp}.${raw}`).digest('base64');
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
      'content-type': 'application/json',
    };
    return town.send('POST', `/v1/webhooks/districts/${DISTRICT}`, { raw, headers });
  }

  it.each([
    ['accept', {}],
    ['return', { missing: ['送达回证'] }],
    ['resolve', { decision: '停产' }],
  ])('by its own system: %s', async (action, more) => {
    if (action === 'resolve') await deliver({ action: 'accept' });
    const before = town.commits();
    const early = new Date(Date.parse(submitted) - 1).toISOString();
    const fields = action === 'resolve' ? ['occurredAt', 'decidedAt'] : ['occurredAt'];
    for (const field of fields) {
      expect(await deliver({ action, ...more, [field]: early })).toMatchObject({
        status: 422,
        body: tooEarly(submitted, false, field),
      });
    }
    expect(town.commits()).toBe(before);
    expect((await deliver({ action, ...more, [fields.at(-1)!]: submitted })).status).toBe(200);
  });

  it('and by its people', async () => {
    const district = await town.as('district', DISTRICT);
    const early = { occurredAt: new Date(Date.parse(submitted) - 1).toISOString(), lateBasis: BASIS };
    const path = `/v1/escalations/${escalation}`;
    await expectRefused(`${path}/acceptances`, district, early, tooEarly(submitted, false));
    await expectRefused(`${path}/returns`, district, { missing: ['x'], ...early }, tooEarly(submitted, false));
    await done(`${path}/acceptances`, district, { occurredAt: submitted });
    const decision = { decision: '停产' };
    await expectRefused(`${path}/resolutions`, district, { ...decision, ...early }, tooEarly(submitted, false));
    const decided = { ...decision, decidedAt: early.occurredAt };
    await expectRefused(`${path}/resolutions`, district, decided, tooEarly(submitted, false, 'decidedAt'));
  });
});

it('an import that tells of a visit before a sign-off says so, and asks nothing', async () => {
  const hazard = await lifeUpTo('sign-off', 24);
  const importer = await as('importer', 'office');
  const occurredAt = '2025-05-08T02:00:00.000Z';
  const command = {
    kind: 'visit',
    command: 'import:t:visit:1',
    unit: 'u_1',
    inspection: 'i_old',
    occurredAt,
    track: 'gas',
    mode: 'routine',
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
    derived: { rows: [2], rule: 'row' },
  };
  const sent = { source: 't', file: 'f.csv', commands: [command] };
  const { body } = await done('/v1/imports', importer, sent);
  const signedOffAt = fromNow(-24 * HOUR);
  expect(body.results[0].outcomes).toEqual([{ clause: 'GAS-01', hazard, outcome: 'late', signedOffAt }]);
  expect(await shown(hazard)).toMatchObject({ status: 'signed-off' });
  // Sent again it is told the same.
  expect((await done('/v1/imports', importer, sent)).body.results[0].outcomes).toEqual(body.results[0].outcomes);
});

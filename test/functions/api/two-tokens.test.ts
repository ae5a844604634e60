// What one insider did alone: each of these succeeded once (docs/auditing.md).
import { beforeEach, describe, expect, it } from 'vitest';
import { LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { makeTown, sign, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let department: string;
let village: string;
let inspection: string;
let hazard: string;

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  department = await town.as('department', 'guijianban');
  village = await town.as('village', 'village-01');
  await town.post('/v1/units', department, { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' }];
  const recorded = await town.post('/v1/inspections', department, {
    unit: 'u_1',
    track: 'gas',
    mode: 'routine',
    answers,
  });
  inspection = recorded.body.id;
  hazard = recorded.body.findings[0].hazard;
});

describe('attacks', () => {
  it('a village rewrites what the department inspected, approved by nobody', async () => {
    const correction = {
      target: `inspection/${inspection}/1`,
      changes: [{ field: 'inspectors', to: ['p-somebody'] }],
      reason: '录入有误',
    };
    const path = `/v1/inspections/${inspection}/corrections`;
    const named = await town.post(path, village, { ...correction, approver: 'no-such-person' });
    expect({ status: named.status, field: named.body.field }).toEqual({ status: 400, field: 'approver' });
    expect(await town.post(path, village, correction)).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:not-recorded-by-you' },
    });
  });

  it('the office erases itself, alone', async () => {
    await town.post('/v1/directory', office, { person: 'p-office-office', name: '示例姓名' });
    const erasure = { person: 'p-office-office', reason: 'r' };
    const named = await town.post('/v1/directory/erasures', office, { ...erasure, approver: 'no-such-person' });
    expect(named.status).toBe(400);
    expect(await town.post('/v1/directory/erasures', office, erasure)).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:erases-itself' },
    });
  });

  it('who holds a post is erased by nobody until they are relieved', async () => {
    await town.post('/v1/directory', office, { person: 'p-1', name: '示例姓名' });
    const appointment = { post: 'liaison', person: 'P-1', from: '2025-04-25', basis: 'b' };
    const { id } = (await town.post('/v1/roster/guijianban/appointments', office, appointment)).body;
    const erase = () => town.agreed('/v1/directory/erasures', office, { person: 'p-1', reason: 'r' });
    expect((await erase()).body.type).toBe('urn:daocha:problem:holds-post');
    const relief = `/v1/roster/guijianban/appointments/${id}/relief`;
    await town.post(relief, office, { until: '2025-06-02', reason: 'r' });
    expect((await erase()).body.type).toBe('urn:daocha:problem:holds-post');
    town.now.at = new Date('2025-06-02T16:00:00.000Z');
    office = await sign(town.keys, {
      sub: 'p-office-office',
      roles: ['office'],
      org: 'office',
      post: 'o',
      expiresIn: 86_400,
    });
    town.as = (role, org, sub = `p-${role}-${org}`) =>
      sign(town.keys, { sub, roles: [role], org, post: 'x', expiresIn: 86_400 });
    expect((await erase()).status).toBe(200);
  });

  it('one person verifies what they submitted, under another spelling', async () => {
    const at = `/v1/hazards/${hazard}`;
    await town.post(`${at}/gradings`, department, { grade: 'general', basis: 'b' });
    await town.post(`${at}/assignments`, office, { to: 'guijianban' });
    await town.post(`${at}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    await town.post(`${at}/submissions`, await town.as('department', 'guijianban', 'P-017'), { statement: 's' });
    const same = await town.as('department', 'guijianban', 'p-017');
    expect(await town.post(`${at}/verifications`, same, { result: 'passed', basis: 'b' })).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:verifier-is-submitter' },
    });
  });
});

describe('two tokens', () => {
  const correction = () => ({
    target: `inspection/${inspection}/1`,
    changes: [{ field: 'mode', to: 'joint' }],
    reason: '录入有误',
  });
  const path = () => `/v1/inspections/${inspection}/corrections`;
  const propose = async () => (await town.post(path(), department, correction())).body.proposal as string;
  const at = (proposal: string, what = '') => `/v1/proposals/${proposal}${what}`;
  const events = async () => (await town.get(`/v1/inspections/${inspection}`, office)).body.events;

  it('put forward it is not done; confirmed by another token it is, with both persons in one commit', async () => {
    const put = await town.post(path(), department, correction());
    expect(put).toMatchObject({ status: 202, body: { added: 1, events: [{ type: 'ProposalMade' }] } });
    expect(put.headers['location']).toBe(at(put.body.proposal));
    expect(await events()).toHaveLength(1);
    const shown = (await town.get(at(put.body.proposal), office)).body;
    expect(shown).toMatchObject({
      status: 'open',
      name: '更正检查记录',
      target: `inspection/${inspection}`,
      would: [{ type: 'InspectionCorrected', data: { changes: [{ from: 'routine', to: 'joint' }] } }],
      proposer: { person: 'p-department-guijianban' },
      mayConfirm: true,
      mayWithdraw: false,
    });
    expect((await town.get(at(put.body.proposal), department)).body).toMatchObject({
      mayConfirm: false,
      mayWithdraw: true,
    });

    const confirmed = await town.post(at(put.body.proposal, '/confirmation'), office, {});
    expect(confirmed).toMatchObject({ status: 200, body: { id: inspection, added: 2 } });
    expect((await events())[1]).toMatchObject({
      type: 'InspectionCorrected',
      actor: { person: 'p-department-guijianban' },
      cause: `proposal/${put.body.proposal}/1`,
      data: { approver: 'p-office-office' },
    });
    const { events: life, status } = (await town.get(at(put.body.proposal), office)).body;
    expect({ status, types: life.map(({ type }: { type: string }) => type) }).toEqual({
      status: 'confirmed',
      types: ['ProposalMade', 'ProposalConfirmed'],
    });
    expect(life[1].actor.person).toBe('p-office-office');
    // one commit: both or neither
    const written = town.fake.items('events');
    const { command } = written.findLast((item) => item['stream']!.S!.includes('#proposal#'))!;
    const parts = written.filter((item) => item['command']!.S === command!.S);
    expect(parts.map((item) => item['stream']!.S!).toSorted()).toEqual([
      `liantang#inspection#${inspection}`,
      `liantang#proposal#${put.body.proposal}`,
    ]);
    // again, by the same key or another, it is the same
    expect((await town.post(at(put.body.proposal, '/confirmation'), office, {})).body).toMatchObject({ already: true });
  });

  it('is confirmed by no one person under another spelling, and by nobody who may not', async () => {
    const proposal = await propose();
    const spelt = await town.as('office', 'office', 'P-Department-Guijianban');
    expect(await town.post(at(proposal, '/confirmation'), spelt, {})).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:second-person-needed', field: 'person' },
    });
    for (const token of [village, await town.as('department', 'shichangsuo'), await town.as('auditor', 'office')]) {
      expect((await town.post(at(proposal, '/confirmation'), token, {})).status).toBe(403);
      expect((await town.post(at(proposal, '/rejection'), token, { reason: 'r' })).status).toBe(403);
    }
    expect(await events()).toHaveLength(1);
  });

  it('is rejected with a reason, or withdrawn by who put it forward, and then confirmed no more', async () => {
    const rejected = await propose();
    expect((await town.post(at(rejected, '/rejection'), office, {})).status).toBe(400);
    expect((await town.post(at(rejected, '/withdrawal'), office, {})).body.type).toBe(
      'urn:daocha:problem:proposer-needed',
    );
    expect((await town.post(at(rejected, '/rejection'), office, { reason: '与照片不符' })).status).toBe(200);
    const withdrawn = await propose();
    expect((await town.post(at(withdrawn, '/withdrawal'), department, {})).status).toBe(200);
    for (const proposal of [rejected, withdrawn]) {
      expect((await town.post(at(proposal, '/confirmation'), office, {})).body.type).toBe(
        'urn:daocha:problem:proposal-settled',
      );
    }
    expect(await events()).toHaveLength(1);
    expect((await town.post(at('pr_none', '/confirmation'), office, {})).body.type).toBe(
      'urn:daocha:problem:unknown-proposal',
    );
  });

  it('is not confirmed on what has changed since, nor after its time', async () => {
    const first = await propose();
    const second = await propose();
    expect((await town.post(at(first, '/confirmation'), office, {})).status).toBe(200);
    expect((await town.post(at(second, '/confirmation'), office, {})).body.type).toBe(
      'urn:daocha:problem:proposal-overtaken',
    );
    const correct = { ...correction(), changes: [{ field: 'mode', to: 'covert' }] };
    const stale = (await town.post(path(), department, correct)).body.proposal;
    const other = { ...correct, changes: [{ field: 'mode', to: 'surprise' }] };
    expect((await town.agreed(path(), department, other)).status).toBe(200);
    expect((await town.post(at(stale, '/confirmation'), office, {})).body.type).toBe(
      'urn:daocha:problem:proposal-overtaken',
    );
    const late = (await town.post(path(), department, correct)).body.proposal;
    town.now.at = new Date(town.now.at.getTime() + 14 * 86_400_000 + 1);
    const later = await town.as('office', 'office');
    const refused = await town.post(at(late, '/confirmation'), later, {});
    expect(refused.body.type).toMatch(/proposal-expired|unauthenticated/);
  });
});

describe('who else needs a second person', () => {
  const confirm = (proposal: string, token: string) => town.post(`/v1/proposals/${proposal}/confirmation`, token, {});

  it('a risk that is said to be lower than before, and not one that is higher', async () => {
    const grade = (to: string) => town.post('/v1/units/u_1/risk-gradings', department, { to, basis: '复核' });
    expect((await grade('C')).status).toBe(200);
    expect((await grade('D')).status).toBe(200);
    const lower = await grade('B');
    expect(lower.status).toBe(202);
    expect((await town.get('/v1/units/u_1/timeline', office)).body).toBeDefined();
    expect((await confirm(lower.body.proposal, office)).body.events).toMatchObject([
      { type: 'RiskGraded' },
      { type: 'ProposalConfirmed' },
    ]);
  });

  it('the sign-off of a major hazard: until then it is open, and with it the unit goes on the list', async () => {
    const at = `/v1/hazards/${hazard}`;
    await town.post(`${at}/gradings`, department, { grade: 'major', basis: 'b' });
    await town.post(`${at}/assignments`, office, { to: 'guijianban' });
    await town.post(`${at}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    await town.post(`${at}/submissions`, village, { statement: 's' });
    await town.post(`${at}/verifications`, department, { result: 'passed', basis: 'b' });
    const put = await town.post(`${at}/sign-off`, department, {});
    expect(put.status).toBe(202);
    expect((await town.get(at, office)).body.status).toBe('verified');
    const colleague = await town.as('department', 'guijianban', 'p-colleague');
    expect((await confirm(put.body.proposal, colleague)).body.events).toMatchObject([
      { type: 'HazardSignedOff' },
      { type: 'UnitLedgerChanged' },
      { type: 'UnitListed' },
      { type: 'ProposalConfirmed' },
    ]);
    const { status, events } = (await town.get(at, office)).body;
    expect(status).toBe('signed-off');
    expect(events.at(-1)).toMatchObject({
      actor: { person: 'p-department-guijianban' },
      data: { approver: 'p-colleague' },
    });
  });

  it('a major hazard that is graded down first: the grade needs a second person, and so does the sign-off after it', async () => {
    const at = `/v1/hazards/${hazard}`;
    const general = { grade: 'general', basis: '重新核定' };
    await town.post(`${at}/gradings`, department, { grade: 'major', basis: 'b' });
    await town.post(`${at}/assignments`, office, { to: 'guijianban' });
    await town.post(`${at}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    await town.post(`${at}/submissions`, department, { statement: 's' });
    const put = await town.post(`${at}/gradings`, department, general);
    expect(put).toMatchObject({ status: 202, body: { events: [{ type: 'ProposalMade' }] } });
    expect((await town.get(at, office)).body.grade).toBe('major');
    expect((await confirm(put.body.proposal, department)).body.type).toBe('urn:daocha:problem:second-person-needed');
    expect((await confirm(put.body.proposal, office)).body.events).toMatchObject([
      { type: 'HazardGraded' },
      { type: 'ProposalConfirmed' },
    ]);
    const last = async () => (await town.get(at, office)).body.events.at(-1).data;
    expect(await last()).toMatchObject({ from: 'major', grade: 'general', approver: 'p-office-office' });
    await town.post(`${at}/verifications`, await town.as('inspector', 'guijianban'), { result: 'passed', basis: 'b' });
    const off = await town.post(`${at}/sign-off`, department, {});
    expect(off).toMatchObject({ status: 202, body: { events: [{ type: 'ProposalMade' }] } });
    expect((await town.get(at, office)).body.status).toBe('verified');
    expect((await confirm(off.body.proposal, office)).body.events[0].type).toBe('HazardSignedOff');
    expect(await last()).toMatchObject({ grade: 'general', highest: 'major', approver: 'p-office-office' });
  });

  it('a hazard that never was major is graded and signed off by one', async () => {
    const at = `/v1/hazards/${hazard}`;
    expect((await town.post(`${at}/gradings`, department, { grade: 'general', basis: 'b' })).status).toBe(200);
    await town.post(`${at}/assignments`, office, { to: 'guijianban' });
    await town.post(`${at}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    await town.post(`${at}/submissions`, village, { statement: 's' });
    await town.post(`${at}/verifications`, department, { result: 'passed', basis: 'b' });
    const off = await town.post(`${at}/sign-off`, department, {});
    expect(off.status).toBe(200);
    expect((await town.get(at, office)).body.events.at(-1).data).not.toHaveProperty('highest');
  });

  it('a rule set after the first, from tomorrow on: an administrator alone silences nothing', async () => {
    const admin = await town.as('admin', 'office');
    const { ladder: _l, escalation: _e, ...silent } = LIANTANG_RULES;
    const publish = (more: object) => town.post('/v1/campaign/rule-sets', admin, { ...silent, version: 2, ...more });
    const problem = async (more: object) => (await publish(more)).body.type;
    expect(await problem({ effectiveFrom: '2025-05-01' })).toBe('urn:daocha:problem:effective-too-early');
    expect(await problem({ effectiveFrom: '2025-06-02' })).toBe('urn:daocha:problem:effective-too-early');
    expect(await problem({ effectiveFrom: '2025-06-03' })).toBe('urn:daocha:problem:reason-missing');
    const put = await publish({ effectiveFrom: '2025-06-03', reason: '专项结束' });
    expect(put.status).toBe(202);
    const versions = async () =>
      (await town.get('/v1/campaign', office)).body.ruleSets.map(({ version }: { version: number }) => version);
    expect(await versions()).toEqual([1]);
    expect((await confirm(put.body.proposal, admin)).status).toBe(403);
    expect((await confirm(put.body.proposal, office)).status).toBe(200);
    expect(await versions()).toEqual([1, 2]);
  });
});

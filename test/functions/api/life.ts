// The life of one hazard over HTTP, in the order in which a town lives it: run on the in-memory tables (life.test.ts) and on the
// embedded engine (test/integration/hazard-life.test.ts).
import { beforeAll, expect, it } from 'vitest';
import type { Answered, TestTown } from './support.ts';

const GUI = 'guijianban'; // leads the gas track

/** @param makeTown a town whose campaign runs */
export function liveOneHazard(makeTown: () => Promise<TestTown>): void {
  let town: TestTown;
  let inspector: string;
  let village: string;
  let department: string;
  let colleague: string;
  let operations: string;
  let office: string;
  let unit = '';
  let hazard = '';
  let second = '';

  beforeAll(async () => {
    town = await makeTown();
    inspector = await town.as('inspector', GUI);
    village = await town.as('village', 'village-01');
    department = await town.as('department', GUI, 'p-dept-1');
    colleague = await town.as('department', GUI, 'p-dept-2');
    operations = await town.as('operations', 'chengyun');
    office = await town.as('office', 'office');
  });

  const act = async (path: string, token: string, body: unknown = {}): Promise<Answered> => {
    town.now.at = new Date(town.now.at.getTime() + 60_000);
    const answer = await town.agreed(path, token, body);
    expect(answer.body).toMatchObject({ already: false });
    return answer;
  };
  const history = async () => (await town.get(`/v1/hazards/${hazard}`, office)).body;
  const page = async () => {
    await town.settle();
    return (await town.get(`/v1/units/${unit}`, office)).body;
  };

  it('registers a unit', async () => {
    const answer = await act('/v1/units', village, {
      name: '练塘某餐饮店',
      area: 'village-01',
      tracks: ['gas'],
    });
    expect(answer.status).toBe(201);
    unit = answer.body.id;
    expect(answer.headers['location']).toBe(`/v1/units/${unit}`);
    expect(answer.body.atLeast).toBe(`unit/${unit}@1`);
    expect(answer.body.events).toMatchObject([{ type: 'UnitRegistered', version: 1 }]);
  });

  it('records an inspection with every answer, which finds two hazards', async () => {
    const answer = await act('/v1/inspections', inspector, {
      unit,
      track: 'gas',
      mode: 'routine',
      answers: [
        { item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' },
        { item: '2', clause: 'GAS-02', answer: 'ok' },
        { item: '3', clause: 'GAS-03', answer: 'problem' },
      ],
      signature: { kind: 'refused', reason: '负责人不在场' },
    });
    expect(answer.status).toBe(201);
    expect(answer.body.findings).toMatchObject([
      { clause: 'GAS-01', outcome: 'found' },
      { clause: 'GAS-03', outcome: 'found' },
    ]);
    [hazard, second] = answer.body.findings.map((finding: { hazard: string }) => finding.hazard);
    const inspection = await town.get(answer.headers['location']!, office);
    expect(inspection.body).toMatchObject({ status: 'recorded', unit, track: 'gas' });
    expect(inspection.body.events[0].data.answers.map((each: { answer: string }) => each.answer)).toEqual([
      'problem',
      'ok',
      'problem',
    ]);
    expect(inspection.body.events[0].data.inspectors).toEqual([`p-inspector-${GUI}`]);
  });

  it('goes from grading over a rejected rectification to the sign-off', async () => {
    const path = `/v1/hazards/${hazard}`;
    expect((await history()).allowed.map((each: { act: string }) => each.act)).toContain('grade');
    await act(`${path}/gradings`, department, { grade: 'general', basis: '可立即整改' });
    await act(`${path}/assignments`, operations, { to: GUI });
    await act(`${path}/orders`, department, {
      measures: '更换软管',
      due: '2025-06-20',
      authority: '《城镇燃气管理条例》',
    });
    await act(`${path}/submissions`, village, {
      statement: '软管已更换',
      evidence: [{ sha256: 'a'.repeat(64), mediaType: 'image/jpeg' }],
    });
    await act(`${path}/verifications`, department, { result: 'rejected', reason: '未装熄火保护装置' });
    await act(`${path}/submissions`, village, { statement: '已加装' });
    await act(`${path}/verifications`, colleague, { result: 'passed', basis: '现场复查' });
    await act(`${path}/sign-off`, department);

    const now = await history();
    expect(now).toMatchObject({ status: 'signed-off', grade: 'general', rejections: 1, cycles: 1, overdue: false });
    expect(now.dueDates).toMatchObject([{ due: '2025-06-20T15:59:59.999Z', by: 'p-dept-1' }]);
    expect(now.events.map((event: { type: string }) => event.type)).toEqual([
      'HazardFound',
      'HazardGraded',
      'HazardAssigned',
      'RectificationOrdered',
      'RectificationSubmitted',
      'VerificationRejected',
      'RectificationSubmitted',
      'VerificationPassed',
      'HazardSignedOff',
    ]);
    expect(now.events[4]).toMatchObject({
      actor: { person: 'p-village-village-01', organisation: 'village-01' },
      evidence: [{ mediaType: 'image/jpeg' }],
    });
    expect(await page()).toMatchObject({ listed: { on: false }, counts: { open: 1, signedOff: 1 } });
  });

  it('lists the unit when its last hazard is signed off', async () => {
    const path = `/v1/hazards/${second}`;
    await act(`${path}/gradings`, department, { grade: 'major', basis: '随时可能泄漏' });
    await act(`${path}/assignments`, office, { to: GUI });
    await act(`${path}/interim-controls`, village, { measures: '停止用气' });
    const { proposedDue } = (await town.get(path, office)).body;
    expect(proposedDue).toMatchObject({ workingDays: 20, ruleSet: 1 });
    await act(`${path}/orders`, department, { measures: '停用', due: '2025-06-20T18:00:00+08:00', authority: '条例' });
    await act(`${path}/extension-requests`, village, { due: '2025-06-27', reason: '配件到货延迟' });
    const own = await town.post(
      `${path}/extension-approvals`,
      await town.as('office', 'office', 'p-village-village-01'),
      {
        reason: '自己批准自己',
      },
    );
    expect(own.body).toMatchObject({ status: 422, type: 'urn:daocha:problem:second-person-needed' });
    await act(`${path}/extension-approvals`, office, { reason: '情况属实' });
    const extended = (await town.get(path, office)).body;
    expect(extended).toMatchObject({
      due: '2025-06-27T15:59:59.999Z',
      extensions: 1,
      proposedDue: null,
      dueDates: [
        { kind: 'order', due: '2025-06-20T10:00:00.000Z', by: 'p-dept-1' },
        {
          kind: 'extension',
          due: '2025-06-27T15:59:59.999Z',
          previousDue: '2025-06-20T10:00:00.000Z',
          by: 'p-office-office',
        },
      ],
    });
    await town.settle();
    const { body: list } = await town.get(`/v1/hazards?unit=${unit}&sort=due`, office);
    expect(list.items).toMatchObject([{ hazard: second, due: '2025-06-27T15:59:59.999Z', extensions: 1 }]);
    expect((await page()).openHazards).toMatchObject([{ hazard: second, due: '2025-06-27T15:59:59.999Z' }]);
    await act(`${path}/submissions`, village, { statement: '已停用' });
    await act(`${path}/verifications`, inspector, { result: 'passed', basis: '现场复查' });
    await act(`${path}/sign-off`, department);
    expect(await page()).toMatchObject({ listed: { on: true }, counts: { open: 0, signedOff: 2 }, openHazards: [] });
  });

  it('finds it again: a recurrence on the same hazard, and the unit off the list in the same commit', async () => {
    const answer = await act('/v1/inspections', inspector, {
      unit,
      track: 'gas',
      mode: 'covert',
      answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
    });
    expect(answer.body.findings).toMatchObject([{ hazard, outcome: 'recurred' }]);
    expect(answer.body.events.map((event: { type: string }) => event.type)).toEqual(
      expect.arrayContaining(['InspectionRecorded', 'RecurrenceFound', 'UnitDelisted']),
    );
    const commit = (await town.items()).find((item) => item['stream']!.S!.endsWith(`#inspection#${answer.body.id}`));
    const together = commit!['parts']!.L!.map((part) => part.M!['stream']!.S!.split('#').slice(1).join('/'));
    expect(new Set(together)).toEqual(new Set([`inspection/${answer.body.id}`, `hazard/${hazard}`, `unit/${unit}`]));
    expect((await history()).status).toBe('recurred');
    expect(await page()).toMatchObject({
      listed: { on: false, reason: 'recurrence' },
      counts: { open: 1, recurrences: 1 },
      openHazards: [{ hazard, status: 'recurred' }],
    });
  });

  it('lists the unit again only after a new sign-off, and keeps every due date', async () => {
    const path = `/v1/hazards/${hazard}`;
    await act(`${path}/orders`, department, { measures: '彻底更换', due: '2025-06-30', authority: '条例' });
    await act(`${path}/submissions`, village, { statement: '再次更换' });
    await act(`${path}/verifications`, department, { result: 'passed', basis: '现场复查' });
    await act(`${path}/sign-off`, colleague);
    const now = await history();
    expect(now).toMatchObject({ status: 'signed-off', recurrences: 1, cycles: 2 });
    expect(now.dueDates.map((each: { due: string }) => each.due.slice(0, 10))).toEqual(['2025-06-20', '2025-06-30']);
    expect(await page()).toMatchObject({ listed: { on: true }, counts: { recurrences: 1, signOffs: 3 } });
    const withPlace = (await history()).events;
    const positions = withPlace.map((event: { position: number }) => event.position);
    expect(positions).toEqual(positions.toSorted((a: number, b: number) => a - b));
    expect(new Set(positions).size).toBe(positions.length);
  });

  it('shows it all in the timeline, the lists and the track', async () => {
    const first = (await town.get(`/v1/units/${unit}/timeline?limit=5`, office)).body;
    expect(first.items).toHaveLength(5);
    expect(first.items.map((row: { type: string }) => row.type)).toContain('HazardSignedOff');
    const next = (await town.get(`/v1/units/${unit}/timeline?limit=100&cursor=${first.cursor}`, office)).body;
    expect(next.items.at(-1)).toMatchObject({ type: 'UnitRegistered', title: '登记单位' });
    const { log } = (await town.send('GET', '/health')).body;
    const aboutTheCampaign = 2;
    expect(next.items.length + 5).toBe(log.size - aboutTheCampaign);

    const track = (await town.get('/v1/tracks/gas', office)).body;
    expect(track).toMatchObject({ inspections: 2, hazards: 2, signedOff: 2, recurrences: 1, closureRate: 1 });
    expect(track.organisations).toMatchObject([{ organisation: GUI }]);
    const { body: closed } = await town.get('/v1/hazards?track=gas&status=closed', department);
    expect(closed.items.map((row: { hazard: string }) => row.hazard).toSorted()).toEqual([hazard, second].toSorted());
    expect((await town.get('/v1/lists/baseline', village)).body.items).toMatchObject([{ unit, listed: true }]);
    expect((await town.get('/v1/lists/hazards?organisation=guijianban', office)).body.items).toHaveLength(2);
    expect((await town.get('/v1/lists/closed-loop?grade=major', office)).body.items).toMatchObject([
      { hazard: second },
    ]);
    expect((await town.get('/v1/tracks', office)).body.items).toHaveLength(7);
  });

  it('shows subscribers the town’s figures without those of single organisations', async () => {
    const subscriber = await town.as('subscriber', 'lvyou');
    const track = await town.get('/v1/tracks/gas', subscriber);
    expect(track.status).toBe(200);
    expect(track.body.hazards).toBe(2);
    expect(track.body).not.toHaveProperty('organisations');
    expect((await town.get(`/v1/units/${unit}`, subscriber)).status).toBe(403);
  });
}

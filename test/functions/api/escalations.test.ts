// The whole life of a case over HTTP, by the people who take part in it and by what follows by itself: up by a rule,
// compiled, given back with what is missing, compiled again with what was asked for, accepted, decided, verified; and
// what a district unit may see and do.
import { beforeEach, describe, expect, it } from 'vitest';
import { paragraphsOf } from '../../support/docx.ts';
import { makeTown, sign, type Answered, type TestTown } from './support.ts';

const GUI = 'guijianban'; // leads the gas track
const DISTRICT = 'district-construction';
const MISSING = ['现场检查记录', '责令整改指令书送达回证'];

let town: TestTown;
let unit: string;
let hazard: string;
let id: string;

const as = (role: Parameters<TestTown['as']>[0], org: string) => town.as(role, org);
async function act(role: Parameters<TestTown['as']>[0], org: string, what: string, body: object): Promise<Answered> {
  const answer = await town.post(`/v1/escalations/${id}/${what}`, await as(role, org), body);
  await town.react();
  return answer;
}
const shown = async () => (await town.get(`/v1/escalations/${id}`, await as('district', DISTRICT))).body;
const queue = async (org: string, filters = '') =>
  (await town.get(`/v1/escalations${filters}`, await as('district', org))).body.items;

beforeEach(async () => {
  town = await makeTown();
  const office = await as('office', 'office');
  unit = (await town.post('/v1/units', office, { name: '练塘老街饭店', area: 'village-01', tracks: ['gas'] })).body.id;
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const inspected = await town.post('/v1/inspections', office, { unit, track: 'gas', mode: 'routine', answers });
  hazard = inspected.body.findings[0].hazard;
  await town.post(`/v1/hazards/${hazard}/gradings`, await as('department', GUI), { grade: 'major', basis: '可能爆燃' });
  await town.react();
  [{ escalation: id }] = await queue(DISTRICT);
});

describe('a case', () => {
  it('goes up by itself, with its dossier, and waits in the queue of its district unit', async () => {
    expect(await queue(DISTRICT)).toMatchObject([
      { status: 'submitted', unit, hazard, to: DISTRICT, unitName: '练塘老街饭店', waitingWorkingDays: 0, round: 1 },
    ]);
    const { status, events, dossiers, allowed } = await shown();
    expect(status).toBe('submitted');
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      'EscalationProposed',
      'DossierCompiled',
      'EscalationSubmitted',
    ]);
    expect(events.every(({ source }: { source: string }) => source === 'policy')).toBe(true);
    expect(dossiers).toMatchObject([{ round: 1, files: [{ name: 'dossier.docx' }, { name: 'events.txt' }] }]);
    expect(allowed.map(({ act: next }: { act: string }) => next)).toEqual(['accept', 'return']);
  });

  it('lives through: given back, compiled again with what was asked for, accepted, decided, verified', async () => {
    expect((await act('district', DISTRICT, 'returns', { missing: MISSING })).status).toBe(200);
    expect(await shown()).toMatchObject({ status: 'returned', missing: MISSING, returns: 1 });

    await act('office', 'office', 'materials', { answers: [MISSING[0]], note: '检查记录已补签' });
    expect(await shown()).toMatchObject({ status: 'returned', missing: [MISSING[1]] });
    expect((await shown()).dossiers).toHaveLength(1);

    await act('office', 'office', 'materials', { answers: [MISSING[1]], note: '留置送达' });
    expect(await shown()).toMatchObject({ status: 'submitted', missing: [], dossiers: [{ round: 2 }, { round: 1 }] });
    const path = `/v1/escalations/${id}/dossiers/2`;
    const lines = await paragraphsOf((await town.get(path, await as('district', DISTRICT))).body as Buffer);
    for (const words of [...MISSING, '检查记录已补签', '留置送达', '本材料为第2次报送']) {
      expect(
        lines.some((line) => line.includes(words)),
        words,
      ).toBe(true);
    }

    expect((await act('district', DISTRICT, 'acceptances', { reference: '青建〔2025〕3号' })).status).toBe(200);
    expect((await act('district', DISTRICT, 'resolutions', { decision: '责令停产停业整顿' })).status).toBe(200);
    expect(await shown()).toMatchObject({ status: 'resolved', decision: { decision: '责令停产停业整顿' } });
    expect((await act('office', 'office', 'verifications', { note: '现场核实已停用' })).status).toBe(200);
    expect(await shown()).toMatchObject({ status: 'verified', allowed: [] });
    expect(await queue(DISTRICT, '?status=open')).toEqual([]);
    expect(await queue(DISTRICT)).toMatchObject([{ status: 'verified', waitingWorkingDays: null }]);
  });

  it('counts its age in working days of the town’s calendar', async () => {
    // Monday 2025-06-02 is a holiday in 2025 (Dragon Boat); a week later five working days have passed
    town.now.at = new Date('2025-06-09T04:00:00.000Z');
    const month = 30 * 86_400;
    const token = await sign(town.keys, { sub: 'p-d', roles: ['district'], org: DISTRICT, expiresIn: month });
    const [row] = (await town.get('/v1/escalations', token)).body.items;
    expect(row).toMatchObject({ waitingWorkingDays: 5, ageWorkingDays: 5 });
  });

  it('comes up again for what happens after the decision, and not for what was decided', async () => {
    await act('district', DISTRICT, 'acceptances', {});
    await act('district', DISTRICT, 'resolutions', { decision: '挂牌督办' });
    await town.react();
    expect((await shown()).status).toBe('resolved');
    const refusal = { reason: '仍不整改' };
    await town.post(`/v1/hazards/${hazard}/dangers`, await as('department', GUI), refusal);
    await town.react();
    expect(await shown()).toMatchObject({ status: 'submitted', urgent: true, grounds: [{ rule: 'danger' }] });
  });
});

describe('a district unit', () => {
  const foreign = () => as('district', 'district-fire');

  it('sees its own cases only', async () => {
    expect(await queue('district-fire')).toEqual([]);
    for (const part of ['', '/hazard', '/unit', '/timeline', '/dossiers/1', '/dossiers/1/proofs']) {
      const answer = await town.get(`/v1/escalations/${id}${part}`, await foreign());
      expect(answer.status, part).toBe(403);
      expect(answer.body.type, part).toBe('urn:daocha:problem:foreign-organisation');
    }
    const other = await town.get(`/v1/escalations?to=${DISTRICT}`, await foreign());
    expect(other).toMatchObject({ status: 403, body: { field: 'to', expected: 'district-fire' } });
  });

  it('acts on its own cases only, and never for the town', async () => {
    const before = town.commits();
    for (const [what, body] of Object.entries({
      acceptances: {},
      returns: { missing: ['照片'] },
      resolutions: { decision: 'd' },
    })) {
      expect((await act('district', 'district-fire', what, body)).status, what).toBe(403);
    }
    for (const [what, body] of Object.entries({ materials: { note: 'n' }, verifications: { note: 'n' } })) {
      expect((await act('district', DISTRICT, what, body)).status, what).toBe(403);
    }
    expect((await act('office', 'office', 'acceptances', {})).status).toBe(403);
    expect(town.commits()).toBe(before);
  });

  it('reads nothing of the town but through its cases', async () => {
    for (const path of [
      `/v1/hazards/${hazard}`,
      `/v1/units/${unit}`,
      `/v1/units/${unit}/timeline`,
      '/v1/hazards',
      '/v1/units',
      '/v1/lists/baseline',
      '/v1/deadlines',
      '/v1/roster',
      '/v1/events/0',
      '/log/tile/entries/000',
    ]) {
      expect((await town.get(path, await as('district', DISTRICT))).status, path).toBe(403);
    }
    const through = ['hazard', 'unit', 'timeline'].map(async (part) =>
      town.get(`/v1/escalations/${id}/${part}`, await as('district', DISTRICT)),
    );
    expect((await Promise.all(through)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe('what is wrong is said, and changes nothing:', () => {
  it.each([
    [
      'an acceptance of what is accepted already by another',
      'acceptances',
      { reference: 'x' },
      422,
      'wrong-transition',
      'status',
    ],
    ['a return that names nothing', 'returns', { missing: [] }, 400, 'invalid-input', 'missing'],
    [
      'a decision in the future',
      'resolutions',
      { decision: 'd', decidedAt: '2030-01-01T00:00:00Z' },
      400,
      'invalid-input',
      'decidedAt',
    ],
  ])('%s', async (_, what, body, status, type, field) => {
    await act('district', DISTRICT, 'acceptances', {});
    const before = town.commits();
    const answer = await act('district', DISTRICT, what, body);
    expect(answer.body).toMatchObject({ status, type: `urn:daocha:problem:${type}` });
    expect(JSON.stringify(answer.body)).toContain(field);
    expect(town.commits()).toBe(before);
  });

  it('material that nobody asked for', async () => {
    await act('district', DISTRICT, 'returns', { missing: MISSING });
    expect(await act('office', 'office', 'materials', { answers: ['营业执照'], note: 'n' })).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:not-missing', field: 'answers' },
    });
  });

  it('a case, and a dossier, that there is not', async () => {
    const district = await as('district', DISTRICT);
    expect(await town.get('/v1/escalations/e_none', district)).toMatchObject({
      status: 404,
      body: { type: 'urn:daocha:problem:unknown-escalation' },
    });
    expect(await town.get(`/v1/escalations/${id}/dossiers/9`, district)).toMatchObject({
      status: 404,
      body: { type: 'urn:daocha:problem:unknown-dossier', field: 'round', expected: 'one of 1' },
    });
  });

  it('a proposal to somebody who is no district unit', async () => {
    const path = `/v1/hazards/${hazard}/escalations`;
    const answer = await town.post(path, await as('office', 'office'), { limit: 'power', reason: 'r', to: GUI });
    expect(answer.body).toMatchObject({
      status: 400,
      field: 'to',
      expected: expect.stringContaining(DISTRICT) as string,
    });
  });
});

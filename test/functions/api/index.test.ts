// The verifiable index against who may write to the tables: an inspection that is taken out of the unit's timeline is missed where it is
// asked for, and named.
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyIndexProof } from '../../../shared/record/index/proof.ts';
import { sealIndex } from '../../../shared/record/index/seal-index.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import { makeTown, type TestTown } from './support.ts';

const GUI = 'guijianban';
let town: TestTown;
let auditor: string;
let unit = '';
let hazard = '';

beforeAll(async () => {
  town = await makeTown({ settling: true });
  auditor = await town.as('auditor', 'office');
  const office = await town.as('office', 'office');
  unit = (await town.post('/v1/units', office, { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] })).body.id;
  const inspected = await town.post('/v1/inspections', await town.as('inspector', GUI), {
    unit,
    track: 'gas',
    mode: 'covert',
    template: { id: 'gas-restaurant', version: 1 },
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
    signature: { kind: 'refused', reason: '负责人不在场' },
  });
  hazard = inspected.body.findings[0].hazard;
  await town.settle();
});

const asked = (): string => `/v1/trace/units/${unit}/inspections?before=2025-06-05&months=1`;

/** Takes the entry of the inspection out of the timeline. @returns what puts it back */
function deleteRow(): () => void {
  const row = town.fake
    .items('views')
    .find(({ pk, doc }) => pk!.S!.includes('timeline') && doc!.S!.includes('"InspectionRecorded"'))!;
  town.fake.unseed('views', { pk: row['pk']!, sk: row['sk']! });
  return () => town.fake.seed('views', row);
}

describe('before an index is sealed', () => {
  it('answers say that nothing vouches for them, and an entry taken away is not missed', async () => {
    expect((await town.get(asked(), auditor)).body).toMatchObject({ indexed: null, facts: [{ mode: 'covert' }] });
    const back = deleteRow();
    expect((await town.get(asked(), auditor)).body).toMatchObject({ indexed: null, facts: [] });
    back();
    await town.seal();
    const proof = await town.get(`/v1/log/index?subject=unit/${unit}`, auditor);
    expect(proof).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:nothing-indexed' } });
  });
});

describe('once it is sealed', () => {
  let size = 0;
  beforeAll(async () => {
    size = (await sealIndex(town.deps.views)).sealed!.size;
    await sweep(town.deps.views);
    await town.settle();
    await town.seal();
  });

  it('answers say up to where they were compared', async () => {
    const { body } = await town.get(asked(), auditor);
    expect(body).toMatchObject({ indexed: { size }, facts: [{ mode: 'covert' }] });
    const earlier = await town.get(`${asked()}&knownAt=${size}`, auditor);
    expect(earlier.body).toMatchObject({ indexed: null, facts: [{ mode: 'covert' }] });
  });

  it('an entry taken out of the timeline is an error that names its position, never a shorter answer', async () => {
    const back = deleteRow();
    const answer = await town.get(asked(), auditor);
    expect(answer).toMatchObject({ status: 500, body: { type: 'urn:daocha:problem:index-disagrees' } });
    expect(answer.body.detail).toMatch(/positions \d+ are in the index and not there/u);
    expect((await town.get(`/v1/trace/units/${unit}/late`, auditor)).status).toBe(500);
    back();
    expect((await town.get(asked(), auditor)).status).toBe(200);
  });

  it('the last commit of a hazard taken out of the record is named where the hazard is asked about', async () => {
    const rows = town.fake.items('events').filter(({ stream }) => stream!.S!.endsWith(`#hazard#${hazard}`));
    const last = rows.at(-1)!;
    town.fake.unseed('events', { stream: last['stream']!, version: last['version']! });
    const answer = await town.get(`/v1/trace/hazards/${hazard}/deadlines`, auditor);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    town.fake.seed('events', last);
    expect((await town.get(`/v1/trace/hazards/${hazard}/deadlines`, auditor)).status).toBe(200);
  });

  it('proves all positions of a subject, and that one has none', async () => {
    for (const subject of [`unit/${unit}`, 'unit/u_none', 'person/p-none', `hazard/${hazard}`]) {
      const { status, body } = await town.get(`/v1/log/index?subject=${subject}`, auditor);
      expect(status, JSON.stringify(body)).toBe(200);
      const { sealed, ...proof } = body;
      const positions = verifyIndexProof(proof, Buffer.from(sealed.root, 'hex'));
      expect(positions.length > 0).toBe(!subject.includes('none'));
    }
    const wrong = await town.get('/v1/log/index?subject=units', auditor);
    expect(wrong).toMatchObject({ status: 400, body: { field: 'subject' } });
    const other = await town.get(`/v1/log/index?subject=unit/${unit}`, await town.as('inspector', GUI));
    expect(other.status).toBe(403);
  });
});

// The directory over HTTP: who may know who somebody is, that looking is logged, and that an erasure leaves every proof as it was.
import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../shared/record/tlog/bytes.ts';
import { openCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { noteVerifier } from '../../../shared/record/tlog/note.ts';
import { verifyTlogProof } from '../../../shared/record/tlog/proof.ts';
import { verifyConsistency } from '../../../shared/record/tlog/proofs.ts';
import { parseVkey } from '../../../shared/record/tlog/vkey.ts';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let auditor: string;
const PERSON = { person: 'auth0|liaison/1', name: '张三', phone: '138 0000 0000' };
const AT = `/v1/directory?person=${encodeURIComponent(PERSON.person)}`;
const ERASURE = { person: PERSON.person, reason: '本人申请' };

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  auditor = await town.as('auditor', 'office');
});

describe('a person', () => {
  it('is entered and shown, with the keys by which anybody can check the commitments', async () => {
    const entered = await town.post('/v1/directory', office, PERSON);
    expect(entered).toMatchObject({ status: 200, body: { added: 1, events: [{ type: 'PersonEntered' }] } });
    const { status, body } = await town.get(AT, office);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: '张三',
      phone: '138 0000 0000',
      entries: [{ event: entered.body.events[0].id }],
    });
    for (const { field, commitment, key } of body.entries[0].fields) {
      const value = body.entries[0][field];
      expect(createHmac('sha256', Buffer.from(key, 'hex')).update(value).digest('hex')).toBe(commitment);
    }
    expect((await town.post('/v1/directory', office, PERSON)).body).toMatchObject({ already: true, added: 0 });
  });

  describe('of whom somebody with the right to write to the table made something else', () => {
    const item = () => town.fake.items('directory').find(({ sk }) => sk!.S === PERSON.person)!;
    const names = async () =>
      (await town.get(`/v1/directory/names?persons=${encodeURIComponent(PERSON.person)}`, office)).body.items;
    const entries = () => JSON.parse(item()['entries']!.S!) as { name: string; phone: string; keys: object }[];
    const write = (changed: object[]) =>
      town.fake.seed('directory', { ...item(), entries: { S: JSON.stringify(changed) } });

    beforeEach(async () => {
      await town.post('/v1/directory', office, PERSON);
    });

    it('nothing is said while nobody has', async () => {
      expect(await names()).toEqual([{ person: PERSON.person, name: '张三', state: 'entered' }]);
    });

    it.each<[string, (entry: { name: string; phone: string; keys: object }) => object, string | null]>([
      ['another name', (entry) => ({ ...entry, name: '李四' }), '李四'],
      ['another telephone number', (entry) => ({ ...entry, phone: '139 0000 0000' }), '张三'],
      ['no telephone number', ({ phone: _phone, ...entry }) => entry, '张三'],
      [
        'another name under keys of its own',
        (entry) => ({ ...entry, name: '李四', keys: { name: 'ab'.repeat(32) } }),
        '李四',
      ],
    ])('%s is shown as altered', async (_what, change, name) => {
      write(entries().map(change));
      expect(await names()).toEqual([{ person: PERSON.person, name, state: 'altered' }]);
      expect((await town.get(AT, office)).body).toMatchObject({ altered: true });
    });

    it('so is one who was taken out, and one who was marked as erased', async () => {
      const { entries: _entries, ...key } = item();
      town.fake.unseed('directory', key);
      expect(await names()).toEqual([{ person: PERSON.person, name: null, state: 'altered' }]);
      town.fake.seed('directory', { ...key, erased: { BOOL: true } });
      expect(await names()).toEqual([{ person: PERSON.person, name: null, state: 'altered' }]);
    });

    it('and one whom nobody ever entered', async () => {
      town.fake.seed('directory', { ...item(), sk: { S: 'p-nobody' } });
      const { body } = await town.get('/v1/directory/names?persons=p-nobody', office);
      expect(body.items).toEqual([{ person: 'p-nobody', name: '张三', state: 'altered' }]);
    });
  });

  it('is looked up on a stated ground, and the look is on record under the person', async () => {
    await town.post('/v1/directory', office, PERSON);
    expect(await town.send('GET', AT, { token: auditor })).toMatchObject({
      status: 400,
      body: { field: 'X-Access-Ground' },
    });
    expect((await town.get(AT, auditor)).status).toBe(200);
    town.now.at = new Date(town.now.at.getTime() + 1000);
    const accesses = (query: string) => town.get(`/v1/accesses?after=2025-06-01T00:00:00Z&${query}`, auditor);
    const { body } = await accesses(`person=${encodeURIComponent(PERSON.person)}`);
    expect(body.items).toMatchObject([{ action: 'names', ground: 'case-1', asked: { person: PERSON.person } }]);
    expect(JSON.stringify(body)).not.toContain('张三');
    expect((await accesses('unit=u_1')).body.items, 'no access to a unit').toEqual([]);
    expect(await accesses('')).toMatchObject({ status: 400, body: { field: 'unit' } });
    expect(await accesses('unit=u_1&person=p-1')).toMatchObject({ status: 400, body: { field: 'unit' } });
  });

  it.each([
    ['a name for a reference', { ...PERSON, person: '张三' }, 'person'],
    ['no name', { person: 'p-1' }, 'name'],
    ['a number that is none', { ...PERSON, phone: 'call me' }, 'phone'],
    ['something else', { ...PERSON, idCard: '310' }, 'idCard'],
  ])('with %s is refused, and nothing of it is kept', async (_, body, field) => {
    const before = JSON.stringify([town.fake.items('directory'), town.fake.items('events')]);
    expect(await town.post('/v1/directory', office, body)).toMatchObject({ status: 400, body: { field } });
    expect(JSON.stringify([town.fake.items('directory'), town.fake.items('events')])).toBe(before);
  });

  it('is for the office, auditors may look, nobody else', async () => {
    await town.post('/v1/directory', office, PERSON);
    for (const role of ['department', 'village', 'leader', 'importer', 'district'] as const) {
      const token = await town.as(role, 'guijianban');
      expect((await town.get(AT, token)).status, role).toBe(403);
      expect((await town.post('/v1/directory', token, PERSON)).status, role).toBe(403);
    }
    expect((await town.post('/v1/directory', auditor, PERSON)).status).toBe(403);
    expect((await town.post('/v1/directory/erasures', auditor, ERASURE)).status).toBe(403);
  });

  it('is nowhere in what is logged of requests', async () => {
    await town.post('/v1/directory', office, PERSON);
    await town.get(AT, office);
    await town.post('/v1/directory', office, { ...PERSON, phone: 'wrong 张三' });
    expect(JSON.stringify(town.logged)).not.toMatch(/张三|0000/);
  });
});

describe('an erasure', () => {
  it('is final: shown to nobody, by a second person, and again the same answer', async () => {
    await town.post('/v1/directory', office, PERSON);
    const alone = await town.post('/v1/directory/erasures', office, ERASURE);
    const confirmation = `/v1/proposals/${alone.body.proposal}/confirmation`;
    expect(await town.post(confirmation, office, {})).toMatchObject({ status: 422, body: { field: 'person' } });
    expect((await town.get(AT, office)).status).toBe(200);
    const key = { 'idempotency-key': 'erase-1' };
    const first = await town.agreed('/v1/directory/erasures', office, ERASURE, key);
    expect(first.body).toMatchObject({ added: 2, events: [{ type: 'PersonErased' }, {}] });
    expect((await town.agreed('/v1/directory/erasures', office, ERASURE, key)).body).toEqual({
      ...first.body,
      already: true,
      added: 0,
    });
    const gone = await town.get(AT, office);
    expect(gone).toMatchObject({ status: 404, body: { type: 'urn:daocha:problem:person-erased' } });
    expect(gone.body.detail).toContain('（已删除）');
    expect(JSON.stringify(town.fake.items('directory'))).not.toMatch(/张三|138|[0-9a-f]{64}/);
    expect(await town.post('/v1/directory', office, PERSON)).toMatchObject({ status: 422, body: { field: 'person' } });
    expect((await town.get('/v1/directory?person=p-nobody', office)).body.type).toBe(
      'urn:daocha:problem:unknown-person',
    );
    expect((await town.post('/v1/directory/erasures', office, { ...ERASURE, person: 'p-nobody' })).status).toBe(404);
  });

  it('leaves every leaf and every proof as it was; the commitment can be checked by nobody any more', async () => {
    await town.post('/v1/directory', office, PERSON);
    await town.post('/v1/units', office, { name: '甲', area: 'village-01', tracks: ['gas'] });
    await town.settle();
    await town.seal();
    const vkey: string = (await town.get('/log/vkey', auditor)).body.trim();
    const sealed = async () => {
      const note = (await town.get('/log/checkpoint', auditor)).body as string;
      return openCheckpoint(note, { log: [noteVerifier(parseVkey(vkey))] });
    };
    const before = await sealed();
    const leaves = async () => {
      const all = [];
      for (let n = 0; n < before.size; n++) all.push((await town.get(`/v1/events/${n}`, auditor)).body);
      return all as { entry: string; event: { type: string; data: { commitments: { name: string } } } }[];
    };
    const proofs = async () => {
      const all: string[] = [];
      for (let n = 0; n < before.size; n++) all.push((await town.get(`/v1/events/${n}/proof`, auditor)).body);
      return all;
    };
    const kept = { leaves: await leaves(), proofs: await proofs() };
    const { body: person } = await town.get(AT, auditor);
    const { commitments } = kept.leaves.find(({ event }) => event.type === 'PersonEntered')!.event.data;
    expect(person.entries[0].fields[0].commitment).toBe(commitments.name);

    await town.agreed('/v1/directory/erasures', office, ERASURE);
    await town.settle();
    await town.seal();

    const now = { leaves: await leaves(), proofs: await proofs() };
    expect(now.leaves.map(({ entry }) => entry)).toEqual(kept.leaves.map(({ entry }) => entry));
    for (const [n, { entry }] of now.leaves.entries()) {
      for (const proof of [kept.proofs[n]!, now.proofs[n]!]) {
        const verified = await verifyTlogProof(new Uint8Array(Buffer.from(entry, 'base64')), proof, { log: vkey });
        expect(verified.index).toBe(n);
      }
    }
    const after = await sealed();
    const { body } = await town.get(`/v1/log/consistency?from=${before.size}&to=${after.size}`, auditor);
    const hashes = body.hashes.map((hash: string) => fromBase64(hash)!);
    expect(() => verifyConsistency(before, after, hashes)).not.toThrow();
    // the key that would tell whether the commitment is to this name is nowhere
    const everything = JSON.stringify(
      ['events', 'log', 'views', 'access', 'directory'].map((table) => town.fake.items(table)),
    );
    for (const { key } of person.entries[0].fields) {
      expect(everything).not.toContain(key);
      expect(everything).not.toContain(Buffer.from(key, 'hex').toString('base64'));
    }
  });
});

it('the roster says to those who keep the directory who cannot be telephoned', async () => {
  const appoint = (person: string) =>
    town.post('/v1/roster/guijianban/appointments', office, {
      post: 'officer',
      person,
      from: '2025-04-25',
      basis: 'b',
    });
  await town.post('/v1/directory', office, { person: 'p-known', name: '甲', phone: '021-5925' });
  await town.post('/v1/directory', office, { person: 'p-silent', name: '乙' });
  await town.post('/v1/directory', office, { person: 'p-erased', name: '丙', phone: '021-5926' });
  await town.agreed('/v1/directory/erasures', office, { person: 'p-erased', reason: 'r' });
  for (const person of ['p-known', 'p-silent', 'p-erased', 'p-nobody']) await appoint(person);
  await town.settle();
  const phones = async (path: string, token: string, pick: (body: never) => unknown) => {
    const rows = pick((await town.get(path, token)).body as never) as { person: string; phone?: string }[];
    return Object.fromEntries(rows.map(({ person, phone }) => [person, phone]));
  };
  const held = (body: { held: unknown }) => body.held;
  const expected = { 'p-known': 'known', 'p-silent': 'missing', 'p-erased': 'missing', 'p-nobody': 'missing' };
  expect(await phones('/v1/roster/guijianban', office, held as never)).toEqual(expected);
  const inList = (body: { items: { organisation: string; held: unknown }[] }) =>
    body.items.find(({ organisation }) => organisation === 'guijianban')!.held;
  expect(await phones('/v1/roster?limit=100', office, inList as never)).toEqual(expected);
  const village = await town.as('village', 'village-01');
  expect(Object.values(await phones('/v1/roster/guijianban', village, held as never))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

// Evidence over the API: announced, put, named by a command, read by whoever may read the event, on the access log.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVIDENCE_LIMIT } from '../../../functions/runtime/evidence-file.ts';
import { directoryEvidence, JPEG, PDF, serveUploads, type TestEvidence } from '../../support/evidence.ts';
import { makeTown, TENANT, type Answered, type TestTown } from './support.ts';

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const GUI = 'guijianban';

let town: TestTown;
let evidence: TestEvidence;
let uploads: Awaited<ReturnType<typeof serveUploads>>;
let inspector: string;

beforeAll(async () => {
  evidence = directoryEvidence(TENANT);
  town = await makeTown({ evidence });
  uploads = await serveUploads(evidence.directory);
  inspector = await town.as('inspector', GUI);
});
afterAll(() => uploads.close());

const announce = (bytes: Buffer, more: object = {}): Promise<Answered> =>
  town.post('/v1/evidence', inspector, { sha256: sha(bytes), mediaType: 'image/jpeg', size: bytes.length, ...more });
const put = ({ body }: Answered, bytes: Buffer, headers: object = {}): Promise<Response> =>
  fetch(`${uploads.at}${body.upload.url}`, {
    method: 'PUT',
    headers: { ...body.upload.headers, ...headers },
    body: new Uint8Array(bytes),
  });
const photo = Buffer.concat([JPEG, Buffer.from('another')]);
const stored = (): string[] => readdirSync(join(evidence.directory, TENANT)).toSorted();

/** A hazard found with these photos, and the event that names them. */
async function found(
  photos: Buffer[],
  area = 'village-01',
): Promise<{ event: string; inspection: string; unit: string }> {
  const office = await town.as('office', 'office');
  const unit = (await town.post('/v1/units', office, { name: 'U', area, tracks: ['gas'] })).body.id;
  const { body } = await town.post('/v1/inspections', inspector, {
    unit,
    track: 'gas',
    mode: 'routine',
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
    evidence: photos.map((bytes) => ({ sha256: sha(bytes), mediaType: 'image/jpeg' })),
  });
  return { event: `hazard/${body.findings[0].hazard}/1`, inspection: `inspection/${body.id}/1`, unit };
}

describe('a file', () => {
  test('is announced, put, named, and read back as it was', async () => {
    const announced = await announce(JPEG, { takenAt: '2025-06-02T03:58:11.000Z' });
    expect(announced.body).toMatchObject({
      present: false,
      evidence: { sha256: sha(JPEG), mediaType: 'image/jpeg', takenAt: '2025-06-02T03:58:11.000Z' },
    });
    expect((await put(announced, JPEG)).status).toBe(200);
    const { event, inspection } = await found([JPEG]);
    for (const by of [event, inspection]) {
      const { status, body, headers } = await town.get(`/v1/evidence/${sha(JPEG)}?event=${by}`, inspector);
      expect(status).toBe(200);
      expect(sha(body)).toBe(sha(JPEG));
      expect(headers).toMatchObject({
        'content-type': 'image/jpeg',
        'content-disposition': `inline; filename="${sha(JPEG).slice(0, 16)}.jpg"`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      });
    }
  });

  test('twice is one: it is there already, and put again it stays', async () => {
    const again = await announce(JPEG);
    expect(again.body).toMatchObject({ present: true });
    expect(again.body.upload).toBeUndefined();
    const other = Buffer.concat([JPEG, Buffer.from('二')]);
    const [one, two] = await Promise.all([announce(other), announce(other)]);
    const answers = await Promise.all([put(one, other), put(two, other)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(stored().filter((name) => name === sha(other))).toHaveLength(1);
  });

  test.each([
    ['other bytes of the same length', (it: Buffer) => Buffer.from(it).fill(0x41, 8), {}, 400, 'sha256'],
    ['more bytes than announced', (it: Buffer) => Buffer.concat([it, it]), {}, 403, 'size'],
    ['fewer bytes than announced', (it: Buffer) => it.subarray(0, 5), {}, 403, 'size'],
    ['another type than announced', (it: Buffer) => it, { 'content-type': 'text/html' }, 403, 'content-type'],
  ])('with %s is refused on arrival, and the field named', async (_what, bytes, headers, status, field) => {
    const before = stored();
    const answer = await put(await announce(photo), bytes(photo), headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ field, expected: expect.any(String) });
    expect(stored()).toEqual(before);
  });

  test.each([
    ['a type that is not taken', { mediaType: 'text/html' }, 'mediaType', /must be one of image\/jpeg/],
    ['a type that may carry scripts', { mediaType: 'image/svg+xml' }, 'mediaType', /must be one of/],
    ['too many bytes', { size: EVIDENCE_LIMIT + 1 }, 'size', /at most 4000000 bytes/],
    ['no bytes', { size: 0 }, 'size', /at least 1/],
    ['no hash', { sha256: 'ABC' }, 'sha256', /64 lower-case hex digits/],
    ['a name', { name: '../../etc/passwd' }, 'name', /unknown field/],
  ])('with %s is refused when it is announced', async (_what, wrong, field, expected) => {
    const { status, body } = await announce(JPEG, wrong);
    expect(status).toBe(400);
    expect(body).toMatchObject({ field });
    expect(body.expected).toMatch(expected);
  });

  test('goes nowhere by an address that was changed, or is not a PUT', async () => {
    const announced = await announce(photo);
    const { url } = announced.body.upload as { url: string };
    const before = stored();
    for (const changed of [
      url.replace(TENANT, 'other'),
      url.replace(sha(photo), sha(PDF)),
      url.replace(/expires=\d/, 'expires=9'),
      url.replace('image%2Fjpeg', 'image%2Fpng'),
      url.replace(TENANT, '..%2F..'),
    ]) {
      const answer = await fetch(`${uploads.at}${changed}`, {
        method: 'PUT',
        headers: { 'content-type': 'image/jpeg' },
        body: new Uint8Array(photo),
      });
      expect(answer.status, changed).toBe(403);
    }
    expect((await fetch(`${uploads.at}${url}`)).status).toBe(405);
    expect(stored()).toEqual(before);
  });
});

describe('who may', () => {
  test('announce: those who record; not those who only read', async () => {
    const body = { sha256: sha(PDF), mediaType: 'application/pdf', size: PDF.length };
    expect((await town.post('/v1/evidence', await town.as('village', 'village-01'), body)).status).toBe(200);
    for (const role of ['auditor', 'leader', 'subscriber', 'witness'] as const) {
      expect((await town.post('/v1/evidence', await town.as(role, 'office'), body)).status, role).toBe(403);
    }
  });

  test('read: those who may read what the event is about, and only by an event that names it', async () => {
    const { event, unit } = await found([JPEG]);
    const path = `/v1/evidence/${sha(JPEG)}?event=`;
    expect((await town.get(path + event, await town.as('village', 'village-01'))).status).toBe(200);
    expect((await town.get(path + event, await town.as('village', 'village-02'))).status).toBe(403);
    expect((await town.get(path + event, await town.as('district', 'district-fire'))).status).toBe(403);
    for (const other of [`unit/${unit}/1`, 'hazard/h_none/1', event.replace(/1$/, '9')]) {
      const { status, body } = await town.get(path + other, inspector);
      expect([status, body.type], other).toEqual([404, 'urn:daocha:problem:unknown-evidence']);
    }
    expect((await town.get(`/v1/evidence/${sha(JPEG)}`, inspector)).body).toMatchObject({ field: 'event' });
  });

  test('is on the access log with the unit, before the file leaves', async () => {
    const { event, unit } = await found([JPEG]);
    await town.get(`/v1/evidence/${sha(JPEG)}?event=${event}`, await town.as('auditor', 'district', 'p-auditor'));
    town.now.at = new Date(town.now.at.getTime() + 1000);
    const office = await town.as('office', 'office');
    const { body } = await town.get(`/v1/accesses?unit=${unit}&after=2025-01-01T00:00:00Z`, office);
    expect(body.items).toMatchObject([{ person: 'p-auditor', route: 'GET /v1/evidence/{sha256}', unit }]);
  });
});

describe('what is stored', () => {
  test('but was never put is said to be missing', async () => {
    const { event } = await found([photo]);
    const { status, body } = await town.get(`/v1/evidence/${sha(photo)}?event=${event}`, inspector);
    expect([status, body.type]).toEqual([404, 'urn:daocha:problem:evidence-missing']);
  });

  test('as a photo and holds something else is saved, never shown', async () => {
    const page = Buffer.from('<html><script>alert(1)</script>');
    expect((await put(await announce(page), page)).status).toBe(200);
    const { event } = await found([page]);
    const { headers } = await town.get(`/v1/evidence/${sha(page)}?event=${event}`, inspector);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${sha(page).slice(0, 16)}.bin"`,
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('an inspection whose answers name their photos', () => {
  const two = [JPEG, PDF];
  const inspect = async (answers: object[]): Promise<Answered> => {
    const office = await town.as('office', 'office');
    const unit = (await town.post('/v1/units', office, { name: 'U', area: 'village-01', tracks: ['gas'] })).body.id;
    return town.post('/v1/inspections', inspector, {
      unit,
      track: 'gas',
      mode: 'routine',
      answers,
      evidence: two.map((bytes) => ({ sha256: sha(bytes), mediaType: 'image/jpeg' })),
    });
  };
  const filesOf = async (id: string): Promise<string[]> => {
    const { body } = await town.get(`/v1/hazards/${id}`, inspector);
    return (body.events[0].evidence ?? []).map(({ sha256 }: { sha256: string }) => sha256);
  };

  test('gives each hazard its own, and the inspection all', async () => {
    const { body } = await inspect([
      { item: '1', clause: 'GAS-01', answer: 'problem', evidence: [sha(JPEG)] },
      { item: '2', clause: 'GAS-02', answer: 'problem' },
    ]);
    const [first, second] = body.findings as { hazard: string }[];
    expect(await filesOf(first!.hazard)).toEqual([sha(JPEG)]);
    expect(await filesOf(second!.hazard)).toEqual([]);
    const { body: inspection } = await town.get(`/v1/inspections/${body.id}`, inspector);
    expect(inspection.events[0].evidence).toHaveLength(2);
  });

  test('gives every hazard all, when none does', async () => {
    const { body } = await inspect([{ item: '1', clause: 'GAS-01', answer: 'problem' }]);
    expect(await filesOf(body.findings[0].hazard)).toEqual(two.map(sha));
  });

  test('names no file that the inspection does not', async () => {
    const { status, body } = await inspect([
      { item: '1', clause: 'GAS-01', answer: 'ok' },
      { item: '2', clause: 'GAS-02', answer: 'problem', evidence: ['0'.repeat(64)] },
    ]);
    expect([status, body.field]).toEqual([400, 'answers[1].evidence']);
  });
});

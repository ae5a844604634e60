// A district's own system answers a case: what it signs, what is refused and how, what is done once however often it is sent.
import { createHmac, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { beginStory, type Story } from '../../reading/case-file/story.ts';
import type { Answered } from './support.ts';

const DISTRICT = 'district-construction';
const KEY = randomBytes(32);
const whsec = (key: Buffer): string => `whsec_${key.toString('base64')}`;

let story: Story;
let escalation: string;

beforeEach(async () => {
  story = await beginStory();
  story.town.secrets.set(`district-webhooks/${DISTRICT}`, whsec(KEY));
  await story.at('2025-06-03T06:00:00.000Z', 'department', 'guijianban', `/v1/hazards/${story.hazard}/gradings`, {
    grade: 'major',
    basis: '随时可能爆燃',
  });
  escalation = await story.escalation();
});

interface Sent {
  id?: string;
  /** seconds from the time of the town */
  age?: number;
  key?: Buffer;
  district?: string;
  /** headers beside, or instead of, those that are right; undefined leaves one out */
  headers?: Record<string, string | undefined>;
  raw?: string | Buffer;
}

function deliver(body: object, sent: Sent = {}): Promise<Answered> {
  const { id = 'd-1', age = 0, key = KEY, district = DISTRICT, raw = JSON.stringify(body) } = sent;
  const timestamp = String(Math.floor(story.town.now.at.getTime() / 1000) - age);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest('base64');
  const all: Record<string, string | undefined> = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
    'content-type': 'application/json',
    ...sent.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return story.town.send('POST', `/v1/webhooks/districts/${district}`, {
    raw,
    headers,
  });
}
const accept = (more: object = {}) => ({ action: 'accept', escalation, reference: '青建〔2025〕3号', ...more });
const shown = async () =>
  (await story.town.get(`/v1/escalations/${escalation}`, await story.town.as('office', 'office'))).body;

describe('a signed delivery', () => {
  it('is UTF-8, has each key once and no number that is stored as another', async () => {
    const signed = Buffer.from(JSON.stringify(accept({ reference: '青建\xff' })), 'latin1');
    expect(await deliver({}, { raw: signed })).toMatchObject({ status: 400, body: { field: 'reference' } });
    const twice = JSON.stringify(accept()).replace('}', ',"reference":"乙"}');
    expect(await deliver({}, { raw: twice })).toMatchObject({ status: 400, body: { field: 'reference' } });
  });

  it('accepts, gives back, accepts again and decides a case, in the name of the district’s system', async () => {
    expect(await deliver(accept({ by: 'q-0417' }))).toMatchObject({ status: 200, body: { already: false, added: 1 } });
    expect(await shown()).toMatchObject({ status: 'accepted', accepted: { reference: '青建〔2025〕3号' } });
    const { events } = await shown();
    expect(events.at(-1)).toMatchObject({
      type: 'EscalationAccepted',
      actor: { person: `system:${DISTRICT}`, organisation: DISTRICT, onBehalfOf: 'q-0417' },
      device: 'webhook',
    });
    expect((await deliver({ action: 'return', escalation, missing: ['送达回证'] }, { id: 'd-2' })).status).toBe(200);
    expect(await shown()).toMatchObject({ status: 'returned', missing: ['送达回证'] });
    await story.at('2025-06-04T02:00:00.000Z', 'office', 'office', `/v1/escalations/${escalation}/materials`, {
      note: '已补',
    });
    expect((await deliver(accept(), { id: 'd-3' })).status).toBe(200);
    const decided = {
      action: 'resolve',
      escalation,
      decision: '责令停产停业整顿',
      decidedAt: '2025-06-04T10:00:00+08:00',
    };
    expect((await deliver(decided, { id: 'd-4' })).status).toBe(200);
    expect(await shown()).toMatchObject({
      status: 'resolved',
      decision: { decision: '责令停产停业整顿', decidedAt: '2025-06-04T02:00:00.000Z' },
    });
  });

  it('sent again does nothing again, and is answered as the first time, however much later it is signed', async () => {
    const once = await deliver(accept());
    const again = await deliver(accept());
    expect(again.body).toEqual({ ...once.body, already: true, added: 0 });
    story.town.now.at = new Date(story.town.now.at.getTime() + 86_400_000);
    expect((await deliver(accept())).body).toEqual(again.body);
    const commits = story.town.commits();
    expect(await deliver(accept({ reference: '另一个' }))).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:idempotency-key-reused' },
    });
    expect(story.town.commits()).toBe(commits);
  });

  it('sent twice at once works once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => deliver(accept())));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.filter(({ body }) => body.added === 1)).toHaveLength(1);
  });

  it('holds by any of two secrets while one is being replaced', async () => {
    const next = randomBytes(32);
    story.town.secrets.set(`district-webhooks/${DISTRICT}`, `${whsec(KEY)} ${whsec(next)}`);
    expect((await deliver(accept(), { key: next })).status).toBe(200);
    expect((await deliver(accept(), { key: KEY })).body).toMatchObject({ already: true });
  });

  it('may carry several signatures, of which one has to hold', async () => {
    const answer = await deliver(accept(), { key: KEY });
    expect(answer.status).toBe(200);
    const body = JSON.stringify(accept());
    const timestamp = String(Math.floor(story.town.now.at.getTime() / 1000));
    const good = createHmac('sha256', KEY).update(`d-9.${timestamp}.${body}`).digest('base64');
    const headers = { 'webhook-signature': `v2,xx v1,${Buffer.alloc(32).toString('base64')} v1,${good}` };
    expect((await deliver(accept(), { id: 'd-9', headers })).status).toBe(200);
  });
});

describe('is refused, and leaves nothing behind:', () => {
  const cases: [string, () => Promise<Answered>, number, string, string | undefined][] = [
    ['no id', () => deliver(accept(), { headers: { 'webhook-id': undefined } }), 401, 'webhook-unsigned', 'webhook-id'],
    ['an id with blanks', () => deliver(accept(), { id: 'a b' }), 401, 'webhook-unsigned', 'webhook-id'],
    [
      'no time',
      () => deliver(accept(), { headers: { 'webhook-timestamp': undefined } }),
      401,
      'webhook-unsigned',
      'webhook-timestamp',
    ],
    [
      'a time in words',
      () => deliver(accept(), { headers: { 'webhook-timestamp': '2025-06-03T06:00:00Z' } }),
      401,
      'webhook-unsigned',
      'webhook-timestamp',
    ],
    [
      'no signature',
      () => deliver(accept(), { headers: { 'webhook-signature': undefined } }),
      401,
      'webhook-unsigned',
      'webhook-signature',
    ],
    [
      'a signature with another key',
      () => deliver(accept(), { key: randomBytes(32) }),
      401,
      'webhook-signature',
      'webhook-signature',
    ],
    [
      'a signature of another kind',
      () => deliver(accept(), { headers: { 'webhook-signature': 'sha256=00' } }),
      401,
      'webhook-signature',
      'webhook-signature',
    ],
    [
      'a signature over another id',
      () => deliver(accept(), { headers: { 'webhook-id': 'd-2' } }),
      401,
      'webhook-signature',
      'webhook-signature',
    ],
    ['one too old', () => deliver(accept(), { age: 301 }), 401, 'webhook-stale', 'webhook-timestamp'],
    ['one from the future', () => deliver(accept(), { age: -301 }), 401, 'webhook-stale', 'webhook-timestamp'],
    [
      'a district without a secret',
      () => deliver(accept(), { district: 'district-fire' }),
      401,
      'webhook-signature',
      'webhook-signature',
    ],
    ['garbage', () => deliver({}, { raw: '{"action": "acc' }), 400, 'invalid-input', 'body'],
    [
      'another content type',
      () => deliver(accept(), { headers: { 'content-type': 'text/plain' } }),
      415,
      'unsupported-media-type',
      'Content-Type',
    ],
    ['an unknown action', () => deliver({ action: 'close', escalation }), 400, 'invalid-input', 'action'],
    ['an unknown field', () => deliver(accept({ status: 'accepted' })), 400, 'invalid-input', 'status'],
    ['a name instead of a reference', () => deliver(accept({ by: '某某' })), 400, 'invalid-input', 'by'],
    ['an unknown case', () => deliver(accept({ escalation: 'e_none' })), 404, 'unknown-escalation', 'escalation'],
    [
      'a decision before the case was accepted',
      () => deliver({ action: 'resolve', escalation, decision: 'd' }),
      422,
      'wrong-transition',
      'status',
    ],
    ['too much', () => deliver({}, { raw: ' '.repeat(300_000) }), 413, 'too-large', 'body'],
  ];

  test.each(cases)('%s', async (_, send, status, type, field) => {
    const before = story.town.commits();
    const { status: found, body } = await send();
    expect({ found, type: body.type, field: body.field }).toEqual({
      found: status,
      type: `urn:daocha:problem:${type}`,
      field,
    });
    expect(body.expected, 'what would be right').toBeTruthy();
    expect(JSON.stringify(body)).not.toContain(KEY.toString('base64'));
    expect(story.town.commits()).toBe(before);
  });

  it('another district’s case, though the signature holds', async () => {
    const other = randomBytes(32);
    story.town.secrets.set('district-webhooks/district-fire', whsec(other));
    const answer = await deliver(accept(), { district: 'district-fire', key: other });
    expect(answer).toMatchObject({ status: 403, body: { type: 'urn:daocha:problem:foreign-organisation' } });
  });

  it.each([
    ['whsec_short', /^is not right; must be whsec_/],
    ['not a secret', /^is not right; must be whsec_/],
    ['“whsec_x', /^has a quotation mark \(U\+201C\) at its beginning; must be whsec_/],
    [whsec(Buffer.alloc(8)), /^is not right; must be whsec_/],
  ])('a secret that is none (%s), and the operator is told why', async (secret, why) => {
    story.town.secrets.set(`district-webhooks/${DISTRICT}`, secret);
    expect((await deliver(accept())).status).toBe(401);
    expect(story.town.logged).toContainEqual({
      message: 'a delivery came for an organisation without a usable webhook secret',
      facts: { organisation: DISTRICT, why: expect.stringMatching(why) as string },
    });
  });

  it('a body that was changed on the way', async () => {
    const headers: Record<string, string> = {};
    const timestamp = String(Math.floor(story.town.now.at.getTime() / 1000));
    const signed = JSON.stringify(accept());
    headers['webhook-signature'] =
      `v1,${createHmac('sha256', KEY).update(`d-1.${timestamp}.${signed}`).digest('base64')}`;
    expect((await deliver(accept({ reference: '改' }), { headers })).body.type).toBe(
      'urn:daocha:problem:webhook-signature',
    );
  });
});

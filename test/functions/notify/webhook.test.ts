// The generic webhook: what a receiver gets and how it checks it, and the registry of channels that says where it goes.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webhook } from '../../../functions/notify/webhook.ts';
import { event, messageOf, noticeOf, NOW, reminder, says, sendDeps, startServer, type TestServer } from './support.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const message = messageOf([noticeOf(reminder()), noticeOf(reminder(0, {}, {}, 'h_2', 9))]);
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.arrived.length = 0;
});
const send = (timeoutMs = 2_000, address = server.address) =>
  webhook.send({ kind: 'webhook', url: `${address}/in?tenant=7`, secret: SECRET }, message, {
    ...sendDeps(),
    timeoutMs,
  });

/** As Standard Webhooks asks a receiver to. */
function verified({ headers, text }: TestServer['arrived'][number], secret: string): boolean {
  const content = `${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${text}`;
  const expected = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(content)
    .digest();
  return (headers['webhook-signature'] as string).split(' ').some((part) => {
    const given = Buffer.from(part.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

describe('a webhook', () => {
  it('gets a CloudEvents batch, each event with its position in the log', async () => {
    server.answer = says({ received: 2 }, 202);
    expect(await send()).toEqual({ kind: 'taken', answer: 'HTTP 2xx {"received":2}' });
    const [{ headers, text, url }] = server.arrived as [TestServer['arrived'][number]];
    expect(url.pathname + url.search).toBe('/in?tenant=7');
    expect(headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
    expect(JSON.parse(text)).toMatchObject([
      { specversion: '1.0', id: 'hazard/h_1/6', type: 'daocha.ReminderIssued.v1', position: 6, unit: 'u_1' },
      { id: 'hazard/h_2/9', data: { workingDays: 0 } },
    ]);
  });

  it('can tell that the call is ours, untouched, and when it was made', async () => {
    server.answer = says('', 204);
    expect(await send()).toEqual({ kind: 'taken', answer: 'HTTP 2xx' });
    const [call] = server.arrived as [TestServer['arrived'][number]];
    expect(call.headers['webhook-timestamp']).toBe(String(NOW.getTime() / 1000));
    expect(verified(call, SECRET)).toBe(true);
    expect(verified({ ...call, text: `${call.text} ` }, SECRET)).toBe(false);
    expect(verified(call, `whsec_${Buffer.from('f'.repeat(32)).toString('base64')}`)).toBe(false);
  });

  it('gets the same id whenever the message is sent again', async () => {
    server.answer = says('', 500);
    await send();
    await send();
    expect(server.arrived.map(({ headers }) => headers['webhook-id'])).toEqual([message.id, message.id]);
  });

  it.each([
    [429, 'again'],
    [500, 'again'],
    [400, 'refused'],
    [410, 'refused'],
    [301, 'refused'],
  ])('that answers %i: %s', async (status, kind) => {
    server.answer = says(`no ${SECRET}`, status, { location: '/elsewhere' });
    const outcome = await send();
    expect(outcome).toMatchObject({ kind, error: `HTTP ${status} no ***` });
  });

  it.each(['Message timestamp too old', 'Message timestamp too new', '{"type":"urn:daocha:problem:webhook-stale"}'])(
    'whose receiver finds our time wrong (%s) is tried again, and the operator told',
    async (text) => {
      server.answer = says(text, 400);
      expect(await send()).toMatchObject({ kind: 'again', error: expect.stringMatching(/时钟.*HTTP 400/) });
    },
  );

  it('that never answers is not waited for', async () => {
    server.answer = () => {};
    expect(await send(60)).toEqual({ kind: 'again', error: 'no answer within 0.06 s' });
  });

  it('that stops in the middle of its answer is not waited for', async () => {
    server.answer = (response) => response.writeHead(200, { 'content-length': '100' }).write('re');
    expect(await send(60)).toMatchObject({ kind: 'again' });
  });

  it('that cuts the connection may take the message later', async () => {
    server.answer = (response) => response.destroy();
    expect(await send()).toMatchObject({ kind: 'again', error: expect.stringMatching(/no answer/) });
  });

  it('that does not speak HTTP may come to its senses', async () => {
    const babble = createServer((socket) => socket.end('\u0000 what?\r\n\r\n')).listen(0, '127.0.0.1');
    await once(babble, 'listening');
    const { port } = babble.address() as AddressInfo;
    expect(await send(undefined, `http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'again',
      error: expect.stringMatching(/^no answer: /),
    });
    babble.close();
  });

  it.each([
    ['429', { 'retry-after': '30' }, { afterMs: 30_000, limited: true }],
    ['503', { 'retry-after': 'Thu, 15 May 2025 00:35:00 GMT' }, { afterMs: 300_000 }],
    ['503', { 'retry-after': 'soon' }, {}],
  ])('that is too busy (%s, %j) says how long, where it makes sense', async (status, headers, expected) => {
    server.answer = says('', Number(status), headers);
    const outcome = await send();
    expect(outcome).toEqual({ kind: 'again', error: `HTTP ${status}`, ...expected });
  });

  it('may say whatever it likes with a 2xx: it has the message', async () => {
    server.answer = says('<html>thank you</html>', 200, { 'content-type': 'text/html' });
    expect(await send()).toMatchObject({ kind: 'taken' });
  });

  it('gets at most 256 KB at once', () => {
    const missing = Array.from({ length: 20 }, () => '补'.repeat(2000));
    const returned = {
      type: 'EscalationReturned',
      data: { hazard: 'h_1', to: 'd', before: 'submitted', after: 'returned', missing, by: 'p' },
    };
    const notice = noticeOf(event('escalation', 'e_1', returned as never));
    expect(webhook.fits(messageOf([notice]))).toBe(true);
    expect(webhook.fits(messageOf([notice, notice, notice]))).toBe(false);
  });
});

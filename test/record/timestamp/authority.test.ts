// Asking an authority that answers well, badly, with something else, too much, or never.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NotAnswered } from '../../../shared/record/http-exchange.ts';
import { stamp } from '../../../shared/record/timestamp/authority.ts';
import { parseTimeStampRequest, timeStampRequest } from '../../../shared/record/timestamp/request.ts';
import { serveAnswers, type Answering, type Served } from '../../support/answering.ts';
import { hasOpenssl, makeAuthority, opensslNotice, type Authority } from '../../support/authority.ts';

const data = Buffer.from('a checkpoint');
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

async function ask(answering: Answering, timeout?: number): Promise<unknown> {
  served = await serveAnswers(answering);
  return stamp(data, { url: served.url, random, ...(timeout === undefined ? {} : { timeout }) });
}

describe('an authority that does not do as it should', () => {
  it.each<[what: string, answering: Answering, reason: string]>([
    ['garbage', () => ({ body: 'garbage' }), 'malformed'],
    ['nothing', () => ({ body: '' }), 'malformed'],
    ['the request itself', (body) => ({ body }), 'malformed'],
  ])('answers %s: refused as %s', async (_, answering, reason) => {
    await expect(ask(answering)).rejects.toThrow(expect.objectContaining({ reason }));
  });

  it.each<[what: string, answering: Answering, message: RegExp]>([
    ['500', () => ({ status: 500, body: 'out of order' }), /^http:\/\/127\.0\.0\.1:\d+ answered 500$/u],
    ['a redirect', () => ({ status: 302 }), /answered 302/u],
    ['without end', () => ({ body: new Uint8Array(100_000) }), /more than 65536 bytes/u],
  ])('answers %s: not taken for an answer', async (_, answering, message) => {
    const asked = ask(answering);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow(NotAnswered);
  });

  it('never answers: given up after the time allowed', async () => {
    await expect(ask(() => undefined, 50)).rejects.toThrow(/did not answer within 0\.05 s/u);
  });

  it('is not there', async () => {
    served = await serveAnswers(() => ({}));
    await served.stop();
    await expect(stamp(data, { url: served.url, random })).rejects.toThrow(/cannot be reached: ECONNREFUSED/u);
  });
});

describe.skipIf(!hasOpenssl)(`an authority made with openssl${opensslNotice}`, () => {
  let authority: Authority;
  beforeAll(() => {
    authority = makeAuthority();
  });
  afterAll(() => authority.remove());

  it('stamps: the answer is over the data and to this request', async () => {
    const stamped = await ask((body) => ({ body: authority.reply(body) }));
    expect(stamped).toMatchObject({ authority: expect.stringContaining('Time Stamps') as string, trusted: false });
  });

  it('an old answer given again is refused', async () => {
    let first: Uint8Array | undefined;
    const replaying: Answering = (body) => ({ body: (first ??= authority.reply(body)) });
    served = await serveAnswers(replaying);
    const deps = { url: served.url, random };
    const { tsq } = await stamp(data, deps);
    expect(parseTimeStampRequest(tsq).nonce).toMatch(/^[0-9a-f]{16}$/u);
    await expect(stamp(data, deps)).rejects.toThrow(expect.objectContaining({ reason: 'other-request' }));
  });

  it('an answer about something else is refused', async () => {
    const other = authority.reply(timeStampRequest(Buffer.from('x'), random(8)));
    await expect(ask(() => ({ body: other }))).rejects.toThrow(expect.objectContaining({ reason: 'other-data' }));
  });
});

// Time stamps against an authority made with openssl: what holds, and each thing that can be wrong with one, told apart.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as asn1js from 'asn1js';
import * as fc from 'fast-check';
import { ContentInfo, PKIStatusInfo, SignedData, TimeStampResp } from 'pkijs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TimeStampRejected } from '../../../shared/record/timestamp/errors.ts';
import { parseTimeStampRequest, timeStampRequest } from '../../../shared/record/timestamp/request.ts';
import { verifyTimeStamp, type TimeStampCheck } from '../../../shared/record/timestamp/verify.ts';
import { hasOpenssl, makeAuthority, opensslNotice, type Authority } from '../../support/authority.ts';
import { flipped } from '../tlog/logs.ts';

const data = Buffer.from('liantang.example/log\n7\nHgAA…\n');
const nonce = new Uint8Array(8).fill(0xff);
const ber = (schema: { toBER: () => ArrayBuffer }): Uint8Array => new Uint8Array(schema.toBER());

describe('a request', () => {
  it('is DER with a positive nonce, whatever the random bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (random) => {
        const { nonce: asked, digest } = parseTimeStampRequest(timeStampRequest(data, random));
        expect(digest).toHaveLength(32);
        expect(asked).toMatch(/^[4-7][0-9a-f]{15}$/u);
      }),
    );
  });

  it.each([
    ['cut off', timeStampRequest(data, nonce).subarray(0, 40)],
    ['with something behind it', new Uint8Array([...timeStampRequest(data, nonce), 0])],
    ['empty', new Uint8Array()],
    ['text', Buffer.from('no request')],
  ])('that is %s is told', (_, der) => {
    expect(() => parseTimeStampRequest(der)).toThrow(expect.objectContaining({ reason: 'malformed' }));
  });
});

const refusals: [what: string, status: number, text: string, message: RegExp][] = [
  ['rejection', 2, 'not in our hours', /rejected.*not in our hours/u],
  ['waiting', 3, 'come again', /waiting.*come again/u],
];

it.each(refusals)('an answer with the status %s says what the authority says', async (_, status, said, message) => {
  const refused = new TimeStampResp({
    status: new PKIStatusInfo({ status, statusStrings: [new asn1js.Utf8String({ value: said })] }),
  });
  await expect(verifyTimeStamp({ tsr: ber(refused.toSchema()), data })).rejects.toThrow(
    expect.objectContaining({ reason: 'not-granted', message: expect.stringMatching(message) as string }),
  );
});

describe.skipIf(!hasOpenssl).each(['rsa', 'ec'] as const)(
  `an authority with a key of kind %s${opensslNotice}`,
  (kind) => {
    let authority: Authority;
    let stranger: Authority;
    let tsq: Uint8Array;
    let tsr: Uint8Array;

    beforeAll(() => {
      authority = makeAuthority(kind);
      stranger = makeAuthority(kind);
      // before anything is stamped: a certificate must have been valid at the time stamped
      authority.issue('careless', { as: 'careless' });
      authority.issue('second');
      authority.issue('leaf', { as: 'careless' });
      authority.issue('forged', { by: 'leaf' });
      tsq = timeStampRequest(data, nonce);
      tsr = authority.reply(tsq);
    });
    afterAll(() => {
      authority.remove();
      stranger.remove();
    });

    const reasonOf = async (change: Partial<TimeStampCheck>): Promise<string> => {
      try {
        await verifyTimeStamp({ tsr, tsq, data, ca: authority.ca, ...change });
        return 'holds';
      } catch (error) {
        if (!(error instanceof TimeStampRejected)) throw error;
        return error.reason;
      }
    };

    /** A token with another signer, over the same time stamp, as an answer. */
    function resigned(signer: string, { certfile }: { certfile?: string } = {}): Uint8Array {
      const { timeStampToken } = TimeStampResp.fromBER(tsr);
      const info = new SignedData({ schema: timeStampToken!.content as asn1js.AsnType }).encapContentInfo.eContent!;
      writeFileSync(join(authority.dir, 'info.der'), new Uint8Array(info.getValue()));
      const key = ['-signer', `${signer}.pem`, '-inkey', `${signer}.key`, ...(certfile ? ['-certfile', certfile] : [])];
      const content = ['-in', 'info.der', '-binary', '-nodetach', '-econtent_type', '1.2.840.113549.1.9.16.1.4'];
      authority.openssl('cms', '-sign', ...content, ...key, '-cades', '-outform', 'DER', '-out', 'token.der');
      const token = ContentInfo.fromBER(new Uint8Array(readFileSync(join(authority.dir, 'token.der'))));
      return ber(new TimeStampResp({ status: new PKIStatusInfo({ status: 0 }), timeStampToken: token }).toSchema());
    }

    it('is taken, with its time, its name and its policy', async () => {
      const verified = await verifyTimeStamp({ tsr, tsq, data, ca: authority.ca });
      expect(verified).toMatchObject({
        authority: 'C=CN, O=District Test Authority, CN=Time Stamps',
        policy: '1.2.3.4.1',
        serial: '02',
        trusted: true,
      });
      const said = execFileSync('openssl', ['ts', '-reply', '-in', '1.tsr', '-text'], { cwd: authority.dir });
      const [, stated] = /Time stamp: (.+)/u.exec(said.toString())!;
      expect(verified.time).toEqual(new Date(stated!));
    });

    it('openssl takes what we asked and what it answered', () => {
      writeFileSync(join(authority.dir, 'data'), data);
      const verify = (...args: string[]): string =>
        execFileSync('openssl', ['ts', '-verify', '-in', '1.tsr', '-CAfile', 'ca.pem', ...args], {
          cwd: authority.dir,
          stdio: ['ignore', 'pipe', 'ignore'],
        }).toString();
      expect(verify('-data', 'data')).toContain('Verification: OK');
      expect(verify('-queryfile', '1.tsq')).toContain('Verification: OK');
    });

    it('without a CA it says that nobody vouches for the signer', async () => {
      expect(await verifyTimeStamp({ tsr, data })).toMatchObject({ trusted: false });
    });

    it('another CA, a file without a certificate, a certificate that is none: untrusted', async () => {
      expect(await reasonOf({ ca: stranger.ca })).toBe('untrusted');
      expect(await reasonOf({ ca: 'no certificate' })).toBe('untrusted');
      expect(await reasonOf({ ca: authority.ca.replace(/\n.*\n/u, '\n') })).toBe('untrusted');
      expect(await reasonOf({ ca: stranger.ca + authority.ca })).toBe('holds');
    });

    it('over other data, or for another request', async () => {
      expect(await reasonOf({ data: Buffer.from('another checkpoint') })).toBe('other-data');
      expect(await reasonOf({ tsq: timeStampRequest(data, new Uint8Array(8)) })).toBe('other-request');
      expect(await reasonOf({ tsq: timeStampRequest(Buffer.from('x'), nonce) })).toBe('other-request');
    });

    it('a certificate that is not for time-stamping', async () => {
      expect(await reasonOf({ tsr: resigned('careless') })).toBe('wrong-purpose');
    });

    it('signed again by an authority with the right purpose holds: the same means make it', async () => {
      expect(await reasonOf({ tsr: resigned('second') })).toBe('holds');
    });

    it('a certificate issued by one that is no CA', async () => {
      expect(await reasonOf({ tsr: resigned('forged', { certfile: 'leaf.pem' }) })).toBe('untrusted');
    });

    it('cut off anywhere: malformed', async () => {
      for (const length of [0, 1, 5, 100, tsr.length - 1]) {
        expect(await reasonOf({ tsr: tsr.subarray(0, length) }), String(length)).toBe('malformed');
      }
      expect(await reasonOf({ tsr: new Uint8Array([...tsr, 0]) })).toBe('malformed');
    });

    it('with any bit changed it is refused with a reason, or says the same as before', async () => {
      const before = await verifyTimeStamp({ tsr, data, ca: authority.ca });
      const bits = Array.from({ length: tsr.length * 8 }, (_, bit) => bit).filter((bit) => bit % 23 === 0);
      const outcomes: unknown[] = [];
      for (const bit of bits) {
        const checked = verifyTimeStamp({ tsr: flipped(tsr, bit), data, ca: authority.ca });
        outcomes.push(await checked.catch((error: unknown) => error));
      }
      const taken = outcomes.filter((outcome) => !(outcome instanceof TimeStampRejected));
      expect(taken).toEqual(taken.map(() => before));
      // the rest: the CA's certificate beside it, which nobody needs to believe
      expect(taken.length / bits.length).toBeLessThan(0.4);
    });
  },
);

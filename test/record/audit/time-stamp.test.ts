// Bundles with cosignatures and a time stamp: what is in them, that openssl takes it, and each thing that can be wrong with it, named.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { writeBundle, type BundleSource } from '../../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../../shared/record/audit/files.ts';
import { MANIFEST, manifestLine } from '../../../shared/record/audit/layout.ts';
import { EXIT_CODES, problemLine } from '../../../shared/record/audit/problem.ts';
import { verifyBundle } from '../../../shared/record/audit/verify.ts';
import { addCosignatures, cosignatureVerifier } from '../../../shared/record/tlog/cosignature.ts';
import { formatVkey } from '../../../shared/record/tlog/vkey.ts';
import { timeStampRequest } from '../../../shared/record/timestamp/request.ts';
import { formatAddCheckpoint } from '../../../shared/record/witness/protocol.ts';
import { hasOpenssl, makeAuthority, opensslNotice, type Authority } from '../../support/authority.ts';
import { flipped } from '../tlog/logs.ts';
import { SIGNED_AT, TestWitness } from '../witness/logs.ts';
import { sourceOf, temporary, Town, vkey } from './town.ts';

const town = new Town(300);
const witness = new TestWitness(); // of the town's log: the same origin and key
const witnessKey = formatVkey(witness.vkey);
const { dir, remove } = temporary();
let source: BundleSource;
let signed: string;

beforeAll(async () => {
  const made = await sourceOf(town.events);
  signed = made.checkpoint;
  const { body } = await witness.answer(formatAddCheckpoint({ old: 0, proof: [], checkpoint: signed }));
  const cosigned = await addCosignatures(signed, body, [cosignatureVerifier(witness.vkey)]);
  source = { ...made.source, checkpoint: async () => cosigned, witnesses: async () => [witnessKey] };
});
afterAll(remove);

/** Makes the manifest fit what is there: who changes a file can do that too. */
function remanifest(at: string): void {
  const files = new BundleFiles(at);
  const lines = files.list().filter((path) => path !== MANIFEST);
  files.writeChunks(
    MANIFEST,
    lines.map((path) => manifestLine(path, files.sum(path)!)),
  );
}

test('cosignatures are in the checkpoint, the proofs and the policy, and one that is wrong is named', async () => {
  const at = `${dir}-cosigned`;
  await writeBundle(source, { dir: at, scope: { kind: 'unit', unit: 'u_3' } });
  expect(readFileSync(join(at, 'policy'), 'utf8')).toBe(
    `log ${vkey}\nwitness ${witness.deps.name} ${witnessKey}\nquorum none\n`,
  );
  const holding = { holds: true, cosignatures: [{ witness: witness.deps.name, time: SIGNED_AT }] };
  expect(await verifyBundle(at, { vkey })).toMatchObject(holding);
  expect(await verifyBundle(at, { vkey, witnesses: [witnessKey] })).toMatchObject(holding);
  const other = formatVkey(new TestWitness('other.example', 3).vkey);
  expect((await verifyBundle(at, { vkey, witnesses: [other] })).problems[0]).toMatchObject({ kind: 'witness' });
  const path = join(at, 'log/checkpoint');
  const note = readFileSync(path, 'utf8');
  writeFileSync(path, note.slice(0, -9) + (note.at(-9) === 'A' ? 'B' : 'A') + note.slice(-8));
  remanifest(at);
  expect((await verifyBundle(at, { vkey })).problems[0]).toMatchObject({
    kind: 'altered',
    where: 'log/checkpoint',
    message: expect.stringContaining(witness.deps.name) as string,
  });
});

test('a witness that does not exist is no reason to refuse: the platform only names those that there may be', async () => {
  const at = `${dir}-none`;
  await writeBundle(
    { ...source, checkpoint: async () => signed },
    { dir: at, scope: { kind: 'range', from: 0, to: 3 } },
  );
  expect(await verifyBundle(at, { vkey })).toMatchObject({ holds: true, cosignatures: [] });
  const [problem] = (await verifyBundle(at, { vkey, tsaCa: CERTIFICATE })).problems;
  expect(problemLine(problem!)).toBe(
    'time-stamp: time/checkpoint.tsr: log/checkpoint has no time stamp, and one was asked for',
  );
  expect(EXIT_CODES[problem!.kind]).toBe(21);
  await expect(verifyBundle(at, { vkey, tsaCa: 'no certificate' })).rejects.toThrow(/no certificate \(PEM\)/u);
});

/** Of nobody in particular: a CA that has stamped nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkzCCATmgAwIBAgIUB/QqhYclPxwMqUaDKDHnOf9kCDIwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUTm9ib2R5IGluIHBhcnRpY3VsYXIwHhcNMjYxMTI0MTUwMTQ3
WhcNMzYxMTIxMTUwMTQ3WjAfMR0wGwYDVQQDDBROb2JvZHkgaW4gcGFydGljdWxh
cjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHVAInoGx58L9ZlqA3z6AZ32mo2z
FDaMabqNL1pbOgiOjaPAxJ5EzcwJAr3LIq3IJ/7tlGTO2vWWbVN8R7FyP7yjUzBR
MB0GA1UdDgQWBBT+JkzmbdNYh3yk31Hyz2aNj8LAazAfBgNVHSMEGDAWgBT+Jkzm
bdNYh3yk31Hyz2aNj8LAazAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA
MEUCIGmaYSRQxRy1ydKKdDPf9b+ZtQ5PpEKwHvUxru0w8Au3AiEA76+O9CkEmo6R
eFu5+tc/6BfOccuzKp5lPyjKwubJ694=
-----END CERTIFICATE-----`;

describe.skipIf(!hasOpenssl)(`a bundle with a time stamp${opensslNotice}`, () => {
  let authority: Authority;
  let stranger: Authority;

  beforeAll(async () => {
    authority = makeAuthority('ec');
    stranger = makeAuthority('ec');
    const tsq = timeStampRequest(Buffer.from(signed), new Uint8Array(8).fill(7));
    const stamped = { ...source, timeStamp: async () => ({ tsq, tsr: authority.reply(tsq) }) };
    await writeBundle(stamped, { dir, scope: { kind: 'range', from: 10, to: 19 } });
  });
  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  it('holds, and says when and by whom; with the CA that is certain', async () => {
    expect(await verifyBundle(dir, { vkey })).toMatchObject({ holds: true, timeStamp: { trusted: false } });
    expect(await verifyBundle(dir, { vkey, tsaCa: authority.ca, witnesses: [witnessKey] })).toMatchObject({
      holds: true,
      timeStamp: { trusted: true, authority: expect.stringContaining('District Test Authority') as string },
    });
  });

  it('openssl takes it, by the file that was stamped and by the request', () => {
    const verify = (...how: string[]): string =>
      execFileSync('openssl', ['ts', '-verify', ...how, '-in', 'time/checkpoint.tsr', '-CAfile', authority.caFile], {
        cwd: dir,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString();
    expect(verify('-data', 'time/checkpoint')).toContain('Verification: OK');
    expect(verify('-queryfile', 'time/checkpoint.tsq')).toContain('Verification: OK');
  });

  const changed = async (change: (at: string) => void, tsaCa?: string) => {
    const at = `${dir}-changed`;
    rmSync(at, { recursive: true, force: true });
    cpSync(dir, at, { recursive: true });
    change(at);
    remanifest(at);
    return (await verifyBundle(at, { vkey, ...(tsaCa === undefined ? {} : { tsaCa }) })).problems.map(problemLine);
  };
  const tsr = (at: string): string => join(at, 'time/checkpoint.tsr');

  it.each<[what: string, change: (at: string) => void, line: RegExp]>([
    [
      'an answer cut off',
      (at) => writeFileSync(tsr(at), readFileSync(tsr(at)).subarray(0, 500)),
      /^time-stamp: time\/checkpoint\.tsr: malformed: /u,
    ],
    ['an empty answer', (at) => writeFileSync(tsr(at), ''), /^time-stamp: time\/checkpoint\.tsr: malformed: /u],
    ['no answer', (at) => rmSync(tsr(at)), /^missing: time\/checkpoint\.tsr: /u],
    ['no request', (at) => rmSync(join(at, 'time/checkpoint.tsq')), /^missing: time\/checkpoint\.tsq: /u],
    ['no stamped checkpoint', (at) => rmSync(join(at, 'time/checkpoint')), /^missing: time\/checkpoint: /u],
    [
      'an answer about something else',
      (at) => writeFileSync(tsr(at), authority.reply(timeStampRequest(Buffer.from('x'), new Uint8Array(8)))),
      /^time-stamp: time\/checkpoint\.tsr: other-data: /u,
    ],
    [
      'another request',
      (at) => writeFileSync(join(at, 'time/checkpoint.tsq'), timeStampRequest(Buffer.from(signed), new Uint8Array(8))),
      /^time-stamp: time\/checkpoint\.tsq: other-request: /u,
    ],
    [
      'another checkpoint beside it',
      (at) => writeFileSync(join(at, 'time/checkpoint'), signed.replace('\n300\n', '\n301\n')),
      /^time-stamp: time\/checkpoint: it is not log\/checkpoint/u,
    ],
    [
      'a changed signature',
      (at) => writeFileSync(tsr(at), flipped(readFileSync(tsr(at)), readFileSync(tsr(at)).length * 8 - 1)),
      /^time-stamp: time\/checkpoint\.tsr: bad-signature: /u,
    ],
    [
      'a file that does not belong there',
      (at) => writeFileSync(join(at, 'time/ca.pem'), authority.ca),
      /^extra: time\/ca\.pem: /u,
    ],
  ])('with %s: that is named', async (_, change, line) => {
    const problems = await changed(change, authority.ca);
    expect(problems[0]).toMatch(line);
  });

  it('by an authority of another CA: that is named', async () => {
    expect((await changed(() => {}, stranger.ca))[0]).toMatch(/^time-stamp: time\/checkpoint\.tsr: untrusted: /u);
    const forge = (at: string): void =>
      writeFileSync(tsr(at), stranger.reply(readFileSync(join(at, 'time/checkpoint.tsq'))));
    expect(await changed(forge)).toEqual([]); // without a CA nobody can tell
    expect((await changed(forge, authority.ca))[0]).toMatch(/untrusted/u);
  });

  it('any change to a file of it is seen by the manifest at least', async () => {
    for (const name of ['checkpoint', 'checkpoint.tsq', 'checkpoint.tsr']) {
      const path = join(dir, 'time', name);
      const before = readFileSync(path);
      for (let bit = 0; bit < before.length * 8; bit += 397) {
        writeFileSync(path, flipped(before, bit));
        const { problems } = await verifyBundle(dir, { vkey });
        expect(
          problems.map(({ where }) => where),
          `${name} bit ${bit}`,
        ).toContain(`time/${name}`);
      }
      writeFileSync(path, before);
    }
    expect(await verifyBundle(dir, { vkey })).toMatchObject({ holds: true });
  });
});

// A run asks witnesses and the time-stamping authority about the latest checkpoint. Whatever they do, nothing is held up, it is
// known since when they fail, and the next run tries again.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attest, type AttestDeps } from '../../../shared/record/attest/attest.ts';
import { cosignaturesOf, latestCosignature } from '../../../shared/record/attest/cosignatures.ts';
import { standings } from '../../../shared/record/attest/progress.ts';
import { latestTimeStamp, timeStampOf } from '../../../shared/record/attest/timestamps.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { checkpointOf } from '../../../shared/record/seal/checkpoints.ts';
import { verifyTimeStamp } from '../../../shared/record/timestamp/verify.ts';
import { serveAnswers, type Answering, type Served } from '../../support/answering.ts';
import { hasOpenssl, makeAuthority, opensslNotice, type Authority } from '../../support/authority.ts';
import { store } from '../log/commits.ts';
import { SealedTown } from '../seal/support.ts';
import type { TestWitness } from '../witness/logs.ts';
import { itemsIn, MemoryArchive, sealed, witnessOf } from './support.ts';

const MINUTE = 60_000;
const served: Served[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.stop()));
});
const serve = async (answering: Answering): Promise<Served> => {
  const server = await serveAnswers(answering);
  served.push(server);
  return server;
};
const by =
  (witness: TestWitness): Answering =>
  (body) =>
    witness.answer(body);

function depsOf(town: SealedTown, changed: Partial<AttestDeps> = {}): AttestDeps {
  return {
    log: town.log,
    archive: new MemoryArchive(),
    witnesses: [],
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    timeout: 2000,
    ...changed,
  };
}
const later = (town: SealedTown, ms: number): void => {
  town.now = new Date(town.now.getTime() + ms);
};

describe('witnesses that take requests', () => {
  it('cosign the latest checkpoint, from the last that they have seen, and are not asked again about it', async () => {
    const [town, witness] = [new SealedTown(), witnessOf()];
    const server = await serve(by(witness));
    const deps = depsOf(town, { witnesses: [{ vkey: witness.vkey, url: server.url }] });
    expect(await attest(deps)).toMatchObject({ witnesses: [] });
    await sealed(town, 5);
    expect(await attest(deps)).toMatchObject({ witnesses: [{ who: witness.deps.name, outcome: 'done' }] });
    for (const events of [1, 300, 700]) {
      await sealed(town, events);
      await attest(deps);
    }
    expect(server.asked()).toBe(4);
    expect(await latestCosignature(town.log)).toMatchObject({ size: 1006 });
    expect(await attest(deps)).toMatchObject({ witnesses: [{ outcome: 'nothing-new' }] });
    expect(server.asked()).toBe(4);
    expect(witness.answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('that were asked by others, or by a run whose memory is lost, are asked from what they know', async () => {
    const [town, witness] = [new SealedTown(), witnessOf()];
    const server = await serve(by(witness));
    const deps = depsOf(town, { witnesses: [{ vkey: witness.vkey, url: server.url }] });
    await sealed(town, 5);
    await attest(deps);
    for (const { pk, sk } of itemsIn(town, 'attest')) town.fake.unseed('log', { pk: pk!, sk: sk! });
    await sealed(town, 6);
    expect(await attest(deps)).toMatchObject({ witnesses: [{ outcome: 'done' }] });
    expect(witness.answers.map(({ status }) => status)).toEqual([200, 409, 200]);
  });

  it('one that is silent holds up neither the other nor the copies; it is known since when', async () => {
    const [town, good, silent, archive] = [
      new SealedTown(),
      witnessOf(),
      witnessOf('silent.example', 4),
      new MemoryArchive(),
    ];
    const [first, second] = [await serve(by(good)), await serve(() => undefined)];
    const deps = depsOf(town, {
      archive,
      witnesses: [
        { vkey: silent.vkey, url: second.url },
        { vkey: good.vkey, url: first.url },
        { vkey: witnessOf('fetches.example', 5).vkey },
      ],
      timeout: 50,
    });
    await sealed(town, 5);
    const run = await attest(deps);
    expect(run).toMatchObject({
      archived: { written: 2, waiting: 0 },
      witnesses: [
        { who: 'silent.example', outcome: 'failed', failing: 0, lasting: false },
        { who: good.deps.name, outcome: 'done' },
      ],
    });
    expect(archive.sizes('cosigned')).toEqual([5]);
    later(town, 90 * MINUTE);
    await sealed(town, 1);
    expect((await attest(deps)).witnesses[0]).toMatchObject({ failing: 5400, error: { type: 'not-answered' } });
    const back = { ...deps, witnesses: [{ vkey: silent.vkey, url: (await serve(by(silent))).url }], timeout: 2000 };
    expect(await attest(back)).toMatchObject({ witnesses: [{ outcome: 'done' }] });
    const standing = [...(await standings(town.log))].find(([, { size }]) => size === 6)!;
    expect(standing[1]).toMatchObject({ since: undefined, problem: undefined });
    expect(await cosignaturesOf(town.log, 6)).toHaveLength(2);
  });

  it('one that refuses is told as such: it has seen another log', async () => {
    const [town, witness] = [new SealedTown(), witnessOf()];
    const longer = new SealedTown();
    await sealed(longer, 9);
    const server = await serve(by(witness));
    const witnesses = [{ vkey: witness.vkey, url: server.url }];
    await attest(depsOf(longer, { witnesses }));
    await sealed(town, 5);
    expect((await attest(depsOf(town, { witnesses }))).witnesses).toMatchObject([
      { outcome: 'failed', lasting: true, error: { reason: 'ahead' } },
    ]);
    const fork = new SealedTown();
    const other = fork.history.commit({ stream: 'another' }); // the log that the witness saw began otherwise
    store(fork.fake, other);
    await sequence(fork.log, other);
    await sealed(fork, 12);
    expect((await attest(depsOf(fork, { witnesses }))).witnesses).toMatchObject([
      { outcome: 'failed', lasting: true, error: { reason: 'inconsistent' } },
    ]);
    expect(await cosignaturesOf(fork.log, 13)).toEqual([]);
  });

  it('an answer that does not verify is never kept', async () => {
    const [town, witness, liar] = [new SealedTown(), witnessOf(), witnessOf(undefined, 77)];
    const server = await serve(by(liar));
    const deps = depsOf(town, { witnesses: [{ vkey: witness.vkey, url: server.url }] });
    await sealed(town, 5);
    expect((await attest(deps)).witnesses).toMatchObject([{ outcome: 'failed', error: { reason: 'bad-answer' } }]);
    expect(await cosignaturesOf(town.log, 5)).toEqual([]);
  });

  it('what our own tables lack is our own failure, and is thrown after the copies were made', async () => {
    const [town, witness, archive] = [new SealedTown(), witnessOf(), new MemoryArchive()];
    const server = await serve(by(witness));
    const deps = depsOf(town, { archive, witnesses: [{ vkey: witness.vkey, url: server.url }] });
    await sealed(town, 300);
    await attest(deps);
    await sealed(town, 300);
    for (const { pk, sk } of itemsIn(town, 'tile')) town.fake.unseed('log', { pk: pk!, sk: sk! });
    await expect(attest(deps)).rejects.toThrow(/cannot be made from what the log has stored/u);
    expect(archive.sizes('checkpoint')).toEqual([300, 600]);
  });
});

describe('a time-stamping authority in bad days', () => {
  it.each<[what: string, answering: Answering, error: object]>([
    ['answers 500', () => ({ status: 500 }), { type: 'not-answered' }],
    ['answers garbage', () => ({ body: 'garbage' }), { reason: 'malformed' }],
    ['never answers', () => undefined, { type: 'not-answered' }],
  ])('%s: it is known since when, and it is asked again', async (_, answering, error) => {
    const town = new SealedTown();
    const authority = { url: (await serve(answering)).url, interval: 60 * MINUTE };
    const deps = depsOf(town, { authority, timeout: 50 });
    await sealed(town, 2);
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'failed', failing: 0, error });
    later(town, 10 * MINUTE);
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'failed', failing: 600, error });
    expect(served[0]!.asked()).toBe(2);
    expect(await latestTimeStamp(town.log)).toBeUndefined();
    expect((await standings(town.log)).get('timestamp')).toMatchObject({ size: 0 });
  });
});

describe.skipIf(!hasOpenssl)(`a time-stamping authority made with openssl${opensslNotice}`, () => {
  let authority: Authority;
  beforeAll(() => {
    authority = makeAuthority('ec');
  });
  afterAll(() => authority.remove());

  it('stamps the latest checkpoint when that is due, over the note as the log signed it', async () => {
    const [town, archive] = [new SealedTown(), new MemoryArchive()];
    const server = await serve((body) => ({ body: authority.reply(body) }));
    const deps = depsOf(town, { archive, authority: { url: server.url, interval: 60 * MINUTE } });
    expect((await attest(deps)).authority).toBeUndefined();
    await sealed(town, 2);
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'done' });
    await sealed(town, 2);
    later(town, 59 * MINUTE);
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'nothing-new' });
    later(town, MINUTE);
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'done' });
    later(town, 600 * MINUTE);
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'nothing-new' }); // the log has not grown
    expect(server.asked()).toBe(2);
    expect(archive.sizes('tsr')).toEqual([2, 4]);
    expect(archive.sizes('tsq')).toEqual([2, 4]);
    expect(await latestTimeStamp(town.log)).toMatchObject({ size: 4 });
    for (const size of [2, 4]) {
      const { tsq, tsr } = (await timeStampOf(town.log, size))!;
      const data = Buffer.from((await checkpointOf(town.log, size))!.note);
      expect(await verifyTimeStamp({ tsq, tsr, data, ca: authority.ca })).toMatchObject({ trusted: true });
    }
  });

  it('one that comes back is asked at the next run', async () => {
    const town = new SealedTown();
    let works = false;
    const server = await serve((body) => (works ? { body: authority.reply(body) } : { status: 503 }));
    const deps = depsOf(town, { authority: { url: server.url, interval: 60 * MINUTE } });
    await sealed(town, 2);
    await attest(deps);
    works = true;
    expect((await attest(deps)).authority).toMatchObject({ outcome: 'done' });
    expect((await standings(town.log)).get('timestamp')).toMatchObject({ size: 2, since: undefined });
  });

  it('two runs at once keep one time stamp', async () => {
    const town = new SealedTown();
    const server = await serve((body) => ({ body: authority.reply(body) }));
    const deps = depsOf(town, { authority: { url: server.url, interval: MINUTE } });
    await sealed(town, 2);
    const runs = await Promise.all([attest(deps), attest(deps)]);
    expect(runs.map((run) => run.authority?.outcome)).toEqual(['done', 'done']);
    expect(itemsIn(town, 'timestamp')).toHaveLength(1);
  });
});

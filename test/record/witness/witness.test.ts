// A witness cosigns what continues what it cosigned, and nothing else; the log's side finds from where to prove, and tells a
// witness that refuses from one that is not there.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { NotAnswered } from '../../../shared/record/http-exchange.ts';
import { addCosignatures, cosignatureVerifier } from '../../../shared/record/tlog/cosignature.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner, parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import { verifyCheckpoint } from '../../../shared/record/tlog/proof.ts';
import { formatVkey } from '../../../shared/record/tlog/vkey.ts';
import { askWitness, type CosignRequest } from '../../../shared/record/witness/client.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from '../../../shared/record/witness/protocol.ts';
import { serveAnswers, type Answering, type Served } from '../../support/answering.ts';
import { forkOf, logKey, logOf, logVkey, SIGNED_AT, TestWitness, type TestLog } from './logs.ts';

const requestOf = async (log: TestLog, old = 0, size = log.size): Promise<CosignRequest> => ({
  note: await log.checkpoint(undefined, size),
  size,
  old,
  prove: log.prove,
});

/** Size of a checkpoint that was kept. */
const known = (latest: string | undefined): number => Number(latest?.split('\n')[1] ?? 0);

const bodyOf = async (log: TestLog, old: number, note?: string): Promise<string> =>
  formatAddCheckpoint({
    old,
    proof: old === 0 ? [] : await log.prove(old, log.size),
    checkpoint: note ?? (await log.checkpoint()),
  });

describe('a witness', () => {
  it('cosigns the first checkpoint that it sees, and each that continues it', async () => {
    const [log, witness] = [await logOf(5), new TestWitness()];
    for (const old of [0, 5, 300]) {
      const { status, body } = await witness.answer(await bodyOf(log, old));
      expect(status, body).toBe(200);
      const cosigned = await addCosignatures(await log.checkpoint(), body, [cosignatureVerifier(witness.vkey)]);
      const policy = { log: formatVkey(logVkey), witnesses: [formatVkey(witness.vkey)], threshold: 1 };
      expect((await verifyCheckpoint(cosigned, policy)).cosignatures).toEqual([
        { witness: witness.deps.name, time: SIGNED_AT },
      ]);
      expect(witness.latest).toBe(cosigned);
      await log.grow(old === 0 ? 295 : 1000);
    }
  });

  it('cosigns the same checkpoint again', async () => {
    const [log, witness] = [await logOf(8), new TestWitness()];
    await witness.answer(await bodyOf(log, 0));
    expect(await witness.answer(await bodyOf(log, 8))).toMatchObject({ status: 200 });
  });

  it('says what it knows when asked from another size', async () => {
    const [log, witness] = [await logOf(8), new TestWitness()];
    await witness.answer(await bodyOf(log, 0));
    await log.grow(4);
    for (const old of [0, 7, 12]) {
      expect(await witness.answer(await bodyOf(log, old))).toEqual({
        status: 409,
        type: 'text/x.tlog.size',
        body: '8\n',
      });
    }
  });

  it('does not cosign a fork, of whatever size, and keeps what it had', async () => {
    const [log, witness] = [await logOf(300), new TestWitness()];
    await witness.answer(await bodyOf(log, 0));
    const { latest } = witness;
    for (const [at, size] of [
      [299, 300],
      [0, 300],
      [299, 301],
      [128, 900],
    ] as const) {
      const fork = await forkOf(log, at, size);
      expect(await witness.answer(await bodyOf(fork, 300))).toMatchObject({ status: 422, forked: size === 300 });
      expect(witness.latest).toBe(latest);
    }
  });

  it('answers what is wrong with a request', async () => {
    const [log, witness] = [await logOf(8), new TestWitness()];
    const note = await log.checkpoint();
    const stranger = await log.checkpoint(localKey(new Uint8Array(32).fill(1)));
    const signer = noteSigner(logVkey.name, logKey);
    const cases: [body: string, status: number, says: RegExp][] = [
      ['', 400, /old N/u],
      [`old 00\n\n${note}`, 400, /leading zeroes/u],
      [`old 0\nnothing\n\n${note}`, 400, /proof line 1: base64/u],
      [`old 0\n${'AAAA\n'.repeat(64)}\n${note}`, 400, /at most 63/u],
      [`old 0\n\nno note`, 400, /a text, an empty line/u],
      [`old 9\n\n${note}`, 400, /old 9: at most 8/u],
      [`old 0\n\n${note.replace('liantang', 'lianxi')}`, 404, /watches liantang\.example\/log only/u],
      [`old 0\n\n${stranger}`, 403, /known keys/u],
      [`old 0\n\n${note.replace('\n8\n', '\n9\n')}`, 403, /does not match/u],
      [`old 0\n\n${await signNote(note.split('\n\n')[0]!.replace('\n8\n', '\n0\n') + '\n', [signer])}`, 422, /size 0/u],
      [formatAddCheckpoint({ old: 0, proof: [new Uint8Array(32)], checkpoint: note }), 422, /too many/u],
    ];
    for (const [body, status, says] of cases) {
      const answer = await witness.answer(body);
      expect(answer.status, body).toBe(status);
      expect(answer.body).toMatch(says);
    }
    expect(witness.latest).toBeUndefined();
  });

  it('keeps the lines of the log only, whatever else stood on the checkpoint', async () => {
    const [log, witness, other] = [await logOf(8), new TestWitness(), new TestWitness('other.example/w', 3)];
    const { body } = await other.answer(await bodyOf(log, 0));
    await witness.answer(await bodyOf(log, 0, (await log.checkpoint()) + body));
    expect(parseNote(witness.latest!).signatures.map(({ name }) => name)).toEqual([logVkey.name, witness.deps.name]);
  });

  it('a file that was altered is an error, not a beginning', async () => {
    const [log, witness] = [await logOf(8), new TestWitness()];
    await witness.answer(await bodyOf(log, 0));
    witness.latest = witness.latest!.replace('\n8\n', '\n7\n');
    await expect(witness.answer(await bodyOf(log, 8))).rejects.toThrow(/does not match/u);
  });
});

it('a request is read as it was written', async () => {
  const hashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 });
  fc.assert(
    fc.property(fc.nat(), hashes, (old, proof) => {
      const request = { old, proof, checkpoint: 'a\n\n— b AAAAAAA=\n' };
      expect(parseAddCheckpoint(Buffer.from(formatAddCheckpoint(request)))).toEqual(request);
    }),
  );
});

describe('a log asks', () => {
  let served: Served | undefined;
  afterEach(async () => {
    await served?.stop();
    served = undefined;
  });

  async function ask(answering: Answering, log: TestLog, options: { old?: number; witness?: TestWitness } = {}) {
    served = await serveAnswers(answering);
    const { vkey } = options.witness ?? new TestWitness();
    return askWitness({ vkey, url: served.url }, await requestOf(log, options.old), { timeout: 2000 });
  }
  const by =
    (witness: TestWitness): Answering =>
    (body) =>
      witness.answer(body);

  it('and gets a line that verifies, from whatever size it believed', async () => {
    for (const believed of [0, 3, 5, 8, 100]) {
      const [log, witness] = [await logOf(5), new TestWitness()];
      await witness.answer(await bodyOf(log, 0));
      await log.grow(6);
      const { line, time } = await ask(by(witness), log, { old: believed, witness });
      expect(time).toBe(SIGNED_AT);
      await addCosignatures(await log.checkpoint(), line, [cosignatureVerifier(witness.vkey)]);
      expect(served!.asked()).toBe(believed === 5 ? 1 : 2);
      await served!.stop();
    }
  });

  it('whatever grows, forks and is forgotten in between, a witness has cosigned one history only', async () => {
    const step = fc.record({ grow: fc.integer({ min: 0, max: 40 }), old: fc.nat(60), forked: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const [log, witness] = [await logOf(1), new TestWitness()];
        const exchange = async (_: string, options?: { body?: Uint8Array | string }) => {
          const { status, body } = await witness.answer(options!.body!);
          return { status, body: new Uint8Array(Buffer.from(body)), headers: new Headers() };
        };
        const target = { vkey: witness.vkey, url: 'https://witness.example' };
        for (const { grow, old, forked } of steps) {
          const seen = witness.latest === undefined ? 0 : log.size;
          const asked = forked && seen > 0 ? await forkOf(log, log.size - 1, log.size + grow) : await log.grow(grow);
          const { latest } = witness;
          const outcome = await askWitness(target, await requestOf(asked, old), { exchange }).then(
            () => 'cosigned',
            (error: { reason?: string }) => error.reason,
          );
          expect(outcome).toBe(asked === log ? 'cosigned' : 'inconsistent');
          expect(known(witness.latest)).toBe(asked === log ? log.size : known(latest));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a witness that has seen a longer log is told apart', async () => {
    const [log, witness] = [await logOf(8), new TestWitness()];
    await witness.answer(await bodyOf(log, 0));
    await expect(ask(by(witness), await logOf(5), { witness })).rejects.toThrow(
      expect.objectContaining({ reason: 'ahead', message: expect.stringMatching(/seen a log of 8 events/u) as string }),
    );
  });

  it.each<[what: string, answering: Answering, reason: string]>([
    ['404', () => ({ status: 404 }), 'unknown-log'],
    ['403', () => ({ status: 403, body: 'no key of yours\n' }), 'unknown-key'],
    ['422', () => ({ status: 422 }), 'inconsistent'],
    ['400', () => ({ status: 400, body: 'bad' }), 'bad-answer'],
    ['302', () => ({ status: 302 }), 'bad-answer'],
    ['409 without a size', () => ({ status: 409, body: 'conflict' }), 'bad-answer'],
    ['409 with the size that was asked from', () => ({ status: 409, body: '0\n' }), 'bad-answer'],
    ['200 with nothing', () => ({ body: '' }), 'bad-answer'],
    ['200 with a page', () => ({ body: '<html>' }), 'bad-answer'],
    ['200 with a line of somebody else', () => ({ body: '— other.example AAAAAAA=\n' }), 'bad-answer'],
  ])('%s is a refusal', async (_, answering, reason) => {
    await expect(ask(answering, await logOf(3))).rejects.toThrow(expect.objectContaining({ reason }));
  });

  it('a line over another checkpoint, or without a time, is refused', async () => {
    const [log, witness] = [await logOf(3), new TestWitness()];
    const other = await witness.answer(await bodyOf(await logOf(4), 0));
    await expect(ask(() => ({ body: other.body }), log, { witness })).rejects.toThrow(/not over this checkpoint/u);
    const timeless = new TestWitness();
    timeless.deps.now = () => 0;
    await expect(ask(by(timeless), log, { witness: timeless })).rejects.toThrow(/states no time/u);
  });

  it('lines of other keys beside its own are passed over', async () => {
    const [log, witness] = [await logOf(3), new TestWitness()];
    const answering: Answering = async (body) => {
      const { body: line } = await witness.answer(body);
      return { body: `— witness.example/district AAAAAAA=\n${line}` };
    };
    expect((await ask(answering, log, { witness })).line).toMatch(/^— witness\.example\/district \S+\n$/u);
  });

  it.each<[what: string, answering: Answering, message: RegExp]>([
    ['500', () => ({ status: 500, body: 'out of order' }), /answered 500: out of order/u],
    ['503', () => ({ status: 503 }), /answered 503/u],
    ['429', () => ({ status: 429 }), /answered 429/u],
    ['never', () => undefined, /did not answer within 0\.1 s/u],
  ])('%s may be tried again', async (_, answering, message) => {
    served = await serveAnswers(answering);
    const { vkey } = new TestWitness();
    const asked = askWitness({ vkey, url: served.url }, await requestOf(await logOf(3)), { timeout: 100 });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow(NotAnswered);
  });

  it('a witness that others keep moving on is left for later', async () => {
    let size = 0;
    const moving: Answering = () => ({ status: 409, body: `${++size}\n` });
    await expect(ask(moving, await logOf(9))).rejects.toThrow(NotAnswered);
  });
});

// What others say of checkpoints, over HTTP: taken from witnesses, shown to auditors.
import { keepCosignatures, cosignedNote, recentCosignatures } from '../../../shared/record/attest/cosignatures.ts';
import { standings, type AttestorProgress } from '../../../shared/record/attest/progress.ts';
import { latestTimeStamp, timeStampOf, type StoredTimeStamp } from '../../../shared/record/attest/timestamps.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { checkpointUpTo } from '../../../shared/record/seal/checkpoints.ts';
import { MalformedTlog, TlogRejected } from '../../../shared/record/tlog/errors.ts';
import { formatVkey, hex32 } from '../../../shared/record/tlog/vkey.ts';
import type { HttpAnswer, ApiDeps, TypedHandlers } from '../handler-types.ts';
import { checkpointAsked } from './log.ts';

export const attestHandlers = {
  getCheckpointOf: async (deps, call) => {
    const checkpoint = await checkpointAsked(deps.views, call.params.size);
    return {
      status: 200,
      body: await cosignedNote(deps.views, checkpoint),
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    };
  },

  addCosignatures: async (deps, call) => {
    const { size } = call.params;
    const checkpoint = await checkpointAsked(deps.views, size);
    const witnesses = deps.witnesses.map(({ vkey }) => vkey);
    try {
      const { added, known } = await keepCosignatures(deps.views, checkpoint, call.body.cosignatures, witnesses);
      return { status: 200, body: { size, added, already: known } };
    } catch (error) {
      if (error instanceof MalformedTlog) throw new MalformedTlog('cosignatures', error.message);
      if (!(error instanceof TlogRejected)) throw error;
      const names = witnesses.map(({ name }) => name).join(', ') || 'none';
      throw error.reason === 'unknown-key'
        ? new RuleViolated('unknown-witness', `cosignatures: ${error.message}`, {
            field: 'cosignatures',
            expected: `lines of configured witnesses; these are ${names}`,
          })
        : new RuleViolated('not-over-this-checkpoint', `cosignatures: ${error.message}`, {
            field: 'cosignatures',
            expected: `lines over the checkpoint of size ${size}, at /log/checkpoint/${size}`,
          });
    }
  },

  getTimeStamp: async (deps, call) => der((await stampOf(deps, call.params.size)).tsr, 'application/timestamp-reply'),

  getTimeStampRequest: async (deps, call) =>
    der((await stampOf(deps, call.params.size)).tsq, 'application/timestamp-query'),

  getAttestations: async (deps) => {
    const [known, recent, stamp, latest] = await Promise.all([
      standings(deps.views),
      recentCosignatures(deps.views, 100),
      latestTimeStamp(deps.views),
      checkpointUpTo(deps.views),
    ]);
    const archive = known.get('archive');
    return {
      status: 200,
      body: {
        signed: latest?.size ?? 0,
        witnesses: deps.witnesses.map(({ vkey, url }) => {
          const line = recent.find(({ keyId, witness }) => keyId === vkey.keyId && witness === vkey.name);
          return {
            name: vkey.name,
            vkey: formatVkey(vkey),
            asked: url !== undefined,
            size: line?.size ?? null,
            at: line ? new Date(line.time * 1000).toISOString() : null,
            ...failingOf(known.get(`witness#${hex32(vkey.keyId)}`)),
          };
        }),
        timeStamp: {
          size: stamp?.size ?? null,
          time: stamp?.time ?? null,
          authority: stamp?.authority ?? null,
          ...failingOf(known.get('timestamp')),
        },
        copies: {
          size: Math.max(archive?.size ?? 0, ...(archive?.also ?? [])),
          at: archive?.at ?? null,
          ...failingOf(archive),
        },
      },
    };
  },
} satisfies TypedHandlers;

const der = (body: Uint8Array, type: string): HttpAnswer<Uint8Array> => ({
  status: 200,
  body,
  headers: { 'content-type': type },
});

const failingOf = (
  standing: AttestorProgress | undefined,
): { failingSince: string | null; problem: string | null } => ({
  failingSince: standing?.since ?? null,
  problem: standing?.problem ?? null,
});

/** @throws NotFound telling the nearest that there is */
async function stampOf(deps: ApiDeps, size: number): Promise<StoredTimeStamp> {
  const found = await timeStampOf(deps.views, size);
  if (found) return found;
  await checkpointAsked(deps.views, size);
  const latest = await latestTimeStamp(deps.views);
  throw new NotFound('no-time-stamp', `size: the checkpoint of ${size} events has no time stamp`, {
    field: 'size',
    expected: latest
      ? `a size that was stamped; the latest is ${latest.size}`
      : 'no checkpoint has been stamped so far',
  });
}

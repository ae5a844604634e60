// How long it takes from a command's answer until the views show it, at a steady rate of commands, on the whole platform. The
// projector's checkpoint, which it moves after the documents are written, is looked at every few milliseconds; a sample of the commands
// is looked for through HTTP as well, by `?atLeast=`.
import { setTimeout as pause } from 'node:timers/promises';
import { followerPosition } from '../../shared/record/log/follow.ts';
import { positionOf } from '../../shared/record/log/positions.ts';
import { projectionName } from '../../shared/reading/views/view.ts';
import type { Bench } from './options.ts';
import { startServer, type Server } from './server-process.ts';
import { fixed, judged, percentile, type Section } from './table.ts';
import { answers, TENANT, unitDetails } from './town.ts';

const PER_SECOND = 50;
const LOOK_EVERY_MS = 10;
/** One command in this number is looked for through HTTP. */
const SAMPLE = 10;
const PATIENCE_MS = 60_000;

interface Acknowledged {
  stream: string;
  at: number;
}

export async function lagSections(bench: Bench): Promise<Section[]> {
  const seconds = bench.quick ? 3 : 20;
  bench.say(`lag: ${PER_SECOND} commands/s for ${seconds} s`);
  const server = await startServer(true);
  try {
    for (let n = 0; n < 20; n += 1) await send(server, n, []); // first calls compile and connect
    const commands = PER_SECOND * seconds;
    const acknowledged: Acknowledged[] = [];
    const answered: number[] = [];
    const shown: number[] = [];
    const units: string[] = [];
    const looks = lookAtCheckpoint(server);
    const begun = performance.now();
    const sent = Array.from({ length: commands }, async (_, n) => {
      await pause(Math.max(0, (n * 1000) / PER_SECOND));
      const from = performance.now();
      const { unit, stream, atLeast } = await send(server, n, units);
      const at = performance.now();
      acknowledged.push({ stream, at });
      answered.push(at - from);
      if (n % SAMPLE !== 0) return;
      await server.http.get(`/v1/units/${unit}?atLeast=${atLeast}`);
      shown.push(performance.now() - at);
    });
    await Promise.all(sent);
    const took = (performance.now() - begun) / 1000;
    const lags = await looks.lags(acknowledged);
    return [
      {
        title: `From append to view, at ${PER_SECOND} commands a second for ${seconds} s`,
        note: 'The whole platform as `npm start` runs it; units registered and clean inspections recorded in turn.',
        rows: [
          { what: 'commands answered', figure: `${fixed(commands / took, 1)}/s` },
          { what: 'command, answered after', figure: `p50 ${ms(answered, 0.5)}, p99 ${ms(answered, 0.99)}` },
          { what: 'answer → in the views, p50', figure: ms(lags, 0.5) },
          judged('answer → in the views, p99', percentile(lags, 0.99), { atMost: 1000, unit: 'ms' }, ms(lags, 0.99)),
          { what: 'answer → in the views, longest', figure: ms(lags, 1) },
          {
            what: `answer → unit's page by \`atLeast\` has answered (one in ${SAMPLE})`,
            figure: `p50 ${ms(shown, 0.5)}, p99 ${ms(shown, 0.99)}`,
          },
        ],
      },
    ];
  } finally {
    await server.stop();
  }
}

const ms = (values: readonly number[], p: number): string => `${Math.round(percentile(values, p))} ms`;

/** Registers a unit, or inspects one of those registered so far. */
async function send(
  { http }: Server,
  n: number,
  units: string[],
): Promise<{ unit: string; stream: string; atLeast: string }> {
  const known = n % 2 === 0 ? undefined : units[n % Math.max(1, units.length)];
  if (known !== undefined) {
    const visit = { unit: known, track: 'gas', mode: 'routine', answers: answers(0) };
    const { id, atLeast } = await http.post<{ id: string; atLeast: string }>('/v1/inspections', visit);
    return { unit: known, stream: `${TENANT}#inspection#${id}`, atLeast };
  }
  const { id, atLeast } = await http.post<{ id: string; atLeast: string }>('/v1/units', unitDetails(`lag ${n}`));
  units.push(id);
  return { unit: id, stream: `${TENANT}#unit#${id}`, atLeast };
}

function lookAtCheckpoint({ dynamo, tables }: Server) {
  const log = { dynamo, ...tables, tenant: TENANT, now: () => new Date() };
  const seen: { at: number; position: number }[] = [];
  const done = new AbortController();
  const looks = (async () => {
    while (!done.signal.aborted) {
      const position = await followerPosition(log, projectionName(1));
      if (position !== seen.at(-1)?.position) seen.push({ at: performance.now(), position });
      await pause(LOOK_EVERY_MS);
    }
  })();
  return {
    /** ms from each answer until the checkpoint was seen past its event */
    async lags(acknowledged: readonly Acknowledged[]): Promise<number[]> {
      const until = performance.now() + PATIENCE_MS;
      const positions: number[] = [];
      for (const { stream } of acknowledged) {
        let position = await positionOf(log, stream, 1);
        while (position === undefined || (seen.at(-1)?.position ?? 0) <= position) {
          if (performance.now() > until) throw new Error(`${stream} did not come into the views`);
          await pause(LOOK_EVERY_MS);
          position ??= await positionOf(log, stream, 1);
        }
        positions.push(position);
      }
      done.abort();
      await looks;
      return acknowledged.map(({ at }, n) =>
        Math.max(0, seen.find(({ position }) => position > positions[n]!)!.at - at),
      );
    },
  };
}

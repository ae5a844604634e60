// When what is known of something changed (所知变化的时刻): the steps of the slider that goes through “as known at”. What was recorded together is
// one moment. Of a long history so many are told that a slider can hold them, the first and the last always.
import type { Category } from '../../../events/envelope.ts';
import { NotFound } from '../../../events/errors.ts';
import type { ViewDeps } from '../views/view.ts';
import type { Moments } from './answers.ts';
import type { Known } from './known-at.ts';
import { streamEvents, unitIndex } from './load.ts';
import type { Subject } from './questions.ts';

type Moment = Moments['moments'][number];

export const MAX_MOMENTS = 200;

/** @throws NotFound `unknown-unit`, `unknown-hazard`, `unknown-escalation`, `unknown-report` */
export async function askMoments(deps: ViewDeps, known: Known, kind: Subject, id: string): Promise<Moments> {
  const { unit, recorded } = await recordedAbout(deps, known, kind, id);
  const all = momentsOf(recorded);
  return { subject: { kind, id, unit }, moments: thinned(all, MAX_MOMENTS), of: all.length };
}

interface Recorded {
  position: number;
  recordedAt: string;
  type: string;
}

async function recordedAbout(
  deps: ViewDeps,
  known: Known,
  kind: Subject,
  id: string,
): Promise<{ unit: string | null; recorded: Recorded[] }> {
  if (kind === 'unit') return { unit: id, recorded: await unitIndex(deps, id, known) };
  const placed = await streamEvents(deps, kind satisfies Category, id, known);
  const first = placed[0];
  if (!first) {
    throw new NotFound(`unknown-${kind}`, `there is no ${kind} ${id}`, {
      field: kind,
      expected: `the id of a ${kind} that is on record`,
    });
  }
  return {
    unit: first.event.unit ?? null,
    recorded: placed.map(({ position, event: { recordedAt, type } }) => ({ position, recordedAt, type })),
  };
}

/** @param recorded in log order */
export function momentsOf(recorded: readonly Recorded[]): Moment[] {
  const moments: Moment[] = [];
  for (const { position, recordedAt, type } of recorded) {
    const last = moments.at(-1);
    if (last?.recordedAt === recordedAt) {
      last.knownAt = position + 1;
      if (!last.types.includes(type)) last.types.push(type);
    } else {
      moments.push({ knownAt: position + 1, recordedAt, types: [type] });
    }
  }
  return moments;
}

/** At most so many of them, evenly chosen, the first and the last among them. */
export function thinned<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, n) => all[Math.round((n * (all.length - 1)) / (most - 1))]!);
}

// How an answer names an event: enough to look it up, to prove it (its position names the leaf), and to see who recorded it when.
import { definitionOf, type DaochaEvent } from '../../events/catalogue.ts';
import type { Actor } from '../../events/envelope.ts';
import type { Placed } from '../views/view.ts';

export interface EventRef {
  id: string;
  type: string;
  /** the Chinese name of its type */
  zh: string;
  stream: string;
  version: number;
  position: number;
  occurredAt: string;
  recordedAt: string;
  /** recorded late or back-dated: see `late` of the answer */
  late: boolean;
  by: Actor;
  /** inferred from somebody else's register */
  derived: boolean;
}

export function refOf({ position, event }: Placed, late: boolean): EventRef {
  const { id, type, stream, version, occurredAt, recordedAt, actor, derived } = event;
  return {
    id,
    type,
    zh: definitionOf(type).zh,
    stream,
    version,
    position,
    occurredAt,
    recordedAt,
    late,
    by: actor,
    derived: derived !== undefined,
  };
}

/** In order of the time at which they happened, within a stream of its versions: never in that in which they came into the log. */
export function inOrder(placed: readonly Placed[]): Placed[] {
  return placed.toSorted((a, b) => compareEvents(a.event, b.event));
}

function compareEvents(a: DaochaEvent, b: DaochaEvent): number {
  return byText(a.occurredAt, b.occurredAt) || byText(a.stream, b.stream) || a.version - b.version;
}

/** By code units. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

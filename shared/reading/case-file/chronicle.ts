// What happened, a line an event: what each event of a hazard and of a case says, and who recorded it, as an official
// would put it down.
import { actorZh, eventName, type NameOf } from '../dictionary.ts';
import { eventText } from '../trace/event-text.ts';
import type { Placed } from '../views/view.ts';

export interface Line {
  at: string;
  title: string;
  detail: string;
  by: string;
  evidence: number;
  position: number;
}

/** One line an event, in order of the time at which it happened; of what happened at one moment, in log order. */
export function chronicle(placed: readonly Placed[], nameOf: NameOf): Line[] {
  return placed
    .toSorted((a, b) => Date.parse(a.event.occurredAt) - Date.parse(b.event.occurredAt) || a.position - b.position)
    .map(({ event, position }) => ({
      at: event.occurredAt,
      title: eventName(event.type),
      detail: eventText(event, nameOf),
      by: actorZh(event.actor, nameOf),
      evidence: event.evidence?.length ?? 0,
      position,
    }));
}

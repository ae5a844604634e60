// Acts in the order of their times, then of their keys: whoever put them in, they come out the same.
import type { Act } from './acts.ts';

export interface ActQueue {
  add(act: Act): void;
  /** Takes out everything up to an instant, in order. */
  until(at: string): Act[];
  readonly size: number;
}

export function actQueue(): ActQueue {
  const byHour = new Map<string, Act[]>();
  let size = 0;
  return {
    add(act) {
      const hour = act.at.slice(0, 13);
      const acts = byHour.get(hour);
      if (acts) acts.push(act);
      else byHour.set(hour, [act]);
      size += 1;
    },
    until(at) {
      const taken: Act[] = [];
      for (const hour of [...byHour.keys()].filter((key) => key <= at.slice(0, 13))) {
        const left: Act[] = [];
        for (const act of byHour.get(hour)!) (act.at <= at ? taken : left).push(act);
        if (left.length > 0) byHour.set(hour, left);
        else byHour.delete(hour);
      }
      size -= taken.length;
      return taken.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : 1));
    },
    get size() {
      return size;
    },
  };
}

// What each view makes of a recorded history, as one hash: test/reading/views/shapes.test.ts compares it with shapes.json beside it. The
// history is kept as bytes, so that only a fold can change a hash. `npm run shapes` writes the file again, after adding to the history an
// example of each event type that it does not hold yet.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { decodeEvent, encodeEvent, EVENT_TYPES, type DaochaEvent } from '../../events/catalogue.ts';
import { VIEWS } from '../../shared/reading/views/catalogue.ts';
import type { DocumentView, Placed, View } from '../../shared/reading/views/view.ts';
import { exampleOf } from './builders.ts';
import { acts, town, type Act } from './histories.ts';

const HISTORY = new URL('../vectors/history.jsonl', import.meta.url);
const SHAPES = new URL('../reading/views/shapes.json', import.meta.url);

/** By the name of a view: the shape that it declares, and the hash of its documents after the history. */
export type Shapes = Record<string, { shape: number; documents: string }>;

export function recordedHistory(): Placed[] {
  const lines = readFileSync(HISTORY, 'utf8').trimEnd().split('\n');
  return lines.map((line, position) => ({ position, event: decodeEvent(new TextEncoder().encode(line)) }));
}

export function pinnedShapes(): Shapes {
  return JSON.parse(readFileSync(SHAPES, 'utf8')) as Shapes;
}

/** Views that share a name share a hash, as they share a shape. */
export function shapesOf(placed: readonly Placed[], views: readonly View[] = VIEWS): Shapes {
  const byName = Map.groupBy(views, ({ name }) => name);
  return Object.fromEntries(
    [...byName].map(([name, some]) => [
      name,
      { shape: Math.max(...some.map(({ shape }) => shape)), documents: hashOf(some, placed) },
    ]),
  );
}

function hashOf(views: readonly View[], placed: readonly Placed[]): string {
  const lines = views.flatMap((view) =>
    view.kind === 'entries'
      ? placed.flatMap((one) => view.entries(one).map(({ key, sk, doc }) => `${key} ${sk} ${canonicalize(doc)}`))
      : steps(view, placed).map(({ event, where, after }) => `${where} ${event.id} ${canonicalize(after)}`),
  );
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex').slice(0, 32);
}

/** What becomes of each document by each event: at the end a later event may have hidden what an earlier one did. */
export function steps(view: DocumentView<object>, placed: readonly Placed[]) {
  const docs = new Map<string, object | undefined>();
  return placed.flatMap((one) =>
    view.keys(one.event).map((key) => {
      const where = `${key.key} ${key.sk}`;
      const before = docs.get(where);
      const after = view.fold(before, one, key);
      docs.set(where, after);
      return { event: one.event, where, before, after };
    }),
  );
}

/** A small town's history by the real deciders: only written where there is none yet. What happens seldom is in it too. */
function firstHistory(): string[] {
  let events: DaochaEvent[] = [];
  let done: Act[] = [];
  for (const more of fc.sample(acts({ minLength: 60, maxLength: 60 }), { numRuns: 200, seed: 2025 })) {
    const longer = town([...done, ...more]).events;
    if (typesIn(longer).size > typesIn(events).size) [events, done] = [longer, [...done, ...more]];
  }
  return events.map(textOf);
}
const typesIn = (events: readonly DaochaEvent[]): Set<string> => new Set(events.map(({ type }) => type));
const textOf = (event: Parameters<typeof encodeEvent>[0]): string => new TextDecoder().decode(encodeEvent(event));

/** Writes both files. */
export function writeShapes(): void {
  const lines = existsSync(HISTORY) ? readFileSync(HISTORY, 'utf8').trimEnd().split('\n') : firstHistory();
  const known = new Set(lines.map((line) => (JSON.parse(line) as { type: string }).type));
  const missing = EVENT_TYPES.filter((type) => !known.has(type)).map((type) => textOf(exampleOf(type)));
  writeFileSync(HISTORY, `${[...lines, ...missing].join('\n')}\n`);
  writeFileSync(SHAPES, `${JSON.stringify(shapesOf(recordedHistory()), null, 2)}\n`);
}

if (import.meta.main) writeShapes();

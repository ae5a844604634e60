// The whole contract of a decider: where a stream begins, how an event changes it. Deciding is one pure function per command,
// `(state, command) → drafts`; an empty list means that the state already holds what was asked for.
import type * as z from 'zod';
import type { Category } from '../../events/envelope.ts';
import type { DaochaEvent, Draft } from '../../events/catalogue.ts';

export interface Fold<State, Event extends DaochaEvent> {
  category: Category;
  initial: State;
  evolve(state: State, event: Event): State;
}

/**
 * What people are shown of a state, each field as its schema says (title, words); null: internal to the fold, or read off
 * another field. A field that is left out does not compile.
 */
export type Shown<State> = Readonly<Record<keyof State, z.ZodType | null>>;

/** The state of what exists, before anything has happened to it: what it is known by is null. */
export type Before<Known, Names extends keyof Known> = Omit<Known, Names> & { [Name in Names]: Known[Name] | null };

/** Folds a stream's events, oldest first. */
export function foldAll<State, Event extends DaochaEvent>(fold: Fold<State, Event>, events: readonly Event[]): State {
  return events.reduce((state, event) => fold.evolve(state, event), fold.initial);
}

/** The same with an entry set: what a state keeps by ids, which people choose, is a Map and never a plain object. */
export const withEntry = <Value>(map: ReadonlyMap<string, Value>, key: string, value: Value): Map<string, Value> =>
  new Map(map).set(key, value);

export type Drafts = Draft[];
/** Nothing to record: what was asked for already holds. */
export const NOTHING: Drafts = [];

/** Equal as JSON, keys in any order: what was stored comes back with its keys sorted. */
export function same(left: unknown, right: unknown): boolean {
  return stable(left) === stable(right);
}

function stable(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      inner && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  );
}

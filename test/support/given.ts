// Given what has happened, when somebody decides, then this is recorded – or nothing, or it is refused. Every draft that a decision
// yields is also put in an envelope and encoded: a decider that yields what may not be stored is wrong, whatever the test expects.
import { expect } from 'vitest';
import { encodeEvent, type DaochaEvent, type Draft } from '../../events/catalogue.ts';
import type { Drafts, Fold } from '../../shared/rules/decider.ts';
import { foldAll } from '../../shared/rules/decider.ts';
import { DaochaError } from '../../events/errors.ts';
import { eventOf } from './builders.ts';

/** A draft as a test expects it: its type, and of the rest what matters. */
export type Expected = { type: Draft['type']; data?: object } & Record<string, unknown>;

export interface Outcome<State> {
  /** Exactly these drafts, in order; each at least with the fields named. */
  thenRecorded(...expected: Expected[]): void;
  /** What was asked for already holds. */
  thenNothing(): void;
  /** A DaochaError of this type, naming this field, and saying what would be right. */
  thenRefused(type: string, field?: string): void;
  /** The state after what was decided. */
  state(): State;
}

export function given<State, Event extends DaochaEvent>(
  fold: Fold<State, Event>,
  events: readonly DaochaEvent[] = [],
  id = `${fold.category[0]}_1`,
): { when(decide: (state: State) => Drafts): Outcome<State> } {
  const state = foldAll(fold, events as readonly Event[]);
  const recorded = (drafts: Drafts): DaochaEvent[] =>
    drafts.map((draft, index) => {
      const event = eventOf(fold.category, id, events.length + 1 + index, draft);
      encodeEvent(event);
      return event;
    });
  return {
    when(decide) {
      return {
        thenRecorded(...expected) {
          const drafts = decide(state);
          recorded(drafts);
          expect(drafts.map((draft) => draft.type)).toEqual(expected.map((draft) => draft.type));
          expect(drafts).toMatchObject(expected);
        },
        thenNothing() {
          expect(decide(state)).toEqual([]);
        },
        thenRefused(type, field) {
          const error = refusal(() => decide(state));
          expect({ type: error.type, field: error.field }).toEqual({ type, field });
          expect(error.expected, 'what would be right').toBeTruthy();
        },
        state() {
          return foldAll(fold, [...events, ...recorded(decide(state))] as Event[]);
        },
      };
    },
  };
}

/** The error that a call throws; fails when it throws none, or one that was not thrown on purpose. */
export function refusal(call: () => unknown): DaochaError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof DaochaError) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(result)}`);
}

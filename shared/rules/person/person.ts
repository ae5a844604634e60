// Everything that may happen to a person's entry in the directory (人员名录), as far as events may know of it: entered,
// entered again, erased. Once erased a reference is never used again: what was recorded under it stays about somebody
// who is no longer named.
import type { PersonEvent } from '../../../events/person.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import { NOTHING, same, type Drafts, type Fold } from '../decider.ts';

export interface Commitments {
  name: string;
  phone?: string | undefined;
}

export interface PersonState {
  person: string | null;
  erased: boolean;
  /** to what the directory holds now; null: it holds nothing */
  commitments: Commitments | null;
}

export const person: Fold<PersonState, PersonEvent> = {
  category: 'person',
  initial: { person: null, erased: false, commitments: null },
  evolve(state, event) {
    switch (event.type) {
      case 'PersonEntered':
        return { person: event.data.person, erased: false, commitments: event.data.commitments };
      case 'PersonErased':
        return { ...state, erased: true, commitments: null };
    }
  },
};

/** @throws RuleViolated `person-erased` */
export function enter(state: PersonState, command: { person: string; commitments: Commitments }): Drafts {
  if (state.erased) throw erased(command.person);
  if (same(state.commitments, command.commitments)) return NOTHING;
  return [{ type: 'PersonEntered', data: command }];
}

/**
 * @param by the first and the second person
 * @throws NotFound `unknown-person`; RuleViolated `erases-itself`
 */
export function erase(state: PersonState, command: { person: string; reason: string }, by: readonly string[]): Drafts {
  if (state.person === null) {
    throw new NotFound('unknown-person', `the directory has never known ${command.person}`, {
      field: 'person',
      expected: 'the reference of a person who was entered',
    });
  }
  if (state.erased) return NOTHING;
  if (by.some((one) => samePerson(one, command.person))) {
    throw new RuleViolated('erases-itself', 'nobody erases themselves', {
      field: 'person',
      expected: 'the reference of another person',
    });
  }
  return [{ type: 'PersonErased', data: command }];
}

/** What is wrong with a reference whose person was erased. */
export function erased(reference: string): RuleViolated {
  return new RuleViolated('person-erased', `${reference} was erased, and is never used again`, {
    field: 'person',
    expected: 'a new reference',
  });
}

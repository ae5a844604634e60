// Everything that may happen to a person's entry in the directory, as far as events may know of it: entered, and erased.
import type { PersonEvent } from '../../events/person.ts';
import type { Fold } from './decider.ts';

export interface PersonState {
  person: string | null;
  erased: boolean;
}

export const person: Fold<PersonState, PersonEvent> = {
  category: 'person',
  initial: { person: null, erased: false },
  evolve(state, event) {
    switch (event.type) {
      case 'PersonEntered':
        return { person: event.data.person, erased: false };
      case 'PersonErased':
        return { ...state, erased: true };
    }
  },
};

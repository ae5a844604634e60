// A person's entry as far as events know of it: entered, entered again, erased for good.
import { describe, expect, test } from 'vitest';
import type { PersonDraft } from '../../events/person.ts';
import type { Drafts } from '../../shared/rules/decider.ts';
import { enter, erase, person, type PersonState } from '../../shared/rules/person/person.ts';
import { eventOf } from '../support/builders.ts';
import { given } from '../support/given.ts';

const A = { name: 'a'.repeat(64) };
const B = { name: 'b'.repeat(64), phone: 'c'.repeat(64) };
const entered = (commitments: { name: string; phone?: string }): PersonDraft => ({
  type: 'PersonEntered',
  data: { person: 'p-1', commitments },
});
const ERASED: PersonDraft = { type: 'PersonErased', data: { person: 'p-1', reason: '本人申请', approver: 'p-office' } };
const after = (...drafts: PersonDraft[]) =>
  given(
    person,
    drafts.map((draft, n) => eventOf('person', 'p_1', n + 1, draft)),
    'p_1',
  );
const entering =
  (commitments: { name: string; phone?: string }) =>
  (state: PersonState): Drafts =>
    enter(state, { person: 'p-1', commitments });
const erasing =
  (...by: string[]) =>
  (state: PersonState): Drafts =>
    erase(state, { person: 'p-1', reason: '本人申请' }, ['p-office', ...by]);

describe('entering', () => {
  test('commits to what was entered; the same again is nothing, something else another event', () => {
    after().when(entering(A)).thenRecorded(entered(A));
    after(entered(A)).when(entering(A)).thenNothing();
    after(entered(A)).when(entering(B)).thenRecorded(entered(B));
    after(entered(A), entered(B)).when(entering(A)).thenRecorded(entered(A));
  });

  test('under a reference that was erased is refused', () => {
    after(entered(A), ERASED).when(entering(A)).thenRefused('person-erased', 'person');
  });
});

describe('erasing', () => {
  test('is an event with reason and second person; again it is nothing', () => {
    after(entered(A))
      .when(erasing())
      .thenRecorded({ type: 'PersonErased', data: { person: 'p-1', reason: '本人申请' } });
    after(entered(A), ERASED).when(erasing()).thenNothing();
    expect(after(entered(A)).when(erasing()).state()).toEqual({ person: 'p-1', erased: true, commitments: null });
  });

  test('is of nobody who asks for it or confirms it, and needs somebody to erase', () => {
    after(entered(A)).when(erasing('p-leader', 'p-1')).thenRefused('erases-itself', 'person');
    after(entered(A)).when(erasing('P-1')).thenRefused('erases-itself', 'person');
    after().when(erasing()).thenRefused('unknown-person', 'person');
  });
});

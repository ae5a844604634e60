// Whoever is named in an event by somebody else has not said so.
import { expect, test } from 'vitest';
import { eventText } from '../../../shared/reading/trace/event-text.ts';
import { actor, exampleOf } from '../../support/builders.ts';

test('an inspector whom somebody else named is shown as named, and not as having said so', () => {
  const by = (person: string) => eventText(exampleOf('InspectionRecorded', { actor: actor(person) }));
  expect(by('p-inspector-2')).toContain('检查人：p-inspector-1（由 p-inspector-2 填报，未确认）');
  expect(by('p-inspector-1')).not.toContain('未确认');
  expect(by('P-Inspector-1')).not.toContain('未确认');
});

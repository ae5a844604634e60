// What the random histories of the property tests hold: every event type that can happen to a unit, its inspections and
// hazards, and the roster.
import { existsSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { definitionOf, EVENT_TYPES } from '../../events/catalogue.ts';
import type { Category } from '../../events/envelope.ts';
import { acts, town } from './histories.ts';

/** Streams that these histories do not write, where they are tried, and why not here. */
const ELSEWHERE: Partial<Record<Category, [test: string, why: string]>> = {
  campaign: ['test/rules/campaign.test.ts', 'it is there before anything happens at a unit'],
  person: ['test/record/directory/people.test.ts', 'it holds commitments to what lies in the directory'],
  escalation: ['test/functions/react/exactly-once.property.test.ts', 'it follows from a hazard by itself'],
  duty: ['test/rules/duty.test.ts', 'the plan’s own definitions decide it'],
  proposal: ['test/functions/api/two-tokens.test.ts', 'it is about an act that waits for a second person'],
  report: ['test/clock/remind/exactly-once.property.test.ts', 'the clock asks for it'],
  delivery: ['test/functions/notify/notify.property.test.ts', 'it follows from what was sent'],
  index: ['test/record/index/seal.property.test.ts', 'it is about the log as a whole'],
};

test('random histories hold every event type of the streams that they write', () => {
  const seen = new Set<string>();
  const wanted = EVENT_TYPES.filter((type) => !(definitionOf(type).category in ELSEWHERE));
  const missing = (): string[] => wanted.filter((type) => !seen.has(type));
  // as many as it takes, within reason
  for (let seed = 1; seed <= 60 && missing().length > 0; seed += 1) {
    for (const history of fc.sample(acts({ maxLength: 80 }), { numRuns: 25, seed })) {
      for (const { type } of town(history).events) seen.add(type);
    }
  }
  expect(missing(), 'give Town.act in test/support/histories.ts an act that yields it').toEqual([]);
});

test('what they leave out is tried elsewhere', () => {
  expect(Object.values(ELSEWHERE).filter(([file]) => !existsSync(file))).toEqual([]);
});

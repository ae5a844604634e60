// Whatever single thing is changed in a bundle, or in the tables, is found and named. The same with ten thousand changes:
// `npm run bench -- mutations`.
import * as fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeBundle } from '../../../shared/record/audit/bundle.ts';
import type { BundleScope } from '../../../shared/record/audit/layout.ts';
import { problemLine } from '../../../shared/record/audit/problem.ts';
import { liveTown } from './live.ts';
import { MutableBundle, mutateTables, type Outcome } from './mutations.ts';
import { sourceOf, temporary, Town } from './town.ts';

const { dir: base, remove } = temporary();
afterAll(remove);

function expectFound({ what, detected, located, problems }: Outcome): void {
  if (detected && located) return;
  expect.unreachable(
    `${what}: ${detected ? `not located by ${problems.map(problemLine).join('; ')}` : 'not detected'}`,
  );
}

test.each([
  ['the whole log', { kind: 'all' }],
  ['a unit', { kind: 'unit', unit: 'u_22' }],
  ['a range', { kind: 'range', from: 250, to: 262 }],
] as const)('any change to a bundle of %s', { timeout: 60_000 }, async (_what, scope: BundleScope) => {
  const { source } = await sourceOf(new Town(300).events);
  const original = join(base, scope.kind);
  await writeBundle(source, { dir: original, scope });
  const bundle = new MutableBundle(original, join(base, `${scope.kind}-copy`));
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => expectFound(await bundle.mutate(seed))),
    { numRuns: 120 },
  );
});

test('any change to the tables', { timeout: 60_000 }, async () => {
  const town = await liveTown(280, 40);
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => expectFound(await mutateTables(town, seed))),
    { numRuns: 40 },
  );
});

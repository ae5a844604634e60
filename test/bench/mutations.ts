// Ten thousand single changes to bundles and a thousand to the tables: how many are found, and how many are located. Runs on its own:
// `node test/bench/mutations.ts [changes to bundles] [changes to the tables]`.
import { join } from 'node:path';
import { writeBundle } from '../../shared/audit/bundle.ts';
import type { Scope } from '../../shared/audit/layout.ts';
import { problemLine } from '../../shared/audit/problem.ts';
import { liveTown } from '../audit/live.ts';
import { MutableBundle, mutateTables, type Outcome } from '../audit/mutations.ts';
import { sourceOf, temporary, Town } from '../audit/town.ts';

const SCOPES: Scope[] = [{ kind: 'all' }, { kind: 'unit', unit: 'u_22' }, { kind: 'range', from: 250, to: 262 }];

async function count(name: string, times: number, mutate: (seed: number) => Promise<Outcome>): Promise<void> {
  const start = performance.now();
  let [detected, located] = [0, 0];
  for (let seed = 0; seed < times; seed++) {
    const outcome = await mutate(seed);
    detected += Number(outcome.detected);
    located += Number(outcome.located);
    if (!outcome.detected || !outcome.located) {
      console.log(
        `  ${name} ${seed}: ${outcome.what}: ${outcome.problems.map(problemLine).join('; ') || 'not detected'}`,
      );
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${name}: ${times} changes, ${detected} detected, ${located} located, ${seconds} s`);
}

const bundleChanges = Number(process.argv[2] ?? 10_000);
const tableChanges = Number(process.argv[3] ?? 1000);
const { dir: base, remove } = temporary();
try {
  const { source } = await sourceOf(new Town(300).events);
  for (const scope of SCOPES) {
    const original = join(base, scope.kind);
    await writeBundle(source, { dir: original, scope });
    const bundle = new MutableBundle(original, join(base, `${scope.kind}-copy`));
    await count(`bundle, ${scope.kind}`, Math.ceil(bundleChanges / SCOPES.length), (seed) => bundle.mutate(seed));
  }
  const town = await liveTown(280, 40);
  await count('tables', tableChanges, (seed) => mutateTables(town, seed));
} finally {
  remove();
}

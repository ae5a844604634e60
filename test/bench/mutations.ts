// Ten thousand single changes at random, most to bundles and some to the tables: how many are found, and how many are located.
import { join } from 'node:path';
import { writeBundle } from '../../shared/record/audit/bundle.ts';
import type { BundleScope } from '../../shared/record/audit/layout.ts';
import { problemLine } from '../../shared/record/audit/problem.ts';
import { liveTown } from '../record/audit/live.ts';
import { MutableBundle, mutateTables, type Outcome } from '../record/audit/mutations.ts';
import { sourceOf, temporary, Town } from '../record/audit/town.ts';
import type { Bench } from './options.ts';
import { judged, type Section } from './table.ts';

const SCOPES: BundleScope[] = [{ kind: 'all' }, { kind: 'unit', unit: 'u_22' }, { kind: 'range', from: 250, to: 262 }];

const TO_BUNDLES = 9_000;
const TO_TABLES = 1_000;

interface Counted {
  times: number;
  detected: number;
  located: number;
  /** what was not found, or not located */
  missed: string[];
}

async function count(times: number, mutate: (seed: number) => Promise<Outcome>): Promise<Counted> {
  const counted: Counted = { times, detected: 0, located: 0, missed: [] };
  for (let seed = 0; seed < times; seed++) {
    const { what, detected, located, problems } = await mutate(seed);
    counted.detected += Number(detected);
    counted.located += Number(detected && located);
    if (!detected || !located)
      counted.missed.push(`${what}: ${problems.map(problemLine).join('; ') || 'not detected'}`);
  }
  return counted;
}

export async function mutationSections({ quick, say }: Bench): Promise<Section[]> {
  const scale = quick ? 0.01 : 1;
  const counts = new Map<string, Counted>();
  const { dir: base, remove } = temporary();
  try {
    const { source } = await sourceOf(new Town(300).events);
    for (const scope of SCOPES) {
      const original = join(base, scope.kind);
      await writeBundle(source, { dir: original, scope });
      const bundle = new MutableBundle(original, join(base, `${scope.kind}-copy`));
      const times = Math.ceil((TO_BUNDLES * scale) / SCOPES.length);
      say(`mutations: ${times} changes to a bundle (${scope.kind})`);
      counts.set(`changes to a bundle (${scope.kind})`, await count(times, (seed) => bundle.mutate(seed)));
    }
    const town = await liveTown(280, 40);
    say(`mutations: ${TO_TABLES * scale} changes to the tables`);
    counts.set('changes to the tables', await count(TO_TABLES * scale, (seed) => mutateTables(town, seed)));
  } finally {
    remove();
  }
  for (const { missed } of counts.values()) for (const one of missed.slice(0, 20)) say(`missed: ${one}`);
  const sum = (of: (one: Counted) => number): number => [...counts.values()].reduce((all, one) => all + of(one), 0);
  const all = sum(({ times }) => times);
  return [
    {
      title: 'Single changes at random: found, and located to the event or file',
      note:
        'Bits flipped, files deleted and cut, entries left out, put in and exchanged, in half of them the manifest made to fit; events, commits, pages, index, ' +
        'tiles, roots and checkpoints altered in the tables.',
      rows: [
        ...[...counts].map(([what, { times, detected, located }]) => ({
          what,
          figure: `${times}: ${detected} found, ${located} located`,
        })),
        judged(
          'all: found',
          sum(({ detected }) => detected),
          { atLeast: all },
          `${sum(({ detected }) => detected)}`,
        ),
        judged(
          'all: located',
          sum(({ located }) => located),
          { atLeast: all },
          `${sum(({ located }) => located)}`,
        ),
      ],
    },
  ];
}

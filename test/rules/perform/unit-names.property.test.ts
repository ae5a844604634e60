// What units are called, entered while they are registered: two processes enter the older units and register new ones
// at once, each call of the table in any order. Nobody makes two units of one shop.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import type { RuleViolated } from '../../../events/errors.ts';
import { interleave } from '../../support/interleave.ts';
import { emptyTown, WHO } from './town.ts';

const SHOPS = ['甲店', '乙店', '丙店', '丁店'];
const some = (maxLength: number) => fc.array(fc.constantFrom(...SHOPS), { maxLength });

test('of one name one unit, whoever enters the older ones meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...SHOPS)),
      some(4),
      some(4),
      fc.array(fc.nat(5)),
      async (old, a, b, choices) => {
        const { fake, deps, as } = await emptyTown();
        const details = (name: string) => ({ name, tracks: ['gas' as const] });
        const known = await Promise.all(
          old.map(async (name) => ({
            name,
            id: (await registerUnit(deps, as(WHO.office), { details: details(name) })).id,
          })),
        );
        const { pause, run } = interleave(choices);
        fake.hook = ({ when }) => (when === 'before' ? pause() : undefined);
        const outcomes: string[] = [];
        const process = (names: string[]): Promise<unknown>[] => {
          const own = {
            ...deps,
            names: {
              table: 'log',
              older: async function* () {
                for (const one of known) yield [one];
              },
            },
          };
          return names.map(async (name) => {
            const outcome = await registerUnit(own, as(WHO.office), { details: details(name) }).then(
              () => 'registered',
              (error: RuleViolated) => error.type,
            );
            outcomes.push(`${name} ${outcome}`);
          });
        };
        await run([...process(a), ...process(b)]);
        const expected = [...a, ...b].map((name, n, all) => {
          const first = !old.includes(name) && all.indexOf(name) === n;
          return `${name} ${first ? 'registered' : 'unit-looks-like'}`;
        });
        expect(outcomes.toSorted()).toEqual(expected.toSorted());
      },
    ),
  );
});

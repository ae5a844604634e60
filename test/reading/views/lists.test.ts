// Reading merged lists: whatever the order keys, the filter, the page size and the budget, the pages together are the list.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLists, type ListPage } from '../../../shared/reading/views/lists.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { viewDeps } from './projected.ts';

interface Row {
  order: string;
  wanted: boolean;
}

/** Lists of rows with order keys that are unique over all lists; some characters beyond the basic plane. */
const lists = fc
  .uniqueArray(
    fc.record({
      key: fc.tuple(fc.constantFrom('a', 'b', '店', '￥', '𠮷'), fc.nat({ max: 400 })),
      list: fc.nat({ max: 3 }),
      wanted: fc.boolean(),
    }),
    {
      selector: ({ key }) => key.join(''),
      maxLength: 120,
      size: 'max',
    },
  )
  .map((rows) => rows.map(({ key, list, wanted }) => ({ order: key.join(''), list, wanted })));

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('pages of merged lists together are the list, in order, nothing twice, nothing left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.boolean(),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 4, max: 60 }),
      fc.option(fc.constantFrom('a2', 'b', '店1', '𠮷300'), { nil: undefined }),
      async (rows, descending, limit, budget, below) => {
        const fake = new FakeDynamo();
        for (const { order, list, wanted } of rows) {
          fake.seed('views', {
            pk: { S: `p${order}` },
            sk: { S: 's' },
            l1: { S: `list-${list}` },
            o1: { S: order },
            doc: { S: JSON.stringify({ order, wanted }) },
          });
        }
        const expected = rows
          .filter(({ order, wanted }) => wanted && (below === undefined || bytes(order, below) < 0))
          .map(({ order }) => order)
          .toSorted(descending ? (a, b) => bytes(b, a) : bytes);
        const found: string[] = [];
        let after: string | undefined;
        let pages = 0;
        do {
          const page: ListPage<Row> = await readLists<Row>(viewDeps(fake), {
            index: 'lists1',
            partitions: [0, 1, 2, 3].map((list) => `list-${list}`),
            descending,
            after,
            below,
            limit,
            budget,
            wanted: (row) => row.wanted,
          });
          expect(page.docs.length).toBeLessThanOrEqual(limit);
          expect(page.examined).toBeLessThanOrEqual(budget);
          found.push(...page.docs.map(({ order }) => order));
          after = page.next;
          pages += 1;
          expect(pages, 'every page gets further').toBeLessThan(rows.length + 10);
        } while (after !== undefined);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 150 },
  );
});

// What others had seen of the log by some moment, and how long it was then by its own time.
import { beforeEach, expect, test } from 'vitest';
import { vouchedBy } from '../../../shared/record/attest/vouched.ts';
import { cosignaturePartition, positionKey, timeStampPartition } from '../../../shared/record/log/deps.ts';
import { pagesFrom, sizeAt } from '../../../shared/record/log/page.ts';
import { SealedTown } from '../seal/support.ts';

const MINUTE = 60_000;
let town: SealedTown;
let start: number;
const at = (minutes: number): string => new Date(start + minutes * MINUTE).toISOString();
beforeEach(() => {
  town = new SealedTown();
  start = town.now.getTime();
});

/** Pages of so many events, a minute apart. */
async function pages(...counts: number[]): Promise<void> {
  for (const count of counts) {
    await town.grow(count);
    town.now = new Date(town.now.getTime() + MINUTE);
  }
}

function seen(size: number, minutes: number, by: 'cosignature' | 'time-stamp'): void {
  const { tenant } = town.log;
  const [cosigned, sk] = [by === 'cosignature', positionKey(size)];
  town.fake.seed('log', {
    pk: { S: cosigned ? cosignaturePartition(tenant) : timeStampPartition(tenant) },
    sk: { S: cosigned ? `${sk}#01020304` : sk },
    at: { S: at(minutes) },
    ...(cosigned
      ? { witness: { S: 'w' }, keyId: { N: '1' }, line: { S: '' }, time: { N: String(Date.parse(at(minutes)) / 1000) } }
      : {
          authority: { S: 'tsa' },
          tsq: { B: new Uint8Array() },
          tsr: { B: new Uint8Array() },
          time: { S: at(minutes) },
        }),
  });
}

test('the size at a moment is that of the pages up to then', async () => {
  await pages(3, 1, 5, 2, 2);
  const sizes = await Promise.all([-1, 0, 1, 1.5, 2, 3, 4, 9].map((n) => sizeAt(town.log, at(n), 13)));
  expect(sizes.map(({ size }) => size)).toEqual([0, 3, 4, 4, 9, 11, 13, 13]);
});

test('before the log kept its time there is none, and it says where that ends', async () => {
  await pages(3, 2, 4);
  const [first, second] = await pagesFrom(town.log, 0, 2);
  for (const { first: position } of [first!, second!]) {
    const item = town.fake.items('log').find(({ pk, sk }) => pk!.S!.endsWith('#page') && Number(sk!.S) === position)!;
    const { time: _, ...without } = item;
    town.fake.seed('log', without);
  }
  expect(await sizeAt(town.log, at(1), 9)).toEqual({ first: 5 });
  expect(await sizeAt(town.log, at(2), 9)).toEqual({ size: 9, first: 9 });
});

test('a page that is gone ends what is known', async () => {
  await pages(3, 2, 4);
  town.fake.unseed('log', { pk: { S: `${town.log.tenant}#page` }, sk: { S: positionKey(3) } });
  expect((await sizeAt(town.log, at(9), 9)).size).toBeLessThanOrEqual(3);
});

test('the largest that somebody had seen by then, whoever it was', async () => {
  await pages(3, 2, 4);
  expect(await vouchedBy(town.log, at(9), 9)).toBeNull();
  seen(3, 1, 'cosignature');
  seen(5, 2, 'time-stamp');
  seen(9, 8, 'cosignature');
  expect(await vouchedBy(town.log, at(0), 3)).toBeNull();
  expect(await vouchedBy(town.log, at(1), 5)).toEqual({ size: 3, time: at(1), by: 'cosignature', name: 'w' });
  expect(await vouchedBy(town.log, at(7), 9)).toEqual({ size: 5, time: at(2), by: 'time-stamp', name: 'tsa' });
  expect(await vouchedBy(town.log, at(8), 5)).toMatchObject({ size: 9 }); // above what the log's own time says
});

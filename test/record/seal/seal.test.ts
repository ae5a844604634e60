// What is signed, when, and what is never signed.
import { expect, test } from 'vitest';
import { checkLog } from '../../../shared/record/audit/check.ts';
import { checkpointUpTo, readSealed } from '../../../shared/record/seal/checkpoints.ts';
import { SealRefused } from '../../../shared/record/seal/seal.ts';
import { openCheckpoint, signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner, noteVerifier } from '../../../shared/record/tlog/note.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { TENANT } from '../log/commits.ts';
import { flipped } from '../tlog/logs.ts';
import { ORIGIN, SealedTown, VKEY, vkeyText } from './support.ts';

const LATEST = { pk: { S: `${TENANT}#checkpoint` }, sk: { S: 'latest' } };

test('a checkpoint for how the log stands, and none while it has not grown', async () => {
  const town = new SealedTown();
  expect(await town.seal()).toEqual({ signed: [], size: 0, conflicts: 0, caughtUp: true });
  await town.grow(3);
  expect(await town.seal()).toMatchObject({ signed: [3], size: 3 });
  const { calls } = town.fake;
  calls.length = 0;
  expect(await town.seal()).toMatchObject({ signed: [], size: 3, caughtUp: true });
  expect(calls.filter((name) => !/^(Get|Query)/u.test(name))).toEqual([]);
  await town.grow(1);
  expect(await town.seal()).toMatchObject({ signed: [4] });
  expect((await checkpointUpTo(town.log))!.note).toMatch(/^town\.example\/log\n4\n[^\n]{44}\n\n— town\.example\/log /u);
  expect(await town.wrong()).toEqual([]);
});

test('not more often than it may: what comes meanwhile is signed together', async () => {
  const town = new SealedTown();
  await town.grow(2);
  await town.seal();
  await town.grow(2);
  const sleep = async (ms: number): Promise<void> => {
    expect(ms).toBe(2000);
    town.now = new Date(town.now.getTime() + ms);
    await town.grow(5);
  };
  expect(await town.seal({ sleep })).toMatchObject({ signed: [9] });
  town.now = new Date(town.now.getTime() + 1500);
  await town.grow(1);
  expect(await town.seal()).toMatchObject({ signed: [10] });
  expect(town.slept).toBe(500);
  town.now = new Date(town.now.getTime() - 60_000); // a clock that was put back delays by one interval, not by a minute
  await town.grow(1);
  expect(await town.seal()).toMatchObject({ signed: [11] });
  expect(town.slept).toBe(500 + 2000);
});

test('full tiles of every level, whatever the sizes signed on the way', async () => {
  const town = new SealedTown();
  for (const events of [1, 254, 1, 1, 255, 600]) {
    await town.grow(events, 50);
    await town.seal();
    expect(await town.wrong()).toEqual([]);
  }
  const tiles = town.fake.items('log').filter(({ pk }) => pk!.S === `${TENANT}#tile`);
  expect(tiles.filter(({ hashes }) => hashes).map(({ sk }) => sk!.S)).toEqual(
    [0, 1, 2, 3].map((n) => `0/${String(n).padStart(12, '0')}`),
  );
  expect(await checkLog(town.log, { vkey: vkeyText })).toMatchObject({ finished: true, count: 0, events: 1112 });
});

test('a large log that was never signed is signed step by step, and a run that has no time left ends between two steps', async () => {
  const town = new SealedTown();
  await town.grow(1100, 90);
  let asked = 0;
  expect(await town.seal({}, { most: 512, goOn: () => ++asked < 2 })).toMatchObject({ signed: [512], caughtUp: false });
  expect(await town.seal({}, { most: 512 })).toMatchObject({ signed: [1024, 1100], caughtUp: true });
  expect(town.slept).toBe(2 * 2000);
  expect(await town.wrong()).toEqual([]);
});

test('another key, another log: nothing is signed', async () => {
  const town = new SealedTown();
  await town.grow(3);
  await town.seal();
  await town.grow(3);
  const other = localKey(new Uint8Array(32).fill(6));
  await expect(town.seal({ key: other })).rejects.toThrow(
    /^the log was signed by town\.example\/log\+\w+\+\S+ so far, not by/u,
  );
  await expect(town.seal({ origin: 'elsewhere.example' })).rejects.toThrow(SealRefused);
  expect(town.signed()).toEqual([3]);
});

test('another key is not taken for ours because the latest checkpoint was put there with it', async () => {
  const town = new SealedTown();
  await town.grow(3);
  await town.seal();
  await town.grow(3);
  await town.seal();
  await town.grow(3);
  const other = localKey(new Uint8Array(32).fill(6));
  const replaced = vkeyOf(ORIGIN, ED25519, other.publicKey);
  const sealed = (await readSealed(town.log))!;
  const opened = await openCheckpoint(sealed.note, { log: [noteVerifier(VKEY)] });
  const note = await signCheckpoint(opened, [noteSigner(ORIGIN, other)]);
  change(town, (item) => Object.assign(item, { note: { S: note }, vkey: { S: formatVkey(replaced) } }));
  await expect(town.seal({ key: other })).rejects.toThrow(
    /^the checkpoint of 3 events was signed by another key than town\.example\/log/u,
  );
});

const TAMPERED: [what: string, reason: RegExp, tamper: (town: SealedTown) => void | Promise<void>][] = [
  ['a leaf hash was changed', /the tree in the head is not that of the pages/u, (town) => changePage(town, 1)],
  ['the log was cut', /has 3 events, and 5 were signed/u, (town) => cut(town)],
  ['the head was changed', /the tree in the head is not that of the pages/u, (town) => changeHead(town)],
  [
    'the frontier that was signed was changed',
    /frontier of 5 events is not the one that was signed/u,
    (town) => change(town, (item) => (item['frontier'] = { L: item['frontier']!.L!.toReversed() })),
  ],
  [
    'the latest checkpoint was changed',
    /is not what our key signed/u,
    (town) => change(town, (item) => (item['note'] = { S: item['note']!.S!.replace('\n5\n', '\n6\n') })),
  ],
  [
    'the latest checkpoint is gone',
    /the latest checkpoint is gone; the log was signed up to 5/u,
    (town) => town.fake.unseed('log', LATEST),
  ],
];

test.each(TAMPERED)('%s: nothing is signed', async (what, reason, tamper) => {
  const town = new SealedTown();
  await town.grow(5, 3);
  await town.seal();
  await tamper(town);
  if (!/cut|leaf/u.test(what)) await town.grow(2);
  await expect(town.seal()).rejects.toThrow(reason);
  await expect(town.seal()).rejects.toThrow(SealRefused);
  expect(town.checkpoints()).toHaveLength(1);
});

type Item = ReturnType<SealedTown['fake']['items']>[number];

function change(town: SealedTown, edit: (item: Item) => void, fits = (item: Item) => item['sk']!.S === 'latest'): void {
  const item = structuredClone(town.fake.items('log').find(fits)!);
  edit(item);
  town.fake.seed('log', item);
}
const head = (item: Item): boolean => item['sk']!.S === 'head';
const changeHead = (town: SealedTown): void =>
  change(town, (item) => (item['frontier'] = { L: item['frontier']!.L!.toReversed() }), head);

/** A page that came after what was signed, rewritten before it is signed. */
async function changePage(town: SealedTown, more: number): Promise<void> {
  await town.grow(more);
  change(
    town,
    (item) => (item['leaves'] = { B: flipped(item['leaves']!.B!, 9) }),
    (item) => item['pk']!.S === `${TENANT}#page` && item['first']!.N === '5',
  );
}

/** The head of three events ago. */
function cut(town: SealedTown): void {
  const earlier = town.fake.records.find(
    ({ keys, newImage }) => keys['sk']?.S === 'head' && newImage?.['size']?.N === '3',
  );
  town.fake.seed('log', earlier!.newImage!);
}

test('a head from before it carried a tree is no reason to refuse', async () => {
  const town = new SealedTown();
  await town.grow(5);
  change(town, (item) => delete item['frontier'], head);
  expect(await town.seal()).toMatchObject({ signed: [5] });
  await town.grow(2);
  expect(await town.seal()).toMatchObject({ signed: [7] });
  expect(await town.wrong()).toEqual([]);
});

test('the origin is in every checkpoint, and cosignatures that were added to one stay', async () => {
  const town = new SealedTown();
  await town.grow(1);
  await town.seal();
  const [first] = town.checkpoints();
  expect(first!.note.split('\n')[0]).toBe(ORIGIN);
  change(
    town,
    (item) => (item['note'] = { S: `${item['note']!.S!}— w d2l0bmVzcw==\n` }),
    (item) => item['sk']!.S === '1'.padStart(12, '0'),
  );
  await town.seal();
  expect(town.checkpoints()[0]!.note).toContain('— w ');
});

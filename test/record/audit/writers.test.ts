// Who wrote it: a commit that came past the functions, by somebody who may write to the table, is found by the check; so is one whose
// signature is another commit's, or by a key that was declared by nobody. And a receipt says what was promised and is not there.
import { beforeEach, describe, expect, test } from 'vitest';
import { seededWriter } from '../../../functions/runtime/writer.ts';
import { checkLog, type CheckState } from '../../../shared/record/audit/check.ts';
import { checkReceipt } from '../../../shared/record/audit/receipt.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { acceptanceOf, receiptOf } from '../../../shared/record/store/acceptance.ts';
import { commitFromItem, commitHash, itemFromCommit, type Commit } from '../../../shared/record/store/commit.ts';
import { appendCommits, type NewCommit } from '../../../shared/record/store/store.ts';
import { encodeEvent, type Draft } from '../../../events/catalogue.ts';
import type { Category } from '../../../events/envelope.ts';
import { NO_COMMIT } from '../../../shared/record/store/commit.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { eventOf } from '../../support/builders.ts';
import { logDeps } from '../log/commits.ts';

const api = seededWriter('seed of this test', 'liantang', 'api');
const next = seededWriter('another seed', 'liantang', 'api');
const REASON = '测试';

let fake: FakeDynamo;
let deps: LogDeps;
beforeEach(() => {
  fake = new FakeDynamo();
  deps = logDeps(fake);
});

const made = (
  category: Category,
  id: string,
  version: number,
  draft: Draft,
  prev: Uint8Array = NO_COMMIT,
): NewCommit => {
  const event = eventOf(category, id, version, draft);
  const { person } = event.actor;
  const { recordedAt, command } = event;
  return {
    stream: `liantang#${category}#${id}`,
    version,
    events: [encodeEvent(event)],
    command,
    request: 'r',
    person,
    recordedAt,
    prev,
  };
};
const declaring = (keys: string[], version = 1, prev?: Uint8Array): NewCommit =>
  made('campaign', 'campaign', version, { type: 'WriterKeysDeclared', data: { keys, reason: REASON } }, prev);
const registering = (id: string): NewCommit =>
  made('unit', id, 1, {
    type: 'UnitRegistered',
    data: { details: { name: `示例餐饮店${id}`, area: 'village-01', tracks: ['gas'] } },
  });

/** Appends as a function does that signs with this key, or as somebody with the right to write to the table. */
async function written(commit: NewCommit, signer?: typeof api): Promise<Commit> {
  const outcome = await appendCommits(
    { dynamo: deps.dynamo, table: deps.events, writer: signer && (() => Promise.resolve(signer)) },
    [commit],
  );
  if (outcome.kind !== 'appended') throw new Error('conflict');
  await sequence(deps, outcome.commits);
  return outcome.commits[0]!;
}
const replace = (stream: string, change: (commit: Commit) => Commit): void => {
  const item = fake.items('events').find((one) => one['stream']!.S === stream)!;
  fake.seed('events', itemFromCommit(change(commitFromItem(item))));
};
const problems = async () =>
  (await checkLog(deps)).problems.filter(({ kind }) => kind === 'unsigned' || kind === 'mismatched');

describe('before any key is declared', () => {
  test('nothing is asked of commits', async () => {
    await written(registering('u_1'));
    expect(await problems()).toEqual([]);
  });
});

describe('once keys are declared', () => {
  beforeEach(async () => {
    await written(registering('u_0'));
    await written(declaring([api.vkey]), api);
    await written(registering('u_1'), api);
  });

  test('what declared components wrote is in order, and what was written before', async () => {
    expect(await problems()).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['a row put into the table past the functions', () => written(registering('u_2')), 'came past the functions'],
    ['one signed by a key that nobody declared', () => written(registering('u_2'), next), 'not declared'],
  ])('%s is found', async (_what, attack, says) => {
    await attack();
    expect(await problems()).toMatchObject([
      { kind: 'unsigned', where: 'liantang#unit#u_2@1', position: 3, message: expect.stringContaining(says) },
    ]);
  });

  test('the signature of another commit is found', async () => {
    const { accepted } = await written(registering('u_2'), api);
    await written(registering('u_3'), api);
    replace('liantang#unit#u_3', (commit) => ({ ...commit, accepted: accepted! }));
    expect(await problems()).toMatchObject([
      { kind: 'unsigned', where: 'liantang#unit#u_3@1', message: expect.stringContaining('over another commit') },
    ]);
  });

  test('a signature that is none is found', async () => {
    replace('liantang#unit#u_1', (commit) => ({ ...commit, accepted: 'yes' }));
    expect(await problems()).toMatchObject([{ kind: 'unsigned', where: 'liantang#unit#u_1@1' }]);
  });

  test('another token put beside the commit is found', async () => {
    replace('liantang#unit#u_1', (commit) => ({ ...commit, token: 'x'.repeat(43) }));
    expect(await problems()).toMatchObject([{ kind: 'unsigned', where: 'liantang#unit#u_1@1' }]);
  });

  test.each<[string, Partial<Commit>]>([
    ['person', { person: 'p-other' }],
    ['recordedAt', { recordedAt: '2020-01-01T00:00:00.000Z' }],
    ['command', { command: 'another' }],
    ['cause', { cause: 'unit/u_9/1' }],
  ])('%s beside the events made another, hashed and signed anew, is found', async (field, change) => {
    const item = fake.items('events').find((one) => one['stream']!.S === 'liantang#unit#u_1')!;
    const forged = { ...commitFromItem(item), ...change };
    const hash = commitHash(forged);
    const accepted = await acceptanceOf({ ...forged, hash }, api);
    replace('liantang#unit#u_1', () => ({ ...forged, hash, accepted }));
    expect(await problems()).toMatchObject([
      { kind: 'mismatched', where: 'liantang#unit#u_1@1', message: expect.stringContaining(`${field} is `) },
    ]);
  });

  test('a declaration that no declared component signed is found, and its keys count for nothing', async () => {
    const first = fake.items('events').find((one) => one['stream']!.S === 'liantang#campaign#campaign');
    await written(declaring([next.vkey], 2, commitFromItem(first!).hash), next);
    await written(registering('u_2'), next);
    expect(await problems()).toMatchObject([
      { kind: 'unsigned', where: 'liantang#campaign#campaign@2' },
      { kind: 'unsigned', where: 'liantang#unit#u_2@1' },
    ]);
  });

  test('a key is changed: both declared, then the new one alone; the old one counts no more', async () => {
    const first = fake.items('events').find((one) => one['stream']!.S === 'liantang#campaign#campaign');
    const both = await written(declaring([api.vkey, next.vkey], 2, commitFromItem(first!).hash), api);
    await written(registering('u_2'), api);
    await written(registering('u_3'), next);
    await written(declaring([next.vkey], 3, both.hash), next);
    await written(registering('u_4'), next);
    expect(await problems()).toEqual([]);
    await written(registering('u_5'), api);
    expect(await problems()).toMatchObject([{ kind: 'unsigned', where: 'liantang#unit#u_5@1' }]);
  });

  test.each<[string, unknown]>([
    ['what is no key', ['no key', '', 7]],
    ['what is no list', 'no list'],
    ['nothing', undefined],
    ['a key whose id is not its own', [api.vkey.replace(/\+[0-9a-f]{8}\+/u, '+00000000+')]],
  ])('a declaration of %s, which nobody can sign with, ends no check and no receipt', async (_what, keys) => {
    const first = fake.items('events').find((one) => one['stream']!.S === 'liantang#campaign#campaign');
    const receipt = receiptOf(await written(registering('u_2'), api))!;
    const forged = declaring([api.vkey], 2, commitFromItem(first!).hash);
    const event = JSON.parse(Buffer.from(forged.events[0]!).toString('utf8')) as { data: object };
    await written({ ...forged, events: [Buffer.from(JSON.stringify({ ...event, data: { ...event.data, keys } }))] });
    await written(registering('u_3'), api);
    expect(await problems()).toMatchObject([{ kind: 'unsigned', where: 'liantang#campaign#campaign@2' }]);
    expect((await checkReceipt(deps, receipt)).problem).toBeUndefined();
  });

  test('a check that goes on where it was knows the keys', async () => {
    let state: CheckState | undefined;
    await checkLog(deps, { save: (now) => (state = now) });
    const from = { ...(JSON.parse(JSON.stringify(state)) as CheckState), walked: false };
    await written(registering('u_2'));
    const { problems: found } = await checkLog(deps, { from });
    expect(found.filter(({ kind }) => kind === 'unsigned')).toMatchObject([
      { kind: 'unsigned', where: 'liantang#unit#u_2@1' },
    ]);
  });

  describe('a receipt', () => {
    test('of what stands there says where it is in the log', async () => {
      const receipt = receiptOf(await written(registering('u_2'), api))!;
      expect(receipt.split('\n').slice(0, 3)).toEqual(['daocha/receipt/v1', 'liantang#unit#u_2', '1']);
      const checked = await checkReceipt(deps, receipt);
      expect(checked).toMatchObject({ stream: 'liantang#unit#u_2', version: 1, position: 3 });
      expect(checked.problem).toBeUndefined();
    });

    test('of a commit that was taken away before it came into the log says what was promised', async () => {
      const store = { dynamo: deps.dynamo, table: deps.events, writer: () => Promise.resolve(api) };
      const outcome = await appendCommits(store, [registering('u_2')]);
      const [commit] = outcome.kind === 'appended' ? outcome.commits : [];
      fake.unseed('events', { stream: { S: commit!.stream }, version: { N: '1' } });
      await sequence(deps, []);
      expect((await checkLog(deps)).problems.filter(({ kind }) => kind !== 'back-dated')).toEqual([]);
      expect((await checkReceipt(deps, receiptOf(commit!)!)).problem).toMatchObject({
        kind: 'missing',
        where: 'liantang#unit#u_2@1',
        message: expect.stringContaining('1 event(s) were promised'),
      });
    });

    test('of a commit in whose place another stands is told so', async () => {
      const receipt = receiptOf(await written(registering('u_2'), api))!;
      replace('liantang#unit#u_2', (commit) => ({ ...commit, hash: new Uint8Array(32) }));
      expect((await checkReceipt(deps, receipt)).problem).toMatchObject({ kind: 'altered' });
    });

    test('that a stranger made up promises nothing', async () => {
      const receipt = receiptOf(await written(registering('u_2'), next))!;
      expect((await checkReceipt(deps, receipt)).problem).toMatchObject({ kind: 'unsigned' });
      expect((await checkReceipt(deps, receipt, next.vkey)).problem).toBeUndefined();
    });

    test('altered anywhere promises nothing, or is none', async () => {
      const receipt = receiptOf(await written(registering('u_2'), api))!;
      for (const [from, to] of [
        ['u_2', 'u_1'],
        ['\n1\n', '\n3\n'],
        ['2025', '2024'],
        ['\n-\n', `\n${'t'.repeat(43)}\n`],
      ] as const) {
        expect((await checkReceipt(deps, receipt.replace(from, to))).problem).toMatchObject({ kind: 'unsigned' });
      }
      await expect(checkReceipt(deps, receipt.replace('receipt/v1', 'receipt/v2'))).rejects.toThrow('receipt');
      await expect(checkReceipt(deps, 'no receipt')).rejects.toThrow('note');
    });
  });
});

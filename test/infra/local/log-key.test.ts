// The key of the log on one machine: made once, for its owner's eyes only, and never replaced by another.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLogKey } from '../../../functions/seal/key.ts';
import {
  copiedSize,
  damagedCopies,
  ensureLogKey,
  logKeyFile,
  markLogKey,
  refuseSecondLog,
  signedHere,
  type SignedHere,
} from '../../../infra/local/log-key.ts';
import { archived } from '../../../shared/record/attest/outbox.ts';
import { newPrivateKey } from '../../../shared/record/tlog/private-key.ts';
import { ORIGIN as SIGNED, SealedTown } from '../../record/seal/support.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const ORIGIN = 'daocha.invalid/liantang';
let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => data.remove());

test('the first start makes it, readable by its owner only; the next ones leave it as it is', async () => {
  ensureLogKey(data.path, ORIGIN);
  const file = logKeyFile(data.path);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  ensureLogKey(data.path, ORIGIN);
  expect(readFileSync(file, 'utf8')).toBe(text);
  const key = await openLogKey(`file:${file}`, ORIGIN);
  expect(key.publicKey).toHaveLength(32);
});

describe('where the log was signed before', () => {
  async function signed(): Promise<SignedHere> {
    const town = new SealedTown();
    await town.grow(3);
    await town.seal();
    return signedHere(town.log, undefined);
  }

  test('a missing key is told of, with who signed, and no other is made', async () => {
    const here = await signed();
    expect(() => ensureLogKey(data.path, SIGNED, here)).toThrow(
      /log-key is missing, and the log here has 3 signed events, signed by town\.example\/log\+\w+\+\S+\. Put back the file of your backup/,
    );
    expect(existsSync(logKeyFile(data.path))).toBe(false);
  });

  test('another key is told of before anything is signed with it', async () => {
    const here = await signed();
    ensureLogKey(data.path, SIGNED);
    expect(() => ensureLogKey(data.path, SIGNED, here)).toThrow(/holds the key of .*, and the log here was signed by/);
  });

  test('copies of checkpoints are enough, when the database is gone', async () => {
    const { log } = new SealedTown();
    const copies = join(data.path, 'checkpoints');
    expect(await signedHere(log, copies)).toEqual({});
    mkdirSync(join(copies, 'liantang'), { recursive: true });
    const here = await signedHere(log, copies);
    expect(() => ensureLogKey(data.path, SIGNED, here)).toThrow(/is missing, and .*checkpoints has copies/);
  });

  test('a log that nobody has signed yet gets its key', async () => {
    ensureLogKey(data.path, SIGNED, await signedHere(new SealedTown().log, join(data.path, 'checkpoints')));
    expect(existsSync(logKeyFile(data.path))).toBe(true);
  });
});

test('a key that has begun a log begins no second one; one that was prepared may begin', () => {
  ensureLogKey(data.path, ORIGIN);
  const database = join(data.path, 'extenddb', 'data.sqlite');
  expect(() => refuseSecondLog(data.path, database)).not.toThrow();
  markLogKey(data.path);
  markLogKey(data.path);
  expect(() => refuseSecondLog(data.path, database)).toThrow(
    expect.objectContaining({ type: 'log-begun', message: expect.stringContaining(database) }),
  );
  expect(() => refuseSecondLog(data.path, database)).toThrow(logKeyFile(data.path));
});

test('copies of checkpoints that are not what was written are told, and count for nothing by their name alone', () => {
  const copies = join(data.path, 'checkpoints');
  expect(damagedCopies(copies)).toEqual([]);
  mkdirSync(copies);
  for (const size of [3, 7]) {
    const { name, body } = archived(size, 'checkpoint', Buffer.from(`note of ${size}`));
    writeFileSync(join(copies, name), body);
  }
  expect({ damaged: damagedCopies(copies), size: copiedSize(copies) }).toEqual({ damaged: [], size: 7 });
  const { name } = archived(9, 'tsr', Buffer.from('whole'));
  writeFileSync(join(copies, name), 'garbage');
  writeFileSync(join(copies, '999999999999-garbage'), '');
  mkdirSync(join(copies, 'folder'));
  const [said, ...more] = damagedCopies(copies);
  expect(more).toEqual([]);
  for (const word of ['有 3 个', '3 copies', name, '999999999999-garbage', 'folder']) expect(said).toContain(word);
  expect(copiedSize(copies)).toBe(9);
});

test('no two directories have the same', () => {
  const other = temporaryDirectory();
  for (const { path } of [data, other]) ensureLogKey(path, ORIGIN);
  expect(readFileSync(logKeyFile(data.path))).not.toEqual(readFileSync(logKeyFile(other.path)));
  other.remove();
});

test.each([
  ['half a key', newPrivateKey(ORIGIN).slice(0, 40), 'holds no private key'],
  ['nothing', '', 'holds no private key'],
  [
    'the key of another log',
    newPrivateKey('other.example'),
    'holds the key of the log other.example, not of daocha.invalid/liantang',
  ],
])('%s is told of and not replaced', (_what, text, says) => {
  writeFileSync(logKeyFile(data.path), text);
  expect(() => ensureLogKey(data.path, ORIGIN)).toThrow(says);
  expect(() => ensureLogKey(data.path, ORIGIN)).toThrow('Put back the file of your backup');
  expect(readFileSync(logKeyFile(data.path), 'utf8')).toBe(text);
});

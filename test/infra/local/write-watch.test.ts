// An engine that reads and takes no writes any more, as after a full disk: it is said, and started anew once there is room.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { startEngine } from '../../../infra/local/engine.ts';
import { watchWrites } from '../../../infra/local/write-watch.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const failed = () => Object.assign(new Error('Internal server error'), { $metadata: { httpStatusCode: 500 } });

function watched(own: { room?: boolean; ours?: boolean } = {}) {
  const state = {
    room: own.room ?? true,
    full: false,
    broken: false,
    error: failed,
    starts: 0,
    now: 0,
    notes: [] as string[],
  };
  const watch = watchWrites({
    probe: async () => {
      if (state.full) state.broken = true;
      if (state.broken) throw state.error();
    },
    room: () => state.room,
    restart:
      own.ours === false
        ? undefined
        : async () => {
            state.starts += 1;
            state.broken = state.full;
          },
    note: (message) => state.notes.push(message),
    every: 0,
    now: () => (state.now += 10_000),
  });
  return { state, watch };
}

describe('writing', () => {
  test('is said to fail once, mended when there is room, and said to go on', async () => {
    const { state, watch } = watched();
    expect(await watch.check()).toBe(true);
    Object.assign(state, { full: true, room: false });
    expect([await watch.check(), await watch.check()]).toEqual([false, false]);
    expect(state.notes).toEqual([expect.stringContaining('数据库写不进去')]);
    // there is room again, and the engine stays broken
    Object.assign(state, { full: false, room: true });
    expect([state.starts, await watch.check(), state.starts]).toEqual([0, true, 1]);
    expect(state.notes.at(-1)).toContain('恢复写入');
    expect([await watch.check(), state.starts, state.notes.length]).toEqual([true, 1, 2]);
  });

  test('an engine that is not ours is not started, and recovers when it does', async () => {
    const { state, watch } = watched({ ours: false });
    state.broken = true;
    expect(await watch.check()).toBe(false);
    state.broken = false;
    expect(await watch.check()).toBe(true);
  });

  test('one that is slow is not started anew', async () => {
    const { state, watch } = watched();
    Object.assign(state, { broken: true, error: () => new DOMException('too late', 'TimeoutError') });
    expect([await watch.check(), state.starts, state.notes]).toEqual([true, 0, []]);
  });
});

test('an engine that is started anew has its address and its data', async () => {
  const data = temporaryDirectory();
  const engine = await startEngine({ data: data.path });
  const dynamo = new DynamoDBClient(engine.client);
  let reason: string | undefined;
  engine.onFailure((said) => (reason = said));
  const before = engine.pid;
  await engine.restart!();
  expect(engine.pid).not.toBe(before);
  expect(await dynamo.send(new ListTablesCommand())).toMatchObject({ TableNames: [] });
  expect([reason, existsSync(join(engine.directory, 'data.sqlite'))]).toEqual([undefined, true]);
  dynamo.destroy();
  await engine.stop();
  await engine.restart!();
  data.remove();
});

// One platform per data directory, and what a killed one left behind.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDirectoryInUse, lockDataDirectory, markOf } from '../../../infra/local/lock.ts';
import { runs, temporaryDirectory, waitFor } from '../../support/platform.ts';

let data: ReturnType<typeof temporaryDirectory>;
const started: number[] = [];
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => {
  for (const pid of started.splice(0)) if (runs(pid)) process.kill(pid, 'SIGKILL');
  data.remove();
});

const path = () => join(data.path, 'platform.lock');
/** A process that does nothing, with these words on its command line. */
function idle(...words: string[]): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)', ...words], { stdio: 'ignore' });
  started.push(child.pid!);
  return child.pid!;
}
const hold = (lock: object) => writeFileSync(path(), JSON.stringify(lock));

test('a directory that is held is refused, naming who holds it, and free again after release', () => {
  const lock = lockDataDirectory(data.path);
  const refused = () => lockDataDirectory(data.path);
  expect(refused).toThrow(DataDirectoryInUse);
  expect(refused).toThrow(new RegExp(`process id ${process.pid}.*another --data directory`));
  lock.release();
  expect(existsSync(path())).toBe(false);
  lockDataDirectory(data.path).release();
});

test('a lock of a process that is gone is taken over', () => {
  hold({ pid: 2 ** 22 - 3, started: '1', directory: data.path });
  const notes: string[] = [];
  const lock = lockDataDirectory(data.path, (note) => notes.push(note));
  expect(JSON.parse(readFileSync(path(), 'utf8'))).toMatchObject({ pid: process.pid });
  expect(notes).toEqual([expect.stringContaining('ended without cleaning up')]);
  lock.release();
});

test('a process id that is used again by another process holds nothing', () => {
  const pid = idle();
  hold({ pid, started: 'at another time', directory: data.path });
  lockDataDirectory(data.path).release();
  expect(runs(pid)).toBe(true);
});

test.each(['', '{"pid":', '[]', '{}'])('a lock cut short by a crash (%j) holds nothing', (text) => {
  writeFileSync(path(), text);
  lockDataDirectory(data.path).release();
  expect(existsSync(path())).toBe(false);
});

test('the engine that a killed platform left behind is ended', async () => {
  const engine = idle('extenddb', data.path);
  await waitFor('the process has its command line', () =>
    readFileSync(`/proc/${engine}/cmdline`, 'latin1').includes('extenddb'),
  );
  const dead = { pid: 2 ** 22 - 3, started: '1', directory: data.path };
  hold({ ...dead, engine: { ...markOf(engine), marks: ['extenddb', data.path] } });
  const notes: string[] = [];
  lockDataDirectory(data.path, (note) => notes.push(note)).release();
  expect(runs(engine)).toBe(false);
  expect(notes[0]).toContain(`ending its engine (process id ${engine})`);
});

test.each([
  ['another command line', { marks: ['something else'] }],
  ['another start time', { started: 'at another time' }],
])('a process with the id of the engine but %s is left alone', (_what, other) => {
  const bystander = idle('extenddb');
  hold({
    pid: 2 ** 22 - 3,
    started: '1',
    directory: data.path,
    engine: { ...markOf(bystander), marks: ['extenddb'], ...other },
  });
  lockDataDirectory(data.path).release();
  expect(runs(bystander)).toBe(true);
});

test('a takeover that was itself cut short does not block the next one', () => {
  hold({ pid: 2 ** 22 - 3, started: '1', directory: data.path });
  writeFileSync(`${path()}.takeover`, String(2 ** 22 - 4));
  lockDataDirectory(data.path).release();
  expect(existsSync(`${path()}.takeover`)).toBe(false);
});

test('releasing does not take away what another has taken meanwhile', () => {
  const lock = lockDataDirectory(data.path);
  hold({ pid: 1, started: '1', directory: data.path });
  lock.release();
  expect(existsSync(path())).toBe(true);
});

// Whether the engine still writes. A full disk leaves one that reads and never writes again, even when there is room (extenddb 0.1: a
// transaction stays open): so something is written now and then, /health says so when it is not, and with room again the engine is started
// anew, which loses nothing: what was acknowledged is in the file.
import { statfsSync } from 'node:fs';

export interface WriteWatch {
  /** Writes something, unless that was done a moment ago. @returns whether it was written */
  check(): Promise<boolean>;
  stop(): void;
}

export interface WriteWatchOptions {
  /** @throws what the engine says */
  probe: () => Promise<void>;
  /** whether starting the engine anew may help: there is room */
  room: () => boolean;
  /** undefined: the engine is not ours */
  restart: (() => Promise<void>) | undefined;
  note: (message: string) => void;
  /** ms; 0: only when asked */
  every: number;
  /** ms; what was found holds so long */
  fresh?: number;
  now?: () => number;
}

/** Bytes that a start needs at least: the engine's log, its journal. */
const ROOM = 16 * 1024 * 1024;

export function hasRoom(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= ROOM;
  } catch {
    return true; // where the system does not tell
  }
}

/** The engine has answered, and failed. */
const engineSays = (error: unknown): boolean =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 500 ||
  /disk is full|no space left/i.test((error as Error).message);

export function watchWrites(options: WriteWatchOptions): WriteWatch {
  const { probe, room, restart, note, every, fresh = 2000, now = () => performance.now() } = options;
  let known: { at: number; answer: Promise<boolean> } | undefined;
  let told = false;

  const written = async (): Promise<unknown> => {
    try {
      await probe();
      return undefined;
    } catch (error) {
      // One that is slow, or does not answer, is no engine that cannot write: others tell of it.
      return engineSays(error) ? error : undefined;
    }
  };
  async function look(): Promise<boolean> {
    let error = await written();
    if (error !== undefined) {
      if (!told) {
        const why = (error as Error).message;
        note(
          `数据库写不进去（${why}），请先腾出磁盘空间；已确认的记录不会丢。 The database takes no writes (${why}): make room on the disk; nothing acknowledged is lost.`,
        );
      }
      told = true;
      if (restart && room()) {
        await restart().catch((failed: Error) => note(`The engine did not start anew: ${failed.message}`));
        error = await written();
      }
    }
    if (error === undefined && told) note('数据库恢复写入。 The database takes writes again.');
    if (error === undefined) told = false;
    return error === undefined;
  }
  const check = (): Promise<boolean> => {
    if (known === undefined || now() - known.at >= fresh) known = { at: now(), answer: look() };
    return known.answer;
  };
  const timer = every > 0 ? setInterval(() => void check(), every) : undefined;
  timer?.unref();
  return { check, stop: () => clearInterval(timer) };
}

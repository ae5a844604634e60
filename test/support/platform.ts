// Helpers of the integration tests: the real engine (DAOCHA_ENGINE chooses it) in a temporary directory, with the tables of
// the synthesized template; and the whole platform with clients that are signed in. Everything is gone after `stop`.

import { ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { commitFromItem } from '../../shared/record/store/commit.ts';
import { connectTables } from '../../infra/cli/tables.ts';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TableNames } from '../../infra/cli/data-directory.ts';
import { type Engine, startEngine } from '../../infra/local/engine.ts';
import { declaredTemplate } from '../../infra/local/declared.ts';
import { markOf } from '../../infra/local/lock.ts';
import { createTables, type LocalTable } from '../../infra/local/tables.ts';
import type { Template } from '../../infra/local/template.ts';

export interface EngineWithTables {
  engine: Engine;
  dynamo: DynamoDBClient;
  /** Names of the tables by role. */
  tables: TableNames;
  declared: LocalTable[];
  data: string;
  stop(): Promise<void>;
}

/** A new temporary directory, and the function that removes it. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'daocha-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An engine in memory with all tables, for tests of the store, the log and the views that need no API. */
export async function startEngineWithTables(template?: Template): Promise<EngineWithTables> {
  const directory = temporaryDirectory();
  const engine = await startEngine({ data: directory.path, memory: true });
  const dynamo = new DynamoDBClient({ ...engine.client, maxAttempts: 3 });
  const declared = await createTables(dynamo, template ?? (await declaredTemplate()));
  const name = (role: string) => declared.find((table) => table.role === role)?.name ?? '';
  return {
    engine,
    dynamo,
    declared,
    tables: {
      events: name('events'),
      log: name('log'),
      views: name('views'),
      access: name('access'),
      directory: name('directory'),
    },
    data: directory.path,
    async stop() {
      dynamo.destroy();
      await engine.stop();
      directory.remove();
    },
  };
}

/**
 * Waits until the condition holds and returns what it returned.
 * @param condition asked again and again; undefined, null and false mean not yet
 * @throws after `timeout` ms (default 20,000), naming what was waited for
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeout = 20_000, every }: { timeout?: number; every?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + timeout;
  // what is asked costs the one who is waited for: soon at first, then less often
  for (let wait = 10; ; wait = Math.min(100, wait * 1.5)) {
    const found = await condition();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > until) throw new Error(`waited ${timeout} ms in vain for: ${what}`);
    await pause(every ?? wait);
  }
}

export interface DaochaProcess {
  child: ChildProcess;
  /** What it wrote so far. */
  out: () => string;
  err: () => string;
  /** Resolves when it has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const MAIN = fileURLToPath(new URL('../../infra/cli/main.ts', import.meta.url));

/** The command line in a process of its own, as `npm run -s daocha -- …` starts it. */
export function daocha(argv: readonly string[], env: NodeJS.ProcessEnv = {}): DaochaProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (text.out += String(chunk)));
  child.stderr.on('data', (chunk) => (text.err += String(chunk)));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.once('close', (code, signal) => done({ code, signal })),
  );
  return { child, out: () => text.out, err: () => text.err, ended };
}

/** `daocha start` on any free port; resolves when it says where it listens. */
export async function daochaStart(
  data: string,
  argv: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<DaochaProcess & { api: string }> {
  const started = daocha(['start', '--port', '0', '--data', data, ...argv], env);
  const api = await waitFor(
    'the platform says where it listens',
    () => {
      if (started.child.exitCode !== null) throw new Error(`it ended: ${started.err()}${started.out()}`);
      return /http:\/\/127\.0\.0\.1:\d+/.exec(started.out())?.[0];
    },
    { timeout: 60_000 },
  );
  return { ...started, api };
}

/** Whether a process with this id runs. */
export const runs = (pid: number): boolean => markOf(pid) !== undefined;

/**
 * Events that the platform on a directory recorded by itself: seals of the index (one at the start, then every five minutes), and duties,
 * which follow from what people record a moment later.
 */
export async function byItselfOf(directory: string): Promise<number> {
  const { dynamo, events, tenant } = connectTables(directory);
  let count = 0;
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamo.send(
      new ScanCommand({
        TableName: events,
        FilterExpression: '#s = :seals OR begins_with(#s, :duties)',
        ExpressionAttributeNames: { '#s': 'stream' },
        ExpressionAttributeValues: { ':seals': { S: `${tenant}#index#index` }, ':duties': { S: `${tenant}#duty#` } },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) count += commitFromItem(item).events.length;
    start = page.LastEvaluatedKey;
  } while (start);
  dynamo.destroy();
  return count;
}

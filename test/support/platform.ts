// Helpers of the integration tests: the real engine (DAOCHA_ENGINE chooses it) in a temporary directory, with the tables of
// the synthesized template; and the whole platform with clients that are signed in. Everything is gone after `stop`.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Engine, startEngine } from '../../infra/local/engine.ts';
import { declaredTemplate } from '../../infra/local/declared.ts';
import { createTables, type LocalTable } from '../../infra/local/tables.ts';
import type { Template } from '../../infra/local/template.ts';

export interface EngineWithTables {
  engine: Engine;
  dynamo: DynamoDBClient;
  /** Names of the tables by role. */
  tables: { events: string; log: string; views: string };
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
    tables: { events: name('events'), log: name('log'), views: name('views') },
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
  { timeout = 20_000, every = 15 }: { timeout?: number; every?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + timeout;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > until) throw new Error(`waited ${timeout} ms in vain for: ${what}`);
    await pause(every);
  }
}

// `daocha rebuild` on the real engine, as a person runs it: by data directory, with --json, and when nothing runs there.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import * as fc from 'fast-check';
import { writePlatformFile } from '../../../infra/cli/data-directory.ts';
import { run } from '../../../infra/cli/rebuild.ts';
import { batchPut } from '../../../shared/record/log/batch.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { itemFromCommit } from '../../../shared/record/store/commit.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { liveGeneration } from '../../../shared/reading/views/generation.ts';
import { readUnitPage } from '../../../shared/reading/unit/page-query.ts';
import { projectionName, type ViewDeps } from '../../../shared/reading/views/view.ts';
import { acts, town, UNITS } from '../../support/histories.ts';
import { startEngineWithTables, temporaryDirectory, type EngineWithTables } from '../../support/platform.ts';

let engine: EngineWithTables;
let deps: ViewDeps;
const directory = temporaryDirectory();
const it = town(fc.sample(acts({ minLength: 60 }), { numRuns: 1, seed: 2 })[0]!);

beforeAll(async () => {
  engine = await startEngineWithTables();
  deps = { dynamo: engine.dynamo, ...engine.tables, tenant: 'liantang', now: () => new Date() };
  await batchPut(engine.dynamo, engine.tables.events, it.commits.map(itemFromCommit));
  await sequence(deps, it.commits);
  await follow(deps, projectionName(1), async (batch) => void (await applyBatch(deps, 1, VIEWS, batch)));
  writePlatformFile(directory.path, {
    api: 'http://127.0.0.1:1',
    dynamodb: engine.engine.endpoint,
    streams: engine.engine.endpoint,
    bus: 'http://127.0.0.1:1',
    tables: engine.tables,
    tenant: 'liantang',
    issuer: 'http://127.0.0.1:1',
    audience: 'daocha',
  });
});
afterAll(async () => {
  await engine?.stop();
  directory.remove();
});
afterEach(() => vi.restoreAllMocks());

async function daocha(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  for (const [name, stream] of [
    ['out', process.stdout],
    ['err', process.stderr],
  ] as const) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    });
  }
  const code = await run(argv);
  vi.restoreAllMocks();
  return { code, ...texts };
}

test('rebuilds the views of the platform on the data directory, and says what it did', async () => {
  const before = await readUnitPage(deps, UNITS[0]);
  const { code, out, err } = await daocha('--data', directory.path, '--json');
  expect(err).toContain(`Projecting: ${it.events.length}/${it.events.length}`);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    generation: 2,
    replaced: 1,
    events: it.events.length,
    comparison: { differences: [], reshaped: [] },
  });
  expect(await liveGeneration(deps)).toBe(2);
  expect(await readUnitPage({ ...deps, now: () => new Date(Date.now() + 5000) }, UNITS[0])).toEqual(before);
});

test('says in words what it did', async () => {
  const { code, out } = await daocha('--data', directory.path, '--keep');
  expect(code).toBe(0);
  expect(out).toMatch(/^Generation 3 is live: \d+ events\.\n\d+ documents equal the ones they replace\.\n$/);
});

test('without a platform it says what to do', async () => {
  const elsewhere = temporaryDirectory();
  const { code, err } = await daocha('--data', elsewhere.path);
  elsewhere.remove();
  expect(code).toBe(3);
  expect(err).toMatch(/No platform runs on .*npm start/);
});

test('an unknown flag is wrong usage', async () => {
  const { code, err } = await daocha('--force');
  expect(code).toBe(2);
  expect(err).toMatch(/--force/);
});

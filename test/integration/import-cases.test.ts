// Registers from the field on the running platform: processes of its own, the embedded engine, one platform for all of
// them (their units are different ones). test/import/cases does all of them, each in a town of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../infra/cli/import.ts';
import type { ImportSummary } from '../../shared/import/summary.ts';
import { CASES, madeBig, type Came } from '../import/cases/expected.ts';
import { daocha, daochaStart, type DaochaProcess } from '../support/platform.ts';
import { captured } from '../import/command-line.ts';

let data: string;
let platform: DaochaProcess;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'daocha-import-cases-'));
  platform = await daochaStart(data, ['--memory']);
  await daocha(['launch', '--data', data]).ended;
}, 120_000);
afterAll(async () => {
  platform?.child.kill('SIGTERM');
  await platform?.ended;
  rmSync(data, { recursive: true, force: true });
});

async function daochaImport(file: string, options: readonly string[]) {
  const argv = [file, '--source', 'daocha-csv', '--json', '--data', data, ...options];
  const { value: exit, out, err } = await captured(() => run(argv));
  return { exit, summary: out === '' ? undefined : (JSON.parse(out) as ImportSummary), err };
}

/** What the summary and the exit code say. */
async function comesTo(file: string, came: Came, options: readonly string[] = []) {
  const first = await daochaImport(file, options);
  expect(first.exit, first.err).toBe(came.exit);
  expect(first.summary?.refused.map(({ line }) => line)).toEqual(came.exit === 2 ? undefined : came.refused);
  expect(first.summary?.rows).toBe(came.rows);
  expect(first.summary?.hazards ?? 0).toBe(came.hazards);
  for (const word of came.said ?? []) expect(first.err + JSON.stringify(first.summary?.refused)).toContain(word);
  const again = await daochaImport(file, options);
  expect(again).toMatchObject({ exit: first.exit, ...(first.summary && { summary: { eventsAdded: 0 } }) });
  const lines = (summary: ImportSummary | undefined) => summary?.refused.map(({ line, column }) => [line, column]);
  expect(lines(again.summary)).toEqual(lines(first.summary));
  return { rows: first.summary?.rows };
}

const CHOSEN = ['01', '02', '08', '09-', '09d', '10b', '10c', '12-', '12d', '14', '15', '16', '17b', '17c'];
/** Of each file the first way in which it is read. */
const chosen = CASES.filter(({ file }) => CHOSEN.some((start) => file.startsWith(start))).filter(
  ({ file }, at, all) => all.findIndex((other) => other.file === file) === at,
);

test.each(chosen.map((one) => [[one.file, ...(one.options ?? [])].join(' '), one] as const))(
  '%s',
  async (_, { file, options, ...came }) => {
    const { rows } = await comesTo(fileURLToPath(new URL(`../import/cases/${file}`, import.meta.url)), came, options);
    expect(rows).toBe(came.rows);
    expect(platform.child.exitCode).toBeNull();
  },
);

test('an inspection too large for an event, and a village by its name', async () => {
  const big = join(data, 'made-big.csv');
  writeFileSync(big, madeBig());
  const tooLarge = await comesTo(big, {
    exit: 1,
    rows: 200,
    units: 1,
    inspections: 0,
    hazards: 0,
    refused: [2],
    said: ['65535 bytes'],
  });
  expect(tooLarge.rows).toBe(200);
  const area = join(data, 'area.csv');
  const row = (name: string, village: string): string => `${name},${village},燃气,2025.5.8,GAS-01,有\n`;
  writeFileSync(
    area,
    `单位名称,所属村居,专项,检查时间,条款,有无隐患\n${row('一村店', '示例一村')}${row('某村店', '某村')}`,
  );
  const named = await comesTo(area, {
    exit: 1,
    rows: 2,
    units: 1,
    inspections: 1,
    hazards: 1,
    refused: [3],
    said: ['示例二村'],
  });
  expect(named.rows).toBe(2);
});

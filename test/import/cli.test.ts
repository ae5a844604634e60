// The command as people and scripts meet it: exit codes, what stands on standard output, errors that say what to do.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImportRequest } from '../../shared/import/send.ts';
import { commandLine } from './command-line.ts';
import { town } from './support.ts';

const HEAD = 'unit_id,unit_name,track,inspected_at,clause,problem,rectified_at,verified_at,signed_off_at\n';
const GOOD = `${HEAD}1,A,gas,2025-05-08,GAS-01,yes,2025-05-09,2025-05-09,2025-05-09\n1,A,gas,2025-06-08,GAS-01,yes,,,\n2,B,gas,2025-05-08,,no,,,\n`;

let place = town();
/** What the platform answers instead of doing its work. */
let refusal: { status: number; detail: string } | undefined;

const { file, daochaImport } = commandLine(async (_method, path, raw) => {
  if (path === '/health') return { status: 200, body: { status: 'ok' } };
  if (refusal) return { status: refusal.status, body: refusal };
  return { status: 200, body: { results: await place.post(JSON.parse(raw) as ImportRequest) } };
});

beforeEach(() => {
  place = town();
  refusal = undefined;
});

describe('daocha import', () => {
  test('--json prints exactly one object with the documented keys; importing again adds nothing', async () => {
    const path = await file(GOOD);
    const first = await daochaImport(path, '--source', 'daocha-csv', '--json');
    expect(first.code).toBe(0);
    const summary = JSON.parse(first.out) as Record<string, unknown>;
    expect(summary).toEqual({
      rows: 3,
      units: 2,
      inspections: 3,
      cleanInspections: 1,
      hazards: 1,
      recurrences: 1,
      recurrenceUnits: 1,
      signedOff: 0,
      open: 1,
      eventsAdded: expect.any(Number),
      refused: [],
      notes: [],
      late: [],
    });
    expect(summary['eventsAdded']).toBeGreaterThan(0);
    const second = await daochaImport(path, '--source', 'daocha-csv', '--json');
    expect(JSON.parse(second.out)).toEqual({ ...summary, eventsAdded: 0 });
  });

  test('without --json it prints a summary for people', async () => {
    const { out, code } = await daochaImport(await file(GOOD), '--source', 'daocha-csv');
    expect(code).toBe(0);
    expect(out).toMatch(/inspections +3 \(1 clean\)/);
    expect(out).toMatch(/recurrences +1 at 1 units/);
  });

  test('a refused row is listed, the rest goes in, and the exit code tells', async () => {
    const path = await file(`${GOOD}3,C,gas,2025-02-30,GAS-01,yes,,,\n`);
    const { code, out } = await daochaImport(path, '--source', 'daocha-csv', '--json');
    expect(code).toBe(1);
    const summary = JSON.parse(out) as { units: number; refused: unknown[] };
    expect(summary.units).toBe(2);
    expect(summary.refused).toEqual([
      { line: 5, column: 'inspected_at', reason: expect.stringContaining('2025-02-30') },
    ]);
  });

  test.each([
    ['no file', ['--source', 'daocha-csv'], 'Name the file'],
    ['no source', ['x.csv'], '--source with one of toronto-highrise-fire'],
    ['an unknown source', ['x.csv', '--source', 'boston'], '“boston” is not a source'],
    ['a file that is not there', ['/nowhere/x.csv', '--source', 'daocha-csv'], 'There is no file /nowhere/x.csv'],
    ['a folder', ['/', '--source', 'daocha-csv'], 'is not a file'],
    ['an unknown option', ['x.csv', '--sauce', 'y'], "'--sauce'"],
    ['an unknown track', ['x.csv', '--source', 'daocha-csv', '--track', 'fire'], '--track is one of ebike'],
    ['a wrong number', ['x.csv', '--source', 'daocha-csv', '--batch', '101'], 'from 1 to 100'],
  ])('%s is wrong usage', async (_, argv, message) => {
    const { code, out, err } = await daochaImport(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(place.executed).toEqual([]);
  });

  test.each([
    ['a register of another source', GOOD, 'toronto-dinesafe', 'Headings found: “unit_id”'],
    ['UTF-16', Buffer.from(`\uFEFF${GOOD}`, 'utf16le'), 'daocha-csv', 'UTF-16 (little endian)'],
  ])('%s is refused and nothing is stored', async (_, content, source, message) => {
    const { code, err } = await daochaImport(await file(content), '--source', source);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(place.executed).toEqual([]);
  });

  test('a token that is not accepted, or not allowed to import, is told with what to do', async () => {
    const path = await file(GOOD);
    refusal = { status: 401, detail: 'the token has expired' };
    expect(await daochaImport(path, '--source', 'daocha-csv')).toMatchObject({
      code: 3,
      err: expect.stringContaining('--token'),
    });
    refusal = { status: 403, detail: 'forbidden' };
    expect(await daochaImport(path, '--source', 'daocha-csv')).toMatchObject({
      code: 3,
      err: expect.stringContaining('role importer'),
    });
  });

  test('a platform that is not there is told at once', async () => {
    const { code, err } = await daochaImport(await file(GOOD), '--source', 'daocha-csv', '--api', 'http://127.0.0.1:1');
    expect(code).toBe(3);
    expect(err).toContain('http://127.0.0.1:1 does not answer (');
    expect(err).toContain('npm start');
  });
});

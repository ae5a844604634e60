// No rule asks a clock: the time is passed in, so that a year can be simulated in minutes and a decision can be made again. What is
// searched for, and that the search finds it, is tested here; functions take their time from functions/runtime/now.ts alone.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { now, setClock, wallClock } from '../functions/runtime/now.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lines that read the time of day: `Date.now`, `new Date()`, `Date()`; a date made of a given value does not. */
function clockReadings(source: string): string[] {
  return source
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .filter((line) =>
      /\bDate\s*\.\s*now\b|\bDate\s*\(\s*\)|\bnew\s+Date\b(?!\s*\()|\bTemporal\s*\.\s*Now\b/.test(line),
    );
}

const WITHOUT_CLOCK = ['events/**/*.ts', 'shared/{rules,reading,clock}/**/*.ts'];

describe('rules', () => {
  it('read no clock', () => {
    const files = globSync(WITHOUT_CLOCK, { cwd: root });
    expect(files.length).toBeGreaterThan(40);
    const found = files.flatMap((file) =>
      clockReadings(readFileSync(`${root}${file}`, 'utf8')).map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    'const at = Date.now();',
    'const at = new Date().toISOString();',
    'const at = new Date;',
    'const at = Date . now ()',
  ])('would be found reading one: %s', (line) => {
    expect(clockReadings(line)).toEqual([line]);
  });

  it.each([
    'const at = new Date(text);',
    '// never Date.now() in a rule',
    'const day = new Date(Date.UTC(2025, 4, 1));',
  ])('may make dates of what they are given: %s', (line) => {
    expect(clockReadings(line)).toEqual([]);
  });
});

describe('functions', () => {
  it('take their time from functions/runtime/now.ts alone', () => {
    // A script of a browser reads the device's clock: what it makes of it is functions/console/browser/inspect/clock.ts.
    const files = globSync('functions/**/*.ts', { cwd: root }).filter(
      (file) => file !== 'functions/runtime/now.ts' && !file.startsWith('functions/console/browser/'),
    );
    const found = files.flatMap((file) =>
      clockReadings(readFileSync(`${root}${file}`, 'utf8')).map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});

describe('the clock', () => {
  afterEach(() => setClock());

  it('is the server’s until another one is set, and again afterwards', () => {
    expect(Math.abs(now().getTime() - Date.now())).toBeLessThan(60_000);
    setClock(() => new Date('2025-05-08T02:00:00.000Z'));
    expect(now().toISOString()).toBe('2025-05-08T02:00:00.000Z');
    expect(wallClock().getUTCFullYear()).toBeGreaterThan(2025);
    setClock();
    expect(now().getUTCFullYear()).toBeGreaterThan(2025);
  });
});

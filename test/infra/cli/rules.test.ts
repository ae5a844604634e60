// `daocha rules` on a running platform: a rule set is printed, another one tested, and nothing is written; a file that
// does not fit is refused with its field.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleSet } from '../../../events/campaign.ts';
import { run } from '../../../infra/cli/rules.ts';
import { startPlatform, type Platform } from '../../../infra/local/platform.ts';
import { LIANTANG_DUTIES } from '../../../shared/rules/campaign/liantang-duties.ts';
import { LIANTANG_CHECKLISTS } from '../../../shared/rules/campaign/checklists.ts';
import { LIANTANG_RULES, LIANTANG_TARGETS } from '../../../shared/rules/campaign/liantang.ts';
import { temporaryDirectory, byItselfOf, waitFor } from '../../support/platform.ts';

const directory = temporaryDirectory();
const file = join(directory.path, 'rules.json');
/** It stands still: nothing is reminded of meanwhile. */
const START = new Date('2025-05-08T02:00:00.000Z');
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ data: directory.path, port: 0, memory: true, clock: START });
}, 600_000);
afterAll(async () => {
  await platform?.stop();
  directory.remove();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(file, { force: true });
});

async function said(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((texts.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((texts.err += String(text)), true));
  const code = await run(argv);
  vi.restoreAllMocks();
  return { code, ...texts };
}

const backtestOf = (content: unknown, ...more: string[]) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return said('backtest', file, '--data', directory.path, ...more);
};
const changed = (change: object): object => ({ ...LIANTANG_RULES, version: 2, ...change });

test('what show prints can be tested, and the test changes nothing', async () => {
  const { code, out } = await said('show', '--data', directory.path);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual(LIANTANG_RULES);
  const size = async (): Promise<number> => {
    const { log } = (await (await fetch(`${platform.api}/health`)).json()) as { log: { size: number } };
    return log.size - (await byItselfOf(directory.path));
  };
  // definition, rules, the keys of the functions that record
  const launched = 3 + LIANTANG_TARGETS.length + LIANTANG_CHECKLISTS.length + LIANTANG_DUTIES.length;
  await waitFor('the campaign is in the log', async () => (await size()) === launched);
  const { code: tested, out: json } = await backtestOf(out, '--json');
  expect(tested).toBe(0);
  const answer = JSON.parse(json) as Record<string, { total?: object; figures?: { total: object } }>;
  expect(answer['recorded']!.total).toEqual(answer['replayed']!.figures!.total);
  expect(answer['backtested']).toEqual(answer['replayed']);
  const text = await backtestOf(changed({}));
  expect(text.code).toBe(0);
  expect(text.out).toMatch(/due dates 期限/);
  expect(text.err).toMatch(/Events: /);
  expect(await size()).toBe(launched);
});

describe('a rule set that does not fit is refused, and the field is named', () => {
  test.each<[string, object | string, string]>([
    ['no JSON', '{', 'rules.json'],
    ['no rule set', {}, 'version'],
    ['an unknown field', changed({ ladders: [] }), 'ladders'],
    [
      'an unknown track',
      changed({ periods: [{ track: 'metro', grade: 'general', workingDays: 5 }] }),
      'periods[0].track',
    ],
    [
      'a rung after one that it precedes',
      changed({
        ladder: [
          { rung: '0', workingDays: 0, to: ['head'] },
          { rung: '-3', workingDays: -3, to: ['supervisor'] },
        ],
      }),
      'ladder[1].workingDays',
    ],
    ['a missing year of the calendar', changed({ calendar: { years: [2026] } }), 'calendar.years'],
    ['a year that nobody has announced', changed({ calendar: { years: [2025, 2099] } }), 'calendar.years'],
    ['a route that leads to no district unit', changed({ routing: [{ to: 'guijianban' }] }), 'routing[0].to'],
    ['cases without a route', changed({ routing: [{ track: 'gas', to: 'district-fire' }] }), 'routing'],
  ])('%s', async (_what, content, field) => {
    const { code, out, err } = await backtestOf(content);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(field);
    expect(err).toContain('expected: ');
  });

  test('from an earlier day on it needs the calendar of that day', async () => {
    const next: Partial<RuleSet> = { effectiveFrom: '2026-01-01', calendar: { years: [2026] } };
    expect((await backtestOf(changed(next), '--since', '2025-05-01')).err).toContain('calendar.years');
  });
});

test.each([
  [[], 'daocha rules show'],
  [['backtest'], 'FILE is missing'],
  [['backtest', 'a', 'b'], 'one file'],
  [['show', 'a'], 'no file'],
  [['show', '--version', 'x'], '--version'],
  [['backtest', 'a', '--since', 'May'], '--since is a day'],
  [['backtest', 'a', '--since', '2025-06-01', '--until', '2025-05-01'], '--until (2025-05-01) is before'],
  [['show', '--colour'], '--colour'],
])('wrong usage is told: %j', async (argv, words) => {
  const { code, out, err } = await said(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});

test('a version that was not published, and a platform that does not run, are told', async () => {
  expect(await said('show', '--version', '7', '--data', directory.path)).toMatchObject({
    code: 1,
    err: expect.stringContaining('published are: 1') as string,
  });
  const { code, err } = await said('show', '--data', join(directory.path, 'nowhere'));
  expect(code).toBe(3);
  expect(err).toContain('No platform runs');
});

// `daocha simulate` as it is called wrongly: each time it says which flag, and what would be right.
import { afterEach, expect, test, vi } from 'vitest';
import { run } from '../../../infra/cli/simulate.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function said(...argv: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const write = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  const code = await run(argv);
  return { code, text };
}

test.each([
  [['--from', '2025-13-01'], '--from is a day'],
  [['--to', 'tomorrow'], '--to is a day'],
  [['--from', '2025-06-01', '--to', '2025-05-01'], 'is before --from'],
  [['--units', '0'], '--units is a whole number'],
  [['--source', 'nowhere'], 'is not a source'],
  [['--file', 'no-such.csv'], 'There is no file'],
  [['--data', 'test'], 'is not empty'],
  [['--surprise'], 'surprise'],
])('%j is refused', async (argv, words) => {
  const { code, text } = await said(...argv);
  expect(code).toBe(2);
  expect(text).toContain(words);
});

test('a stretch whose year has no calendar is lived through by the week', async () => {
  const { code, text } = await said('--from', '2031-01-06', '--to', '2031-01-07', '--units', '2');
  expect([code, text]).toEqual([0, expect.stringContaining('2 units')]);
}, 600_000);

test('--help says what it does', async () => {
  const { code, text } = await said('--help');
  expect(code).toBe(0);
  expect(text).toContain('The same seed gives the same events');
});

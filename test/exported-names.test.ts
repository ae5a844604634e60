// A name that two files export means one thing in both, or is a mistake waiting for the reader. What may be shared is listed, with the reason.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;

/** The same functions for a browser: package.json puts one in the place of the other. */
const TWIN = /\.browser\.ts$/;
/** Names of a command: its declaration, the decision on one stream, and what loads and appends where more than one stream is read. */
const COMMAND = /^shared\/rules\/\w+\/[\w-]+\.ts$/;

const SHARED: Record<string, string> = {
  handler: 'what Lambda and infra/local call',
  makeHandler: 'the same for the API and the console',
  run: 'each command of the command line has its own',
  ANSWERS: 'the answers of a checklist; the words that an import reads as them',
  knownAtSchema: 'of an answer; of a request for one',
  Shown: 'what a page answers; how a field of a state is shown',
  fieldOf: 'of a draft on a device; of an event',
  organisationName: 'one for each kind of text; the dictionary of words makes them one',
};

/** Names that more than one file exports, less what is meant. */
function doubled(sources: ReadonlyMap<string, string>): string[] {
  const files = new Map<string, string[]>();
  for (const [file, text] of sources) {
    for (const [, name] of text.matchAll(EXPORTED)) files.set(name!, [...(files.get(name!) ?? []), file]);
  }
  return [...files]
    .map(([name, all]): [string, string[]] => [name, all.filter((file) => !TWIN.test(file))])
    .filter(([name, own]) => own.length > 1 && !own.every((file) => COMMAND.test(file)) && !Object.hasOwn(SHARED, name))
    .map(([name, own]) => `${name}: ${own.join(', ')}: give each its noun, or say here why they share it`);
}

const read = (): Map<string, string> =>
  new Map(
    globSync('{events,shared,functions,infra}/**/*.ts', { cwd: ROOT }).map((file) => [
      file,
      readFileSync(`${ROOT}${file}`, 'utf8'),
    ]),
  );

test('no two files export one name, but for those that are listed', () => {
  expect(doubled(read())).toEqual([]);
});

test('a second one is named with its files', () => {
  const sources = read().set('functions/api/second.ts', 'export interface CommandContext {}\n');
  expect(doubled(sources)).toEqual([
    expect.stringMatching(/^CommandContext: .*execute\.ts.*functions\/api\/second\.ts|^CommandContext: functions/u),
  ]);
});

test('what is listed is still shared', () => {
  const counts = new Map<string, number>();
  for (const text of read().values()) {
    for (const [, name] of text.matchAll(EXPORTED)) counts.set(name!, (counts.get(name!) ?? 0) + 1);
  }
  expect(Object.keys(SHARED).filter((name) => (counts.get(name) ?? 0) < 2)).toEqual([]);
});

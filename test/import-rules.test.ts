// `npm run imports` would be silent too if it read nothing: what it reads, and that each rule can fail, is tested here, on a folder of
// stubs outside the source tree.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const config = path.join(root, '.dependency-cruiser.cjs');

interface Cruised {
  summary: { violations: { from: string; rule: { name: string } }[] };
  modules: { source: string; dependencies: object[] }[];
}
const cruise = (cwd: string, ...paths: string[]) =>
  JSON.parse(
    execFileSync(
      path.join(root, 'node_modules/.bin/depcruise'),
      ['--config', config, '--output-type', 'json', ...paths],
      { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
    ),
  ) as Cruised;

test('the import rules read the TypeScript sources, and what they import', () => {
  const { modules, summary } = cruise(root, 'events', 'shared/rules');
  const hazard = modules.find(({ source }) => source === 'shared/rules/hazard/hazard.ts');
  expect(hazard?.dependencies.length).toBeGreaterThan(3);
  expect(summary.violations).toEqual([]);
});

interface Rule {
  name: string;
  from: { path?: string };
  to: { path?: string };
}
const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: Rule[] };
const only = forbidden.filter(({ name }) => name.endsWith('-imports-only'));
const folderOf = ({ from }: Rule) => from.path!.slice(1, -1);

/** What breaks each rule that is no `only`: a file and its import. */
const OTHERS: Record<string, [string, string]> = {
  'no-cycles': ['shared/record/store/probe-circle-back.ts', './probe-circle.ts'],
  'deciders-know-no-record': ['shared/rules/hazard/probe-record.ts', '../perform/probe.ts'],
  'views-know-no-questions': ['shared/reading/unit/probe-questions.ts', '../trace/probe.ts'],
  'a-backtest-writes-nothing': ['shared/clock/backtest/probe-command.ts', '../../rules/perform/probe.ts'],
  'deciders-know-no-aws': ['shared/rules/probe-aws.ts', '@aws-sdk/client-dynamodb'],
  'deployed-code-has-no-dev-dependencies': ['functions/probe-dev.ts', 'vitest'],
  'not-unresolvable': ['shared/record/store/probe-nowhere.ts', './nowhere.ts'],
};

let stubs: string;
let violations: Cruised['summary']['violations'];
beforeAll(() => {
  stubs = mkdtempSync(path.join(tmpdir(), 'daocha-import-rules-'));
  for (const file of ['package.json', 'tsconfig.json']) cpSync(path.join(root, file), path.join(stubs, file));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(stubs, file)), { recursive: true });
    writeFileSync(path.join(stubs, file), text);
  };
  for (const file of ['infra/local/probe.ts', 'shared/rules/perform/probe.ts', 'shared/reading/trace/probe.ts']) {
    write(file, 'export const probe = 1;\n');
  }
  for (const rule of only) {
    const folder = folderOf(rule);
    const up = '../'.repeat(folder.split('/').length);
    write(`${folder}/probe.ts`, `export { probe } from '${up}infra/local/probe.ts';\n`);
  }
  for (const name of ['@aws-sdk/client-dynamodb', 'vitest']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const [file, from] of Object.values(OTHERS)) write(file, `import '${from}';\n`);
  write('shared/record/store/probe-circle.ts', "import './probe-circle-back.ts';\n");
  ({ violations } = cruise(stubs, 'events', 'shared', 'functions', 'infra').summary);
});
afterAll(() => rmSync(stubs, { recursive: true, force: true }));

test.each(only.map((rule) => [rule.name, `${folderOf(rule)}/probe.ts`] as const))(
  'the rule %s can fail: %s is found',
  (name, file) => {
    expect(violations).toContainEqual(expect.objectContaining({ from: file, rule: expect.objectContaining({ name }) }));
  },
);

test('every other rule can fail too', () => {
  const others = forbidden.map(({ name }) => name).filter((name) => !name.endsWith('-imports-only'));
  expect(Object.keys(OTHERS).toSorted()).toEqual(others.toSorted());
  for (const [name, [file]] of Object.entries(OTHERS)) {
    expect(violations).toContainEqual(expect.objectContaining({ from: file, rule: expect.objectContaining({ name }) }));
  }
});

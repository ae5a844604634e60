// `npm run imports` would be silent too if it read nothing: what it reads, and that a rule can fail, is tested here.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const cruise = (...paths: string[]) =>
  JSON.parse(
    execFileSync(
      'node_modules/.bin/depcruise',
      ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...paths],
      { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
    ),
  ) as { summary: { violations: { rule: { name: string } }[] }; modules: { source: string; dependencies: object[] }[] };

test('the import rules read the TypeScript sources, and what they import', () => {
  const { modules, summary } = cruise('events', 'shared/domain');
  const hazard = modules.find(({ source }) => source === 'shared/domain/hazard.ts');
  expect(hazard?.dependencies.length).toBeGreaterThan(3);
  expect(summary.violations).toEqual([]);
});

test('a decider that imports the store is found', () => {
  const wrong = `${root}shared/domain/import-rules-probe.ts`;
  writeFileSync(wrong, "export { append } from '../store/store.ts';\n");
  try {
    expect(cruise('shared/domain').summary.violations.map(({ rule }) => rule.name)).toContain(
      'shared-domain-imports-only',
    );
  } finally {
    rmSync(wrong);
  }
});

// Unit, property and integration tests in one run. Integration tests start the embedded DynamoDB engine themselves.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const report = process.env['DAOCHA_TEST_REPORT'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    // CI counts from this file; see .ci/run.
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
  },
});

// Three projects. `pure` is for while one works: no engine, no socket, no process, no browser; its files share their loaded modules, so
// that 5,000 tests take less than a minute. So do those of `stack`, which load the CDK. `whole` is everything else, each file on its own.
// `npm test` runs all.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

if (Number.parseInt(process.versions.node, 10) < 24) {
  throw new Error(
    `the tests need Node 24, this is ${process.versions.node}: begin them with npm run or npx, which take the Node in node_modules`,
  );
}

// for every process that the tests start, and the packages that they load; the sources of ours vitest keeps itself
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../node_modules/.cache/daocha/code', import.meta.url));

const report = process.env['DAOCHA_TEST_REPORT'];

/** What is not pure, and why. */
const WHOLE = [
  // the platform, the engine or a browser
  'test/{integration,interop}/**',
  'test/infra/simulate/**',
  'test/functions/console/browser/**',
  'test/infra/local/**',
  'test/**/engine.test.ts',
  'test/**/cli.test.ts',
  'test/clock/backtest/simulated.test.ts',
  'test/infra/cli/{rules,terminal}.test.ts',
  'test/reading/views/{queries,rebuild-command}.test.ts',
  // listens on a socket or begins processes
  'test/functions/api/{auth,evidence}.test.ts',
  'test/functions/console/sign-in.test.ts',
  'test/functions/notify/{webhook,email,robots}.test.ts',
  'test/record/{attest/attest,witness/witness,audit/time-stamp}.test.ts',
  'test/{docs/links,import/{same-day,second-file},import-rules}.test.ts',
  'test/record/timestamp/**',
  // thousands of random histories
  'test/**/*.property.test.ts',
];

/** The stack is synthesized, the functions are bundled: the CDK is loaded once for all of them. */
const STACK = ['test/infra/aws/**'];
const filesOf = (globs: readonly string[]) => globs.map((glob) => (glob.endsWith('**') ? `${glob}/*.test.ts` : glob));

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    fsModuleCache: true,
    // CI counts from this file; see .ci/run.
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
    projects: [
      {
        extends: true,
        root: fileURLToPath(new URL('..', import.meta.url)),
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: [...WHOLE, ...STACK],
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
          setupFiles: ['test/support/pure.ts'],
        },
      },
      {
        extends: true,
        root: fileURLToPath(new URL('..', import.meta.url)),
        test: {
          name: 'stack',
          include: filesOf(STACK),
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          // a synthesis or bundle takes a second alone, and a minute on a machine that is busy
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        root: fileURLToPath(new URL('..', import.meta.url)),
        test: { name: 'whole', include: filesOf(WHOLE) },
      },
    ],
  },
});

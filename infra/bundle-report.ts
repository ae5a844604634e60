// Bundles every function as the stack does and measures it: `node infra/bundle-report.ts` prints a table, `--json` the
// figures. Import time is that of a new Node process each time, the median of several, after the process has started.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { VARIABLES } from '../functions/variables.ts';
import { BUNDLE, entryOf, type FunctionName, FUNCTIONS, ROOT } from './constructs/bundling.ts';

export interface BundleFigures {
  name: FunctionName;
  /** Bytes of the one module that Lambda loads. */
  minified: number;
  gzipped: number;
  /** Median milliseconds to import it in a new process. */
  importMilliseconds: number;
  /** The packages that weigh most, in minified bytes. */
  heaviest: { part: string; bytes: number }[];
}

const SAMPLES = 5;
const run = promisify(execFile);

/** Bundles and measures one function; leaves nothing on disk. */
export async function measureBundle(name: FunctionName): Promise<BundleFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'daocha-bundle-'));
  try {
    const outfile = join(folder, 'index.mjs');
    const { metafile } = await build({
      entryPoints: [entryOf(name)],
      absWorkingDir: ROOT,
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: BUNDLE.target,
      minify: BUNDLE.minify,
      sourcemap: BUNDLE.sourceMap,
      sourcesContent: BUNDLE.sourcesContent,
      mainFields: BUNDLE.mainFields,
      banner: { js: BUNDLE.banner },
      metafile: true,
      logLevel: 'error',
    });
    const code = readFileSync(outfile);
    const times: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) times.push(await importTime(outfile));
    return {
      name,
      minified: code.length,
      gzipped: gzipSync(code, { level: 9 }).length,
      importMilliseconds: times.toSorted((a, b) => a - b)[SAMPLES >> 1]!,
      heaviest: heaviest(metafile.outputs),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Imports the bundle with an environment like Lambda's; a module that throws on load fails the report. */
async function importTime(file: string): Promise<number> {
  const script = `const t=performance.now();await import(${JSON.stringify(file)});process.stdout.write(String(performance.now()-t),()=>process.exit(0));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env: placeholders() });
  return Number(stdout);
}

/** What a function needs in its environment to be loaded; nothing listens there, and nothing is called. */
function placeholders(): NodeJS.ProcessEnv {
  const set = Object.fromEntries(Object.values(VARIABLES).map((variable) => [variable, 'daocha']));
  return {
    PATH: process.env['PATH'],
    AWS_REGION: 'us-east-1',
    ...set,
    [VARIABLES.issuer]: 'https://issuer.example.com',
    [VARIABLES.jwksUrl]: 'https://issuer.example.com/.well-known/jwks.json',
    [VARIABLES.logLevel]: 'INFO',
  };
}

type Outputs = Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;

function heaviest(outputs: Outputs): BundleFigures['heaviest'] {
  const bytes = new Map<string, number>();
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const part = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? input.split('/')[0]!;
      bytes.set(part, (bytes.get(part) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes]
    .map(([part, size]) => ({ part, bytes: size }))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 5);
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} KB`;

if (import.meta.main) {
  const figures: BundleFigures[] = [];
  for (const name of FUNCTIONS) {
    if (existsSync(entryOf(name))) figures.push(await measureBundle(name));
  }
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(figures, null, 2));
  } else {
    console.log('| function | minified | gzipped | import | heaviest parts |\n| --- | ---: | ---: | ---: | --- |');
    for (const figure of figures) {
      const parts = figure.heaviest.map(({ part, bytes }) => `${part} ${kilobytes(bytes)}`).join(', ');
      console.log(
        `| ${figure.name} | ${kilobytes(figure.minified)} | ${kilobytes(figure.gzipped)} | ${figure.importMilliseconds.toFixed(0)} ms | ${parts} |`,
      );
    }
  }
}

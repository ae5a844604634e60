// Bundles every function as the stack does and measures it: `node infra/cli/bundle-report.ts` prints a table, `--json` the
// figures. Import time is that of a new Node process each time, the median of several, after the process has started.

import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { build, type Metafile } from 'esbuild';

import {
  ASSETS_OF,
  BUNDLE,
  entryOf,
  type FunctionName,
  FUNCTIONS,
  ROOT,
  scriptCommand,
} from '../aws/constructs/bundling.ts';
import { resolver } from '../local/template.ts';
import { synthesize, type SynthesizedTemplate } from '../aws/synth.ts';

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

/** Bundles one function into `outfile`, exactly as the stack does. */
export async function bundleFunction(name: FunctionName, outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [entryOf(name)],
    absWorkingDir: ROOT,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: BUNDLE.target,
    minify: BUNDLE.minify,
    charset: BUNDLE.charset as 'utf8',
    sourcemap: BUNDLE.sourceMap,
    sourcesContent: BUNDLE.sourcesContent,
    mainFields: BUNDLE.mainFields,
    banner: { js: BUNDLE.banner },
    alias: BUNDLE.alias,
    metafile: true,
    logLevel: 'error',
  });
  const assets = ASSETS_OF[name];
  for (const file of assets?.files ?? []) {
    cpSync(join(ROOT, assets!.from, file), join(dirname(outfile), 'assets', file));
  }
  for (const [file, entry] of Object.entries(assets?.scripts ?? {})) {
    const [command, ...options] = scriptCommand(entry, join(dirname(outfile), 'assets', file));
    execFileSync(command!, options);
  }
  return metafile;
}

/** Bundles and measures one function; leaves nothing on disk. */
export async function measureBundle(name: FunctionName, template: SynthesizedTemplate): Promise<BundleFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'daocha-bundle-'));
  try {
    const outfile = join(folder, 'index.mjs');
    const metafile = await bundleFunction(name, outfile);
    const code = readFileSync(outfile);
    const environment = environmentOf(template, name);
    const times: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) times.push(await importTime(outfile, environment));
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

/**
 * Imports a bundle in a new Node process with the environment given and nothing else; milliseconds.
 * @throws when the module throws on load or exports no handler
 */
export async function importTime(file: string, environment: Record<string, string>): Promise<number> {
  const script = `
    const start = performance.now();
    const { handler } = await import(${JSON.stringify(file)});
    const taken = performance.now() - start;
    if (typeof handler !== 'function') throw new Error('exports no handler');
    process.stdout.write(String(taken), () => process.exit(0));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { AWS_REGION: 'us-east-1', ...environment },
  });
  return Number(stdout);
}

/** The environment that the template gives a function; a reference to a resource becomes a name like it. */
export function environmentOf(template: SynthesizedTemplate, name: FunctionName): Record<string, string> {
  const found = Object.values(template.Resources).find(({ Metadata }) => Metadata?.['daocha:function'] === name);
  const environment = found?.Properties?.['Environment'] as { Variables: Record<string, unknown> } | undefined;
  const resolve = resolver(template, new Map());
  return Object.fromEntries(
    Object.entries(environment?.Variables ?? {}).map(([variable, value]) => [variable, String(resolve(value))]),
  );
}

function heaviest(outputs: Metafile['outputs']): BundleFigures['heaviest'] {
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
  const template = synthesize();
  const figures: BundleFigures[] = [];
  for (const name of FUNCTIONS) figures.push(await measureBundle(name, template));
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

// Scripts for browsers that are written in TypeScript: where each comes from, and how it is bundled. The deployment bundles them beside the
// function; run from source they are bundled when they are first asked for, so that nobody has to build anything.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const SCRIPTS = { 'proof.js': 'functions/console/browser/proof.ts' } as const;
export type ScriptName = keyof typeof SCRIPTS;
/** Scripts of single pages that are sent as they are written (assets/). */
export type PlainScript = 'drafts.js' | 'inspect.js';
export const isScript = (name: string): name is ScriptName => Object.hasOwn(SCRIPTS, name);

/** How they are bundled, in the names that esbuild's command line and its interface share. */
export const SCRIPT_BUNDLE = {
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
} as const;

/** In a bundle this file is no longer there by its name. */
export const runsFromSource = import.meta.url.endsWith('/functions/console/scripts.ts');

interface Bundler {
  buildSync: (options: object) => { outputFiles: { contents: Uint8Array }[] };
}

/** Bundles a script from source. The bundler is asked for in a way that bundlers do not follow: what is deployed does not have it. */
export function bundled(name: ScriptName): Uint8Array {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as Bundler;
  const { outputFiles } = buildSync({
    ...SCRIPT_BUNDLE,
    entryPoints: [SCRIPTS[name]],
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.contents;
}

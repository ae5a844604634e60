// Scripts for browsers: where each comes from, and how it is bundled. The deployment bundles them beside the function; run from source they
// are bundled when they are first asked for, so that nobody has to build anything.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const SCRIPTS = {
  'console.js': 'functions/console/browser/console.js',
  'inspect.js': 'functions/console/browser/inspect/main.ts',
  'steps.js': 'functions/console/browser/steps.ts',
  'proof.js': 'functions/console/browser/proof.ts',
  'worker.js': 'functions/console/browser/worker.js',
} as const;
export type ScriptName = keyof typeof SCRIPTS;
export const isScript = (name: string): name is ScriptName => Object.hasOwn(SCRIPTS, name);

/**
 * The oldest browsers in which everything works (docs/console.md): iPhones 6s and 7 stop at iOS 15, and phones that get no new WebView at
 * about this one. The bundler takes care of the syntax; a test looks for built-ins that are newer.
 */
export const OLDEST = { ios: '15.4', chrome: '92' } as const;

interface SameOptions {
  bundle: true;
  minify: true;
  platform: 'browser';
  format: 'iife';
  target: string[];
}
/** How they are bundled, in the names that esbuild's command line and its interface share. */
export const SCRIPT_BUNDLE: SameOptions = {
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'iife',
  target: [`ios${OLDEST.ios}`, `chrome${OLDEST.chrome}`],
};

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

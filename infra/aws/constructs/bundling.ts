// How a function's source becomes the one file that Lambda loads. The stack bundles with these options through the CDK,
// infra/cli/bundle-report.ts through esbuild's own interface, so that what is measured is what is deployed.

import { fileURLToPath } from 'node:url';

import { ASSET_FOLDER, ASSETS as CONSOLE_ASSETS } from '../../../functions/console/assets.ts';
import { SCRIPT_BUNDLE, SCRIPTS } from '../../../functions/console/scripts.ts';
import { DOCS_ASSETS } from '../../../functions/docs/assets.ts';

/** The project's root folder, without a trailing slash. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Every function that is deployed: `functions/<name>/handler.ts` exports `handler`. */
export const FUNCTIONS = [
  'api',
  'console',
  'district',
  'docs',
  'evidence',
  'notify',
  'sequence',
  'project',
  'publish',
  'react',
  'remind',
  'seal',
  'attest',
  'index',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export const entryOf = (name: FunctionName): string => `${ROOT}/functions/${name}/handler.ts`;

/**
 * Files that a function reads from `assets/` beside its bundle: where they come from, and their names; scripts to
 * bundle, and their sources.
 */
export const ASSETS_OF: Partial<
  Record<FunctionName, { from: string; files: string[]; scripts?: Record<string, string> }>
> = {
  console: { from: ASSET_FOLDER, files: Object.keys(CONSOLE_ASSETS), scripts: SCRIPTS },
  docs: { from: 'node_modules/swagger-ui-dist', files: Object.keys(DOCS_ASSETS) },
};

export const BUNDLE = {
  /** One ES module with the SDK inside: starts in about a third of the time of the runtime's own SDK. */
  target: 'node24',
  minify: true,
  /** Chinese as it is: escaped, a character would take six. */
  charset: 'utf8',
  sourceMap: true,
  /** The map names places; the sources themselves would double the upload. */
  sourcesContent: false,
  mainFields: ['module', 'main'],
  /** See functions/runtime/credentials.ts. */
  alias: { '@aws-sdk/credential-provider-node': './functions/runtime/credentials.ts' },
  /** Some CommonJS dependencies of the SDK call `require` for Node's own modules; an ES module has none by itself. */
  banner: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
};

/** The command that bundles a script for browsers, with the options that the console itself uses when it runs from source. */
export function scriptCommand(entry: string, outfile: string): string[] {
  const options = Object.entries(SCRIPT_BUNDLE).map(([name, value]) =>
    value === true ? `--${name}` : `--${name}=${value}`,
  );
  return [
    `${ROOT}/node_modules/.bin/esbuild`,
    `${ROOT}/${entry}`,
    ...options,
    '--log-level=error',
    `--outfile=${outfile}`,
  ];
}

// The page's static files. In a bundle they lie in `assets/` beside it (the bundling copies them there); run from source they are
// taken from the installed package.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { own } from '../../shared/own.ts';

/** Files to copy beside the bundle, from node_modules/swagger-ui-dist, and the type that each is sent with. */
export const DOCS_ASSETS: Record<string, string> = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

export interface DocsAsset {
  type: string;
  bytes: Buffer;
  /** undefined where it would not help */
  gzipped: Buffer | undefined;
}

const loaded = new Map<string, DocsAsset>();

/** One of DOCS_ASSETS; undefined for any other name, so that no path leads elsewhere. */
export function docsAsset(name: string): DocsAsset | undefined {
  const type = own(DOCS_ASSETS, name);
  if (type === undefined) return undefined;
  const known = loaded.get(name);
  if (known) return known;
  const bytes = readFileSync(join(folder(), name));
  const made = { type, bytes, gzipped: type.startsWith('text/') ? gzipSync(bytes) : undefined };
  loaded.set(name, made);
  return made;
}

function folder(): string {
  const beside = fileURLToPath(new URL('./assets', import.meta.url));
  if (existsSync(beside)) return beside;
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}

// The page's static files. In a bundle they lie in `assets/` beside it (the bundling copies them there); run from source they are
// taken from the installed package.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Files to copy beside the bundle, from node_modules/swagger-ui-dist, and the type that each is sent with. */
export const ASSETS: Record<string, string> = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

export interface Asset {
  type: string;
  bytes: Buffer;
  /** undefined where it would not help */
  gzipped: Buffer | undefined;
}

const loaded = new Map<string, Asset>();

/** One of ASSETS; undefined for any other name, so that no path leads elsewhere. */
export function asset(name: string): Asset | undefined {
  if (!Object.hasOwn(ASSETS, name)) return undefined;
  const known = loaded.get(name);
  if (known) return known;
  const type = ASSETS[name]!;
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

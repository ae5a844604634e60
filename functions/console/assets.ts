// The console's static files: in a bundle they lie in `assets/` beside it (the bundling puts them there), run from source they are read
// where they are written; scripts are bundled then (scripts.ts). Their addresses carry a hash of their bytes, so that a browser keeps them
// for good and still gets a new one.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { to } from './page.ts';
import { bundled, isScript, runsFromSource, type ScriptName } from './scripts.ts';

export const ASSET_FOLDER = 'functions/console/assets';
/** Files to copy beside the bundle, and the type that each is sent with. */
export const ASSETS = {
  'console.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;
export type AssetName = keyof typeof ASSETS | ScriptName;

export interface Asset {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
  gzipped: Uint8Array<ArrayBuffer>;
  hash: string;
}

const folder = fileURLToPath(new URL('./assets', import.meta.url));
const SCRIPT = 'text/javascript; charset=utf-8';
const loaded = new Map<AssetName, Asset>();

export function asset(name: AssetName): Asset {
  const known = loaded.get(name);
  if (known) return known;
  const bytes = new Uint8Array(isScript(name) && runsFromSource ? bundled(name) : readFileSync(join(folder, name)));
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 10);
  const made = {
    type: isScript(name) ? SCRIPT : ASSETS[name],
    bytes,
    gzipped: new Uint8Array(gzipSync(bytes, { level: 9 })),
    hash,
  };
  loaded.set(name, made);
  return made;
}

/** `/console/assets/<hash>/console.css` */
export const assetPath = (name: AssetName): string => to(`/assets/${asset(name).hash}/${name}`);

export const isAsset = (name: string): name is AssetName => Object.hasOwn(ASSETS, name) || isScript(name);

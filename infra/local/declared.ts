// The synthesized template, kept from one start to the next: synthesizing takes seconds, and its result depends only on the
// sources and the installed packages. The key is a hash of those, so an edit is never served an old template.

import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Template } from './template.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let inThisProcess: Promise<Template> | undefined;

/** The template of infra/aws/synth.ts, read from the cache when nothing it is made from has changed. */
export function declaredTemplate(): Promise<Template> {
  inThisProcess ??= load();
  return inThisProcess;
}

async function load(): Promise<Template> {
  const file = join(ROOT, 'node_modules', '.cache', 'daocha', `template-${sourceHash()}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Template;
  const { synthesize } = await import('../aws/synth.ts');
  const template = synthesize() as Template;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(template));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // read-only installation: synthesized at each start
  }
  return template;
}

function sourceHash(): string {
  const hash = createHash('sha256');
  const sources = ['infra/aws/**/*.ts', 'functions/runtime/*.ts', 'shared/**/*.ts', 'events/**/*.ts'];
  for (const name of [...globSync(sources, { cwd: ROOT }), 'cdk.json', 'package-lock.json'].toSorted()) {
    const path = join(ROOT, name);
    if (existsSync(path)) hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 24);
}

// The project's own sources as trees, for tests that look for what no linter knows.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A node of swc's tree, as far as it is looked at. */
export interface Node {
  type: string;
  span: { start: number; end: number };
  [field: string]: unknown;
}

export interface Source {
  /** `shared/rules/hazard/hazard.ts` */
  path: string;
  nodes: Node[];
  /** the text of a node, in one line */
  text: (node: Node) => string;
}

/** Every source below these folders, with all the nodes of its tree. */
export function sourcesOf(folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'))
      .map((file) => read(`${folder}/${file}`)),
  );
}

function read(path: string): Source {
  const whole = readFileSync(join(ROOT, path));
  const tree = parseSync(whole.toString(), { syntax: 'typescript', target: 'es2024' });
  // swc counts bytes through all that it has read, and a module begins behind the comments above it
  const above = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(whole.toString())![0];
  const offset = tree.span.start - Buffer.byteLength(above);
  const nodes: Node[] = [];
  const look = (found: unknown): void => {
    if (typeof found !== 'object' || found === null) return;
    if (Array.isArray(found)) return found.forEach(look);
    if (typeof (found as Node).type === 'string' && 'span' in found) nodes.push(found as Node);
    Object.values(found).forEach(look);
  };
  look(tree.body);
  const text = ({ span }: Node): string =>
    whole
      .subarray(span.start - offset, span.end - offset)
      .toString()
      .replaceAll(/\s+/g, ' ');
  return { path, nodes, text };
}

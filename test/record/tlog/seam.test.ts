// The verifier must run in a browser too: whatever is Node's own stays in the two files that a browser replaces, and in those that sign.
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const folder = new URL('../../../shared/record/tlog/', import.meta.url);

test('only hash.ts and ed25519.ts know Node', async () => {
  const files = (await readdir(folder)).filter((name) => !name.endsWith('.browser.ts'));
  const sources = await Promise.all(
    files.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })),
  );
  const code = sources.map(({ name, text }) => ({ name, text: text.replaceAll(/\/\*\*[^]*?\*\/|\/\/.*/gu, '') }));
  const knowing = code.filter(({ text }) => /'node:|\bBuffer\b|\bprocess\b/u.test(text)).map(({ name }) => name);
  expect(knowing.toSorted()).toEqual(['ed25519.ts', 'hash.ts']);
  const outside = code.flatMap(({ text }) =>
    [...text.matchAll(/from '(?<path>[^']+)'/gu)].map((match) => match.groups!['path']!),
  );
  expect(new Set(outside.filter((path) => !path.startsWith('./')))).toEqual(
    new Set(['../../../events/errors.ts', '../../pasted.ts', 'node:crypto']),
  );
});

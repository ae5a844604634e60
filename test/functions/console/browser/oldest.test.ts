// What runs in a browser runs in the oldest ones that are declared (docs/console.md): no built-in is newer than they
// are, and no syntax. The list of built-ins is not kept by hand: it is everything that the type checker finds, dated by
// MDN's data.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bundled, SCRIPTS, type ScriptName } from '../../../../functions/console/scripts.ts';
import { temporaryDirectory } from '../../../support/platform.ts';
import { builtInsOf, tooNew } from './built-ins.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Used nevertheless, and what happens where it is not there. */
const MAY_BE_MISSING: Record<string, string> = {
  'HTMLElement.inert': 'every control of the form is disabled as well (inspect/form.ts)',
};

test('no built-in is newer than the oldest browsers: each is named with its file, and since when it is there', () => {
  const used = builtInsOf(here('newest.tsconfig.json'), root);
  const files = new Set(used.map(({ at }) => at.split(':')[0]));
  for (const file of [
    ...Object.values(SCRIPTS),
    'shared/record/tlog/bytes.ts',
    'functions/console/browser/inspect/store.ts',
  ]) {
    expect(files).toContain(file);
  }
  expect(tooNew(used).filter(({ name }) => !(name in MAY_BE_MISSING))).toEqual([]);
  expect(Object.keys(MAY_BE_MISSING).filter((name) => !used.some((one) => one.name === name))).toEqual([]);
});

test('newer ones are found wherever they stand', () => {
  const folder = temporaryDirectory();
  const lines = {
    'Map.groupBy': 'Map.groupBy([1], (n) => n)',
    'Object.groupBy': 'Object.groupBy([1], String)',
    'Array.toSorted': '[2, 1].toSorted()',
    'Array.toReversed': '([1] as readonly number[]).toReversed()',
    'Array.toSpliced': '[1].toSpliced(0, 1)',
    'Array.with': '[1].with(0, 2)',
    'Array.findLast': '[1].findLast(Boolean)',
    'AbortSignal.timeout': 'AbortSignal.timeout(1)',
    'String.isWellFormed': "'x'.isWellFormed()",
    'Promise.withResolvers': 'Promise.withResolvers()',
    'Object.hasOwn': "Object.hasOwn({}, 'x')",
    structuredClone: 'structuredClone({})',
    'HTMLFormElement.requestSubmit': 'document.forms[0]!.requestSubmit()',
    // as old as the browsers
    'Array.at': '[1].at(-1)',
    'Crypto.randomUUID': 'crypto.randomUUID()',
    'ParentNode.replaceChildren': 'document.body.replaceChildren()',
  };
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(`${folder.path}/page.ts`, Object.values(lines).join(';\n'));
  const options = { target: 'esnext', lib: ['esnext', 'dom', 'dom.iterable'], types: [] };
  writeFileSync(`${folder.path}/tsconfig.json`, JSON.stringify({ compilerOptions: options, include: ['.'] }));
  try {
    const used = builtInsOf(`${folder.path}/tsconfig.json`, folder.path);
    expect(used.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(lines)));
    const newer = tooNew(used);
    expect(newer.map(({ name }) => name)).toEqual(Object.keys(lines).slice(0, -3));
    expect(newer[0]).toEqual({
      at: 'page.ts:1',
      name: 'Map.groupBy',
      since: 'safari_ios 17.4, chrome_android 117, webview_android 117',
    });
  } finally {
    folder.remove();
  }
});

test.each(Object.keys(SCRIPTS) as ScriptName[])(
  '%s has no regular expression that looks behind, and is small',
  (name) => {
    const code = Buffer.from(bundled(name)).toString('utf8');
    // the one syntax that the bundler cannot write otherwise: since Safari 16.4
    expect(code).not.toMatch(/\(\?<[=!]/);
    expect(code.length).toBeLessThan(32 * 1024);
  },
);

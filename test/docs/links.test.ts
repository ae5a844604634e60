// Every relative link in the Markdown files leads to a file, and to a heading where it names one.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);

/** The anchor that a heading gets on a page: lower case, punctuation dropped, blanks as hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

/** Links of a page outside of fenced code: `](…)` and `src="…"`. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g)].map((match) => (match[1] ?? match[2])!);
}

function anchorsOf(file: string): Set<string> {
  const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  return new Set([...text.matchAll(/^#{1,6} +(.+)$/gm)].map((match) => anchorOf(match[1]!)));
}

function fault(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? path.join(ROOT, page) : path.join(ROOT, path.dirname(page), decodeURI(target));
  if (!existsSync(file)) return `${page}: ${link} leads nowhere`;
  if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith('.md')) return undefined;
  return anchorsOf(file).has(decodeURI(anchor)) ? undefined : `${page}: ${link} names a heading that is not there`;
}

test('every relative link in the Markdown files leads somewhere', () => {
  const links = pages.flatMap((page) =>
    linksOf(readFileSync(path.join(ROOT, page), 'utf8')).map((link) => [page, link] as const),
  );
  expect(links.length).toBeGreaterThan(100);
  expect(links.flatMap(([page, link]) => fault(page, link) ?? [])).toEqual([]);
});

test.each([
  ['README.md', 'docs/nowhere.md', 'leads nowhere'],
  ['README.md', 'docs/tour.md#no-such-heading', 'names a heading that is not there'],
])('a link that is wrong is named: %s → %s', (page, link, why) => {
  expect(fault(page, link)).toContain(why);
});

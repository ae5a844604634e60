// Which built-ins of browsers some sources use, and since when the browsers that are declared the oldest have them. The
// type checker says what each name is, MDN's data since when it is there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CompatData, Identifier, SimpleSupportStatement } from '@mdn/browser-compat-data';
import { SyntaxKind, type Node, type SourceFile } from 'typescript/unstable/ast';
import { API, type NodeHandle, type Project } from 'typescript/unstable/sync';
import { OLDEST } from '../../../../functions/console/scripts.ts';

const require = createRequire(import.meta.url);
const DATA = JSON.parse(readFileSync(require.resolve('@mdn/browser-compat-data'), 'utf8')) as CompatData;

/** A built-in as somebody wrote it. */
export interface Used {
  /** `src/form.ts:12` */
  at: string;
  /** `Map.groupBy`, `Array.toSorted`, `structuredClone` */
  name: string;
}
/** One that an oldest browser does not have. */
export interface TooNew extends Used {
  /** `safari_ios 17.4` */
  since: string;
}

const BROWSERS = {
  safari_ios: OLDEST.ios,
  chrome_android: OLDEST.chrome,
  webview_android: OLDEST.chrome,
} as const;

/** Every built-in that the sources of a project use. @param config path of its tsconfig */
export function builtInsOf(config: string, root: string): Used[] {
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)!;
    const names = project.program
      .getSourceFileNames()
      .filter((name) => name.startsWith(`${root}/`) && !name.includes('/node_modules/'));
    return names.flatMap((name) => usedIn(project, project.program.getSourceFile(name)!, name.slice(root.length + 1)));
  } finally {
    api.close();
  }
}

function usedIn({ checker }: Project, file: SourceFile, path: string): Used[] {
  const nodes = valuesIn(file);
  const symbols = checker.getSymbolAtLocation(nodes);
  return symbols.flatMap((symbol, nth): Used[] => {
    const handle = symbol?.declarations.find(({ path: where }) => /\/lib\.[\w.]*\.d\.ts$/.test(where));
    if (!symbol || !handle) return [];
    const line = file.text.slice(0, nodes[nth]!.getStart(file)).split('\n').length;
    const owner = ownerOf(handle);
    return [{ at: `${path}:${line}`, name: owner === undefined ? symbol.name : `${owner}.${symbol.name}` }];
  });
}

/** Identifiers where something is used, not where a type is named. */
function valuesIn(file: SourceFile): Node[] {
  const found: Node[] = [];
  const walk = (node: Node): void => {
    if (node.kind >= SyntaxKind.FirstTypeNode && node.kind <= SyntaxKind.LastTypeNode) return;
    if (node.kind === SyntaxKind.Identifier) found.push(node);
    node.forEachChild((child) => {
      walk(child);
      return undefined;
    });
  };
  walk(file);
  return found;
}

/** The interface in which a member is declared; of a constructor what it makes; none for a name of its own. */
function ownerOf(handle: NodeHandle): string | undefined {
  for (let node = handle.resolve()?.parent; node; node = node.parent) {
    const { name } = node as unknown as { name?: { text?: string } };
    if (node.kind === SyntaxKind.InterfaceDeclaration) return name!.text!.replace(/^Readonly|Constructor$/g, '');
    if (node.kind === SyntaxKind.VariableDeclaration) return name!.text!;
  }
  return undefined;
}

/** Those that an oldest browser does not have, each with since when it is there. */
export function tooNew(used: readonly Used[]): TooNew[] {
  return used.flatMap((one) => {
    const known = supportOf(one.name);
    if (!known) return [];
    const since = Object.entries(BROWSERS).flatMap(([browser, oldest]) => {
      const first = known[browser as keyof typeof BROWSERS];
      return isLater(first, oldest) ? [`${browser} ${first ?? 'never'}`] : [];
    });
    return since.length > 0 ? [{ ...one, since: since.join(', ') }] : [];
  });
}

type Support = Record<keyof typeof BROWSERS, string | undefined>;

/** Since when each browser has it; undefined for what the data do not know. */
export function supportOf(name: string): Support | undefined {
  const [owner = '', member] = name.replace(/^(Big)?(Int|Uint|Float)\d+(Clamped)?Array\./, 'TypedArray.').split('.');
  const own = DATA.javascript?.['builtins'];
  const page = DATA.api;
  if (member === undefined) return support(within(own, owner) ?? within(page, owner) ?? within(page['Window'], owner));
  const homes = [within(own, owner), within(page, owner)];
  const found = homes.flatMap((home) => within(home, member) ?? within(home, `${member}_static`) ?? [])[0];
  if (found || within(own, owner)) return support(found);
  // what several interfaces have in common (Body, ParentNode …) stands under each of them: the one that has had it longest
  return Object.values(page)
    .flatMap((home) => support(within(home, member)) ?? [])
    .toSorted((a, b) => ordinal(a.safari_ios) - ordinal(b.safari_ios))[0];
}

const within = (home: object | undefined, name: string): Identifier | undefined =>
  home && Object.hasOwn(home, name) && name !== '__compat' ? (home as Record<string, Identifier>)[name] : undefined;

function support(entry: Identifier | undefined): Support | undefined {
  const given = entry?.['__compat']?.support;
  if (!given) return undefined;
  const first = (browser: keyof typeof BROWSERS): string | undefined => {
    const all: readonly SimpleSupportStatement[] = [given[browser] ?? []].flat();
    const plain = all.find(
      ({ flags, prefix, alternative_name: other, version_removed: gone }) => !flags && !prefix && !other && !gone,
    );
    return typeof plain?.version_added === 'string' ? plain.version_added : undefined;
  };
  return {
    safari_ios: first('safari_ios'),
    chrome_android: first('chrome_android'),
    webview_android: first('webview_android'),
  };
}

/** `15.4` as a number that orders versions: 15004. */
function ordinal(version: string | undefined): number {
  const [, major, minor = '0'] = /^≤?(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  return major === undefined ? Infinity : Number(major) * 1000 + Number(minor);
}
const isLater = (first: string | undefined, oldest: string): boolean => ordinal(first) > ordinal(oldest);

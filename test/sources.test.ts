// What no linter knows and the project's own sources must not do: cut a text within a character, and look others' text
// up in a plain object.
import { expect, test } from 'vitest';
import { sourcesOf, type Node, type Source } from './support/sources.ts';

const SOURCES = sourcesOf(['events', 'shared', 'functions', 'infra']);

test('the sources are read', () => {
  expect(SOURCES.length).toBeGreaterThan(350);
  const text = SOURCES.find(({ path }) => path === 'shared/text.ts');
  expect(text!.nodes.some((node) => text!.text(node) === 'kept.slice(0, -1)')).toBe(true);
});

type Inner = Node | undefined;
const inner = (node: Node, ...way: string[]): Inner =>
  way.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], node) as Inner;
const valueOf = (node: Inner): unknown => node?.['value'];

/** Does it end somewhere else than before its end, or where something was looked for? */
const isCut = (end: string | undefined): boolean =>
  end !== undefined && !end.startsWith('-') && !/(indexOf|search)\(|\.length/.test(end);

/** Cuts of what cannot have a character of two units: hashes, and calendar days and times in ISO form. */
const PLAIN =
  /digest\(|^hash\(|sha256$|randomUUID\(\)$|toISOString\(\)$|townDay\(|townTime\(|(^|\.)(day|today|date|month|instant|nominal|local|at)$|definition\.(from|to)$/;
/**
 * Cuts of lists and bytes, of text that is ASCII by its making, and at a sign that was found. A text is cut by cutText
 * (shared/text.ts).
 */
const LISTS = new Set([
  'shared/record/log/read.ts: some.slice(0, half)',
  "shared/rules/waiting/answering.ts: ( others.length > 0 ? others : organisations.flatMap((one) => recipientsOf('head', { ...facts, organisation: one }, day)) ).slice(0, 20)",
  'infra/local/log-key.ts: damaged.slice(0, TOLD)',
  'shared/record/log/read.ts: some.slice(0, half)',
  'shared/rules/perform/unit-names.ts: ids.slice(at, at + MOST_ALIKE)',
  'shared/rules/perform/unit-names.ts: [...new Map(rest.map((one) => [one.id, alikeOf(one.id, one)])).values()].slice(0, MOST_ALIKE)',
  'shared/import/daocha-units.ts: ended.slice(from, from + MOST_CLOSES)',
  'shared/import/csv.ts: row.values.slice(0, certain)',
  'shared/import/identity.ts: [...Map.groupBy(rows, value)] .slice(0, 6)',
  'shared/import/messages.ts: shown.slice(0, 10)',
  'shared/import/summary.ts: units .slice(0, 5)',
  'infra/cli/import.ts: all .slice(0, SHOWN)',
  "functions/api/auth.ts: text.replaceAll(/[^\\x20-\\x7e]|\"/g, '?').slice(0, 40)",
  'functions/api/problems.ts: errors.slice(0, 50)',
  'functions/api/reading.ts: entries.slice(0, 10)',
  'functions/console/browser/inspect/photo-list.ts: file.slice(0, HEAD)',
  'functions/console/browser/inspect/unit-picker.ts: units.filter(({ name }) => name.includes(words)).slice(0, 8)',
  "functions/console/browser/words.ts: note.split('+').slice(0, 2)",
  "functions/console/app.ts: state.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 16)",
  'functions/console/form.ts: all.slice(0, 1)',
  'functions/console/names.ts: [...new Set(references)].filter((one): one is string => !!one && isPerson(one)).slice(0, MOST_NAMES)',
  'functions/console/pages/roster.ts: terms.slice(0, nth)',
  'functions/console/pages/trace.ts: types.slice(0, 3)',
  'functions/notify/compose.ts: all.message.notices.slice(0, count)',
  'functions/notify/compose.ts: most.slice(0, count)',
  'functions/notify/outbox.ts: positions .slice(start, start + 25)',
  'functions/notify/text.ts: letters.slice(0, LONGEST_NAME - 1)',
  'infra/cli/bundle-report.ts: [...bytes] .map(([part, size]) => ({ part, bytes: size })) .toSorted((a, b) => b.bytes - a.bytes) .slice(0, 5)',
  'infra/cli/audit.ts: problems.slice(0, SHOWN)',
  'infra/cli/import.ts: summary.refused .slice(0, SHOWN)',
  'infra/cli/simulate.ts: [...refused] .toSorted(([, a], [, b]) => b - a) .slice(0, 10)',
  'infra/cli/text-table.ts: line.slice(0, blank)',
  'infra/local/delivery.ts: records.slice(0, middle)',
  'infra/local/gateway.ts: url.slice(0, at)',
  'infra/local/queues.ts: waiting.slice(0, queue.batchSize)',
  'infra/local/template.ts: key.slice(0, dot)',
  "infra/simulate/scenario.ts: [...register.plans()] .map((plan) => ({ plan, lot: random(stretch.seed, 'unit', plan.unit).next() })) .toSorted((a, b) => a.lot - b.lot) .slice(0, stretch.units)",
  'shared/record/access/access.ts: rows.slice(0, limit)',
  'shared/record/attest/archive.ts: seen.slice(0, young)',
  'shared/record/audit/bundle.ts: all.slice(0, tile.width)',
  'shared/record/audit/bundle.ts: missing.slice(n, n + AT_ONCE)',
  'shared/rules/perform/clock-command.ts: [...each.values()].slice(0, MOST)',
  'shared/rules/perform/execute.ts: key.slice(0, slash)',
  'shared/rules/perform/execute.ts: made.slice(2, 8)',
  'shared/rules/inspection/inspection.ts: history.slice(0, seen)',
  'shared/reading/case-file/facts.ts: others.slice(0, MOST_LINES)',
  'shared/reading/case-file/proofs.ts: runs.slice(n, n + AT_ONCE)',
  'shared/import/command.ts: [...new Set(rows)].toSorted((a, b) => a - b).slice(0, 500)',
  'shared/import/nyc-restaurant.ts: cells.slice(i * CELLS, (i + 1) * CELLS)',
  'shared/import/send.ts: commands.slice(at, at + size)',
  'shared/record/audit/check-index.ts: subjects.slice(0, until - from)',
  'shared/record/index/block.ts: blocks.slice(0, half)',
  'shared/record/index/index-tree.ts: keys.slice(0, count)',
  'shared/record/index/stored.ts: block.slice(from, to)',
  'shared/record/index/stored.ts: bytes.slice(n * PART, (n + 1) * PART)',
  'shared/record/index/stored.ts: roots.slice(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES)',
  'shared/record/log/batch.ts: all.slice(n * size, (n + 1) * size)',
  'shared/record/log/frontier.ts: hashes.slice(n * HASH_BYTES, (n + 1) * HASH_BYTES)',
  'shared/record/log/read.ts: waiting.slice(0, batch)',
  'shared/record/log/sequence.ts: commits.slice(0, placed)',
  'shared/record/log/sweep.ts: missing.slice(at, at + AT_ONCE)',
  'shared/record/store/store.ts: keys.slice(start, start + 100)',
  'shared/text.ts: text.slice(0, max - mark.length)',
  'shared/record/tlog/note.ts: lines.slice(0, n)',
  'shared/record/tlog/note.ts: verifiers.slice(0, n)',
  'shared/record/tlog/note.ts: whole.slice(0, gap + 1)',
  'shared/record/tlog/proof.ts: text.slice(0, Math.max(gap, 0))',
  'shared/record/tlog/proof.ts: witnesses.slice(0, n)',
  'shared/reading/trace/recurrences.ts: stream.slice(0, at)',
  'shared/reading/dictionary.ts: name.slice(0, dot)',
  'shared/reading/views/compare.ts: moved.slice(at, at + PAGE)',
  'shared/reading/hazard/list-query.ts: rows.slice(0, plan.limit)',
  'shared/reading/views/rebuild.ts: differences.slice(0, 20)',
  'shared/record/witness/protocol.ts: text.slice(0, gap)',
]);

function cutsIn({ path, nodes, text }: Source): string[] {
  return nodes.flatMap((node) => {
    const method = valueOf(inner(node, 'callee', 'property'));
    if (node.type !== 'CallExpression' || !['slice', 'substring', 'substr'].includes(String(method))) return [];
    const [, end] = node['arguments'] as { expression: Node }[];
    if (method === 'slice' && !isCut(end && text(end.expression))) return [];
    if (PLAIN.test(text(inner(node, 'callee', 'object')!))) return [];
    return [`${path}: ${text(node)}`];
  });
}

test('a text is cut in one place only: a length that falls within a character makes what cannot be stored', () => {
  const found = SOURCES.flatMap(cutsIn).filter((cut) => !LISTS.has(cut));
  expect(found).toEqual([]);
});

/** A type, or a value, whose keys are any text. */
const TABLE = /\bRecord<\s*string\s*,|\[\w+: string\]:/;
const MADE = /^Object\.fromEntries\(|\bas (unknown as )?(Readonly<|Partial<)*Record<\s*string/;

/** Names that stand for such tables: of fields anywhere, of variables and parameters in their own file. */
function tablesOf({ nodes, text }: Source): { fields: string[]; names: Set<string> } {
  const fields: string[] = [];
  const names = new Set<string>();
  for (const node of nodes) {
    const type = inner(node, 'typeAnnotation');
    if (type && TABLE.test(text(type))) {
      if (node.type === 'Identifier') names.add(String(valueOf(node)));
      if (node.type === 'TsPropertySignature') fields.push(String(valueOf(inner(node, 'key'))));
    }
    const made = node.type === 'VariableDeclarator' && inner(node, 'init');
    if (made && MADE.test(text(made))) names.add(String(valueOf(inner(node, 'id'))));
  }
  return { fields, names };
}

/** Lookups by keys of our own, which no text of others can be; what others wrote is looked up by own() (shared/own.ts), or in a Map. */
const OWN_KEYS: Record<string, readonly string[]> = {
  'the one place': ['table[key]'],
  'inherits nothing (bareTable, Object.create(null))': [
    'counts[key]',
    'run.done.issued[rung]',
    'reminders[rung]',
    'reportReminders[rung]',
    'form[name]',
  ],
  'names of our own forms, pages, parameters, routes and variables': [
    'values[name]',
    'values[field.name]',
    'visit.form[name]',
    'visit.form[BASIS.name]',
    'form[names.photos]',
    'query[name]',
    'query[kind]',
    'query[field]',
    'query[parameter]',
    'query[question.about]',
    'query[QUESTIONS[name].about]',
    'asked[parameter]',
    'asked.query[rule.each]',
    'params[from]',
    'params[part]',
    'paths[route.path]',
    'own[status]',
    'own[flag]',
    'environment[name]',
    'process.env[name]',
    'properties[name]',
    'names[stage]',
    'c.env?.event?.headers?.[name]',
    'parameters[greedy]',
    'parameters[named]',
    'parameters[name]',
  ],
  'names of fields of our own events, views and schemas': [
    'data[field]',
    'data[name]',
    '(value as Record<string, unknown>)[field.name]',
    '(data as Record<string, unknown>)[field.name]',
    'values[name]',
    'keys[field]',
    '(event.data as Record<string, unknown>)[field]',
    '(event.data as { text?: string; place?: string })[field]',
    'event[name]',
    '(value as Record<string, unknown> | undefined)?.[discriminator]',
    '(at as Record<PropertyKey, unknown> | undefined)?.[part]',
    '(here as Record<PropertyKey, unknown> | undefined)?.[part]',
    "answer[part as 'text' | 'place' | 'answer']",
    'total[field as keyof MonthDocument]',
    'subject.figures![name]',
    'definition.upcasts[schema]',
  ],
  'tracks, statuses, grades and other words of ours': [
    'state.baselines[command.track]',
    'figures[event.track]',
    'replayed.figures[key]',
    'backtested.figures[key]',
    'may[role]',
    'RANK[parseStreamKey(event.stream).category]',
    'NAMES[type]',
    'kind[error.reason as keyof typeof kind]',
    "{ unit: '单位登记', hazard: '隐患', inspection: '检查' }[about]",
    'TABLES[answer.question as QuestionName]',
  ],
  'single characters that a pattern found': ['ENTITIES[character]', 'ESCAPES[letter]', 'WIDE[sign]'],
  'asked for with Object.hasOwn before': ['COMMANDS[name]', 'ASSETS[name]'],
  'names of algorithms and of errors of libraries': [
    'DIGESTS[hashAlgorithm.algorithmId]',
    'DIGESTS[signer.digestAlgorithm.algorithmId]',
    'DIGESTS[algorithm]',
    'LASTING[(error as Error).name]',
  ],
  'ids that have a # or /': ['streams[stream]'],
};
const KNOWN = new Set(Object.values(OWN_KEYS).flat());
/** Positions in lists. */
const POSITION =
  /\[(n|nth|at|i|j|index|level|middle|path\[1\] as number|`[lo]\$\{n\}`)\]$|\[Math\.|\[between\(|findLastIndex/;
/** The platform on one machine reads its own template, shards and schedules. */
const OWN_FILES = /^infra\/(local|constructs)\/|^infra\/[^/]+\.ts$/;

test('what others wrote is not looked up in a plain object, which has `constructor` and `toString` too', () => {
  const sources = SOURCES.filter(({ path }) => !OWN_FILES.test(path));
  const tables = new Map(sources.map((source) => [source, tablesOf(source)]));
  const fields = new Set([...tables.values()].flatMap((each) => each.fields));
  const found = sources.flatMap((source) =>
    source.nodes.flatMap((node) => {
      const key = inner(node, 'property', 'expression');
      if (node.type !== 'MemberExpression' || inner(node, 'property')?.type !== 'Computed' || !key) return [];
      if (['StringLiteral', 'NumericLiteral'].includes(key.type)) return [];
      let table = inner(node, 'object')!;
      while (['TsNonNullExpression', 'OptionalChainingExpression'].includes(table.type)) {
        table = (inner(table, 'expression') ?? inner(table, 'base'))!;
      }
      const field = table.type === 'MemberExpression' && valueOf(inner(table, 'property'));
      const isTable =
        (table.type === 'Identifier' && tables.get(source)!.names.has(String(valueOf(table)))) ||
        (table.type === 'MemberExpression' && fields.has(String(field))) ||
        ['ObjectExpression', 'ParenthesisExpression'].includes(table.type) ||
        key.type === 'TsAsExpression';
      const said = source.text(node);
      return isTable && !KNOWN.has(said) && !POSITION.test(said) ? [`${source.path}: ${said}`] : [];
    }),
  );
  expect(found).toEqual([]);
});

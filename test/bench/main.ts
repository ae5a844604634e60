// `npm run bench`: measures what the project promises and prints it as Markdown, ready for docs/performance.md. Every comparison is a
// ratio within one run on one engine, in alternating rounds; what it means stands in that document.
import { cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ENGINES } from '../../infra/local/engine.ts';
import type { Bench, Run } from './options.ts';
import { markdown, type Section } from './table.ts';

const SECTIONS: Record<string, () => Promise<Run>> = {
  store: async () => (await import('./store.ts')).storeSections,
  http: async () => (await import('./http.ts')).httpSections,
  reading: async () => (await import('./reading.ts')).readingSections,
  follow: async () => (await import('./follow.ts')).followSections,
  lag: async () => (await import('./lag.ts')).lagSections,
  escalate: async () => (await import('./escalate.ts')).escalateSections,
  import: async () => (await import('./import.ts')).importSections,
  flat: async () => (await import('./flat.ts')).flatSections,
  trace: async () => (await import('./trace.ts')).traceSections,
  deadlines: async () => (await import('./deadlines.ts')).deadlineSections,
  rebuild: async () => (await import('./rebuild.ts')).rebuildSections,
  verify: async () => (await import('./audit-verify.ts')).verifySections,
  mutations: async () => (await import('./mutations.ts')).mutationSections,
  console: async () => (await import('./console.ts')).consoleSections,
  bundles: async () => (await import('./bundles.ts')).bundlesSections,
};
const NAMES = Object.keys(SECTIONS);

const HELP = `Usage: npm run -s bench -- [SECTION …] [options]

Sections: ${NAMES.join(', ')} (all unless named). The table goes to standard output, progress to standard error.

Options:
  --dinesafe FILE  import the DineSafe load file (118,294 rows) instead of the shipped extract
  --quick          a smoke check of the benchmarks themselves: the figures mean little
  --json           the sections as JSON
  --help

DAOCHA_ENGINE chooses the engine (${ENGINES.join(', ')}). Exit codes: 0 measured · 1 a target is missed · 2 wrong usage or failure`;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      dinesafe: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`“${unknown}” is no section; they are ${NAMES.join(', ')}.`);
  const begun = performance.now();
  const bench: Bench = {
    quick: values.quick,
    dinesafe: values.dinesafe,
    say: (message) =>
      process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${message}\n`),
  };
  const sections: Section[] = [];
  for (const name of positionals.length > 0 ? positionals : NAMES) {
    const run = await SECTIONS[name]!();
    sections.push(...(await run(bench)));
  }
  const machine = describeMachine();
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ machine, quick: values.quick, seconds, sections }, null, 2)}\n`
      : `${machine}${values.quick ? ' **Quick run: the figures mean little.**' : ''} Took ${seconds} s.\n\n${markdown(sections)}\n`,
  );
  const missed = sections.flatMap(({ rows }) => rows.filter(({ met }) => met === false));
  for (const { what, figure, target } of missed) bench.say(`missed: ${what}: ${figure}, target ${target}`);
  return missed.length > 0 && !values.quick ? 1 : 0;
}

function describeMachine(): string {
  const [cpu] = cpus();
  const engine = process.env['DYNAMODB_ENDPOINT'] ? 'an external engine' : (process.env['DAOCHA_ENGINE'] ?? ENGINES[0]);
  return (
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, ` +
    `${process.platform} ${release()}, Node ${process.versions.node}, ${engine}.`
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
}

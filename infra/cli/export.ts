// `daocha export ocel2`: all events, or those about one unit, as an object-centric event log for process mining. An operator's
// tool that reads the tables; auditors find the same file in every bundle (`daocha audit bundle`).
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { personSchema } from '../../events/envelope.ts';
import { recordAccess } from '../../shared/record/access/access.ts';
import { WHOLE } from '../../shared/record/access/entry.ts';
import { ocel2, type LoggedEvent } from '../../shared/record/audit/ocel2.ts';
import { DaochaError } from '../../events/errors.ts';
import { readHead } from '../../shared/record/log/head.ts';
import { walkLog } from '../../shared/record/log/read.ts';
import { unitTimeline } from '../../shared/reading/unit/page-query.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { print, warn } from './print.ts';
import { startStages } from './stage-progress.ts';
import { connectAccess, connectTables } from './tables.ts';

const EXIT = { ok: 0, usage: 2, failed: 3 } as const;

const HELP = `Usage: daocha export ocel2 --out FILE [--unit U] [--person REF] [--ground TEXT] [--data DIR]

Writes events as OCEL 2.0 JSON (www.ocel-standard.org), for process mining. All attribute values are strings. What came into the
log after the export began is not in it.

  --out FILE   where to; replaced when it is there
  --unit U     only the events about a unit
  --person REF who exports, by reference (operator); goes into the access log
  --ground T   on what ground (DAOCHA_GROUND); goes into the access log
  --data DIR   data directory of the local platform (DAOCHA_DATA, .daocha); it must be running
  --help

On AWS: set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE, ACCESS_TABLE and DAOCHA_TENANT, and give no --data.

Exit codes: 0 written · 2 wrong usage · 3 the tables or the file cannot be reached`;

const FLAGS = {
  out: { type: 'string' },
  unit: { type: 'string' },
  person: { type: 'string', default: 'operator' },
  ground: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const BATCH = 500;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    return fail(EXIT.usage, `${(error as Error).message}\nSee: daocha export --help`);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    print(`${HELP}\n`);
    return EXIT.ok;
  }
  if (positionals.length !== 1 || positionals[0] !== 'ocel2' || values.out === undefined) {
    return fail(EXIT.usage, 'Usage: daocha export ocel2 --out FILE [--unit U]\nSee: daocha export --help');
  }
  if (!personSchema.safeParse(values.person).success) {
    return fail(
      EXIT.usage,
      `--person: ${values.person} is no reference of a person; ASCII without blanks, never a name`,
    );
  }
  const progress = startStages(process.stderr, { export: 'Export' });
  let deps: ViewDeps | undefined;
  try {
    deps = connectTables(values.data);
    // Before anything is written: what is taken out unlogged is not taken out.
    await recordAccess(connectAccess(values.data, deps), randomUUID(), {
      at: deps.now().toISOString(),
      person: values.person,
      post: 'operator',
      organisation: null,
      roles: [],
      action: 'export',
      unit: values.unit ?? WHOLE,
      ground: values.ground ?? (process.env['DAOCHA_GROUND'] || null),
      route: 'daocha export ocel2',
      asked: {},
      correlation: randomUUID(),
    });
    const events = await exportTo(deps, values.out, values.unit, progress.show);
    progress.stop();
    print(`${values.out}: ${events} events.\n`);
    return EXIT.ok;
  } catch (error) {
    progress.stop();
    const expected = error instanceof DaochaError && error.expected ? `; ${error.expected}` : '';
    return fail(EXIT.failed, `${(error as Error).message}${expected}`);
  } finally {
    deps?.dynamo.destroy();
  }
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}

/** @returns the number of events */
export async function exportTo(
  deps: ViewDeps,
  out: string,
  unit: string | undefined,
  onProgress: (stage: string, done: number, total: number) => void,
): Promise<number> {
  const { size } = await readHead(deps);
  const positions = unit === undefined ? undefined : await unitPositions(deps, unit, size);
  if (positions?.length === 0) {
    throw new DaochaError('unknown-unit', 404, `no event is about a unit ${unit}`, {
      field: 'unit',
      expected: 'the id of a unit',
    });
  }
  const total = positions?.length ?? size;
  let done = 0;
  async function* events(): AsyncGenerator<LoggedEvent> {
    for (const [from, until] of positions ? stretches(positions) : [[0, size] as const]) {
      for await (const batch of walkLog(deps, from, { batch: BATCH, until })) {
        yield* batch;
        onProgress('export', (done += batch.length), 2 * total);
      }
    }
  }
  const part = `${out}.part`;
  const file = openSync(part, 'w');
  try {
    for await (const piece of ocel2(events)) writeFileSync(file, piece);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(part, out);
  return total;
}

async function unitPositions(deps: ViewDeps, unit: string, size: number): Promise<number[]> {
  const positions: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await unitTimeline(deps, { unit, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    positions.push(...page.items.map(({ position }) => position).filter((position) => position < size));
    ({ cursor } = page);
  } while (cursor !== undefined);
  return positions.toSorted((a, b) => a - b);
}

/** Neighbouring positions together: [from, until). */
function stretches(positions: readonly number[]): (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const position of positions) {
    const last = found.at(-1);
    if (last?.[1] === position) last[1] = position + 1;
    else found.push([position, position + 1]);
  }
  return found;
}

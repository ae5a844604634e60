// An import's batch: its commands in order, one session, so that a batch on one unit is mostly writes. What a rule refuses is told and
// the rest goes on; an outage ends the batch, and sending it again repeats nothing.
import type { Executed } from '../../../shared/rules/perform/execute.ts';
import { importCommand } from '../../../shared/rules/perform/import.ts';
import { Conflict, DaochaError } from '../../../events/errors.ts';
import type { HttpAnswer, ApiDeps, ApiCall } from '../handler-types.ts';
import { fingerprint } from '../idempotency.ts';
import { PROBLEM_PREFIX } from '../problems.ts';
import type { Routes } from '../routes.ts';
import { tokenFor, waitForWritten } from '../waiting.ts';
import { contextOf } from './command-handler.ts';

export const importHandlers = {
  runImport: async (deps: ApiDeps, call: ApiCall<Routes['runImport']>): Promise<HttpAnswer> => {
    const { source, file, commands } = call.body;
    const session = new Map();
    const results: object[] = [];
    /** Units that are on record as other ones: nothing of this batch goes onto them. */
    const others = new Map<string, object>();
    let written: Executed['commits'] = [];
    for (const command of commands) {
      const other = others.get(command.unit);
      if (other) {
        results.push({ command: command.command, status: 'refused', added: 0, problem: other });
        continue;
      }
      // Each command is known by its own id and body, however an import cuts its batches and wherever its rows are in the file: a
      // register that has grown says the same thing on other lines. Nor does it matter what was to become of look-alikes.
      const { derived: _rows, alike: _how, ...what } = { alike: undefined, ...command };
      const context = { ...contextOf(deps, call), source: 'import' as const, request: fingerprint('import', what) };
      try {
        const done = await importCommand(deps.store, context, { source, file }, command, session);
        const { outcomes, signedOff, unclosed, already, added } = done;
        if (done.commits.length > 0) written = done.commits;
        results.push({
          command: command.command,
          status: already ? 'already' : 'done',
          added,
          ...(outcomes.length > 0 ? { outcomes } : {}),
          ...(signedOff.length > 0 ? { signedOff } : {}),
          ...(unclosed.length > 0 ? { unclosed } : {}),
          ...(done.similar ? { similar: done.similar } : {}),
        });
      } catch (error) {
        if (!(error instanceof DaochaError) || error instanceof Conflict || error.status >= 500) throw error;
        const problem = problemOf(error);
        if (error.type === 'unit-differs') others.set(command.unit, problem);
        results.push({ command: command.command, status: 'refused', added: 0, problem });
      }
    }
    const last = written.at(-1);
    const position = call.wait && last ? await waitForWritten(deps, written, call.wait) : undefined;
    return {
      status: 200,
      body: { results, ...(last ? { atLeast: tokenFor(last) } : {}), ...(position === undefined ? {} : { position }) },
    };
  },
};

function problemOf(error: DaochaError): {
  type: string;
  detail: string;
  field?: string;
  expected?: string;
  units?: unknown;
  recorded?: unknown;
} {
  return {
    type: PROBLEM_PREFIX + error.type,
    detail: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.type === 'unit-looks-like' ? { units: error.facts['units'] } : {}),
    ...(error.facts['recorded'] ? { recorded: error.facts['recorded'] } : {}),
  };
}

// Builders for the import's tests: registers from text, and a town that obeys the platform's rules for hazards, in memory.
import type { ImportCommand, RowNote, Refusal, UnitPlan } from '../../shared/import/command.ts';
import { readRegister } from '../../shared/import/read.ts';
import type { PostCommands, PostFailed } from '../../shared/import/send.ts';
import type { Source, SourceOptions } from '../../shared/import/source.ts';
import type { CommandResult } from '../../shared/import/summary.ts';

export function bytes(content: string | Uint8Array, chunk = 7): () => AsyncIterable<Uint8Array> {
  const all = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return async function* () {
    // Small pieces, so that characters and line ends are cut in two.
    for (let at = 0; at < all.length; at += chunk) yield all.subarray(at, at + chunk);
  };
}

export interface Planned {
  plans: UnitPlan[];
  refused: Refusal[];
  notes: RowNote[];
  rows: number;
}

export async function planned(source: Source, csv: string | Uint8Array, options: SourceOptions = {}): Promise<Planned> {
  const { register, refused, notes, rows } = await readRegister(bytes(csv, 65_536), source, options);
  return { plans: [...register.plans()], refused, notes, rows };
}

/** `visit 2017-01-04 A,B closes C` for every step after the unit's registration. */
export function story(plan: UnitPlan): string[] {
  return plan.commands.map((command) => {
    if (command.kind === 'unit') return `unit ${command.details.name}`;
    const closes = (command.closes ?? []).map(({ clause }) => clause).join(',');
    if (command.kind === 'close') return `close ${command.occurredAt} ${closes}`;
    const found = command.answers.filter(({ answer }) => answer === 'problem').map(({ clause }) => clause);
    return `visit ${command.occurredAt} ${found.join(',') || 'clean'}${closes && ` closes ${closes}`}`;
  });
}

/**
 * The platform's rules for imported findings, in memory: found, persists while open, recurs after a sign-off, late before one.
 * Commands are idempotent by id and answered from memory when repeated.
 */
export function town(): { post: PostCommands; executed: ImportCommand[]; failNext(errors: PostFailed[]): void } {
  const hazards = new Map<string, { open: boolean; signedOffAt: string }>();
  const answered = new Map<string, CommandResult>();
  const executed: ImportCommand[] = [];
  let failures: PostFailed[] = [];

  function execute(command: ImportCommand): CommandResult {
    const before = answered.get(command.command);
    if (before) return { ...before, status: 'already', added: 0 };
    executed.push(command);
    const result: CommandResult = { command: command.command, status: 'done', added: 1 };
    answered.set(command.command, result);
    if (command.kind === 'unit') return result;
    const id = (clause: string): string => `${command.unit}|${command.track}|${clause}`;
    if (command.kind === 'visit') {
      result.outcomes = command.answers
        .filter(({ answer }) => answer === 'problem')
        .map(({ clause }) => {
          const known = hazards.get(id(clause));
          const late = known && !known.open && command.occurredAt < known.signedOffAt;
          if (!late) hazards.set(id(clause), { open: true, signedOffAt: '' });
          const outcome = !known ? 'found' : known.open ? 'persists' : late ? 'late' : 'recurred';
          return { clause, hazard: id(clause), outcome };
        });
    }
    result.signedOff = [];
    for (const { clause } of command.closes ?? []) {
      const known = hazards.get(id(clause));
      if (!known?.open) throw new Error(`nothing to sign off: ${clause}`);
      hazards.set(id(clause), { open: false, signedOffAt: command.occurredAt });
      result.signedOff.push(clause);
      result.added += 3;
    }
    result.added += result.outcomes?.length ?? 0;
    return result;
  }

  return {
    executed,
    failNext(errors) {
      failures = [...errors];
    },
    async post({ commands }) {
      const failure = failures.shift();
      if (failure) throw failure;
      return commands.map(execute);
    },
  };
}

// What an import came to. Everything about hazards is what the platform answered, so that importing again gives the same figures;
// a unit's hazards are counted when its last command is answered, and forgotten.
import { inChinese } from '../../events/wording.ts';
import { clauseRead, compared } from '../text.ts';
import type { ImportCommand, RowNote, Refusal, UnitCommand, UnitPlan } from './command.ts';
import { say, shownAt } from './messages.ts';

type UnitDetails = UnitCommand['details'];
interface Named {
  id: string;
  name: string;
  address?: string;
  /** its number in the register, where that reads like the other's */
  external?: string;
}

/** The platform's answer to one command. `already`: it had been done before; the outcomes are those of then. */
export interface CommandResult {
  command: string;
  status: 'done' | 'already' | 'refused';
  added: number;
  outcomes?: {
    clause: string;
    hazard: string;
    outcome: 'found' | 'persists' | 'recurred' | 'late';
    signedOffAt?: string;
  }[];
  signedOff?: string[];
  unclosed?: { clause: string; hazard: string; why: 'closed' | 'not-seen-yet' | 'acted-on'; at?: string }[];
  /** units on record of the same name, or at the same address */
  similar?: readonly Named[];
  problem?: {
    type?: string;
    title?: string;
    detail?: string;
    field?: string;
    expected?: string;
    /** `unit-looks-like`: which */
    units?: readonly Named[];
    /** `unit-differs`, `unit-exists`: the unit that has this id */
    recorded?: Omit<UnitDetails, 'external' | 'tracks'>;
  };
}

/** Printed by `import --json`. */
export interface ImportSummary {
  rows: number;
  units: number;
  inspections: number;
  cleanInspections: number;
  /** Distinct hazards (unit × class) of the file. */
  hazards: number;
  recurrences: number;
  /** Units with at least one recurrence. */
  recurrenceUnits: number;
  /** Of `hazards`: signed off at the end. */
  signedOff: number;
  /** Of `hazards`: open at the end. */
  open: number;
  eventsAdded: number;
  refused: Refusal[];
  /** What somebody should know of rows that went in. */
  notes: RowNote[];
  /** findings seen before a sign-off that is on record: the hazard stays signed off */
  late: { line: number; clause: string; hazard: string; signedOffAt: string }[];
}

export interface Tally {
  summary: ImportSummary;
  /** Starts a unit; the returned functions take its answers in the order of its commands. */
  unit(plan: UnitPlan): { answer(command: ImportCommand, result: CommandResult): void; done(): void };
}

/** How what the platform answered is told in the words of the register. */
export interface Wording {
  /** the Chinese words for a problem, by the last part of its type */
  chinese?: (type: string) => string | undefined;
  /** the column of the file that a field of a command was read from */
  column?: ((field: string, kind?: ImportCommand['kind']) => string | undefined) | undefined;
}

export function startTally(
  rows: number,
  refused: readonly Refusal[],
  notes: readonly RowNote[] = [],
  wording: Wording = {},
): Tally {
  const summary: ImportSummary = {
    rows,
    units: 0,
    inspections: 0,
    cleanInspections: 0,
    hazards: 0,
    recurrences: 0,
    recurrenceUnits: 0,
    signedOff: 0,
    open: 0,
    eventsAdded: 0,
    refused: [...refused],
    notes: [...notes],
    late: [],
  };
  return {
    summary,
    unit(plan) {
      summary.units++;
      summary.inspections += plan.inspections;
      summary.cleanInspections += plan.clean;
      const open = new Map<string, boolean>();
      let recurrences = 0;
      const told = new Set<number>();
      const refuse = (refusal: Refusal): void => {
        told.add(refusal.line);
        summary.refused.push(refusal);
      };
      for (const refusal of plan.refused ?? []) refuse(refusal);
      let unregistered: number | undefined;
      return {
        answer(command, result) {
          summary.eventsAdded += result.added;
          if (result.status === 'refused' && !registeredBefore(command, result)) {
            const line = command.derived.rows[0] ?? 0;
            const { problem } = result;
            if (command.kind !== 'unit' && unregistered !== undefined && notIn(problem)) {
              // Each row of it, for none went in; what only follows from a refusal on the same line is no news.
              const reason = say('unit-not-registered', { line: unregistered });
              for (const row of command.derived.rows) if (!told.has(row)) refuse({ line: row, column: '', reason });
              return;
            }
            if (told.has(line) && (unregistered !== undefined || command.kind === 'close')) return;
            if (command.kind === 'unit') unregistered = line;
            refuse(refusalOf(command, result, wording));
          }
          if (command.kind === 'unit') {
            if (result.similar) summary.notes.push(similarNote(command, result.similar, wording));
            if (registeredBefore(command, result)) summary.notes.push(...keptNotes(command, result, wording));
            return;
          }
          const key = (clause: string): string => `${command.track}|${clauseRead(clause)}`;
          for (const { clause, hazard, outcome, signedOffAt } of result.outcomes ?? []) {
            // Seen before a sign-off that is already on record: the hazard stays signed off.
            open.set(key(clause), outcome !== 'late');
            if (outcome === 'recurred') recurrences++;
            if (outcome === 'recurred' && signedOffAt) {
              const column = wording.column?.('occurredAt', command.kind) ?? 'occurredAt';
              const note = say('recurred-same-time', { clause, hazard, at: shownAt(signedOffAt) });
              summary.notes.push({ line: lineOf(command, clause), column, note });
            }
            if (outcome === 'late') {
              summary.late.push({ line: lineOf(command, clause), clause, hazard, signedOffAt: signedOffAt ?? '' });
            }
          }
          for (const { clause, hazard, why, at = '' } of result.unclosed ?? []) {
            if (why === 'closed') open.set(key(clause), false);
            const line = lineOf(command, clause);
            const column = wording.column?.('occurredAt', 'close') ?? 'occurredAt';
            const facts = { clause, hazard, here: shownAt(command.occurredAt), at: at && shownAt(at) };
            summary.notes.push({ line, column, note: say(`sign-off-${why}`, facts) });
          }
          for (const clause of result.signedOff ?? []) if (open.has(key(clause))) open.set(key(clause), false);
        },
        done() {
          const still = [...open.values()].filter(Boolean).length;
          summary.hazards += open.size;
          summary.open += still;
          summary.signedOff += open.size - still;
          summary.recurrences += recurrences;
          if (recurrences > 0) summary.recurrenceUnits++;
        },
      };
    },
  };
}

/** The row that found it, where a visit has a row for each of its answers; else the first of the visit. */
function lineOf(command: ImportCommand, clause: string): number {
  const { rows } = command.derived;
  const answers = command.kind === 'visit' ? command.answers : [];
  const n = rows.length === answers.length ? answers.findIndex((one) => one.clause === clause) : 0;
  return rows[Math.max(0, n)] ?? 0;
}

/** A unit that another file or a person registered with other details, or at another time, keeps those. */
function registeredBefore(command: ImportCommand, { problem }: CommandResult): boolean {
  return command.kind === 'unit' && (isOf(problem, 'unit-exists') || isOf(problem, 'idempotency-key-reused'));
}

const typeOf = (problem: CommandResult['problem']): string | undefined => problem?.type?.split(/[:/]/).at(-1);

export function isOf(problem: CommandResult['problem'], type: string): boolean {
  return typeOf(problem) === type;
}

/** What was answered on a command of a unit that did not go in. */
const notIn = (problem: CommandResult['problem']): boolean =>
  isOf(problem, 'unknown-unit') || isOf(problem, 'unit-differs');

/** What the file says of a unit otherwise than the record does, which holds. */
function keptNotes({ details, derived }: UnitCommand, { problem }: CommandResult, { column }: Wording): RowNote[] {
  const recorded = problem?.recorded;
  if (!recorded) return [];
  const text = (value: UnitDetails['location'] | string): string =>
    typeof value === 'object' ? `${value.lat}, ${value.lon}` : (value ?? '–');
  return (['kind', 'address', 'area', 'location'] as const).flatMap((field) => {
    const [kept, dropped] = [text(recorded[field]), text(details[field])];
    if (details[field] === undefined || compared(kept) === compared(dropped)) return [];
    const note = say('note-dropped', { kept, dropped });
    return [{ line: derived.rows[0] ?? 0, column: column?.(field) ?? field, note, kept, dropped }];
  });
}

function similarNote(command: ImportCommand, similar: readonly Named[], { column }: Wording): RowNote {
  const note = say('note-similar', { units: namesOf(similar) });
  return { line: command.derived.rows[0] ?? 0, column: column?.('name') ?? 'name', note };
}

/** `u_1（甲店，甲路1号）` of the first few. */
function namesOf(units: readonly Named[]): string {
  const shown = units
    .slice(0, 5)
    .map(({ id, name, address, external }) => `${id}（${[external, name, address].filter(Boolean).join('，')}）`);
  return `${shown.join('、')}${units.length > 5 ? ' …' : ''}`;
}

function refusalOf(
  command: ImportCommand,
  { problem }: CommandResult,
  { chinese, column: columnOf }: Wording,
): Refusal {
  const line = command.derived.rows[0] ?? 0;
  if (isOf(problem, 'idempotency-key-reused')) return { line, column: '', reason: say('recorded-otherwise') };
  const field = problem?.field ?? '';
  const column = columnOf ? (columnOf(field, command.kind) ?? '') : field;
  if (isOf(problem, 'unit-looks-like') && problem?.units && field === 'external.id' && command.kind === 'unit')
    return {
      line,
      column,
      reason: say('number-looks-like', { number: command.details.external.id, units: namesOf(problem.units) }),
    };
  if (isOf(problem, 'unit-looks-like') && problem?.units)
    return { line, column, reason: say('unit-looks-like', { units: namesOf(problem.units) }) };
  if (isOf(problem, 'unit-differs') && problem?.recorded && command.kind === 'unit') {
    const { recorded } = problem;
    const here = (field === 'area' && command.details.area) || command.details.name;
    const known = [recorded.name, recorded.address, recorded.area].filter(Boolean).join('，');
    const facts = { number: command.details.external.id, unit: command.unit, known, here };
    return { line, column, reason: say('unit-differs', facts) };
  }
  if (command.kind === 'close' && isOf(problem, 'occurred-in-future'))
    return { line, column, reason: say('sign-off-future', { at: shownAt(command.occurredAt) }) };
  if (isOf(problem, 'occurred-in-future'))
    return { line, column, reason: say('visit-future', { at: shownAt(command.occurredAt) }) };
  const said = problem?.detail ?? problem?.title;
  if (said === undefined) return { line, column, reason: say('refused-by-platform') };
  const expected = problem?.expected ? `; right would be: ${problem.expected}` : '';
  const known = chinese?.(typeOf(problem) ?? '');
  const input = isOf(problem, 'invalid-input') && problem?.expected ? `${inChinese(problem.expected)}。` : known;
  const words = /\p{Script=Han}/u.test(said) ? undefined : input;
  return { line, column, reason: `${words ? `${words} ` : ''}${command.kind}: ${said}${expected}` };
}

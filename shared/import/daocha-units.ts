// From rows to units and inspections: rows of one unit, and of one inspection at it, are put together. Where rows of
// one inspection contradict each other all of them are refused, because an inspection that went in half is never
// completed by a second import.
import { TRACKS, type Track } from '../../events/envelope.ts';
import { MAX_FINDINGS, type InspectionMode } from '../../events/inspection.ts';
import {
  commandOf,
  externalId,
  idOf,
  inferred,
  registration,
  type ImportCommand,
  type ImportedAnswer,
  type RowNote,
  type Refusal,
  type UnitPlan,
} from './command.ts';
import { NAME, type RegisterColumn } from './daocha-columns.ts';
import type { ReadRow, Spell } from './daocha-row.ts';
import { told, type AlikeAnswer } from './identity.ts';
import { compareText, spellEnds } from './intervals.ts';
import { say, shownAt } from './messages.ts';
import { clauseRead, numberRead } from '../text.ts';

interface Visit {
  key: string;
  at: string;
  track: Track;
  mode: InspectionMode;
  result: string | undefined;
  lines: number[];
  answers: ImportedAnswer[];
  spells: Spell[];
}
export interface Unit {
  key: string;
  /** known by the register's own number */
  numbered: boolean;
  line: number;
  name: string;
  kind: string | undefined;
  address: string | undefined;
  area: string | undefined;
  location: { lat: number; lon: number } | undefined;
  tracks: Set<Track>;
  visits: Visit[];
}

/** Most answers in one inspection: the limit of the event's schema. */
const MOST_ITEMS = 300;
/** Sign-offs in one command. */
const MOST_CLOSES = 90;

interface Told {
  refuse: (line: number, column: RegisterColumn, reason: string) => void;
  note: (note: RowNote) => void;
  heading: (column: RegisterColumn) => string;
}

/** Units by key; what contradicts itself is refused, what is dropped is noted. */
export function unitsOf(rows: readonly ReadRow[], tell: Told): Map<string, Unit> {
  const units = new Map<string, Unit>();
  for (const [key, all] of Map.groupBy(rows, ({ identity }) => identity.key)) {
    const visits = inspectionsOf(key, all, tell);
    const kept = new Set(visits.flatMap(({ rows: own }) => own));
    const own = all.filter((row) => kept.has(row));
    const [first] = own;
    if (!first) continue;
    for (const row of own) for (const note of row.notes) tell.note(note);
    tellAlikeClauses(own, tell);
    const named = own.find(({ identity }) => !identity.unfit) ?? first;
    const unit: Unit = {
      key,
      numbered: own.some(({ identity }) => identity.number !== undefined),
      line: first.line,
      name: named.identity.name,
      kind: theOne(own, 'unitKind', ({ kind }) => kind, tell),
      address: theOne(own, 'address', ({ identity }) => identity.address, tell),
      area: own.find(({ identity }) => identity.area !== undefined)?.identity.area,
      location: theOne(
        own,
        'latitude',
        ({ location }) => location,
        tell,
        ({ lat, lon }) => `${lat}, ${lon}`,
      ),
      tracks: new Set(own.map(({ track }) => track)),
      visits: visits.map(({ key: id, rows: of }) => visitOf(id, of, tell)),
    };
    tellSpells(unit.visits, tell);
    units.set(key, unit);
  }
  return units;
}

/** Clauses that differ by zeros alone are two; perhaps a spreadsheet took the zeros away. */
function tellAlikeClauses(rows: readonly ReadRow[], tell: Told): void {
  const first = new Map<string, string>();
  for (const { line, track, answer } of rows) {
    if (!answer) continue;
    const read = clauseRead(answer.clause);
    const bare = `${track}|${read.replaceAll(/(?<!\d)0+(?=\d)/g, '')}`;
    const other = first.get(bare) ?? answer.clause;
    if (clauseRead(other) !== read)
      tell.note({
        line,
        column: tell.heading('clause'),
        note: say('note-clause-alike', { clause: answer.clause, other }),
      });
    first.set(bare, other);
  }
}

/** The first value; each one that differs from it is noted. */
function theOne<T>(
  rows: readonly ReadRow[],
  column: RegisterColumn,
  value: (row: ReadRow) => T | undefined,
  tell: Told,
  shown: (value: T) => string = String,
): T | undefined {
  const found = rows.flatMap((row) => {
    const one = value(row);
    return one === undefined ? [] : [{ line: row.line, one, text: shown(one) }];
  });
  const [first] = found;
  for (const { line, text } of found) {
    if (text === first!.text) continue;
    const values = { kept: first!.text, dropped: text };
    tell.note({ line, column: tell.heading(column), note: say('note-dropped', values), ...values });
  }
  return first?.one;
}

/** Rows of one number, or without one of one time and mode, in one track. */
function inspectionsOf(unit: string, rows: readonly ReadRow[], tell: Told): { key: string; rows: ReadRow[] }[] {
  const doubtful = new Set<ReadRow>();
  const doubt = (all: readonly ReadRow[], column: RegisterColumn, reason: string): void => {
    for (const row of all) {
      if (!doubtful.has(row)) tell.refuse(row.line, column, reason);
      doubtful.add(row);
    }
  };
  const numbered = rows.filter(({ number }) => number !== undefined);
  for (const alike of Map.groupBy(numbered, ({ number, track }) => `${track}|${numberRead(number!)}`).values()) {
    if (new Set(alike.map(({ number }) => number)).size > 1)
      doubt(alike, 'inspection', say('inspection-numbers-alike', { values: told(alike, ({ number }) => number!) }));
    else if (new Set(alike.map(({ at, mode }) => `${at}|${mode}`)).size > 1) {
      const values = told(alike, ({ at, mode }) => `${shownAt(at)} ${mode}`);
      doubt(alike, 'inspectedAt', say('inspection-differs', { number: alike[0]!.number!, values }));
    }
  }
  const keyed = Map.groupBy(
    rows.filter((row) => !doubtful.has(row)),
    ({ number, at, mode, track }) => `${unit}|${number ?? `${at}|${mode}`}|${track}`,
  );
  for (const all of keyed.values()) {
    for (const [item, same] of Map.groupBy(all, (row) => row.item)) {
      if (item === undefined || new Set(same.map(({ answer }) => JSON.stringify(answer))).size < 2) continue;
      const values = told(same, ({ answer }) =>
        `${answer?.answer ?? ''} ${answer?.clause ?? ''} ${answer?.text ?? ''}`.trim(),
      );
      doubt(all, 'item', say('item-twice', { item, values }));
    }
  }
  return [...keyed].map(([key, all]) => ({ key, rows: all })).filter(({ rows: all }) => !doubtful.has(all[0]!));
}

function visitOf(key: string, rows: readonly ReadRow[], tell: Told): Visit {
  const { at, track, mode } = rows[0]!;
  const answers = new Map<string, { line: number; answer: ImportedAnswer }>();
  const taken = new Set(rows.flatMap(({ item }) => item ?? []));
  const spells: Spell[] = [];
  for (const { line, item, answer, spell } of rows) {
    if (!answer) continue;
    if (spell) spells.push(spell);
    const before = item === undefined ? undefined : answers.get(item);
    if (before) {
      const note = say('note-item-twice', { kept: item!, line: before.line });
      tell.note({ line, column: tell.heading('item'), note });
      continue;
    }
    const numbered = item ?? freeNumber(answers.size, taken);
    taken.add(numbered);
    answers.set(numbered, { line, answer: { item: numbered, ...answer } });
  }
  return {
    key,
    at,
    track,
    mode,
    result: theOne(rows, 'result', ({ result }) => result, tell),
    lines: rows.map(({ line }) => line),
    answers: [...answers.values()].map(({ answer }) => answer),
    spells,
  };
}

function freeNumber(answered: number, taken: ReadonlySet<string>): string {
  let number = answered + 1;
  while (taken.has(String(number))) number++;
  return String(number);
}

/** What is said to the platform about a unit. */
export function planOf(source: Unit, heading: (column: RegisterColumn) => string, alike: AlikeAnswer): UnitPlan {
  const unit = idOf('u', NAME, source.key);
  const visits = source.visits.toSorted((a, b) => compareText(a.at, b.at) || compareText(a.key, b.key));
  const refused: Refusal[] = [];
  const said = visits.filter((visit) => {
    const reason = tooMuch(visit);
    if (reason) refused.push({ line: visit.lines[0]!, column: heading('item'), reason });
    return !reason;
  });
  const steps: { at: string; place: number; command: ImportCommand }[] = said.map((visit, place) => ({
    at: visit.at,
    place,
    command: {
      kind: 'visit',
      command: commandOf('visit', NAME, visit.key),
      unit,
      inspection: idOf('i', NAME, visit.key),
      occurredAt: visit.at,
      track: visit.track,
      mode: visit.mode,
      ...(visit.result && { result: visit.result }),
      answers: visit.answers,
      derived: inferred(visit.lines, 'rows of one inspection'),
    },
  }));
  const ends = hazardsIn(said).flatMap((rows) => endedIn(rows).ends);
  // Signed off the moment it was seen: a sign-off of that inspection, beside one at that moment of what was seen before.
  const signOff = ({ visit, closed }: Ending): string =>
    `${closed}|${visit.track}${visit.at === closed ? `|${visit.key}` : ''}`;
  for (const [key, ended] of Map.groupBy(ends, signOff)) {
    for (let from = 0; from < ended.length; from += MOST_CLOSES) {
      const part = ended.slice(from, from + MOST_CLOSES);
      const { visit, closed } = part[0]!;
      const closes = part.map(({ visit: { key: of }, spell: { clause, basis } }) => ({
        clause,
        basis,
        inspection: idOf('i', NAME, of),
      }));
      steps.push({
        at: closed,
        place: visit.at === closed ? said.indexOf(visit) : -1,
        command: {
          kind: 'close',
          command: commandOf('close', NAME, `${source.key}|${key}|${closes.map(({ clause }) => clause).join('|')}`),
          unit,
          occurredAt: closed,
          track: visit.track,
          closes,
          derived: inferred(
            part.map(({ spell }) => spell.line),
            'sign-off date of the row; rectification and verification as its basis says',
          ),
        },
      });
    }
  }
  // At one instant what was seen before is signed off first; an inspection's own sign-off follows it (stable: visits were put first).
  steps.sort((a, b) => compareText(a.at, b.at) || a.place - b.place);
  const details = {
    name: source.name,
    ...(source.kind && { kind: source.kind }),
    ...(source.address && { address: source.address }),
    ...(source.area && { area: source.area }),
    tracks: TRACKS.filter((track) => source.tracks.has(track)),
    external: { system: NAME, id: externalId(source.key) },
    ...(source.location && { location: source.location }),
  };
  return {
    unit,
    inspections: visits.length,
    clean: visits.filter((visit) => visit.spells.length === 0).length,
    commands: [
      {
        ...registration(NAME, unit, visits[0]!.at, details, inferred([source.line], 'unit named by a row')),
        // Known by name and address alone, it may be one that is on record already. One with a number is only told of, unless the
        // number reads like another's.
        ...((!source.numbered || alike === 'apart') && { alike: alike === 'apart' ? 'apart' : 'refused' }),
      },
      ...steps.map((step) => step.command),
    ],
    ...(refused.length > 0 && { refused }),
  };
}

/** Why an inspection has no room in an event. */
function tooMuch({ answers }: Visit): string | undefined {
  if (answers.length > MOST_ITEMS) return say('inspection-items', { most: MOST_ITEMS, count: answers.length });
  const hazards = new Set(answers.filter(({ answer }) => answer === 'problem').map(({ clause }) => clauseRead(clause)))
    .size;
  return hazards > MAX_FINDINGS ? say('inspection-hazards', { most: MAX_FINDINGS, count: hazards }) : undefined;
}

/** A hazard's rows of one inspection. */
interface Cited {
  visit: Visit;
  spell: Spell;
}
type Ending = Cited & { opened: string; closed: string };

/** One hazard in its rows: which sign-offs hold, which rows another's sign-off ends, and which sign-offs are contradicted. */
interface Ended {
  ends: Ending[];
  covered: { row: Spell; end: Ending }[];
  contradicted: { row: Spell; other: Spell }[];
}

/**
 * A hazard that is in several rows is signed off when the last of those that overlap is. What another inspection saw at or after that
 * moment is the next spell: by dates alone nobody can tell which came first, and a recurrence is never lost for that. A row without
 * sign-off that was seen before is ended by it, as it is when the two rows come in two files.
 */
function endedIn(rows: readonly Cited[]): Ended {
  const contradicted: Ended['contradicted'] = [];
  const ending: Ending[] = [];
  for (const own of Map.groupBy(rows, ({ visit }) => visit).values()) {
    const { visit } = own[0]!;
    const spells = own.map(({ spell }) => spell);
    const spell = spells.reduce((a, b) => ((b.closed ?? '') > (a.closed ?? '') ? b : a));
    const { closed } = spell;
    if (closed === undefined) continue;
    // Signed off the moment it was seen, and left open in the same inspection: what is left open stays so.
    const other = visit.at === closed ? spells.find((one) => one.closed === undefined) : undefined;
    if (other) contradicted.push({ row: spell, other });
    else ending.push({ visit, spell, opened: visit.at, closed });
  }
  const ends = spellEnds(ending, 'two');
  const covered = rows.flatMap(({ spell }) => {
    const end = spell.closed === undefined ? ends.find(({ closed }) => spell.opened < closed) : undefined;
    return end ? [{ row: spell, end }] : [];
  });
  return { ends, covered, contradicted };
}

function tellSpells(visits: readonly Visit[], tell: Told): void {
  const column = tell.heading('signedOffAt');
  for (const { covered, contradicted } of hazardsIn(visits).map(endedIn)) {
    for (const { row, end } of covered) {
      const facts = { clause: row.clause, line: end.spell.line, at: shownAt(end.closed) };
      tell.note({ line: row.line, column, note: say('note-signed-off-elsewhere', facts) });
    }
    for (const { row, other } of contradicted) {
      const facts = { clause: row.clause, own: row.line, line: other.line, at: shownAt(row.closed!) };
      tell.note({ line: row.line, column, note: say('note-open-elsewhere', facts) });
    }
  }
}

function hazardsIn(visits: readonly Visit[]): Cited[][] {
  const rows = visits.flatMap((visit) => visit.spells.map((spell) => ({ visit, spell })));
  return [...Map.groupBy(rows, ({ visit, spell }) => `${visit.track}|${clauseRead(spell.clause)}`).values()];
}

// Toronto Public Health, “DineSafe” food-premises inspections (Open Government Licence – Toronto). A row is one infraction of a visit,
// or a visit without any. The register has no correction date: an infraction is gone when the establishment's next visit does
// not find it, or at once when it was “Corrected During Inspection” and the next visit does not find it again.
import type { HazardGrade } from '../../events/inspection.ts';
import type { Track } from '../../events/envelope.ts';
import { own } from '../own.ts';
import { visible } from '../text.ts';
import {
  clauseOf,
  commandOf,
  idOf,
  inferred,
  registration,
  nameOf,
  rawOf,
  cellText,
  LONGEST_EXTERNAL,
  type Closing,
  type ImportCommand,
  type ImportedAnswer,
  type Refusal,
  type UnitPlan,
} from './command.ts';
import { unsound } from './cells.ts';
import { findColumns, type CsvRow } from './headings.ts';
import { compareText } from './intervals.ts';
import { localClock } from './local-time.ts';
import { say, type MessageFacts, type MessageKey } from './messages.ts';
import { differing, interner, type Register, type Source, type SourceOptions } from './source.ts';

const NAME = 'toronto-dinesafe';
const CORRECTED = 'Corrected During Inspection';

const HEADINGS = {
  establishment: ['Establishment ID'],
  inspection: ['Inspection ID'],
  name: ['Establishment Name'],
  type: ['Establishment Type'],
  address: ['Establishment Address'],
  latitude: ['Latitude'],
  longitude: ['Longitude'],
  infraction: ['Infraction Details'],
  date: ['Inspection Date'],
  severity: ['Severity'],
  action: ['Action'],
  outcome: ['Outcome'],
  fined: ['Amount Fined'],
} as const;
type Column = keyof typeof HEADINGS;

/** The register's own scale: crucial is a health hazard that can close the premises. NA says nothing about gravity. */
const GRADES: Record<string, HazardGrade> = { C: 'major', S: 'general', M: 'general' };

interface Infraction {
  line: number;
  clause: string;
  raw: string;
  severity: string;
  /** action, outcome, fine: as in the file */
  note: string;
  corrected: boolean;
}
interface Visit {
  id: string;
  date: string;
  at: string;
  lines: number[];
  infractions: Infraction[];
}
interface Establishment {
  id: string;
  line: number;
  name: string;
  type: string;
  address: string;
  location: { lat: number; lon: number } | undefined;
  visits: Map<string, Visit>;
}

export const torontoDinesafe: Source = {
  name: NAME,
  title: 'Toronto Public Health, DineSafe food-premises inspections',
  open: openRegister,
};

function openRegister(headings: readonly string[], options: SourceOptions = {}): Register {
  const columns = findColumns<Column>(NAME, headings, HEADINGS, [
    'establishment',
    'inspection',
    'name',
    'address',
    'infraction',
    'date',
    'severity',
    'action',
  ]);
  const track = options.track ?? 'gas';
  const clock = localClock('America/Toronto');
  const intern = interner();
  const establishments = new Map<string, Establishment>();
  const differ = differing();

  function add(row: CsvRow): Refusal[] {
    const get = (column: Column): string => columns.get(row, column);
    const refuse = (column: Column, key: MessageKey, facts: MessageFacts = {}): Refusal[] => [
      { line: row.line, column: columns.heading(column), reason: say(key, facts) },
    ];
    const id = get('establishment');
    if (!id) return refuse('establishment', 'cell-blank-id');
    const broken = unsound(id, LONGEST_EXTERNAL);
    if (broken) return refuse('establishment', ...broken);
    const inspection = get('inspection');
    if (!inspection) return refuse('inspection', 'cell-blank-id');
    const mangled = unsound(inspection, LONGEST_EXTERNAL);
    if (mangled) return refuse('inspection', ...mangled);
    const date = get('date');
    const at = clock(date)?.at;
    if (!at) return refuse('date', 'date-foreign', { text: date, known: '2001-05-14' });

    let establishment = establishments.get(id);
    if (establishment) {
      differ.look(row.line, columns.heading('name'), id, establishment.name, get('name'));
      differ.look(row.line, columns.heading('address'), id, establishment.address, get('address'));
    } else {
      const lat = Number(get('latitude') || Number.NaN);
      const lon = Number(get('longitude') || Number.NaN);
      establishment = {
        id,
        line: row.line,
        name: get('name'),
        type: intern(get('type')),
        address: get('address'),
        location: Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined,
        visits: new Map(),
      };
      establishments.set(id, establishment);
    }
    let visit = establishment.visits.get(inspection);
    if (visit && visit.date !== date) {
      return refuse('date', 'inspection-elsewhere', { number: inspection, other: visit.date, here: date });
    }
    if (!visit) {
      visit = { id: inspection, date: intern(date), at: intern(at), lines: [], infractions: [] };
      establishment.visits.set(inspection, visit);
    }
    visit.lines.push(row.line);
    const raw = columns.raw(row, 'infraction');
    if (raw.trim()) {
      const fine = get('fined');
      visit.infractions.push({
        line: row.line,
        clause: intern(infractionClass(raw)),
        raw: intern(raw),
        severity: intern(get('severity')),
        note: intern(
          [get('severity'), get('action'), get('outcome'), fine && `fined ${fine}`].filter(Boolean).join('; '),
        ),
        corrected: get('action') === CORRECTED,
      });
    }
    return [];
  }

  return {
    layout: columns.layout,
    add,
    settle: async () => ({ refused: [], notes: differ.notes }),
    get units() {
      return establishments.size;
    },
    *plans() {
      for (const id of [...establishments.keys()].toSorted(compareText)) {
        const establishment = establishments.get(id)!;
        establishments.delete(id);
        yield plan(establishment, track);
      }
    },
  };
}

function plan(establishment: Establishment, track: Track): UnitPlan {
  const unit = idOf('u', NAME, establishment.id);
  const visits = [...establishment.visits.values()].toSorted(
    // Two visits can fall on one day; ids are given in the order of the visits.
    (a, b) => compareText(a.at, b.at) || a.id.length - b.id.length || compareText(a.id, b.id),
  );
  const commands: ImportCommand[] = [register(establishment, unit, visits[0]?.at ?? '', track)];
  const standing = new Set<string>();

  for (const [i, visit] of visits.entries()) {
    const found = new Set(visit.infractions.map((infraction) => infraction.clause));
    const gone = [...standing].filter((clause) => !found.has(clause));
    for (const clause of gone) standing.delete(clause);
    for (const clause of found) standing.add(clause);
    commands.push({
      kind: 'visit',
      command: commandOf('visit', NAME, visit.id),
      unit,
      inspection: idOf('i', NAME, visit.id),
      occurredAt: visit.at,
      track,
      mode: 'routine',
      result: found.size > 0 ? 'infractions found' : 'no infraction found',
      answers: answersOf(visit.infractions),
      ...(gone.length > 0 && {
        closes: gone.map((clause) => closing(clause, `not found by the inspection of ${visit.date}`)),
      }),
      derived: inferred(visit.lines, 'visit; an infraction it does not find again is gone'),
    });

    const again = new Set(visits[i + 1]?.infractions.map((infraction) => infraction.clause));
    const corrected = visit.infractions.filter(({ corrected: done, clause }) => done && !again.has(clause));
    if (corrected.length === 0) continue;
    for (const { clause } of corrected) standing.delete(clause);
    commands.push({
      kind: 'close',
      command: commandOf('close', NAME, visit.id),
      unit,
      occurredAt: visit.at,
      track,
      closes: [...new Set(corrected.map(({ clause }) => clause))].map((clause) => closing(clause, CORRECTED)),
      derived: inferred(
        corrected.map(({ line }) => line),
        'corrected during inspection, and the next inspection does not find it again',
      ),
    });
  }
  return {
    unit,
    inspections: visits.length,
    clean: visits.filter((visit) => visit.infractions.length === 0).length,
    commands,
  };
}

function register(establishment: Establishment, unit: string, occurredAt: string, track: Track): ImportCommand {
  const kind = nameOf(establishment.type, 80);
  const address = nameOf(establishment.address, 300);
  const details = {
    name: nameOf(establishment.name, 200) ?? establishment.id,
    ...(kind && { kind }),
    ...(address && { address }),
    tracks: [track],
    external: { system: NAME, id: establishment.id },
    ...(establishment.location && { location: establishment.location }),
  };
  return registration(
    NAME,
    unit,
    occurredAt,
    details,
    inferred([establishment.line], 'establishment named by an inspection'),
  );
}

function answersOf(infractions: readonly Infraction[]): ImportedAnswer[] {
  const byClause = new Map<string, Infraction>();
  for (const infraction of infractions) {
    if (!byClause.has(infraction.clause)) byClause.set(infraction.clause, infraction);
  }
  return [...byClause.values()].map(({ clause, raw, severity, note }, i) => ({
    item: String(i + 1),
    clause,
    answer: 'problem',
    text: cellText(note, 1000),
    grade: own(GRADES, severity.split(' ')[0] ?? ''),
    raw: rawOf(raw),
  }));
}

function closing(clause: string, basis: string): Closing {
  return { clause, basis };
}

/** There is no infraction code: the class is the wording, whatever its blanks and letter case. */
function infractionClass(raw: string): string {
  return clauseOf(visible(raw.trim().replaceAll(/\s+/g, ' ').toUpperCase()));
}

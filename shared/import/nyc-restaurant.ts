// New York City, “DOHMH Restaurant Inspection Results” (NYC Open Data). A row is one violation of an inspection, or an inspection
// without any; an inspection is (restaurant, date, type), and the type names a programme: “Cycle Inspection / Re-inspection”.
// One visit can carry two programmes. A smoking inspector does not look at the refrigerator, so by default a violation is gone only
// when a later inspection of the programme that last found it does not find it.
import type { Track } from '../../events/envelope.ts';
import { visible } from '../text.ts';
import {
  clauseOf,
  commandOf,
  idOf,
  inferred,
  registration,
  nameOf,
  cellText,
  LONGEST_EXTERNAL,
  type Closing,
  type ImportCommand,
  type Refusal,
  type UnitPlan,
} from './command.ts';
import { unsound } from './cells.ts';
import { findColumns, type CsvRow } from './headings.ts';
import { compareText } from './intervals.ts';
import { localClock } from './local-time.ts';
import { say, type MessageFacts, type MessageKey } from './messages.ts';
import { differing, interner, type Register, type Source, type SourceOptions } from './source.ts';

const NAME = 'nyc-restaurant';
/** Stands in `inspection_date` of a restaurant that was never inspected. */
const NEVER = '1900-01-01';

const HEADINGS = {
  camis: ['camis'],
  name: ['dba'],
  borough: ['boro'],
  building: ['building'],
  street: ['street'],
  zip: ['zipcode'],
  date: ['inspection_date', 'inspection date'],
  action: ['action'],
  code: ['violation_code', 'violation code'],
  score: ['score'],
  grade: ['grade'],
  recorded: ['record_date', 'record date'],
  type: ['inspection_type', 'inspection type'],
} as const;
type Column = keyof typeof HEADINGS;

interface Inspection {
  type: string;
  date: string;
  at: string;
  results: string[];
  lines: number[];
  codes: string[];
}
interface Restaurant {
  camis: string;
  line: number;
  name: string;
  address: string;
  /** UTC; for a restaurant never inspected, when the register was downloaded */
  recordedAt: string;
  /**
   * What its rows say, flat, because the register has half a million of them: a line in `lines`, and for each line the UTC instant,
   * date, type, result and code (blank: none) in `cells`.
   */
  lines: number[];
  cells: string[];
}
const CELLS = 5;

export const nycRestaurant: Source = {
  name: NAME,
  title: 'New York City DOHMH, restaurant inspection results',
  open: openRegister,
};

function openRegister(headings: readonly string[], options: SourceOptions = {}): Register {
  const columns = findColumns<Column>(NAME, headings, HEADINGS, [
    'camis',
    'name',
    'date',
    'action',
    'code',
    'recorded',
    'type',
  ]);
  const track = options.track ?? 'gas';
  const perProgramme = options.signOff !== 'visit';
  const clock = localClock('America/New_York');
  const intern = interner();
  const restaurants = new Map<string, Restaurant>();
  const differ = differing();

  function add(row: CsvRow): Refusal[] {
    const get = (column: Column): string => columns.get(row, column);
    const refuse = (column: Column, key: MessageKey, facts: MessageFacts = {}): Refusal[] => [
      { line: row.line, column: columns.heading(column), reason: say(key, facts) },
    ];
    const camis = get('camis');
    if (!camis) return refuse('camis', 'cell-blank-id');
    const broken = unsound(camis, LONGEST_EXTERNAL);
    if (broken) return refuse('camis', ...broken);
    const date = get('date');
    const at = clock(date)?.at;
    if (!at) return refuse('date', 'date-foreign', { text: date, known: '2015-12-08' });
    const recordedAt = clock(get('recorded'))?.at;
    if (!recordedAt) return refuse('recorded', 'date-foreign', { text: get('recorded'), known: '2016-01-06' });
    const type = get('type');
    if (!type && date !== NEVER) return refuse('type', 'cell-blank-type');

    let restaurant = restaurants.get(camis);
    if (restaurant) {
      differ.look(row.line, columns.heading('name'), camis, restaurant.name, get('name'));
    } else {
      const street = [get('building'), get('street')].filter(Boolean).join(' ');
      const address = [street, get('borough'), get('zip')].filter(Boolean).join(', ');
      const name = get('name') || camis;
      restaurant = { camis, line: row.line, name, address, recordedAt: intern(recordedAt), lines: [], cells: [] };
      restaurants.set(camis, restaurant);
    }
    if (date === NEVER) return [];
    const score = get('score');
    const grade = get('grade');
    const result = [get('action'), score && `score ${score}`, grade && `grade ${grade}`].filter(Boolean).join('; ');
    const code = clauseOf(visible(get('code').toUpperCase()));
    restaurant.lines.push(row.line);
    restaurant.cells.push(intern(at), intern(date), intern(type), intern(result), intern(code));
    return [];
  }

  return {
    layout: columns.layout,
    add,
    settle: async () => ({ refused: [], notes: differ.notes }),
    get units() {
      return restaurants.size;
    },
    *plans() {
      for (const camis of [...restaurants.keys()].toSorted(compareText)) {
        const restaurant = restaurants.get(camis)!;
        restaurants.delete(camis);
        yield plan(restaurant, track, perProgramme);
      }
    },
  };
}

function plan(restaurant: Restaurant, track: Track, perProgramme: boolean): UnitPlan {
  const unit = idOf('u', NAME, restaurant.camis);
  const inspections = inspectionsOf(restaurant);
  const commands: ImportCommand[] = [register(restaurant, unit, inspections[0]?.at ?? restaurant.recordedAt, track)];
  /** Open code → the programmes of the day that last found it. */
  const standing = new Map<string, Set<string>>();

  for (const day of Map.groupBy(inspections, (inspection) => inspection.at).values()) {
    const found = new Map<string, Set<string>>();
    for (const { codes, type } of day) {
      for (const code of codes) found.set(code, (found.get(code) ?? new Set()).add(programmeOf(type)));
    }
    for (const inspection of day) {
      const programme = programmeOf(inspection.type);
      const gone: Closing[] = [];
      for (const [code, programmes] of standing) {
        if (found.has(code) || (perProgramme && !programmes.has(programme))) continue;
        standing.delete(code);
        gone.push({ clause: code, basis: `not found by the ${inspection.type} of ${inspection.date}` });
      }
      commands.push(visitOf(restaurant.camis, unit, inspection, track, gone));
    }
    for (const [code, programmes] of found) standing.set(code, programmes);
  }
  return {
    unit,
    inspections: inspections.length,
    clean: inspections.filter((inspection) => inspection.codes.length === 0).length,
    commands,
  };
}

/** The rows put together to inspections, in order of time. */
function inspectionsOf({ lines, cells }: Restaurant): Inspection[] {
  const inspections = new Map<string, Inspection>();
  for (const [i, line] of lines.entries()) {
    const [at = '', date = '', type = '', result = '', code = ''] = cells.slice(i * CELLS, (i + 1) * CELLS);
    const key = `${date}|${type}`;
    const inspection = inspections.get(key) ?? { type, date, at, results: [], lines: [], codes: [] };
    inspections.set(key, inspection);
    inspection.lines.push(line);
    if (!inspection.results.includes(result)) inspection.results.push(result);
    if (code) inspection.codes.push(code);
  }
  return [...inspections.values()].toSorted((a, b) => compareText(a.at, b.at) || compareText(a.type, b.type));
}

function visitOf(camis: string, unit: string, inspection: Inspection, track: Track, gone: Closing[]): ImportCommand {
  const key = `${camis}|${inspection.date}|${inspection.type}`;
  const result = cellText(inspection.results.join(' / '), 200);
  return {
    kind: 'visit',
    command: commandOf('visit', NAME, key),
    unit,
    inspection: idOf('i', NAME, key),
    occurredAt: inspection.at,
    track,
    mode: inspection.type.endsWith('Initial Inspection') ? 'routine' : 'recheck',
    ...(result && { result }),
    answers: [...new Set(inspection.codes)].map((code, i) => ({
      item: String(i + 1),
      clause: code,
      answer: 'problem',
      text: inspection.type,
      raw: code,
    })),
    ...(gone.length > 0 && { closes: gone }),
    derived: inferred(inspection.lines, 'inspection; a code of its programme it does not find again is gone'),
  };
}

function register(restaurant: Restaurant, unit: string, occurredAt: string, track: Track): ImportCommand {
  const address = nameOf(restaurant.address, 300);
  const details = {
    name: nameOf(restaurant.name, 200) ?? restaurant.camis,
    kind: 'restaurant',
    ...(address && { address }),
    tracks: [track],
    external: { system: NAME, id: restaurant.camis },
  };
  return registration(NAME, unit, occurredAt, details, inferred([restaurant.line], 'restaurant named by a row'));
}

/** “Cycle Inspection / Re-inspection” → “Cycle Inspection”. */
function programmeOf(type: string): string {
  return type.split(' / ')[0] ?? type;
}

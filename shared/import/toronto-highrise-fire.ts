// Toronto Fire Services, “Highrise Residential Fire Inspection Results” (Open Government Licence – Toronto). A row is one violation
// of an inspection file, or a file without any. A file is (address, opened, closed): the visit is at its opening, and at its
// closing what it cites has been rectified, unless another file that is open then cites the same code.
import type { Track } from '../../events/envelope.ts';
import { visible } from '../text.ts';
import {
  clauseOf,
  commandOf,
  externalId,
  idOf,
  inferred,
  registration,
  nameOf,
  rawOf,
  cellText,
  type ImportCommand,
  type ImportedAnswer,
  type Refusal,
  type UnitPlan,
} from './command.ts';
import { findColumns, MissingColumns, normaliseHeading, type Columns, type CsvRow } from './headings.ts';
import { compareText, spellEnds } from './intervals.ts';
import { localClock } from './local-time.ts';
import { say, type MessageFacts, type MessageKey } from './messages.ts';
import { interner, type Register, type Source, type SourceOptions } from './source.ts';

const NAME = 'toronto-highrise-fire';
/** The address is the building's name too. */
const LONGEST_ADDRESS = 200;
const WRITTEN = '2017-01-26T09:45:44, 2017-01-26 09:45:44, 2017-01-26';
const OFC = /^OFC 2014\.B\./;

/** Two layouts of one register, told apart by the address column. */
const LAYOUTS = {
  '2017': {
    address: ['propertyAddress'],
    opened: ['inspections.OpenedDate'],
    closed: ['Inspections.ClosedDate'],
    code: ['violations.violationFireCode'],
    description: ['violations.violationDescription'],
    latitude: ['latitude'],
    longitude: ['longitude'],
    thread: [],
  },
  '2020': {
    address: ['property_address'],
    opened: ['inspections_opendate'],
    closed: ['inspections_closeddate'],
    code: ['violation_fire_code'],
    description: ['violation_description'],
    latitude: [],
    longitude: [],
    thread: ['inspection_thread'],
  },
} as const;
type Column = keyof (typeof LAYOUTS)['2017'];

interface Violation {
  line: number;
  clause: string;
  raw: string;
  description: string;
}
interface InspectionFile {
  key: string;
  opened: string;
  closed: string;
  closedLocal: string;
  thread: string;
  lines: number[];
  violations: Violation[];
}
interface Building {
  address: string;
  line: number;
  location: { lat: number; lon: number } | undefined;
  files: Map<string, InspectionFile>;
}

export const torontoHighriseFire: Source = {
  name: NAME,
  title: 'Toronto Fire Services, high-rise residential inspections (2017–2019 and 2020–2023 layouts)',
  open: openRegister,
};

function openRegister(headings: readonly string[], options: SourceOptions = {}): Register {
  const columns = columnsOf(headings);
  const track = options.track ?? 'insulation';
  const clock = localClock('America/Toronto');
  const intern = interner();
  const buildings = new Map<string, Building>();

  function add(row: CsvRow): Refusal[] {
    const refuse = (column: Column, key: MessageKey, facts: MessageFacts = {}): Refusal[] => [
      { line: row.line, column: columns.heading(column), reason: say(key, facts) },
    ];
    const address = columns.get(row, 'address');
    if (!address) return refuse('address', 'cell-blank-address');
    if (address.length > LONGEST_ADDRESS)
      return refuse('address', 'cell-long', { length: address.length, most: LONGEST_ADDRESS });
    const openedLocal = columns.get(row, 'opened').trim();
    const closedLocal = columns.get(row, 'closed').trim();
    const opened = clock(openedLocal);
    if (!opened) return refuse('opened', 'date-foreign', { text: openedLocal, known: WRITTEN });
    const closed = clock(closedLocal);
    if (!closed) return refuse('closed', 'date-foreign', { text: closedLocal, known: WRITTEN });
    if (closed.at < opened.at)
      return refuse('closed', 'date-closed-before', { closed: closedLocal, opened: openedLocal });
    const raw = columns.raw(row, 'code');
    const clause = fireCode(raw);
    const description = columns.get(row, 'description').trim();
    if (!clause && description) return refuse('code', 'cell-blank-code');

    let building = buildings.get(address);
    if (!building) {
      buildings.set(
        address,
        (building = { address, line: row.line, location: locationOf(columns, row), files: new Map() }),
      );
    }
    // The instants as the register writes them: one file is one pair of them, whatever the clocks did that night.
    const key = `${address}|${openedLocal.replace(' ', 'T')}|${closedLocal.replace(' ', 'T')}`;
    let file = building.files.get(key);
    if (!file) {
      const thread = columns.get(row, 'thread') || key;
      file = { key, opened: opened.at, closed: closed.at, closedLocal, thread, lines: [], violations: [] };
      building.files.set(key, file);
    }
    file.lines.push(row.line);
    if (clause) {
      file.violations.push({
        line: row.line,
        clause: intern(clause),
        raw: intern(raw),
        description: intern(description),
      });
    }
    return [];
  }

  return {
    layout: columns.layout,
    add,
    get units() {
      return buildings.size;
    },
    *plans() {
      for (const address of [...buildings.keys()].toSorted(compareText)) {
        const building = buildings.get(address)!;
        buildings.delete(address);
        yield plan(building, track);
      }
    },
  };
}

function plan(building: Building, track: Track): UnitPlan {
  const unit = idOf('u', NAME, building.address);
  const files = [...building.files.values()].toSorted(
    (a, b) => compareText(a.opened, b.opened) || compareText(a.key, b.key),
  );
  const steps: { at: string; kind: 0 | 1; key: string; command: ImportCommand }[] = [];

  for (const file of files) {
    const first = file.violations.length > 0 ? 'violations found' : 'no violation found';
    steps.push({
      at: file.opened,
      kind: 0,
      key: file.key,
      command: {
        kind: 'visit',
        command: commandOf('visit', NAME, file.key),
        unit,
        inspection: idOf('i', NAME, file.key),
        occurredAt: file.opened,
        track,
        mode: 'routine',
        result: `${first}; file closed ${file.closedLocal} (local time)`,
        answers: answersOf(file.violations),
        derived: inferred(file.lines, 'visit at the opening of the inspection file'),
      },
    });
  }
  for (const [file, clauses] of endings(files)) {
    const cited = file.violations.filter((violation) => clauses.has(violation.clause));
    steps.push({
      at: file.closed,
      kind: 1,
      key: file.key,
      command: {
        kind: 'close',
        command: commandOf('close', NAME, file.key),
        unit,
        occurredAt: file.closed,
        track,
        closes: [...clauses]
          .toSorted(compareText)
          .map((clause) => ({ clause, basis: `inspection file closed ${file.closedLocal} (local time)` })),
        derived: inferred(
          cited.map((violation) => violation.line),
          'put right when the last open file citing it was closed',
        ),
      },
    });
  }
  steps.sort((a, b) => compareText(a.at, b.at) || a.kind - b.kind || compareText(a.key, b.key));
  return {
    unit,
    // A thread opened twice is one inspection file for its publisher, and two visits here.
    inspections: new Set(files.map((file) => file.thread)).size,
    clean: files.filter((file) => file.violations.length === 0).length,
    commands: [register(building, unit, files[0]?.opened ?? '', track), ...steps.map((step) => step.command)],
  };
}

function register(building: Building, unit: string, occurredAt: string, track: Track): ImportCommand {
  const details = {
    name: nameOf(building.address, 200) ?? '',
    kind: 'high-rise residential building',
    address: nameOf(building.address, 300) ?? '',
    tracks: [track],
    external: { system: NAME, id: externalId(building.address) },
    ...(building.location && { location: building.location }),
  };
  return registration(
    NAME,
    unit,
    occurredAt,
    details,
    inferred([building.line], 'building named by an inspection file'),
  );
}

/** Which file's closing puts which codes right. */
function endings(files: readonly InspectionFile[]): Map<InspectionFile, Set<string>> {
  const byClause = new Map<string, Set<InspectionFile>>();
  for (const file of files) {
    for (const { clause } of file.violations) {
      const citing = byClause.get(clause);
      if (citing) citing.add(file);
      else byClause.set(clause, new Set([file]));
    }
  }
  const ends = new Map<InspectionFile, Set<string>>();
  for (const [clause, citing] of byClause) {
    for (const file of spellEnds([...citing])) {
      const clauses = ends.get(file);
      if (clauses) clauses.add(clause);
      else ends.set(file, new Set([clause]));
    }
  }
  return ends;
}

/** A code may be cited several times in one file: one answer a code, the descriptions side by side. */
function answersOf(violations: readonly Violation[]): ImportedAnswer[] {
  const byClause = new Map<string, { raw: string; texts: Set<string> }>();
  for (const { clause, raw, description } of violations) {
    const known = byClause.get(clause);
    if (known) known.texts.add(description);
    else byClause.set(clause, { raw, texts: new Set([description]) });
  }
  return [...byClause].map(([clause, { raw, texts }], i) => ({
    item: String(i + 1),
    clause,
    answer: 'problem',
    text: cellText([...texts].join('; '), 1000),
    raw: rawOf(raw),
  }));
}

/** Trimmed, in capitals, without the `OFC 2014.B.` prefix that part of the codes carry. */
function fireCode(raw: string): string {
  return clauseOf(visible(raw.trim().toUpperCase().replace(OFC, '').trim()));
}

function columnsOf(headings: readonly string[]): Columns<Column> {
  const known = new Set(headings.map(normaliseHeading));
  for (const layout of Object.values(LAYOUTS)) {
    if (!known.has(normaliseHeading(layout.address[0]))) continue;
    const required: Column[] = ['address', 'opened', 'closed', 'code', 'description'];
    if (layout.thread.length > 0) required.push('thread');
    return findColumns<Column>(NAME, headings, layout, required);
  }
  throw new MissingColumns(
    NAME,
    [['propertyAddress (2017–2019 layout)', 'property_address (2020–2023 layout)']],
    headings,
  );
}

function locationOf(columns: Columns<Column>, row: CsvRow): Building['location'] {
  const lat = Number(columns.get(row, 'latitude') || Number.NaN);
  const lon = Number(columns.get(row, 'longitude') || Number.NaN);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

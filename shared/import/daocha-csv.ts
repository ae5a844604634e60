// Our own columns for a town's registers (底数 and 隐患 lists kept in a spreadsheet until now), with Chinese or English headings:
// docs/import-format.md. A row is one hazard, one item found in order, or one clean inspection. Times without zone are town time.
import { idSchema, TRACKS, type Track } from '../../events/envelope.ts';
import type { HazardGrade, InspectionMode } from '../../events/inspection.ts';
import { own } from '../own.ts';
import {
  clauseOf,
  commandOf,
  idOf,
  inferred,
  registration,
  textOf,
  type ImportCommand,
  type ImportedAnswer,
  type Refusal,
  type UnitPlan,
} from './command.ts';
import type { CsvRow } from './csv.ts';
import { order, spellEnds } from './intervals.ts';
import { localClock, type LocalInstant } from './local-time.ts';
import { findColumns, type Register, type Source, type SourceOptions } from './source.ts';

const NAME = 'daocha-csv';

/** Every column with its headings: English, Chinese. docs/import-format.md explains them. */
export const HEADINGS = {
  unitId: ['unit_id', '单位编号'],
  unitName: ['unit_name', '单位名称'],
  unitKind: ['unit_kind', '单位类型'],
  address: ['address', '地址'],
  area: ['area', '所属村居'],
  latitude: ['latitude', '纬度'],
  longitude: ['longitude', '经度'],
  track: ['track', '专项'],
  organisation: ['organisation', '责任单位'],
  inspection: ['inspection_id', '检查编号'],
  inspectedAt: ['inspected_at', '检查时间'],
  mode: ['mode', '检查方式'],
  result: ['result', '检查结论'],
  item: ['item', '检查项'],
  clause: ['clause', '条款'],
  problem: ['problem', '有无隐患'],
  description: ['description', '隐患描述'],
  place: ['place', '隐患部位'],
  grade: ['grade', '隐患等级'],
  due: ['due', '整改期限'],
  rectifiedAt: ['rectified_at', '整改完成时间'],
  verifiedAt: ['verified_at', '复查时间'],
  signedOffAt: ['signed_off_at', '销项时间'],
} as const;
type Column = keyof typeof HEADINGS;

/** Beginnings of the tracks' Chinese names. */
const TRACK_NAMES: Record<string, Track> = {
  电动自行车: 'ebike',
  工贸行业: 'hotwork-industry',
  厂房仓库: 'factory',
  建筑保温: 'insulation',
  人员密集场所: 'hotwork-crowded',
  城镇燃气: 'gas',
  建筑施工: 'construction',
};
const MODES: Record<string, InspectionMode> = {
  '': 'routine',
  日常检查: 'routine',
  暗访: 'covert',
  明察暗访: 'covert',
  突击抽查: 'surprise',
  联合检查: 'joint',
  抽查复核: 'recheck',
  复查: 'recheck',
  routine: 'routine',
  covert: 'covert',
  surprise: 'surprise',
  joint: 'joint',
  recheck: 'recheck',
};
const ANSWERS: Record<string, ImportedAnswer['answer']> = {
  有: 'problem',
  是: 'problem',
  yes: 'problem',
  problem: 'problem',
  无: 'ok',
  否: 'ok',
  no: 'ok',
  ok: 'ok',
  不适用: 'not-applicable',
  'n/a': 'not-applicable',
};
const GRADES: Record<string, HazardGrade> = {
  一般: 'general',
  一般隐患: 'general',
  general: 'general',
  重大: 'major',
  重大隐患: 'major',
  major: 'major',
};

const HAN_DATE = /^(\d{4})年(\d{1,2})月(\d{1,2})日\s*(?:(\d{1,2})[时:](\d{1,2})分?)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

interface Spell {
  opened: string;
  closed: string | undefined;
  clause: string;
  line: number;
  basis: string;
}
interface Visit {
  key: string;
  at: string;
  track: Track;
  mode: InspectionMode;
  result: string | undefined;
  lines: number[];
  items: Set<string>;
  answers: ImportedAnswer[];
  spells: Spell[];
}
interface Unit {
  key: string;
  line: number;
  name: string;
  kind: string | undefined;
  address: string | undefined;
  area: string | undefined;
  location: { lat: number; lon: number } | undefined;
  tracks: Set<Track>;
  visits: Map<string, Visit>;
}

export const daochaCsv: Source = {
  name: NAME,
  title: 'a town’s own register in the documented columns, Chinese or English headings',
  open: openRegister,
};

/** Thrown inside `add` and turned into a refusal: a row is refused for its first wrong column. */
class WrongCell extends Error {
  readonly column: Column;
  constructor(column: Column, reason: string) {
    super(reason);
    this.column = column;
  }
}

function openRegister(headings: readonly string[], options: SourceOptions = {}): Register {
  const required: Column[] = ['unitName', 'inspectedAt', 'problem', 'clause'];
  if (!options.track) required.push('track');
  const columns = findColumns<Column>(NAME, headings, HEADINGS, required);
  const clock = localClock('Asia/Shanghai');
  const units = new Map<string, Unit>();

  function readTime(row: CsvRow, column: Column): LocalInstant | undefined {
    const text = columns.get(row, column).trim();
    if (!text) return undefined;
    const han = HAN_DATE.exec(text);
    const time = han?.[4] === undefined ? '' : ` ${han[4]}:${han[5]?.padStart(2, '0')}`;
    const instant = ZONED.test(text)
      ? { at: zoned(text), dateOnly: false }
      : clock(han ? `${han[1]}-${han[2]}-${han[3]}${time}` : text);
    if (!instant?.at) {
      throw new WrongCell(
        column,
        `“${text}” is not a date or a time; written are 2025-05-08, 2025-05-08 14:30, 2025/5/8, 2025年5月8日 or 2025-05-08T14:30:00+08:00`,
      );
    }
    return { at: instant.at, dateOnly: instant.dateOnly };
  }

  function readChoice<T>(row: CsvRow, column: Column, choices: Record<string, T>): T {
    const text = columns.get(row, column).trim();
    const choice = own(choices, text.toLowerCase());
    if (choice === undefined) {
      const known = Object.keys(choices).filter(Boolean).join(', ');
      throw new WrongCell(column, text ? `“${text}” is not one of ${known}` : `is blank; it is one of ${known}`);
    }
    return choice;
  }

  function readTrack(row: CsvRow): Track {
    const text = columns.get(row, 'track').trim();
    if (!text && options.track) return options.track;
    const named = Object.entries(TRACK_NAMES).find(([name]) => text.startsWith(name))?.[1];
    const track = named ?? TRACKS.find((known) => known === text.toLowerCase());
    if (!track)
      throw new WrongCell(
        'track',
        `“${text}” is not a track; they are ${TRACKS.join(', ')}, or ${Object.keys(TRACK_NAMES).join('、')}`,
      );
    return track;
  }

  function readUnit(row: CsvRow): Unit {
    const cell = (column: Column, longest: number): string | undefined => textOf(columns.get(row, column), longest);
    const name = cell('unitName', 200);
    if (!name) throw new WrongCell('unitName', 'the unit’s name is blank');
    const address = cell('address', 300);
    const area = cell('area', 64);
    if (area && !idSchema.safeParse(area).success) {
      throw new WrongCell('area', `“${area}” is not an organisation’s id, e.g. village-01`);
    }
    const number = cell('unitId', 128);
    const key = number ?? `${name}|${address ?? ''}`;
    const kind = cell('unitKind', 80);
    const location = readLocation(row);
    return { key, line: row.line, name, kind, address, area, location, tracks: new Set(), visits: new Map() };
  }

  function readLocation(row: CsvRow): Unit['location'] {
    const [lat, lon] = (['latitude', 'longitude'] as const).map((column) => {
      const text = columns.get(row, column).trim();
      const value = Number(text || Number.NaN);
      if (text && !(Math.abs(value) <= (column === 'latitude' ? 90 : 180))) {
        throw new WrongCell(column, `“${text}” is not a ${column} in degrees`);
      }
      return value;
    });
    return Number.isNaN(lat!) || Number.isNaN(lon!) ? undefined : { lat: lat!, lon: lon! };
  }

  /** The times of a hazard's way to its sign-off; they come one after the other, and a sign-off needs the two before it. */
  function readSpell(row: CsvRow, inspected: LocalInstant, clause: string): Spell {
    const due = readTime(row, 'due');
    if (due && due.at < inspected.at && !(due.dateOnly && sameTownDay(due.at, inspected.at))) {
      throw new WrongCell('due', 'the rectification period ends before the inspection');
    }
    let last = inspected;
    let closed: string | undefined;
    for (const column of ['rectifiedAt', 'verifiedAt', 'signedOffAt'] as const) {
      const time = readTime(row, column);
      if (!time) {
        closed = undefined;
        continue;
      }
      if (column === 'signedOffAt') {
        for (const needed of ['rectifiedAt', 'verifiedAt'] as const) {
          if (!columns.get(row, needed).trim())
            throw new WrongCell(
              needed,
              'is blank, but the hazard is signed off; a sign-off needs a rectification and a passed verification',
            );
        }
      }
      const at =
        time.at < last.at && (time.dateOnly || last.dateOnly) && sameTownDay(time.at, last.at) ? last.at : time.at;
      if (at < last.at) throw new WrongCell(column, `“${columns.get(row, column).trim()}” is before what it follows`);
      last = { at, dateOnly: time.dateOnly };
      closed = at;
    }
    const basis = (['rectifiedAt', 'verifiedAt', 'signedOffAt'] as const)
      .map((column) => `${HEADINGS[column][1]} ${columns.get(row, column).trim()}`)
      .join('；');
    return {
      opened: inspected.at,
      closed: columns.get(row, 'signedOffAt').trim() ? closed : undefined,
      clause,
      line: row.line,
      basis,
    };
  }

  function readRow(row: CsvRow): void {
    const read = readUnit(row);
    const track = readTrack(row);
    const inspected = readTime(row, 'inspectedAt');
    if (!inspected) throw new WrongCell('inspectedAt', 'the time of the inspection is blank');
    const mode = readChoice(row, 'mode', MODES);
    const answer = readChoice(row, 'problem', ANSWERS);
    const clause = columns.get(row, 'clause').trim().replaceAll(/\s+/g, ' ');
    if (!clause && answer === 'problem')
      throw new WrongCell('clause', 'is blank, but the row has a hazard; a hazard is a clause at a unit');
    const grade = columns.get(row, 'grade').trim() ? readChoice(row, 'grade', GRADES) : undefined;
    const spell = answer === 'problem' ? readSpell(row, inspected, clauseOf(clause)) : undefined;
    if (!spell && columns.get(row, 'signedOffAt').trim())
      throw new WrongCell('signedOffAt', 'is given, but the row has no hazard to sign off');

    const number = textOf(columns.get(row, 'inspection'), 128);
    const key = `${read.key}|${number ?? `${inspected.at}|${mode}`}|${track}`;
    const unit = units.get(read.key) ?? read;
    const visit = unit.visits.get(key) ?? {
      key,
      at: inspected.at,
      track,
      mode,
      result: textOf(columns.get(row, 'result'), 200),
      lines: [],
      items: new Set<string>(),
      answers: [],
      spells: [],
    };
    if (visit.at !== inspected.at || visit.mode !== mode) {
      throw new WrongCell('inspectedAt', `inspection ${number} has another time or mode on line ${visit.lines[0]}`);
    }
    const item = textOf(columns.get(row, 'item'), 64);
    if (item && visit.items.has(item))
      throw new WrongCell('item', `item “${item}” is answered twice in this inspection`);

    units.set(read.key, unit);
    unit.visits.set(key, visit);
    unit.tracks.add(track);
    unit.kind ??= read.kind;
    unit.address ??= read.address;
    unit.area ??= read.area;
    unit.location ??= read.location;
    visit.lines.push(row.line);
    if (!clause) return;
    if (spell) visit.spells.push(spell);
    const numbered = item ?? freeNumber(visit.items);
    visit.items.add(numbered);
    const text = textOf(words(row).join('；'), 1000);
    const place = textOf(columns.get(row, 'place'), 200);
    visit.answers.push({
      item: numbered,
      clause: clauseOf(clause),
      answer,
      ...(text && { text }),
      ...(grade && { grade }),
      ...(place && { place }),
    });
  }

  /** The description, and what the register knows besides and no event of an import has a field for. */
  function words(row: CsvRow): string[] {
    const given = [columns.get(row, 'description').trim()];
    for (const column of ['due', 'organisation'] as const) {
      const text = columns.get(row, column).trim();
      if (text) given.push(`${HEADINGS[column][1]} ${text}`);
    }
    return given.filter(Boolean);
  }

  return {
    add(row) {
      try {
        readRow(row);
        return [];
      } catch (error) {
        if (!(error instanceof WrongCell)) throw error;
        return [{ line: row.line, column: columns.heading(error.column), reason: error.message } satisfies Refusal];
      }
    },
    get units() {
      return units.size;
    },
    *plans() {
      for (const key of [...units.keys()].toSorted(order)) {
        const unit = units.get(key)!;
        units.delete(key);
        yield plan(unit);
      }
    },
  };
}

function plan(source: Unit): UnitPlan {
  const unit = idOf('u', NAME, source.key);
  const visits = [...source.visits.values()].toSorted((a, b) => order(a.at, b.at) || order(a.key, b.key));
  const steps: { at: string; command: ImportCommand }[] = visits.map((visit) => ({
    at: visit.at,
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
  for (const [key, ended] of Map.groupBy(signOffs(visits), ({ track, spell }) => `${spell.closed}|${track}`)) {
    const { track, spell: first } = ended[0]!;
    const closes = ended.map(({ spell }) => ({ clause: spell.clause, basis: spell.basis }));
    steps.push({
      at: first.closed!,
      command: {
        kind: 'close',
        command: commandOf('close', NAME, `${source.key}|${key}|${closes.map(({ clause }) => clause).join('|')}`),
        unit,
        occurredAt: first.closed!,
        track,
        closes,
        derived: inferred(
          ended.map(({ spell }) => spell.line),
          'sign-off date of the row; rectification and verification as its basis says',
        ),
      },
    });
  }
  // Stable: visits were put first, so at one instant an inspection comes before a sign-off.
  steps.sort((a, b) => order(a.at, b.at));
  const details = {
    name: source.name,
    ...(source.kind && { kind: source.kind }),
    ...(source.address && { address: source.address }),
    ...(source.area && { area: source.area }),
    tracks: TRACKS.filter((track) => source.tracks.has(track)),
    external: { system: NAME, id: textOf(source.key, 128)! },
    ...(source.location && { location: source.location }),
  };
  return {
    unit,
    inspections: visits.length,
    clean: visits.filter((visit) => visit.spells.length === 0).length,
    commands: [
      registration(NAME, unit, visits[0]!.at, details, inferred([source.line], 'unit named by a row')),
      ...steps.map((step) => step.command),
    ],
  };
}

/** A hazard that stands in several rows is signed off when the last of those that overlap is. */
function signOffs(visits: readonly Visit[]): { track: Track; spell: Spell }[] {
  const rows = visits.flatMap((visit) => visit.spells.map((spell) => ({ track: visit.track, spell })));
  return [...Map.groupBy(rows, ({ track, spell }) => `${track}|${spell.clause}`).values()].flatMap((cited) =>
    spellEnds(cited.map(({ spell }) => spell)).map((spell) => ({ track: cited[0]!.track, spell })),
  );
}

function freeNumber(items: ReadonlySet<string>): string {
  let number = items.size + 1;
  while (items.has(String(number))) number++;
  return String(number);
}

function zoned(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}

/** Both on one day in town time, which is UTC+8 all year since 1992. */
function sameTownDay(a: string, b: string): boolean {
  return townDay(a) === townDay(b);
}

function townDay(at: string): number {
  return Math.floor((Date.parse(at) + 8 * 3_600_000) / 86_400_000);
}

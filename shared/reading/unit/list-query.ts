// Queries over units: the general list, which is also the plan's 底数清单: every unit of a track, surveyed or not, its risk grade,
// and whether it is on the sign-off list (销项名单).
import { idSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import { RISK_GRADES, type RiskGrade } from '../../../events/unit.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { cutText } from '../../text.ts';
import { checkOneOf } from '../views/cursor.ts';
import { pageOfLists } from '../views/list-page.ts';
import { ALL_UNITS, areaUnits, trackUnits, UNIT_SORTS, unitsView, type UnitEntry, type UnitRow } from './list.ts';
import type { AnswerPage } from '../views/page.ts';
import type { ListIndex, ViewDeps } from '../views/view.ts';

export interface UnitQuery {
  track?: Track | undefined;
  /** village or residents' committee */
  area?: string | undefined;
  /** on the sign-off list or not */
  listed?: boolean | undefined;
  riskGrade?: RiskGrade | undefined;
  /** default `name`, in the order of its characters' code points */
  sort?: (typeof UNIT_SORTS)[number] | undefined;
  /** 1 to 100, default 20 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** @throws InvalidInput naming the field that is wrong */
export async function listUnits(deps: ViewDeps, query: UnitQuery): Promise<AnswerPage<UnitRow>> {
  checkOneOf('track', query.track, TRACKS);
  checkOneOf('riskGrade', query.riskGrade, RISK_GRADES);
  checkOneOf('sort', query.sort, UNIT_SORTS);
  if (query.area !== undefined && !idSchema.safeParse(query.area).success) {
    throw new InvalidInput(`area: ${cutText(query.area, 100)}`, { field: 'area', expected: 'the id of an area' });
  }
  const { limit, cursor, ...asked } = query;
  const [index, list] = source(query);
  const page = await pageOfLists<UnitEntry>(deps, unitsView, {
    index,
    lists: [list],
    identity: { ...asked, sort: query.sort ?? 'name' },
    limit,
    cursor,
    descending: query.sort === '-name',
    wanted: (doc) =>
      (query.track === undefined || doc.tracks.includes(query.track)) &&
      (query.area === undefined || doc.area === query.area) &&
      (query.listed === undefined || doc.listed === query.listed) &&
      (query.riskGrade === undefined || doc.riskGrade === query.riskGrade),
  });
  return { ...page, items: page.items.map(row) };
}

function row(doc: UnitEntry): UnitRow {
  const { copied, ...rest } = doc;
  void copied; // how copies are kept is nobody else's business
  return rest;
}

/** An area is the smaller set: a village has fewer units than a track. */
function source({ track, area }: UnitQuery): [ListIndex, string] {
  if (area !== undefined) return ['lists2', areaUnits(area)];
  return track === undefined ? ['lists1', ALL_UNITS] : ['lists3', trackUnits(track)];
}

/** 底数清单: the units of a track (or of all), with what has been surveyed. */
export function baselineList(deps: ViewDeps, query: UnitQuery): Promise<AnswerPage<UnitRow>> {
  return listUnits(deps, query);
}

/** What every unit on record is called, some hundred at a time. */
export async function* namesOnRecord(
  deps: ViewDeps,
): AsyncGenerator<{ id: string; name: string; address?: string | undefined }[]> {
  let cursor: string | undefined;
  do {
    const page = await listUnits(deps, { limit: 100, cursor });
    yield page.items.map(({ unit, name, address }) => ({ id: unit, name, address: address ?? undefined }));
    cursor = page.cursor;
  } while (cursor !== undefined);
}

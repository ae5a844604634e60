// The Chinese statutory calendar (国务院办公厅节假日安排): days off, and weekend days on which one works instead (调休). The dates are those of the
// library chinese-days, year by year and as data only: 2 KB a year in a bundle, where the whole library with its lunar dates and solar
// terms is 32 KB of code and data. A year that is not here is not known, and nothing is guessed about it: the State Council announces a
// year in the autumn before; then the library is raised and the year added to the two lines below.
import y2025 from 'chinese-days/dist/years/2025.json' with { type: 'json' };
import y2026 from 'chinese-days/dist/years/2026.json' with { type: 'json' };

const ANNOUNCED: Readonly<Record<number, { holidays: object; workdays: object }>> = { 2025: y2025, 2026: y2026 };

export const ANNOUNCED_YEARS: readonly number[] = Object.keys(ANNOUNCED).map(Number);

/** What the arrangement says of a day (`2025-05-01`) in particular; nothing where the week decides, or the year is not known. */
export function arrangementOf(day: string): 'off' | 'on' | undefined {
  const year = ANNOUNCED[Number(day.slice(0, 4))];
  if (year && day in year.holidays) return 'off';
  return year && day in year.workdays ? 'on' : undefined;
}

// Parts that the overview and a track's page share: how it went month by month, and how long the open hazards have been waiting. Each is a
// chart with the numbers as a table beneath.
import type { Track } from '../../../events/envelope.ts';
import type { Overview } from '../../../shared/reading/overview/page.ts';
import type { MonthDocument, OpenDocument } from '../../../shared/reading/overview/page.ts';
import { html, type Html } from '../../../shared/reading/html.ts';
import { figures, nothing } from '../components.ts';
import { daysBetween, townDay } from '../../../shared/town-time.ts';

/** `0.1234` → `12.3%`; never rounded up to 100 %. */
export function percent(part: number): string {
  const tenths = part < 1 ? Math.min(999, Math.round(part * 1000)) : 1000;
  return `${tenths / 10}%`;
}

export interface Month extends MonthDocument {
  month: string;
  /** hazards open at its end */
  open: number;
}

/**
 * The months of some tracks together. How many were open at the end of each follows from how many are open now.
 * @param openNow open hazards of these tracks
 */
export function monthsOf(months: Overview['months'], tracks: readonly Track[], openNow: number): Month[] {
  const all = months.map(({ month, tracks: known }) => {
    const total = { inspections: 0, cleanInspections: 0, opened: 0, recurrences: 0, closed: 0, signedOff: 0 };
    for (const track of tracks) {
      for (const [field, count] of Object.entries(known[track] ?? {})) total[field as keyof MonthDocument] += count;
    }
    return { month, ...total };
  });
  let open = openNow;
  return all
    .toReversed()
    .map((month) => {
      const atEnd = open;
      open -= month.opened - month.closed;
      return { ...month, open: atEnd };
    })
    .toReversed();
}

// Charts are loaded when the first is drawn: they are half of all modules of the console, and most pages have none.

export async function lately(months: readonly Month[]): Promise<Html> {
  const { figure } = await import('../charts.ts');
  return html`<section aria-labelledby="lately">
    <h2 id="lately">逐月情况</h2>
    ${
      months.length === 0
        ? nothing('还没有可以比较的月份。')
        : html`
            ${figure({
              title: '逐月发现和销项的隐患，以及月末未销项数',
              labels: months.map(({ month }) => month.slice(2).replace('-', '.')),
              series: [
                { name: '发现', kind: 'bar', values: months.map(({ opened }) => opened) },
                { name: '销项', kind: 'bar', values: months.map(({ signedOff }) => signedOff) },
                { name: '月末未销项', kind: 'line', values: months.map(({ open }) => open) },
              ],
            })}
            ${figures(
              '逐月数字',
              ['月份', '检查', '无问题', '发现', '其中回潮', '销项', '月末未销项'],
              months
                .toReversed()
                .map((row) => [
                  row.month,
                  row.inspections,
                  row.cleanInspections,
                  row.opened,
                  row.recurrences,
                  row.signedOff,
                  row.open,
                ]),
            )}
          `
    }
  </section>`;
}

export interface Age {
  name: string;
  count: number;
}

/** Days since a hazard opened, from which on each class begins. */
const CLASSES = [
  { from: 0, name: '7 天内' },
  { from: 8, name: '8–30 天' },
  { from: 31, name: '31–90 天' },
  { from: 91, name: '91–180 天' },
  { from: 181, name: '180 天以上' },
];

export function agesOf(open: readonly OpenDocument[], now: Date): Age[] {
  const counts = CLASSES.map(({ name }) => ({ name, count: 0 }));
  const today = townDay(now);
  for (const days of open) {
    for (const [day, count] of Object.entries(days)) {
      const age = Math.max(0, daysBetween(day, today));
      counts[CLASSES.findLastIndex(({ from }) => age >= from)]!.count += count;
    }
  }
  return counts;
}

export async function ageing(ages: readonly Age[]): Promise<Html> {
  const { figure } = await import('../charts.ts');
  const all = ages.reduce((total, { count }) => total + count, 0);
  return html`<section aria-labelledby="ageing">
    <h2 id="ageing">未销项隐患存在多久</h2>
    ${
      all === 0
        ? nothing('现在没有未销项的隐患。')
        : html`
            ${figure({
              title: '未销项隐患按存在天数分组',
              labels: ages.map(({ name }) => name),
              series: [{ name: '未销项', kind: 'bar', values: ages.map(({ count }) => count) }],
            })}
            ${figures(
              '未销项隐患存在天数',
              ['存在', '隐患', '占比'],
              ages.map(({ name, count }) => [name, count, percent(count / all)]),
            )}
          `
    }
  </section>`;
}

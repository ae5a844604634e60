// What a benchmark says: rows of name, figure and, where a target was set, the target and whether it is met. Printed as a Markdown
// table, so that a run can be pasted into docs/performance.md.

export interface Row {
  what: string;
  figure: string;
  target?: string;
  met?: boolean;
}

export interface Section {
  title: string;
  /** what a reader must know to judge the figures */
  note?: string;
  rows: Row[];
}

/** Median of numbers; NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Value below which the fraction `p` of the values lies (nearest rank). */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}

export function fixed(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

/** A row whose figure must be at least, or at most, a number. */
export function judged(
  what: string,
  value: number,
  bound: { atLeast?: number; atMost?: number; unit?: string },
  text?: string,
): Row {
  const met =
    (bound.atLeast === undefined || value >= bound.atLeast) && (bound.atMost === undefined || value <= bound.atMost);
  const limit = bound.atLeast === undefined ? `≤ ${bound.atMost}` : `≥ ${bound.atLeast}`;
  return {
    what,
    figure: text ?? fixed(value),
    target: bound.unit === undefined ? limit : `${limit} ${bound.unit}`,
    met,
  };
}

export function markdown(sections: readonly Section[]): string {
  return sections
    .map(({ title, note, rows }) => {
      const lines = rows.map(
        ({ what, figure, target, met }) =>
          `| ${what} | ${figure} | ${target ?? ''} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`,
      );
      return [
        `### ${title}`,
        '',
        ...(note === undefined ? [] : [note, '']),
        '| measure | figure | target | met |',
        '| --- | ---: | ---: | --- |',
        ...lines,
        '',
      ].join('\n');
    })
    .join('\n');
}

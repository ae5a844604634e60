// Some registers do not say when a violation was rectified, only when the inspection file was closed. A violation that
// is in two files open at once is gone only when the last of them is closed.

export interface FileSpan {
  /** UTC instants, ISO 8601; comparable as text. */
  opened: string;
  /** undefined: not closed yet. */
  closed: string | undefined;
}

/**
 * For the files that cite one class at one unit: the files whose closing ends it. Files that overlap or touch (one opened
 * at the very instant another closed) are one spell; the spell ends with the file closed last, and not at all while one is open.
 * @param touching what one is that is opened at the instant when another closed: of its spell, or the next one
 */
export function spellEnds<File extends FileSpan>(files: readonly File[], touching: 'one' | 'two' = 'one'): File[] {
  const ends: File[] = [];
  let last: File | undefined;
  for (const file of files.toSorted(
    (a, b) => compareText(a.opened, b.opened) || compareText(a.closed ?? '~', b.closed ?? '~'),
  )) {
    if (
      last?.closed !== undefined &&
      (file.opened > last.closed || (touching === 'two' && file.opened === last.closed))
    ) {
      ends.push(last);
      last = file;
    } else if (
      last === undefined ||
      (last.closed !== undefined && (file.closed === undefined || file.closed > last.closed))
    ) {
      last = file;
    }
  }
  if (last?.closed !== undefined) ends.push(last);
  return ends;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

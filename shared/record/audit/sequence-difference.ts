// Two lists of hashes that should be the same: what happened to the one, told by the other. Only what tells cases apart is
// looked at: a shift means that events were put in or left out, an exchange that they changed places.
import { equal } from '../tlog/bytes.ts';

export interface Difference {
  kind: 'altered' | 'inserted' | 'missing' | 'reordered' | 'truncated';
  /** index in the list that should be */
  at: number;
  /** events put in or left out; with what it changed places */
  count?: number;
  other?: number;
  /** from here on nothing can be compared any more */
  shifted?: true;
}

/** Differences of `got` from `want`, first to last. Past a shift there are no more. */
export function differences(got: readonly Uint8Array[], want: readonly Uint8Array[]): Difference[] {
  const wrong = want.flatMap((hash, n) => (got[n] && equal(got[n], hash) ? [] : [n]));
  const first = wrong[0];
  if (first === undefined) {
    return got.length > want.length
      ? [{ kind: 'inserted', at: want.length, count: got.length - want.length, shifted: true }]
      : [];
  }
  if (first === got.length) return [{ kind: 'truncated', at: first, count: want.length - first, shifted: true }];
  const found = oneByOne(got, want, wrong);
  if (got.length === want.length && found.every(({ kind }) => kind === 'reordered')) return found;
  const shift = shiftAt(got, want, first);
  return shift ? [shift] : found;
}

function oneByOne(got: readonly Uint8Array[], want: readonly Uint8Array[], wrong: readonly number[]): Difference[] {
  const exchanged = new Set<number>();
  return wrong.flatMap((n): Difference[] => {
    if (exchanged.has(n)) return [];
    const other = wrong.find((m) => m > n && isSame(got[n], want[m]) && isSame(got[m], want[n]));
    if (other === undefined) return [{ kind: 'altered', at: n }];
    exchanged.add(other);
    return [{ kind: 'reordered', at: n, other }];
  });
}

function shiftAt(got: readonly Uint8Array[], want: readonly Uint8Array[], at: number): Difference | undefined {
  for (let count = 1; at + count < Math.max(got.length, want.length); count++) {
    if (runs(got, at + count, want, at)) return { kind: 'inserted', at, count, shifted: true };
    if (runs(got, at, want, at + count)) return { kind: 'missing', at, count, shifted: true };
  }
  return undefined;
}

/** Whether all that follows is the same, once shifted. */
function runs(got: readonly Uint8Array[], g: number, want: readonly Uint8Array[], w: number): boolean {
  const length = Math.min(got.length - g, want.length - w);
  if (length <= 0) return false;
  for (let n = 0; n < length; n++) if (!isSame(got[g + n], want[w + n])) return false;
  return true;
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && equal(a, b);

// Chance that depends on nothing but the words given: the same seed and the same hazard have the same fate, in whatever order things come.
import { createHash } from 'node:crypto';

export interface Random {
  /** from 0 up to, not including, 1 */
  next(): number;
  /** true so often out of one */
  happens(probability: number): boolean;
  /** a whole number from `least` to `most`, both included */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

/** @param words e.g. the seed, the hazard's id, the cycle */
export function random(...words: (string | number)[]): Random {
  let counter = 0;
  const key = words.join('\0');
  const next = (): number => {
    const digest = createHash('sha256').update(`${key}\0${counter}`).digest();
    counter += 1;
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    happens: (probability) => next() < probability,
    between,
    pick: (from) => from[between(0, from.length - 1)]!,
  };
}

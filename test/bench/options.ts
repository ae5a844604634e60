// What every section is told, and what it is.
import type { Section } from './table.ts';

export interface Bench {
  /** a smoke check: few calls, the figures mean little */
  quick: boolean;
  /** the DineSafe load file, where there is one */
  dinesafe?: string | undefined;
  /** progress, for a person at the terminal */
  say: (message: string) => void;
}

export type Run = (bench: Bench) => Promise<Section[]>;

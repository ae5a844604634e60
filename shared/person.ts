// When two references are one person: every rule of two persons asks here. References differ in case, width or blanks when people type
// them or an issuer writes them otherwise, and nobody is a second person to themselves by that.
import { compared } from './text.ts';

export const samePerson = (one: string | null | undefined, other: string | null | undefined): boolean =>
  typeof one === 'string' && typeof other === 'string' && compared(one) === compared(other);

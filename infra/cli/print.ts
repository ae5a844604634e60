// The one way from the command line to a terminal: what others wrote (record, file names, answers of other systems)
// must not drive it. Control characters but line feeds, and format characters, are shown by their codes. A test finds
// whatever else writes. JSON goes out as it is.
import { visible } from '../../shared/text.ts';

/** To standard output, for people. */
export const print = (text: string): void => void process.stdout.write(visible(text));

/** To standard error, for people. */
export const warn = (text: string): void => void process.stderr.write(visible(text));

/** To standard output, for programs. */
export const printJson = (value: unknown, space?: number): void =>
  void process.stdout.write(`${JSON.stringify(value, null, space)}\n`);

/** How far something is, over what was said before; nothing when nobody looks. */
export function printCount(count: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${count} … `);
}

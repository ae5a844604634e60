// Reads a whole file into its source's register. Nothing is sent before the last row is read: registers are not in order of time,
// and a file that turns out to be unreadable must leave no trace.
import { readCsv } from './csv.ts';
import type { Refusal } from './command.ts';
import type { Encoding, OpenBytes } from './encoding.ts';
import type { Register, Source, SourceOptions } from './source.ts';

export interface ReadRegister {
  register: Register;
  /** Rows in the file, refused ones included. */
  rows: number;
  refused: Refusal[];
  encoding: Encoding;
}

/**
 * @param onRows called now and then with the number of rows read so far
 * @throws InvalidInput when the file as a whole cannot be read as this source
 */
export async function readRegister(
  open: OpenBytes,
  source: Source,
  options: SourceOptions = {},
  onRows: (rows: number) => void = () => {},
): Promise<ReadRegister> {
  let register: Register | undefined;
  let seen = 0;
  const refused: Refusal[] = [];
  const { rows, encoding } = await readCsv(open, {
    headings(headings) {
      register = source.open(headings, options);
    },
    row(row) {
      refused.push(...register!.add(row));
      if (++seen % 10_000 === 0) onRows(seen);
    },
    refused(refusal) {
      refused.push(refusal);
    },
  });
  return { register: register!, rows, refused, encoding };
}

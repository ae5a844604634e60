// Reads a whole file into its source's register. Nothing is sent before the last row is read: registers are not in order of time,
// and a file that turns out to be unreadable must leave no trace.
import { readCsv } from './csv.ts';
import type { RowNote, Refusal } from './command.ts';
import type { Encoding, OpenBytes } from './encoding.ts';
import type { Register, Source, SourceOptions } from './source.ts';

export interface ReadRegister {
  register: Register;
  /** Rows in the file, refused ones included. */
  rows: number;
  refused: Refusal[];
  notes: RowNote[];
  encoding: Encoding;
  /** First and last line above the headings that are not read. */
  above: [number, number] | undefined;
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
  const { rows, encoding, above } = await readCsv(
    open,
    {
      headings({ values }) {
        register = source.open(values, options);
        return register.layout;
      },
      row(row) {
        refused.push(...register!.add(row));
        if (++seen % 10_000 === 0) onRows(seen);
      },
      refused(refusal, row) {
        refused.push(refusal);
        register!.ragged?.(row);
      },
    },
    { encoding: options.encoding, chinese: source.chinese },
  );
  const settled = await register!.settle?.();
  if (settled) refused.push(...settled.refused);
  return { register: register!, rows, refused, notes: settled?.notes ?? [], encoding, above };
}

// The time stamp of a bundle's checkpoint (RFC 3161): that it is over this checkpoint as the log signed it, that it is what the
// authority signed and, given the authority's CA, that the authority is the one meant.
import { utf8 } from '../tlog/bytes.ts';
import { withLinesOf } from '../tlog/note.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { TimeStampRejected } from '../timestamp/errors.ts';
import { verifyTimeStamp, type VerifiedTimeStamp } from '../timestamp/verify.ts';
import type { BundleFiles } from './files.ts';
import { CHECKPOINT, STAMPED, TSQ, TSR } from './layout.ts';
import type { Problems } from './problem.ts';

export interface TimeStampOptions {
  /** the checkpoint's note, whose log signature holds */
  note: string;
  log: Vkey;
  /** certificates of CAs, PEM: then there must be a time stamp, and it must come from one of them */
  ca: string | undefined;
}

/** The bundle's time stamp, when it has one that holds; what is wrong goes to `problems`. */
export async function bundleTimeStamp(
  files: BundleFiles,
  { note, log, ca }: TimeStampOptions,
  problems: Problems,
): Promise<VerifiedTimeStamp | undefined> {
  const [stamped, tsq, tsr] = [STAMPED, TSQ, TSR].map((path) => files.read(path));
  if (!stamped && !tsq && !tsr) {
    if (ca !== undefined) {
      problems.add({
        kind: 'time-stamp',
        where: TSR,
        message: `${CHECKPOINT} has no time stamp, and one was asked for`,
      });
    }
    return undefined;
  }
  const data = withLinesOf(note, log);
  const before = problems.count;
  for (const [path, file] of [
    [STAMPED, stamped],
    [TSQ, tsq],
    [TSR, tsr],
  ] as const) {
    if (!file) problems.add({ kind: 'missing', where: path, message: 'the time stamp is not whole without it' });
  }
  if (stamped && Buffer.from(stamped).toString('utf8') !== data) {
    problems.add({ kind: 'time-stamp', where: STAMPED, message: `it is not ${CHECKPOINT} as the log signed it` });
  }
  if (!tsr) return undefined;
  try {
    const verified = await verifyTimeStamp({ tsr, tsq, data: utf8(data), ca });
    return problems.count === before ? verified : undefined;
  } catch (error) {
    if (!(error instanceof TimeStampRejected)) throw error;
    const where = error.reason === 'other-request' ? TSQ : TSR;
    problems.add({ kind: 'time-stamp', where, message: `${error.reason}: ${error.message}` });
    return undefined;
  }
}

// Sends entries to EventBridge within its limits: 10 entries and less than 256 KB a call (China's limit), sized as its
// user guide says. PutEvents can take some entries and refuse others: those are sent again, a bounded number of times;
// then the run fails, and the next one starts from the checkpoint. Nothing counts as sent before all of it went.
import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { DaochaError } from '../../events/errors.ts';
import { exponential, type Backoff } from '../../shared/record/log/batch.ts';

export const MAX_ENTRIES = 10;
/** A call must stay below this. */
export const MAX_BYTES = 256 * 1024;
const ATTEMPTS = 6;

/** EventBridge kept refusing entries. `facts.codes` says why. */
export class BusRefused extends DaochaError {
  constructor(entries: number, codes: string[], attempts: number) {
    super('bus-refused', 503, `the bus refused ${entries} events ${attempts} times: ${codes.join(', ')}`, {
      facts: { entries, codes },
    });
  }
}

/** Size of an entry (EventBridge user guide, “Calculating PutEvents event entry size”): 14 bytes for the time, UTF-8 for the rest. */
export function entryBytes({
  Time,
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
}: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time ? 14 : 0);
}

/** Puts all entries, in order, call by call. @throws BusRefused; the SDK's errors as they are */
export async function putEvents(
  bus: EventBridgeClient,
  entries: PutEventsRequestEntry[],
  backoff: Backoff = exponential,
): Promise<void> {
  for (const call of calls(entries)) {
    let left = call;
    for (let attempt = 1; left.length > 0; attempt++) {
      const { FailedEntryCount = 0, Entries = [] } = await bus.send(new PutEventsCommand({ Entries: left }));
      if (FailedEntryCount === 0) break;
      left = left.filter((_, at) => Entries[at]?.ErrorCode !== undefined);
      const codes = [...new Set(Entries.flatMap(({ ErrorCode }) => ErrorCode ?? []))];
      if (attempt === ATTEMPTS) throw new BusRefused(FailedEntryCount, codes, attempt);
      await backoff(attempt);
    }
  }
}

function* calls(entries: PutEventsRequestEntry[]): Generator<PutEventsRequestEntry[]> {
  let call: PutEventsRequestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const more = entryBytes(entry);
    if (call.length === MAX_ENTRIES || (call.length > 0 && bytes + more >= MAX_BYTES)) {
      yield call;
      [call, bytes] = [[], 0];
    }
    call.push(entry);
    bytes += more;
  }
  if (call.length > 0) yield call;
}

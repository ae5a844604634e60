// What an event source mapping does with one batch: call the function, and when it fails split the batch or try again,
// up to the declared number of retries and the declared age; what then still fails goes to the failure destination.
// Written after the rules of AWS Lambda for streams. One deliberate difference: the age counts from when this machine read
// the record, not from when it was written, since a platform that was switched off overnight must not throw events away.

import type { DynamoDBRecord } from 'aws-lambda';

export interface DeliverySettings {
  batchSize: number;
  /** -1: endless. */
  maximumRetryAttempts: number;
  /** Seconds; -1: endless. */
  maximumRecordAge: number;
  bisect: boolean;
  /** The function answers with `batchItemFailures`. */
  reportsItemFailures: boolean;
}

export type DeadLetterCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface Delivery {
  settings: DeliverySettings;
  invoke: (records: DynamoDBRecord[]) => Promise<unknown>;
  deadLetter: (
    records: DynamoDBRecord[],
    condition: DeadLetterCondition,
    attempts: number,
    error: unknown,
  ) => Promise<void> | void;
  failed: (error: unknown) => void;
  pause: (ms: number) => Promise<void>;
  /** ms; doubles with each retry. */
  firstPause: number;
  stopped: () => boolean;
}

const LONGEST_PAUSE = 5000;

/** @returns false when the tail was stopped before the batch was handled or set aside */
export async function deliver(delivery: Delivery, records: DynamoDBRecord[]): Promise<boolean> {
  return attempt(delivery, records, performance.now());
}

async function attempt(delivery: Delivery, batch: DynamoDBRecord[], since: number): Promise<boolean> {
  const { settings } = delivery;
  let records = batch;
  for (let attempts = 1; ; attempts++) {
    let error: unknown;
    try {
      const answer = await delivery.invoke(records);
      const from = settings.reportsItemFailures ? firstFailure(answer, records) : records.length;
      if (from === records.length) return true;
      records = records.slice(from);
      error = new Error(`the function reported record ${records[0]?.dynamodb?.SequenceNumber} as failed`);
    } catch (thrown) {
      error = thrown;
    }
    delivery.failed(error);
    if (delivery.stopped()) return false;

    const age = (performance.now() - since) / 1000;
    const tooOld = settings.maximumRecordAge >= 0 && age > settings.maximumRecordAge;
    if (!tooOld && settings.bisect && records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      return (
        (await attempt(delivery, records.slice(0, middle), since)) &&
        (await attempt(delivery, records.slice(middle), since))
      );
    }
    if (tooOld || (settings.maximumRetryAttempts >= 0 && attempts > settings.maximumRetryAttempts)) {
      await delivery.deadLetter(records, tooOld ? 'RecordAgeExceeded' : 'RetryAttemptsExhausted', attempts, error);
      return true;
    }
    await delivery.pause(Math.min(LONGEST_PAUSE, delivery.firstPause * 2 ** Math.min(attempts - 1, 10)));
    if (delivery.stopped()) return false;
  }
}

/** Index of the first record that the function names as failed; all of them when its answer makes no sense. */
function firstFailure(answer: unknown, records: DynamoDBRecord[]): number {
  const failures = (answer as { batchItemFailures?: { itemIdentifier?: string }[] } | null | undefined)
    ?.batchItemFailures;
  if (failures === undefined || failures.length === 0) return records.length;
  const named = new Set(failures.map((failure) => failure.itemIdentifier));
  return Math.max(
    0,
    records.findIndex((record) => named.has(record.dynamodb?.SequenceNumber)),
  );
}

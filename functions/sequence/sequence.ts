// Woken by the stream of the EVENTS table: brings the new commits into the log. Only their keys are taken from the
// delivery. All or nothing: when it throws, Lambda delivers the whole batch again, which does no harm.
// Nothing ever changes or removes a commit: a record that says so is not sequenced but sounds the alarm.
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { CommitKey, LogDeps } from '../../shared/record/log/deps.ts';
import type { IndexMemo } from '../../shared/record/log/positions.ts';
import { sequence } from '../../shared/record/log/sequence.ts';
import { METRICS } from '../runtime/variables.ts';

type Log = (message: string, facts: Record<string, unknown>) => void;

export interface SequenceDeps {
  log: LogDeps;
  logger: { info: Log; error: Log };
  metrics: { addMetric: (name: string, unit: 'Count' | 'Seconds', value: number) => void };
}

/** A Lambda handler for the EVENTS table's stream; make it once per process, it remembers what it has indexed. */
export function makeSequence({ log, logger, metrics }: SequenceDeps): (event: DynamoDBStreamEvent) => Promise<void> {
  const memo: IndexMemo = { indexed: 0 };
  return async ({ Records }) => {
    const tampered = Records.filter(({ eventName }) => eventName !== 'INSERT');
    for (const record of tampered) reportTampering(record, logger.error);
    if (tampered.length > 0) metrics.addMetric(METRICS.eventsTampered, 'Count', tampered.length);

    const keys = Records.filter(({ eventName }) => eventName === 'INSERT').flatMap((record) => keyOf(record) ?? []);
    const own = keys.filter(({ stream }) => stream.startsWith(`${log.tenant}#`));
    if (own.length < keys.length) {
      const foreign = keys.filter((key) => !own.includes(key));
      logger.error('commits of another tenant are in the events table', { keys: foreign });
    }
    const { held, absent, backDated, setBack, ...done } = await sequence(log, own, { memo });
    metrics.addMetric('EventsSequenced', 'Count', done.appended);
    if (held.length > 0) {
      metrics.addMetric(METRICS.sequencerGap, 'Count', held.length);
      logger.error('streams are held, because a commit before theirs does not exist', { held });
    }
    if (backDated.length > 0) {
      metrics.addMetric(METRICS.eventsBackDated, 'Count', backDated.length);
      logger.error('commits name another time than that at which they came into the log', { keys: backDated });
    }
    if (setBack > 0) {
      metrics.addMetric(METRICS.clockSetBackSeconds, 'Seconds', Math.round(setBack / 1000));
      logger.error("the clock stands before the log's time: it was set back", { seconds: Math.round(setBack / 1000) });
    }
    if (absent.length > 0) logger.error('commits were announced that do not exist', { keys: absent });
    logger.info('sequenced', { ...done });
  };
}

function keyOf({ dynamodb }: DynamoDBRecord): CommitKey | undefined {
  const [stream, version] = [dynamodb?.Keys?.['stream']?.S, Number(dynamodb?.Keys?.['version']?.N)];
  return stream !== undefined && version >= 1 ? { stream, version } : undefined;
}

/** The old hash says what was there: together with the stream's hash chain it proves which commit was touched. */
function reportTampering(record: DynamoDBRecord, error: Log): void {
  error('a stored commit was changed or removed', {
    change: record.eventName,
    key: keyOf(record),
    oldHash: hash(record.dynamodb?.OldImage?.['hash']?.B),
    newHash: hash(record.dynamodb?.NewImage?.['hash']?.B),
    recordId: record.eventID,
  });
}

/** Binary attributes of a Lambda event are base64 text. */
function hash(bytes: unknown): string | undefined {
  if (typeof bytes === 'string') return Buffer.from(bytes, 'base64').toString('hex');
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : undefined;
}

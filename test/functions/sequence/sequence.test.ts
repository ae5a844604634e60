import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, expect, test, vi } from 'vitest';
import { makeSequence, type SequenceDeps } from '../../../functions/sequence/sequence.ts';
import { readLog } from '../../../shared/record/log/read.ts';
import type { Commit } from '../../../shared/record/store/commit.ts';
import { History, logDeps, store, streamOf } from '../../record/log/commits.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';

type Log = SequenceDeps['logger']['info'];
let fake: FakeDynamo;
let history: History;
const logger = { info: vi.fn<Log>(), error: vi.fn<Log>() };
const metrics = { addMetric: vi.fn<SequenceDeps['metrics']['addMetric']>() };
beforeEach(() => {
  fake = new FakeDynamo();
  history = new History();
  vi.clearAllMocks();
});
const run = (...Records: DynamoDBRecord[]) => makeSequence({ log: logDeps(fake), logger, metrics })({ Records });
const record = (
  commit: Pick<Commit, 'stream' | 'version' | 'hash'>,
  eventName: DynamoDBRecord['eventName'],
): DynamoDBRecord => {
  const image = { hash: { B: Buffer.from(commit.hash).toString('base64') }, events: { L: [] } };
  return {
    eventID: 'e1',
    eventName,
    dynamodb: {
      Keys: { stream: { S: commit.stream }, version: { N: String(commit.version) } },
      ...(eventName === 'INSERT' ? {} : { OldImage: image }),
      ...(eventName === 'REMOVE' ? {} : { NewImage: image }),
    },
  };
};

test('a delivery wakes the sequencer, which reads the commits itself and trusts nothing but the keys', async () => {
  store(fake, history.commit({ stream: 'h1', events: 2 }));
  await run(record(history.commits[0]!, 'INSERT'));
  expect((await readLog(logDeps(fake), 0, 10)).map(({ bytes }) => bytes)).toEqual(history.commits[0]!.events);
  expect(metrics.addMetric).toHaveBeenCalledWith('EventsSequenced', 'Count', 2);
});

test.each(['MODIFY', 'REMOVE'] as const)(
  'a %s record sounds the alarm with key and old hash, and is not sequenced',
  async (name) => {
    const [commit] = history.commit({ stream: 'h1' });
    store(fake, history.commits);
    await run(record(commit!, name));
    expect(metrics.addMetric).toHaveBeenCalledWith('EventsTampered', 'Count', 1);
    expect(logger.error).toHaveBeenCalledWith(
      'a stored commit was changed or removed',
      expect.objectContaining({
        change: name,
        key: { stream: streamOf('h1'), version: 1 },
        oldHash: Buffer.from(commit!.hash).toString('hex'),
      }),
    );
    expect(fake.items('log')).toEqual([]);
  },
);

test('an alarm in a delivery does not keep its other commits out of the log', async () => {
  store(fake, history.commit({ stream: 'h1' }));
  store(fake, history.commit({ stream: 'h2' }));
  await run(record(history.commits[0]!, 'MODIFY'), record(history.commits[1]!, 'INSERT'));
  expect(await readLog(logDeps(fake), 0, 10)).toMatchObject([{ commit: { stream: streamOf('h2') } }]);
});

test('a hole is counted as a gap, and named', async () => {
  history.commit({ stream: 'h1' });
  store(fake, history.commit({ stream: 'h1' }));
  await run(record(history.commits[1]!, 'INSERT'));
  expect(metrics.addMetric).toHaveBeenCalledWith('SequencerGap', 'Count', 1);
  expect(logger.error).toHaveBeenCalledWith(expect.stringContaining('held'), {
    held: [{ stream: streamOf('h1'), version: 2 }],
  });
});

test('a commit of another town is reported, not mixed into this town’s log', async () => {
  await run(record({ stream: 'elsewhere#hazard#h1', version: 1, hash: new Uint8Array(32) }, 'INSERT'));
  expect(logger.error).toHaveBeenCalledWith(expect.stringContaining('another tenant'), {
    keys: [{ stream: 'elsewhere#hazard#h1', version: 1 }],
  });
  expect(fake.items('log')).toEqual([]);
});

test('a run that fails half-way throws, and the same delivery again finishes its work', async () => {
  store(fake, history.commit({ stream: 'h1' }));
  fake.hook = ({ name, when }) => {
    if (name === 'TransactWriteItems' && when === 'after') throw new Error('connection lost');
  };
  await expect(run(record(history.commits[0]!, 'INSERT'))).rejects.toThrow('connection lost');
  fake.hook = () => {};
  await run(record(history.commits[0]!, 'INSERT'));
  expect(await readLog(logDeps(fake), 0, 10)).toHaveLength(1);
});

test('a commit that names a time long past sounds an alarm of its own, and so does a clock that was set back', async () => {
  store(fake, history.commit({ stream: 'h1', at: -86_400_000 }));
  await run(record(history.commits[0]!, 'INSERT'));
  expect(metrics.addMetric).toHaveBeenCalledWith('EventsBackDated', 'Count', 1);
  store(fake, history.commit({ stream: 'h2' }));
  const log = { ...logDeps(fake), now: () => new Date(logDeps(fake).now().getTime() - 300_000) };
  await makeSequence({ log, logger, metrics })({ Records: [record(history.commits[1]!, 'INSERT')] });
  expect(metrics.addMetric).toHaveBeenCalledWith('ClockSetBackSeconds', 'Seconds', 300);
});

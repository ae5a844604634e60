// The thread in which the event source mappings and the schedules run: the same handlers and the same code as in any process, beside the one that
// answers HTTP, so that sequencing and projecting a large import do not keep the API waiting. Speaks with following.ts in
// messages; never started by hand.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { parentPort, workerData } from 'node:worker_threads';
import { follow } from './following.ts';
import { importHandler, loadFunctions } from './functions.ts';
import type { FromThread, ThreadData, ToThread } from './following-thread.ts';
import { sweepEvents } from './seeding.ts';

const { client, functions, environment, seeding, ...rest } = workerData as ThreadData;
const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);

const dynamo = new DynamoDBClient(client);
const streams = new DynamoDBStreamsClient(client);
const invoke = await loadFunctions(functions, environment, importHandler);
const following = follow({
  ...rest,
  streams,
  invoke,
  note: (message) => say({ note: message }),
  sweep: () => sweepEvents({ ...seeding, dynamo }),
});

port.on('message', (message: ToThread) => {
  if ('wake' in message) return following.wake(message.wake);
  if ('fire' in message) {
    following.fire(message.fire).then(
      () => say({ fired: message.call }),
      (error: Error) => say({ fired: message.call, error: error.message }),
    );
    return;
  }
  if ('states' in message) {
    void (async () => say({ answer: message.states, states: await following.states() }))();
    return;
  }
  void (async () => {
    invoke.hurry();
    await following.stop();
    dynamo.destroy();
    streams.destroy();
    port.close();
  })();
});
say({ ready: true });

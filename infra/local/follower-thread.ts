// The thread in which the event source mappings and the schedules run: the same handlers and the same code as in any process,
// beside the one that answers HTTP, so that sequencing and projecting a large import do not keep the API waiting. Speaks with
// following.ts in messages; never started by hand.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { parentPort, workerData } from 'node:worker_threads';
import { now, setClock } from '../../functions/runtime/now.ts';
import { followAll } from './following.ts';
import { importHandler, loadFunctions } from './functions.ts';
import type { FromThread, ThreadData, ToThread } from './following-thread.ts';
import { sweepEvents } from './seeding.ts';

const { client, functions, environment, seeding, clock, ...rest } = workerData as ThreadData;
const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);

let present = clock;
if (clock !== undefined) setClock(() => new Date(present!));

const dynamo = new DynamoDBClient(client);
const streams = new DynamoDBStreamsClient(client);
const invoke = await loadFunctions(functions, environment, importHandler);
const following = followAll({
  ...rest,
  streams,
  invoke,
  note: (message) => say({ note: message }),
  times: { now, virtual: clock !== undefined },
  sweep: () => sweepEvents({ ...seeding, dynamo, now }),
});

port.on('message', (message: ToThread) => {
  if ('wake' in message) return following.wake(message.wake);
  if ('fire' in message || 'invoke' in message) {
    const called =
      'fire' in message ? following.fire(message.fire, message.name) : following.call(message.invoke, message.event);
    called.then(
      () => say({ done: message.call }),
      (error: Error) => say({ done: message.call, error: error.message }),
    );
    return;
  }
  if ('clock' in message) {
    present = message.clock;
    return say({ done: message.call });
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

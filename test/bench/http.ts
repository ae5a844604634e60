// A command through HTTP: token, validation, load, decide, append; against PutItem of the very bytes that the command stored. The server
// is a process of its own, the client another, the engine a third. Measured without followers (on AWS they are other machines), and
// once more with them at work on the same cores, as `npm start` runs.
import { randomUUID } from 'node:crypto';
import { PutItemCommand, QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { declaredTemplate } from '../../infra/local/declared.ts';
import { createTables } from '../../infra/local/tables.ts';
import { itemSize } from '../../shared/record/store/commit.ts';
import { inTurn, ratios, run, throughputOf, type Measured } from './load.ts';
import type { Bench } from './options.ts';
import { startServer, type Server } from './server-process.ts';
import { judged, median, percentile, fixed, type Row, type Section } from './table.ts';
import { answers, TENANT, unitDetails } from './town.ts';

type Item = Record<string, AttributeValue>;
interface Done {
  id: string;
  atLeast: string;
}
type Contender = 'register' | 'inspect' | 'putRegistration' | 'putInspection';

const IN_FLIGHT = [1, 32];
const UNITS = 64;
/** Commands of each kind before anything is measured: a server that has been up for a minute, not one that has just started. */
const WARM_UP = 2000;

export async function httpSections(bench: Bench): Promise<Section[]> {
  const sections: Section[] = [];
  for (const followers of [false, true]) {
    bench.say(`http: ${followers ? 'with' : 'without'} followers`);
    const server = await startServer(followers);
    try {
      sections.push(await measure(bench, server, followers));
    } finally {
      await server.stop();
    }
  }
  return sections;
}

async function measure(bench: Bench, server: Server, followers: boolean): Promise<Section> {
  // A twin of the EVENTS table, with the same stream, so that no follower meets what is only put.
  const twins = await createTables(server.dynamo, await declaredTemplate(), new Map(), 'twin');
  const twin = twins.find(({ role }) => role === 'events')!.name;
  const units: string[] = [];
  for (let n = 0; n < UNITS; n += 1) units.push((await register(server, `unit ${n}`)).id);
  const sample = async (stream: string): Promise<Item> => {
    const { Items } = await server.dynamo.send(
      new QueryCommand({
        TableName: server.tables.events,
        KeyConditionExpression: '#stream = :stream',
        ExpressionAttributeNames: { '#stream': 'stream' },
        ExpressionAttributeValues: { ':stream': { S: stream } },
        ConsistentRead: true,
        Limit: 1,
      }),
    );
    return Items![0]!;
  };
  const registration = await sample(`${TENANT}#unit#${units[0]!}`);
  const inspection = await sample(`${TENANT}#inspection#${(await inspect(server, units[0]!)).id}`);
  const put = (item: Item, id: string): Promise<unknown> =>
    server.dynamo.send(
      new PutItemCommand({
        TableName: twin,
        Item: { ...item, stream: { S: id.padEnd(item['stream']!.S!.length, '-') } },
        ConditionExpression: 'attribute_not_exists(#stream)',
        ExpressionAttributeNames: { '#stream': 'stream' },
      }),
    );

  const warmUp = bench.quick ? 32 : WARM_UP;
  await run(warmUp, 32, (index) => register(server, `warm-up ${index}`));
  await run(warmUp, 32, (index) => inspect(server, units[index % UNITS]!));
  await run(warmUp, 32, (index) => put(inspection, `warm-up ${index}`));
  if (followers) await caughtUp(server);

  const rows: Row[] = [];
  for (const inFlight of IN_FLIGHT) {
    const calls = bench.quick ? inFlight * 3 : inFlight === 1 ? 150 : 640;
    const contender = (call: (id: string, index: number) => Promise<unknown>) => async (round: number) => {
      const measured = await run(calls, inFlight, (index) => call(`${inFlight}-${round}-${index}`, index));
      if (followers) await caughtUp(server);
      return measured;
    };
    const results = await inTurn<Contender>(bench.quick ? 1 : followers ? 3 : 5, {
      register: contender((id) => register(server, id)),
      putRegistration: contender((id) => put(registration, `registration ${id}`)),
      inspect: contender((_id, index) => inspect(server, units[index % UNITS]!)),
      putInspection: contender((id) => put(inspection, `inspection ${id}`)),
    });
    rows.push(
      ...contest('register a unit', inFlight, results.register, results.putRegistration, !followers, registration),
      ...contest('record a clean inspection', inFlight, results.inspect, results.putInspection, !followers, inspection),
    );
  }
  return {
    title: followers
      ? 'A command through HTTP, followers running on the same two cores'
      : 'A command through HTTP, no followers',
    note: followers
      ? 'Sequencer, projector and publisher work on what the commands add, while they are sent; raw PutItem runs when they have caught up.'
      : 'Token, validation, load, decide, append. Client, server and engine are three processes, warmed up by some thousand calls. An inspection ' +
        'loads its unit (two calls of the SDK, where raw PutItem is one); a registration finds by its write that the unit is new.',
    rows,
  };
}

function register({ http }: Server, name: string): Promise<Done> {
  return http.post('/v1/units', unitDetails(name));
}

function inspect({ http }: Server, unit: string): Promise<Done> {
  return http.post('/v1/inspections', {
    unit,
    track: 'gas',
    mode: 'routine',
    template: { id: 'gas-restaurant', version: 1 },
    answers: answers(0),
  });
}

interface Health {
  followers: Record<string, { lag: number }>;
}

/** One more command, waited for until it can be seen; then every follower is at the end of the log. */
async function caughtUp(server: Server): Promise<void> {
  const last = await register(server, `the last of a round ${randomUUID()}`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await server.http.get(`/v1/units/${last.id}?atLeast=${last.atLeast}`);
      break;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
  for (;;) {
    const { followers } = await server.http.get<Health>('/health');
    if (Object.values(followers).every(({ lag }) => lag === 0)) return;
    await pause(20);
  }
}

function contest(
  what: string,
  inFlight: number,
  through: Measured[],
  raw: Measured[],
  counts: boolean,
  item: Item,
): Row[] {
  const latencies = through.flatMap((one) => one.latencies);
  const ratio = median(ratios(through, raw));
  const name = `HTTP ÷ raw PutItem: ${what}, ${inFlight} in flight`;
  return [
    {
      what: `${what}, ${inFlight} in flight`,
      figure: `${throughputOf(through)}, p50 ${fixed(percentile(latencies, 0.5), 1)} ms, p99 ${fixed(percentile(latencies, 0.99), 1)} ms`,
    },
    { what: `raw PutItem of its ${itemSize(item)} bytes, ${inFlight} in flight`, figure: throughputOf(raw) },
    inFlight > 1 && counts ? judged(name, ratio, { atLeast: 0.4 }) : { what: name, figure: fixed(ratio) },
  ];
}

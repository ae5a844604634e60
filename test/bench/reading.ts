// What the access log costs a reader: the same reads with it and without it, in alternating rounds. Once on a store
// that answers after some milliseconds, as DynamoDB does from Lambda: there it must cost nearly nothing, because it is
// written beside the read. Once on this machine, where client, server and engine share the cores and whatever is done
// costs its share of them.
import { setTimeout as pause } from 'node:timers/promises';
import type { Route } from '../../functions/api/route.ts';
import { ROUTES } from '../../functions/api/routes.ts';
import { makeTown } from '../functions/api/support.ts';
import { inTurn, ratios, run, throughputOf, type Measured } from './load.ts';
import type { Bench } from './options.ts';
import { startServer, type Server } from './server-process.ts';
import { fixed, judged, median, percentile, type Row, type Section } from './table.ts';
import { answers, unitDetails } from './town.ts';

interface Done {
  id: string;
  atLeast: string;
  findings?: { hazard: string }[];
}
type Contender = 'logged' | 'unlogged';

const IN_FLIGHT = [1, 32];
const UNITS = 32;
const WARM_UP = 300;

export async function readingSections(bench: Bench): Promise<Section[]> {
  bench.say('reading: a store that answers after 4 ms');
  const far = await measureFar(bench);
  bench.say('reading: on this machine');
  const server = await startServer(true);
  try {
    return [far, await measure(bench, server)];
  } finally {
    await server.stop();
  }
}

/** How long DynamoDB takes for a read or write of one item, as a function in the same region sees it. */
const AWAY_MS = 4;

/** The deployed handler on an in-memory store, each call of which takes its time. */
async function measureFar(bench: Bench): Promise<Section> {
  const town = await makeTown();
  const office = await town.as('office', 'office');
  await town.post('/v1/units', office, { ...unitDetails('unit'), id: 'u_1' });
  const inspection = { unit: 'u_1', track: 'gas', mode: 'routine', answers: answers(2) };
  const { body } = await town.post('/v1/inspections', office, inspection);
  await town.settle();
  town.fake.hook = async ({ when }) => {
    if (when === 'after') await pause(AWAY_MS);
  };
  const rules = Object.values(ROUTES as Record<string, Route>).map((route) => [route, route.access] as const);
  const rows: Row[] = [];
  for (const [what, path] of Object.entries({
    "a unit's page": '/v1/units/u_1',
    "a unit's timeline": '/v1/units/u_1/timeline',
    'a hazard with its history': `/v1/hazards/${body.findings[0].hazard}`,
    'a list of hazards': '/v1/hazards?track=gas',
  })) {
    const contender = (logged: boolean) => () => {
      for (const [route, access] of rules) {
        if (logged && access) route.access = access;
        else delete route.access;
      }
      return run(bench.quick ? 5 : 60, 1, () => town.get(path, office));
    };
    const results = await inTurn<Contender>(bench.quick ? 1 : 5, {
      logged: contender(true),
      unlogged: contender(false),
    });
    const p50 = (all: Measured[]): number =>
      percentile(
        all.flatMap(({ latencies }) => latencies),
        0.5,
      );
    rows.push(
      { what: `${what}, not logged`, figure: `p50 ${fixed(p50(results.unlogged), 1)} ms` },
      judged(`time of ${what}, logged ÷ not logged`, p50(results.logged) / p50(results.unlogged), { atMost: 1.1 }),
    );
  }
  for (const [route, access] of rules) if (access) route.access = access;
  return {
    title: 'Reading, with and without the access log: a store that answers after 4 ms',
    note: 'The handler as deployed, on an in-memory store whose every call takes 4 ms, as DynamoDB takes from Lambda; one request at a time. The access is written beside the read and awaited before the answer leaves.',
    rows,
  };
}

async function measure(bench: Bench, server: Server): Promise<Section> {
  const units: string[] = [];
  const hazards: string[] = [];
  let last = '';
  for (let n = 0; n < UNITS; n += 1) {
    const { id } = await server.http.post<Done>('/v1/units', unitDetails(`unit ${n}`));
    const inspection = { unit: id, track: 'gas', mode: 'routine', answers: answers(2) };
    const inspected = await server.http.post<Done>('/v1/inspections', inspection);
    units.push(id);
    hazards.push(...inspected.findings!.map(({ hazard }) => hazard));
    last = inspected.atLeast;
  }
  await server.http.get(`/v1/units/${units.at(-1)!}?atLeast=${last}`);

  const reads: Record<string, (index: number) => string> = {
    "a unit's page": (index) => `/v1/units/${units[index % UNITS]!}`,
    'a hazard with its history': (index) => `/v1/hazards/${hazards[index % hazards.length]!}`,
    'a list of hazards': () => '/v1/hazards?track=gas&limit=20',
  };
  const rows: Row[] = [];
  for (const [what, path] of Object.entries(reads)) {
    await run(bench.quick ? 32 : WARM_UP, 16, (index) => server.http.get(path(index)));
    for (const inFlight of IN_FLIGHT) {
      const calls = bench.quick ? inFlight * 3 : inFlight === 1 ? 100 : 320;
      const contender = (logged: boolean) => async () => {
        await server.log(logged);
        return run(calls, inFlight, (index) => server.http.get(path(index)));
      };
      const results = await inTurn<Contender>(bench.quick ? 1 : 5, {
        logged: contender(true),
        unlogged: contender(false),
      });
      rows.push(...compared(what, inFlight, results.logged, results.unlogged));
    }
  }
  return {
    title: 'Reading, with and without the access log: on this machine',
    note: 'Client, server and engine are three processes on two cores, and the engine is SQLite with one writer: a call more costs its share of the cores, beside the read or not.',
    rows,
  };
}

function compared(what: string, inFlight: number, logged: Measured[], unlogged: Measured[]): Row[] {
  const p50 = (all: Measured[]): number =>
    percentile(
      all.flatMap(({ latencies }) => latencies),
      0.5,
    );
  const figure = (all: Measured[]): string => {
    const latencies = all.flatMap((one) => one.latencies);
    return `${throughputOf(all)}, p50 ${fixed(percentile(latencies, 0.5), 1)} ms, p99 ${fixed(percentile(latencies, 0.99), 1)} ms`;
  };
  const name = `${what}, ${inFlight} in flight`;
  return [
    { what: `${name}, logged`, figure: figure(logged) },
    { what: `${name}, not logged`, figure: figure(unlogged) },
    inFlight === 1
      ? { what: `time of ${what}, logged ÷ not logged`, figure: fixed(p50(logged) / p50(unlogged)) }
      : {
          what: `throughput of ${what}, logged ÷ not logged, ${inFlight} in flight`,
          figure: fixed(median(ratios(logged, unlogged))),
        },
  ];
}

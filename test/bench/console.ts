// The console's overview on a long log: how long the server takes for the page, and how many items it reads for it. Signed in as a person
// would be; client, server and engine are three processes.
import { Agent, request } from 'node:http';
import { overview } from '../../shared/reading/overview/page-query.ts';
import { trackFigures } from '../../shared/reading/track/page-query.ts';
import { makeSide, settle, type Side } from './flat.ts';
import type { Bench } from './options.ts';
import { fixed, judged, percentile, type Section } from './table.ts';

const EVENTS = 100_000;
/** Milliseconds for the page at the 99th percentile. */
const MOST = 50;

export async function consoleSections(bench: Bench): Promise<Section[]> {
  const events = bench.quick ? 2_000 : EVENTS;
  const side = await makeSide(events);
  try {
    await settle(bench, side);
    bench.say('console: measuring');
    const { api } = side.server;
    const agent = new Agent({ keepAlive: true });
    const cookie = await signedIn(api);
    const calls = bench.quick ? 20 : 1000;
    const latencies: number[] = [];
    let weight = 0;
    for (let call = -Math.ceil(calls / 5); call < calls; call += 1) {
      const begun = performance.now();
      weight = await page(agent, `${api}/console`, cookie);
      if (call >= 0) latencies.push(performance.now() - begun); // the first ones warm it up
    }
    agent.destroy();
    const { items, reads, calls: asked } = await read(side);
    const p = (share: number): number => percentile(latencies, share);
    return [
      {
        title: `The console's overview after ${events} events`,
        note: 'One request in flight, session, charts and compression included, by the client’s clock.',
        rows: [
          { what: 'overview, p50', figure: `${fixed(p(0.5), 1)} ms` },
          judged('overview, p99', p(0.99), { atMost: MOST, unit: 'ms' }, `${fixed(p(0.99), 1)} ms`),
          { what: 'items read, in so many calls', figure: `${items} in ${asked}` },
          { what: 'read units', figure: fixed(reads, 1) },
          { what: 'the page over the wire', figure: `${fixed(weight / 1000, 1)} KB` },
        ],
      },
    ];
  } finally {
    await side.server.stop();
  }
}

/** What the page asks of the views, counted by the engine. */
async function read({ views, consumed }: Side): Promise<{ items: number; reads: number; calls: number }> {
  const ask = async () => {
    await overview(views, new Date().toISOString());
    await trackFigures(views);
  };
  await ask(); // what a process reads once
  consumed.take();
  await ask();
  return consumed.take();
}

/** A session's cookie, by the way a browser goes: the console, the issuer, and back. */
async function signedIn(api: string): Promise<string> {
  const hop = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });
  const cookieOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0]!)
      .filter((one) => !one.endsWith('='))
      .join('; ');
  const begun = await hop(`${api}/console/sign-in`);
  const chosen = await hop(begun.headers.get('location')!, {
    method: 'POST',
    body: new URLSearchParams({ who: 'office office p-office-1' }),
  });
  const back = await hop(chosen.headers.get('location')!, { headers: { cookie: cookieOf(begun) } });
  return cookieOf(back);
}

/** Gets a page whole. @returns its bytes over the wire */
function page(agent: Agent, url: string, cookie: string): Promise<number> {
  return new Promise((done, fail) => {
    const sent = request(url, { agent, headers: { cookie, 'accept-encoding': 'gzip' } }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => (bytes += part.length));
      response.on('error', fail);
      response.on('end', () =>
        response.statusCode === 200 ? done(bytes) : fail(new Error(`${url}: ${response.statusCode}`)),
      );
    });
    sent.on('error', fail);
    sent.end();
  });
}

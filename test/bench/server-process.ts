// Starts the platform of server.ts as a child process, with clients to talk to it and to its engine.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/platform.ts';
import type { ServerInfo } from './server.ts';

export interface Server extends ServerInfo {
  data: string;
  dynamo: DynamoDBClient;
  http: HttpClient;
  /** turns the access log of reads on or off */
  log: (on: boolean) => Promise<void>;
  stop: () => Promise<void>;
}

export interface HttpClient {
  /** @throws Error on any other status than the one expected */
  post: <Body>(path: string, body: unknown, headers?: Record<string, string>) => Promise<Body>;
  get: <Body>(path: string) => Promise<Body>;
}

/** The platform with or without its followers, on data that is gone when it stops. */
export async function startServer(followers: boolean): Promise<Server> {
  const directory = temporaryDirectory();
  const child = fork(
    fileURLToPath(new URL('./server.ts', import.meta.url)),
    [JSON.stringify({ data: directory.path, followers })],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => {
    throw new Error(`the platform ended with ${code} before it was up`);
  });
  const [info] = (await Promise.race([once(child, 'message'), ended])) as [ServerInfo];
  ended.catch(() => {}); // from here on its end is the stop below
  const dynamo = new DynamoDBClient({ ...info.client, maxAttempts: 3 });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    ...info,
    data: directory.path,
    dynamo,
    http: httpClient(info.api, info.tokens.office, agent),
    async log(on) {
      child.send(on ? 'log' : 'no log');
      await once(child, 'message');
    },
    async stop() {
      agent.destroy();
      dynamo.destroy();
      child.send('stop');
      await exited;
      directory.remove();
    },
  };
}

/** node:http with kept connections: a client that takes as little of the machine as it can. */
function httpClient(api: string, token: string, agent: Agent): HttpClient {
  const { hostname, port } = new URL(api);
  const call = <Body>(method: string, path: string, body: unknown, expected: number, more = {}): Promise<Body> =>
    new Promise((done, fail) => {
      const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = {
        authorization: `Bearer ${token}`,
        ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
        ...more,
      };
      const sent = request({ agent, hostname, port, method, path, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          if (response.statusCode === expected) done(JSON.parse(text) as Body);
          else fail(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.on('error', fail);
      sent.end(bytes);
    });
  return {
    post: (path, body, headers) => call('POST', path, body, 201, headers),
    get: (path) => call('GET', path, undefined, 200),
  };
}

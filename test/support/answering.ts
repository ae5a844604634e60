// A server on this machine that answers as a test tells it to: an authority or a witness, on good days and bad.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Reply {
  /** default 200 */
  status?: number;
  body?: Uint8Array | string;
  type?: string;
}

/** What is answered to a request; `undefined`: never anything. */
export type Answering = (body: Uint8Array, path: string) => Promise<Reply | undefined> | Reply | undefined;

export interface Served {
  url: string;
  /** requests that came */
  asked: () => number;
  stop: () => Promise<void>;
}

export async function serveAnswers(answer: Answering): Promise<Served> {
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    const reply = async (): Promise<void> => {
      count += 1;
      const given = await answer(new Uint8Array(Buffer.concat(chunks)), request.url ?? '/');
      if (!given) return;
      response.writeHead(given.status ?? 200, { 'content-type': given.type ?? 'application/octet-stream' });
      response.end(given.body ?? '');
    };
    request.on('end', () => void reply());
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: () => count,
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

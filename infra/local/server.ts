// The HTTP server of the local platform: listening with a plain word when the port is taken, and closing in order.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DaochaError } from '../../events/errors.ts';

/** Somebody else listens on the port. */
export class PortInUse extends DaochaError {
  constructor(port: number) {
    super('port-in-use', 409, `Port ${port} of this machine is in use. Choose another one, e.g. --port ${port + 1}.`, {
      field: 'port',
      expected: 'a free port; --port 0 takes any',
    });
  }
}

/** Listens on this machine only (127.0.0.1). @param port 0: any free one */
export async function listen(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server; api: string }> {
  const server = createServer(handle);
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'EADDRINUSE' ? new PortInUse(port) : error),
    );
    server.listen(port, '127.0.0.1', done);
  });
  return { server, api: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Takes no more requests, waits for those in flight, at most `within` ms, and closes. Can be called again. */
export async function closeServer(server: Server, within: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((done) => server.close(done));
  const late = setTimeout(() => server.closeAllConnections(), within);
  await closed;
  clearTimeout(late);
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

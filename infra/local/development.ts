// The paths under /dev, which exist on this machine only: the development issuer (keys, discovery document, signing in), the
// event bus, taking evidence, the events as they flow, how mappings and schedules are doing, and running a schedule by hand.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bus } from './bus.ts';
import type { Authorizing } from './authorize.ts';
import {
  AUTHORIZE_PATH,
  discovery,
  ISSUER_PATH,
  JWKS_PATH,
  publicKeys,
  type SigningKey,
  TOKEN_PATH,
} from './issuer.ts';
import { LOCAL_UPLOADS } from '../../functions/runtime/evidence-file.ts';
import { type EvidenceFolder, takeEvidence } from './evidence.ts';
import { json } from './server.ts';

interface Development {
  api: string;
  key: SigningKey;
  authorizing: Authorizing;
  bus: Bus;
  status: () => Promise<unknown>;
  evidence: EvidenceFolder;
  /** runs the schedules of a function */
  fire: (fn: string) => Promise<void>;
}

export function developmentPath(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { api, key, authorizing, bus, status, fire, evidence }: Development,
): void {
  // A web page elsewhere could make its own name point to this machine: such requests carry that name.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
    return json(response, 403, { message: 'Open this path under 127.0.0.1 or localhost.' });
  }
  if (isForeign(request, path, api)) {
    request.resume(); // read on, so that the client gets to see the answer
    return json(response, 403, {
      message: 'A web page of another site sent this. Send it from a terminal, or from here.',
    });
  }
  if (path === '/dev/bus' || path === '/dev/bus/') {
    // the SDK asks for the root of the endpoint it is given
    bus.put(request, response).catch(() => response.destroy());
    return;
  }
  if (path.startsWith(LOCAL_UPLOADS)) {
    takeEvidence(evidence, request, response).catch(() => response.destroy());
    return;
  }
  const scheduled = /^\/dev\/schedules\/([\w-]+)$/.exec(path)?.[1];
  if (scheduled !== undefined && request.method === 'POST') {
    fire(scheduled).then(
      () => json(response, 200, { ran: scheduled }),
      (error: Error) => json(response, 500, { message: error.message }),
    );
    return;
  }
  if (path === AUTHORIZE_PATH || (path === TOKEN_PATH && request.method === 'POST')) {
    const answer = path === TOKEN_PATH ? authorizing.token : authorizing.authorize;
    answer(request, response).catch(() => response.destroy());
    return;
  }
  if (request.method !== 'GET') return json(response, 405, { message: 'Only GET is offered here.' }, { allow: 'GET' });
  switch (path) {
    case '/dev/events':
      return bus.stream(request, response);
    case '/dev/status':
      status().then(
        (found) => json(response, 200, found),
        () => response.destroy(),
      );
      return;
    case JWKS_PATH:
      return json(response, 200, publicKeys(key));
    case `${ISSUER_PATH}/.well-known/openid-configuration`:
      return json(response, 200, discovery(api));
    default:
      return json(response, 404, { message: 'Not Found' });
  }
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a web page of another site sends it, which anybody at this machine may have open: there is no token here that
 * it would lack. Browsers say where a page is from; a terminal says nothing. To the issuer's page every site may lead,
 * as sign-ins do.
 */
function isForeign({ headers, method }: IncomingMessage, path: string, api: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined) {
    if (!URL.canParse(origin)) return true; // `null`: of nowhere that could be told
    const { protocol, hostname, port } = new URL(origin);
    return protocol !== 'http:' || !LOOPBACK.has(hostname) || port !== new URL(api).port;
  }
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return method !== 'GET' || path !== AUTHORIZE_PATH;
}

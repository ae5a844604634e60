// The HTTP side of daocha: one Hono application made from the route table. For every request: who calls (401), has any of their
// roles the action (403), is the input well-formed (400, 413, 415), then the handler, and every error as problem+json.
import type { Context } from 'hono';
import { Hono } from 'hono/tiny';
import { gzipSync } from 'node:zlib';
import { NotFound, TooLarge } from '../../events/errors.ts';
import { correlationFrom, type RequestRecord } from '../runtime/request.ts';
import { jsonOf, readBytes, readJson } from './body.ts';
import type { HttpAnswer, ApiDeps } from './handler-types.ts';
import { carryOut, NO_PRINCIPAL } from './run-route.ts';
import { requireUtf8 } from './characters.ts';
import { idempotencyKey } from './idempotency.ts';
import { HttpError, problemFor, Unavailable } from './problems.ts';
import { groundFrom } from './reading.ts';
import type { Route } from './route.ts';
import { ROUTE_NAMES, ROUTES, type RouteName } from './routes.ts';
import { preferredWait } from './waiting.ts';

type Env = { Bindings: { record?: RequestRecord; event?: { headers?: Record<string, string | undefined> } } };

export function makeApp(deps: ApiDeps): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  for (const name of ROUTE_NAMES) {
    if (!deps.handlers[name]) continue; // another function's
    app.on(ROUTES[name].method, honoPath(ROUTES[name]), (c) => serve(c, deps, name));
  }
  app.notFound((c) => {
    throw noSuchRoute(c.req.path, c.req.method);
  });
  app.onError((error, c) => {
    const record = recordOf(c);
    const { problem, headers, unexpected } = problemFor(error, record.correlation);
    if (unexpected) deps.report(error.message, error, { correlation: record.correlation, route: record.route });
    return new Response(JSON.stringify(problem), {
      status: problem.status,
      headers: {
        ...headers,
        'content-type': 'application/problem+json',
        'x-correlation-id': record.correlation,
        'cache-control': 'no-store',
      },
    });
  });
  return app;
}

/** The record of this request: the one that the Lambda wrapper passed in, or one of its own. */
function recordOf(c: Context<Env>): RequestRecord {
  const env = (c.env ?? {}) as Env['Bindings'] & { lambdaContext?: { record?: RequestRecord } };
  const given = env.record ?? env.lambdaContext?.record ?? (c.get('record' as never) as RequestRecord | undefined);
  if (given) return given;
  const record = { correlation: correlationFrom(c.req.header('x-correlation-id')) };
  c.set('record' as never, record as never);
  return record;
}

/** A header as it came: on its way into a Request an empty one is lost, and what is not ASCII is written otherwise. */
const asCame = (c: Context<Env>, name: string): string | undefined =>
  c.env?.event?.headers?.[name] ?? c.req.header(name);

async function serve(c: Context<Env>, deps: ApiDeps, name: RouteName): Promise<Response> {
  const route: Route = ROUTES[name];
  const record = recordOf(c);
  record.route = `${route.method} ${route.path}`;
  let principal = NO_PRINCIPAL;
  if (route.action !== 'public') {
    principal = await deps.verify(c.req.header('authorization'));
    record.person = principal.person;
  }
  requireUtf8(new URL(c.req.url).pathname, 'path');
  const headers: Record<string, string> = {};
  const wait = preferredWait(c.req.header('prefer'));
  let body = (): Promise<unknown> => readJson(c.req.raw, route.bodyLimit);
  let key = '';
  if (route.signed) {
    const bytes = await readBytes(c.req.raw, route.bodyLimit);
    const delivery = {
      organisation: c.req.param('district') ?? '',
      header: (is: string) => c.req.header(is),
      body: bytes,
    };
    if (!deps.verifyDelivery) throw new Unavailable('no-webhooks', 'deliveries are taken by another function');
    ({ principal, id: key } = await deps.verifyDelivery(delivery));
    record.person = principal.person;
    body = () => Promise.resolve(jsonOf(c.req.raw, bytes));
  } else if (route.kind === 'command') {
    key = idempotencyKey(asCame(c, 'idempotency-key'));
    headers['idempotency-key'] = key;
    if (wait !== undefined) headers['preference-applied'] = `wait=${wait}`;
  }
  const answer = await carryOut(deps, name, principal, {
    path: c.req.path,
    params: c.req.param(),
    query: () => {
      requireUtf8(new URL(c.req.url).search.slice(1), 'query');
      return singleValues(c.req.queries());
    },
    body,
    key,
    correlation: record.correlation,
    wait,
    ground: route.access && groundFrom(asCame(c, 'x-access-ground')),
  });
  return respond(packed(answer, c.req.header('accept-encoding')), record.correlation, headers);
}

/** A parameter given twice is a mistake, not a list. */
function singleValues(queries: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => {
      if (values.length > 1) {
        throw parameterTwice(name);
      }
      return [name, values[0] ?? ''];
    }),
  );
}

function parameterTwice(name: string): HttpError {
  return new HttpError('invalid-input', 400, `${name}: is given more than once`, {
    field: name,
    expected: 'one value',
  });
}

/** A function answers with 6 MB at most, and bytes travel as base64. */
const LARGEST_ANSWER = 4_400_000;

/** Packs an answer that may be large, for those who take it so. @throws TooLarge */
function packed(answer: HttpAnswer, accepted = ''): HttpAnswer {
  if (!answer.packable) return answer;
  const whole = answer.body as Uint8Array;
  const packs = /\bgzip\b/u.test(accepted);
  const body = packs ? gzipSync(whole) : whole;
  if (body.length > LARGEST_ANSWER) {
    throw new TooLarge(`the answer has ${whole.length} bytes, which is more than one answer can carry`, {
      expected: packs ? answer.packable : 'Accept-Encoding: gzip',
    });
  }
  const headers = { ...answer.headers, vary: 'accept-encoding', ...(packs && { 'content-encoding': 'gzip' }) };
  return { ...answer, body, headers };
}

function respond(answer: HttpAnswer, correlation: string, headers: Record<string, string>): Response {
  const { 'content-type': type = JSON_TYPE } = answer.headers ?? {};
  return new Response(
    type === JSON_TYPE ? JSON.stringify(answer.body) : (answer.body as string | Uint8Array<ArrayBuffer>),
    {
      status: answer.status,
      headers: {
        'content-type': type,
        'x-correlation-id': correlation,
        'cache-control': 'no-store',
        ...headers,
        ...answer.headers,
      },
    },
  );
}

const JSON_TYPE = 'application/json';

const honoPath = ({ path, greedy }: Route): string =>
  path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/(:\w+)$/, greedy ? '$1{.+}' : '$1');

/** 405 when the path exists with another method, else 404. */
function noSuchRoute(path: string, method: string): Error {
  const allowed = new Set(
    ROUTE_NAMES.filter((name) => pattern(ROUTES[name]).test(path)).flatMap((name) =>
      ROUTES[name].method === 'GET' ? ['GET', 'HEAD'] : [ROUTES[name].method],
    ),
  );
  if (allowed.size === 0) {
    return new NotFound('unknown-route', `there is nothing at ${path}`, {
      expected: 'a path of /openapi.json; /docs shows them',
    });
  }
  const allow = [...allowed].join(', ');
  return new HttpError(
    'method-not-allowed',
    405,
    `${method} is not possible at ${path}`,
    { expected: allow },
    { allow },
  );
}

const pattern = ({ path, greedy }: Route): RegExp =>
  new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replace(/\[\^\/\]\+$/, greedy ? '.+' : '[^/]+')}/?$`);

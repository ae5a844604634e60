// The HTTP API of the template on one machine: turns a request into the payload that API Gateway (HTTP API, format 2.0) gives
// to a function, by the template's routes, and the function's answer into a response. Tokens are not looked at here: the
// function verifies them itself, here as on AWS.

import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Invoker } from './functions.ts';
import type { LocalRoute } from './model.ts';

/** API Gateway takes 10 MB; what it passes on to a function is limited to 6 MB, which its answers are as well. */
const MAX_BODY = 10 * 1024 * 1024;
const MAX_PAYLOAD = 6 * 1024 * 1024;

interface Match {
  route: LocalRoute;
  parameters: Record<string, string>;
}

/** The most specific route: a full path before `{name}` before `{proxy+}` before `$default`; a method before ANY. */
export function matchRoute(routes: readonly LocalRoute[], method: string, path: string): Match | undefined {
  let best: (Match & { score: number[] }) | undefined;
  for (const route of routes) {
    const [verb = '', pattern] = route.key.split(' ');
    const found = pattern === undefined ? { parameters: {}, score: [9] } : matchPath(pattern, path);
    if (found === undefined || (pattern !== undefined && verb !== 'ANY' && verb !== method)) continue;
    const score = [...found.score, verb === 'ANY' ? 1 : 0];
    if (best === undefined || lower(score, best.score)) best = { route, parameters: found.parameters, score };
  }
  return best && { route: best.route, parameters: best.parameters };
}

function matchPath(pattern: string, path: string): { parameters: Record<string, string>; score: number[] } | undefined {
  const parts = pattern.split('/').slice(1);
  const actual = path.split('/').slice(1);
  const parameters: Record<string, string> = {};
  const score: number[] = [];
  for (const [at, part] of parts.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    if (greedy !== undefined) {
      if (actual.length <= at) return undefined;
      parameters[greedy] = actual.slice(at).join('/');
      return { parameters, score: [...score, 2] };
    }
    const value = actual[at];
    if (value === undefined) return undefined;
    const named = /^\{(.+)\}$/.exec(part)?.[1];
    if (named !== undefined) parameters[named] = value;
    else if (part !== value) return undefined;
    score.push(named === undefined ? 0 : 1);
  }
  return parts.length === actual.length ? { parameters, score } : undefined;
}

function lower(a: number[], b: number[]): boolean {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    if (x !== y) return x < y;
  }
  return false;
}

/** Answers one request. Never rejects: what a function throws is a 500, as on AWS, and is told to `failed`. */
export async function serve(
  {
    routes,
    invoke,
    failed,
  }: { routes: readonly LocalRoute[]; invoke: Invoker; failed: (fn: string, error: unknown) => void },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const [path, query] = split(request.url ?? '/');
  const match = matchRoute(routes, method, path);
  if (match === undefined) return answerMessage(response, 404, 'Not Found');
  const body = await readBody(request);
  if (body === undefined) return answerMessage(response, 413, 'Request Entity Too Large');
  const event = payload(request, { method, path, query, body, match });
  let result: unknown;
  try {
    result = await invoke(match.route.function, event);
  } catch (error) {
    failed(match.route.function, error);
    return answerMessage(response, 500, 'Internal Server Error');
  }
  answer(response, method, result);
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk); // beyond it, read on so that the client gets to see the answer
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks);
}

const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)\b|application\/[\w.-]+\+(json|xml))/;

interface Parsed {
  method: string;
  path: string;
  query: string;
  body: Buffer;
  match: Match;
}

function payload(request: IncomingMessage, { method, path, query, body, match }: Parsed): APIGatewayProxyEventV2 {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    if (value !== undefined && name !== 'cookie') headers[name] = value.join(',');
  }
  const cookies = request.headers.cookie?.split('; ');
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  // what is not UTF-8 goes on as it came: a signature may be over it
  const text = body.length === 0 || (TEXT.test(headers['content-type'] ?? '') && isUtf8(body));
  const now = new Date();
  const domainName = headers['host'] ?? '127.0.0.1';
  return {
    version: '2.0',
    routeKey: match.route.key,
    rawPath: path,
    rawQueryString: query,
    headers,
    ...(cookies !== undefined && { cookies }),
    ...(query !== '' && { queryStringParameters: parameters }),
    ...(Object.keys(match.parameters).length > 0 && { pathParameters: match.parameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName,
      domainPrefix: 'local',
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.route.key,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

function answer(response: ServerResponse, method: string, result: unknown): void {
  const structured = typeof result === 'object' && result !== null && 'statusCode' in result;
  // Without a status code, API Gateway takes whatever a function returns as the JSON body of a 200.
  const { statusCode, headers, cookies, body, isBase64Encoded }: APIGatewayProxyStructuredResultV2 = structured
    ? (result as APIGatewayProxyStructuredResultV2)
    : {
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        body: typeof result === 'string' ? result : JSON.stringify(result ?? null),
      };
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  if (bytes.length > MAX_PAYLOAD) return answerMessage(response, 500, 'Internal Server Error');
  response.statusCode = statusCode ?? 200;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, String(value));
  if (cookies !== undefined) response.setHeader('set-cookie', cookies);
  if (bytes.length > 0 && !response.hasHeader('content-type'))
    response.setHeader('content-type', 'text/plain;charset=UTF-8');
  if (response.statusCode !== 204 && response.statusCode !== 304) response.setHeader('content-length', bytes.length);
  response.end(method === 'HEAD' ? undefined : bytes);
}

function answerMessage(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}

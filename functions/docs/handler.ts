// The deployed function `docs`: the API's documentation page and its OpenAPI document. Needs no table and no token.
import { createHash } from 'node:crypto';
import { openApiDocument } from '../api/openapi.ts';
import { docsAsset } from './assets.ts';
import { PAGE, START } from './page.ts';

interface HttpEvent {
  rawPath: string;
  headers?: Record<string, string | undefined>;
  requestContext: { http: { method: string } };
}
interface HttpResult {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

const VERSION = '0.1.0';
let document: string | undefined;

/** Files may be kept for an hour and are then asked about by their tag; the page and the document each time. */
const KEEP = 'public, max-age=3600';
const ASK = 'no-cache';
const SAFE = {
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
};

export async function handler(event: HttpEvent): Promise<HttpResult> {
  const { method } = event.requestContext.http;
  if (method !== 'GET' && method !== 'HEAD') {
    return problem(405, 'method-not-allowed', `${method} is not possible here`, { allow: 'GET, HEAD' });
  }
  const path = event.rawPath.replace(/\/$/, '') || '/';
  if (path.endsWith('/openapi.json')) {
    document ??= JSON.stringify(openApiDocument(VERSION));
    return text(event, document, 'application/json', ASK);
  }
  if (path.endsWith('/docs')) {
    // relative addresses on the page need the path without a slash at its end
    if (event.rawPath.endsWith('/')) return redirect('../docs');
    return text(event, PAGE, 'text/html; charset=utf-8', ASK);
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'start.js') return text(event, START, 'text/javascript; charset=utf-8', ASK);
  const file = docsAsset(name);
  if (!file) return problem(404, 'unknown-route', `there is nothing at ${event.rawPath}`);
  return send(event, file.bytes, file.gzipped, file.type, KEEP);
}

function text(event: HttpEvent, body: string, type: string, cache: string): HttpResult {
  return send(event, Buffer.from(body), undefined, type, cache);
}

function send(event: HttpEvent, bytes: Buffer, gzipped: Buffer | undefined, type: string, cache: string): HttpResult {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const headers = { ...SAFE, 'content-type': type, 'cache-control': cache, etag, vary: 'accept-encoding' };
  if (event.headers?.['if-none-match'] === etag) return { statusCode: 304, headers, body: '', isBase64Encoded: false };
  if (event.requestContext.http.method === 'HEAD')
    return { statusCode: 200, headers, body: '', isBase64Encoded: false };
  if (gzipped && /\bgzip\b/.test(event.headers?.['accept-encoding'] ?? '')) {
    const zipped = { ...headers, 'content-encoding': 'gzip' };
    return { statusCode: 200, headers: zipped, body: gzipped.toString('base64'), isBase64Encoded: true };
  }
  const readable = /^(text|application\/json)/.test(type);
  return {
    statusCode: 200,
    headers,
    body: bytes.toString(readable ? 'utf8' : 'base64'),
    isBase64Encoded: !readable,
  };
}

function redirect(location: string): HttpResult {
  return { statusCode: 308, headers: { location }, body: '', isBase64Encoded: false };
}

function problem(status: number, type: string, detail: string, headers: Record<string, string> = {}): HttpResult {
  const body = JSON.stringify({ type: `urn:daocha:problem:${type}`, title: 'Not found', status, detail });
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body,
    isBase64Encoded: false,
  };
}

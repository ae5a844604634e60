// What the functions that answer HTTP have around their application: middy gives every request a correlation id and,
// when the answer is there, writes one line: who asked what of which route, how it went and how long it took. Never a
// body, a token, a cookie or a query string.
import type { Context } from 'aws-lambda';
import type { Env, Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import withMiddleware from '@middy/core';
import type { Logger } from '@aws-lambda-powertools/logger';
import { correlationFrom, type Report, type RequestRecord } from './request.ts';

export interface RequestLog {
  info: (message: string, facts: Record<string, unknown>) => void;
  error: (message: string, facts: Record<string, unknown>) => void;
}

/** What an HTTP API's payload v2 has that is looked at here and in the applications. */
export interface HttpEvent {
  rawPath: string;
  rawQueryString?: string;
  headers?: Record<string, string | undefined>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
  requestContext: { http: { method: string }; domainName?: string };
}
export interface HttpResult {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}
export type HttpHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/**
 * A Lambda handler for the HTTP API's payload v2.
 * @param says the message of its line in the log
 * @param makeApp the application, told where to report
 * @param clock milliseconds, for the duration in the request log
 */
export function httpLambda<E extends Env>(
  says: 'request' | 'page',
  makeApp: (report: Report) => Hono<E>,
  log: RequestLog,
  clock: () => number = () => performance.now(),
): HttpHandler {
  const serve = handle(makeApp((message, error, facts) => log.error(message, { ...facts, error })));
  const begun = new WeakMap<HttpEvent, { record: RequestRecord; at: number }>();

  return withMiddleware<HttpEvent, HttpResult>()
    .use({
      before: ({ event, context }) => {
        const record: RequestRecord = { correlation: correlationFrom(event.headers?.['x-correlation-id']) };
        begun.set(event, { record, at: clock() });
        Object.assign(context, { record });
      },
      after: ({ event, response }) => {
        const { record, at } = begun.get(event)!;
        log.info(says, {
          method: event.requestContext.http.method,
          // an unknown path may hold anything: it is not logged
          route: record.route ?? '(none)',
          status: response?.statusCode,
          ms: Math.round((clock() - at) * 10) / 10,
          person: record.person,
          correlation: record.correlation,
        });
      },
    })
    .handler(
      (event, context) =>
        serve(askable(event) as unknown as LambdaEvent, context as never) as unknown as Promise<HttpResult>,
    ) as HttpHandler;
}

/** A body that came with a GET means nothing (RFC 9110, 9.3.1), and no Request can be made of the two together. */
function askable(event: HttpEvent): HttpEvent {
  const { method } = event.requestContext.http;
  if (method !== 'GET' && method !== 'HEAD') return event;
  const { body: _body, ...rest } = event;
  return rest;
}

/** The function's logger as the log of its requests. */
export const requestLog = (logger: Logger): RequestLog => ({
  info: (message, facts) => logger.info(message, facts),
  error: (message, facts) => logger.error(message, facts),
});

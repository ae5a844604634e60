// The Lambda side: middy around the application. It gives every request a correlation id and, when the answer is there, writes
// one line: who asked what of which route, how it went and how long it took. Never a body, a token or a query string.
import type { Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import withMiddleware from '@middy/core';
import { correlationFrom, makeApp, type RequestRecord } from './app.ts';
import type { ApiDeps } from './call.ts';

export interface RequestLog {
  info: (message: string, facts: Record<string, unknown>) => void;
  error: (message: string, facts: Record<string, unknown>) => void;
}

/** What an HTTP API's payload v2 has that is looked at here. */
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
export type ApiHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/**
 * A Lambda handler for the HTTP API's payload v2.
 * @param clock milliseconds, for the duration in the request log
 */
export function makeHandler(
  deps: Omit<ApiDeps, 'report'>,
  log: RequestLog,
  clock: () => number = () => performance.now(),
): ApiHandler {
  const report: ApiDeps['report'] = (message, error, facts) => log.error(message, { ...facts, error });
  const serve = handle(makeApp({ ...deps, report }));
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
        log.info('request', {
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
      (event, context) => serve(event as unknown as LambdaEvent, context as never) as unknown as Promise<HttpResult>,
    ) as ApiHandler;
}

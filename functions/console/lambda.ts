// The Lambda side, as that of the API (functions/api/lambda.ts): a correlation id for every request, and one line when the answer is
// there. Never a body, a cookie or a query string.
import type { Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import withMiddleware from '@middy/core';
import { correlationFrom, type RequestRecord } from '../api/app.ts';
import type { RequestLog } from '../api/lambda.ts';
import { makeConsole, type ConsoleDeps } from './app.ts';

interface HttpEvent {
  rawPath: string;
  rawQueryString: string;
  headers?: Record<string, string | undefined>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
  requestContext: { http: { method: string }; domainName?: string };
}
interface HttpResult {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}
export type ConsoleHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/** @param clock milliseconds, for the duration in the request log */
export function makeHandler(
  deps: Omit<ConsoleDeps, 'report'>,
  log: RequestLog,
  clock: () => number = () => performance.now(),
): ConsoleHandler {
  const report: ConsoleDeps['report'] = (message, error, facts) => log.error(message, { ...facts, error });
  const serve = handle(makeConsole({ ...deps, report }));
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
        log.info('page', {
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
    ) as ConsoleHandler;
}

// The Lambda side of the API.
import { httpLambda, type HttpHandler, type RequestLog } from '../runtime/http-lambda.ts';
import { makeApp } from './app.ts';
import type { ApiDeps } from './handler-types.ts';

/** @param clock milliseconds, for the duration in the request log */
export function makeHandler(deps: Omit<ApiDeps, 'report'>, log: RequestLog, clock?: () => number): HttpHandler {
  return httpLambda('request', (report) => makeApp({ ...deps, report }), log, clock);
}

// The Lambda side of the console.
import { httpLambda, type HttpHandler, type RequestLog } from '../runtime/http-lambda.ts';
import { makeConsole, type ConsoleDeps } from './app.ts';

/** @param clock milliseconds, for the duration in the request log */
export function makeHandler(deps: Omit<ConsoleDeps, 'report'>, log: RequestLog, clock?: () => number): HttpHandler {
  return httpLambda('page', (report) => makeConsole({ ...deps, report }), log, clock);
}

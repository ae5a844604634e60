// Calls the handlers of functions/<name>/handler.ts in this process, as Lambda would: with the environment that the template
// declares, a context, a time limit and no more calls at once than are reserved.

import type { Context } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { DaochaError } from '../../events/errors.ts';
import type { LocalFunction } from './model.ts';

/** ms: less than what functions/runtime/follower.ts keeps in reserve, and enough for a handler that does not look. */
const HURRIED = 10_000;

export type LambdaHandler = (event: unknown, context: Context) => unknown;

export interface Invoker {
  /** Resolves to what the handler answers; rejects with what it throws, or when the time limit passes. */
  (name: string, event: unknown): Promise<unknown>;
}

export interface Functions extends Invoker {
  /** From now on handlers are told that little time is left: those that look at it end early and go on at the next start. */
  hurry(): void;
}

export class FunctionTimedOut extends DaochaError {
  constructor(name: string, seconds: number) {
    super('function-timed-out', 504, `The function ${name} did not finish within its ${seconds} s.`);
  }
}

let loads = 0;

/**
 * Imports functions/<name>/handler.ts. The environment must be set before, as deps are made when it is loaded; it is loaded again
 * each time, so that a second platform of this process does not get the clients of the first.
 */
export async function importHandler(name: string): Promise<LambdaHandler> {
  const url = new URL(`../../functions/${name}/handler.ts?load=${loads++}`, import.meta.url);
  const { handler } = (await import(url.href)) as { handler?: LambdaHandler };
  if (typeof handler !== 'function') {
    throw new DaochaError('no-handler', 500, `functions/${name}/handler.ts exports no function called handler.`);
  }
  return handler;
}

/**
 * Loads handlers one after the other, each under its own environment, and returns what calls them.
 * @param overrides set on top of the template's environment: endpoints and sign-in are what differs on one machine
 * @param requestId names each call
 */
export async function loadFunctions(
  functions: readonly LocalFunction[],
  overrides: Record<string, string>,
  load: (name: string) => Promise<LambdaHandler> = importHandler,
  requestId: () => string = randomUUID,
): Promise<Functions> {
  const pace = { hurried: false, requestId };
  const calls = new Map<string, (event: unknown) => Promise<unknown>>();
  for (const fn of functions) {
    Object.assign(process.env, fn.environment, overrides);
    const handler = await load(fn.name);
    const call = (event: unknown) => callHandler(fn, handler, event, pace);
    calls.set(fn.name, fn.concurrency === undefined ? call : atMost(fn.concurrency, call));
  }
  const invoke = (name: string, event: unknown): Promise<unknown> => {
    const call = calls.get(name);
    if (call === undefined)
      return Promise.reject(new DaochaError('unknown-function', 500, `There is no function ${name}.`));
    return call(event);
  };
  return Object.assign(invoke, {
    hurry: () => {
      pace.hurried = true;
    },
  });
}

async function callHandler(
  fn: LocalFunction,
  handler: LambdaHandler,
  event: unknown,
  pace: { hurried: boolean; requestId: () => string },
): Promise<unknown> {
  const end = Date.now() + fn.timeout * 1000;
  const context: Context = {
    callbackWaitsForEmptyEventLoop: false,
    functionName: `daocha-${fn.name}`,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:daocha-${fn.name}`,
    memoryLimitInMB: String(fn.memory),
    awsRequestId: pace.requestId(),
    logGroupName: `/aws/lambda/daocha-${fn.name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.min(end - Date.now(), pace.hurried ? HURRIED : Number.POSITIVE_INFINITY)),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_done, fail) => {
    timer = setTimeout(() => fail(new FunctionTimedOut(fn.name, fn.timeout)), fn.timeout * 1000);
  });
  try {
    return await Promise.race([handler(event, context), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs at most `limit` calls at once; the others wait in order. */
export function atMost<A, R>(limit: number, call: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (argument) => {
    if (free > 0) free--;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await call(argument);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

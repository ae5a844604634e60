// Carries out one route for a caller who is known: has any of their roles the action (403), is the input well-formed (400), then the
// handler. The HTTP side (app.ts) and the console (functions/console) both come through here, so there is one set of rules.
import type { Principal } from './auth.ts';
import { NotFound } from '../../events/errors.ts';
import type { HttpAnswer, ApiDeps, ApiCall } from './handler-types.ts';
import { commandId, fingerprint } from './idempotency.ts';
import { authorise, requireRole } from './permissions.ts';
import { requirePeople } from './persons.ts';
import { parseInput } from './problems.ts';
import { beginReading } from './reading.ts';
import type { Route } from './route.ts';
import { ROUTES, type RouteName } from './routes.ts';

/** Who calls a public route. */
export const NO_PRINCIPAL: Principal = { person: '', roles: [], organisation: undefined, post: undefined };

/** What is asked of a route, as it came: nothing of it is checked yet. */
export interface AskedRoute {
  /** the path with its parameters filled in; a repeated command is recognised by it */
  path: string;
  params: Record<string, string>;
  query: () => Record<string, string>;
  /** read only once everything before it is in order */
  body: () => Promise<unknown>;
  /** commands: the caller's idempotency key */
  key: string;
  correlation: string;
  /** commands: seconds to wait for the views */
  wait?: number | undefined;
  /** queries: the ground on which the caller reads (查阅事由) */
  ground?: string | undefined;
}

/** @throws Forbidden, InvalidInput, and whatever the handler throws */
export async function carryOut(
  deps: ApiDeps,
  name: RouteName,
  principal: Principal,
  { path, params, query, body, key, correlation, wait, ground }: AskedRoute,
): Promise<HttpAnswer> {
  const route: Route = ROUTES[name];
  const handler = deps.handlers[name];
  if (!handler) throw new NotFound('unknown-route', `${name} is served by another function`);
  const { action } = route;
  if (action !== 'public') requireRole(principal, action);
  const call: ApiCall = {
    params: parseInput(route.params, params, 'path'),
    query: parseInput(route.query, query(), 'query'),
    body: {},
    principal,
    action: action as ApiCall['action'],
    correlation,
    command: '',
    request: '',
    wait,
    now: deps.now(),
    authorise: (subject) => {
      if (action !== 'public') authorise(principal, action, subject);
    },
    reads: () => {},
  };
  if (route.kind === 'query') {
    const { now } = call;
    const given = { principal, ground, correlation, now, params: call.params, query: call.query };
    const reading = beginReading(deps.access, route, given);
    let answer: HttpAnswer;
    try {
      answer = await handler(deps, { ...call, reads: reading.of });
    } catch (error) {
      await reading.refused(error);
      throw error;
    }
    await reading.shown();
    return answer;
  }
  const raw = await body();
  const parsed = parseInput(route.body, raw, 'body');
  requirePeople(parsed);
  return handler(deps, {
    ...call,
    body: parsed,
    command: commandId(principal.person, key),
    request: fingerprint(`${route.method} ${path}`, raw),
  });
}

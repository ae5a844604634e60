// How a route is declared. One table of such declarations feeds the router, the validation and the OpenAPI document, so that none
// of them can say anything else. Declarations know schemas only: no store, no AWS, so that the docs function can carry them.
import * as z from 'zod';
import type { AccessAction } from '../../shared/record/access/entry.ts';
import { bodyOf, type Command } from '../../shared/rules/command.ts';
import type { Category } from '../../events/envelope.ts';
import type { Action } from './permissions.ts';
import type { RoleScopes } from '../../shared/rules/roles.ts';
import { executedSchema } from './schemas.ts';

export type Tag =
  | 'units'
  | 'roster'
  | 'directory'
  | 'inspections'
  | 'hazards'
  | 'evidence'
  | 'escalations'
  | 'deadlines'
  | 'duties'
  | 'views'
  | 'campaign'
  | 'trace'
  | 'imports'
  | 'log'
  | 'proposals'
  | 'platform';

export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
> {
  kind: 'command' | 'query';
  method: 'GET' | 'POST';
  /** OpenAPI style: `/v1/units/{id}` */
  path: string;
  /** the last parameter takes the rest of the path, slashes included */
  greedy?: boolean;
  tag: Tag;
  summary: string;
  zh: string;
  description?: string;
  /** what the caller needs leave for; `public` needs no token */
  action: Action | 'public';
  /** not a token but a signature says who calls, see signed.ts; its id is the idempotency key */
  signed?: true;
  /** put on the access log before the answer leaves, see reading.ts */
  access?: AccessRule;
  params: Params;
  query: Query;
  body: Body;
  /** bytes that the body may have */
  bodyLimit: number;
  answers: Record<number, { description: string; schema: z.ZodType }>;
  /** problems that it can answer beside those that follow from its kind, or in words of its own */
  problems?: Record<number, string>;
  /** content types of the 200, when it is not JSON */
  produces?: string | readonly string[];
  example?: unknown;
}

export interface AccessRule {
  action: AccessAction;
  /** a list of the query: an entry for each person in it, as if each had been looked up alone */
  each?: 'persons';
  /**
   * the parameter of the path that holds the unit; `*`: the unit that the query names, or none; absent: the handler
   * says it by `call.reads`
   */
  unit?: string;
}

export const BODY_LIMIT = 256 * 1024;
/** Of queries that need the campaign's definition to know what the caller may see. */
export const NOT_LAUNCHED = { 422: 'the campaign has not been launched yet' };
const NOTHING = z.strictObject({});
export type Nothing = typeof NOTHING;

type Common = Pick<Route, 'path' | 'tag' | 'summary' | 'zh' | 'action'> &
  Partial<
    Pick<
      Route,
      'description' | 'access' | 'signed' | 'bodyLimit' | 'example' | 'answers' | 'problems' | 'greedy' | 'produces'
    >
  >;

const PUT_FORWARD = 'put forward: a second person has to confirm it; see Location';

/** A route that changes something. `creates`: it answers 201 with a Location when something new came to be. */
export function command<Body extends z.ZodType, Params extends z.ZodObject = Nothing>(
  declared: Common & { params?: Params; body: Body; creates?: string; second?: unknown },
): Route<Params, Nothing, Body> {
  const { creates, second, ...rest } = declared;
  const done = { description: creates ? 'done before (`already: true`)' : 'done', schema: executedSchema };
  return {
    kind: 'command',
    method: 'POST',
    query: NOTHING,
    bodyLimit: BODY_LIMIT,
    answers: Object.fromEntries([
      ...(creates ? [[201, { description: `${creates}; see Location`, schema: executedSchema }] as const] : []),
      ...(second ? [[202, { description: PUT_FORWARD, schema: executedSchema }] as const] : []),
      [200, done] as const,
    ]),
    ...rest,
    params: declared.params ?? (NOTHING as unknown as Params),
  };
}

/** A route that reads. */
export function query<
  Shape extends z.ZodType,
  Query extends z.ZodObject = Nothing,
  Params extends z.ZodObject = Nothing,
>(
  declared: Common & { params?: Params; query?: Query; answer: Shape; answerDescription?: string },
): Route<Params, Query, Nothing> & { answer: Shape } {
  const { answer, answerDescription, answers, ...rest } = declared;
  return {
    kind: 'query',
    method: 'GET',
    body: NOTHING,
    bodyLimit: 0,
    answer,
    answers: { 200: { description: answerDescription ?? declared.summary, schema: answer }, ...answers },
    ...rest,
    params: declared.params ?? (NOTHING as unknown as Params),
    query: declared.query ?? (NOTHING as unknown as Query),
  };
}

/** Where the commands on each kind of thing are in the document. */
const TAG_OF: Record<Category, Tag> = {
  campaign: 'campaign',
  roster: 'roster',
  person: 'directory',
  unit: 'units',
  inspection: 'inspections',
  hazard: 'hazards',
  escalation: 'escalations',
  report: 'deadlines',
  duty: 'duties',
  delivery: 'platform',
  index: 'log',
  proposal: 'proposals',
};

type RoutesOf<Commands> = {
  [Name in keyof Commands]: Commands[Name] extends Command<infer Takes, string, RoleScopes, infer Params>
    ? Route<Params, Nothing, ReturnType<typeof bodyOf<Takes>>>
    : never;
};

/** The routes of declared commands (shared/rules/command.ts): a command's operation id is its export's name. */
export function routesOf<Commands extends object>(commands: Commands): RoutesOf<Commands> {
  const routes = Object.entries<Command>(commands as Record<string, Command>).map(([name, declared]) => {
    const { category, zh, summary, description, path, action, params, example, creates, second } = declared;
    const said = {
      zh,
      summary,
      path,
      params,
      example,
      ...(description && { description }),
      ...(creates && { creates }),
      ...(second && { second }),
    };
    const route = command({ ...said, tag: TAG_OF[category], action: action as Action, body: bodyOf(declared, name) });
    return [name, route];
  });
  return Object.fromEntries(routes) as RoutesOf<Commands>;
}

// The console behind its deployed handler, on the in-memory town of the API's tests: requests go in as API Gateway payloads, cookies are
// really sealed, forms are taken from the pages that show them.
import type { Context } from 'aws-lambda';
import type { Role } from '../../../shared/rules/roles.ts';
import type { ConsoleDeps } from '../../../functions/console/app.ts';
import { makeHandler } from '../../../functions/console/lambda.ts';
import type { HttpHandler } from '../../../functions/runtime/http-lambda.ts';
import { beginSession, keyFrom, sealSession } from '../../../functions/console/session.ts';
import type { SignIn } from '../../../functions/console/sign-in.ts';
import { makeTown, type TestTown, type TownOptions } from '../api/support.ts';

export const HOST = 'town.test';
export const KEY = keyFrom('a secret of the tests, which is long enough');
export const COOKIE = '__Secure-daocha';

export interface Answered {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  text: string;
}
export interface Sent {
  headers?: Record<string, string>;
  cookies?: string[];
  /** form fields; a list for ticked boxes */
  form?: Record<string, string | readonly string[]>;
  /** sent as it is, instead of `form` */
  raw?: string;
}

/** Somebody at a browser, signed in. */
export interface Visitor {
  cookie: string;
  get: (path: string, headers?: Record<string, string>) => Promise<Answered>;
  /** Opens the form at `path`, fills it in, sends it to where it says. */
  fill: (path: string, fields: Record<string, string | readonly string[]>) => Promise<Answered>;
  /** Sends fields as they are, with the session's cookie. */
  post: (
    path: string,
    form: Record<string, string | readonly string[]>,
    headers?: Record<string, string>,
  ) => Promise<Answered>;
}

export interface ConsoleTown {
  town: TestTown;
  logged: { message: string; facts: Record<string, unknown> }[];
  send: (method: string, path: string, sent?: Sent) => Promise<Answered>;
  as: (role: Role | readonly Role[], organisation?: string, person?: string) => Promise<Visitor>;
}

/** A sign-in that nobody uses; tests of signing in give their own. */
const NO_SIGN_IN: SignIn = {
  begin: () => Promise.reject(new Error('not in this test')),
  finish: () => Promise.reject(new Error('not in this test')),
  refresh: () => Promise.reject(new Error('not in this test')),
  endSession: () => Promise.resolve(undefined),
};

/** @param options of a new town, or a town that there is already */
export async function makeConsoleTown(
  options: TownOptions | TestTown = {},
  more: Partial<Omit<ConsoleDeps, 'report'>> = {},
): Promise<ConsoleTown> {
  const town = 'deps' in options ? options : await makeTown({ settling: true, ...options });
  const logged: ConsoleTown['logged'] = [];
  const keep = (message: string, facts: Record<string, unknown>): void => void logged.push({ message, facts });
  const deps = {
    ...town.deps,
    wallClock: () => town.now.at,
    signIn: NO_SIGN_IN,
    sessionKey: () => Promise.resolve(KEY),
    ...more,
  };
  const handler = makeHandler(deps, { info: keep, error: keep }, () => 0);
  const send: ConsoleTown['send'] = (method, path, sent) => invoke(handler, method, path, sent);
  return {
    town,
    logged,
    send,
    as: async (roles, organisation = 'office', person) => {
      const list = typeof roles === 'string' ? [roles] : roles;
      const principal = {
        person: person ?? `p-${list[0]}-${organisation}`,
        roles: list,
        organisation,
        post: `${list[0]} of ${organisation}`,
      };
      const cookie = `${COOKIE}=${await sealSession(KEY, beginSession(principal, town.now.at))}`;
      return visitor(send, cookie);
    },
  };
}

function visitor(send: ConsoleTown['send'], cookie: string): Visitor {
  const get: Visitor['get'] = (path, headers = {}) => send('GET', path, { cookies: [cookie], headers });
  const post: Visitor['post'] = (path, form, headers = {}) => send('POST', path, { cookies: [cookie], form, headers });
  return {
    cookie,
    get,
    post,
    fill: async (path, fields) => {
      const { text, status } = await get(path);
      if (status !== 200) throw new Error(`${path}: ${status} ${heading(text)}`);
      return post(actionOf(text), { ...hiddenFields(text), ...fields });
    },
  };
}

/** The heading of a page. */
export const heading = (text: string): string => /<h1>([^<]*)<\/h1>/.exec(text)?.[1] ?? '';

/** Where the page's main form is sent. */
export function actionOf(text: string): string {
  const action = /<form[^>]*method="post"[^>]*action="([^"]+)"/.exec(text)?.[1];
  if (action === undefined) throw new Error(`there is no form on the page ${heading(text)}`);
  return action;
}

/** The hidden fields of the page's form: token and key. */
export function hiddenFields(text: string): { csrf: string; key: string } {
  const value = (name: string): string => new RegExp(`name="${name}"\\s+value="([^"]+)"`).exec(text)?.[1] ?? '';
  return { csrf: value('csrf'), key: value('key') };
}

async function invoke(handler: HttpHandler, method: string, path: string, sent: Sent = {}): Promise<Answered> {
  const url = new URL(path, `https://${HOST}`);
  const fields = Object.entries(sent.form ?? {}).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  );
  const body = sent.raw ?? (sent.form && new URLSearchParams(fields).toString());
  const result = await handler(
    {
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      headers: {
        host: HOST,
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...sent.headers,
      },
      ...(sent.cookies && { cookies: sent.cookies }),
      ...(body !== undefined && { body }),
      isBase64Encoded: false,
      requestContext: { http: { method }, domainName: HOST },
    },
    {} as Context,
  );
  return {
    status: result.statusCode,
    headers: result.headers,
    cookies: result.cookies ?? [],
    text: result.isBase64Encoded ? Buffer.from(result.body, 'base64').toString('latin1') : result.body,
  };
}

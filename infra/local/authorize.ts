// The development issuer's side of signing in (authorization code with PKCE): the visitor chooses who to sign in as, is sent back
// with a code, and the console fetches tokens for it. One machine only; a code holds for a minute and once.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CALLER } from '../../functions/api/auth.ts';
import { ROLES } from '../../shared/rules/roles.ts';
import { TOKEN_HOURS } from '../../functions/runtime/variables.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { json } from './server.ts';
import {
  ISSUER_PATH,
  readRefreshToken,
  signIdToken,
  type SigningKey,
  signRefreshToken,
  signToken,
  type TokenRequest,
} from './issuer.ts';
import { CONTENT_POLICY, signInPage } from './sign-in-page.ts';

export interface Authorizing {
  /** Shows who may be signed in as (GET), and takes the choice (POST). */
  authorize: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Gives tokens for a code (POST). */
  token: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** What a sign-in was asked with: the part that comes back is not looked at here. */
interface Asked {
  client: string;
  redirect: string;
  challenge: string;
  state: string;
  nonce: string | undefined;
  /** whether it may ask again by itself */
  offline: boolean;
}
interface Granted extends Asked {
  who: TokenRequest;
  until: number;
}

const CODE_HOLDS = 60_000; // ms
const MAX_CODES = 1000;
const MAX_FORM = 16 * 1024;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** @param api address of the platform; only its own console may be sent a code */
export function makeAuthorizing(api: string, key: SigningKey, audience: string, tokenHours = TOKEN_HOURS): Authorizing {
  const issuer = `${api}${ISSUER_PATH}`;
  const codes = new Map<string, Granted>();

  return {
    async authorize(request, response) {
      try {
        const query = new URL(request.url ?? '/', api).searchParams;
        const asked = read(query, api);
        if (request.method !== 'POST') return page(response, 200, signInPage(query));
        const who = chosen(await form(request));
        await signToken(key, { issuer, audience, tokenHours }, who); // refuses a role that does not exist
        const code = randomBytes(24).toString('base64url');
        if (codes.size >= MAX_CODES) codes.delete(codes.keys().next().value!);
        codes.set(code, { ...asked, who, until: Date.now() + CODE_HOLDS });
        const back = new URL(asked.redirect);
        back.searchParams.set('code', code);
        back.searchParams.set('state', asked.state);
        response.writeHead(303, { location: back.href, 'cache-control': 'no-store' }).end();
      } catch (error) {
        if (!(error instanceof DaochaError)) throw error;
        page(response, error.status, signInPage(new URLSearchParams(), error));
      }
    },

    async token(request, response) {
      const sent = await form(request);
      if (sent.get('grant_type') === 'refresh_token') {
        const client = sent.get('client_id') ?? '';
        const token = sent.get('refresh_token') ?? '';
        const who = await readRefreshToken(key, { issuer, client, token });
        if (!who) return json(response, 400, { error: 'invalid_grant' });
        const access = await signToken(key, { issuer, audience, tokenHours }, who);
        const tokens = { access_token: access, token_type: 'Bearer', expires_in: 8 * 3600 };
        return json(response, 200, tokens, { 'cache-control': 'no-store' });
      }
      const code = sent.get('code') ?? '';
      const granted = codes.get(code);
      codes.delete(code);
      const refused = (why: string): void => json(response, 400, { error: 'invalid_grant', error_description: why });
      if (sent.get('grant_type') !== 'authorization_code')
        return json(response, 400, { error: 'unsupported_grant_type' });
      if (!granted || granted.until < Date.now()) return refused('the code is unknown, used or too old');
      if (granted.client !== sent.get('client_id')) return refused('the code is another client’s');
      if (granted.redirect !== sent.get('redirect_uri')) return refused('redirect_uri is another one than before');
      if (challengeOf(sent.get('code_verifier') ?? '') !== granted.challenge) return refused('code_verifier is wrong');
      const access = await signToken(key, { issuer, audience, tokenHours }, granted.who);
      const subject = granted.who.person ?? `dev-${granted.who.roles[0]}`;
      const { client, nonce } = granted;
      const id = await signIdToken(key, { issuer, client, subject, nonce });
      const tokens = {
        access_token: access,
        id_token: id,
        token_type: 'Bearer',
        expires_in: 8 * 3600,
        ...(granted.offline && { refresh_token: await signRefreshToken(key, { issuer, client, who: granted.who }) }),
      };
      json(response, 200, tokens, { 'cache-control': 'no-store' });
    },
  };
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** @throws InvalidInput naming the parameter */
function read(query: URLSearchParams, api: string): Asked {
  const wrong = (field: string, expected: string) =>
    new InvalidInput(`The sign-in was begun with a wrong ${field}.`, { field, expected });
  const redirect = query.get('redirect_uri') ?? '';
  if (!isConsole(redirect, api)) throw wrong('redirect_uri', `${api}/console/callback`);
  if (query.get('response_type') !== 'code') throw wrong('response_type', 'code');
  if (query.get('code_challenge_method') !== 'S256') throw wrong('code_challenge_method', 'S256');
  const challenge = query.get('code_challenge') ?? '';
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw wrong('code_challenge', 'a SHA-256 in base64url');
  const client = query.get('client_id') ?? '';
  if (client === '') throw wrong('client_id', 'the id of the console at this issuer');
  const nonce = query.get('nonce') ?? undefined;
  const offline = (query.get('scope') ?? '').split(' ').includes('offline_access');
  return { client, redirect, challenge, state: query.get('state') ?? '', nonce, offline };
}

/** The console of this platform, under whichever name of this machine. */
function isConsole(redirect: string, api: string): boolean {
  if (!URL.canParse(redirect)) return false;
  const { protocol, hostname, port, pathname, search, hash } = new URL(redirect);
  const same = protocol === 'http:' && LOOPBACK.has(hostname) && port === new URL(api).port;
  return same && pathname === '/console/callback' && search === '' && hash === '';
}

/** As whom: one of the buttons (`role organisation person`), or what was filled in. */
function chosen(sent: URLSearchParams): TokenRequest {
  const [role = '', org, person] = (sent.get('who') ?? '').split(' ');
  if (role !== '') return { roles: [role], org, person, post: role };
  const roles = ROLES.filter((one) => sent.getAll('roles').includes(one));
  const text = (name: string): string | undefined => sent.get(name)?.trim() || undefined;
  const named = text('person');
  if (named !== undefined && !CALLER.person.safeParse(named).success) {
    throw new InvalidInput('人员编号应为字母、数字和符号，不含空格和汉字，不以 system: 开头。', {
      field: 'person',
      expected: 'p-017',
    });
  }
  return { roles, org: text('org'), post: text('post') ?? roles[0], person: named };
}

async function form(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) if (text.length < MAX_FORM) text += chunk.toString();
  return new URLSearchParams(text);
}

function page(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': CONTENT_POLICY,
      'x-content-type-options': 'nosniff',
    })
    .end(text);
}

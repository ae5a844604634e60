// The console's HTTP side: one Hono application made from the list of pages. For every request: assets and sign-in are open; for a page,
// who is signed in (else off to sign in), may they have the page at all, is a form one of ours; then the page; and every error as a page.
import { Hono, type Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { gzipSync } from 'node:zlib';
import { loadCampaign } from '../../shared/rules/perform/campaign.ts';
import { DaochaError, NotFound } from '../../events/errors.ts';
import { correlationFrom, type RequestRecord } from '../runtime/request.ts';
import type { HttpAnswer, ApiDeps } from '../api/handler-types.ts';
import { carryOut } from '../api/run-route.ts';
import { requireUtf8 } from '../api/characters.ts';
import { mayDo, requireRole, scopesOf } from '../api/permissions.ts';
import { problemFor, Unauthenticated } from '../api/problems.ts';
import { ROUTES, type RouteName } from '../api/routes.ts';
import type { ExecutedAnswer } from '../api/schemas.ts';
import type { Answers } from './answers.ts';
import { asset, isAsset } from './assets.ts';
import { checkCsrf, checkOrigin, csrfToken, ForeignForm, isCsrf, saysOwn } from './csrf.ts';
import { wordsFor } from './error-words.ts';
import { errorPage, notSentPage, signedOutPage, type Held } from './error-page.ts';
import { readForm } from './form-body.ts';
import { document, open } from './layout.ts';
import { sectionsFor, SECTIONS } from './navigation.ts';
import {
  CONSOLE_ROOT,
  safeTarget,
  to,
  type ConsoleCall,
  type Page,
  type Data,
  type Passed,
  type Reply,
  type Texts,
  type Visit,
} from './page.ts';
import { CALLS, PAGES } from './pages.ts';
import {
  refreshed,
  beginSession,
  lasts,
  openSession,
  openUnderway,
  principalOf,
  renewed,
  sealSession,
  sealUnderway,
  SIGN_IN_WITHIN,
  type Session,
} from './session.ts';
import { SignInFailed, type SignIn } from './sign-in.ts';
import { makeStandings, type Standings } from './standing.ts';

export interface ConsoleDeps extends ApiDeps {
  signIn: SignIn;
  /** the key of the cookies; read when it is first needed */
  sessionKey: () => Promise<Uint8Array>;
  /** the time of the real world, by which sessions end; `now` is the campaign's */
  wallClock: () => Date;
  /** address of the site, e.g. `https://town.example`; taken from the request where it is not given */
  site?: string | undefined;
}

/** One for the life of the process: it remembers what it looked for. */
type Serving = ConsoleDeps & { standings: Standings };

type Env = {
  Bindings: { lambdaContext?: { record?: RequestRecord } };
  Variables: {
    record: RequestRecord;
    /** a form that was sent, each field with all its values */
    form?: Visit['form'];
    visit?: Visit;
    /** where a sign-in was to lead, if it fails */
    back?: string;
  };
};
type C = Context<Env>;

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/** Nothing from elsewhere, nothing written into a page; `data:` is for images only. @param uploads where evidence is put, if elsewhere */
const policy = (uploads: string | undefined): string =>
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  `connect-src ${["'self'", uploads].filter(Boolean).join(' ')}; ` +
  "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const HEADERS: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // the origin of a form must be told to this site itself, so not `no-referrer`
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), geolocation=(self), microphone=()',
};

export function makeConsole(
  given: ConsoleDeps,
  pages: readonly Page[] = PAGES,
  calls: readonly ConsoleCall[] = CALLS,
): Hono<Env> {
  const deps: Serving = { ...given, standings: makeStandings(given.access, given.signIn, given.wallClock) };
  const app = new Hono<Env>({ strict: false });

  app.use(async (c, next) => {
    const record = c.env?.lambdaContext?.record;
    c.set('record', record ?? { correlation: correlationFrom(c.req.header('x-correlation-id')) });
    await next();
    // what is passed on has a stricter policy of its own
    if (!c.res.headers.has('content-security-policy')) {
      // a page is shown even when nothing can be uploaded just now
      const uploads = await deps.evidence?.origin().catch(() => undefined);
      c.res.headers.set('content-security-policy', policy(uploads));
    }
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
    if (siteOf(c, deps).startsWith('https:')) c.res.headers.set('strict-transport-security', 'max-age=31536000');
    // what time it is here: the clock of the device that asks may be wrong
    if (wantsData(c)) c.res.headers.set('x-now', deps.now().toISOString());
    c.res.headers.set('x-correlation-id', c.get('record').correlation);
  });

  app.get('/', (c) => c.redirect(CONSOLE_ROOT, 302));
  app.get(to('/assets/:hash/:name'), (c) => sendAsset(c));
  app.get(to('/worker.js'), (c) => sendWorker(c));
  app.get(to('/sign-in'), (c) => beginSignIn(c, deps));
  app.get(to('/callback'), (c) => finishSignIn(c, deps));
  app.post(to('/sign-out'), (c) => signOut(c, deps));
  app.get(to('/signed-out'), async (c) => {
    const issuer = await deps.signIn.endSession(`${siteOf(c, deps)}${to('/signed-out')}`).catch(() => undefined);
    return page(c, open('已退出', signedOutPage(issuer)), 200);
  });
  for (const one of [...calls, ...pages]) {
    const path = to(one.path.replaceAll(/\{(\w+)\}/g, ':$1'));
    app.get(path, (c) => serve(c, deps, one));
    if (one.post) app.post(path, (c) => serve(c, deps, one));
  }
  app.notFound((c) => failed(c, deps, new NotFound('unknown-route', `there is nothing at ${c.req.path}`)));
  app.onError((error, c) => failed(c, deps, error));
  return app;
}

/** Serves one page to whoever is signed in. */
async function serve(c: C, deps: Serving, one: Page): Promise<Response> {
  const record = c.get('record');
  record.route = `${c.req.method} ${to(one.path)}`;
  const { pathname, search } = new URL(c.req.url);
  requireUtf8(pathname, 'path');
  requireUtf8(search.slice(1), 'query');
  if (c.req.method === 'POST') c.set('form', await readForm(c.req.raw));
  const key = await deps.sessionKey();
  const opened = await openSession(key, getCookie(c, cookieName(c, deps)), deps.wallClock());
  const session = opened && (await deps.standings.of(opened, askedAs(c)));
  if (!session) {
    if (wantsData(c)) throw new Unauthenticated('the session has ended');
    const held = heldIn(c, deps);
    return held ? page(c, open('没有提交', notSentPage(held)), 401) : toSignIn(c);
  }
  record.person = session.person;
  const anew = session === opened ? renewed(session, deps.wallClock()) : session;
  if (anew) await keepSession(c, deps, key, anew);

  const visit = await visitOf(c, deps, session);
  c.set('visit', visit);
  if (one.path === '/' && scopesOf(visit.principal, 'read.tracks').length === 0) {
    const [first] = sectionsFor(visit.principal);
    if (first) return c.redirect(to(SECTIONS[first].path), 302);
  }
  if (one.action) requireRole(visit.principal, one.action);
  if (c.req.method === 'POST') {
    checkOrigin(c.req.raw.headers, siteOf(c, deps));
    visit.foreign = !isCsrf(session.csrf, visit.form['csrf']?.[0]);
    if (visit.foreign && (wantsData(c) || !heldIn(c, deps))) throw new ForeignForm();
  }
  const reply = await (c.req.method === 'POST' ? one.post!(visit) : one.get(visit));
  if (visit.foreign && !('faults' in reply)) throw new ForeignForm();
  if ('location' in reply && reply.session) await keepSession(c, deps, key, reply.session);
  return answer(c, visit, reply);
}

async function visitOf(c: C, deps: ConsoleDeps, session: Session): Promise<Visit> {
  const now = deps.now();
  const principal = principalOf(session);
  const { correlation } = c.get('record');
  const campaign = await loadCampaign(deps.store, deps.tenant, now);
  const form = c.get('form') ?? {};
  const whole = async (name: keyof typeof ROUTES, params: Texts, query: Texts, body: unknown, key: string) => {
    const path = ROUTES[name].path.replaceAll(/\{(\w+)\}/g, (_all, part: string) => params[part] ?? '');
    const asked = {
      path,
      params: given(params),
      query: () => given(query),
      body: async () => body,
      key,
      correlation,
      ground: session.ground,
    };
    return carryOut(deps, name, principal, asked);
  };
  const call = async (...asked: Parameters<typeof whole>): Promise<unknown> => (await whole(...asked)).body;
  const visit: Visit = {
    principal,
    path: c.req.path,
    params: c.req.param(),
    query: c.req.query(),
    form,
    now,
    campaign,
    session,
    csrf: csrfToken(session.csrf),
    ask: async (name, params = {}, query = {}) => (await call(name, params, query, {}, '')) as Answers[typeof name],
    act: async (name, params, body, key) => {
      if (visit.foreign) throw new ForeignForm();
      const said = { ...(body as object), ...answered(name, form) };
      return (await call(name, params, {}, said, key)) as ExecutedAnswer;
    },
    fetch: (name, params = {}, query = {}) => whole(name, params, query, {}, ''),
    may: (action, subject) =>
      subject === undefined ? scopesOf(principal, action).length > 0 : mayDo(principal, action, subject),
  };
  return visit;
}

/** What a question of the platform was answered with (form.ts): on what a claimed time rests, and which units a new one is not. */
function answered(name: RouteName, form: Visit['form']): object {
  const lateBasis = form['lateBasis']?.[0]?.trim();
  const { distinctFrom } = name === 'registerUnit' || name === 'correctUnit' ? form : {};
  return { ...(lateBasis && { lateBasis }), ...(distinctFrom && { distinctFrom }) };
}

const given = (texts: Texts): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined));

function answer(c: C, visit: Visit, reply: Reply): Response {
  if ('data' in reply) return data(c, reply.data, 200);
  if ('passed' in reply) return passOn(c, reply.passed);
  if (wantsData(c)) return toScript(c, reply);
  // 303: whatever was sent, go on with GET, so that loading the page again sends nothing again
  if ('location' in reply) return c.redirect(reply.location, 303);
  if ('bytes' in reply) {
    c.header('content-type', reply.type);
    c.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(reply.filename)}`);
    c.header('cache-control', 'private, no-store');
    return c.body(new Uint8Array(reply.bytes));
  }
  return page(c, document(visit, reply), reply.status ?? 200);
}

/** Browsers say of a page that they navigate to that HTML is wanted, and of what a page fetches that it is not. */
function askedAs(c: C): 'page' | 'part' | 'act' {
  if (c.req.method === 'POST') return 'act';
  return c.req.header('accept')?.includes('text/html') ? 'page' : 'part';
}

/** Whether a script asks, which has no use for a page. */
const wantsData = (c: C): boolean => c.req.header('accept') === 'application/json';

function data(c: C, content: unknown, status: number): Response {
  return page(c, JSON.stringify(content), status, 'application/json');
}

/** What a page is to a script that has sent its form: where it leads, or what was wrong. */
function toScript(c: C, reply: Exclude<Reply, Data | Passed>): Response {
  if ('location' in reply) return data(c, { location: reply.location }, 200);
  if ('bytes' in reply || !reply.faults) return data(c, { type: 'unknown-route', faults: [] }, 404);
  return data(c, reply.faults, reply.status ?? 400);
}

function passOn(c: C, { status, body, headers = {} }: HttpAnswer): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  c.header('cache-control', 'private, no-store');
  c.status(status as 200);
  return c.body(body as Uint8Array<ArrayBuffer>);
}

/** Sends a page, compressed where that is understood. Pages show records of the campaign: nobody may keep them. */
function page(c: C, text: string, status: number, type = 'text/html; charset=utf-8'): Response {
  c.header('content-type', type);
  c.header('cache-control', 'private, no-store');
  c.header('vary', 'accept-encoding, cookie');
  c.status(status as 200);
  if (!zips(c)) return c.body(text);
  c.header('content-encoding', 'gzip');
  return c.body(new Uint8Array(gzipSync(text)));
}

const zips = (c: C): boolean => /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');

/** The service worker: under the path of what it serves, so not under its hash, and asked for again each time. */
function sendWorker(c: C): Response {
  c.header('content-type', asset('worker.js').type);
  c.header('cache-control', 'no-cache');
  return c.body(asset('worker.js').bytes);
}

function sendAsset(c: C): Response {
  const { name = '', hash } = c.req.param() as { name?: string; hash?: string };
  if (!isAsset(name)) throw new NotFound('unknown-route', `there is nothing at ${c.req.path}`);
  const file = asset(name);
  c.header('content-type', file.type);
  // the address of an older version is answered with the present one, which must then not be kept under it
  c.header('cache-control', hash === file.hash ? 'public, max-age=31536000, immutable' : 'no-store');
  c.header('vary', 'accept-encoding');
  if (!zips(c)) return c.body(file.bytes);
  c.header('content-encoding', 'gzip');
  return c.body(file.gzipped);
}

// --- signing in and out -----------------------------------------------------------------------------------------------------------

/** Scheme and host of the site, as browsers know it. */
function siteOf(c: C, { site }: ConsoleDeps): string {
  if (site) return site;
  const { host, hostname } = new URL(c.req.url);
  return `${LOOPBACK.test(hostname) ? 'http' : 'https'}://${host}`;
}

const isSecure = (c: C, deps: ConsoleDeps): boolean => siteOf(c, deps).startsWith('https:');
/** Browsers keep a cookie of this name only if it is Secure. On one machine there is no TLS. */
const cookieName = (c: C, deps: ConsoleDeps, what = 'daocha'): string =>
  isSecure(c, deps) ? `__Secure-${what}` : what;
/** A cookie for each sign-in that was begun: a browser has many tabs. The name has when it was begun, and its state. */
const UNDERWAY = 'daocha-sign-in-';
/** As many are kept at once; what was begun before is given up. */
const MOST_UNDERWAY = 5;
const tagOf = (state: string): string => state.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 16);

/** The names of those that the browser has, the one begun first at the head. */
function underways(c: C, deps: ConsoleDeps): string[] {
  const prefix = cookieName(c, deps, UNDERWAY);
  const names = Object.keys(getCookie(c)).filter((name) => name.startsWith(prefix));
  return names.toSorted().map((name) => UNDERWAY + name.slice(prefix.length));
}

/** Gives up all but the last ones: also what tabs that were opened at the same moment have begun together. */
function giveUp(c: C, deps: ConsoleDeps, keep: number): void {
  for (const old of underways(c, deps).slice(0, -keep)) keepCookie(c, deps, old, '', 0);
}

function keepCookie(c: C, deps: ConsoleDeps, what: string, value: string, maxAge: number): void {
  const secure = isSecure(c, deps);
  setCookie(c, cookieName(c, deps, what), value, {
    path: CONSOLE_ROOT,
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    maxAge,
  });
}

async function keepSession(c: C, deps: ConsoleDeps, key: Uint8Array, session: Session): Promise<void> {
  keepCookie(c, deps, 'daocha', await sealSession(key, session), lasts(session));
}

/** Off to sign in, and then back to the page that was asked for. */
function toSignIn(c: C): Response {
  const { pathname, search } = new URL(c.req.url);
  const back = c.req.method === 'GET' ? pathname + search : pathname;
  return c.redirect(`${to('/sign-in')}?${new URLSearchParams({ to: back }).toString()}`, 303);
}

/** An auditor says first on what ground they read. */
function toGround(c: C): Response {
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(`${to('/ground')}?${new URLSearchParams({ to: pathname + search }).toString()}`, 303);
}

async function beginSignIn(c: C, deps: ConsoleDeps): Promise<Response> {
  c.get('record').route = `GET ${to('/sign-in')}`;
  const back = safeTarget(c.req.query('to'));
  c.set('back', back);
  const { location, underway } = await deps.signIn.begin(callback(c, deps), back);
  const now = deps.wallClock();
  giveUp(c, deps, MOST_UNDERWAY - 1);
  const sealed = await sealUnderway(await deps.sessionKey(), underway, now);
  const name = `${UNDERWAY}${now.getTime().toString(36)}.${tagOf(underway.state)}`;
  keepCookie(c, deps, name, sealed, SIGN_IN_WITHIN);
  return c.redirect(location, 302);
}

async function finishSignIn(c: C, deps: Serving): Promise<Response> {
  const record = c.get('record');
  record.route = `GET ${to('/callback')}`;
  const key = await deps.sessionKey();
  const now = deps.wallClock();
  const state = c.req.query('state') ?? '';
  const name = underways(c, deps).find((one) => one.endsWith(`.${tagOf(state)}`));
  const underway = name && (await openUnderway(key, getCookie(c, cookieName(c, deps, name)), now));
  if (!underway || underway.state !== state) throw new SignInFailed('stale');
  c.set('back', underway.to);
  // a state is good once; what another tab has begun goes on
  keepCookie(c, deps, name, '', 0);
  giveUp(c, deps, MOST_UNDERWAY);
  const principal = await deps.signIn.finish(callback(c, deps), new URL(c.req.url).search.slice(1), underway);
  record.person = principal.person;
  const before = await openSession(key, getCookie(c, cookieName(c, deps)), now);
  const goesOn = before?.person === principal.person && !(await deps.standings.ended(before));
  if (before && !goesOn) await deps.standings.end(before);
  await keepSession(c, deps, key, goesOn ? refreshed(before, principal, now) : beginSession(principal, now));
  return c.redirect(underway.to, 303);
}

const callback = (c: C, deps: ConsoleDeps): string => `${siteOf(c, deps)}${to('/callback')}`;

async function signOut(c: C, deps: Serving): Promise<Response> {
  c.get('record').route = `POST ${to('/sign-out')}`;
  const session = await openSession(await deps.sessionKey(), getCookie(c, cookieName(c, deps)), deps.wallClock());
  if (session) {
    checkOrigin(c.req.raw.headers, siteOf(c, deps));
    checkCsrf(session.csrf, (await readForm(c.req.raw))['csrf']?.[0]);
    // on record first: without that a copy of the cookie would go on, and the person be told that it has ended
    await deps.standings.end(session);
  }
  keepCookie(c, deps, 'daocha', '', 0);
  return c.redirect(to('/signed-out'), 303);
}

// --- errors -----------------------------------------------------------------------------------------------------------------------

/** A form of this site that came to nothing. What another site has sent is never shown: it would be put into this person's mouth. */
function heldIn(c: C, deps: ConsoleDeps): Held | undefined {
  const form = c.get('form');
  if (!form || !saysOwn(c.req.raw.headers, siteOf(c, deps))) return undefined;
  const { pathname, search } = new URL(c.req.url);
  return { action: pathname + search, form };
}

function failed(c: C, deps: ConsoleDeps, error: Error): Response {
  const record = c.get('record') ?? { correlation: correlationFrom(undefined) };
  if (wantsData(c)) return failedScript(c, deps, error);
  if (error instanceof DaochaError && error.type === 'unauthenticated') return toSignIn(c);
  if (error instanceof DaochaError && error.field === 'X-Access-Ground') return toGround(c);
  const { problem, headers, unexpected } = problemFor(error, record.correlation);
  if (unexpected) deps.report(error.message, error, { correlation: record.correlation, route: record.route });
  if (headers['retry-after']) c.header('retry-after', headers['retry-after']);
  // for scripts: the error's own name
  if (error instanceof DaochaError) c.header('x-problem', error.type);
  const visit = c.get('visit');
  const shown = errorPage(error, {
    status: problem.status,
    correlation: record.correlation,
    who: visit?.principal,
    back: c.get('back'),
    held: heldIn(c, deps),
  });
  return page(c, visit ? document(visit, shown) : open(shown.title, shown.body), problem.status);
}

function failedScript(c: C, deps: ConsoleDeps, error: Error): Response {
  const record = c.get('record');
  const { problem, unexpected } = problemFor(error, record.correlation);
  if (unexpected) deps.report(error.message, error, { correlation: record.correlation, route: record.route });
  const known = error instanceof DaochaError;
  const message = known ? wordsFor(error) : '系统繁忙，请稍后再试；再提交一次不会重复。';
  return data(c, { type: known ? error.type : 'internal', faults: [{ message }] }, problem.status);
}

// Who is signed in, kept in an encrypted cookie (JWE, A256GCM). It ends a working day after signing in, and after two
// hours without a request; every few minutes of use it is written again. standing.ts knows whether it still holds. A
// second cookie of the same kind carries what a sign-in under way must come back with. Each kind is bound to its
// purpose, so that one cannot stand in for the other.
import { EncryptJWT, jwtDecrypt } from 'jose';
import { hkdfSync, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ROLES } from '../../shared/rules/roles.ts';
import { pastedAlong } from '../../shared/pasted.ts';
import type { Principal } from '../api/auth.ts';

/** Seconds from signing in to the end, whatever happens. */
export const LONGEST = 10 * 3600;
/** Seconds without a request after which it has ended. */
export const IDLE = 2 * 3600;
/** Seconds after which a request writes the cookie again. */
const RENEW = 300;
/** Seconds that a sign-in may take. */
export const SIGN_IN_WITHIN = 600;
/** Characters that the secret has at least. */
export const SECRET_LENGTH = 32;

/** Bytes that browsers keep of a cookie, less its name and what it is kept with. */
const COOKIE_BYTES = 3_900;

const sessionSchema = z.strictObject({
  /** the same from signing in to signing out, however often the cookie is written */
  id: z.string(),
  person: z.string(),
  roles: z.array(z.enum(ROLES)),
  organisation: z.string().optional(),
  post: z.string().optional(),
  /** SHA-256 of the token by which they signed in */
  token: z.string().optional(),
  /** on what ground an auditor reads (查阅事由); goes into the access log with everything they read */
  ground: z.string().optional(),
  /** base64url; what forms must carry */
  csrf: z.string(),
  /** seconds since 1970: signed in, and last written */
  since: z.int(),
  seen: z.int(),
  /** seconds since 1970: when the issuer last said that these are the roles */
  checked: z.int(),
  /** to ask the issuer again; not every issuer gives one */
  refresh: z.string().optional(),
});
export type Session = z.infer<typeof sessionSchema>;

const underwaySchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** page to go to afterwards */
  to: z.string(),
});
export type Underway = z.infer<typeof underwaySchema>;

/** The encryption key, from a secret text. @throws Error when the secret is too short to be one */
export function keyFrom(secret: string): Uint8Array {
  if (secret.length < SECRET_LENGTH) {
    throw new Error(`the secret of the sessions has ${secret.length} characters; expected at least ${SECRET_LENGTH}`);
  }
  const along = pastedAlong(secret.replace(/\n$/, ''), true);
  if (along !== undefined) throw new Error(`the secret of the sessions (console-session) ${along}; put it there again`);
  return new Uint8Array(hkdfSync('sha256', secret, '', 'daocha console session', 32));
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

export function beginSession(principal: Principal & { refresh?: string }, now: Date): Session {
  const at = seconds(now);
  return {
    id: randomBytes(18).toString('base64url'),
    ...whoOf(principal),
    csrf: randomBytes(18).toString('base64url'),
    since: at,
    seen: at,
    checked: at,
  };
}

/** The same session of the same person, as the issuer says now that they are: forms that are open stay good, and the stated ground. */
export function refreshed(session: Session, principal: Principal & { refresh?: string }, now: Date): Session {
  const { organisation: _o, post: _p, refresh: _r, token: _t, ...kept } = session;
  const at = seconds(now);
  return { ...kept, ...whoOf(principal), seen: at, checked: at };
}

function whoOf(principal: Principal & { refresh?: string }) {
  const { person, roles, organisation, post, refresh, token } = principal;
  return {
    person,
    roles: [...roles],
    ...(organisation === undefined ? {} : { organisation }),
    ...(post === undefined ? {} : { post }),
    ...(refresh === undefined ? {} : { refresh }),
    ...(token === undefined ? {} : { token }),
  };
}

export function principalOf({ person, roles, organisation, post, token }: Session): Principal {
  return { person, roles, organisation, post, token };
}

/** Seconds until it ends without another request. */
export function lasts(session: Session): number {
  return Math.min(session.seen + IDLE, session.since + LONGEST) - session.seen;
}

export async function sealSession(key: Uint8Array, session: Session): Promise<string> {
  const until = session.seen + lasts(session);
  const sealed = await seal(key, 'session', session, until);
  if (sealed.length <= COOKIE_BYTES || session.refresh === undefined) return sealed;
  // browsers would drop it whole: then one signs in again when the roles are to be asked for
  const { refresh: _refresh, ...rest } = session;
  return seal(key, 'session', rest, until);
}

export const sealUnderway = (key: Uint8Array, underway: Underway, now: Date): Promise<string> =>
  seal(key, 'sign-in', underway, seconds(now) + SIGN_IN_WITHIN);

/** The session in a cookie; undefined when there is none, it has ended, or it is not one of ours. */
export async function openSession(
  key: Uint8Array,
  cookie: string | undefined,
  now: Date,
): Promise<Session | undefined> {
  return open(key, 'session', sessionSchema, cookie, now);
}

export async function openUnderway(
  key: Uint8Array,
  cookie: string | undefined,
  now: Date,
): Promise<Underway | undefined> {
  return open(key, 'sign-in', underwaySchema, cookie, now);
}

/** The session as it is to be written again; undefined while the cookie that was sent is fresh enough. */
export function renewed(session: Session, now: Date): Session | undefined {
  const at = seconds(now);
  return at - session.seen < RENEW ? undefined : { ...session, seen: at };
}

function seal(key: Uint8Array, purpose: string, content: object, until: number): Promise<string> {
  return new EncryptJWT({ content })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setAudience(purpose)
    .setExpirationTime(until)
    .encrypt(key);
}

async function open<T>(
  key: Uint8Array,
  purpose: string,
  schema: z.ZodType<T>,
  cookie: string | undefined,
  now: Date,
): Promise<T | undefined> {
  if (!cookie) return undefined;
  try {
    const { payload } = await jwtDecrypt(cookie, key, {
      audience: purpose,
      currentDate: now,
      requiredClaims: ['exp'],
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return schema.safeParse(payload['content']).data;
  } catch {
    return undefined; // ended, altered, or sealed with an earlier key: sign in again
  }
}

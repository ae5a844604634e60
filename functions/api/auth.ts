// Who is calling: a JWT of the configured issuer, checked here whatever is in front. Only asymmetric signatures are taken.
// A verified token is remembered until it expires (five minutes at most, so that a withdrawn key stops working), which spares
// a busy client's requests the signature check.
import { hash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';
import { idSchema, isSystem, personSchema, type Actor } from '../../events/envelope.ts';
import { ROLES, type Role } from '../../shared/rules/roles.ts';
import { Forbidden } from '../../events/errors.ts';
import { isSeen, refusedIn } from '../../shared/text.ts';
import { TOKEN_HOURS } from '../runtime/variables.ts';
import { Unauthenticated, Unavailable } from './problems.ts';

/** The signed-in caller. `person` is a reference into the town's directory, never a name. */
export interface Principal {
  person: string;
  roles: readonly Role[];
  organisation: string | undefined;
  post: string | undefined;
  /** SHA-256 of the token, base64url: binds what they do to it */
  token?: string | undefined;
}

const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384', 'RS512'];
const REMEMBERED_TOKENS = 2_000;
const REMEMBERED_MS = 5 * 60_000;
/** Seconds by which the issuer's clock may differ from ours. */
const CLOCK_TOLERANCE = 5;
/** What the header says that an access token is; many issuers say nothing. */
const TYPES = new Set([undefined, 'jwt', 'at+jwt']);

export interface AuthSettings {
  issuer: string;
  audience: string;
  keys: JWTVerifyGetKey;
  now: () => Date;
  rolesClaim?: string;
  organisationClaim?: string;
  postClaim?: string;
  /** default TOKEN_HOURS */
  tokenHours?: number;
}

/** The issuer's published keys, fetched when first needed and again when a token names a key not seen yet. */
export function remoteKeys(jwksUrl: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwksUrl), {
    cooldownDuration: 10_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 3_000,
  });
}

/**
 * Makes the check of an `Authorization` header.
 * @throws Unauthenticated (401) telling what is wrong with the token; Unavailable (503) when the issuer's keys are out of reach
 */
export function makeVerifier(settings: AuthSettings): (authorization: string | undefined) => Promise<Principal> {
  const remembered = new Map<string, { principal: Principal; until: number }>();

  return async (authorization) => {
    const token = bearerToken(authorization);
    const key = hash('sha256', token, 'base64url');
    const now = settings.now();
    const known = remembered.get(key);
    if (known && now.getTime() < known.until) return known.principal;
    remembered.delete(key);

    const payload = await verify(token, settings, now);
    const principal = { ...principalOf(payload, settings), token: key };
    if (remembered.size >= REMEMBERED_TOKENS) remembered.delete(remembered.keys().next().value!);
    remembered.set(key, { principal, until: Math.min(payload.exp! * 1000, now.getTime() + REMEMBERED_MS) });
    return principal;
  };
}

function bearerToken(authorization: string | undefined): string {
  if (!authorization) throw new Unauthenticated('sign in first: the Authorization header is missing');
  const match = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization.trim());
  if (!match) {
    throw new Unauthenticated('the Authorization header is not "Bearer " and a JWT of three parts', 'invalid_request');
  }
  return match[1]!;
}

async function verify(token: string, settings: AuthSettings, now: Date): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, settings.keys, {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: now,
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    requireAccessToken(payload, protectedHeader.typ);
    requireShortLife(payload, now, settings.tokenHours ?? TOKEN_HOURS);
    return payload;
  } catch (error) {
    throw refusal(error, settings);
  }
}

/** Other tokens of the same issuer are signed with the same keys: what can be told from an access token is refused. */
function requireAccessToken(payload: JWTPayload, typ: string | undefined): void {
  const type = typ?.toLowerCase().replace(/^application\//, '');
  if (!TYPES.has(type)) {
    throw invalid(`the token's type is "${printable(typ)}"; expected an access token (at+jwt or JWT)`);
  }
  // Keycloak says by `typ`, Cognito by `token_use`, what a token is for.
  const { typ: kind, token_use: use, nonce } = payload;
  const says = type === 'at+jwt' || kind === 'Bearer' || use === 'access';
  const other =
    (kind !== undefined && kind !== 'Bearer') ||
    (use !== undefined && use !== 'access') ||
    // of an id token only: OpenID Connect Core 2, 3.1.3.6, 3.3.2.11
    ['at_hash', 'c_hash'].some((claim) => payload[claim] !== undefined) ||
    (nonce !== undefined && !says);
  if (other) throw invalid('the token is an id token, or another that is no access token; send the access token');
}

function requireShortLife({ iat, exp }: JWTPayload, now: Date, hours: number): void {
  const issued = iat ?? Number.NaN;
  if (issued > now.getTime() / 1000 + CLOCK_TOLERANCE) throw invalid('the token was issued in the future');
  const lives = (exp ?? Number.NaN) - issued;
  if (lives <= hours * 3600) return;
  throw invalid(`the token lives for ${Math.ceil(lives / 3600)} hours; expected at most ${hours}`);
}

/** For a header: a token may say anything of itself. */
const printable = (text = ''): string => text.replaceAll(/[^\x20-\x7e]|"/g, '?').slice(0, 40);

const invalid = (message: string): Unauthenticated => new Unauthenticated(message, 'invalid_token');

function refusal(error: unknown, settings: AuthSettings): Error {
  if (error instanceof errors.JWTExpired) return invalid('the token has expired; sign in again');
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return invalid(`the token is for another audience; expected "${settings.audience}"`);
    if (error.claim === 'iss') return invalid(`the token is of another issuer; expected "${settings.issuer}"`);
    if (error.claim === 'nbf') return invalid('the token is not valid yet');
    return invalid(`the token's claim "${error.claim}" is missing or wrong`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return invalid(`the token's algorithm is not taken; expected one of ${ALGORITHMS.join(', ')}`);
  }
  if (error instanceof errors.JWKSTimeout || isFetchFailure(error)) {
    return new Unavailable('issuer-unreachable', "the issuer's keys cannot be fetched just now", error);
  }
  if (error instanceof errors.JOSEError)
    return invalid("the token is malformed or its signature does not match the issuer's keys");
  return error instanceof Error ? error : new Error(String(error));
}

/** `fetch` failed, or the key address answered something else than keys. */
function isFetchFailure(error: unknown): boolean {
  if (error instanceof errors.JOSEError) return error.code === 'ERR_JOSE_GENERIC' || error.code === 'ERR_JWKS_INVALID';
  return error instanceof TypeError && /fetch/i.test(error.message);
}

const rolesClaimSchema = z.union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/))]);
/** Stands on every event of theirs, so it is held to what a name may have. */
const postSchema = z
  .string()
  .min(1)
  .max(128)
  .refine(
    (post) => isSeen(post) && refusedIn(post, 'name') === undefined,
    'must be a name of 1 to 128 characters that are seen',
  );
const SYSTEM = 'begins with "system:", which stands for the platform itself';
/** What a token may say of the caller; whoever signs tokens here is held to the same. */
export const CALLER = {
  person: personSchema.refine((reference) => !isSystem(reference), SYSTEM),
  org: idSchema,
  post: postSchema,
};

function principalOf(payload: JWTPayload, settings: AuthSettings): Principal {
  const { rolesClaim = 'roles', organisationClaim = 'org', postClaim = 'post' } = settings;
  const claim = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
    if (payload[name] === undefined || payload[name] === null) return undefined;
    const result = schema.safeParse(payload[name]);
    if (!result.success)
      throw new Unauthenticated(`the token's claim "${name}" has an unusable value`, 'invalid_token');
    return result.data;
  };
  const named = claim(rolesClaim, rolesClaimSchema) ?? [];
  return {
    person: personOf(claim('sub', personSchema)!),
    roles: ROLES.filter((role) => named.includes(role)),
    organisation: claim(organisationClaim, idSchema),
    post: claim(postClaim, postSchema),
  };
}

function personOf(subject: string): string {
  if (!isSystem(subject)) return subject;
  throw invalid(`the token's subject ${SYSTEM}`);
}

/**
 * The caller as every event names it.
 * @throws Forbidden when the token lacks the organisation or the post, which no event may be without
 */
export function actorOf(principal: Principal): Actor {
  const { person, organisation, post } = principal;
  if (!organisation || !post) {
    const lacking = organisation ? 'post' : 'organisation';
    throw new Forbidden('forbidden', `the token names no ${lacking}, and nothing may be recorded without one`, {
      expected: `a token with the claim for ${lacking}`,
    });
  }
  return { person, post, organisation };
}

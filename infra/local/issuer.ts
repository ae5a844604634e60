// The development issuer (OpenID Connect): signs tokens with a key made on first start and kept in the data directory, and
// shows its public half where the API looks for it. It lives in infra/local, which no deployed function contains: on AWS
// the issuer is one that the town runs, given by configuration.

import { exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CALLER } from '../../functions/api/auth.ts';
import { ROLES } from '../../shared/rules/roles.ts';
import { TOKEN_HOURS, VARIABLES } from '../../functions/runtime/variables.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';

export const ISSUER_PATH = '/dev/issuer';
export const AUTHORIZE_PATH = `${ISSUER_PATH}/authorize`;
export const TOKEN_PATH = `${ISSUER_PATH}/token`;
export const JWKS_PATH = `${ISSUER_PATH}/jwks.json`;
const ALGORITHM = 'ES256';

export interface TokenRequest {
  /** Who is signed in: the claim `sub`. Default: `dev-<role>`. */
  person?: string | undefined;
  roles: readonly string[];
  /** Organisation id, e.g. `guijian`. */
  org?: string | undefined;
  post?: string | undefined;
  /** How long it holds: `8h`, `30m`, `7d` or seconds. Default `8h`, or as long as a token may. */
  ttl?: string | undefined;
}

export interface SigningKey {
  /** Private JWK with `kid`. */
  jwk: JWK;
}

export const keyFile = (data: string) => join(data, 'dev-issuer.json');

/** Reads the key of the data directory, or makes it. The file is readable by its owner only. */
export async function ensureSigningKey(data: string): Promise<SigningKey> {
  const known = readSigningKey(data);
  if (known !== undefined) return known;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(privateKey)), alg: ALGORITHM, use: 'sig', kid: `dev-${randomUUID()}` };
  mkdirSync(dirname(keyFile(data)), { recursive: true });
  const half = `${keyFile(data)}.new`; // a start that is killed here leaves no half key behind
  writeFileSync(half, `${JSON.stringify(jwk, null, 1)}\n`, { mode: 0o600 });
  renameSync(half, keyFile(data));
  return { jwk };
}

/** @returns undefined when the platform never ran there */
export function readSigningKey(data: string): SigningKey | undefined {
  let text: string;
  try {
    text = readFileSync(keyFile(data), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DaochaError('broken-issuer-key', 500, `${keyFile(data)} cannot be read: ${(error as Error).message}`);
  }
  try {
    const jwk = JSON.parse(text) as JWK;
    if (typeof jwk.kid === 'string' && typeof jwk.d === 'string') return { jwk };
  } catch {
    // told below
  }
  throw new DaochaError(
    'broken-issuer-key',
    500,
    `${keyFile(data)} holds no signing key. Delete it and start again: a new one is made, and earlier tokens end.`,
  );
}

/** @returns the JSON Web Key Set: the public half only */
export function publicKeys({ jwk }: SigningKey): { keys: JWK[] } {
  const { kty, crv, x, y, kid, alg, use } = jwk;
  return { keys: [{ kty, crv, x, y, kid, alg, use }] };
}

/** @param api address of the platform, e.g. `http://127.0.0.1:3000` */
export function discovery(api: string): Record<string, unknown> {
  return {
    issuer: `${api}${ISSUER_PATH}`,
    jwks_uri: `${api}${JWKS_PATH}`,
    authorization_endpoint: `${api}${AUTHORIZE_PATH}`,
    token_endpoint: `${api}${TOKEN_PATH}`,
    id_token_signing_alg_values_supported: [ALGORITHM],
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    scopes_supported: ['openid', 'profile', 'offline_access'],
    subject_types_supported: ['public'],
    claims_supported: ['sub', 'roles', 'org', 'post', 'iss', 'aud', 'iat', 'exp', 'jti'],
  };
}

/**
 * Signs an access token.
 * @throws InvalidInput naming the role or the duration that is wrong
 */
export async function signToken(
  key: SigningKey,
  {
    issuer,
    audience,
    tokenHours = TOKEN_HOURS,
    now = new Date(),
  }: { issuer: string; audience: string; tokenHours?: number; now?: Date },
  request: TokenRequest,
): Promise<string> {
  if (request.roles.length === 0)
    throw new InvalidInput('A token needs a role.', { field: 'role', expected: ROLES.join(', ') });
  for (const role of request.roles) {
    if (!(ROLES as readonly string[]).includes(role)) {
      throw new InvalidInput(`There is no role called "${role}".`, { field: 'role', expected: ROLES.join(', ') });
    }
  }
  for (const field of ['person', 'org', 'post'] as const) {
    if (request[field] === undefined) continue;
    const { error } = CALLER[field].safeParse(request[field]);
    if (error) {
      const expected = error.issues[0]!.message;
      throw new InvalidInput(`"${request[field]}" cannot stand in a token: ${expected}.`, { field, expected });
    }
  }
  const issuedAt = Math.floor(now.getTime() / 1000);
  const lives = request.ttl === undefined ? Math.min(8, tokenHours) * 3600 : seconds(request.ttl, tokenHours);
  if (lives > tokenHours * 3600) {
    throw new InvalidInput(`The platform takes no token that lives longer than ${tokenHours} hours.`, {
      field: 'ttl',
      expected: `at most ${tokenHours}h, unless the platform is started with another ${VARIABLES.tokenHours}`,
    });
  }
  return new SignJWT({
    roles: [...request.roles],
    ...(request.org !== undefined && { org: request.org }),
    ...(request.post !== undefined && { post: request.post }),
  })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.jwk.kid ?? '', typ: 'JWT' })
    .setSubject(request.person ?? `dev-${request.roles[0]}`)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lives)
    .setJti(randomUUID())
    .sign(await importJWK(key.jwk, ALGORITHM));
}

/** Signs the id token (OpenID Connect) of a sign-in that is under way: its client, and the nonce it came with. */
export async function signIdToken(
  key: SigningKey,
  { issuer, client, subject, nonce }: { issuer: string; client: string; subject: string; nonce: string | undefined },
): Promise<string> {
  return new SignJWT({ ...(nonce !== undefined && { nonce }) })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.jwk.kid ?? '', typ: 'JWT' })
    .setSubject(subject)
    .setIssuer(issuer)
    .setAudience(client)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await importJWK(key.jwk, ALGORITHM));
}

/** Seconds that the console can ask for new tokens with it: as long as a session of its may last. */
const REFRESHING = 10 * 3600;

/** Signs who was signed in, for the client that asked for `offline_access`; it outlives a restart, as the sessions do. */
export async function signRefreshToken(
  key: SigningKey,
  { issuer, client, who }: { issuer: string; client: string; who: TokenRequest },
): Promise<string> {
  return new SignJWT({ client, who })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.jwk.kid ?? '', typ: REFRESH })
    .setIssuer(issuer)
    .setAudience(`${issuer}/token`)
    .setIssuedAt()
    .setExpirationTime(`${REFRESHING}s`)
    .sign(await importJWK(key.jwk, ALGORITHM));
}

/** Who was signed in; undefined for what is no refresh token of this client. */
export async function readRefreshToken(
  key: SigningKey,
  { issuer, client, token }: { issuer: string; client: string; token: string },
): Promise<TokenRequest | undefined> {
  try {
    const { payload } = await jwtVerify<{ client: string; who: TokenRequest }>(
      token,
      await importJWK(publicKeys(key).keys[0]!, ALGORITHM),
      { issuer, audience: `${issuer}/token`, typ: REFRESH },
    );
    return payload.client === client ? payload.who : undefined;
  } catch {
    return undefined;
  }
}
const REFRESH = 'refresh+jwt';

/** A secret for the sessions of the console, as long-lived as the key. */
export const sessionSecret = (key: SigningKey): string => secretFor('console sessions', key);
/** A secret that signs where evidence may be put. */
export const evidenceSecret = (key: SigningKey): string => secretFor('evidence uploads', key);

/** From which the functions' keys for signing what they record are made. */
export const writerSeed = (key: SigningKey): string => secretFor('writers of events', key);

function secretFor(purpose: string, { jwk }: SigningKey): string {
  return createHash('sha256').update(`daocha ${purpose}\0${jwk.d}`).digest('base64url');
}

/** `90`, `45s`, `30m`, `8h`, `7d` → seconds; at most a year. @param most hours that a token may live: what is right says so */
export function seconds(text: string, most = 366 * 24): number {
  const [, amount, unit = 's'] = /^([1-9]\d{0,8})([smhd])?$/.exec(text) ?? [];
  const value = Number(amount) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
  if (amount === undefined || value > 366 * 86_400) {
    const expected = `such as 30m or 1h, at most ${most}h`;
    throw new InvalidInput(`"${text}" is not a duration.`, { field: 'ttl', expected });
  }
  return value;
}

// Signing in by OpenID Connect: authorization code with PKCE against the configured issuer (openid-client). The access token that
// comes back is checked by the API's own verifier, so roles, organisation and post mean the same here as there; it is not kept. A refresh
// token that comes with it is, sealed in the session: by it the issuer is asked every few minutes whether the roles still hold.
import * as oidc from 'openid-client';
import type { Principal } from '../api/auth.ts';
import { Unauthenticated, Unavailable } from '../api/problems.ts';
import { DaochaError } from '../../events/errors.ts';
import type { Underway } from './session.ts';

export interface SignInSettings {
  issuer: string;
  client: string;
  scope: string;
  /** checks an Authorization header, as the API does */
  verify: (authorization: string | undefined) => Promise<Principal>;
}

/** Why a sign-in did not come to a good end; faults.ts has the words for the person. */
type Why = 'cancelled' | 'refused' | 'stale' | 'token' | 'unchecked';
export class SignInFailed extends DaochaError {
  constructor(why: Why, cause?: unknown) {
    super(`sign-in-${why}`, 400, `the sign-in did not succeed: ${why}`, { cause });
  }
}

/** Who signed in; by `refresh` the issuer can be asked again. */
export type SignedIn = Principal & { refresh?: string };

export interface SignIn {
  /** Where to send the browser, and what to keep until it comes back. */
  begin: (callback: string, to: string) => Promise<{ location: string; underway: Underway }>;
  /** @throws SignInFailed, Unavailable (503) */
  finish: (callback: string, query: string, underway: Underway) => Promise<SignedIn>;
  /** Who it is now; undefined when the issuer says that the sign-in has ended. @throws Unavailable (503) */
  refresh: (token: string) => Promise<SignedIn | undefined>;
  /** Where the issuer ends its own session, if it says so. */
  endSession: (back: string) => Promise<string | undefined>;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Seconds for each request to the issuer. */
const TIMEOUT = 5;

export function makeSignIn({ issuer, client, scope, verify }: SignInSettings): SignIn {
  let known: Promise<oidc.Configuration> | undefined;
  const configuration = (): Promise<oidc.Configuration> => {
    const url = new URL(issuer);
    // The development issuer has no TLS; it is on this machine.
    const execute = LOOPBACK.has(url.hostname) ? [oidc.allowInsecureRequests] : [];
    known ??= oidc.discovery(url, client, undefined, oidc.None(), { execute, timeout: TIMEOUT });
    known.catch(() => (known = undefined)); // asked again at the next sign-in
    return known;
  };

  /** @throws Unavailable, or what is wrong with the token */
  const whoIs = async (tokens: { access_token: string; refresh_token?: string }): Promise<SignedIn> => {
    const principal = await verify(`Bearer ${tokens.access_token}`);
    return { ...principal, ...(tokens.refresh_token === undefined ? {} : { refresh: tokens.refresh_token }) };
  };

  return {
    async begin(callback, to) {
      const config = await reached(configuration());
      const underway = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        to,
      };
      const location = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope,
        state: underway.state,
        nonce: underway.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(underway.verifier),
        code_challenge_method: 'S256',
      });
      return { location: location.href, underway };
    },

    async finish(callback, query, underway) {
      const config = await reached(configuration());
      let tokens: Parameters<typeof whoIs>[0];
      try {
        tokens = await oidc.authorizationCodeGrant(config, new URL(`${callback}?${query}`), {
          pkceCodeVerifier: underway.verifier,
          expectedState: underway.state,
          expectedNonce: underway.nonce,
          idTokenExpected: true,
        });
      } catch (error) {
        throw refusal(error);
      }
      try {
        return await whoIs(tokens);
      } catch (error) {
        if (error instanceof Unavailable) throw error;
        throw new SignInFailed('token', error);
      }
    },

    async refresh(token) {
      const config = await reached(configuration());
      try {
        // an issuer that gives no other refresh token goes on taking this one
        const tokens = await oidc.refreshTokenGrant(config, token);
        return { refresh: token, ...(await whoIs(tokens)) };
      } catch (error) {
        if (error instanceof oidc.ResponseBodyError && error.status < 500 && error.status !== 429) return undefined;
        if (error instanceof Unauthenticated) return undefined;
        if (error instanceof Unavailable) throw error;
        throw new Unavailable('issuer-unreachable', 'the issuer cannot be asked just now', error);
      }
    },

    async endSession(back) {
      const config = await reached(configuration());
      if (!config.serverMetadata().end_session_endpoint) return undefined;
      return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: back }).href;
    },
  };
}

async function reached(configuration: Promise<oidc.Configuration>): Promise<oidc.Configuration> {
  try {
    return await configuration;
  } catch (error) {
    throw new Unavailable('issuer-unreachable', 'the issuer cannot be reached just now', error);
  }
}

function refusal(error: unknown): Error {
  if (error instanceof oidc.AuthorizationResponseError) {
    return new SignInFailed(error.error === 'access_denied' ? 'cancelled' : 'refused', error);
  }
  if (error instanceof oidc.ResponseBodyError) return new SignInFailed('stale', error);
  if (error instanceof oidc.ClientError && error.code === 'OAUTH_TIMEOUT') {
    return new Unavailable('issuer-unreachable', 'the issuer did not answer in time', error);
  }
  if (error instanceof TypeError) return new Unavailable('issuer-unreachable', 'the issuer cannot be reached', error);
  return new SignInFailed('unchecked', error);
}

// Whether a session still holds: it has not been ended by signing out, and its roles are not old. A cookie alone
// cannot say either: a copy of it outlives the sign-out, and a role that was withdrawn is in it. So the end of a
// session is on record, and every few minutes the issuer is asked again who this is, by the refresh token that the
// session has, or by signing in again, which an issuer with a session of its own answers by itself.
import { hash } from 'node:crypto';
import { endSession, hasEnded } from '../../shared/record/access/sessions.ts';
import type { AccessDeps } from '../../shared/record/access/access.ts';
import { Unavailable } from '../api/problems.ts';
import { refreshed, type Session } from './session.ts';
import type { SignedIn, SignIn } from './sign-in.ts';

/** Seconds after which a page asks the issuer again what roles there are. */
export const ROLES_FOR = 300;
/** Seconds after which nothing is done by them any more: a form that was being filled in, an issuer that does not answer. */
export const ROLES_AT_MOST = 900;
/** Seconds for which a session that was looked for among the ended ones is not looked for again; a form looks each time. */
const LOOKED = 30;
const REMEMBERED = 5_000;

export interface Standings {
  /**
   * The session as it is now; another object when its roles were asked for again. undefined: sign in again.
   * @param asks `page`: a person waits for it, and the browser can go by way of the issuer; `part`: of a page, or for a
   * script; `act`: a form
   * @throws Unavailable when the issuer does not answer and the roles are too old to go on with
   */
  of: (session: Session, asks: 'page' | 'part' | 'act') => Promise<Session | undefined>;
  /** Whether it was ended, on record. */
  ended: (session: Session) => Promise<boolean>;
  end: (session: Session) => Promise<void>;
}

export function makeStandings(access: AccessDeps, signIn: Pick<SignIn, 'refresh'>, now: () => Date): Standings {
  const seconds = (): number => Math.floor(now().getTime() / 1000);
  const looked = new Map<string, { ended: boolean; at: number }>();
  /** Refresh tokens that were refused, and those being asked for: tabs that wake up together ask once. */
  const asking = new Map<string, { answer: Promise<SignedIn | undefined>; at: number }>();

  const ended = async (id: string, anew: boolean): Promise<boolean> => {
    const known = looked.get(id);
    if (known?.ended) return true;
    if (known && !anew && Math.abs(seconds() - known.at) < LOOKED) return false;
    const found = await hasEnded(access, id);
    remember(looked, id, { ended: found, at: seconds() });
    return found;
  };

  const ask = (refresh: string): Promise<SignedIn | undefined> => {
    const key = hash('sha256', refresh, 'base64url');
    const known = asking.get(key);
    if (known && Math.abs(seconds() - known.at) < LOOKED) return known.answer;
    const answer = signIn.refresh(refresh);
    remember(asking, key, { answer, at: seconds() });
    answer.catch(() => asking.delete(key)); // asked again
    return answer;
  };

  return {
    ended: ({ id }) => ended(id, true),
    of: async (session, asks) => {
      if (await ended(session.id, asks === 'act')) return undefined;
      const age = seconds() - session.checked;
      if (age < ROLES_FOR) return session;
      if (session.refresh === undefined) return asks === 'page' || age >= ROLES_AT_MOST ? undefined : session;
      let found: SignedIn | undefined;
      try {
        found = await ask(session.refresh);
      } catch (error) {
        if (error instanceof Unavailable && age < ROLES_AT_MOST) return session;
        throw error;
      }
      return found?.person === session.person ? refreshed(session, found, now()) : undefined;
    },
    end: async (session) => {
      await endSession(access, session.id, { person: session.person, at: now().toISOString() });
      remember(looked, session.id, { ended: true, at: seconds() });
    },
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= REMEMBERED && !map.has(key)) map.delete(map.keys().next().value!);
  map.set(key, value);
}

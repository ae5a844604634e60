// What a page is. Each page is declared in a file of its own under pages/ and listed in pages.ts; app.ts serves it. A page asks the API's
// own routes in this process, as whoever is signed in: what the API refuses, the page cannot show or do.
import type { CampaignState } from '../../shared/rules/campaign/campaign.ts';
import type { Principal } from '../api/auth.ts';
import type { Action, PermissionSubject } from '../api/permissions.ts';
import type { RouteName } from '../api/routes.ts';
import type { ExecutedAnswer } from '../api/schemas.ts';
import type { HttpAnswer } from '../api/handler-types.ts';
import type { Answers } from './answers.ts';
import type { Html } from '../../shared/reading/html.ts';
import type { SectionId } from './navigation.ts';
import type { ScriptName } from './scripts.ts';
import type { Session } from './session.ts';

/** Parameters of a route as text; undefined ones are left out. */
export type Texts = Record<string, string | undefined>;

/** One request of somebody who is signed in. */
export interface Visit {
  principal: Principal;
  /** path without the query, e.g. `/console/units` */
  path: string;
  params: Record<string, string>;
  query: Record<string, string>;
  /** fields of a form that was sent, each with all its values */
  form: Record<string, string[]>;
  now: Date;
  campaign: CampaignState;
  session: Session;
  /** token for the forms of this page */
  csrf: string;
  /** the form was made for another sign-in in this browser: it is shown again as it was filled in, and not carried out */
  foreign?: boolean;
  /** Asks a query route. @throws what the API throws */
  ask: <Name extends keyof Answers>(name: Name, params?: Texts, query?: Texts) => Promise<Answers[Name]>;
  /** Carries out a command route. @throws what the API throws */
  act: (name: RouteName, params: Texts, body: unknown, key: string) => Promise<ExecutedAnswer>;
  /** The whole answer of a query route, headers too. @throws what the API throws */
  fetch: (name: RouteName, params?: Texts, query?: Texts) => Promise<HttpAnswer>;
  /** Whether the permission table allows it, by the same function that the API refuses by. */
  may: (action: Action, subject?: PermissionSubject) => boolean;
}

export interface Fault {
  /** name of the field; none: the form as a whole */
  field?: string | undefined;
  message: string;
}

/** How far what is shown has come. `position`: everything before it is in. */
export interface Shown {
  title: string;
  body: Html;
  /** the item of the navigation that this page belongs to */
  section?: SectionId;
  /** pages above this one: name and address */
  above?: readonly (readonly [string, string])[];
  /** log position that the page is as of; absent on pages that show no record */
  asOf?: number | undefined;
  /** default 200 */
  status?: number;
  /** wide tables use the whole width */
  wide?: boolean;
  /** scripts that the page has beside the one that all have; it can be read without them */
  scripts?: readonly ScriptName[];
  /** what was wrong with the form that was sent, for a script that sent it */
  faults?: {
    type: string;
    faults: readonly Fault[];
    /** sent as `accept`, the same form is taken as it is */
    accept?: string;
    /** what would let it pass: the right time, or on what the claimed one rests (as `lateBasis`) */
    asks?: 'time' | 'basis';
    /** units on record that the new one reads like: it is one of them, or said to be another (as `distinctFrom`) */
    alike?: readonly AlikeUnits[];
    /** the unit that the form registered before it was refused */
    unit?: string;
  };
}

/** A unit on record that another one reads like. */
export interface AlikeUnits {
  id: string;
  name: string;
  address?: string;
}

/** Go there instead (303 after a form). */
export interface Elsewhere {
  location: string;
  /** the session as it is from now on, where the form changed it */
  session?: Session;
}
/** A file to keep. */
export interface Download {
  filename: string;
  type: string;
  bytes: Uint8Array;
}
/** An answer of the API, passed on as it is. */
export interface Passed {
  passed: HttpAnswer;
}
/** For a script of a page. */
export interface Data {
  data: unknown;
}
export type Reply = Shown | Elsewhere | Download | Passed | Data;

export interface Page {
  /** below `/console`, parameters in braces: `/units/{id}` */
  path: string;
  /** what the page needs at least; without it the page is not there for the caller (403) */
  action?: Action;
  get: (visit: Visit) => Promise<Reply>;
  /** what happens when its form is sent */
  post?: (visit: Visit) => Promise<Reply>;
}

/** What scripts of pages ask, and files: no pages that anybody looks at directly. */
export type ConsoleCall = Page;

/** Everything below this belongs to the console. */
export const CONSOLE_ROOT = '/console';
export const to = (path: string): string => (path === '/' ? CONSOLE_ROOT : `${CONSOLE_ROOT}${path}`);

/** An address with a query; what is undefined or empty is left out. */
export function address(path: string, query: Texts = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const text = new URLSearchParams(given).toString();
  return to(path) + (text === '' ? '' : `?${text}`);
}

/** The page that something led to, where it was put forward that of the proposal: what is said there, and which units on record a new one has name or address in common with. */
export const after = (
  path: string,
  done: string,
  { atLeast, similar, proposal }: Pick<ExecutedAnswer, 'atLeast' | 'similar' | 'proposal'>,
): string =>
  proposal === undefined
    ? address(path, { done, atLeast, similar: similar?.map(({ id }) => id).join(' ') })
    : address(proposalPath(proposal), { done: 'put' });

/** Only pages of the console itself: no address elsewhere, however it is written. */
export function safeTarget(target: string | undefined): string {
  if (target === undefined || !/^\/console(?:[/?][\x21-\x7e]*)?$/.test(target) || /\\|\/\//.test(target.split('?')[0]!))
    return CONSOLE_ROOT;
  return /^\/console\/(sign-in|callback|sign-out|signed-out)\b/.test(target) ? CONSOLE_ROOT : target;
}

/** The address of a page with parameters in its path. */
export const unitPath = (id: string): string => `/units/${encodeURIComponent(id)}`;
export const rosterPath = (organisation: string): string => `/roster/${encodeURIComponent(organisation)}`;
export const reportPath = (id: string): string => `/reports/${encodeURIComponent(id)}`;
export const dutyPath = (id: string): string => `/duties/${encodeURIComponent(id)}`;
export const escalationPath = (id: string): string => `/escalations/${encodeURIComponent(id)}`;
export const proposalPath = (id: string): string => `/proposals/${encodeURIComponent(id)}`;
export const hazardPath = (id: string): string => `/hazards/${encodeURIComponent(id)}`;

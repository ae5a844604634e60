// What a handler gets and gives. A handler is thin: it turns a validated call into one command or one query.
import type { Report } from '../runtime/request.ts';
import type * as z from 'zod';
import type { Action, PermissionSubject } from './permissions.ts';
import type { Principal } from './auth.ts';
import type { DossierStore } from '../runtime/dossier-store.ts';
import type { EvidenceStore } from '../runtime/evidence-store.ts';
import type { Route } from './route.ts';
import type { AccessDeps } from '../../shared/record/access/access.ts';
import type { DirectoryDeps } from '../../shared/record/directory/directory.ts';
import type { RouteName, Routes } from './routes.ts';
import type { VerifyDelivery } from './signed.ts';
import type { Actor } from '../../events/envelope.ts';
import type { Asks, Confirms } from '../../shared/rules/perform/second.ts';
import type { StoreDeps } from '../../shared/record/store/store.ts';
import type { Witness } from '../../shared/record/witness/client.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';

export interface ApiDeps {
  tenant: string;
  now: () => Date;
  /** the EVENTS table; one object for the life of the process: the campaign is remembered with it */
  store: StoreDeps;
  /** the LOG and VIEWS tables */
  views: ViewDeps;
  /** the ACCESS table: who reads what */
  access: AccessDeps;
  /** the DIRECTORY table: who people are */
  directory: DirectoryDeps;
  /** the routes that this function serves, by operation id: all of them in the API (handlers.ts) */
  handlers: Handlers;
  /** of the log, as they are configured */
  witnesses: readonly Witness[];
  /** checks an Authorization header */
  verify: (authorization: string | undefined) => Promise<Principal>;
  /** checks what another system has signed, for the function that takes such deliveries */
  verifyDelivery?: VerifyDelivery;
  /** where dossiers lie, for the function that hands them out */
  dossiers?: DossierStore;
  /** where evidence lies, for the functions that take and hand out files */
  evidence?: EvidenceStore;
  /** called for what was not thrown on purpose, and for answers of 500 and above */
  report: Report;
  /** waits between looks at a view that is behind; default: a timer */
  pause?: (milliseconds: number) => Promise<void>;
}

export interface ApiCall<R extends Route = Route> {
  params: z.output<R['params']>;
  query: z.output<R['query']>;
  body: z.output<R['body']>;
  principal: Principal;
  action: Action;
  correlation: string;
  /** commands: idempotency id, fingerprint of the request */
  command: string;
  request: string;
  /** seconds that `Prefer: wait` asks for; undefined without it */
  wait: number | undefined;
  now: Date;
  /** commands: it needs a second person, and is put forward */
  asks?: Asks;
  /** commands: a second person, who calls, confirms what the proposer put forward */
  confirms?: Confirms & { proposer: Actor };
  /** throws Forbidden when none of the caller's scopes covers the subject */
  authorise: (subject: PermissionSubject) => void;
  /** says which unit is being read, for the access log; as early as it is known, so that it is written beside the read */
  reads: (unit: string) => void;
}

export interface HttpAnswer<Body = unknown> {
  status: number;
  /** sent as JSON, or as it is (text, bytes) when the headers name another content type */
  body: Body;
  headers?: Record<string, string>;
  /** bytes that may be many: packed for those who take it so; says what to ask for instead when they are too many even then */
  packable?: string;
}

/** What a route answers when all goes well, as its schema has it. */
export type BodyOf<R> = R extends { answer: infer Shape extends z.ZodType } ? z.infer<Shape> : unknown;

export type ApiHandler<R extends Route = Route> = (deps: ApiDeps, call: ApiCall<R>) => Promise<HttpAnswer<BodyOf<R>>>;
export type Handlers = Partial<Record<RouteName, ApiHandler>>;
/** Some handlers as they are written: each takes what its route takes, and answers what its route's schema says. */
export type TypedHandlers = { [Name in RouteName]?: ApiHandler<Routes[Name]> };

/** Stands for the directory in a function that has none, because no route of it shows who people are: using it is a defect, and says so. */
export const noDirectory = (): DirectoryDeps => absent('directory') as DirectoryDeps;

/** Stands for log and views in a function whose routes read streams only. */
export const noViews = (): ViewDeps => absent('views') as ViewDeps;

function absent(what: string): object {
  const refuse = (): never => {
    throw new Error(`this function has no ${what}: none of its routes may need it`);
  };
  return new Proxy({}, { get: refuse });
}

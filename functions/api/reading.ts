// Nothing about a unit is shown unlogged (查阅留痕): a route that declares `access` puts on record who asks, for which unit
// and on what ground, while it reads, and answers only when that is written. For a unit that is in the path this begins
// with the request; a hazard or an inspection says its unit (`call.reads`) as soon as it is known.
import { randomUUID } from 'node:crypto';
import { recordAccess, recordRefusal, type AccessDeps } from '../../shared/record/access/access.ts';
import { WHOLE, type Access, type AccessAction } from '../../shared/record/access/entry.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { cutText, isSeen, refusedIn } from '../../shared/text.ts';
import type { Principal } from './auth.ts';
import { PERMISSIONS, type Action } from './permissions.ts';
import { Unavailable } from './problems.ts';
import type { Route } from './route.ts';

export interface Reading {
  /** which unit the answer is about; `*` for the whole log */
  of: (unit: string) => void;
  /** before the answer leaves. @throws Unavailable `access-not-logged` */
  shown: () => Promise<void>;
  /** instead, when there is no answer */
  refused: (reason: unknown) => Promise<void>;
}

interface Asked {
  principal: Principal;
  ground: string | undefined;
  correlation: string;
  now: Date;
  params: Record<string, unknown>;
  query: Record<string, unknown>;
}

const NO_READING: Reading = { of: () => {}, shown: async () => {}, refused: async () => {} };

/** @throws InvalidInput `X-Access-Ground` when an auditor states none */
export function beginReading(deps: AccessDeps, route: Route, asked: Asked): Reading {
  const { access: rule, action } = route;
  if (!rule || action === 'public') return NO_READING;
  requireGround(asked, rule.action, action);
  const begun: { id: string; access: Access; written: Promise<unknown> }[] = [];
  const begin = (unit: string, what: Asked): void => {
    const id = randomUUID();
    const access = accessOf(route, rule.action, unit, what);
    // settled into a value: it must not end the process while the read is still going on
    const written = recordAccess(deps, id, access).then(
      () => undefined,
      (error: unknown) => error ?? new Error('unknown failure'),
    );
    begun.push({ id, access, written });
  };
  const reading: Reading = {
    of: (unit) => {
      if (!begun.some(({ access }) => access.unit === unit)) begin(unit, asked);
    },
    shown: async () => {
      if (begun.length === 0) throw new Error(`${route.method} ${route.path} has not said which unit it shows`);
      for (const { written } of begun) {
        const failure = await written;
        if (failure !== undefined) {
          throw new Unavailable(
            'access-not-logged',
            'who reads is put on record before anything is shown, and that failed just now; send it again',
            failure,
          );
        }
      }
    },
    refused: async (reason) => {
      const problem = reason instanceof DaochaError ? reason.type : 'internal';
      await Promise.all(
        begun.map(async ({ id, access, written }) => {
          if ((await written) !== undefined) return;
          // Without this the log says that it was shown: too much, never too little.
          await recordRefusal(deps, id, access, problem).catch(() => {});
        }),
      );
    },
  };
  if (rule.each !== undefined) {
    for (const person of asked.query[rule.each] as string[]) begin(WHOLE, { ...asked, query: { person } });
  }
  const known = unitAsked(rule.unit, asked);
  if (known !== undefined) reading.of(known);
  return reading;
}

function unitAsked(from: string | undefined, { params, query }: Asked): string | undefined {
  if (from === undefined) return undefined;
  if (from === '*') return typeof query['unit'] === 'string' ? query['unit'] : '*';
  return String(params[from]);
}

function accessOf(route: Route, action: AccessAction, unit: string, asked: Asked): Access {
  const { person, post, organisation, roles } = asked.principal;
  return {
    at: asked.now.toISOString(),
    person,
    post: post ?? null,
    organisation: organisation ?? null,
    roles: [...roles],
    action,
    unit,
    ground: asked.ground ?? null,
    route: `${route.method} ${route.path}`,
    asked: words({ ...asked.params, ...asked.query }),
    correlation: asked.correlation,
  };
}

/** What was asked for, without what only says how: at most 2 KB. */
function words(given: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || name === 'cursor' || name === 'atLeast'
      ? []
      : [[name, cutText(typeof value === 'string' ? value : JSON.stringify(value), 200)] as const],
  );
  return Object.fromEntries(entries.slice(0, 10));
}

/** An auditor is an outsider who may see everything: what is about one unit, or takes the log away, has a stated ground. */
function requireGround({ principal, ground }: Asked, reading: AccessAction, action: Action): void {
  if (ground !== undefined || reading === 'list') return;
  const may: Partial<Record<string, unknown>> = PERMISSIONS[action];
  const as = principal.roles.filter((role) => role in may);
  if (!as.includes('auditor') || as.length > 1) return;
  throw new InvalidInput('X-Access-Ground: an auditor says on what ground they read', {
    field: 'X-Access-Ground',
    expected: GROUND,
  });
}

const GROUND =
  'the ground of the reading, e.g. a case number, 1 to 200 characters, percent-encoded as UTF-8 where it is not ASCII';

/** The ground as the header has it. @throws InvalidInput naming the header */
export function groundFrom(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  let text: string | undefined;
  try {
    // what is not ASCII has come encoded, or nobody knows in what
    if (/^[\x20-\x7e]{1,2000}$/.test(header)) text = decodeURIComponent(header).trim();
  } catch {
    // told below
  }
  if (text && text.length <= 200 && isSeen(text) && refusedIn(text, 'name') === undefined) return text;
  throw new InvalidInput('X-Access-Ground: cannot be read', { field: 'X-Access-Ground', expected: GROUND });
}

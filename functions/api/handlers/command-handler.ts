// What the routes of commands share: the context of a command, what the permission table needs of what it has loaded, and its answer.
import type * as z from 'zod';
import { parseStreamKey, type Evidence, type Envelope } from '../../../events/envelope.ts';
import { findingsOf } from '../../../shared/rules/perform/inspection.ts';
import {
  campaignOf,
  newId,
  type CommandContext,
  type Executed,
  type CommandSubject as Loaded,
} from '../../../shared/rules/perform/execute.ts';
import { ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { actorOf } from '../auth.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import type { Command, Decided } from '../../../shared/rules/command.ts';
import type { Asks } from '../../../shared/rules/perform/second.ts';
import type { HttpAnswer, ApiDeps, ApiCall, ApiHandler } from '../handler-types.ts';
import type { PermissionSubject } from '../permissions.ts';
import type { Route } from '../route.ts';
import type { Routes } from '../routes.ts';
import type { ExecutedAnswer } from '../schemas.ts';
import { tokenFor, waitForWritten } from '../waiting.ts';
import { warningsOf } from '../warnings.ts';

export interface Circumstances {
  occurredAt?: string | undefined;
  lateBasis?: string | undefined;
  draftedFrom?: string | undefined;
  place?: Envelope['place'] | undefined;
  device?: string | undefined;
  evidence?: Evidence[] | undefined;
}

/** Splits a body into what is done and the circumstances in which it was done. */
export function part<B extends Circumstances>(
  body: B,
): { act: Omit<B, keyof Circumstances>; circumstances: Circumstances } {
  const { occurredAt, lateBasis, draftedFrom, place, device, evidence, ...rest } = body;
  return { act: rest, circumstances: { occurredAt, lateBasis, draftedFrom, place, device, evidence } };
}

/** What every event of the command will carry. @throws Forbidden when the token names no organisation or post */
export function contextOf(deps: ApiDeps, call: ApiCall, circumstances: Circumstances = {}): CommandContext {
  const { asks, confirms } = call;
  return {
    tenant: deps.tenant,
    command: call.command,
    request: call.request,
    token: call.principal.token,
    actor: confirms?.proposer ?? actorOf(call.principal),
    ...(asks && { asks }),
    ...(confirms && { confirms }),
    source: 'api',
    ...circumstances,
    correlation: call.correlation,
    now: call.now,
    authorise: (loaded) => call.authorise(subjectOf(loaded)),
  };
}

/** What the permission table needs of what a command has loaded. */
export function subjectOf({
  campaign: state,
  unit,
  hazard: loaded,
  track,
  organisation,
  escalation,
  duty,
}: Loaded): PermissionSubject {
  // A case is as much its hazard's as the hazard itself: whoever answers for the one may act on the other.
  const hazard = loaded ?? (escalation && { ...escalation, id: escalation.hazard ?? '' });
  return {
    campaign: state.definition ?? undefined,
    track,
    organisation,
    duty,
    ...(unit ? { unit: { id: unit.id, area: unit.details?.area, tracks: unit.details?.tracks ?? [] } } : {}),
    ...(hazard?.track
      ? { hazard: { id: hazard.id, track: hazard.track, organisation: hazard.organisation ?? '' } }
      : {}),
    ...(escalation?.to ? { escalation: { id: escalation.id, to: escalation.to } } : {}),
  };
}

/** The answer to a command; with `Prefer: wait` it waits for the views, and is as good without a position when they are late. */
export async function answer(
  deps: ApiDeps,
  call: ApiCall,
  id: string,
  executed: Executed & { similar?: ExecutedAnswer['similar'] },
  location?: string,
): Promise<HttpAnswer> {
  const last = executed.commits.at(-1);
  const position = call.wait && last ? await waitForWritten(deps, executed.commits, call.wait) : undefined;
  const findings = findingsOf(executed.events);
  const rules = ruleSetAt(await campaignOf(deps.store, deps.tenant, call.now), call.now.toISOString());
  const warnings = warningsOf(executed.events, rules);
  const body: ExecutedAnswer = {
    already: executed.already,
    added: executed.added,
    id,
    events: executed.events.map((event) => ({
      id: event.id,
      type: event.type,
      stream: event.stream,
      version: event.version,
    })),
    ...(findings.length > 0 ? { findings } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(executed.similar ? { similar: executed.similar } : {}),
    ...(executed.receipt === undefined ? {} : { receipt: executed.receipt }),
    ...(last ? { atLeast: tokenFor(last) } : {}),
    ...(position === undefined ? {} : { position }),
  };
  const put = executed.events.find(({ type }) => type === 'ProposalMade');
  if (put) {
    const proposal = parseStreamKey(put.stream).id;
    return { status: 202, body: { ...body, proposal }, headers: { location: `/v1/proposals/${proposal}` } };
  }
  if (location === undefined) return { status: 200, body };
  return { status: executed.already ? 200 : 201, body, headers: { location } };
}

export type CallOf<Name extends keyof Routes> = ApiCall<Routes[Name]>;

type ActOf<R extends Route> = Omit<z.output<R['body']>, keyof Circumstances>;

/** A command on one thing that exists: `run` gets what is done and the context. */
export function act<R extends Route>(
  run: (store: ApiDeps['store'], context: CommandContext, id: string, what: ActOf<R>) => Promise<Executed>,
): (deps: ApiDeps, call: ApiCall<R>) => Promise<HttpAnswer> {
  return async (deps, call) => {
    const { id = 'campaign' } = call.params as { id?: string };
    const { act: what, circumstances } = part(call.body as Circumstances);
    const executed = await run(deps.store, contextOf(deps, call, circumstances), id, what as ActOf<R>);
    return answer(deps, call, id, executed);
  };
}

type Commands = Record<string, Command>;
/** Those that a handler of their own runs. */
type Run<C> = { [Name in keyof C]: C[Name] extends { decide: unknown } ? never : Name }[keyof C] & keyof Routes;
type Handle<Name extends keyof Routes> = (deps: ApiDeps, call: CallOf<Name>) => Promise<HttpAnswer>;

/** The handlers of declared commands. @param runs of each that decides nothing by itself; the compiler names the one that is missing */
export function handlersOf<C extends object>(
  commands: C,
  runs: { [Name in Run<C>]: Handle<Name> },
): { [Name in keyof C & keyof Routes]: Handle<Name> } {
  const decided = Object.entries(commands as Commands).flatMap(([name, command]) =>
    'decide' in command
      ? [[name, act((store, context, id, what) => perform(store, context, command as Decided, id, what))] as const]
      : [],
  );
  const all = new Map<string, ApiHandler>(Object.entries({ ...Object.fromEntries(decided), ...runs } as never));
  return Object.fromEntries(
    Object.entries(commands as Commands).map(([name, command]) => [name, putForward(name, command, all.get(name)!)]),
  ) as never;
}

/** A command that needs a second person is put forward, unless it is one who calls. */
function putForward(name: string, { second, zh }: Command, run: ApiHandler): ApiHandler {
  if (!second) return run;
  return (deps, call) => {
    if (call.confirms) return run(deps, call);
    const asks = {
      act: name,
      name: zh,
      params: call.params as Record<string, string>,
      body: plain(call.body),
      when: second.when,
      proposal: newId('pr', deps.tenant, call.command),
    };
    return run(deps, { ...call, asks });
  };
}

/** As it is stored: what is undefined is not there. */
const plain = (body: unknown): Asks['body'] => JSON.parse(JSON.stringify(body)) as Asks['body'];

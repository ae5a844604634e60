// Each command route, bound to its command. What they share is here once: the context of a command, and its answer.
import type * as z from 'zod';
import type { Evidence, Envelope } from '../../../events/envelope.ts';
import { findingsOf } from '../../../shared/command/inspections.ts';
import * as campaign from '../../../shared/command/campaign.ts';
import type { CommandContext, Executed, Subject as Loaded } from '../../../shared/command/execute.ts';
import * as hazards from '../../../shared/command/hazards.ts';
import * as inspections from '../../../shared/command/inspections.ts';
import * as units from '../../../shared/command/units.ts';
import { actorOf } from '../auth.ts';
import type { Answer, ApiDeps, Call } from '../call.ts';
import type { Subject } from '../permissions.ts';
import type { Route } from '../route.ts';
import type { Routes } from '../routes.ts';
import type { ExecutedAnswer } from '../schemas.ts';
import { tokenFor, waitForWritten } from '../waiting.ts';

interface Circumstances {
  occurredAt?: string | undefined;
  place?: Envelope['place'] | undefined;
  device?: string | undefined;
  evidence?: Evidence[] | undefined;
}

/** Splits a body into what is done and the circumstances in which it was done. */
export function part<B extends Circumstances>(
  body: B,
): { act: Omit<B, keyof Circumstances>; circumstances: Circumstances } {
  const { occurredAt, place, device, evidence, ...rest } = body;
  return { act: rest, circumstances: { occurredAt, place, device, evidence } };
}

/** What every event of the command will carry. @throws Forbidden when the token names no organisation or post */
export function contextOf(deps: ApiDeps, call: Call, circumstances: Circumstances = {}): CommandContext {
  return {
    tenant: deps.tenant,
    command: call.command,
    request: call.request,
    actor: actorOf(call.principal),
    source: 'api',
    ...circumstances,
    correlation: call.correlation,
    now: call.now,
    authorise: (loaded) => call.authorise(subjectOf(loaded)),
  };
}

/** What the permission table needs of what a command has loaded. */
export function subjectOf({ campaign: state, unit, hazard, track, organisation }: Loaded): Subject {
  return {
    campaign: state.definition ?? undefined,
    track,
    organisation,
    ...(unit ? { unit: { id: unit.id, area: unit.details?.area, tracks: unit.details?.tracks ?? [] } } : {}),
    ...(hazard?.track
      ? { hazard: { id: hazard.id, track: hazard.track, organisation: hazard.organisation ?? '' } }
      : {}),
  };
}

/** The answer to a command; with `Prefer: wait` it waits for the views, and is as good without a position when they are late. */
export async function answer(
  deps: ApiDeps,
  call: Call,
  id: string,
  executed: Executed,
  location?: string,
): Promise<Answer> {
  const last = executed.commits.at(-1);
  const position = call.wait && last ? await waitForWritten(deps, executed.commits, call.wait) : undefined;
  const findings = findingsOf(executed.events);
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
    ...(last ? { atLeast: tokenFor(last) } : {}),
    ...(position === undefined ? {} : { position }),
  };
  if (location === undefined) return { status: 200, body };
  return { status: executed.already ? 200 : 201, body, headers: { location } };
}

type CallOf<Name extends keyof Routes> = Call<Routes[Name]>;

type ActOf<R extends Route> = Omit<z.output<R['body']>, keyof Circumstances>;

/** A command on one thing that exists: `run` gets what is done and the context. */
function act<R extends Route>(
  run: (store: ApiDeps['store'], context: CommandContext, id: string, act: ActOf<R>) => Promise<Executed>,
): (deps: ApiDeps, call: Call<R>) => Promise<Answer> {
  return async (deps, call) => {
    const { id } = call.params as { id: string };
    const { act: what, circumstances } = part(call.body as Circumstances);
    const executed = await run(deps.store, contextOf(deps, call, circumstances), id, what as ActOf<R>);
    return answer(deps, call, id, executed);
  };
}

export const commandHandlers = {
  registerUnit: async (deps: ApiDeps, call: CallOf<'registerUnit'>) => {
    const { act: what, circumstances } = part(call.body);
    const { id, ...details } = what;
    // `place` is where the person stood; the unit's own place is `location`.
    const executed = await units.registerUnit(deps.store, contextOf(deps, call, circumstances), { id, details });
    return answer(deps, call, executed.id, executed, `/v1/units/${executed.id}`);
  },
  correctUnit: act<Routes['correctUnit']>(units.correctUnit),
  surveyBaseline: act<Routes['surveyBaseline']>(units.surveyBaseline),
  gradeRisk: act<Routes['gradeRisk']>(units.gradeRisk),
  recordLease: act<Routes['recordLease']>(units.recordLease),
  signAgreement: act<Routes['signAgreement']>(units.signAgreement),
  assignSupervisor: act<Routes['assignSupervisor']>(units.assignSupervisor),
  relieveSupervisor: act<Routes['relieveSupervisor']>(units.relieveSupervisor),
  closeUnit: act<Routes['closeUnit']>(units.closeUnit),

  planInspection: async (deps: ApiDeps, call: CallOf<'planInspection'>) => {
    const { act: what, circumstances } = part(call.body);
    const executed = await inspections.planInspection(deps.store, contextOf(deps, call, circumstances), what);
    return answer(deps, call, executed.id, executed, `/v1/inspections/${executed.id}`);
  },
  recordInspection: async (deps: ApiDeps, call: CallOf<'recordInspection'>) => {
    const { act: what, circumstances } = part(call.body);
    const inspectors = what.inspectors ?? [call.principal.person];
    const context = contextOf(deps, call, circumstances);
    const executed = await inspections.recordInspection(deps.store, context, { ...what, inspectors });
    return answer(deps, call, executed.id, executed, `/v1/inspections/${executed.id}`);
  },
  missInspection: act<Routes['missInspection']>(inspections.missInspection),

  gradeHazard: act<Routes['gradeHazard']>(hazards.gradeHazard),
  assignHazard: act<Routes['assignHazard']>(hazards.assignHazard),
  returnHazard: act<Routes['returnHazard']>(hazards.returnHazard),
  reassignHazard: act<Routes['reassignHazard']>(hazards.reassignHazard),
  orderRectification: act<Routes['orderRectification']>(hazards.orderRectification),
  requestExtension: act<Routes['requestExtension']>(hazards.requestExtension),
  approveExtension: act<Routes['approveExtension']>(hazards.approveExtension),
  refuseExtension: act<Routes['refuseExtension']>(hazards.refuseExtension),
  setInterimControl: act<Routes['setInterimControl']>(hazards.setInterimControl),
  submitRectification: act<Routes['submitRectification']>(hazards.submitRectification),
  verifyRectification: async (deps: ApiDeps, call: CallOf<'verifyRectification'>) => {
    const { body } = call;
    const { id } = call.params;
    const context = contextOf(deps, call, part<Circumstances>(body).circumstances);
    const executed =
      body.result === 'passed'
        ? await hazards.passVerification(deps.store, context, id, { basis: body.basis })
        : await hazards.rejectVerification(deps.store, context, id, { reason: body.reason });
    return answer(deps, call, id, executed);
  },
  signOffHazard: act<Routes['signOffHazard']>(hazards.signOffHazard),
  proposeClosure: act<Routes['proposeClosure']>(hazards.proposeClosure),
  confirmClosure: act<Routes['confirmClosure']>(hazards.confirmClosure),
  unlinkDuplicate: act<Routes['unlinkDuplicate']>(hazards.unlinkDuplicate),

  launchCampaign: async (deps: ApiDeps, call: CallOf<'launchCampaign'>) => {
    const executed = await campaign.launchCampaign(deps.store, contextOf(deps, call), call.body);
    return answer(deps, call, 'campaign', executed, '/v1/campaign');
  },
  publishRuleSet: async (deps: ApiDeps, call: CallOf<'publishRuleSet'>) =>
    answer(deps, call, 'campaign', await campaign.publishRuleSet(deps.store, contextOf(deps, call), call.body)),
  publishChecklist: async (deps: ApiDeps, call: CallOf<'publishChecklist'>) =>
    answer(deps, call, 'campaign', await campaign.publishChecklist(deps.store, contextOf(deps, call), call.body)),
  setTarget: async (deps: ApiDeps, call: CallOf<'setTarget'>) =>
    answer(deps, call, 'campaign', await campaign.setTarget(deps.store, contextOf(deps, call), call.body)),
};

// Each command route, bound to its command.
import * as campaign from '../../../shared/command/campaign.ts';
import * as corrections from '../../../shared/command/corrections.ts';
import * as hazards from '../../../shared/command/hazards.ts';
import * as inspections from '../../../shared/command/inspections.ts';
import * as units from '../../../shared/command/units.ts';
import * as unitCommands from '../../../shared/domain/unit-commands.ts';
import type { ApiDeps } from '../call.ts';
import type { Routes } from '../routes.ts';
import { act, answer, handlersOf, contextOf, part, type CallOf, type Circumstances } from './act.ts';

export const commandHandlers = {
  ...handlersOf(unitCommands, {
    registerUnit: async (deps, call) => {
      const { act: what, circumstances } = part(call.body);
      const { id, distinctFrom, ...details } = what;
      // `place` is where the person stood; the unit's own place is `location`.
      const executed = await units.registerUnit(deps.store, contextOf(deps, call, circumstances), {
        id,
        details,
        distinctFrom,
      });
      return answer(deps, call, executed.id, executed, `/v1/units/${executed.id}`);
    },
    correctUnit: act<Routes['correctUnit']>(units.correctUnit),
  }),

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
  correctInspection: act<Routes['correctInspection']>(corrections.correctInspection),
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
  refuseOrder: act<Routes['refuseOrder']>(hazards.refuseOrder),
  stateLimit: act<Routes['stateLimit']>(hazards.stateLimit),
  declareDanger: act<Routes['declareDanger']>(hazards.declareDanger),
  submitRectification: act<Routes['submitRectification']>(hazards.submitRectification),
  verifyRectification: async (deps: ApiDeps, call: CallOf<'verifyRectification'>) => {
    const { body } = call;
    const { id } = call.params;
    const context = contextOf(deps, call, part<Circumstances>(body).circumstances);
    const executed =
      body.result === 'passed'
        ? await hazards.passVerification(deps.store, context, id, { basis: body.basis })
        : await hazards.rejectVerification(deps.store, context, id, { reason: body.reason, due: body.due });
    return answer(deps, call, id, executed);
  },
  signOffHazard: act<Routes['signOffHazard']>(hazards.signOffHazard),
  proposeClosure: act<Routes['proposeClosure']>(hazards.proposeClosure),
  confirmClosure: act<Routes['confirmClosure']>(hazards.confirmClosure),
  correctHazard: act<Routes['correctHazard']>(corrections.correctHazard),
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

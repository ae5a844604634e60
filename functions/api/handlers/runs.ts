// The handlers of the commands on units, inspections, hazards and the campaign. Those that decide on one thing that
// exists are derived; here is what runs the others: they create, span streams, or read more than their own.
import { launchCampaign } from '../../../shared/rules/perform/campaign.ts';
import * as corrections from '../../../shared/rules/perform/corrections.ts';
import * as inspections from '../../../shared/rules/perform/inspection.ts';
import { acknowledgeReminder } from '../../../shared/rules/perform/reminder.ts';
import * as units from '../../../shared/rules/perform/unit.ts';
import * as campaignCommands from '../../../shared/rules/campaign/commands.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import * as inspectionCommands from '../../../shared/rules/inspection/commands.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import type { Routes } from '../routes.ts';
import { act, answer, contextOf, handlersOf, part } from './command-handler.ts';

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

  ...handlersOf(inspectionCommands, {
    planInspection: async (deps, call) => {
      const { act: what, circumstances } = part(call.body);
      const executed = await inspections.planInspection(deps.store, contextOf(deps, call, circumstances), what);
      return answer(deps, call, executed.id, executed, `/v1/inspections/${executed.id}`);
    },
    recordInspection: async (deps, call) => {
      const { act: what, circumstances } = part(call.body);
      const inspectors = what.inspectors ?? [call.principal.person];
      const context = contextOf(deps, call, circumstances);
      const executed = await inspections.recordInspection(deps.store, context, { ...what, inspectors });
      return answer(deps, call, executed.id, executed, `/v1/inspections/${executed.id}`);
    },
    correctInspection: act<Routes['correctInspection']>(corrections.correctInspection),
    missInspection: act<Routes['missInspection']>(inspections.missInspection),
  }),

  ...handlersOf(hazardCommands, {
    correctHazard: act<Routes['correctHazard']>(corrections.correctHazard),
    acknowledgeReminder: act<Routes['acknowledgeReminder']>(acknowledgeReminder),
  }),

  ...handlersOf(campaignCommands, {
    launchCampaign: async (deps, call) => {
      const executed = await launchCampaign(deps.store, contextOf(deps, call), call.body);
      return answer(deps, call, 'campaign', executed, '/v1/campaign');
    },
  }),
};

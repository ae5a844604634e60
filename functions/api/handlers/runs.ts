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
import { listDuties } from '../../../shared/reading/duty/list-query.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { loadState } from '../../../shared/rules/perform/execute.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { RuleViolated } from '../../../events/errors.ts';
import type { ApiCall, ApiDeps, TypedHandlers } from '../handler-types.ts';
import { readAboutUnit } from './streams.ts';
import { act, answer, contextOf, handlersOf, part } from './command-handler.ts';

/**
 * A unit that owes something is not closed. By the list of duties, which may lag by some milliseconds.
 * @throws RuleViolated `duties-open` naming them
 */
async function requireNoDuties(deps: ApiDeps, call: ApiCall, id: string): Promise<void> {
  const about = await readAboutUnit(deps, call, id);
  call.authorise(about);
  const { duties } = await loadCampaign(deps.store, deps.tenant, call.now);
  if (duties.size === 0) return;
  const { items } = await listDuties(deps.views, [], { unit: id, limit: 10 });
  const open = items.filter(({ closedAt }) => closedAt === null);
  // closed already: the command says so
  if (open.length === 0 || (await loadState(deps.store, deps.tenant, 'unit', id)).closed) return;
  throw new RuleViolated('duties-open', `unit ${id} has open duties: ${open.map((duty) => duty.name).join(', ')}`, {
    field: 'unit',
    expected: 'do them, say that they do not apply (waiver), or end them (abandonment) before the unit is closed',
    facts: { duties: open.map((duty) => duty.id) },
  });
}

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
  closeUnit: async (deps, call) => {
    const { id } = call.params as { id: string };
    await requireNoDuties(deps, call, id);
    const { act: what, circumstances } = part(call.body);
    return answer(
      deps,
      call,
      id,
      await perform(deps.store, contextOf(deps, call, circumstances), unitCommands.closeUnit, id, what),
    );
  },

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
} satisfies TypedHandlers;

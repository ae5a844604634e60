// The cases that go beyond the town: their commands, and the queries about them. A district unit sees those that go to
// it. Served by a function of their own (functions/district), so that the API itself stays small.
import type { HazardEvent } from '../../../events/hazard.ts';
import * as escalations from '../../../shared/rules/perform/escalation.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import * as escalationCommands from '../../../shared/rules/escalation/commands.ts';
import { ageOf } from '../../../shared/rules/escalation/age.ts';
import { requireLaunched, ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { hazard, requireHazard, shownHazard } from '../../../shared/rules/hazard/hazard.ts';
import { nextEscalationActs } from '../../../shared/rules/escalation/escalation.ts';
import { listEscalations, standNow } from '../../../shared/reading/escalation/list-query.ts';
import { caseEntryOf } from '../../../shared/reading/escalation/list.ts';
import { readUnitPage, unitTimeline } from '../../../shared/reading/unit/page-query.ts';
import type { TypedHandlers } from '../handler-types.ts';
import { mayDo, narrowFilters } from '../permissions.ts';
import type { Routes } from '../routes.ts';
import { waitAtLeast } from './wait.ts';
import { act, answer, contextOf, handlersOf, part, subjectOf } from './command-handler.ts';
import { authorised } from './dossiers.ts';
import { allowedActs, dueDateOf, historyOf, ok, shown } from './streams.ts';

export const escalationHandlers = {
  ...handlersOf(escalationCommands, {
    proposeEscalation: async (deps, call) => {
      const { act: what, circumstances } = part(call.body);
      const context = contextOf(deps, call, circumstances);
      const executed = await escalations.proposeByOffice(deps.store, context, call.params.id, what);
      return answer(deps, call, executed.id, executed, `/v1/escalations/${executed.id}`);
    },

    resolveEscalation: act<Routes['resolveEscalation']>(escalations.resolveEscalation),
  }),

  listEscalations: async (deps, call) => {
    const { atLeast, ...filters } = call.query;
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const allowed = narrowFilters(call.principal, call.action, requireLaunched(campaign), filters);
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, items, ...page } = await listEscalations(deps.views, allowed);
    const now = call.now.toISOString();
    const ruleSet = ruleSetAt(campaign, now);
    const stand = await standNow(deps.views, items);
    return ok({
      ...page,
      items: items.map((entry, nth) => ({ ...entry, ...stand[nth]!, ...ageOf(entry, ruleSet, now) })),
    });
  },

  getEscalation: async (deps, call) => {
    const { id } = call.params;
    const { known, history } = await authorised(deps, call, id);
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const subject = subjectOf({ campaign, track: known.track, escalation: { ...known, id } });
    const now = call.now.toISOString();
    const { proposedAt, verifiedAt, waitingSince, status } = caseEntryOf(history.map(({ event }) => event))!;
    return ok({
      ...known,
      id,
      waitingSince,
      ...ageOf({ status, proposedAt, waitingSince, verifiedAt }, ruleSetAt(campaign, now), now),
      dossiers: known.dossiers.map((dossier) => ({
        ...dossier,
        path: `/v1/escalations/${id}/dossiers/${dossier.round}`,
        proofs: `/v1/escalations/${id}/dossiers/${dossier.round}/proofs`,
      })),
      allowed: allowedActs(escalationCommands, nextEscalationActs(known), id, (action) =>
        mayDo(call.principal, action, subject),
      ),
      events: history.map((one) => shown(one)),
    });
  },

  getEscalatedHazard: async (deps, call) => {
    const { known } = await authorised(deps, call, call.params.id);
    const history = await historyOf(deps, call, 'hazard', known.hazard);
    const state = foldAll(
      hazard,
      history.map(({ event }) => event as HazardEvent),
    );
    const events = history.map((one) => shown(one));
    return ok({
      ...shownHazard(requireHazard(state, known.hazard)),
      dueDates: history.flatMap(({ event }) => dueDateOf(event as HazardEvent)),
      events,
    });
  },

  getEscalatedUnit: async (deps, call) => {
    const { known } = await authorised(deps, call, call.params.id);
    await waitAtLeast(deps, call, call.query.atLeast);
    return ok(await readUnitPage(deps.views, known.unit));
  },

  getEscalatedTimeline: async (deps, call) => {
    const { known } = await authorised(deps, call, call.params.id);
    const { atLeast, ...paging } = call.query;
    await waitAtLeast(deps, call, atLeast);
    return ok(await unitTimeline(deps.views, { unit: known.unit, ...paging }));
  },
} satisfies TypedHandlers;

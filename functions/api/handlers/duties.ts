// Duties (应办事项): their definitions, one of them fresh from its stream, and what people do about it.
import type { DutyEvent } from '../../../events/duty.ts';
import * as dutyCommands from '../../../shared/rules/duty/commands.ts';
import { definitionIn, duty, isDutyAwaited, requireDuty } from '../../../shared/rules/duty/duty.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { openByHand } from '../../../shared/rules/perform/duty.ts';
import { listDuties } from '../../../shared/reading/duty/list-query.ts';
import { dutiesNow, requireLaunched } from '../../../shared/rules/campaign/campaign.ts';
import { listFacts } from '../../../shared/reading/duty/facts.ts';
import { narrowFilters, type ListFilters } from '../permissions.ts';
import { waitAtLeast } from './wait.ts';
import { unitNames } from '../../../shared/reading/unit/names.ts';
import type { TypedHandlers } from '../handler-types.ts';
import { answer, contextOf, handlersOf, part } from './command-handler.ts';
import { aboutDuty, historyOf, ok, readAboutUnit, shown } from './streams.ts';

export const dutyHandlers = {
  listDutyDefinitions: async (deps, call) => {
    const { track } = call.query;
    const { duties } = await loadCampaign(deps.store, deps.tenant, call.now);
    const items = [...duties.values()].flat();
    return ok({ items: track === undefined ? items : items.filter((definition) => definition.track === track) });
  },

  listDuties: async (deps, call) => {
    const { atLeast, overdue, ...filters } = call.query;
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const now = call.now.toISOString();
    const allowed = narrowFilters(call.principal, call.action, requireLaunched(campaign), filters);
    await waitAtLeast(deps, call, atLeast);
    const asked = { ...allowed, overdueAt: overdue === true ? now : undefined };
    const { examined: _examined, ...page } = await listDuties(deps.views, dutiesNow(campaign), asked);
    const names = await unitNames(
      deps.views,
      page.items.flatMap(({ unit }) => unit ?? []),
    );
    const items = page.items.map((row) => ({
      ...row,
      unitName: names.get(row.unit ?? '') ?? null,
      overdue: isDutyAwaited(row) && row.due! < now,
    }));
    return ok({ ...page, items });
  },

  listFacts: async (deps, call) => {
    const { atLeast, ...query } = call.query;
    // of one unit: whose it is says who may read it; of a track: who may read its whole list
    if (query.unit !== undefined) call.authorise(await readAboutUnit(deps, call, query.unit));
    else {
      const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
      const { area } = narrowFilters<ListFilters>(call.principal, call.action, requireLaunched(campaign), {
        track: query.track,
      });
      if (area !== undefined) call.authorise({ campaign: campaign.definition ?? undefined });
    }
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await listFacts(deps.views, query);
    const names = await unitNames(
      deps.views,
      page.items.map(({ unit }) => unit),
    );
    return ok({ ...page, items: page.items.map((row) => ({ ...row, unitName: names.get(row.unit) ?? null })) });
  },

  getDuty: async (deps, call) => {
    const { id } = call.params;
    const history = await historyOf(deps, call, 'duty', id);
    const events = history.map(({ event }) => event as DutyEvent);
    const known = requireDuty(foldAll(duty, events), id);
    call.authorise(await aboutDuty(deps, call, known));
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const definition = definitionIn(campaign.duties, known);
    const names = await unitNames(deps.views, known.unit === null ? [] : [known.unit]);
    return ok({
      ...known,
      id,
      unitName: names.get(known.unit ?? '') ?? null,
      next: [...known.next],
      steps: definition.steps.map(({ step, name }) => {
        const done = known.steps.get(step);
        return { step, name, done: done ? { ...done, unmet: [...done.unmet] } : null };
      }),
      overdue: isDutyAwaited(known) && known.due! < call.now.toISOString(),
      definition,
      events: history.map((one) => shown(one)),
    });
  },

  ...handlersOf(dutyCommands, {
    openDuty: async (deps, call) => {
      const { act, circumstances } = part(call.body);
      const executed = await openByHand(deps.store, contextOf(deps, call, circumstances), act);
      return answer(deps, call, executed.id, executed, `/v1/duties/${executed.id}`);
    },
  }),
} satisfies TypedHandlers;

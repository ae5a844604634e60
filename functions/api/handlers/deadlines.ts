// Deadlines and reports: lists from the views, one report fresh from its stream, and what people do about them.
import { setTimeout as delay } from 'node:timers/promises';
import type { ReportEvent } from '../../../events/report.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { submitReport } from '../../../shared/rules/perform/report.ts';
import * as reportCommands from '../../../shared/rules/report/commands.ts';
import { requireLaunched, ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { dueAfterReturn, isOwed, report, requireReport } from '../../../shared/rules/report/report.ts';
import { listDeadlines } from '../../../shared/reading/deadline/list-query.ts';
import { reportFigures } from '../../../shared/reading/report/figures.ts';
import { listReports } from '../../../shared/reading/report/list-query.ts';
import { unitNames } from '../../../shared/reading/unit/names.ts';
import type { HttpAnswer, TypedHandlers } from '../handler-types.ts';
import { narrowFilters } from '../permissions.ts';
import { waitAtLeast } from './wait.ts';
import { answer, contextOf, handlersOf, part } from './command-handler.ts';
import { historyOf, shown } from './streams.ts';

const ok = <Body>(body: Body): HttpAnswer<Body> => ({ status: 200, body });

export const deadlineHandlers = {
  listDeadlines: async (deps, call) => {
    const { atLeast, overdue, dueBefore, ...filters } = call.query;
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const now = call.now.toISOString();
    const ends = [dueBefore, overdue === true ? now : undefined].filter((end) => end !== undefined).toSorted();
    const allowed = narrowFilters(call.principal, call.action, requireLaunched(campaign), filters);
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await listDeadlines(deps.views, {
      ...allowed,
      dueBefore: ends[0],
      dueFrom: overdue === false ? now : undefined,
    });
    const names = await unitNames(
      deps.views,
      page.items.flatMap(({ unit }) => unit ?? []),
    );
    const items = page.items.map((row) => ({
      ...row,
      unitName: names.get(row.unit ?? '') ?? null,
      overdue: row.due < now,
    }));
    return ok({ ...page, items });
  },

  listReports: async (deps, call) => {
    const { atLeast, ...filters } = call.query;
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await listReports(deps.views, filters);
    return ok(page);
  },

  getReport: async (deps, call) => {
    const { id } = call.params;
    const history = await historyOf(deps, call, 'report', id);
    const events = history.map(({ event }) => event as ReportEvent);
    const known = requireReport(foldAll(report, events), id);
    const now = call.now.toISOString();
    const overdue = isOwed(known) && known.due < now;
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const returnDue = dueAfterReturn(known, ruleSetAt(campaign, now), now) ?? null;
    return ok({ ...known, id, overdue, returnDue, events: history.map((one) => shown(one)) });
  },

  ...handlersOf(reportCommands, {
    submitReport: async (deps, call) => {
      const { id } = call.params;
      const { act: what, circumstances } = part(call.body);
      const history = await historyOf(deps, call, 'report', id);
      const known = requireReport(
        foldAll(
          report,
          history.map(({ event }) => event as ReportEvent),
        ),
        id,
      );
      const figures = await reportFigures(deps.views, known, deps.pause ?? delay);
      const context = contextOf(deps, call, circumstances);
      return answer(deps, call, id, await submitReport(deps.store, context, id, { ...figures, ...what }));
    },
  }),
} satisfies TypedHandlers;

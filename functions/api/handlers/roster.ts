// The roster's routes, each bound to its command or query.
import { campaignNaming, registerOrganisation } from '../../../shared/rules/perform/campaign.ts';
import {
  appointOfficer,
  correctAppointment,
  loadRosters,
  relieveOfficer,
} from '../../../shared/rules/perform/roster.ts';
import * as rosterCommands from '../../../shared/rules/roster/commands.ts';
import { resolveNames } from '../../../shared/record/directory/directory.ts';
import { requireOrganisation } from '../../../shared/rules/campaign/campaign.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import type { HeldPost } from '../../../shared/reading/roster/page.ts';
import { listRoster, rosterOn } from '../../../shared/reading/roster/list-query.ts';
import type { HttpAnswer, ApiDeps, ApiCall, TypedHandlers } from '../handler-types.ts';
import { scopesOf } from '../permissions.ts';
import { waitAtLeast } from './wait.ts';
import { answer, contextOf, handlersOf, part } from './command-handler.ts';
import { townDay } from '../../../shared/town-time.ts';

const ok = <Body>(body: Body): HttpAnswer<Body> => ({ status: 200, body });

/** Says of posts held whether their holders can be telephoned, to those who keep the directory; never the number. */
async function phonesFor(
  deps: ApiDeps,
  call: ApiCall,
  held: readonly HeldPost[],
): Promise<(held: readonly HeldPost[]) => (HeldPost & { phone?: 'known' | 'missing' })[]> {
  if (scopesOf(call.principal, 'directory.enter').length === 0) return (rows) => [...rows];
  const names = await resolveNames(
    deps.directory,
    held.map(({ person }) => person),
  );
  return (rows) => rows.map((row) => ({ ...row, phone: names.get(row.person)?.phone ? 'known' : 'missing' }));
}

export const rosterHandlers = {
  ...handlersOf(rosterCommands, {
    registerOrganisation: async (deps, call) => {
      const executed = await registerOrganisation(deps.store, contextOf(deps, call), call.body);
      return answer(deps, call, call.body.id, executed, `/v1/roster/${call.body.id}`);
    },

    appointOfficer: async (deps, call) => {
      const { organisation } = call.params;
      const { act, circumstances } = part(call.body);
      const executed = await appointOfficer(deps.store, contextOf(deps, call, circumstances), organisation, act);
      return answer(deps, call, executed.id, executed, `/v1/roster/${organisation}`);
    },

    relieveOfficer: async (deps, call) => {
      const { organisation, appointment } = call.params;
      const { act, circumstances } = part(call.body);
      const context = contextOf(deps, call, circumstances);
      const executed = await relieveOfficer(deps.store, context, organisation, { appointment, ...act });
      return answer(deps, call, appointment, executed);
    },

    correctAppointment: async (deps, call) => {
      const { organisation, appointment } = call.params;
      const { act, circumstances } = part(call.body);
      const context = contextOf(deps, call, circumstances);
      const executed = await correctAppointment(deps.store, context, organisation, { appointment, ...act });
      return answer(deps, call, appointment, executed);
    },
  }),

  listRoster: async (deps, call) => {
    const { atLeast, on, ...query } = call.query;
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await listRoster(deps.views, query, on ?? townDay(call.now.toISOString()));
    const withPhones = await phonesFor(
      deps,
      call,
      page.items.flatMap(({ held }) => held),
    );
    return ok({ ...page, items: page.items.map((row) => ({ ...row, held: withPhones(row.held) })) });
  },

  getRoster: async (deps, call) => {
    const { organisation } = call.params;
    const on = call.query.on ?? townDay(call.now.toISOString());
    // before the stream is read: everything up to it is in
    const { size } = await readHead(deps.views);
    const [campaign, rosters] = await Promise.all([
      campaignNaming(deps.store, deps.tenant, call.now, organisation),
      loadRosters(deps.store, deps.tenant, [organisation]),
    ]);
    const { name, kind } = requireOrganisation(campaign, organisation, 'organisation');
    const { held, others, vacant } = rosterOn([...rosters.get(organisation)!.appointments.values()], kind, on);
    const withPhones = await phonesFor(deps, call, held);
    return ok({ organisation, name, kind, on, held: withPhones(held), vacant, others, asOf: { position: size } });
  },
} satisfies TypedHandlers;

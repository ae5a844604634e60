// What is common to the commands on a unit: its stream is loaded, leave is asked for, it is decided, the drafts are
// appended. And the two commands that look for another unit on record of the same name (单位名称).
import type { Track } from '../../../events/envelope.ts';
import type { UnitDetails } from '../../../events/unit.ts';
import { InvalidInput } from '../../../events/errors.ts';
import type { Drafts } from '../decider.ts';
import { makerOf, requireOrganisation, requireLaunched, trackOf, type CampaignState } from '../campaign/campaign.ts';
import * as rules from '../unit/unit.ts';
import type { BesideWrite, StoreDeps } from '../../record/store/store.ts';
import {
  campaignOf,
  execute,
  newId,
  on,
  requireFreeId,
  type CommandContext,
  type Executed,
  type Read,
  type StreamCache,
} from './execute.ts';
import { lookAlike, readAlike, type Alike, type OnAlike } from './unit-names.ts';

/** `similar`: units on record of the same name or at the same address, when it was written now. */
export type ExecutedOn = Executed & { id: string; similar?: Alike[] };

/**
 * Registers a unit. Without `id` one is made from the command, so that a repeated command names the same unit.
 * @param command `distinctFrom`: units on record that it is not, although it reads like them
 * @throws InvalidInput for a track or an area that the campaign does not have; RuleViolated `unit-looks-like`, in an import `unit-differs`
 */
export async function registerUnit(
  deps: StoreDeps,
  context: CommandContext,
  command: {
    id?: string | undefined;
    details: UnitDetails;
    distinctFrom?: string[] | undefined;
    onAlike?: OnAlike | undefined;
  },
  session?: StreamCache,
): Promise<ExecutedOn> {
  const id = requireFreeId(command.id, 'u', newId('u', context.tenant, context.command));
  const { details, distinctFrom = [], onAlike = 'refused' } = command;
  const about = { details, made: command.id === undefined, looked: { on: onAlike, distinctFrom } };
  return onUnit(
    deps,
    context,
    id,
    (state, _campaign, others) => {
      if (context.source === 'import') rules.requireSameUnit(state, details);
      return rules.register(state, details, others);
    },
    about,
    session,
  );
}

export function correctUnit(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: rules.Correction & { distinctFrom?: string[] | undefined },
): Promise<ExecutedOn> {
  const { details, distinctFrom = [] } = command;
  const looked = { on: 'refused', distinctFrom } as const;
  return onUnit(
    deps,
    context,
    id,
    (state, campaign, others) => rules.correct(state, id, command, makerOf(campaign, context.actor), others),
    { details, looked },
  );
}

/** What is decided about one unit. @param about what it is to have, what it is for, and whether it may be another one on record */
export async function onUnit(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  decide: (state: rules.UnitState, campaign: CampaignState, distinctFrom: string[]) => Drafts,
  about: {
    details?: UnitDetails;
    track?: Track | undefined;
    made?: boolean;
    looked?: { on: OnAlike; distinctFrom: string[] };
  } = {},
  session?: StreamCache,
): Promise<ExecutedOn> {
  let similar: Alike[] = [];
  let beside: BesideWrite[] = [];
  const executed = await execute(
    deps,
    context,
    { category: 'unit', id, made: about.made === true },
    async (read) => {
      const campaign = await campaignOf(deps, context.tenant, context.now);
      requireLaunched(campaign);
      const state = await read('unit', id);
      // What does not exist yet, and what is being changed, is judged by the details that it is to have.
      const details = state.details ?? about.details ?? null;
      const track = about.track;
      context.authorise?.({ campaign, unit: { ...state, id, details }, ...(track ? { track } : {}) });
      if (about.details) {
        for (const named of about.details.tracks) trackOf(campaign, named);
        if (about.details.area) requireOrganisation(campaign, about.details.area, 'area');
      }
      beside = [];
      const drafts = decide(state, campaign, []);
      const { details: called, looked } = about;
      if (drafts.length === 0 || !called || !looked || (state.details && readAlike(state.details, called))) {
        return new Map([on('unit', id, drafts)]);
      }
      await requireUnits(read, looked.distinctFrom, id);
      const found = await lookAlike(
        deps,
        context.tenant,
        read,
        { id, details: called, before: state.details ?? undefined },
        looked.on,
        looked.distinctFrom,
      );
      similar = found.similar;
      beside = found.writes;
      return new Map([on('unit', id, decide(state, campaign, found.distinctFrom))]);
    },
    session,
    () => beside,
  );
  return { ...executed, id, ...(!executed.already && similar.length > 0 ? { similar } : {}) };
}

/** What a unit is said not to be is on record for good. @throws InvalidInput naming the one that there is not */
async function requireUnits(read: Read, ids: readonly string[], own: string): Promise<void> {
  for (const [index, id] of ids.entries()) {
    if (id !== own && (await read('unit', id)).details) continue;
    throw new InvalidInput(`distinctFrom: ${id} is no other unit on record`, {
      field: `distinctFrom[${index}]`,
      expected: 'ids of registered units, as `units` of the answer `unit-looks-like` has them',
    });
  }
}

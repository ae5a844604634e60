// Carries out any declared command on one thing that exists (shared/rules/<noun>/commands.ts): API, clock, imports and simulation alike.
import type * as z from 'zod';
import type { Category, Track } from '../../../events/envelope.ts';
import type { By, Decided } from '../command.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { byOf, type Bidden, type CommandContext, type Executed } from './execute.ts';
import { onCampaign } from './campaign.ts';
import { onDuty } from './duty.ts';
import { onEscalation } from './escalation.ts';
import { onHazard } from './hazard.ts';
import { onReport } from './report.ts';
import { onUnit } from './unit.ts';

type Perform = (deps: StoreDeps, context: CommandContext, bidden: Bidden) => Promise<Executed>;

/** How each kind of thing is loaded, who may act on it, and what follows with it. */
const ON: Partial<Record<Category, Perform>> = {
  unit: (deps, context, { id, act, decide }) =>
    onUnit(deps, context, id, (state, campaign) => decide(state, byOf(context, campaign)), {
      track: (act as { track?: Track }).track,
    }),
  hazard: onHazard,
  escalation: onEscalation,
  report: onReport,
  duty: onDuty,
  campaign: onCampaign,
};

/** The kinds of things that commands may be declared on with a decision alone. */
export const PERFORMED = Object.keys(ON) as Category[];

/** @param act what the command takes @throws what the decision throws; Forbidden; NotFound */
export function perform<State, Takes extends z.ZodType>(
  deps: StoreDeps,
  context: CommandContext,
  command: Decided<State, Takes>,
  id: string,
  act: NoInfer<z.output<Takes>>,
): Promise<Executed> {
  return ON[command.category]!(deps, context, {
    id,
    act: act as object,
    decide: (state, by) => command.decide(state as State, id, act, by as By<State>),
    other: (state) => command.other?.(state as State, act),
  });
}

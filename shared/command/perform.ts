// Carries out any declared command on one thing that exists (shared/domain/*-commands.ts): API, clock, imports and simulation alike.
import type * as z from 'zod';
import type { Category, Track } from '../../events/envelope.ts';
import type { By, Decided } from '../domain/command.ts';
import type { Drafts } from '../domain/decider.ts';
import type { StoreDeps } from '../store/store.ts';
import { byOf, type CommandContext, type Executed } from './execute.ts';
import { onUnit } from './units.ts';

/** A command as what loads its stream knows it: what it takes is given, what it decides on is to be loaded. */
export interface Bound {
  id: string;
  act: object;
  decide: (state: unknown, by: By) => Drafts;
  other: (state: unknown) => string | undefined;
}
type Perform = (deps: StoreDeps, context: CommandContext, bound: Bound) => Promise<Executed>;

/** How each kind of thing is loaded, who may act on it, and what follows with it. */
const ON: Partial<Record<Category, Perform>> = {
  unit: (deps, context, { id, act, decide }) =>
    onUnit(deps, context, id, (state, campaign) => decide(state, byOf(context, campaign)), {
      track: (act as { track?: Track }).track,
    }),
};

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

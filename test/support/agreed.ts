// What needs a second person, put forward by one and confirmed by another, below the API.
import type { Actor } from '../../events/envelope.ts';
import { newId, type CommandContext, type Executed } from '../../shared/rules/perform/execute.ts';

export const SECOND: Actor = { person: 'p-leader-1', post: '组长', organisation: 'leading-group' };

export async function agreed<Done extends Executed>(
  context: CommandContext,
  run: (context: CommandContext) => Promise<Done>,
  act = 'correctUnit',
): Promise<Done> {
  const proposal = newId('pr', context.tenant, context.command);
  const put = await run({ ...context, asks: { act, name: act, params: {}, body: {}, proposal } });
  const made = put.events.find(({ type }) => type === 'ProposalMade');
  if (!made) return put;
  const confirms = { proposal, second: SECOND, cause: made.id };
  return run({ ...context, command: `${context.command}:2`, confirms });
}

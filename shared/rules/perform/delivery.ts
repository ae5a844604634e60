// Commands on messages: recording their outcome. The command id is made from message and round, so that an outcome that was
// recorded before a crash is found again, whatever the second attempt came to.
import type { EventOf } from '../../../events/envelope.ts';
import type { MessageDelivered, MessageFailed } from '../../../events/delivery.ts';
import * as rules from '../reminder/delivery.ts';
import type { Drafts } from '../decider.ts';
import { foldAll } from '../decider.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { execute, on, readStream, type CommandContext, type Executed } from './execute.ts';

type Context = Omit<CommandContext, 'command' | 'request'>;
type Delivered = EventOf<typeof MessageDelivered>['data'];
type Failed = EventOf<typeof MessageFailed>['data'];

/** Records that the channel took the message. */
export function recordDelivered(
  deps: StoreDeps,
  context: Context,
  message: string,
  data: Delivered,
): Promise<Executed> {
  return record(deps, context, message, data.round, (state) => rules.recordDelivery(state, data));
}

/** Records that the message was given up. */
export function recordFailed(deps: StoreDeps, context: Context, message: string, data: Failed): Promise<Executed> {
  return record(deps, context, message, data.round, (state) => rules.giveUp(state, data));
}

/** What is recorded of a message so far. */
export async function loadDelivery(deps: StoreDeps, tenant: string, message: string): Promise<rules.DeliveryState> {
  const stored = await readStream(deps, tenant, 'delivery', message);
  return foldAll(
    rules.delivery,
    stored.map(({ event }) => event as EventOf<typeof MessageDelivered> | EventOf<typeof MessageFailed>),
  );
}

function record(
  deps: StoreDeps,
  context: Context,
  message: string,
  round: number,
  decide: (state: rules.DeliveryState) => Drafts,
): Promise<Executed> {
  const command = `notify:${message}:${round}`;
  return execute(
    deps,
    { ...context, command, request: command },
    { category: 'delivery', id: message },
    async (read) => {
      return new Map([on('delivery', message, decide(await read('delivery', message)))]);
    },
  );
}

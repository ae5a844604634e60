// What a district's own system delivers, once its signature holds: the same commands as a person of the district unit
// gives, under the same rules.
import type { CommandContext, Executed } from '../../../shared/rules/perform/execute.ts';
import { resolveEscalation } from '../../../shared/rules/perform/escalation.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import * as escalationCommands from '../../../shared/rules/escalation/commands.ts';
import type { HttpAnswer, ApiDeps } from '../handler-types.ts';
import { authorise, type Action } from '../permissions.ts';
import { answer, contextOf, subjectOf, type CallOf } from './command-handler.ts';

type Delivered = CallOf<'districtWebhook'>['body'];

const ACTIONS: Record<Delivered['action'], Action> = {
  accept: 'escalation.accept',
  return: 'escalation.return',
  resolve: 'escalation.resolve',
};

export const webhookHandlers = {
  districtWebhook: async (deps: ApiDeps, call: CallOf<'districtWebhook'>): Promise<HttpAnswer> => {
    const { escalation, action, by, occurredAt } = call.body;
    const context = contextOf(deps, call, { occurredAt, device: 'webhook' });
    const executed = await carry(deps, call.body, {
      ...context,
      actor: { ...context.actor, ...(by && { onBehalfOf: by }) },
      authorise: (loaded) => authorise(call.principal, ACTIONS[action], subjectOf(loaded)),
    });
    return answer(deps, call, escalation, executed);
  },
};

function carry(deps: ApiDeps, delivered: Delivered, context: CommandContext): Promise<Executed> {
  const { store } = deps;
  const { escalation } = delivered;
  switch (delivered.action) {
    case 'accept':
      return perform(store, context, escalationCommands.acceptEscalation, escalation, {
        reference: delivered.reference,
      });
    case 'return':
      return perform(store, context, escalationCommands.returnEscalation, escalation, { missing: delivered.missing });
    case 'resolve': {
      const { decision, decidedAt } = delivered;
      return resolveEscalation(store, context, escalation, { decision, decidedAt });
    }
  }
}

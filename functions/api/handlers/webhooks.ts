// What a district's own system delivers, once its signature holds: the same commands as a person of the district unit gives, under the same rules.
import type { CommandContext, Executed } from '../../../shared/command/execute.ts';
import * as escalations from '../../../shared/command/escalations.ts';
import type { Answer, ApiDeps } from '../call.ts';
import { authorise, type Action } from '../permissions.ts';
import { answer, contextOf, subjectOf, type CallOf } from './act.ts';

type Delivered = CallOf<'districtWebhook'>['body'];

const ACTIONS: Record<Delivered['action'], Action> = {
  accept: 'escalation.accept',
  return: 'escalation.return',
  resolve: 'escalation.resolve',
};

export const webhookHandlers = {
  districtWebhook: async (deps: ApiDeps, call: CallOf<'districtWebhook'>): Promise<Answer> => {
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
      return escalations.acceptEscalation(store, context, escalation, { reference: delivered.reference });
    case 'return':
      return escalations.returnEscalation(store, context, escalation, { missing: delivered.missing });
    case 'resolve': {
      const { decision, decidedAt } = delivered;
      return escalations.resolveEscalation(store, context, escalation, { decision, decidedAt });
    }
  }
}

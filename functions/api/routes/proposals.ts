// Routes of proposals (待确认事项): what waits for a second person. They are made by the acts that need one, and confirmed, rejected and
// withdrawn by commands of their own (shared/rules/proposal/commands.ts).
import * as z from 'zod';
import { actorSchema, instantSchema } from '../../../events/envelope.ts';
import { ProposalMade } from '../../../events/proposal.ts';
import { query } from '../route.ts';
import { idSchema, trackSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

const { name, target, act, would, reason, until } = ProposalMade.data.shape;

export const proposalRoutes = {
  getProposal: query({
    path: '/v1/proposals/{id}',
    tag: 'proposals',
    summary: 'One proposal, folded fresh from its stream: what would be recorded, and what became of it',
    zh: '查看待确认事项',
    action: 'read.proposals',
    access: { action: 'read' },
    params: z.strictObject({ id: idSchema }),
    answer: z
      .strictObject({
        id: idSchema,
        status: z.enum(['open', 'confirmed', 'rejected', 'withdrawn', 'expired']),
        name,
        act,
        target,
        would,
        reason,
        proposer: actorSchema,
        until,
        madeAt: instantSchema,
        unit: idSchema.nullable(),
        track: trackSchema.nullable(),
        mayConfirm: z.boolean().describe('whether the caller may confirm or reject it'),
        mayWithdraw: z.boolean(),
        events: z.array(storedEventSchema),
      })
      .meta({ id: 'Proposal' }),
  }),
};

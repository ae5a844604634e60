// Routes of proposals (待确认事项): what waits for a second person. They are made by the acts that need one, and confirmed, rejected and
// withdrawn by commands of their own (shared/rules/proposal/commands.ts).
import * as z from 'zod';
import { actorSchema, instantSchema } from '../../../events/envelope.ts';
import { ProposalMade } from '../../../events/proposal.ts';
import { pageOf } from '../../../shared/reading/views/page.ts';
import { proposalEntrySchema, proposalStatusSchema } from '../../../shared/reading/proposal/list.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { booleanText, freshness, idSchema, paging, trackSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

const { name, target, act, would, reason, until } = ProposalMade.data.shape;

export const proposalRoutes = {
  listProposals: query({
    path: '/v1/proposals',
    tag: 'proposals',
    summary:
      'What waits for a second person, what expires first in front; or all that was put forward, the newest first',
    zh: '待确认事项',
    action: 'read.proposals',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: z.strictObject({
      open: booleanText.optional().describe('true: only what waits now'),
      unit: idSchema.optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('ProposalList', z.strictObject({ ...proposalEntrySchema.shape, mayConfirm: z.boolean() })),
  }),
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
        status: proposalStatusSchema,
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

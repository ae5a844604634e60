// The commands on a proposal (待确认事项), each declared once; what they decide is in proposal.ts. Who may confirm which act is in the act's own
// declaration (`second`), and is asked once the proposal is loaded.
import * as z from 'zod';
import { ProposalConfirmed, ProposalRejected, ProposalWithdrawn } from '../../../events/proposal.ts';
import { runOn } from '../command.ts';
import { SECOND } from '../roles.ts';

const ITS_PAGE = 'own: /proposals/{id} shows what would be recorded, with the buttons' as const;
const CONFIRM = { action: 'proposal.confirm', who: SECOND, bare: true } as const;

/** @throws RuleViolated `second-person-needed`, `proposal-settled`, `proposal-expired`, `proposal-overtaken`, and what the act throws */
export const confirmProposal = runOn('proposal', {
  records: [ProposalConfirmed],
  summary: 'Confirm a proposal, as a second person: the act is carried out',
  description:
    'By another person than the proposer, by their own token, of those whom the act names. It is decided on what stands there now, and recorded with both persons in one commit with the confirmation.',
  path: 'confirmation',
  ...CONFIRM,
  form: ITS_PAGE,
});

export const rejectProposal = runOn('proposal', {
  records: [ProposalRejected],
  summary: 'Reject a proposal, with the reason',
  path: 'rejection',
  ...CONFIRM,
  takes: z.strictObject({ reason: ProposalRejected.data.shape.reason }),
  example: { reason: '与现场照片不符' },
  form: ITS_PAGE,
});

export const withdrawProposal = runOn('proposal', {
  records: [ProposalWithdrawn],
  summary: 'Withdraw a proposal, by who put it forward',
  path: 'withdrawal',
  action: 'proposal.withdraw',
  who: { village: 'own', department: 'own', office: 'town', admin: 'own' },
  bare: true,
  takes: z.strictObject({ reason: ProposalWithdrawn.data.shape.reason }),
  example: { reason: '原记录无误' },
  form: ITS_PAGE,
});

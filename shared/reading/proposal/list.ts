// View `proposals` (待确认事项): one entry for each act that was put forward, on two lists in order of the day until which it waits: what is
// open, and all.
import * as z from 'zod';
import { idSchema, instantSchema, parseStreamKey, trackSchema } from '../../../events/envelope.ts';
import { enumOf, titled } from '../../../events/field.ts';
import { proposalEvents, ProposalMade, type ProposalEvent } from '../../../events/proposal.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { foldOne, type DocumentView, type Folds } from '../views/view.ts';

export const PROPOSAL_STATUS_NAMES = {
  open: ['待确认'],
  confirmed: ['已确认'],
  rejected: ['未同意'],
  withdrawn: ['已撤回'],
  expired: ['已过期'],
} as const;
export const proposalStatusSchema = titled(enumOf(PROPOSAL_STATUS_NAMES), '状态');

const { name, target, act, until, reason } = ProposalMade.data.shape;
export const proposalEntrySchema = z
  .strictObject({
    proposal: idSchema,
    status: proposalStatusSchema,
    name,
    target,
    act,
    until,
    reason,
    unit: idSchema.nullable(),
    track: trackSchema.nullable(),
    proposedBy: z.string(),
    /** of who put it forward */
    organisation: idSchema,
    madeAt: instantSchema,
    settledAt: instantSchema.nullable(),
    settledBy: z.string().nullable(),
  })
  .meta({ id: 'ProposalRow' });
export type ProposalEntry = z.infer<typeof proposalEntrySchema>;

const TYPES: ReadonlySet<string> = new Set(proposalEvents.map(({ type }) => type));
const isProposalEvent = (event: DaochaEvent): event is ProposalEvent => TYPES.has(event.type);

const settled =
  (status: ProposalEntry['status']) =>
  (doc: ProposalEntry, { recordedAt, actor }: DaochaEvent): ProposalEntry => ({
    ...doc,
    status,
    settledAt: recordedAt,
    settledBy: actor.person,
  });

const folds: Folds<ProposalEntry> = {
  ProposalConfirmed: settled('confirmed'),
  ProposalRejected: settled('rejected'),
  ProposalWithdrawn: settled('withdrawn'),
  ProposalExpired: settled('expired'),
};

export const OPEN_PROPOSALS = 'open';
export const ALL_PROPOSALS = 'all';

export const proposalsView: DocumentView<ProposalEntry> = {
  kind: 'documents',
  name: 'proposals',
  shape: 1,
  keys: (event) => (isProposalEvent(event) ? [{ key: parseStreamKey(event.stream).id, sk: 'proposal' }] : []),
  fold: (doc, placed, { key }) => {
    const { event } = placed;
    if (!isProposalEvent(event)) return doc;
    if (event.type !== 'ProposalMade') return doc && foldOne(folds, doc, placed);
    const { data, actor, unit = null, track = null, recordedAt } = event;
    return {
      proposal: key,
      status: 'open',
      name: data.name,
      target: data.target,
      act: data.act,
      until: data.until,
      ...(data.reason === undefined ? {} : { reason: data.reason }),
      unit,
      track,
      proposedBy: actor.person,
      organisation: actor.organisation,
      madeAt: recordedAt,
      settledAt: null,
      settledBy: null,
    };
  },
  places: ({ status, until: waits, proposal }) => ({
    ...(status === 'open' ? { lists1: [OPEN_PROPOSALS, `${waits}#${proposal}`] } : {}),
    lists2: [ALL_PROPOSALS, `${waits}#${proposal}`],
  }),
};

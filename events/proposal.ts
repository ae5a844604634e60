// Stream category `proposal` (待确认事项): an act that needs a second person (shared/rules/proposal), put forward by the first and confirmed,
// rejected, withdrawn or expired. What was put forward is carried out with the confirmation, in one commit, and not before. Each
// event names act and target, so that it can be read alone.
import * as z from 'zod';
import {
  defineEvent,
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { titled } from './field.ts';

const about = {
  /** the act in words */
  name: titled(z.string().min(1).max(60), '事项'),
  /** `hazard/h_1` */
  target: titled(z.string().min(1).max(200), '对象'),
  /** who put it forward */
  proposedBy: titled(personSchema, '提请人'),
};
const example = { name: '更正隐患记录', target: 'hazard/h_1', proposedBy: 'p-dept-1' };

/** An event as it would be recorded; whoever confirms sees it. */
const draftSchema = z.strictObject({
  /** `hazard/h_1` */
  stream: z.string().min(1).max(200),
  type: z.string().min(1).max(64),
  data: z.record(z.string(), z.json()),
});

export const ProposalMade = defineEvent({
  type: 'ProposalMade',
  category: 'proposal',
  zh: '提请确认',
  data: z.strictObject({
    ...about,
    /** operation id of the command, with what its path and body said */
    act: titled(z.string().min(1).max(64), '操作', { left: 'out' }),
    params: titled(z.record(z.string(), idSchema), '路径', { left: 'out' }),
    body: titled(z.record(z.string(), z.json()), '内容', { left: 'out' }),
    /** what it would record */
    would: titled(z.array(draftSchema).min(1).max(100), '确认后的记录', { left: 'out' }),
    reason: titled(textSchema, '理由').optional(),
    /** not confirmed by then, it expires */
    until: titled(instantSchema, '确认期限', { as: 'due' }),
  }),
  example: {
    ...example,
    act: 'correctHazard',
    params: { id: 'h_1' },
    body: { target: 'hazard/h_1/1', changes: [{ field: 'place', to: '前厅' }], reason: '部位录入有误' },
    would: [
      {
        stream: 'hazard/h_1',
        type: 'HazardCorrected',
        data: { changes: [{ field: 'place', from: '后厨', to: '前厅' }] },
      },
    ],
    until: '2025-05-24T02:00:00.000Z',
  },
});

export const ProposalConfirmed = defineEvent({
  type: 'ProposalConfirmed',
  category: 'proposal',
  zh: '确认提请事项',
  data: z.strictObject(about),
  example,
});

export const ProposalRejected = defineEvent({
  type: 'ProposalRejected',
  category: 'proposal',
  zh: '不同意提请事项',
  data: z.strictObject({ ...about, reason: titled(textSchema, '不同意的理由') }),
  example: { ...example, reason: '与现场照片不符' },
});

export const ProposalWithdrawn = defineEvent({
  type: 'ProposalWithdrawn',
  category: 'proposal',
  zh: '撤回提请事项',
  data: z.strictObject({ ...about, reason: titled(textSchema, '撤回的理由').optional() }),
  example,
});

export const ProposalExpired = defineEvent({
  type: 'ProposalExpired',
  category: 'proposal',
  zh: '提请事项过期',
  data: z.strictObject({ ...about, until: titled(instantSchema, '确认期限', { as: 'due' }) }),
  example: { ...example, until: '2025-05-24T02:00:00.000Z' },
});

export const proposalEvents = [
  ProposalMade,
  ProposalConfirmed,
  ProposalRejected,
  ProposalWithdrawn,
  ProposalExpired,
] as const;
export type ProposalEvent = EventOf<(typeof proposalEvents)[number]>;
export type ProposalDraft = DraftOf<(typeof proposalEvents)[number]>;

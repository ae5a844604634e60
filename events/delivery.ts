// Stream category `delivery` (送达): what became of a message that carried reminders or notices: taken by the channel, or given up.
// One stream a message; its id is made from channel and what it carries, so that whoever comes to it again records nothing twice.
// A message names organisations and posts, never a person, and no event holds an address or a key.
import * as z from 'zod';
import { defineEvent, idSchema, instantSchema, type DraftOf, type EventOf } from './envelope.ts';

/** 企业微信群机器人, 钉钉群机器人, 通用 webhook, 电子邮件. */
export const CHANNELS = ['wecom', 'dingtalk', 'webhook', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Most events that one message may carry. */
export const MAX_CARRIED = 200;

const message = {
  channel: z.enum(CHANNELS),
  /** whose channel */
  organisation: idSchema,
  /** which one, when the organisation has several of a kind */
  name: idSchema.optional(),
  /** ids of the events that it carries: ReminderIssued, EscalationSubmitted … */
  carries: z.array(z.string().min(1).max(200)).min(1).max(MAX_CARRIED),
  /** 1; one more each time that somebody has a message that failed sent again */
  round: z.number().int().min(1),
  /** attempts of this round */
  attempts: z.number().int().min(0),
};
const example = { channel: 'wecom' as const, organisation: 'guijianban', carries: ['hazard/h_1/6'], round: 1 };

export const MessageDelivered = defineEvent({
  type: 'MessageDelivered',
  category: 'delivery',
  zh: '消息送达',
  data: z.strictObject({
    ...message,
    /** when the attempt began that the channel took */
    sentAt: instantSchema,
    /** what the channel answered, e.g. its code or message id */
    answer: z.string().max(500).optional(),
  }),
  example: { ...example, attempts: 1, sentAt: '2025-05-15T00:30:00.000Z' },
});

/**
 * Why a message was given up: the channel refused it for good (退信), it kept failing until the bound (多次失败), it was too old when it could
 * have been sent (过期), its channel is not configured any more (渠道已撤).
 */
export const GIVEN_UP = ['refused', 'exhausted', 'expired', 'no-channel'] as const;
export type GivenUp = (typeof GIVEN_UP)[number];

export const MessageFailed = defineEvent({
  type: 'MessageFailed',
  category: 'delivery',
  zh: '消息未送达',
  data: z.strictObject({ ...message, why: z.enum(GIVEN_UP), error: z.string().min(1).max(500) }),
  example: { ...example, attempts: 20, why: 'exhausted', error: 'HTTP 500' },
});

export const deliveryEvents = [MessageDelivered, MessageFailed] as const;
export type DeliveryEvent = EventOf<(typeof deliveryEvents)[number]>;
export type DeliveryDraft = DraftOf<(typeof deliveryEvents)[number]>;

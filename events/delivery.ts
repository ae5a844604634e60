// Stream category `delivery` (送达): what became of a message that carried reminders or notices: sent and taken by the channel, or given up.
// One stream a message; its id is made from what it carries, so that a repeated wake-up is the same message.
import * as z from 'zod';
import { defineEvent, idSchema, instantSchema, type DraftOf, type EventOf } from './envelope.ts';

/** 企业微信群机器人, 钉钉群机器人, 通用 webhook, 电子邮件. */
export const CHANNELS = ['wecom', 'dingtalk', 'webhook', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

const message = {
  channel: z.enum(CHANNELS),
  /** whose channel */
  organisation: idSchema,
  /** ids of the events that it carries: ReminderIssued, EscalationSubmitted … */
  carries: z.array(z.string().min(1).max(200)).min(1).max(200),
  attempts: z.number().int().min(1),
};
const example = { channel: 'wecom' as const, organisation: 'guijianban', carries: ['hazard/h_1/6'] };

export const MessageDelivered = defineEvent({
  type: 'MessageDelivered',
  category: 'delivery',
  zh: '消息送达',
  data: z.strictObject({
    ...message,
    sentAt: instantSchema,
    /** what the channel answered, e.g. its code or message id */
    answer: z.string().max(500).optional(),
  }),
  example: { ...example, attempts: 1, sentAt: '2025-05-15T00:30:00.000Z' },
});

export const MessageFailed = defineEvent({
  type: 'MessageFailed',
  category: 'delivery',
  zh: '消息未送达',
  data: z.strictObject({ ...message, error: z.string().min(1).max(500) }),
  example: { ...example, attempts: 5, error: 'HTTP 500' },
});

export const deliveryEvents = [MessageDelivered, MessageFailed] as const;
export type DeliveryEvent = EventOf<(typeof deliveryEvents)[number]>;
export type DeliveryDraft = DraftOf<(typeof deliveryEvents)[number]>;

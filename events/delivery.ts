// Stream category `delivery` (送达): what became of a message that carried reminders or notices: taken by the channel, or given up.
// One stream a message; its id is made from channel and what it carries, so that whoever comes to it again records nothing twice.
// A message names organisations and posts, never a person, and no event holds an address or a key.
import * as z from 'zod';
import { defineEvent, idSchema, instantSchema, type DraftOf, type EventOf } from './envelope.ts';
import { choicesOf, enumOf, titled } from './field.ts';

export const CHANNEL_NAMES = { wecom: '企业微信', dingtalk: '钉钉', webhook: '系统接口', email: '电子邮件' } as const;
export type Channel = keyof typeof CHANNEL_NAMES;
export const CHANNELS = Object.keys(CHANNEL_NAMES) as readonly Channel[];
export const channelSchema = titled(enumOf(choicesOf(CHANNEL_NAMES, String)), '渠道');

/** Most events that one message may carry. */
export const MAX_CARRIED = 200;

const message = {
  channel: channelSchema,
  /** whose channel */
  organisation: titled(idSchema, '组织', { as: 'organisation' }),
  /** which one, when the organisation has several of a kind */
  name: titled(idSchema, '渠道名称').optional(),
  /** ids of the events that it carries: ReminderIssued, EscalationSubmitted … */
  carries: titled(z.array(z.string().min(1).max(200)).min(1).max(MAX_CARRIED), '所载事件', {
    left: 'out of sentences',
  }),
  /** 1; one more each time that somebody has a message that failed sent again */
  round: titled(z.number().int().min(1), '发送', { unit: '第 # 次' }),
  /** attempts of this round */
  attempts: titled(z.number().int().min(0), '尝试', { unit: '# 次' }),
};
const example = { channel: 'wecom' as const, organisation: 'guijianban', carries: ['hazard/h_1/6'], round: 1 };

export const MessageDelivered = defineEvent({
  type: 'MessageDelivered',
  category: 'delivery',
  zh: '消息送达',
  data: z.strictObject({
    ...message,
    /** when the attempt began that the channel took */
    sentAt: titled(instantSchema, '送达时间'),
    /** what the channel answered, e.g. its code or message id */
    answer: titled(z.string().max(500), '渠道答复').optional(),
  }),
  example: { ...example, attempts: 1, sentAt: '2025-05-15T00:30:00.000Z' },
});

/**
 * Why a message was given up: the channel refused it for good, it kept failing until the bound, it was too old when it
 * could have been sent, its channel is not configured any more.
 */
export const GIVEN_UP_NAMES = {
  refused: '退信',
  exhausted: '多次失败',
  expired: '过期',
  'no-channel': '渠道已撤',
} as const;
export type GivenUp = keyof typeof GIVEN_UP_NAMES;
export const GIVEN_UP = Object.keys(GIVEN_UP_NAMES) as readonly GivenUp[];

export const MessageFailed = defineEvent({
  type: 'MessageFailed',
  category: 'delivery',
  zh: '消息未送达',
  data: z.strictObject({
    ...message,
    why: titled(enumOf(choicesOf(GIVEN_UP_NAMES, String)), '原因'),
    error: titled(z.string().min(1).max(500), '错误'),
  }),
  example: { ...example, attempts: 20, why: 'exhausted', error: 'HTTP 500' },
});

export const deliveryEvents = [MessageDelivered, MessageFailed] as const;
export type DeliveryEvent = EventOf<(typeof deliveryEvents)[number]>;
export type DeliveryDraft = DraftOf<(typeof deliveryEvents)[number]>;

// Generic webhook: the events themselves, as a CloudEvents batch, for an organisation's own system. Signed as Standard
// Webhooks has it, so that the receiver can check with a library of its language that the call is ours and not an old
// one; `webhook-id` is the same whenever a message is sent again: by it a receiver tells a repetition.
import { createHmac } from 'node:crypto';
import { cloudEvent } from '../publish/cloud-event.ts';
import type { WebhookChannel } from './channels.ts';
import { post } from './http.ts';
import type { Adapter, Message } from './message.ts';
import { harmless } from './outcome.ts';

const MAX_BYTES = 256 * 1024;

const bodyOf = ({ notices }: Message): string => JSON.stringify(notices.map(cloudEvent));

export const webhook: Adapter<WebhookChannel> = {
  perMinute: 120,
  most: 100,
  fits: (message) => Buffer.byteLength(bodyOf(message)) <= MAX_BYTES,
  send: ({ url, secret }, message, { now, timeoutMs }) => {
    const body = bodyOf(message);
    const at = Math.floor(now().getTime() / 1000);
    const secrets = [secret, url, ...new URL(url).searchParams.values()];
    const headers = {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'webhook-id': message.id,
      'webhook-timestamp': String(at),
      'webhook-signature': signature(secret, message.id, at, body),
    };
    return post({ url, headers, body, secrets, now, timeoutMs }, (text) => ({
      kind: 'taken',
      answer: harmless(text === '' ? 'HTTP 2xx' : `HTTP 2xx ${text}`, secrets),
    }));
  },
};

/** @param secret `whsec_` and base64; @param at seconds since 1970 */
export function signature(secret: string, id: string, at: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

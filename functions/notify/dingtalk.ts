// DingTalk group robot (钉钉群机器人), signed (加签): timestamp and HMAC-SHA256 in the query. Markdown of at most 20,000 bytes;
// at most 20 messages a minute, and who sends more is not listened to for ten. It answers 200 to nearly everything;
// `errcode` says what it did.
import { createHmac } from 'node:crypto';
import * as z from 'zod';
import type { DingtalkChannel } from './channels.ts';
import { parsedJson, post } from './http.ts';
import type { Adapter } from './message.ts';
import { harmless, refusedFor, type Outcome } from './outcome.ts';
import { markdownOf, titleOf } from './text.ts';

const MAX_BYTES = 20_000;
/** 130101, 410100: more than 20 a minute; 90030: over the calls that the organisation has. */
const TOO_OFTEN = new Set([130101, 410100, 90030]);
const BUSY = -1;
/** For so long it takes nothing more from a robot that was too fast. */
const SILENCE_MS = 10 * 60_000;

const answerSchema = z.looseObject({ errcode: z.number(), errmsg: z.string().default('') });
/** What its gateway says instead of the robot when there is too much traffic; `wait` in seconds. */
const deniedSchema = z.looseObject({ punish: z.literal('deny'), status: z.number(), wait: z.number().min(0) });

const bodyOf = (message: Parameters<typeof markdownOf>[0]): string =>
  JSON.stringify({ msgtype: 'markdown', markdown: { title: titleOf(message), text: markdownOf(message, '\n\n') } });

export const dingtalk: Adapter<DingtalkChannel> = {
  perMinute: 20,
  most: 100,
  fits: (message) => Buffer.byteLength(bodyOf(message)) <= MAX_BYTES,
  send: ({ url, secret }, message, { now, timeoutMs }) => {
    const signed = secret === undefined ? url : signedUrl(url, secret, now().getTime());
    const secrets = [signed, url, ...new URL(signed).searchParams.values(), ...(secret === undefined ? [] : [secret])];
    return post(
      {
        url: signed,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: bodyOf(message),
        secrets,
        now,
        timeoutMs,
      },
      (text) => outcomeOf(text, secrets),
    );
  },
};

/** @param at milliseconds since 1970; the robot refuses what is more than an hour off its own clock */
export function signedUrl(url: string, secret: string, at: number): string {
  const sign = createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64');
  const signed = new URL(url);
  signed.searchParams.set('timestamp', String(at));
  signed.searchParams.set('sign', sign);
  return signed.href;
}

function outcomeOf(text: string, secrets: readonly string[]): Outcome | undefined {
  const content = parsedJson(text);
  const denied = deniedSchema.safeParse(content);
  if (denied.success) {
    const { status, wait } = denied.data;
    return { kind: 'again', error: `denied by the gateway (${status})`, afterMs: wait * 1000, limited: true };
  }
  const answer = answerSchema.safeParse(content);
  if (!answer.success) return undefined;
  const { errcode, errmsg } = answer.data;
  const said = harmless(`errcode ${errcode} ${errmsg}`, secrets);
  if (errcode === 0) return { kind: 'taken', answer: said };
  if (TOO_OFTEN.has(errcode)) return { kind: 'again', error: said, afterMs: SILENCE_MS, limited: true };
  return errcode === BUSY ? { kind: 'again', error: said } : refusedFor(said);
}

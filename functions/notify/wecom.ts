// WeCom group robot (企业微信群机器人): markdown of at most 4,096 bytes, at most 20 messages a minute. It answers 200 to everything; `errcode` says
// what it did. Also speaks to a private WeCom (政务微信 and the like), whose address differs and whose answers do not.
import * as z from 'zod';
import type { WecomChannel } from './channels.ts';
import { parsedJson, post } from './http.ts';
import type { Adapter } from './message.ts';
import { harmless, type Outcome } from './outcome.ts';
import { markdownOf } from './text.ts';

const MAX_BYTES = 4096;
/** 45009: more than 20 a minute; 45033: too many at once. */
const TOO_OFTEN = new Set([45009, 45033]);
const BUSY = -1;
/** The robot counts by the minute. */
const MINUTE_MS = 60_000;

const answerSchema = z.looseObject({ errcode: z.number(), errmsg: z.string().default('') });

const content = (message: Parameters<typeof markdownOf>[0]): string => markdownOf(message, '\n');

export const wecom: Adapter<WecomChannel> = {
  perMinute: 20,
  most: 50,
  fits: (message) => Buffer.byteLength(content(message)) <= MAX_BYTES,
  send: ({ url }, message, { now, timeoutMs }) => {
    const secrets = [url, ...new URL(url).searchParams.values()];
    return post(
      {
        url,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ msgtype: 'markdown', markdown: { content: content(message) } }),
        secrets,
        now,
        timeoutMs,
      },
      (text) => outcomeOf(text, secrets),
    );
  },
};

function outcomeOf(text: string, secrets: readonly string[]): Outcome | undefined {
  const answer = answerSchema.safeParse(parsedJson(text));
  if (!answer.success) return undefined;
  const { errcode, errmsg } = answer.data;
  // What follows is a hint for WeCom's own query page, with our address in it.
  const said = harmless(`errcode ${errcode} ${errmsg.replace(/[,.]?\s*(hint:|from ip:).*$/s, '')}`, secrets);
  if (errcode === 0) return { kind: 'taken', answer: said };
  if (TOO_OFTEN.has(errcode)) return { kind: 'again', error: said, afterMs: MINUTE_MS, limited: true };
  return errcode === BUSY ? { kind: 'again', error: said } : { kind: 'refused', error: said };
}

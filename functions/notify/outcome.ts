// What became of one attempt, in three kinds: the channel took the message; it may take it later; it never will as it is. Texts in an
// outcome are stored in events for ever, so keys, addresses and e-mail addresses that a server repeats are taken out of them.
import { cutText } from '../../shared/text.ts';

export type Outcome =
  | { kind: 'taken'; answer: string }
  /** `afterMs`: the channel said how long to wait; `limited`: it was asked too often, which is no fault of the message */
  | { kind: 'again'; error: string; afterMs?: number; limited?: boolean }
  | { kind: 'refused'; error: string };

/** How robots and receivers of signed webhooks say that our time is wrong: nothing of the message is. */
const OTHER_TIME =
  /(invalid|expired|stale) timestamp|timestamp\w* (is |was )?(too|invalid|expired|not|out)|webhook-stale|签名过期|时间戳(无效|过期)/i;
const SET_CLOCK =
  '这台机器的时钟不对，校准（NTP）后自动重发; the clock of this machine is wrong: set it, then it is sent by itself';

/** A refusal that ends by itself once the clock is right is tried again, and says what to do. */
export function refusedFor(said: string): Outcome {
  if (!OTHER_TIME.test(said)) return { kind: 'refused', error: said };
  return { kind: 'again', error: harmless(`${SET_CLOCK} (${said})`) };
}

const LONGEST_TEXT = 300;
/** Bounded, so that a long text without blanks costs no more than its length (RFC 5321 section 4.5.3.1: 64 and 255 octets). */
const ADDRESS = /[^\s<>"',;:@]{1,64}@[^\s<>"',;:@]{1,255}/g;

/** A server's words as they may be kept: one line, at most 300 characters, nothing of what is secret, no e-mail address. */
export function harmless(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length > 3) clean = clean.replaceAll(secret, '***');
  // halves of characters, which JSON may hold, cannot be stored
  clean = clean.toWellFormed().replaceAll(ADDRESS, '***').replaceAll(/\s+/g, ' ').trim();
  return cutText(clean, LONGEST_TEXT);
}

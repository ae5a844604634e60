// What became of one attempt, in three kinds: the channel took the message; it may take it later; it never will as it is. Texts in an
// outcome are stored in events for ever, so keys, addresses and e-mail addresses that a server repeats are taken out of them.
import { cutText } from '../../shared/text.ts';

export type Outcome =
  | { kind: 'taken'; answer: string }
  /** `afterMs`: the channel said how long to wait; `limited`: it was asked too often, which is no fault of the message */
  | { kind: 'again'; error: string; afterMs?: number; limited?: boolean }
  | { kind: 'refused'; error: string };

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

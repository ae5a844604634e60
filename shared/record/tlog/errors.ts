// Two ways in which something of a transparency log can be wrong: its bytes are not of the format (`MalformedTlog`), or
// they are, and do not prove what they should (`TlogRejected`). Neither is ever a mere `false` that a caller may forget.
import { DaochaError } from '../../../events/errors.ts';

/** Not of the format: the field and what would be right are named. 400. */
export class MalformedTlog extends DaochaError {
  constructor(field: string, expected: string) {
    super('malformed-tlog', 400, `${field}: ${expected}`, { field, expected });
  }
}

export type Rejection =
  /** no signature by a key that was asked for */
  | 'unknown-key'
  /** a signature line of a known key that the key did not make */
  | 'bad-signature'
  /** two keys that cannot be told apart, or that count twice */
  | 'ambiguous-key'
  /** a checkpoint of another log */
  | 'wrong-origin'
  | 'too-few-witnesses'
  | 'not-included'
  | 'not-consistent'
  /** stored tiles that lack hashes or contradict each other */
  | 'bad-tile';

/** Of the format, but it does not hold. `reason` is for programs, the message for people. 422. */
export class TlogRejected extends DaochaError {
  readonly reason: Rejection;

  constructor(reason: Rejection, message: string, facts: Record<string, unknown> = {}) {
    super(`tlog-${reason}`, 422, message, { facts: { reason, ...facts } });
    this.reason = reason;
  }
}

// What can be wrong with a time stamp. The reason is for programs (exit codes, alarms), the message for people.
import { DaochaError } from '../../../events/errors.ts';

export type TimeStampReason =
  /** not a time stamp at all, or cut off */
  | 'malformed'
  /** the authority refused, and says why */
  | 'not-granted'
  /** it is over something else */
  | 'other-data'
  /** it answers another request */
  | 'other-request'
  /** its signature is not by the certificate that it names */
  | 'bad-signature'
  /** its certificate is not one for time-stamping */
  | 'wrong-purpose'
  /** its certificate was not issued by an authority that was asked for */
  | 'untrusted'
  /** made with an algorithm that is not known here, such as SM2 */
  | 'unsupported';

/** 422. */
export class TimeStampRejected extends DaochaError {
  readonly reason: TimeStampReason;

  constructor(reason: TimeStampReason, message: string, cause?: unknown) {
    super(`time-stamp-${reason}`, 422, message, { facts: { reason }, cause });
    this.reason = reason;
  }
}

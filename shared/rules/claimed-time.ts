// Bounds on a claimed time (`occurredAt`): a claim outside of them cannot be, or has to be explained before it is taken. A bound is a
// time at which something was on record already, the earlier of what its event claims and of what the server's clock said: so neither a
// fast clock nor a wrong claim of an earlier event makes a true one impossible.
import { LONGEST_PERIOD_YEARS } from '../../events/hazard.ts';
import { RuleViolated } from '../../events/errors.ts';
import { DAY_MS, monthsEarlier } from '../town-time.ts';

/** What somebody says of when it happened, and what they say of why that was so long ago. */
export interface Claim {
  occurredAt: string;
  now: string;
  /** in words, why it claims what seems implausible (`lateBasis`) */
  basis?: string | undefined;
}

export interface Bound {
  /** instant, not to be claimed before */
  at: string;
  /** what happened then */
  what: string;
  /** a claim before it is taken when the person says why; otherwise it cannot be */
  askable?: boolean;
}

/** When an event is known to have happened at the latest. */
export const latestOf = ({ occurredAt, recordedAt }: { occurredAt: string; recordedAt: string }): string =>
  occurredAt < recordedAt ? occurredAt : recordedAt;

/** @throws RuleViolated `occurred-too-early`, facts `bound`, `since`, `askable` */
export function notBefore(claim: Claim, bound: Bound | undefined, field = 'occurredAt'): void {
  if (bound === undefined || claim.occurredAt >= bound.at) return;
  const askable = bound.askable === true;
  if (askable && claim.basis !== undefined) return;
  throw new RuleViolated('occurred-too-early', `${field} ${claim.occurredAt} is before ${bound.at}: ${bound.what}`, {
    field,
    expected: `not earlier than ${bound.at}${askable ? ', or `lateBasis`: why it is claimed so early' : ''}`,
    facts: { bound: bound.at, since: bound.what, askable },
  });
}

/** How long after it was seen a finding may be recorded without a question: a phone may be offline for a day. */
export const LATE_AFTER_MS = DAY_MS;

/**
 * A finding that claims to have been seen before its hazard was verified, or signed off, and is recorded after it.
 * @throws RuleViolated `seen-before-sign-off`, unless it comes within a day or says why
 */
export function seenBefore(claim: Claim, hazard: string, signedOffAt: string): void {
  if (claim.basis !== undefined) return;
  if (Date.parse(claim.now) - Date.parse(claim.occurredAt) <= LATE_AFTER_MS) return;
  throw new RuleViolated(
    'seen-before-sign-off',
    `${hazard} was put right on record at ${signedOffAt}; this finding claims ${claim.occurredAt}, more than a day ago`,
    {
      field: 'occurredAt',
      expected: `the time at which it was seen; when it was seen so long ago indeed, \`lateBasis\`: why it is recorded now`,
      facts: { hazard, signedOffAt },
    },
  );
}

/**
 * A due date helps only while it lies ahead; one that lies years ahead has a wrong year.
 * @throws RuleViolated `due-past`, `due-too-late`
 */
export function requireAhead(due: string, now: string): void {
  if (due <= now) {
    throw new RuleViolated('due-past', `the due date ${due} has passed`, {
      field: 'due',
      expected: `later than ${now}`,
    });
  }
  const latest = monthsEarlier(now, -12 * LONGEST_PERIOD_YEARS);
  if (due > latest) {
    throw new RuleViolated('due-too-late', `the due date ${due} is more than ${LONGEST_PERIOD_YEARS} years away`, {
      field: 'due',
      expected: `${latest} at the latest`,
    });
  }
}

// How long a case has waited, in working days of the town's calendar (工作日): of these a district's queue is made, and an auditor asks for them.
import type { RuleSet } from '../../events/campaign.ts';
import { workingDays } from '../calendar/working-days.ts';
import { townDay } from '../town-time.ts';

export interface CaseAge {
  /** since the case came to whoever must act now; null when nobody must */
  waitingWorkingDays: number | null;
  /** since it was proposed, until it was verified */
  ageWorkingDays: number;
}

interface Times {
  status: string;
  proposedAt: string;
  waitingSince: string;
  verifiedAt: string | null;
}

/** @param ruleSet in force now: its calendar counts */
export function ageOf(times: Times, ruleSet: RuleSet | undefined, now: string): CaseAge {
  const days = workingDays(ruleSet?.calendar);
  const between = (from: string, to: string): number => days.between(townDay(from), townDay(to));
  return {
    waitingWorkingDays: times.status === 'verified' ? null : between(times.waitingSince, now),
    ageWorkingDays: between(times.proposedAt, times.verifiedAt ?? now),
  };
}

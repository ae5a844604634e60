// How long a case has waited, in working days of the town's calendar (工作日): of these a district's queue is made, and an
// auditor asks for them.
import * as z from 'zod';
import type { RuleSet } from '../../../events/campaign.ts';
import { workingDays } from '../calendar/working-days.ts';
import { townDay } from '../../town-time.ts';

export const caseAgeSchema = z.strictObject({
  waitingWorkingDays: z.int().nullable().describe('working days since then; null when nobody must act any more'),
  ageWorkingDays: z.int().describe('working days since it was proposed, until it was verified'),
});
export type CaseAge = z.infer<typeof caseAgeSchema>;

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

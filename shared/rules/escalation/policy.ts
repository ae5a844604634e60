// When a case goes beyond the town (plan 六（二）; domain.md): one pure function a rule, from the event that has happened,
// or for `overdue` from the clock, to the ground on which the case goes up. A rule that the rule set does not list does
// not fire. What the thresholds count is in the events themselves, so that the same event always has the same answer. A
// rule that fires at a number has one in every rule set that is published (rule-set.ts); one without never fires.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { RuleSet } from '../../../events/campaign.ts';
import type { EscalationRule, Ground } from '../../../events/escalation.ts';
import { isOpen, type HazardEvent, type Limit } from '../../../events/hazard.ts';
import type { Track } from '../../../events/envelope.ts';
import type { HazardState } from '../hazard/hazard.ts';
import { DAY_MS } from '../../town-time.ts';

/** What the town lacks when a rule fires, where the rule set does not say. */
const LACKS: Record<EscalationRule, Limit> = {
  'limit-stated': 'power',
  major: 'power',
  'order-refused': 'power',
  rejections: 'power',
  extensions: 'capacity',
  recurrences: 'power',
  overdue: 'power',
  danger: 'capacity',
};

type Rule = NonNullable<RuleSet['escalation']>[number];
type Fires = (event: HazardEvent, rule: Rule) => Partial<Ground> | undefined;

/** An officer states that the town lacks the power or the capacity. */
export const limitStated: Fires = (event) =>
  event.type === 'LimitStated' ? { limit: event.data.limit, reason: event.data.reason } : undefined;

/** It becomes a major hazard, or a major one opens again. */
export const major: Fires = (event) => {
  const { before, after, grade } = event.data;
  if (grade !== 'major' || !isOpen(after)) return undefined;
  if (event.type === 'HazardGraded') return event.data.from === 'major' ? undefined : { reason: event.data.basis };
  return before === null || !isOpen(before) ? { reason: '重大隐患再次出现' } : undefined;
};

/** The unit refuses the order. */
export const orderRefused: Fires = (event) =>
  event.type === 'OrderRefused' ? { reason: event.data.reason } : undefined;

/** The second time in a cycle that a rectification does not pass. */
export const rejections: Fires = (event, { threshold = Number.POSITIVE_INFINITY }) =>
  event.type === 'VerificationRejected' && event.data.rejections >= threshold
    ? { reason: `第${event.data.rejections}次复查不通过：${event.data.reason}` }
    : undefined;

/** The second extension in a cycle. */
export const extensions: Fires = (event, { threshold = Number.POSITIVE_INFINITY }) =>
  event.type === 'ExtensionApproved' && event.data.extensions >= threshold
    ? { reason: `第${event.data.extensions}次延期：${event.data.reason}` }
    : undefined;

/** The second time that it comes back after a sign-off. */
export const recurrences: Fires = (event, { threshold = Number.POSITIVE_INFINITY }) =>
  event.type === 'RecurrenceFound' && event.data.recurrence >= threshold
    ? { reason: `第${event.data.recurrence}次回潮` }
    : undefined;

/** Imminent danger: at once. */
export const danger: Fires = (event) =>
  event.type === 'DangerDeclared' ? { reason: event.data.reason, urgent: true } : undefined;

const ON_EVENT: Partial<Record<EscalationRule, Fires>> = {
  danger,
  'limit-stated': limitStated,
  major,
  'order-refused': orderRefused,
  rejections,
  extensions,
  recurrences,
};

/** An imported row counts as news for so long: a register that is imported daily is at work, one of last year is history. */
const NEWS_MS = 7 * DAY_MS;

/** The grounds that an event gives by a rule set, in the order of the rule set; none for what was inferred from an old register. */
export function groundsOf(event: DaochaEvent, ruleSet: RuleSet | undefined): Ground[] {
  if (!ruleSet || !event.stream.includes('#hazard#')) return [];
  if (event.derived && Date.parse(event.recordedAt) - Date.parse(event.occurredAt) > NEWS_MS) return [];
  return (ruleSet.escalation ?? []).flatMap((rule) => {
    const fired = ON_EVENT[rule.rule]?.(event as HazardEvent, rule);
    return fired ? [groundOf(ruleSet, rule, fired)] : [];
  });
}

/**
 * Overdue: some working days have passed since the last rung of the ladder and nothing has come. For the clock.
 * @param workingDaysPast working days from the due date to today; negative before it
 * @param ruleSet in force today
 */
export function overdue(
  state: Pick<HazardState, 'status' | 'due'>,
  workingDaysPast: number,
  ruleSet: RuleSet | undefined,
): Ground | undefined {
  const rule = ruleSet?.escalation?.find((candidate) => candidate.rule === 'overdue');
  if (!ruleSet || !rule || state.due === null || !(state.status === 'ordered' || state.status === 'rejected'))
    return undefined;
  const after = overdueAfter(ruleSet);
  if (after === undefined || workingDaysPast < after) return undefined;
  return groundOf(ruleSet, rule, { reason: `逾期${workingDaysPast}个工作日，多次提醒后仍未完成整改` });
}

/** Working days from a due date until the rule `overdue` fires: those after the last rung of the ladder. Undefined: it never does. */
export function overdueAfter({ escalation, ladder = [] }: Pick<RuleSet, 'escalation' | 'ladder'>): number | undefined {
  const rule = escalation?.find((candidate) => candidate.rule === 'overdue');
  if (rule?.threshold === undefined) return undefined;
  return Math.max(0, ...ladder.map(({ workingDays }) => workingDays)) + rule.threshold;
}

function groundOf(ruleSet: RuleSet, rule: Rule, fired: Partial<Ground>): Ground {
  return {
    rule: rule.rule,
    limit: fired.limit ?? rule.limit ?? LACKS[rule.rule],
    reason: fired.reason ?? '',
    urgent: fired.urgent ?? false,
    ruleSet: ruleSet.version,
  };
}

/** The district unit (区级指导单位) that a case goes to: that of the first route which fits its track and limit. */
export function routeOf(ruleSet: Pick<RuleSet, 'routing'> | undefined, track: Track, limit: Limit): string | undefined {
  return ruleSet?.routing?.find(
    (route) =>
      (route.track === undefined || route.track === track) && (route.limit === undefined || route.limit === limit),
  )?.to;
}

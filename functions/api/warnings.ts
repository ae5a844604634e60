// What an answer says besides: a command was carried out, and whoever gave it should know something about it.
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { RuleSet } from '../../events/campaign.ts';
import { provisionalYears } from '../../shared/rules/reminder/ladder.ts';
import { dueSetBy } from '../../shared/rules/waiting/waiting.ts';
import { isHazardEvent } from '../../shared/reading/hazard/cell.ts';

export interface Warning {
  type: 'calendar-provisional';
  /** for people, in Chinese */
  detail: string;
  field: string;
  /** years without a statutory notice */
  years: number[];
}

/** @param years one, or several: `2027、2028` */
export const provisionalWords = (years: number | readonly number[]): string =>
  `${[years].flat().join('、')} 年放假安排尚未公布，提醒按周一至周五推算`;

/** The due date that an event sets or asks for, if it does. */
function dueOf(event: DaochaEvent): string | undefined {
  if (event.type === 'ExtensionRequested') return event.data.requested;
  if (event.type === 'ReportReturned') return event.data.due;
  return isHazardEvent(event) ? dueSetBy(event) : undefined;
}

/** @param ruleSet in force now: its calendar counts, and its ladder says which days */
export function warningsOf(events: readonly DaochaEvent[], ruleSet: RuleSet | undefined): Warning[] {
  const due = events.map(dueOf).find((one) => one !== undefined);
  const years = ruleSet && due !== undefined ? provisionalYears(ruleSet, due) : [];
  if (years.length === 0) return [];
  return [{ type: 'calendar-provisional', detail: provisionalWords(years), field: 'due', years }];
}

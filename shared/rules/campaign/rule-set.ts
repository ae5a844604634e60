// Whether a rule set (规则) fits together and fits the campaign, before it is published: what it says later decides for people, so every
// mistake is named with its field and what would be right.
import type { CampaignDefinition, Rung, RuleSet } from '../../../events/campaign.ts';
import { LIMITS } from '../../../events/hazard.ts';
import { ANNOUNCED_YEARS } from '../calendar/statutory.ts';
import { checkYears, yearOf, yearsFrom } from '../calendar/working-days.ts';
import { InvalidInput } from '../../../events/errors.ts';

/** Rules that fire at a number: rejections, extensions, recurrences; for `overdue`, working days after the last rung. */
const WITH_THRESHOLD: readonly string[] = ['rejections', 'extensions', 'recurrences', 'overdue'];

/** @throws InvalidInput naming the field */
export function checkRuleSet(definition: CampaignDefinition, ruleSet: RuleSet): void {
  checkCalendar(definition, ruleSet);
  checkLadder('ladder', ruleSet.ladder);
  checkLadder('reportLadder', ruleSet.reportLadder);
  checkLadder('dutyLadder', ruleSet.dutyLadder);
  checkPeriods(definition, ruleSet);
  checkReports(definition, ruleSet);
  checkEscalation(ruleSet);
  checkRouting(definition, ruleSet);
}

function wrong(field: string, message: string, expected: string): InvalidInput {
  return new InvalidInput(`${field}: ${message}`, { field, expected });
}

/**
 * What counts working days needs a calendar for every year of the campaign from the day on which the rules hold, as far as years have been
 * announced: those to come are reckoned by the week until the next rule set names them.
 */
function checkCalendar(definition: CampaignDefinition, ruleSet: RuleSet): void {
  checkYears(ruleSet.calendar);
  const overdue = ruleSet.escalation?.some(({ rule }) => rule === 'overdue');
  const shifts = ruleSet.reportShift !== undefined && ruleSet.reportShift !== 'none';
  const counts = ruleSet.ladder ?? ruleSet.reportLadder ?? ruleSet.dutyLadder ?? ruleSet.periods;
  if (counts === undefined && !overdue && !shifts) return;
  const [first, last] = [yearOf(ruleSet.effectiveFrom), yearOf(definition.to)];
  const needed = yearsFrom(first, Math.max(first, last)).filter((year) => ANNOUNCED_YEARS.includes(year));
  const missing = needed.filter((year) => !ruleSet.calendar?.years.includes(year));
  if (missing.length === 0) return;
  throw wrong(
    'calendar.years',
    `working days are counted, and ${missing.join(', ')} is missing`,
    `${needed.join(', ')}: every announced year from ${ruleSet.effectiveFrom} to the end of the campaign on ${definition.to}`,
  );
}

function checkLadder(field: 'ladder' | 'reportLadder' | 'dutyLadder', ladder: readonly Rung[] | undefined): void {
  const seen = new Set<string>();
  for (const [at, rung] of (ladder ?? []).entries()) {
    if (seen.has(rung.rung)) {
      throw wrong(`${field}[${at}].rung`, `the rung ${rung.rung} is there twice`, 'each rung once');
    }
    seen.add(rung.rung);
    const before = ladder![at - 1];
    if (before && rung.workingDays <= before.workingDays) {
      throw wrong(
        `${field}[${at}].workingDays`,
        `the rung ${rung.rung} (${rung.workingDays}) comes after ${before.rung} (${before.workingDays}), which it ${rung.workingDays === before.workingDays ? 'equals' : 'precedes'}`,
        'rungs in order of their working days, each later than the one before',
      );
    }
  }
}

function checkPeriods(definition: CampaignDefinition, { periods, longestRectification }: RuleSet): void {
  const tracks = definition.tracks.map(({ track }) => track);
  const seen = new Set<string>();
  for (const [at, { track, grade, workingDays }] of (periods ?? []).entries()) {
    if (track !== '*' && !tracks.includes(track)) {
      throw wrong(`periods[${at}].track`, `the campaign has no track ${track}`, `* or one of ${tracks.join(', ')}`);
    }
    if (seen.has(`${track} ${grade}`)) {
      throw wrong(
        `periods[${at}]`,
        `the period for ${track}, ${grade}, is there twice`,
        'one period a track and grade',
      );
    }
    seen.add(`${track} ${grade}`);
    const longest = longestRectification[grade];
    if (longest !== undefined && workingDays > longest) {
      throw wrong(
        `periods[${at}].workingDays`,
        `${workingDays} working days are longer than the longest rectification of ${longest} calendar days`,
        `at most ${longest}`,
      );
    }
  }
}

function checkReports(
  definition: CampaignDefinition,
  { monthlyReport: { from, until }, yearEndReport }: RuleSet,
): void {
  if (until !== undefined && (from === undefined || until < from)) {
    throw wrong(
      'monthlyReport.until',
      `${until} is not after the first month`,
      `${from ?? 'a month in from, and one'} or later`,
    );
  }
  const months = [definition.from.slice(0, 7), definition.to.slice(0, 7)] as const;
  for (const [field, month] of [
    ['from', from],
    ['until', until],
  ] as const) {
    if (month !== undefined && (month < months[0] || month > months[1])) {
      throw wrong(
        `monthlyReport.${field}`,
        `${month} is outside of the campaign`,
        `a month from ${months.join(' to ')}`,
      );
    }
  }
  if (
    yearEndReport &&
    new Date(Date.UTC(2025, yearEndReport.month - 1, yearEndReport.day)).getUTCMonth() + 1 !== yearEndReport.month
  ) {
    throw wrong('yearEndReport.day', 'there is no such day', 'a day of the month');
  }
}

function checkEscalation({ escalation }: RuleSet): void {
  const seen = new Set<string>();
  for (const [at, { rule, threshold }] of (escalation ?? []).entries()) {
    const field = `escalation[${at}]`;
    if (seen.has(rule)) throw wrong(`${field}.rule`, `the rule ${rule} is there twice`, 'each rule once');
    seen.add(rule);
    if (WITH_THRESHOLD.includes(rule) && threshold === undefined) {
      throw wrong(
        `${field}.threshold`,
        `the rule ${rule} fires at a number, and none is given`,
        'a whole number from 1 to 60',
      );
    }
    if (!WITH_THRESHOLD.includes(rule) && threshold !== undefined) {
      throw wrong(
        `${field}.threshold`,
        `the rule ${rule} fires at once`,
        `a threshold only for ${WITH_THRESHOLD.join(', ')}`,
      );
    }
  }
}

/** Every route leads to a district unit, and every case that a rule can send up has a route. */
function checkRouting(definition: CampaignDefinition, { escalation, routing }: RuleSet): void {
  const units = definition.organisations.filter(({ kind }) => kind === 'district').map(({ id }) => id);
  const tracks = definition.tracks.map(({ track }) => track);
  for (const [at, { to, track }] of (routing ?? []).entries()) {
    if (!units.includes(to)) {
      throw wrong(
        `routing[${at}].to`,
        `${to} is not a district guiding unit (区级指导单位)`,
        `an organisation of kind district: ${units.join(', ') || 'register one first'}`,
      );
    }
    if (track !== undefined && !tracks.includes(track)) {
      throw wrong(`routing[${at}].track`, `the campaign has no track ${track}`, `one of ${tracks.join(', ')}`);
    }
  }
  if (!escalation || escalation.length === 0) return;
  for (const track of tracks) {
    for (const limit of LIMITS) {
      const fits = (routing ?? []).some(
        (route) => (route.track ?? track) === track && (route.limit ?? limit) === limit,
      );
      if (!fits) {
        throw wrong(
          'routing',
          `a case of track ${track} for want of ${limit} has no district unit to go to`,
          'a route for every track and limit; one without a track fits all that have none of their own',
        );
      }
    }
  }
}

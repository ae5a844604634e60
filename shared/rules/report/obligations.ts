// Which reports are owed (应报报表), by whom, to whom and until when: computed from the campaign and its rule set for a day. From the plan: the
// lead of each track reports its lists every month to the operations centre (五（一）（二）), every department sums up the year (五（三）), the
// task-force office issues a bulletin every quarter (六（一）). What the plan leaves open is policy of the rule set.
import type { CampaignDefinition, RuleSet } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';
import type { ReportKind } from '../../../events/report.ts';
import { type WorkingDays } from '../calendar/working-days.ts';
import { endOfTownDay, plusDays } from '../../town-time.ts';

export interface Obligation {
  /** made of what it is about: however often it is opened, it is one report */
  id: string;
  kind: ReportKind;
  /** 2025-05, 2025-Q2 or 2025 */
  period: string;
  track?: Track | undefined;
  organisation: string;
  to: string;
  /** the day that is named, before the policies on cutoff and days off */
  nominal: string;
  due: string;
}

interface Draft extends Omit<Obligation, 'due'> {
  cutoff: 'before' | 'by';
  /** first day of the month in which it is due: from then on it is on the list */
  opensOn: string;
}

/** Everything that has been owed up to a day, and is due on the day of the campaign's launch on this platform or later. */
export function obligationsUpTo(
  definition: CampaignDefinition,
  ruleSet: RuleSet,
  calendar: WorkingDays,
  today: string,
  launchedOn: string,
): Obligation[] {
  const drafts = [...monthly(definition, ruleSet), ...quarterly(definition, ruleSet), ...yearly(definition, ruleSet)];
  return drafts
    .filter(({ opensOn }) => opensOn <= today)
    .flatMap(({ cutoff, opensOn: _opensOn, ...owed }) => {
      const last = cutoff === 'before' ? plusDays(owed.nominal, -1) : owed.nominal;
      const day = shifted(last, ruleSet.reportShift ?? 'none', calendar);
      return day < launchedOn ? [] : [{ ...owed, due: endOfTownDay(day) }];
    });
}

function shifted(day: string, policy: NonNullable<RuleSet['reportShift']>, calendar: WorkingDays): string {
  if (policy === 'none' || calendar.isWorkday(day)) return day;
  return calendar.shift(day, policy === 'previous-working-day' ? -1 : 1);
}

function monthly(definition: CampaignDefinition, { monthlyReport }: RuleSet): Draft[] {
  const { day, cutoff, from, until } = monthlyReport;
  if (from === undefined) return [];
  return monthsBetween(from, until ?? definition.to.slice(0, 7)).flatMap((month) =>
    definition.tracks.map(({ track, lead }): Draft => ({
      id: `monthly_${month}_${track}`,
      kind: 'monthly',
      period: month,
      track,
      organisation: lead,
      to: addressee(definition, lead),
      nominal: `${month}-${twoDigits(day)}`,
      cutoff,
      opensOn: `${month}-01`,
    })),
  );
}

function quarterly(definition: CampaignDefinition, { quarterlyBulletin }: RuleSet): Draft[] {
  const office = firstOf(definition, 'office');
  if (!quarterlyBulletin || office === undefined) return [];
  return monthsBetween(definition.from.slice(0, 7), definition.to.slice(0, 7))
    .filter((month) => Number(month.slice(5)) % 3 === 0)
    .map((month): Draft => {
      const period = `${month.slice(0, 4)}-Q${Number(month.slice(5)) / 3}`;
      const after = nextMonth(month);
      return {
        id: `quarterly_${period}`,
        kind: 'quarterly',
        period,
        organisation: office,
        to: firstOf(definition, 'leading-group') ?? office,
        nominal: `${after}-${twoDigits(quarterlyBulletin.day)}`,
        cutoff: 'by',
        opensOn: `${after}-01`,
      };
    });
}

function yearly(definition: CampaignDefinition, { yearEndReport }: RuleSet): Draft[] {
  if (!yearEndReport) return [];
  const { month, day, cutoff } = yearEndReport;
  const [first, last] = [Number(definition.from.slice(0, 4)), Number(definition.to.slice(0, 4))];
  const years = Array.from({ length: last - first + 1 }, (_, n) => String(first + n));
  return years.flatMap((year) => {
    const nominal = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
    if (nominal < definition.from || nominal > definition.to) return [];
    return definition.organisations
      .filter(({ kind }) => kind === 'member' || kind === 'taskforce')
      .map(({ id }): Draft => ({
        id: `year-end_${year}_${id}`,
        kind: 'year-end',
        period: year,
        organisation: id,
        to: addressee(definition, id),
        nominal,
        cutoff,
        opensOn: `${nominal.slice(0, 7)}-01`,
      }));
  });
}

/** The operations centre receives reports; what it owes itself goes to the task-force office. */
function addressee(definition: CampaignDefinition, from: string): string {
  const { operations } = definition;
  if (operations !== undefined && operations !== from) return operations;
  return firstOf(definition, 'office') ?? from;
}

const firstOf = (definition: CampaignDefinition, kind: string): string | undefined =>
  definition.organisations.find((organisation) => organisation.kind === kind)?.id;
const twoDigits = (value: number): string => String(value).padStart(2, '0');

function nextMonth(month: string): string {
  const [year, nth] = month.split('-').map(Number) as [number, number];
  return nth === 12 ? `${year + 1}-01` : `${year}-${twoDigits(nth + 1)}`;
}

function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  for (let month = from; month <= to; month = nextMonth(month)) months.push(month);
  return months;
}

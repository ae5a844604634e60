// A rule set that does not fit together is refused before anybody is reminded by it, with the field that is wrong.
import { describe, expect, it } from 'vitest';
import { ruleSetSchema, type RuleSet } from '../../events/campaign.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { campaign, publishRuleSet } from '../../shared/rules/campaign/campaign.ts';
import { checkRuleSet } from '../../shared/rules/campaign/rule-set.ts';
import { eventOf } from '../support/builders.ts';
import { given, refusal } from '../support/given.ts';

const launched = [eventOf('campaign', 'campaign', 1, { type: 'CampaignLaunched', data: LIANTANG })];
const [first, second, ...others] = LIANTANG_RULES.ladder!;

/** What is changed in Liantang's rules, and the field that the refusal names. */
const WRONG: [what: string, change: Partial<RuleSet>, field: string][] = [
  ['a rung after another that it precedes', { ladder: [second!, first!, ...others] }, 'ladder[1].workingDays'],
  ['two rungs on one day', { ladder: [first!, { ...first!, rung: 'other' }] }, 'ladder[1].workingDays'],
  ['a rung twice', { ladder: [first!, { ...second!, rung: first!.rung }] }, 'ladder[1].rung'],
  [
    'a rung of the report ladder out of order',
    { reportLadder: LIANTANG_RULES.reportLadder!.toReversed() },
    'reportLadder[1].workingDays',
  ],
  ['a year of the campaign that is missing', { calendar: { years: [2026] } }, 'calendar.years'],
  ['no calendar at all', { calendar: undefined }, 'calendar.years'],
  ['a year that nobody has announced', { calendar: { years: [2025, 2033] } }, 'calendar.years'],
  [
    'a day off in a year that is not there',
    { calendar: { years: [2025], holidays: ['2026-06-01'] } },
    'calendar.holidays',
  ],
  ['a route to no district unit', { routing: [{ to: 'office' }] }, 'routing[0].to'],
  ['a route to nobody', { routing: [{ to: 'district-nobody' }] }, 'routing[0].to'],
  [
    'rules of escalation without a route for each track',
    { routing: [{ track: 'gas', to: 'district-fire' }] },
    'routing',
  ],
  ['rules of escalation without any route', { routing: undefined }, 'routing'],
  ['routes for one limit only', { routing: [{ limit: 'power', to: 'district-fire' }] }, 'routing'],
  [
    'a rule that fires at a number without the number',
    { escalation: [{ rule: 'rejections' }] },
    'escalation[0].threshold',
  ],
  [
    'a number for a rule that fires at once',
    { escalation: [{ rule: 'danger', threshold: 2 }] },
    'escalation[0].threshold',
  ],
  ['a rule of escalation twice', { escalation: [{ rule: 'danger' }, { rule: 'danger' }] }, 'escalation[1].rule'],
  [
    'a period twice',
    {
      periods: [
        { track: '*', grade: 'major', workingDays: 5 },
        { track: '*', grade: 'major', workingDays: 6 },
      ],
    },
    'periods[1]',
  ],
  ['a proposed period over the longest', { longestRectification: { major: 10 } }, 'periods[1].workingDays'],
  [
    'lists that end before they begin',
    { monthlyReport: { day: 24, cutoff: 'by', from: '2025-06', until: '2025-05' } },
    'monthlyReport.until',
  ],
  ['lists before the campaign', { monthlyReport: { day: 24, cutoff: 'by', from: '2025-01' } }, 'monthlyReport.from'],
  [
    'a last month without a first',
    { monthlyReport: { day: 24, cutoff: 'by', until: '2025-05' } },
    'monthlyReport.until',
  ],
];

describe('a rule set', () => {
  it('of Liantang fits its campaign, and is published', () => {
    given(campaign, launched)
      .when((state) => publishRuleSet(state, LIANTANG_RULES))
      .thenRecorded({ type: 'RuleSetPublished', data: { version: 1, ladder: LIANTANG_RULES.ladder! } });
  });

  it.each(WRONG)('with %s is refused', (_, change, field) => {
    given(campaign, launched)
      .when((state) => publishRuleSet(state, { ...LIANTANG_RULES, ...change }))
      .thenRefused('invalid-input', field);
  });

  it('with a track that the campaign does not have is refused, in periods and in routes', () => {
    const small = { ...LIANTANG, tracks: LIANTANG.tracks.filter(({ track }) => track !== 'gas') };
    const periods = [{ track: 'gas' as const, grade: 'general' as const, workingDays: 5 }];
    expect(
      refusal(() => checkRuleSet(small, { ...LIANTANG_RULES, routing: [{ to: 'district-fire' }], periods })),
    ).toMatchObject({
      field: 'periods[0].track',
    });
    expect(refusal(() => checkRuleSet(small, LIANTANG_RULES))).toMatchObject({ field: 'routing[5].track' });
  });

  it('with a track that does not exist is no rule set', () => {
    const { error } = ruleSetSchema.safeParse({
      ...LIANTANG_RULES,
      periods: [{ track: 'boats', grade: 'general', workingDays: 5 }],
    });
    expect(error?.issues[0]?.path.slice(0, 2)).toEqual(['periods', 0]);
  });

  it('that counts no working days needs no calendar', () => {
    expect(() =>
      checkRuleSet(LIANTANG, {
        version: 1,
        effectiveFrom: '2025-04-25',
        monthlyReport: { day: 24, cutoff: 'by' },
        longestRectification: {},
      }),
    ).not.toThrow();
  });
});

// The commands on a report (报表), each declared once; what they decide is in report.ts. The clock opens what is owed, and reminds of it.
import * as z from 'zod';
import { textSchema } from '../../../events/envelope.ts';
import { ReportAccepted, ReportReturned, ReportSubmitted } from '../../../events/report.ts';
import { dueSchema } from '../asked.ts';
import { ruleSetAt } from '../campaign/campaign.ts';
import { actOn, runOn } from '../command.ts';
import * as rules from './report.ts';

const JUDGE = { action: 'report.judge', who: { operations: 'own', office: 'own', leader: 'own' } } as const;
const ON_ITS_PAGE = 'own: /reports/{id} has its forms beside the figures' as const;

export const submitReport = runOn('report', {
  records: [ReportSubmitted],
  summary: 'Submit a report: its figures are computed here, as of a log position',
  description:
    'The figures come from the views and name the log position that they are as of, so that what they rest on can be asked for again. Submitted again, it is the next edition.',
  path: 'submissions',
  action: 'report.submit',
  who: { department: 'own', operations: 'own', office: 'own' },
  takes: z.strictObject({ note: textSchema.optional() }),
  example: { note: '本月新增隐患均已派发' },
  form: ON_ITS_PAGE,
});

/** @throws RuleViolated `report-not-submitted`, `second-person-needed`, `due-missing`, `due-stays`, `due-past` */
export const returnReport = actOn(rules.report, {
  records: [ReportReturned],
  summary: 'Return a report, with the reason',
  path: 'returns',
  ...JUDGE,
  takes: z.strictObject({
    reason: textSchema,
    due: dueSchema
      .optional()
      .describe(
        'a new date, when it was handed in in time and is returned after its date, and only then; the refusal without one names what is proposed',
      ),
  }),
  example: { reason: '数据不全' },
  decide: (state, id, act, { actor, campaign, now }) =>
    rules.returnReport(state, id, act, actor.person, { now, ruleSet: ruleSetAt(campaign, now) }),
  form: ON_ITS_PAGE,
});

/** @throws RuleViolated `report-not-submitted`, `second-person-needed` */
export const acceptReport = actOn(rules.report, {
  records: [ReportAccepted],
  summary: 'Accept a report',
  path: 'acceptance',
  ...JUDGE,
  decide: (state, id, _act, { actor }) => rules.acceptReport(state, id, actor.person),
  form: ON_ITS_PAGE,
});

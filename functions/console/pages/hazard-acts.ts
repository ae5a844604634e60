// 隐患: what the forms of the declared commands on a hazard need of its page. What is offered is what the API says is
// allowed to this person now; what is sent goes through the API's own route, which decides again.
import { STATUS_NAMES } from '../../../events/hazard.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { yearOf, yearsFrom } from '../../../shared/rules/calendar/working-days.ts';
import { ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import type { Command } from '../../../shared/rules/command.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { provisionalWords } from '../../api/warnings.ts';
import { doneWords, formPages, offered, requireAllowed, type Added, type Kind } from '../act-form.ts';
import type { HazardAnswer } from '../answers.ts';
import { must, one, type Field } from '../form.ts';
import { html, type Content } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { hazardPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { facts, gradeTag, moment, statusTag } from '../components.ts';
import { plusDays, townDay, townMinute } from '../../../shared/town-time.ts';

const text = (name: string, label: string, hint?: string): Field => ({
  kind: 'text',
  name,
  label,
  most: 2000,
  ...(hint !== undefined && { hint }),
});

/** What the forms say and ask beyond the declarations. */
export const HAZARD_ADDS: Partial<Record<keyof typeof hazardCommands, Added<HazardAnswer>>> = {
  orderRectification: { hints: (hazard, visit) => ({ due: limitOf(visit, hazard) }) },
  submitRectification: {
    intro: ({ measures, due }) =>
      facts([
        ['要求的措施', measures],
        ['整改期限', due && townMinute(due)],
      ]),
  },
  verifyRectification: {
    intro: ({ measures, statement, submittedBy }) =>
      facts([
        ['要求的措施', measures],
        ['整改情况', statement],
        ['提交人', submittedBy],
      ]),
    fields: ({ rejectionDue, due }, visit) => [
      {
        kind: 'radio',
        name: 'result',
        label: '复查结果',
        options: [
          { value: 'passed', label: '通过' },
          {
            value: 'rejected',
            label: '不通过',
            hint: rejectionDue ? '退回整改，须另定期限' : '退回整改，期限不变',
          },
        ],
      },
      text('words', '依据或理由', '通过的写明复查方式，不通过的写明还有什么问题'),
      // submitted in time, its date has passed while it waited to be looked at
      ...(rejectionDue
        ? [
            {
              kind: 'date' as const,
              name: 'due',
              label: '新的整改期限',
              optional: true,
              conditional: true,
              hint: hintOf([
                `整改在期限 ${due ? townMinute(due) : ''} 以前已经提交，不算逾期；不通过的须另定期限`,
                `建议 ${rejectionDue.day}（提交时还剩 ${rejectionDue.workingDays} 个工作日）`,
                ...unannounced(visit),
              ]),
            },
          ]
        : []),
    ],
    body: (values) =>
      must(values, 'result') === 'passed'
        ? { result: 'passed', basis: must(values, 'words') }
        : { result: 'rejected', reason: must(values, 'words'), due: one(values, 'due') },
    says: (values) => (must(values, 'result') === 'passed' ? 'verifyRectification' : 'rejected'),
  },
  signOffHazard: {
    intro: ({ statement, verifiedBy, verifiedAt }) =>
      facts([
        ['整改情况', statement],
        ['复查', verifiedBy && html`${verifiedBy}，${moment(verifiedAt)}`],
      ]),
  },
  requestExtension: {
    intro: ({ due }) => facts([['现在的期限', due && townMinute(due)]]),
    hints: (_hazard, visit) => ({
      due: hintOf(['到当天结束为止', '批准以前仍按现在的期限办理', ...unannounced(visit)]),
    }),
  },
  approveExtension: {
    intro: ({ due, extension }) =>
      extension &&
      facts([
        ['现在的期限', due && townMinute(due)],
        ['申请延至', townMinute(extension.requested)],
        ['理由', extension.reason],
        ['申请人', extension.by],
      ]),
    fields: (_hazard, visit) => [
      {
        kind: 'radio',
        name: 'decision',
        label: '审批意见',
        options: [
          { value: 'approve', label: '同意' },
          { value: 'refuse', label: '不同意', hint: '现在的期限不变' },
        ],
      },
      {
        kind: 'date',
        name: 'due',
        label: '批准的期限',
        optional: true,
        hint: hintOf(['同意时可以另定日期，不填即为申请的日期', ...unannounced(visit)]),
      },
      text('reason', '审批理由'),
    ],
    leadsTo: (values) => (must(values, 'decision') === 'approve' ? 'approveExtension' : 'refuseExtension'),
    body: (values) => ({
      ...(must(values, 'decision') === 'approve' ? { due: one(values, 'due') } : {}),
      reason: must(values, 'reason'),
    }),
  },
  confirmClosure: {
    intro: ({ proposal }) =>
      proposal &&
      facts([
        ['申请', STATUS_NAMES[proposal.kind].is],
        ['保留的隐患', proposal.of && html`<a href="${to(hazardPath(proposal.of))}">${proposal.of}</a>`],
        ['理由', proposal.reason],
        ['申请人', proposal.by],
      ]),
  },
};

/** What the hazard's page says after an act. */
export const HAZARD_DONE: Record<string, string | undefined> = {
  ...doneWords(hazardCommands),
  rejected: '复查不通过，已退回整改。',
  refuseExtension: '已答复：不同意延期。',
};

const hintOf = (parts: readonly (string | false | null)[]): string => parts.filter(Boolean).join('；');

function limitOf(visit: Visit, { grade, proposedDue }: HazardAnswer): string {
  const rules = ruleSetAt(visit.campaign, visit.now.toISOString());
  const longest = grade === null ? undefined : rules?.longestRectification[grade];
  return hintOf([
    '到当天结束为止，须写明，不会自动填写',
    longest !== undefined && `最长 ${longest} 天`,
    proposedDue && `按规则建议 ${proposedDue.day}（${proposedDue.workingDays} 个工作日）`,
    ...unannounced(visit),
  ]);
}

/** Days that a form looks ahead: far enough for any date that is ordered now, not so far that it warns all year. */
const AHEAD = 120;

/** Said in a form that asks for a date, while a year without a statutory notice is near. */
function unannounced({ campaign, now }: Visit): string[] {
  const today = townDay(now.toISOString());
  const known = ruleSetAt(campaign, now.toISOString())?.calendar?.years ?? [];
  const near = yearsFrom(yearOf(today), yearOf(plusDays(today, AHEAD)));
  return near.filter((year) => !known.includes(year)).map(provisionalWords);
}

/** The forms that may be filled in now, by this person. */
export const offeredIn = (hazard: HazardAnswer): Command[] => offered(hazardCommands, hazard, asked);

/** The acts that a form leads to: the one for an extension asks for either decision. */
const asked = ({ acts }: Command): readonly string[] =>
  acts.includes('approveExtension') ? [...acts, 'refuseExtension'] : acts;

/** What a form is about, above its fields. */
export function aboutHazard(visit: Visit, hazard: HazardAnswer, more: Content = false) {
  return html`${facts([
    ['隐患', html`<a href="${to(hazardPath(hazard.id))}">${hazard.clause}</a>`],
    ['单位', html`<a href="${to(unitPath(hazard.unit))}">${hazard.unitName}</a>`],
    ['专项', trackName(hazard.track)],
    ['状态', html`${statusTag(hazard.status)} ${gradeTag(hazard.grade)}`],
    ['责任单位', organisationName(visit.campaign.definition, hazard.organisation)],
  ])}${more}`;
}

const HAZARDS: Kind<HazardAnswer> = {
  path: '/hazards/{id}',
  action: 'read.hazards',
  find: (visit) => visit.ask('getHazard', { id: visit.params['id'] }),
  require: (hazard, command) => requireAllowed(hazard, asked(command)),
  frame: (visit, hazard, name) => ({
    title: name,
    section: 'hazards',
    above: [
      ['隐患', to('/hazards')],
      [hazard.clause, to(hazardPath(hazard.id))],
    ],
    intro: aboutHazard(visit, hazard),
    back: to(hazardPath(hazard.id)),
  }),
};

export const hazardActPages: readonly Page[] = formPages(hazardCommands, HAZARDS, HAZARD_ADDS);

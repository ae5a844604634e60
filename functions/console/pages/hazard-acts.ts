// 隐患: a form for each thing that may be done with a hazard. What is offered is what the API says is allowed to this person now; what is
// sent goes through the API's own route, which decides again.
import { GRADE_NAMES } from '../../../events/inspection.ts';
import { yearOf, yearsFrom } from '../../../shared/calendar/working-days.ts';
import { ruleSetAt } from '../../../shared/domain/campaign.ts';
import type { HazardAct } from '../../../shared/domain/hazard.ts';
import { Forbidden, RuleViolated } from '../../../shared/errors.ts';
import type { RouteName } from '../../api/routes.ts';
import { provisionalWords } from '../../api/warnings.ts';
import type { HazardAnswer } from '../ask.ts';
import { must, one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { html, type Content } from '../../../shared/html.ts';
import { LIMIT_HINTS, LIMIT_NAMES, organisationName, trackName } from '../labels.ts';
import { address, hazardPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { facts, gradeTag, moment, statusTag } from '../parts.ts';
import { organisationChoices } from '../scope.ts';
import { plusDays, townDay, townMinute } from '../../../shared/town-time.ts';

interface ActForm {
  /** last part of its address */
  path: string;
  /** the acts of the domain that it carries out; it is offered when one of them may be done */
  acts: readonly HazardAct[];
  name: string;
  /** what it is called when it is not the next step */
  again?: string;
  route: RouteName | ((values: Values) => RouteName);
  /** what the hazard's page says afterwards */
  done: (values: Values) => string;
  intro?: (hazard: HazardAnswer) => Content;
  fields: (visit: Visit, hazard: HazardAnswer) => readonly Field[];
  button?: string;
  weighty?: boolean;
  body: (values: Values) => Record<string, unknown>;
}

const text = (name: string, label: string, more: { hint?: string; optional?: boolean; most?: number } = {}): Field => ({
  kind: 'text',
  name,
  label,
  most: 2000,
  ...more,
});
const someone = (visit: Visit, label: string): Field => ({
  kind: 'select',
  name: 'to',
  label,
  options: organisationChoices(visit),
});

/** In the order in which a hazard's page offers them. */
export const HAZARD_ACTS: readonly ActForm[] = [
  {
    path: 'grade',
    acts: ['grade'],
    name: '定级',
    again: '重新定级',
    route: 'gradeHazard',
    done: () => 'graded',
    fields: () => [
      {
        kind: 'radio',
        name: 'grade',
        label: '等级',
        options: [
          { value: 'general', label: GRADE_NAMES.general, hint: '危害和整改难度较小，发现后能立即整改排除' },
          {
            value: 'major',
            label: GRADE_NAMES.major,
            hint: '危害或整改难度较大，须停产停业或一定时间治理，或因外部因素难以排除',
          },
        ],
      },
      text('basis', '定级依据'),
    ],
    body: (values) => ({ grade: must(values, 'grade'), basis: must(values, 'basis') }),
  },
  {
    path: 'assign',
    acts: ['assign'],
    name: '派发',
    route: 'assignHazard',
    done: () => 'assigned',
    fields: (visit) => [someone(visit, '派发给'), text('note', '说明', { optional: true, most: 1000 })],
    body: (values) => ({ to: must(values, 'to'), note: one(values, 'note') }),
  },
  {
    path: 'order',
    acts: ['order'],
    name: '责令整改',
    again: '重新责令整改',
    route: 'orderRectification',
    done: () => 'ordered',
    fields: (visit, hazard) => [
      text('measures', '整改措施'),
      { kind: 'date', name: 'due', label: '整改期限', hint: limitOf(visit, hazard) },
      text('authority', '依据', { hint: '法律法规或文件的条款，例如《城镇燃气管理条例》' }),
    ],
    body: (values) => ({
      measures: must(values, 'measures'),
      due: must(values, 'due'),
      authority: must(values, 'authority'),
    }),
  },
  {
    path: 'submit',
    acts: ['submit'],
    name: '提交整改',
    route: 'submitRectification',
    done: () => 'submitted',
    intro: ({ measures, due }) =>
      facts([
        ['要求的措施', measures],
        ['整改期限', due && townMinute(due)],
      ]),
    fields: () => [text('statement', '整改情况', { hint: '已采取的措施和结果。复查由另一人进行。' })],
    body: (values) => ({ statement: must(values, 'statement') }),
  },
  {
    path: 'verify',
    acts: ['verify', 'reject'],
    name: '复查',
    route: 'verifyRectification',
    done: (values) => (must(values, 'result') === 'passed' ? 'verified' : 'rejected'),
    intro: ({ measures, statement, submittedBy }) =>
      facts([
        ['要求的措施', measures],
        ['整改情况', statement],
        ['提交人', submittedBy],
      ]),
    fields: (visit, { rejectionDue, due }) => [
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
      text('words', '依据或理由', { hint: '通过的写明复查方式，不通过的写明还有什么问题' }),
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
  },
  {
    path: 'sign-off',
    acts: ['signOff'],
    name: '销项',
    route: 'signOffHazard',
    done: () => 'signed-off',
    intro: ({ statement, verifiedBy, verifiedAt }) => html`
      <p>销项后这一隐患办结。这是单位最后一处未销项隐患时，单位同时列入销项名单。</p>
      ${facts([
        ['整改情况', statement],
        ['复查', verifiedBy && html`${verifiedBy}，${moment(verifiedAt)}`],
      ])}
    `,
    fields: () => [],
    button: '确认销项',
    body: () => ({}),
  },
  {
    path: 'extend',
    acts: ['requestExtension'],
    name: '申请延期',
    route: 'requestExtension',
    done: () => 'extension-asked',
    intro: ({ due }) => facts([['现在的期限', due && townMinute(due)]]),
    fields: (visit) => [
      {
        kind: 'date',
        name: 'due',
        label: '延至',
        hint: hintOf(['到当天结束为止', '批准以前仍按现在的期限办理', ...unannounced(visit)]),
      },
      text('reason', '延期理由'),
    ],
    body: (values) => ({ due: must(values, 'due'), reason: must(values, 'reason') }),
  },
  {
    path: 'extension',
    acts: ['approveExtension', 'refuseExtension'],
    name: '审批延期',
    route: (values) => (must(values, 'decision') === 'approve' ? 'approveExtension' : 'refuseExtension'),
    done: (values) => (must(values, 'decision') === 'approve' ? 'extended' : 'extension-refused'),
    intro: ({ due, extension }) =>
      extension &&
      facts([
        ['现在的期限', due && townMinute(due)],
        ['申请延至', townMinute(extension.requested)],
        ['理由', extension.reason],
        ['申请人', extension.by],
      ]),
    fields: (visit) => [
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
    body: (values) => ({
      ...(must(values, 'decision') === 'approve' ? { due: one(values, 'due') } : {}),
      reason: must(values, 'reason'),
    }),
  },
  {
    path: 'control',
    acts: ['control'],
    name: '临时管控',
    route: 'setInterimControl',
    done: () => 'controlled',
    fields: () => [
      text('measures', '临时管控措施', { hint: '整改完成前保证安全的措施，例如停止用气' }),
      { kind: 'date', name: 'until', label: '至', optional: true },
    ],
    body: (values) => ({ measures: must(values, 'measures'), until: one(values, 'until') }),
  },
  {
    path: 'return',
    acts: ['return'],
    name: '退回',
    route: 'returnHazard',
    done: () => 'returned',
    fields: () => [text('reason', '退回理由')],
    body: (values) => ({ reason: must(values, 'reason') }),
  },
  {
    path: 'reassign',
    acts: ['reassign'],
    name: '改派',
    route: 'reassignHazard',
    done: () => 'reassigned',
    fields: (visit) => [someone(visit, '改派给'), text('reason', '改派理由')],
    body: (values) => ({ to: must(values, 'to'), reason: must(values, 'reason') }),
  },
  {
    path: 'refusal',
    acts: ['refuse'],
    name: '记录拒不整改',
    route: 'refuseOrder',
    done: () => 'refused',
    intro: () => html`<p>单位拒不整改的，按规则上报区级。</p>`,
    fields: () => [text('reason', '情况说明', { hint: '谁在何时以何种方式拒绝' })],
    body: (values) => ({ reason: must(values, 'reason') }),
  },
  {
    path: 'limit',
    acts: ['stateLimit'],
    name: '超出镇级',
    route: 'stateLimit',
    done: () => 'limited',
    intro: () => html`<p>超出镇级权限或能力的，按规则上报区级指导单位。镇级仍继续办理。</p>`,
    fields: () => [
      {
        kind: 'radio',
        name: 'limit',
        label: '不足',
        options: [
          { value: 'power', label: LIMIT_NAMES.power, hint: LIMIT_HINTS.power },
          { value: 'capacity', label: LIMIT_NAMES.capacity, hint: LIMIT_HINTS.capacity },
        ],
      },
      text('reason', '理由'),
    ],
    body: (values) => ({ limit: must(values, 'limit'), reason: must(values, 'reason') }),
  },
  {
    path: 'danger',
    acts: ['declareDanger'],
    name: '重大险情',
    route: 'declareDanger',
    done: () => 'danger',
    intro: () => html`<p>认定重大险情的，立即上报区级。请同时按应急预案处置。</p>`,
    fields: () => [text('reason', '险情')],
    weighty: true,
    body: (values) => ({ reason: must(values, 'reason') }),
  },
  {
    path: 'close',
    acts: ['propose'],
    name: '申请撤并',
    route: 'proposeClosure',
    done: () => 'proposed',
    intro: () => html`<p>撤并须由另一人确认。确认前隐患仍按原状态办理。</p>`,
    fields: () => [
      {
        kind: 'radio',
        name: 'kind',
        label: '原因',
        options: [
          { value: 'duplicate', label: '重复', hint: '与同一单位的另一条是同一问题' },
          { value: 'invalid', label: '无效', hint: '误报，不构成隐患' },
        ],
      },
      {
        kind: 'line',
        name: 'of',
        label: '保留的隐患编号',
        most: 64,
        optional: true,
        hint: '重复的须填写，例如 h_1a2b3c',
      },
      text('reason', '理由'),
    ],
    body: (values) => ({
      kind: must(values, 'kind'),
      of: must(values, 'kind') === 'duplicate' ? one(values, 'of') : undefined,
      reason: must(values, 'reason'),
    }),
  },
  {
    path: 'confirm',
    acts: ['confirm'],
    name: '确认撤并',
    route: 'confirmClosure',
    done: () => 'closed',
    intro: ({ proposal }) =>
      proposal &&
      facts([
        ['申请', proposal.kind === 'duplicate' ? '重复' : '无效'],
        ['保留的隐患', proposal.of && html`<a href="${to(hazardPath(proposal.of))}">${proposal.of}</a>`],
        ['理由', proposal.reason],
        ['申请人', proposal.by],
      ]),
    fields: () => [],
    weighty: true,
    body: () => ({}),
  },
  {
    path: 'unlink',
    acts: ['unlink'],
    name: '撤销并入',
    route: 'unlinkDuplicate',
    done: () => 'unlinked',
    fields: () => [text('reason', '理由')],
    body: (values) => ({ reason: must(values, 'reason') }),
  },
];

/** What the hazard's page says after an act. */
export const DONE: Record<string, string | undefined> = {
  graded: '已定级。',
  assigned: '已派发。',
  ordered: '已责令整改。',
  submitted: '已提交整改，等待复查。',
  verified: '复查通过，等待销项。',
  rejected: '复查不通过，已退回整改。',
  'signed-off': '已销项。',
  'extension-asked': '已申请延期，等待审批。',
  extended: '已同意延期。',
  'extension-refused': '已答复：不同意延期。',
  controlled: '临时管控措施已记录。',
  returned: '已退回。',
  reassigned: '已改派。',
  refused: '已记录拒不整改。',
  limited: '已说明超出镇级权限或能力。',
  danger: '已认定重大险情。',
  proposed: '已申请撤并，等待另一人确认。',
  closed: '已撤并。',
  unlinked: '已撤销并入。',
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

/** Whether the form is offered: one of its acts may be done, by this person. */
export const isOffered = ({ acts }: ActForm, { allowed }: HazardAnswer): boolean =>
  allowed.some(({ act, may }) => may && acts.includes(act));

/** What a form is about, above its fields. */
export function aboutHazard(visit: Visit, hazard: HazardAnswer, more: Content) {
  return html`${facts([
    ['隐患', html`<a href="${to(hazardPath(hazard.id))}">${hazard.clause}</a>`],
    ['单位', html`<a href="${to(unitPath(hazard.unit))}">${hazard.unitName}</a>`],
    ['专项', trackName(hazard.track)],
    ['状态', html`${statusTag(hazard.status)} ${gradeTag(hazard.grade)}`],
    ['责任单位', organisationName(visit.campaign.definition, hazard.organisation)],
  ])}${more}`;
}

function actPage(act: ActForm): Page {
  const prepare = async (visit: Visit): Promise<{ hazard: HazardAnswer; form: FormPage }> => {
    const hazard = await visit.ask('getHazard', { id: visit.params['id'] });
    const back = to(hazardPath(hazard.id));
    const form: FormPage = {
      title: act.name,
      section: 'hazards',
      above: [
        ['隐患', to('/hazards')],
        [hazard.clause, back],
      ],
      intro: aboutHazard(visit, hazard, act.intro?.(hazard)),
      fields: act.fields(visit, hazard),
      button: act.button ?? act.name,
      ...(act.weighty ? { weighty: true } : {}),
      back,
    };
    return { hazard, form };
  };
  return {
    path: `/hazards/{id}/${act.path}`,
    action: 'read.hazards',
    get: async (visit) => {
      const { hazard, form } = await prepare(visit);
      if (!isOffered(act, hazard)) throw notOffered(act, hazard);
      return showForm(visit, form);
    },
    post: async (visit) => {
      const { hazard, form } = await prepare(visit);
      return takeForm(visit, form, async (values, key) => {
        const { atLeast } = await visit.act(
          typeof act.route === 'string' ? act.route : act.route(values),
          { id: hazard.id },
          act.body(values),
          key,
        );
        return { location: address(hazardPath(hazard.id), { done: act.done(values), atLeast }) };
      });
    },
  };
}

/** Why a form is not there: its time is over or has not come, or it is somebody else's. */
function notOffered({ acts, name }: ActForm, { allowed, status }: HazardAnswer): Error {
  const possible = allowed.some(({ act }) => acts.includes(act));
  return possible
    ? new Forbidden('forbidden', `${name} is not up to this person`)
    : new RuleViolated('wrong-transition', `a hazard that is ${status} does not allow: ${acts.join(', ')}`);
}

export const hazardActPages: readonly Page[] = HAZARD_ACTS.map(actPage);

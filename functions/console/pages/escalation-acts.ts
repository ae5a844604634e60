// 上报区级: a form for each thing that may be done with a case, and the one by which the task-force office brings a hazard up by hand. What is
// offered is what the API says is allowed to this person now; what is sent goes through the API's own route, which decides again.
import type { EscalationAct } from '../../../shared/domain/escalation.ts';
import { isOpen } from '../../../events/hazard.ts';
import { Forbidden, RuleViolated } from '../../../shared/errors.ts';
import { authorise } from '../../api/permissions.ts';
import type { RouteName } from '../../api/routes.ts';
import type { EscalationAnswer, HazardAnswer } from '../ask.ts';
import { must, one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { html, type Content } from '../../../shared/html.ts';
import { LIMIT_HINTS, LIMIT_NAMES, organisationName, trackName } from '../labels.ts';
import { address, escalationPath, hazardPath, to, type Page, type Visit } from '../page.ts';
import { facts } from '../parts.ts';
import { districtChoices } from '../scope.ts';
import { caseTag } from './escalations.ts';
import { aboutHazard } from './hazard-acts.ts';
import { startOfTownDay, townDay } from '../../../shared/town-time.ts';

interface CaseForm {
  /** last part of its address */
  path: string;
  act: EscalationAct;
  name: string;
  route: RouteName;
  done: string;
  intro?: Content;
  fields: (known: EscalationAnswer) => readonly Field[];
  weighty?: boolean;
  body: (values: Values, known: EscalationAnswer) => Record<string, unknown>;
}

/** Things that may be missing, at most, and characters of each. */
const MOST_MISSING = 20;
const MOST_EACH = 2000;

/** In the order in which the page of a case offers them. */
export const ESCALATION_ACTS: readonly CaseForm[] = [
  {
    path: 'accept',
    act: 'accept',
    name: '受理',
    route: 'acceptEscalation',
    done: 'accepted',
    fields: () => [
      {
        kind: 'line',
        name: 'reference',
        label: '区级受理编号',
        most: 200,
        optional: true,
        hint: '贵单位自己的编号，便于双方核对，例如 青安委办〔2025〕31号',
      },
    ],
    body: (values) => ({ reference: one(values, 'reference') }),
  },
  {
    path: 'return',
    act: 'return',
    name: '退回',
    route: 'returnEscalation',
    done: 'returned',
    intro: html`<p>退回后由镇级补充所缺材料，补齐后自动重新汇总、再次上报。</p>`,
    fields: () => [
      {
        kind: 'text',
        name: 'missing',
        label: '所缺材料',
        most: MOST_EACH,
        hint: `每行写一项，最多 ${MOST_MISSING} 项，例如 整改前后照片`,
      },
    ],
    body: (values) => ({ missing: lines(values) }),
  },
  {
    path: 'resolve',
    act: 'resolve',
    name: '处理决定',
    route: 'resolveEscalation',
    done: 'resolved',
    fields: () => [
      { kind: 'text', name: 'decision', label: '处理决定', most: 2000, hint: '例如 责令停产停业整顿三个月' },
      {
        kind: 'date',
        name: 'decidedAt',
        label: '决定日期',
        optional: true,
        hint: '不是今天作出的填写；到当天结束以前都算当天',
      },
    ],
    body: (values, known) => ({
      decision: must(values, 'decision'),
      decidedAt: onDay(one(values, 'decidedAt'), known),
    }),
  },
  {
    path: 'material',
    act: 'addMaterial',
    name: '补充材料',
    route: 'addMaterial',
    done: 'added',
    fields: ({ missing }) => [
      ...(missing.length > 0
        ? [
            {
              kind: 'checkboxes' as const,
              name: 'answers',
              label: '这次补充的',
              options: missing.map((what) => ({ value: what, label: what })),
              hint: '全部补齐后，平台自动重新汇总、再次上报',
            },
          ]
        : []),
      { kind: 'text', name: 'note', label: '说明', most: 2000, hint: '补充了什么，材料在哪里' },
    ],
    body: (values) => ({ answers: values['answers'], note: must(values, 'note') }),
  },
  {
    path: 'verify',
    act: 'verify',
    name: '镇级核实',
    route: 'verifyEscalation',
    done: 'verified',
    intro: html`<p>到现场核实区级决定已经落实后填写。核实后案件办结；隐患仍按自己的流程销项。</p>`,
    fields: () => [{ kind: 'text', name: 'note', label: '核实情况', most: 2000, hint: '例如 现场核实已停用' }],
    body: (values) => ({ note: must(values, 'note') }),
  },
];

/** What the page of a case says after an act. */
export const CASE_DONE: Record<string, string | undefined> = {
  proposed: '已提出上报，平台正在汇总材料。',
  accepted: '已受理。',
  returned: '已退回，等待镇级补充材料。',
  resolved: '处理决定已记录，等待镇级核实。',
  added: '补充材料已记录。',
  verified: '已核实，案件办结。',
};

/** The things named, one a line. @throws RuleViolated `too-many-missing` */
function lines(values: Values): string[] {
  const all = must(values, 'missing')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (all.length <= MOST_MISSING) return all;
  throw new RuleViolated('too-many-missing', `${all.length} things are missing`, {
    field: 'missing',
    expected: `at most ${MOST_MISSING}`,
  });
}

/** A day of the town as a moment: its beginning, or when the case came to the district on that day. */
const onDay = (day: string | undefined, { submittedAt }: EscalationAnswer): string | undefined =>
  day === undefined
    ? undefined
    : submittedAt !== null && townDay(submittedAt) === day
      ? submittedAt
      : startOfTownDay(day);

/** Whether a form is offered: its act may be done now, by this person. */
export const isOffered = ({ act }: Pick<CaseForm, 'act'>, { allowed }: Pick<EscalationAnswer, 'allowed'>): boolean =>
  allowed.some((next) => next.may && next.act === act);

function formPage(form: CaseForm): Page {
  const prepare = async (visit: Visit): Promise<{ known: EscalationAnswer; page: FormPage }> => {
    const known = await visit.ask('getEscalation', { id: visit.params['id'] });
    const { clause } = await visit.ask('getEscalatedHazard', { id: known.id });
    const { definition } = visit.campaign;
    const back = to(escalationPath(known.id));
    const page: FormPage = {
      title: form.name,
      section: 'escalations',
      above: [
        ['上报区级', to('/escalations')],
        [clause, back],
      ],
      intro: html`${facts([
        ['案件', html`<a href="${back}">${clause}</a>`],
        ['专项', trackName(known.track)],
        ['状态', caseTag(known)],
        ['区级单位', organisationName(definition, known.to)],
        ['区级决定', known.decision?.decision],
      ])}${form.intro}`,
      fields: form.fields(known),
      button: form.name,
      ...(form.weighty ? { weighty: true } : {}),
      back,
    };
    return { known, page };
  };
  return {
    path: `/escalations/{id}/${form.path}`,
    action: 'read.escalations',
    get: async (visit) => {
      const { known, page } = await prepare(visit);
      if (!isOffered(form, known)) throw notOffered(form, known);
      return showForm(visit, page);
    },
    post: async (visit) => {
      const { known, page } = await prepare(visit);
      return takeForm(visit, page, async (values, key) => {
        const { atLeast } = await visit.act(form.route, { id: known.id }, form.body(values, known), key);
        return { location: address(escalationPath(known.id), { done: form.done, atLeast }) };
      });
    },
  };
}

/** Why a form is not there: its time is over or has not come, or it is somebody else's. */
function notOffered({ act, name }: CaseForm, { allowed, status }: EscalationAnswer): Error {
  return allowed.some((next) => next.act === act)
    ? new Forbidden('forbidden', `${name} is not up to this person`)
    : new RuleViolated('wrong-transition', `an escalation that is ${status} does not allow: ${act}`);
}

/** Whether somebody may bring this hazard up by hand. */
export const mayPropose = (visit: Visit, { id, track, organisation, status }: HazardAnswer): boolean =>
  isOpen(status) &&
  visit.may('escalation.propose', {
    campaign: visit.campaign.definition ?? undefined,
    hazard: { id, track, organisation },
  });

const proposePage: Page = {
  path: '/hazards/{id}/escalate',
  action: 'escalation.propose',
  get: async (visit) => {
    const hazard = await visit.ask('getHazard', { id: visit.params['id'] });
    if (!isOpen(hazard.status)) throw new RuleViolated('hazard-closed', `hazard ${hazard.id} is ${hazard.status}`);
    authorise(visit.principal, 'escalation.propose', { hazard });
    return showForm(visit, proposal(visit, hazard));
  },
  post: async (visit) => {
    const hazard = await visit.ask('getHazard', { id: visit.params['id'] });
    return takeForm(visit, proposal(visit, hazard), async (values, key) => {
      const { id } = await visit.act(
        'proposeEscalation',
        { id: hazard.id },
        {
          limit: must(values, 'limit'),
          reason: must(values, 'reason'),
          urgent: (values['urgent'] ?? []).includes('true'),
          to: one(values, 'to'),
        },
        key,
      );
      return { location: address(escalationPath(id), { done: 'proposed' }) };
    });
  },
};

function proposal(visit: Visit, hazard: HazardAnswer): FormPage {
  return {
    title: '上报区级',
    section: 'hazards',
    above: [
      ['隐患', to('/hazards')],
      [hazard.clause, to(hazardPath(hazard.id))],
    ],
    intro: aboutHazard(
      visit,
      hazard,
      html`<p>按规则应上报的由平台自动上报；这里供专班办公室研判后手工提出。材料由平台自动汇总。镇级仍继续办理。</p>`,
    ),
    fields: [
      {
        kind: 'radio',
        name: 'limit',
        label: '不足',
        options: (['power', 'capacity'] as const).map((limit) => ({
          value: limit,
          label: LIMIT_NAMES[limit],
          hint: LIMIT_HINTS[limit],
        })),
      },
      { kind: 'text', name: 'reason', label: '理由', most: 2000 },
      {
        kind: 'select',
        name: 'to',
        label: '区级单位',
        optional: true,
        options: districtChoices(visit),
        hint: '不选即按规则集确定',
      },
      {
        kind: 'checkboxes',
        name: 'urgent',
        label: '紧急',
        optional: true,
        options: [{ value: 'true', label: '紧急，排在区级队列最前' }],
      },
    ],
    button: '提出上报',
    back: to(hazardPath(hazard.id)),
  };
}

export const escalationFormPages: readonly Page[] = [...ESCALATION_ACTS.map(formPage), proposePage];

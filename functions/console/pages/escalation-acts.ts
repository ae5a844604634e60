// 上报区级: a form for each thing that may be done with a case, and the one by which the task-force office brings a hazard up by hand. What is
// offered is what the API says is allowed to this person now; what is sent goes through the API's own route, which decides again.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import * as escalationCommands from '../../../shared/rules/escalation/commands.ts';
import { isOpen } from '../../../events/hazard.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { authorise } from '../../api/permissions.ts';
import type { EscalationAnswer, HazardAnswer } from '../answers.ts';
import { must, one, showForm, takeForm, type FormPage, type Values } from '../form.ts';
import { html } from '../../../shared/reading/html.ts';
import { controlsOf, doneWords, formPages, requireAllowed, type Added, type Kind } from '../act-form.ts';
import { trackName } from '../labels.ts';
import { address, escalationPath, hazardPath, to, type Page, type Visit } from '../page.ts';
import { facts } from '../components.ts';
import { districtChoices } from '../scope.ts';
import { caseTag } from './escalations.ts';
import { aboutHazard } from './hazard-acts.ts';
import { startOfTownDay, townDay } from '../../../shared/town-time.ts';

/** Things that may be missing, at most, and characters of each. */
const MOST_MISSING = 20;
const MOST_EACH = 2000;

/** What the forms ask beyond the declarations. */
export const CASE_ADDS: Partial<Record<keyof typeof escalationCommands, Added<CaseInHand>>> = {
  returnEscalation: {
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
  resolveEscalation: {
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
    body: (values, { known }) => ({
      decision: must(values, 'decision'),
      decidedAt: onDay(one(values, 'decidedAt'), known),
    }),
  },
  addMaterial: {
    fields: ({ known: { missing } }) => [
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
};

/** What the page of a case says after an act. */
export const CASE_DONE: Record<string, string | undefined> = {
  ...doneWords(escalationCommands),
  proposed: '已提出上报，平台正在汇总材料。',
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

interface CaseInHand {
  known: EscalationAnswer;
  clause: string;
}

const CASES: Kind<CaseInHand> = {
  path: '/escalations/{id}',
  action: 'read.escalations',
  find: async (visit) => {
    const known = await visit.ask('getEscalation', { id: visit.params['id'] });
    return { known, clause: (await visit.ask('getEscalatedHazard', { id: known.id })).clause };
  },
  require: ({ known }, { acts }) => requireAllowed(known, acts),
  frame: ({ campaign: { definition } }, { known, clause }, name) => {
    const back = to(escalationPath(known.id));
    return {
      title: name,
      section: 'escalations',
      above: [
        ['上报区级', to('/escalations')],
        [clause, back],
      ],
      intro: facts([
        ['案件', html`<a href="${back}">${clause}</a>`],
        ['专项', trackName(known.track)],
        ['状态', caseTag(known)],
        ['区级单位', organisationName(definition, known.to)],
        ['区级决定', known.decision?.decision],
      ]),
      back,
    };
  },
};

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
      ...controlsOf(visit, { takes: escalationCommands.proposeEscalation.takes.pick({ limit: true }), form: 'own: ' }),
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

export const escalationFormPages: readonly Page[] = [...formPages(escalationCommands, CASES, CASE_ADDS), proposePage];

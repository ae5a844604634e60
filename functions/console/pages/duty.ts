// 应办事项: one duty: its steps as a line, what each was done with and what is unmet, and the forms by which it is done. A step's form is made
// of the fields of its definition; photos need the script (browser/steps.ts).
import * as z from 'zod';
import { DUTY_STATUS_NAMES, type DutyStatus } from '../../../events/duty.ts';
import type { DutyDefinition, DutyField, DutyStep, DutyValue } from '../../../events/duty-definition.ts';
import { evidenceSchema, type Evidence } from '../../../events/envelope.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { own } from '../../../shared/own.ts';
import { samePerson } from '../../../shared/person.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { html, joined, type Content, type Html } from '../../../shared/reading/html.ts';
import * as dutyCommands from '../../../shared/rules/duty/commands.ts';
import type { Action, PermissionSubject } from '../../api/permissions.ts';
import { formPages, type Added } from '../act-form.ts';
import type { Answers } from '../answers.ts';
import { done, facts, moment } from '../components.ts';
import { must, one, PERSON_LIKE, showForm, takeForm, YES_NO, type Field, type FormPage, type Values } from '../form.ts';
import { trackName, type Tone } from '../labels.ts';
import { namesFor, peopleIn } from '../names.ts';
import { address, after, dutyPath, to, unitPath, type Page, type Visit } from '../page.ts';
import { areaChoices, organisationChoices } from '../scope.ts';
import { untilDue } from '../time.ts';
import { history, lastPosition, stepLine } from './history.ts';

type Duty = Answers['getDuty'];

const TONES: Record<DutyStatus, Tone> = {
  open: 'todo',
  stopped: 'bad',
  done: 'done',
  'not-applicable': 'off',
  abandoned: 'off',
};
export const dutyTag = (status: DutyStatus): Html =>
  html`<span class="tag ${TONES[status]}">${DUTY_STATUS_NAMES[status]}</span>`;

const DONE: Record<string, string> = {
  openDuty: '已立项。',
  doStep: '已办理。',
  unmet: '已办理，但有未达标的，见下。',
  confirmStep: '已核验通过。',
  returnStep: '已退回。',
  stopDuty: '已叫停，复工之前不能办理。',
  resumeDuty: '已复工。',
  abandonDuty: '已终止。',
  waiveDuty: '已提请，须由另一人确认。',
};

/** `动火作业“六必须”：一楼大厅焊接` */
export const dutyTitle = ({ name, subject, period }: Pick<Duty, 'name' | 'subject' | 'period'>): string =>
  [name, subject.name].filter(Boolean).join('：') + (period && /^\d{4}/.test(period) ? `（${period}）` : '');

export const fieldValueZh = (value: DutyValue): string =>
  typeof value === 'boolean' ? (value ? '是' : '否') : String(value);

/** What it is about, in words. */
export function aboutZh(
  visit: Visit,
  { subject, unit, unitName, area }: Pick<Duty, 'subject' | 'unit' | 'unitName' | 'area'>,
): Content {
  if (unit !== null) return html`<a href="${to(unitPath(unit))}">${unitName ?? unit}</a>`;
  if (subject.kind === 'town') return '全镇';
  const id = subject.kind === 'matter' ? area : subject.id;
  return organisationName(visit.campaign.definition, id);
}

export const ownerZh = (visit: Visit, organisation: string | null): Content =>
  organisation === null
    ? html`<span class="late">空缺，无人承担</span>`
    : organisationName(visit.campaign.definition, organisation);

function subjectOf(visit: Visit, { unit, area, track, organisation }: Duty): PermissionSubject {
  return {
    campaign: visit.campaign.definition ?? undefined,
    duty: { organisation, area },
    ...(track === null ? {} : { track }),
    ...(unit === null ? {} : { unit: { id: unit, area: area ?? undefined, tracks: track === null ? [] : [track] } }),
  };
}

const may = (visit: Visit, duty: Duty, action: Action): boolean => visit.may(action, subjectOf(visit, duty));

const stepPath = (id: string, step: string, act: string): string =>
  `${dutyPath(id)}/steps/${encodeURIComponent(step)}/${act}`;

const dutyPage: Page = {
  path: '/duties/{id}',
  action: 'read.duties',
  get: async (visit) => {
    const duty = await visit.ask('getDuty', { id: visit.params['id'] });
    const { events, definition, status } = duty;
    const people = [
      ...peopleIn(events),
      ...duty.steps.flatMap(({ done: last }) => (last ? [last.by, last.confirmedBy ?? ''] : [])),
    ];
    const named = await namesFor(visit, people.filter(Boolean));
    const title = dutyTitle(duty);
    const open = status === 'open';
    return {
      title,
      section: 'duties',
      above: [['应办事项', to('/duties')]],
      asOf: lastPosition(events),
      body: html`
        ${done(own(DONE, visit.query['done'] ?? ''))}
        <div class="heading">
          <h1>${title}</h1>
          <p>${dutyTag(status)} ${duty.overdue && html`<span class="tag bad">已逾期</span>`}</p>
        </div>
        ${duty.stopped && html`<p class="fault" role="alert">已于 ${moment(duty.stopped.at)} 叫停：${duty.stopped.reason}（依据：${duty.stopped.authority}）</p>`}
        ${actions(visit, duty)}
        ${stepLine(
          duty.steps.map(({ step, name, done: last }) => ({
            name,
            state: duty.next.includes(step) ? 'now' : last ? 'done' : 'next',
            at: last?.at,
            by: last?.by,
            bad: last !== null && (last.unmet.length > 0 || last.returned !== null),
          })),
          named,
        )}
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${facts([
            ['对象', aboutZh(visit, duty)],
            ['专项', duty.track && trackName(duty.track)],
            ['办理单位', ownerZh(visit, duty.organisation)],
            [
              '期限',
              duty.due === null
                ? open && '没有期限'
                : html`${moment(duty.due)}
                  ${open && html`<span class="${duty.overdue ? 'late' : 'muted'}">${untilDue(duty.due, visit.now)}</span>`}`,
            ],
            ['方案条款', definition.plan.section],
            ['拟定内容', definition.plan.proposed],
            ['立项', moment(duty.openedAt)],
            ['办结', duty.closed && html`${moment(duty.closed.at)}${duty.closed.reason && `，${duty.closed.reason}`}`],
          ])}
        </section>
        ${definition.steps.map((step) => stepPart(visit, duty, step, named))} ${history(visit, events, named)}
      `,
    };
  },
};

function actions(visit: Visit, duty: Duty): Content {
  const { id, status } = duty;
  if (duty.closed !== null) return false;
  const links: [path: string, name: string, action: Action][] = [
    ...(status === 'stopped'
      ? [['resume', '复工', 'duty.stop'] as [string, string, Action]]
      : [['stop', '叫停', 'duty.stop'] as [string, string, Action]]),
    ['waive', '不适用', 'duty.waive'],
    ['abandon', '终止', 'duty.abandon'],
  ];
  const offered = links.filter(([, , action]) => may(visit, duty, action));
  return (
    offered.length > 0 &&
    html`<p class="actions">
      ${offered.map(([path, name]) => html`<a class="button quiet" href="${to(`${dutyPath(id)}/${path}`)}">${name}</a>`)}
    </p>`
  );
}

function stepPart(visit: Visit, duty: Duty, step: DutyStep, named: (person: string) => Content): Html {
  const last = duty.steps.find((known) => known.step === step.step)?.done ?? null;
  const values = step.fields?.flatMap(({ field, unit }): [string, Content][] => {
    const value = last && own(last.values, field);
    return value === undefined || value === null
      ? []
      : [[field, `${fieldValueZh(value)}${unit && typeof value === 'number' ? ` ${unit}` : ''}`]];
  });
  const now = duty.next.includes(step.step);
  const waits = now && step.second && last && !last.returned && last.unmet.length === 0 && last.confirmedBy === null;
  const open = duty.status === 'open';
  return html`<section aria-labelledby="s-${step.step}">
    <h2 id="s-${step.step}">${step.name}</h2>
    ${asks(step)}
    ${
      last === null
        ? html`<p class="muted">还没有办理。</p>`
        : facts([
            ...(values ?? []),
            ['未达标', last.unmet.length > 0 && html`<span class="late">${joined(last.unmet, '；')}</span>`],
            ['办理', html`${moment(last.at)}，${named(last.by)}${last.times > 1 && `，第 ${last.times} 次`}`],
            ['核验', last.confirmedBy !== null ? named(last.confirmedBy) : waits && '等待另一人核验'],
            ['退回', last.returned],
          ])
    }
    <p class="actions">
      ${
        open &&
        (now || last !== null) &&
        step.fulfilledBy === undefined &&
        may(visit, duty, 'duty.do') &&
        html`<a class="${now && !waits ? 'button' : 'button quiet'}" href="${to(stepPath(duty.id, step.step, 'do'))}"
          >${last ? '再次办理' : '办理'}</a
        >`
      }
      ${
        open &&
        waits &&
        !samePerson(last.by, visit.principal.person) &&
        may(visit, duty, 'duty.confirm') &&
        html`<a class="button" href="${to(stepPath(duty.id, step.step, 'confirm'))}">核验通过</a>
          <a class="button quiet" href="${to(stepPath(duty.id, step.step, 'return'))}">退回</a>`
      }
    </p>
  </section>`;
}

/** What the step asks for besides its fields. */
function asks({ evidence, second, gate, every, fulfilledBy, hazard }: DutyStep): Content {
  const said = [
    evidence && `须有 ${evidence.least} 份：${evidence.of}`,
    second && '须由另一人核验',
    gate && '有一项不符合，后面的步骤不能进行',
    every !== undefined && `每 ${every} 天一次，直到下一步`,
    fulfilledBy === 'SupervisorAssigned' && '明确监管责任人后自动办结',
    fulfilledBy === 'AgreementSigned' && '登记协议后自动办结',
    hazard && `不达标的，同时记为隐患 ${hazard}`,
  ].filter((text) => typeof text === 'string');
  return said.length > 0 && html`<p class="muted">${said.join('；')}。</p>`;
}

/** A field of the definition as a control of the form. */
function control(visit: Visit, { rules = [] }: DutyStep, asked: DutyField): Field {
  const { field, kind, unit, least, most, choices, optional } = asked;
  const bounds = [least === undefined ? '' : `不小于 ${least}`, most === undefined ? '' : `不大于 ${most}`].filter(
    Boolean,
  );
  // what a “no” would mean is what the plan asks for
  const said = rules.find((rule) => rule.rule === 'yes' && rule.field === field)?.say;
  const hint = [said, unit && `单位：${unit}`, ...bounds].filter(Boolean).join('，');
  const common = { name: `values.${field}`, label: field, ...(optional && { optional }), ...(hint && { hint }) };
  switch (kind) {
    case 'number':
    case 'money':
      return { ...common, kind: 'line', most: 15, like: [/^-?\d+(\.\d+)?$/, `${field}应为数字`] };
    case 'yes-no':
      return { ...common, kind: 'radio', options: YES_NO };
    case 'choice':
      return { ...common, kind: 'radio', options: choices!.map((value) => ({ value, label: value })) };
    case 'date':
      return { ...common, kind: 'date' };
    case 'text':
      return { ...common, kind: 'text', most: 500 };
    case 'person':
      return { ...common, kind: 'line', most: 128, like: PERSON_LIKE, hint: '人员名录中的编号，不要填姓名' };
    case 'organisation':
      return { ...common, kind: 'select', options: organisationChoices(visit) };
  }
}

function valuesOf({ fields = [] }: DutyStep, sent: Values): Record<string, DutyValue> {
  return Object.fromEntries(
    fields.flatMap(({ field, kind }): [string, DutyValue][] => {
      const given = one(sent, `values.${field}`);
      if (given === undefined) return [];
      return [
        [field, kind === 'number' || kind === 'money' ? Number(given) : kind === 'yes-no' ? given === 'true' : given],
      ];
    }),
  );
}

const JSON_EVIDENCE = z.string().transform((text, context): Evidence => {
  try {
    return evidenceSchema.parse(JSON.parse(text));
  } catch {
    context.addIssue('not evidence');
    return z.NEVER;
  }
});

/** Photos that the script has put where the platform said, each once. */
export function sentEvidence(form: Values): { evidence?: Evidence[] } {
  const all = z.array(JSON_EVIDENCE).safeParse(form['evidence'] ?? []).data ?? [];
  const evidence = [...new Map(all.map((file) => [file.sha256, file])).values()];
  return evidence.length > 0 ? { evidence } : {};
}

function stepOf(duty: Duty, name: string | undefined): DutyStep {
  const step = duty.definition.steps.find((known) => known.step === name);
  if (step) return step;
  throw new RuleViolated('unknown-step', `the duty has no step ${name}`, { field: 'step' });
}

/** What was put already goes along when the form comes back with a fault. */
const photoPart = (form: Values, { least, of }: { least: number; of: string }): Html => html`
  <div class="photos" data-photos="evidence">
    <p><b>照片或材料</b> <span class="hint">至少 ${least} 份：${of}。照片在选择后立即上传，需要网络。</span></p>
    <label class="button quiet"> 选择照片 <input class="off-screen" type="file" accept="image/*" multiple /> </label>
    <ul aria-label="照片">
      ${(form['evidence'] ?? []).map((text, at) => html`<li>照片 ${at + 1} 已上传<input type="hidden" name="evidence" value="${text}" /></li>`)}
    </ul>
  </div>
`;

const doPage: Page = (() => {
  const prepare = async (visit: Visit): Promise<{ duty: Duty; step: DutyStep; page: FormPage }> => {
    const duty = await visit.ask('getDuty', { id: visit.params['id'] });
    const step = stepOf(duty, visit.params['step']);
    const before = duty.steps.find((known) => known.step === step.step)?.done?.values ?? {};
    const fields = (step.fields ?? []).map((field) => control(visit, step, field));
    const back = to(dutyPath(duty.id));
    const page: FormPage = {
      title: `${step.name}：${dutyTitle(duty)}`,
      section: 'duties',
      above: [
        ['应办事项', to('/duties')],
        [dutyTitle(duty), back],
      ],
      intro: html`${asks(step)}`,
      fields,
      arranged: (show) => html`${fields.map(show)} ${step.evidence && photoPart(visit.form, step.evidence)}`,
      initial: Object.fromEntries(Object.entries(before).map(([field, value]) => [`values.${field}`, [String(value)]])),
      button: '提交',
      back,
      ...(step.evidence && { scripts: ['steps.js'] as const }),
    };
    return { duty, step, page };
  };
  return {
    path: '/duties/{id}/steps/{step}/do',
    action: 'duty.do',
    get: async (visit) => showForm(visit, (await prepare(visit)).page),
    post: async (visit) => {
      const { duty, step, page } = await prepare(visit);
      return takeForm(visit, page, async (values, key) => {
        const body = { step: step.step, values: valuesOf(step, values), ...sentEvidence(visit.form) };
        const answer = await visit.act('doStep', { id: duty.id }, body, key);
        const found = (answer.findings ?? []).length > 0;
        return { location: after(dutyPath(duty.id), found ? 'unmet' : 'doStep', answer) };
      });
    },
  };
})();

/** Confirming and returning a step. */
function judgePage(act: 'confirm' | 'return'): Page {
  const name = act === 'confirm' ? '核验通过' : '退回';
  const prepare = async (visit: Visit): Promise<{ duty: Duty; step: DutyStep; page: FormPage }> => {
    const duty = await visit.ask('getDuty', { id: visit.params['id'] });
    const step = stepOf(duty, visit.params['step']);
    const back = to(dutyPath(duty.id));
    const page: FormPage = {
      title: `${name}：${step.name}`,
      section: 'duties',
      above: [
        ['应办事项', to('/duties')],
        [dutyTitle(duty), back],
      ],
      fields: act === 'return' ? [{ kind: 'text', name: 'reason', label: '退回理由', most: 2000 }] : [],
      button: name,
      back,
    };
    return { duty, step, page };
  };
  return {
    path: `/duties/{id}/steps/{step}/${act}`,
    action: 'duty.confirm',
    get: async (visit) => showForm(visit, (await prepare(visit)).page),
    post: async (visit) => {
      const { duty, step, page } = await prepare(visit);
      return takeForm(visit, page, async (values, key) => {
        const route = act === 'confirm' ? 'confirmStep' : 'returnStep';
        const body = { step: step.step, ...(act === 'return' && { reason: must(values, 'reason') }) };
        const answer = await visit.act(route, { id: duty.id }, body, key);
        return { location: after(dutyPath(duty.id), route, answer) };
      });
    },
  };
}

/** What people may open by hand: of each the form asks for what it is about. */
const byHand = ({ campaign }: Visit): DutyDefinition[] =>
  [...campaign.duties.values()].map((versions) => versions.at(-1)!).filter(({ opens }) => opens.by === 'hand');

const newPage: Page = (() => {
  const prepare = (visit: Visit): FormPage => {
    const chosen = byHand(visit).find(({ duty }) => duty === (visit.query['duty'] ?? one(visit.form, 'duty')));
    const unit = visit.query['unit'] ?? one(visit.form, 'unit');
    const kind = chosen?.subject;
    const fields: Field[] = [
      {
        kind: 'select',
        name: 'duty',
        label: '事项',
        options: byHand(visit).map(({ duty, name, track }) => ({
          value: duty,
          label: `${track ? `${trackName(track)}：` : ''}${name}`,
        })),
      },
      {
        kind: 'line',
        name: 'name',
        label: '名称',
        most: 120,
        hint: '例如：一楼大厅吊顶焊接',
        ...(kind && kind !== 'matter' && { optional: true }),
      },
      {
        kind: 'line',
        name: 'unit',
        label: '单位编号',
        most: 64,
        optional: true,
        hint: '在单位页面上可以看到；从单位页面立项的，已经填好',
      },
      {
        kind: 'select',
        name: 'area',
        label: '村居',
        options: areaChoices(visit),
        optional: true,
        hint: '不在某一单位的，填写所在村居',
      },
    ];
    return {
      title: '立项',
      section: 'duties',
      above: [['应办事项', to('/duties')]],
      fields,
      initial: { ...(chosen && { duty: [chosen.duty] }), ...(unit && { unit: [unit] }) },
      button: '立项',
      back: to('/duties'),
    };
  };
  return {
    path: '/duties/new',
    action: 'duty.open',
    get: async (visit) => showForm(visit, prepare(visit)),
    post: async (visit) =>
      takeForm(visit, prepare(visit), async (values, key) => {
        const body = {
          duty: must(values, 'duty'),
          name: one(values, 'name'),
          unit: one(values, 'unit'),
          area: one(values, 'area'),
        };
        const answer = await visit.act('openDuty', {}, body, key);
        return { location: after(dutyPath(answer.id), 'openDuty', answer) };
      }),
  };
})();

/** Those that any duty has: stop, resume, end. */
const actPages = formPages<Duty>(
  dutyCommands,
  {
    path: '/duties/{id}',
    find: (visit) => visit.ask('getDuty', { id: visit.params['id'] }),
    frame: (_visit, duty, name) => ({
      title: `${name}：${dutyTitle(duty)}`,
      section: 'duties',
      above: [
        ['应办事项', to('/duties')],
        [dutyTitle(duty), to(dutyPath(duty.id))],
      ],
      back: to(dutyPath(duty.id)),
    }),
  },
  {} satisfies Record<string, Added<Duty>>,
);

export const dutyPages: readonly Page[] = [
  newPage,
  ...actPages,
  doPage,
  judgePage('confirm'),
  judgePage('return'),
  dutyPage,
];

export const dutiesOf = (unit: string): string => address('/duties', { unit, status: 'all' });

// 单位: the forms that register a unit, correct its details, grade its risk, and close it.
import { TRACKS } from '../../../events/envelope.ts';
import { RISK_GRADES } from '../../../events/unit.ts';
import { authorise, type Action } from '../../api/permissions.ts';
import type { RouteName } from '../../api/routes.ts';
import type { Answers } from '../ask.ts';
import { must, one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { html } from '../html.ts';
import { address, to, unitPath, type Page, type Visit } from '../page.ts';
import { areaChoices, reachOf, trackChoices } from '../scope.ts';

type Unit = Answers['getUnit'];

/** What the unit's page says after each of these. */
export const DONE: Record<string, string | undefined> = {
  registered: '单位已登记。',
  corrected: '单位信息已更正，更正前的内容仍可查看。',
  graded: '风险等级已评定。',
  closed: '单位已注销。',
  inspected: '检查已记录。',
};

/** The fields of a unit's details, as far as the caller may choose them. */
function detailFields(visit: Visit, action: Action): Field[] {
  const { town, tracks, area } = reachOf(visit, action);
  const areas = areaChoices(visit).filter(({ value }) => area === undefined || value === area);
  return [
    { kind: 'line', name: 'name', label: '名称', most: 200 },
    { kind: 'line', name: 'kind', label: '类型', most: 80, optional: true, hint: '例如：餐饮、厂房、住宅小区' },
    { kind: 'line', name: 'address', label: '地址', most: 300, optional: true },
    { kind: 'select', name: 'area', label: '村居', options: areas, optional: town || area === undefined },
    {
      kind: 'checkboxes',
      name: 'tracks',
      label: '专项',
      hint: '单位属于几个专项就选几个',
      options: trackChoices(town || area !== undefined ? TRACKS : tracks),
    },
  ];
}

function details(values: Values): Record<string, unknown> {
  const text = (name: string) => (one(values, name) === undefined ? {} : { [name]: one(values, name) });
  return { ...text('name'), ...text('kind'), ...text('address'), ...text('area'), tracks: values['tracks'] };
}

const ABOVE = [['单位', to('/units')]] as const;

function registration(visit: Visit): FormPage {
  const { tracks, area, town } = reachOf(visit, 'unit.register');
  return {
    title: '登记单位',
    section: 'units',
    above: ABOVE,
    fields: detailFields(visit, 'unit.register'),
    initial: {
      ...(area === undefined ? {} : { area: [area] }),
      ...(tracks.length === 1 && !town ? { tracks: [tracks[0]!] } : {}),
    },
    button: '登记',
    back: to('/units'),
  };
}

const registerPage: Page = {
  path: '/units/new',
  action: 'unit.register',
  get: async (visit) => showForm(visit, registration(visit)),
  post: (visit) =>
    takeForm(visit, registration(visit), async (values, key) => {
      const { id, atLeast } = await visit.act('registerUnit', {}, details(values), key);
      return { location: address(unitPath(id), { done: 'registered', atLeast }) };
    }),
};

interface UnitAct {
  /** last part of its address */
  path: string;
  name: string;
  action: Action;
  route: RouteName;
  done: string;
  form: (visit: Visit, unit: Unit) => Pick<FormPage, 'fields' | 'button'> & Partial<FormPage>;
  body: (values: Values, unit: Unit) => unknown;
}

/** What may be done with a unit, in the order of its page. */
export const UNIT_ACTS: readonly UnitAct[] = [
  {
    path: 'correct',
    name: '更正信息',
    action: 'unit.correct',
    route: 'correctUnit',
    done: 'corrected',
    form: (visit, { details: known }) => ({
      intro: html`<p>更正前的内容不会消失，页面上仍能看到。更正须由另一人批准。</p>`,
      fields: [
        ...detailFields(visit, 'unit.correct'),
        { kind: 'text', name: 'reason', label: '更正理由', most: 2000 },
        { kind: 'line', name: 'approver', label: '批准人', most: 128, hint: '批准人的人员编号，不能是您自己' },
      ],
      initial: {
        name: [known.name],
        kind: [known.kind ?? ''],
        address: [known.address ?? ''],
        area: [known.area ?? ''],
        tracks: known.tracks,
      },
      button: '更正',
    }),
    // what the form does not ask about stays as it is
    body: (values, { details: known }) => ({
      details: {
        ...details(values),
        ...(known.location ? { location: known.location } : {}),
        ...(known.external ? { external: known.external } : {}),
      },
      reason: one(values, 'reason'),
      approver: one(values, 'approver'),
    }),
  },
  {
    path: 'risk',
    name: '风险评定',
    action: 'unit.grade-risk',
    route: 'gradeRisk',
    done: 'graded',
    form: () => ({
      fields: [
        {
          kind: 'radio',
          name: 'to',
          label: '风险等级',
          options: RISK_GRADES.map((grade, at) => ({
            value: grade,
            label: `${grade} 级`,
            hint: ['低风险', '一般风险', '较高风险', '高风险'][at]!,
          })),
        },
        { kind: 'text', name: 'basis', label: '评定依据', most: 2000 },
      ],
      button: '评定',
    }),
    body: (values) => ({ to: must(values, 'to'), basis: must(values, 'basis') }),
  },
  {
    path: 'close',
    name: '注销',
    action: 'unit.close',
    route: 'closeUnit',
    done: 'closed',
    form: () => ({
      intro: html`<p>注销后不能再对这个单位办理任何事项，记录仍可查看。还有未销项隐患的单位不能注销。</p>`,
      fields: [{ kind: 'text', name: 'reason', label: '注销原因', most: 2000 }],
      button: '注销单位',
      weighty: true,
    }),
    body: (values) => ({ reason: must(values, 'reason') }),
  },
];

function actPage(act: UnitAct): Page {
  const prepare = async (visit: Visit): Promise<{ unit: Unit; form: FormPage }> => {
    const unit = await visit.ask('getUnit', { id: visit.params['id'] });
    const { area, tracks, name } = unit.details;
    // a form that could only be refused is not shown
    const subject = { campaign: visit.campaign.definition ?? undefined, unit: { id: unit.unit, area, tracks } };
    authorise(visit.principal, act.action, subject);
    const back = to(unitPath(unit.unit));
    const form: FormPage = {
      title: `${act.name}：${name}`,
      section: 'units',
      above: [...ABOVE, [name, back]],
      back,
      ...act.form(visit, unit),
    };
    return { unit, form };
  };
  return {
    path: `/units/{id}/${act.path}`,
    action: act.action,
    get: async (visit) => showForm(visit, (await prepare(visit)).form),
    post: async (visit) => {
      const { unit, form } = await prepare(visit);
      return takeForm(visit, form, async (values, key) => {
        const { atLeast } = await visit.act(act.route, { id: unit.unit }, act.body(values, unit), key);
        return { location: address(unitPath(unit.unit), { done: act.done, atLeast }) };
      });
    },
  };
}

export const unitFormPages: readonly Page[] = [registerPage, ...UNIT_ACTS.map(actPage)];

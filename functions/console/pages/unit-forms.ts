// 单位: the form that registers a unit, and what the forms of the declared commands on one need of its page.
import { TRACKS } from '../../../events/envelope.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import { authorise, type Action } from '../../api/permissions.ts';
import { doneWords, formPages, type Added, type Kind } from '../act-form.ts';
import type { Answers } from '../answers.ts';
import { one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { after, to, unitPath, type Page, type Visit } from '../page.ts';
import { areaChoices, reachOf, trackChoices } from '../scope.ts';

type Unit = Answers['getUnit'];

/** What the unit's page says after each of these. */
export const UNIT_DONE: Record<string, string | undefined> = {
  ...doneWords(unitCommands),
  registered: '单位已登记。',
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
      const done = await visit.act('registerUnit', {}, details(values), key);
      return { location: after(unitPath(done.id), 'registered', done) };
    }),
};

export const UNIT_ADDS: Partial<Record<keyof typeof unitCommands, Added<Unit>>> = {
  correctUnit: {
    fields: (_unit, visit) => [
      ...detailFields(visit, 'unit.correct'),
      { kind: 'text', name: 'reason', label: '更正理由', most: 2000 },
    ],
    initial: ({ details: known }) => ({
      name: [known.name],
      kind: [known.kind ?? ''],
      address: [known.address ?? ''],
      area: [known.area ?? ''],
      tracks: known.tracks,
    }),
    // what the form does not ask about stays as it is
    body: (values, { details: known }) => ({
      details: {
        ...details(values),
        ...(known.location ? { location: known.location } : {}),
        ...(known.external ? { external: known.external } : {}),
      },
      reason: one(values, 'reason'),
    }),
  },
};

const UNITS: Kind<Unit> = {
  path: '/units/{id}',
  tracks: ({ details: { tracks } }) => tracks,
  find: async (visit, { action }) => {
    const unit = await visit.ask('getUnit', { id: visit.params['id'] });
    const { area, tracks } = unit.details;
    // a form that could only be refused is not shown
    const subject = { campaign: visit.campaign.definition ?? undefined, unit: { id: unit.unit, area, tracks } };
    authorise(visit.principal, action as Action, subject);
    return unit;
  },
  frame: (_visit, { unit, details: { name: called } }, name) => ({
    title: `${name}：${called}`,
    section: 'units',
    above: [...ABOVE, [called, to(unitPath(unit))]],
    back: to(unitPath(unit)),
  }),
};

export const unitFormPages: readonly Page[] = [registerPage, ...formPages(unitCommands, UNITS, UNIT_ADDS)];

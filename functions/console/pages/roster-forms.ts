// 名册: the forms that appoint somebody to a post and relieve them of it. A person is named by the reference that the
// directory knows; a name does not go into an event.
import { POSTS } from '../../../events/roster.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { UnknownOrganisation } from '../../../shared/rules/campaign/campaign.ts';
import { NotFound } from '../../../events/errors.ts';
import { authorise } from '../../api/permissions.ts';
import type { Answers } from '../answers.ts';
import { must, one, PERSON_LIKE, showForm, takeForm, type FormPage } from '../form.ts';
import { html } from '../../../shared/reading/html.ts';
import { namesFor } from '../names.ts';
import { address, rosterPath, to, type Page, type Visit } from '../page.ts';
import { facts } from '../components.ts';
import { areaChoices, trackChoices } from '../scope.ts';

/** What the page of an organisation says after an act. */
export const ROSTER_DONE: Record<string, string | undefined> = { appointed: '已任命。', relieved: '已免去。' };

/** The roster of an organisation. @throws NotFound */
export async function askRoster(visit: Visit, on?: string): Promise<Answers['getRoster']> {
  const organisation = visit.params['id']!;
  try {
    return await visit.ask('getRoster', { organisation }, { on });
  } catch (error) {
    if (!(error instanceof UnknownOrganisation)) throw error;
    throw new NotFound('unknown-organisation', `there is no organisation ${organisation}`);
  }
}

/** The organisation, if the visitor may appoint in it. @throws Forbidden, NotFound */
async function rosterOf(visit: Visit): Promise<Answers['getRoster']> {
  const roster = await askRoster(visit);
  // a form that could only be refused is not shown
  authorise(visit.principal, 'roster.appoint', { organisation: roster.organisation });
  return roster;
}

const about = ({ organisation, name }: Answers['getRoster']) => ({
  section: 'roster' as const,
  above: [
    ['名册', to('/roster')],
    [name, to(rosterPath(organisation))],
  ] as const,
  back: to(rosterPath(organisation)),
});

const appointPage: Page = {
  path: '/roster/{id}/appoint',
  action: 'roster.appoint',
  get: async (visit) => showForm(visit, appointForm(visit, await rosterOf(visit))),
  post: async (visit) => {
    const roster = await rosterOf(visit);
    return takeForm(visit, appointForm(visit, roster), async (values, key) => {
      await visit.act(
        'appointOfficer',
        { organisation: roster.organisation },
        {
          post: must(values, 'post'),
          person: must(values, 'person'),
          track: one(values, 'track'),
          area: one(values, 'area'),
          from: must(values, 'from'),
          basis: must(values, 'basis'),
        },
        key,
      );
      return { location: address(rosterPath(roster.organisation), { done: 'appointed' }) };
    });
  },
};

function appointForm(visit: Visit, roster: Answers['getRoster']): FormPage {
  return {
    title: `任命：${roster.name}`,
    ...about(roster),
    fields: [
      {
        kind: 'select',
        name: 'post',
        label: '岗位',
        options: Object.entries(POSTS).map(([value, label]) => ({ value, label })),
      },
      {
        kind: 'line',
        name: 'person',
        label: '人员编号',
        most: 128,
        like: PERSON_LIKE,
        hint: '人员名录中的编号，例如 p-liaison-1；不要填姓名，姓名只在可以删除的名录里',
      },
      {
        kind: 'select',
        name: 'track',
        label: '专项',
        optional: true,
        options: trackChoices(TRACKS),
        hint: '不选即负责全部专项',
      },
      {
        kind: 'select',
        name: 'area',
        label: '村居',
        optional: true,
        options: areaChoices(visit),
        hint: '不选即不限村居',
      },
      { kind: 'date', name: 'from', label: '任职起始日', hint: '可以是过去；何时录入另有记录' },
      { kind: 'text', name: 'basis', label: '依据', most: 2000, hint: '文件或决定，例如 练府〔2025〕18号附件' },
    ],
    button: '任命',
  };
}

const relievePage: Page = {
  path: '/roster/{id}/{appointment}/relieve',
  action: 'roster.appoint',
  get: async (visit) => showForm(visit, await relieveForm(visit, await rosterOf(visit))),
  post: async (visit) => {
    const roster = await rosterOf(visit);
    const { appointment } = visit.params;
    return takeForm(visit, await relieveForm(visit, roster), async (values, key) => {
      await visit.act(
        'relieveOfficer',
        { organisation: roster.organisation, appointment },
        { until: must(values, 'until'), reason: must(values, 'reason') },
        key,
      );
      return { location: address(rosterPath(roster.organisation), { done: 'relieved' }) };
    });
  },
};

/** @throws NotFound for an appointment that the organisation never made */
async function relieveForm(visit: Visit, roster: Answers['getRoster']): Promise<FormPage> {
  const { appointment } = visit.params;
  const held = [...roster.held, ...roster.others].find((known) => known.appointment === appointment);
  if (!held) throw new NotFound('unknown-appointment', `there is no appointment ${appointment} in this roster`);
  const named = await namesFor(visit, [held.person]);
  return {
    title: `免去职务：${held.title}`,
    ...about(roster),
    intro: html`${facts([
      ['组织', roster.name],
      ['岗位', held.title],
      ['人员', named(held.person)],
      ['任职起始', held.from],
      ['任职至', held.until],
      ['依据', held.basis],
    ])}`,
    fields: [
      { kind: 'date', name: 'until', label: '任职最后一天' },
      { kind: 'text', name: 'reason', label: '理由', most: 2000, hint: '例如 岗位调整' },
    ],
    button: '免去',
    weighty: true,
  };
}

export const rosterFormPages: readonly Page[] = [appointPage, relievePage];

// A little of everything, made by the same commands that people use: units with hazards in every status, late and early, some of them
// overdue soon. For the tests in a browser and for the pictures of the README.
import type { Role } from '../../../../shared/rules/roles.ts';
import { waitFor } from '../../../support/platform.ts';

export interface Scene {
  api: string;
  /** a token for a person of a role and an organisation */
  token: (role: Role, organisation: string, person?: string) => Promise<string>;
}

export interface Made {
  units: string[];
  /** hazards by what was done with them last */
  hazards: Record<Stage, string>;
  /** of the liaison of guijianban */
  appointment: string;
}

interface Answer {
  id: string;
  findings?: { hazard: string }[];
}

const STAGES = ['found', 'graded', 'assigned', 'ordered', 'submitted', 'rejected', 'verified', 'signed-off'] as const;
type Stage = (typeof STAGES)[number];

const NAMES = ['练塘老街面馆', '河畔小吃店', '东庄菜馆', '蒸淀饭店', '金前包子铺', '太北快餐', '朱枫火锅', '泖甸烧烤'];
/** Days ago that each was inspected. */
const AGO = [3, 12, 40, 100, 20, 5, 60, 9];
const DAY = 86_400_000;

export async function makeScene({ api, token }: Scene): Promise<Made> {
  const village = await token('village', 'village-01');
  const inspector = await token('inspector', 'guijianban');
  const department = await token('department', 'guijianban');
  const operations = await token('operations', 'chengyun');

  const post = async (as: string, path: string, body: unknown): Promise<Answer> => {
    const answer = await fetch(`${api}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const content = (await answer.json()) as Answer;
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(content)}`);
    return content;
  };
  const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

  const units: string[] = [];
  const hazards: Partial<Made['hazards']> = {};
  for (const [nth, name] of NAMES.entries()) {
    const { id } = await post(village, '/v1/units', {
      name,
      kind: '餐饮',
      address: `练塘镇示例路 ${10 + nth} 号`,
      area: 'village-01',
      tracks: nth % 3 === 0 ? ['gas', 'construction'] : ['gas'],
    });
    units.push(id);
    const { findings } = await post(inspector, '/v1/inspections', {
      unit: id,
      track: 'gas',
      mode: 'routine',
      occurredAt: inDays(-AGO[nth]!),
      lateBasis: '纸质检查表补录',
      answers: [
        {
          item: '1',
          clause: 'GAS-01 连接软管',
          answer: 'problem',
          text: '软管老化龟裂，超过使用年限',
          place: '后厨灶台下方',
        },
        { item: '2', clause: 'GAS-02 熄火保护', answer: 'ok' },
      ],
      signature: { kind: 'signed', by: 'p-unit-1' },
    });
    const hazard = findings![0]!.hazard;
    const act = (as: string, what: string, body: unknown = {}) => post(as, `/v1/hazards/${hazard}/${what}`, body);
    const steps: (() => Promise<unknown>)[] = [
      () => act(department, 'gradings', { grade: nth === 3 ? 'major' : 'general', basis: '可立即整改' }),
      () => act(operations, 'assignments', { to: 'guijianban' }),
      () =>
        act(department, 'orders', {
          measures: '更换软管并加装熄火保护装置',
          due: inDays(2 + nth),
          authority: '《城镇燃气管理条例》第四十条',
        }),
      () => act(village, 'submissions', { statement: '软管已更换为金属波纹管' }),
      () =>
        nth === 5
          ? act(inspector, 'verifications', { result: 'rejected', reason: '未装熄火保护装置' })
          : act(inspector, 'verifications', { result: 'passed', basis: '现场复查' }),
      () => act(department, 'sign-off'),
    ];
    // the fifth is rejected, which is as many steps as being verified
    const taken = nth > 5 ? nth - 1 : nth;
    for (const step of steps.slice(0, taken)) await step();
    hazards[STAGES[nth]!] = hazard;
  }
  // one who held a post, and who holds it now
  const appointments = '/v1/roster/guijianban/appointments';
  const before = await post(department, appointments, {
    post: 'liaison',
    person: 'p-liaison-0',
    from: '2025-04-25',
    basis: '练府〔2025〕18号附件',
  });
  await post(department, `${appointments}/${before.id}/relief`, { until: '2025-09-30', reason: '岗位调整' });
  const { id: appointment } = await post(department, appointments, {
    post: 'liaison',
    person: 'p-liaison-1',
    from: '2025-10-13',
    basis: '练府〔2025〕31号',
  });
  return { units, hazards: hazards as Made['hazards'], appointment };
}

/** The case of the scene: its fourth hazard is graded major and goes up to district-construction by itself, with its first dossier. */
export async function caseOf({ api, token }: Scene): Promise<string> {
  const headers = { authorization: `Bearer ${await token('office', 'office')}` };
  let found = '';
  await waitFor('the case is with the district', async () => {
    const answer = await fetch(`${api}/v1/escalations?status=submitted`, { headers });
    const { items } = (await answer.json()) as { items: { escalation: string }[] };
    found = items[0]?.escalation ?? '';
    return found !== '';
  });
  return found;
}

/** A duty that somebody still owes at the scene, and the step that is awaited of it. */
export async function dutyOf({ api, token }: Scene): Promise<{ duty: string; step: string }> {
  const headers = { authorization: `Bearer ${await token('office', 'office')}` };
  let found: { id: string } | undefined;
  await waitFor('the units owe duties', async () => {
    const answer = await fetch(`${api}/v1/duties?status=open&area=village-01&limit=1`, { headers });
    found = ((await answer.json()) as { items: { id: string }[] }).items[0];
    return found !== undefined;
  });
  const answer = await fetch(`${api}/v1/duties/${found!.id}`, { headers });
  const { next } = (await answer.json()) as { next: string[] };
  return { duty: found!.id, step: next[0]! };
}

/** Something that waits for a second person: the village would correct the name of a unit. */
export async function proposalOf({ api, token }: Scene, unit: string): Promise<string> {
  const answer = await fetch(`${api}/v1/units/${unit}/corrections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token('village', 'village-01')}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      details: { name: '东庄菜馆（新址）', address: '练塘镇示例路 99 号', area: 'village-01', tracks: ['gas'] },
      reason: '门牌登记有误',
    }),
  });
  const content = (await answer.json()) as { proposal: string };
  if (answer.status !== 202) throw new Error(JSON.stringify(content));
  return content.proposal;
}

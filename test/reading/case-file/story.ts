// A restaurant whose gas hazard nobody masters, told over the API as it would happen in a year: graded, ordered,
// extended, rejected, reminded, refused, and brought up to the district, which gives the case back once.
import type { Role } from '../../../shared/rules/roles.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import type { Draft } from '../../../events/catalogue.ts';
import { makeTown, sign, TENANT, type Answered, type TestTown } from '../../functions/api/support.ts';
import { eventOf } from '../../support/builders.ts';
import { recordEvents } from '../../support/recorded.ts';

const GUI = 'guijianban'; // leads the gas track
export const PHOTO = { sha256: 'a'.repeat(64), mediaType: 'image/jpeg', takenAt: '2025-05-08T02:05:00.000Z' };

const POSTS: Partial<Record<Role, string>> = {
  inspector: '检查员',
  department: '科员',
  village: '网格员',
  district: '科员',
};

export interface Story {
  town: TestTown;
  unit: string;
  hazard: string;
  /** does something at a time, and everything that follows from it by the rules */
  at: (
    time: string,
    role: Parameters<TestTown['as']>[0],
    org: string,
    path: string,
    body: object,
    sub?: string,
  ) => Promise<Answered>;
  /** id of the case of the hazard's cycle */
  escalation: () => Promise<string>;
}

/** The unit, its hazard found, and the people responsible; nothing more has happened. */
export async function beginStory(): Promise<Story> {
  const town = await makeTown();
  const year = 366 * 86_400; // seconds: the story is longer than a token usually holds
  town.as = (role, org, sub = `p-${role}-${org}`) =>
    sign(town.keys, { sub, roles: [role], org, post: POSTS[role] ?? '工作人员', expiresIn: year });
  const at: Story['at'] = async (time, role, org, path, body, sub) => {
    town.now.at = new Date(time);
    const answer = await town.agreed(path, await town.as(role, org, sub), body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    await town.react();
    return answer;
  };
  const unit = (
    await at('2025-06-02T04:00:00.000Z', 'village', 'village-01', '/v1/units', {
      name: '练塘老街饭店',
      kind: '餐饮',
      address: '练塘镇下塘街12号',
      area: 'village-01',
      tracks: ['gas', 'hotwork-crowded'],
    })
  ).body.id as string;
  const appointments: [string, string, string, object?][] = [
    [GUI, 'liaison', 'p-gui-liaison', { track: 'gas' }],
    [GUI, 'head', 'p-gui-head'],
    ['office', 'office-director', 'p-office-director'],
    ['leading-group', 'leader', 'p-leader'],
    ['village-01', 'grid', 'p-grid-1', { area: 'village-01' }],
  ];
  for (const [organisation, post, person, more] of appointments) {
    await at('2025-06-02T04:10:00.000Z', 'office', 'office', `/v1/roster/${organisation}/appointments`, {
      appointment: `a-${post}`,
      post,
      person,
      from: '2025-04-25',
      basis: '练府〔2025〕18号附件',
      ...more,
    });
  }
  const inspected = await at('2025-06-03T01:30:00.000Z', 'inspector', GUI, '/v1/inspections', {
    unit,
    track: 'gas',
    mode: 'covert',
    answers: [
      {
        item: '1',
        clause: 'GAS-01 瓶装液化气与明火同室',
        answer: 'problem',
        text: '厨房内存放50公斤气瓶6只，与灶台相距不足1米',
        place: '后厨',
      },
      { item: '2', clause: 'GAS-02 软管超期', answer: 'ok' },
      { item: '3', clause: 'GAS-05 可燃气体报警', answer: 'problem', text: '未安装报警装置', place: '后厨' },
    ],
    signature: { kind: 'refused', reason: '负责人不在场，店员拒签' },
    evidence: [PHOTO],
  });
  const hazard = inspected.body.findings[0].hazard as string;
  const escalation = async (): Promise<string> => {
    const { body } = await town.get(`/v1/escalations?hazard=${hazard}`, await town.as('office', 'office'));
    return body.items[0].escalation;
  };
  return { town, unit, hazard, at, escalation };
}

/** The whole story up to the second dossier. */
export async function tellStory(): Promise<Story & { id: string }> {
  const story = await beginStory();
  const { town, hazard, at } = story;
  const path = `/v1/hazards/${hazard}`;
  await at('2025-06-03T06:00:00.000Z', 'department', GUI, `${path}/gradings`, {
    grade: 'general',
    basis: '可限期整改',
  });
  await at('2025-06-03T06:05:00.000Z', 'operations', 'chengyun', `${path}/assignments`, { to: GUI });
  await at('2025-06-03T07:00:00.000Z', 'department', GUI, `${path}/orders`, {
    measures: '气瓶移至专用气瓶间，与灶台分隔；加装熄火保护装置',
    due: '2025-06-20',
    authority: '《城镇燃气管理条例》第二十八条',
  });
  await remind(story, '2025-06-17T00:30:00.000Z', '-3', -3, [
    { organisation: GUI, post: 'liaison', person: 'p-gui-liaison' },
  ]);
  await at('2025-06-18T03:00:00.000Z', 'village', 'village-01', `${path}/extension-requests`, {
    due: '2025-07-04',
    reason: '气瓶间施工需两周',
  });
  await at('2025-06-18T08:00:00.000Z', 'office', 'office', `${path}/extension-approvals`, {
    reason: '情况属实',
  });
  await at('2025-07-03T03:00:00.000Z', 'village', 'village-01', `${path}/submissions`, {
    statement: '气瓶已移出厨房',
    evidence: [{ sha256: 'b'.repeat(64), mediaType: 'image/jpeg' }],
  });
  await at('2025-07-03T08:00:00.000Z', 'department', GUI, `${path}/verifications`, {
    result: 'rejected',
    reason: '气瓶移至走道，仍与明火同层，未设气瓶间',
  });
  await remind(story, '2025-07-04T00:30:00.000Z', '0', 0, [
    { organisation: GUI, post: 'liaison', person: 'p-gui-liaison' },
    { organisation: GUI, post: 'head', person: 'p-gui-head' },
  ]);
  await record(story, '2025-07-05T00:30:00.000Z', 'DeadlineMissed', { due: '2025-07-04T15:59:59.999Z' });
  await remind(story, '2025-07-09T00:30:00.000Z', '+3', 3, [
    { organisation: 'leading-group', post: 'leader', person: null },
  ]);
  await at('2025-07-10T02:00:00.000Z', 'department', GUI, `${path}/order-refusals`, {
    reason: '负责人拒绝签收整改指令书，称“生意要紧，不予整改”',
    evidence: [{ sha256: 'd'.repeat(64), mediaType: 'video/mp4' }],
  });
  const id = await story.escalation();
  const district = (what: string, time: string, body: object) =>
    at(time, 'district', 'district-construction', `/v1/escalations/${id}/${what}`, body, 'p-district-1');
  await district('returns', '2025-07-14T02:00:00.000Z', { missing: ['现场检查记录', '责令整改指令书送达回证'] });
  await at('2025-07-15T02:00:00.000Z', 'office', 'office', `/v1/escalations/${id}/materials`, {
    answers: ['现场检查记录'],
    note: '6月3日检查记录已由检查人员补签',
  });
  await at('2025-07-15T03:00:00.000Z', 'department', GUI, `/v1/escalations/${id}/materials`, {
    answers: ['责令整改指令书送达回证'],
    note: '留置送达，附现场照片',
    evidence: [{ sha256: 'e'.repeat(64), mediaType: 'image/png' }],
  });
  void town;
  return { ...story, id };
}

/** An event of the hazard that only the clock records. */
async function record(story: Story, time: string, type: HazardEvent['type'], data: object): Promise<void> {
  const { town, hazard, unit } = story;
  town.now.at = new Date(time);
  const { body } = await town.get(`/v1/hazards/${hazard}`, await town.as('office', 'office'));
  const { status, clause, grade, track, organisation } = body;
  const draft = { type, unit, track, organisation, data: { clause, before: status, after: status, grade, ...data } };
  await recordEvents(town.deps.store, [
    eventOf('hazard', hazard, 1, draft as unknown as Draft, {
      occurredAt: time,
      recordedAt: time,
      source: 'clock',
      tenant: TENANT,
      actor: { person: 'system:remind', post: 'clock', organisation: 'office' },
    }),
  ]);
  await town.react();
}

const remind = (story: Story, time: string, rung: string, workingDays: number, recipients: object[]): Promise<void> =>
  record(story, time, 'ReminderIssued', {
    due: workingDays < 0 ? '2025-06-20T15:59:59.999Z' : '2025-07-04T15:59:59.999Z',
    rung,
    workingDays,
    recipients,
    skipped: [],
  });

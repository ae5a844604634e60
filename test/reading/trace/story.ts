// The story of one restaurant, for tests of the dossier: appointed and vacant posts, inspections done, missed and
// forgotten, a hazard with an order, an extension, reminders that arrived, failed and were ignored, a missed deadline,
// a sign-off, a recurrence, an escalation, a late record, a correction. The day asked about is 2025-08-20.
import type { Draft } from '../../../events/catalogue.ts';
import type { Actor } from '../../../events/envelope.ts';
import type { HazardStatus } from '../../../events/hazard.ts';
import { LIANTANG_CHECKLISTS } from '../../../shared/rules/campaign/checklists.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { campaign } from '../../../shared/rules/campaign/campaign.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { compileDossier, type UnitFile } from '../../../shared/reading/unit-file/unit-file.ts';
import type { Known } from '../../../shared/reading/trace/known-at.ts';
import { rostersOf } from '../../../shared/reading/trace/posts.ts';
import type { About } from '../../support/builders.ts';
import { placed, type Told } from './placed.ts';

const at = (time: string): string => new Date(`2025-${time}:00.000+08:00`).toISOString();
const who = (person: string, organisation: string, post = '科员'): Actor => ({ person, post, organisation });
const INSPECTOR = who('p-inspector-1', 'guijianban');
const VILLAGE = who('p-village-1', 'village-01', '网格员');
const DEPARTMENT = who('p-dept-1', 'guijianban');
const SIGNER = who('p-dept-2', 'guijianban', '分管负责人');
const OFFICE = who('p-office-1', 'office', '专班办公室主任');
const CLOCK = who('daocha-clock', 'office', 'platform');

export const NAME = '练塘示例饭店';
const details = {
  name: NAME,
  kind: '餐饮',
  address: '练塘镇示例路 1 号',
  area: 'village-01',
  tracks: ['gas' as const],
};

function told(stream: string, time: string, actor: Actor, draft: Draft, about: About = {}): Told {
  return [stream, draft, { occurredAt: at(time), recordedAt: at(time), actor, command: `${stream} ${time}`, ...about }];
}

const TEMPLATE = { id: 'gas-restaurant', version: 1 };
const life = (before: HazardStatus | null, after: HazardStatus, grade: 'general' | null = 'general') => ({
  clause: 'GAS-01',
  before,
  after,
  grade,
});
const on = (time: string, actor: Actor, draft: Draft, about: About = {}): Told =>
  told('hazard/h_1', time, actor, draft, { track: 'gas', organisation: 'guijianban', ...about });

const TOWN: Told[] = [
  told('campaign/campaign', '04-25 09:00', OFFICE, { type: 'CampaignLaunched', data: LIANTANG }),
  told('campaign/campaign', '04-25 09:01', OFFICE, { type: 'RuleSetPublished', data: LIANTANG_RULES }),
  ...LIANTANG_CHECKLISTS.filter(({ track }) => track === 'gas').map((data) =>
    told('campaign/campaign', '04-25 09:02', OFFICE, { type: 'ChecklistPublished', data }),
  ),
];

const appoint = (
  org: string,
  appointment: string,
  post: 'liaison' | 'head' | 'office-director',
  person: string,
  from: string,
) =>
  told(`roster/${org}`, '04-28 09:00', OFFICE, {
    type: 'OfficerAppointed',
    data: { appointment, post, person, from, basis: '练府〔2025〕18号附件' },
  });
const ROSTERS: Told[] = [
  appoint('guijianban', 'a-1', 'liaison', 'p-liaison-1', '2025-04-25'),
  appoint('guijianban', 'a-2', 'head', 'p-head-1', '2025-04-25'),
  told('roster/guijianban', '07-01 09:00', OFFICE, {
    type: 'OfficerRelieved',
    data: { appointment: 'a-1', person: 'p-liaison-1', until: '2025-06-30', reason: '岗位调整' },
  }),
  appoint('office', 'a-9', 'office-director', 'p-office-1', '2025-04-25'),
];

const ANSWERS = [
  { item: '1', clause: 'GAS-01', answer: 'problem' as const, text: '软管老化', place: '后厨' },
  ...['2', '3', '4', '5', '6', '7'].map((item) => ({ item, clause: `GAS-0${item}`, answer: 'ok' as const })),
];

const UNIT: Told[] = [
  told('unit/u_1', '04-28 10:00', OFFICE, {
    type: 'UnitRegistered',
    data: { details: { ...details, name: '练塘示列饭店' } },
  }),
  told('unit/u_1', '05-06 10:00', OFFICE, {
    type: 'UnitDetailsCorrected',
    data: {
      target: 'unit/u_1/1',
      before: { ...details, name: '练塘示列饭店' },
      after: details,
      reason: '名称有误',
      approver: 'p-office-2',
    },
  }),
  told('unit/u_1', '05-12 10:00', OFFICE, {
    type: 'SupervisorAssigned',
    track: 'gas',
    data: {
      track: 'gas',
      person: 'p-sup-1',
      post: '燃气监管员',
      organisation: 'guijianban',
      from: '2025-05-12',
      basis: '监管职责到人',
    },
  }),
  told('inspection/i_1', '05-06 08:00', INSPECTOR, {
    type: 'InspectionPlanned',
    track: 'gas',
    data: { plannedFor: at('05-08 09:00'), mode: 'routine', template: TEMPLATE, inspectors: ['p-inspector-1'] },
  }),
  told(
    'inspection/i_1',
    '05-08 10:00',
    INSPECTOR,
    {
      type: 'InspectionRecorded',
      track: 'gas',
      data: {
        mode: 'routine',
        template: TEMPLATE,
        inspectors: ['p-inspector-1', 'p-head-1'],
        answers: ANSWERS,
        findings: [{ item: '1', clause: 'GAS-01', hazard: 'h_1', outcome: 'found' }],
        clean: false,
        signature: { kind: 'refused', reason: '负责人不在场' },
      },
    },
    { command: 'visit-1' },
  ),
  on(
    '05-08 10:00',
    INSPECTOR,
    {
      type: 'HazardFound',
      data: { ...life(null, 'found', null), inspection: 'i_1', item: '1', text: '软管老化', place: '后厨' },
    },
    { command: 'visit-1' },
  ),
  on('05-08 15:00', DEPARTMENT, {
    type: 'HazardGraded',
    data: { ...life('found', 'graded'), grade: 'general', from: null, basis: '可立即整改' },
  }),
  on('05-09 09:00', OFFICE, {
    type: 'HazardAssigned',
    data: { ...life('graded', 'assigned'), from: 'guijianban', to: 'guijianban' },
  }),
  on('05-09 10:00', DEPARTMENT, {
    type: 'RectificationOrdered',
    data: {
      ...life('assigned', 'ordered'),
      measures: '更换软管并加装熄火保护装置',
      due: at('05-20 23:59'),
      previousDue: null,
      authority: '《城镇燃气管理条例》',
    },
  }),
  on('05-15 08:30', CLOCK, {
    type: 'ReminderIssued',
    data: {
      ...life('ordered', 'ordered'),
      due: at('05-20 23:59'),
      rung: '-3',
      workingDays: -3,
      recipients: [{ organisation: 'guijianban', post: 'liaison', person: 'p-liaison-1' }],
      skipped: [],
    },
  }),
  on('05-19 16:00', VILLAGE, {
    type: 'ExtensionRequested',
    data: {
      ...life('ordered', 'ordered'),
      due: at('05-20 23:59'),
      requested: at('06-03 23:59'),
      reason: '配件到货延迟',
      by: 'p-village-1',
    },
  }),
  on('05-20 09:00', OFFICE, {
    type: 'ExtensionApproved',
    data: {
      ...life('ordered', 'ordered'),
      due: at('06-03 23:59'),
      previousDue: at('05-20 23:59'),
      reason: '情况属实',
      requestedBy: 'p-village-1',
      by: 'p-office-1',
      extensions: 1,
    },
  }),
  on('06-03 08:30', CLOCK, {
    type: 'ReminderIssued',
    data: {
      ...life('ordered', 'ordered'),
      due: at('06-03 23:59'),
      rung: '0',
      workingDays: 0,
      recipients: [
        { organisation: 'guijianban', post: 'liaison', person: 'p-liaison-1' },
        { organisation: 'guijianban', post: 'head', person: 'p-head-1' },
      ],
      skipped: [],
    },
  }),
  on('06-04 08:30', CLOCK, { type: 'DeadlineMissed', data: { ...life('ordered', 'ordered'), due: at('06-03 23:59') } }),
  on('06-04 08:31', CLOCK, {
    type: 'ReminderIssued',
    data: {
      ...life('ordered', 'ordered'),
      due: at('06-03 23:59'),
      rung: '+1',
      workingDays: 1,
      recipients: [{ organisation: 'office', post: 'office-director', person: 'p-office-1' }],
      skipped: [],
    },
  }),
  on('06-04 09:10', OFFICE, {
    type: 'ReminderAcknowledged',
    data: { ...life('ordered', 'ordered'), reminder: 'hazard/h_1/10', by: 'p-office-1', note: '已催办' },
  }),
  // says that it was handed in in time, and was recorded two weeks later
  on(
    '06-03 17:00',
    VILLAGE,
    {
      type: 'RectificationSubmitted',
      data: { ...life('ordered', 'submitted'), by: 'p-village-1', statement: '软管已更换' },
    },
    { recordedAt: at('06-17 09:00'), evidence: [{ sha256: 'a'.repeat(64), mediaType: 'image/jpeg' }] },
  ),
  on('06-18 10:00', DEPARTMENT, {
    type: 'VerificationPassed',
    data: { ...life('submitted', 'verified'), by: 'p-dept-1', basis: '现场复查' },
  }),
  on(
    '06-18 15:00',
    SIGNER,
    {
      type: 'HazardSignedOff',
      data: { ...life('verified', 'signed-off'), by: 'p-dept-2', openedAt: at('05-08 10:00'), days: 41, cycle: 1 },
    },
    { command: 'sign-off-1' },
  ),
  told('unit/u_1', '06-18 15:00', SIGNER, { type: 'UnitListed', data: { hazard: 'h_1' } }, { command: 'sign-off-1' }),
  told('inspection/i_2', '07-01 09:00', INSPECTOR, {
    type: 'InspectionPlanned',
    track: 'gas',
    data: { plannedFor: at('07-10 09:00'), mode: 'surprise', inspectors: ['p-inspector-1'] },
  }),
  told('inspection/i_2', '07-11 09:00', INSPECTOR, {
    type: 'InspectionMissed',
    track: 'gas',
    data: { plannedFor: at('07-10 09:00'), reason: '检查人员临时抽调' },
  }),
  told('inspection/i_3', '07-20 09:00', INSPECTOR, {
    type: 'InspectionPlanned',
    track: 'gas',
    data: { plannedFor: at('07-28 09:00'), mode: 'routine', inspectors: ['p-inspector-1'] },
  }),
  told(
    'inspection/i_4',
    '08-05 10:00',
    INSPECTOR,
    {
      type: 'InspectionRecorded',
      track: 'gas',
      data: {
        mode: 'covert',
        inspectors: ['p-inspector-1'],
        answers: ANSWERS.slice(0, 1),
        findings: [{ item: '1', clause: 'GAS-01', hazard: 'h_1', outcome: 'recurred' }],
        clean: false,
      },
    },
    { command: 'visit-4' },
  ),
  on(
    '08-05 10:00',
    INSPECTOR,
    {
      type: 'RecurrenceFound',
      data: {
        ...life('signed-off', 'recurred'),
        inspection: 'i_4',
        item: '1',
        text: '又换回旧软管',
        undoes: 'hazard/h_1/14',
        signedOffAt: at('06-18 15:00'),
        recurrence: 1,
      },
    },
    { command: 'visit-4' },
  ),
  told(
    'unit/u_1',
    '08-05 10:00',
    INSPECTOR,
    { type: 'UnitDelisted', data: { reason: 'recurrence', hazards: ['h_1'] } },
    { command: 'visit-4' },
  ),
  told(
    'escalation/e_1',
    '08-06 09:00',
    OFFICE,
    {
      type: 'EscalationProposed',
      data: {
        hazard: 'h_1',
        to: 'district-gas',
        before: null,
        after: 'proposed',
        limit: 'power',
        rule: 'recurrences',
        reason: '多次回潮，须责令停业',
        urgent: false,
        ruleSet: 1,
      },
    },
    { unit: 'u_1' },
  ),
];

const MESSAGES: Told[] = [
  told('delivery/m_1', '05-15 08:31', CLOCK, {
    type: 'MessageDelivered',
    data: {
      channel: 'wecom',
      organisation: 'guijianban',
      carries: ['hazard/h_1/5'],
      round: 1,
      attempts: 1,
      sentAt: at('05-15 08:31'),
    },
  }),
  told('delivery/m_2', '06-03 08:40', CLOCK, {
    type: 'MessageFailed',
    data: {
      channel: 'wecom',
      organisation: 'guijianban',
      carries: ['hazard/h_1/8'],
      round: 1,
      attempts: 5,
      why: 'exhausted',
      error: 'HTTP 500',
    },
  }),
];

export const ON = '2025-08-20';
export const NOW: Known = {
  asked: null,
  position: 1000,
  recordedBy: null,
  time: at('09-01 10:00'),
  until: at('09-01 10:00'),
  indexed: null,
  generation: 1,
};

export function story(unit: readonly Told[] = UNIT): UnitFile {
  const town = placed(TOWN);
  const rosters = placed(ROSTERS, town.length);
  const events = placed(unit, town.length + rosters.length);
  const deliveries = placed(MESSAGES, town.length + rosters.length + events.length);
  const byOrganisation = Map.groupBy(rosters, ({ event }) => event.stream.split('#')[2]!);
  const state = foldAll(
    campaign,
    town.map(({ event }) => event as never),
  );
  return compileDossier(
    {
      placed: events,
      deliveries,
      town: { state, placed: [...town, ...rosters], rosters: rostersOf(byOrganisation) },
      accesses: [
        {
          at: at('08-22 09:30'),
          person: 'p-auditor-1',
          post: '审计员',
          organisation: 'office',
          roles: ['auditor'],
          action: 'trace',
          unit: 'u_1',
          ground: '审计立项 2025-07',
          route: 'GET /v1/trace/units/{id}/inspections',
          asked: {},
          correlation: 'c',
          refused: null,
        },
      ],
      moreAccesses: false,
    },
    NOW,
    { unit: 'u_1', on: ON, months: 6 },
  );
}

export const UNIT_STORY: readonly Told[] = UNIT;

// Routes of the cases that go beyond the town (上报区级). Rules propose them; the district unit that a case goes to accepts it, gives it
// back or decides it; the town adds what is missing, and verifies the outcome. A district unit sees its own cases, and through each its hazard and unit.
import * as z from 'zod';
import { instantSchema, textSchema } from '../../../events/envelope.ts';
import { ESCALATION_GROUNDS, ESCALATION_STATUSES, type EscalationGround } from '../../../events/escalation.ts';
import { HAZARD_STATUSES, limitSchema } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import type { CaseAge } from '../../../shared/domain/escalation-age.ts';
import type { Dossier, DossierFile, KnownEscalation } from '../../../shared/domain/escalation.ts';
import type { StandsNow } from '../../../shared/views/escalation-lists.ts';
import type { EscalationEntry } from '../../../shared/views/escalations.ts';
import { command, NOT_LAUNCHED, query } from '../route.ts';
import {
  evidenceSchema,
  type FieldsOf,
  flag,
  freshness,
  idSchema,
  pageOf,
  paging,
  trackSchema,
  wholeNumber,
} from '../schemas.ts';
import { circumstances, momentSchema } from '../../../shared/domain/asked.ts';
import { dueDates, hazardState } from './hazards.ts';
import { storedEventSchema } from './history.ts';
import { timelineAnswer, unitPageAnswer } from './views.ts';

/** As the view takes them (shared/views/escalation-lists.ts); a test compares. */
export const ESCALATION_FILTERS = [...ESCALATION_STATUSES, 'open'] as const;
export const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const params = z.strictObject({ id: idSchema });
const tag = 'escalations';
const evidence = { evidence: z.array(evidenceSchema).max(50).optional() };

const instant = instantSchema;
const moment = instant.nullable();
const text = z.string().nullable();
const ground = {
  rule: z.enum(Object.keys(ESCALATION_GROUNDS) as [EscalationGround, ...EscalationGround[]]),
  limit: limitSchema,
  reason: z.string(),
};
const to = idSchema.describe('district guiding unit (区级指导单位)');
const status = z.enum(ESCALATION_STATUSES);
const missing = z.array(z.string()).describe('what the district still misses');
const waitingSince = instant.describe('since when it has waited for whoever must act now');
const workingDays = z.int().nullable();
const age = {
  waitingWorkingDays: workingDays.describe('working days since then; null when nobody must act any more'),
  ageWorkingDays: z.int().describe('working days since it was proposed, until it was verified'),
} satisfies FieldsOf<CaseAge>;

const row = z
  .strictObject({
    ...({
      escalation: idSchema,
      hazard: idSchema,
      unit: idSchema.nullable(),
      area: idSchema.nullable().describe('village or residents’ committee of the unit when the case was proposed'),
      track: trackSchema.nullable(),
      organisation: idSchema.nullable().describe('responsible for the hazard when the case was proposed'),
      to,
      status,
      urgent: z.boolean(),
      grounds: z.array(z.strictObject(ground)).describe('why it goes up, oldest first, since it was last proposed'),
      proposedAt: instant,
      submittedAt: moment.describe('first handed to the district since then'),
      resubmittedAt: moment.describe('last handed to it again'),
      round: z.int().describe('dossiers compiled'),
      acceptedAt: moment,
      reference: text.describe("the district's own number for it"),
      returns: z.int(),
      missing,
      decision: text,
      resolvedAt: moment,
      verifiedAt: moment,
      waitingSince,
    } satisfies FieldsOf<EscalationEntry>),
    ...age,
    ...({
      unitName: text,
      hazardNow: z
        .strictObject({
          clause: z.string(),
          text,
          place: text,
          status: z.enum(HAZARD_STATUSES),
          grade: z.enum(HAZARD_GRADES).nullable(),
          due: moment,
        })
        .nullable()
        .describe('how the hazard stands now'),
    } satisfies FieldsOf<StandsNow>),
  })
  .meta({ id: 'EscalationRow' });

const dossier = {
  round: z.int(),
  position: z.int().describe('the log before this position is in it'),
  files: z
    .array(
      z.strictObject({
        name: z.string(),
        mediaType: z.string(),
        bytes: z.int(),
        sha256: evidenceSchema.shape.sha256,
      } satisfies FieldsOf<DossierFile>),
    )
    .describe('`dossier.docx`, and `events.txt`: the positions of the events behind it'),
} satisfies FieldsOf<Dossier>;
const caseState = {
  status,
  unit: idSchema,
  track: trackSchema,
  organisation: idSchema.describe('responsible for the hazard when the case was proposed'),
  hazard: idSchema,
  to,
  submittedAt: instantSchema
    .nullable()
    .describe('by when it is known to have been with the district: no answer of theirs may claim an earlier time'),
  grounds: z
    .array(z.strictObject({ ...ground, urgent: z.boolean(), ruleSet: z.int() }))
    .describe('since it was last proposed, oldest first'),
  urgent: z.boolean(),
  calls: z.int().describe('dossiers called for so far'),
  dossiers: z
    .array(
      z.strictObject({
        ...dossier,
        path: z.string().describe('the Word document'),
        proofs: z.string().describe('a ZIP of the document, the events behind it and their proofs'),
      }),
    )
    .describe('newest first'),
  missing,
  material: z
    .strictObject({ answers: z.array(z.string()), note: z.string(), by: z.string() })
    .nullable()
    .describe('the last that was added'),
  returns: z.int(),
  accepted: z.strictObject({ by: z.string(), reference: z.string().optional() }).nullable(),
  returned: z.strictObject({ by: z.string(), missing: z.array(z.string()) }).nullable(),
  callsReturned: z.int().describe('dossiers called for when the district last gave it back'),
  decision: z.strictObject({ decision: z.string(), by: z.string(), decidedAt: instant.optional() }).nullable(),
  decidedAt: moment.describe('when the last decision was recorded'),
  decidedOn: z.int().nullable().describe('version of the hazard when it was'),
  verified: z.strictObject({ by: z.string(), note: z.string() }).nullable(),
} satisfies FieldsOf<KnownEscalation>;

export const escalationRoutes = {
  proposeEscalation: command({
    path: '/v1/hazards/{id}/escalations',
    tag,
    summary: 'Bring a hazard up to the district by the judgement of the task-force office',
    zh: '提出上报',
    description:
      'Rules do this by themselves; this is for what no rule sees. A hazard whose case is up already gets a further ground. Without `to` the rule set in force names the district unit.',
    action: 'escalation.propose',
    creates: 'the case is proposed; its dossier follows by itself',
    params,
    body: z
      .strictObject({
        limit: limitSchema,
        reason: textSchema,
        urgent: z.boolean().optional(),
        to: idSchema.optional(),
        ...evidence,
        ...circumstances,
      })
      .meta({ id: 'ProposeEscalation' }),
    example: { limit: 'capacity', reason: '涉及跨镇管网，需区级统筹' },
  }),
  listEscalations: query({
    path: '/v1/escalations',
    tag,
    summary: 'Cases, urgent first, then those that have waited longest',
    zh: '上报台账',
    action: 'read.escalations',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: z.strictObject({
      to: idSchema.optional().describe('district unit'),
      track: trackSchema.optional(),
      area: idSchema.optional().describe("village or residents' committee (村居) of the unit"),
      organisation: idSchema.optional().describe('responsible for the hazard'),
      hazard: idSchema.optional(),
      unit: idSchema.optional(),
      status: z.enum(ESCALATION_FILTERS).optional().describe('one status, or `open`: all but verified'),
      urgent: flag.optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('EscalationList', row),
  }),
  getEscalation: query({
    path: '/v1/escalations/{id}',
    tag,
    summary: 'One case with its whole history, folded fresh from its stream',
    zh: '查看上报案件',
    action: 'read.escalations',
    access: { action: 'read' },
    params,
    answer: z
      .strictObject({
        id: idSchema,
        ...caseState,
        allowed: z
          .array(z.strictObject({ act: z.string(), path: z.string(), may: z.boolean() }))
          .describe('what may be done next, and whether by the caller'),
        waitingSince,
        ...age,
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'Escalation' }),
  }),
  getEscalatedHazard: query({
    path: '/v1/escalations/{id}/hazard',
    tag,
    summary: 'The hazard that the case is about, with its whole history',
    zh: '案件所涉隐患',
    action: 'read.escalations',
    access: { action: 'read' },
    params,
    answer: z
      .strictObject({
        ...hazardState,
        dueDates,
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'EscalatedHazard' }),
  }),
  getEscalatedUnit: query({
    path: '/v1/escalations/{id}/unit',
    tag,
    summary: 'The unit that the case is about',
    zh: '案件所涉单位',
    action: 'read.escalations',
    access: { action: 'read' },
    params,
    query: z.strictObject(freshness),
    answer: unitPageAnswer,
  }),
  getEscalatedTimeline: query({
    path: '/v1/escalations/{id}/timeline',
    tag,
    summary: "The unit's timeline, newest first, paged",
    zh: '案件所涉单位时间线',
    action: 'read.escalations',
    access: { action: 'read' },
    params,
    query: z.strictObject({ ...paging, ...freshness }),
    answer: timelineAnswer,
  }),
  getDossier: query({
    path: '/v1/escalations/{id}/dossiers/{round}',
    tag,
    summary: 'Download a dossier of the case, as a Word document',
    zh: '下载上报材料',
    description:
      'Given out only when it has the hash that `DossierCompiled` names; the answer names it too (Repr-Digest).',
    action: 'read.escalations',
    access: { action: 'export' },
    params: z.strictObject({ id: idSchema, round: wholeNumber(1, 9999) }),
    answer: z.string().meta({ format: 'binary' }),
    produces: WORD,
  }),
  getDossierProofs: query({
    path: '/v1/escalations/{id}/dossiers/{round}/proofs',
    tag,
    summary: 'Download the proofs of a dossier: its files, the events behind it, and that each is in the signed log',
    zh: '下载上报材料证明包',
    description:
      'A ZIP; unpacked, `daocha audit verify DIR` checks it without the platform. The same bytes whenever it is asked for. A dossier compiled a moment ago may not be signed yet: it is waited for some seconds, then 404 `not-signed-yet`.',
    action: 'read.escalations',
    access: { action: 'export' },
    params: z.strictObject({ id: idSchema, round: wholeNumber(1, 9999) }),
    answer: z.string().meta({ format: 'binary' }),
    problems: { 413: 'more than one answer can carry; `expected` says what to ask for instead' },
    produces: 'application/zip',
  }),
  addMaterial: command({
    path: '/v1/escalations/{id}/materials',
    tag,
    summary: 'Add what the district misses',
    zh: '补充材料',
    description:
      '`answers` names which of the missing things it is; without it, all of them. When nothing is missing any more, the dossier is compiled anew and the case goes up again.',
    action: 'escalation.add-material',
    params,
    body: z
      .strictObject({
        answers: z.array(textSchema).min(1).max(20).optional(),
        note: textSchema,
        ...evidence,
        ...circumstances,
      })
      .meta({ id: 'AddMaterial' }),
    example: { answers: ['整改前后照片'], note: '已补拍，见所附照片' },
  }),
  acceptEscalation: command({
    path: '/v1/escalations/{id}/acceptances',
    tag,
    summary: 'Accept the case, as the district unit it goes to',
    zh: '区级受理',
    action: 'escalation.accept',
    params,
    body: z
      .strictObject({
        reference: z.string().trim().min(1).max(200).optional().describe("the district's own number for it"),
        ...circumstances,
      })
      .meta({ id: 'AcceptEscalation' }),
    example: { reference: '青安委办〔2025〕31号' },
  }),
  returnEscalation: command({
    path: '/v1/escalations/{id}/returns',
    tag,
    summary: 'Give the case back and say what is missing',
    zh: '区级退回',
    action: 'escalation.return',
    params,
    body: z
      .strictObject({ missing: z.array(textSchema).min(1).max(20), ...circumstances })
      .meta({ id: 'ReturnEscalation' }),
    example: { missing: ['整改前后照片', '现场检查记录'] },
  }),
  resolveEscalation: command({
    path: '/v1/escalations/{id}/resolutions',
    tag,
    summary: 'Decide the case',
    zh: '区级处理',
    action: 'escalation.resolve',
    params,
    body: z
      .strictObject({
        decision: textSchema,
        decidedAt: momentSchema.optional().describe('when it was decided, if not now'),
        ...evidence,
        ...circumstances,
      })
      .meta({ id: 'ResolveEscalation' }),
    example: { decision: '责令停产停业整顿三个月' },
  }),
  verifyEscalation: command({
    path: '/v1/escalations/{id}/verifications',
    tag,
    summary: "Verify on site that the district's decision is carried out",
    zh: '镇级核实',
    action: 'escalation.verify',
    params,
    body: z.strictObject({ note: textSchema, ...evidence, ...circumstances }).meta({ id: 'VerifyEscalation' }),
    example: { note: '现场核实已停用' },
  }),
};

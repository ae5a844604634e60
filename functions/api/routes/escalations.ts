// Routes of the cases that go beyond the town (上报区级). Rules propose them; the district unit that a case goes to accepts
// it, gives it back or decides it; the town adds what is missing, and verifies the outcome. A district unit sees its
// own cases, and through each its hazard and unit.
import * as z from 'zod';
import { ESCALATION_ACTS, type EscalationAct, escalationSchema } from '../../../shared/rules/escalation/escalation.ts';
import { caseAgeSchema } from '../../../shared/rules/escalation/age.ts';
import { hazardSchema } from '../../../shared/rules/hazard/hazard.ts';
import { ESCALATION_FILTERS, escalationRowSchema } from '../../../shared/reading/escalation/list.ts';
import { pageOf } from '../../../shared/reading/views/page.ts';
import { timelinePageSchema } from '../../../shared/reading/unit/timeline.ts';
import { unitPageSchema } from '../../../shared/reading/unit/page.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { bytesSchema, booleanText, freshness, idSchema, paging, trackSchema, wholeNumber } from '../schemas.ts';
import { dueDates } from './hazards.ts';
import { storedEventSchema } from './history.ts';

export const WORD_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const params = z.strictObject({ id: idSchema });
const tag = 'escalations';

/** Each dossier with where to get it. */
const dossiers = z
  .array(
    escalationSchema.shape.dossiers.element.extend({
      path: z.string().describe('the Word document'),
      proofs: z.string().describe('a ZIP of the document, the events behind it and their proofs'),
    }),
  )
  .describe('newest first');

export const escalationRoutes = {
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
      urgent: booleanText.optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('EscalationList', escalationRowSchema),
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
        ...escalationSchema.shape,
        dossiers,
        allowed: z
          .array(
            z.strictObject({
              act: z.enum(Object.keys(ESCALATION_ACTS) as [EscalationAct, ...EscalationAct[]]),
              path: z.string(),
              may: z.boolean(),
            }),
          )
          .describe('what may be done next, and whether by the caller'),
        waitingSince: escalationRowSchema.shape.waitingSince,
        ...caseAgeSchema.shape,
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
        ...hazardSchema.shape,
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
    answer: unitPageSchema,
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
    answer: timelinePageSchema,
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
    answer: bytesSchema,
    produces: WORD_TYPE,
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
    answer: bytesSchema,
    problems: { 413: 'more than one answer can carry; `expected` says what to ask for instead' },
    produces: 'application/zip',
  }),
};

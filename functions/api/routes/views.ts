// Routes that read views (a unit's page, a track's page, the lists) and routes about the platform itself.
import * as z from 'zod';
import { HAZARD_STATUSES } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import { RISK_GRADES } from '../../../events/unit.ts';
import { closedLoopRowSchema, HAZARD_SORTS, hazardRowSchema } from '../../../shared/reading/hazard/list.ts';
import { overviewSchema } from '../../../shared/reading/overview/page.ts';
import { asOfSchema, pageOf } from '../../../shared/reading/views/page.ts';
import { timelinePageSchema } from '../../../shared/reading/unit/timeline.ts';
import { trackFiguresSchema, trackPageSchema } from '../../../shared/reading/track/page.ts';
import { unitPageSchema } from '../../../shared/reading/unit/page.ts';
import { UNIT_SORTS, unitRowSchema } from '../../../shared/reading/unit/list.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { dueSchema } from '../../../shared/rules/asked.ts';
import { booleanText, freshness, idSchema, paging, trackSchema, wholeNumber } from '../schemas.ts';

const unitParams = z.strictObject({ id: idSchema });
const tag = 'views';

const unitQuery = z.strictObject({
  track: trackSchema.optional(),
  area: idSchema.optional().describe("village or residents' committee (村居)"),
  listed: booleanText.optional().describe('on the sign-off list (销项名单) or not'),
  riskGrade: z.enum(RISK_GRADES).optional(),
  sort: z.enum(UNIT_SORTS).optional(),
  ...paging,
  ...freshness,
});

const statuses = z.enum([...HAZARD_STATUSES, 'open', 'closed', 'waiting']);
const hazardQuery = z.strictObject({
  track: trackSchema.optional(),
  unit: idSchema.optional(),
  area: idSchema.optional().describe("village or residents' committee (村居) of the unit when the hazard was found"),
  organisation: idSchema.optional().describe('responsible for it now'),
  status: statuses.optional().describe('one status, or all that are open, closed, or waiting for the unit to deliver'),
  grade: z.enum(HAZARD_GRADES).optional(),
  dueBefore: dueSchema.optional().describe('open ones due before this'),
  sort: z
    .enum(HAZARD_SORTS)
    .optional()
    .describe('open ones by due date, closed ones by -signedOff, both by -found, unless told'),
  ...paging,
  ...freshness,
});

/** Rows of a list that is taken away at once, at most: within what a function may answer. */
export const EXPORTED = 5000;
const exported = `As the list, but ${EXPORTED} rows at once; with \`cursor\` the next ones. On the access log it is an export.`;

export const viewRoutes = {
  listUnits: query({
    path: '/v1/units',
    tag,
    summary: 'Units by name, filtered, paged',
    zh: '单位列表',
    action: 'read.units',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: unitQuery,
    answer: pageOf('UnitList', unitRowSchema),
  }),
  getUnit: query({
    path: '/v1/units/{id}',
    tag,
    summary: "A unit's page",
    zh: '单位档案',
    description: 'Details, open hazards, counts; on the sign-off list (销项名单) or not, and since when.',
    action: 'read.units',
    access: { action: 'read', unit: 'id' },
    params: unitParams,
    query: z.strictObject(freshness),
    answer: unitPageSchema,
  }),
  getUnitTimeline: query({
    path: '/v1/units/{id}/timeline',
    tag,
    summary: "A unit's timeline, newest first, paged",
    zh: '单位时间线',
    action: 'read.units',
    access: { action: 'read', unit: 'id' },
    params: unitParams,
    query: z.strictObject({ ...paging, ...freshness }),
    answer: timelinePageSchema,
  }),
  listTracks: query({
    path: '/v1/tracks',
    tag,
    summary: 'The figures of every track',
    zh: '各专项统计',
    action: 'read.tracks',
    query: z.strictObject(freshness),
    answer: z.strictObject({ items: z.array(trackFiguresSchema), asOf: asOfSchema }).meta({ id: 'TrackList' }),
  }),
  getTrack: query({
    path: '/v1/tracks/{track}',
    tag,
    summary: "A track's page, with figures by organisation",
    zh: '专项统计',
    description:
      'Inspections, clean ones, hazards by status and grade, signed off, recurrences, closure rate, median days to sign-off.',
    action: 'read.tracks',
    params: z.strictObject({ track: trackSchema }),
    query: z.strictObject(freshness),
    answer: trackPageSchema,
  }),
  getOverview: query({
    path: '/v1/overview',
    tag,
    summary: 'The campaign lately: month by month, how old the open hazards are, what is overdue',
    zh: '总览',
    description: 'Beside the figures of `/v1/tracks`. A day is a day of the town (Asia/Shanghai).',
    action: 'read.tracks',
    query: z.strictObject({
      months: wholeNumber(1, 36).optional().describe('months to show, 12 unless told'),
      ...freshness,
    }),
    answer: overviewSchema,
  }),
  listHazards: query({
    path: '/v1/hazards',
    tag,
    summary: 'Hazards, filtered, sorted, paged',
    zh: '隐患列表',
    action: 'read.hazards',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('HazardList', hazardRowSchema),
  }),
  listBaseline: query({
    path: '/v1/lists/baseline',
    tag,
    summary: 'The baseline list of the plan',
    zh: '底数清单',
    action: 'read.units',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: unitQuery,
    answer: pageOf('BaselineList', unitRowSchema),
  }),
  listRisks: query({
    path: '/v1/lists/hazards',
    tag,
    summary: 'The hazard list of the plan: every hazard found',
    zh: '风险隐患排查清单',
    action: 'read.hazards',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('RiskList', hazardRowSchema),
  }),
  listClosedLoop: query({
    path: '/v1/lists/closed-loop',
    tag,
    summary: 'The closed-loop list of the plan: each hazard with the steps of its present cycle',
    zh: '整治闭环清单',
    action: 'read.hazards',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('ClosedLoopList', closedLoopRowSchema),
  }),
  exportBaseline: query({
    path: '/v1/lists/baseline/export',
    tag,
    summary: 'The baseline list to take away',
    zh: '导出底数清单',
    description: exported,
    action: 'read.units',
    problems: NOT_LAUNCHED,
    access: { action: 'export', unit: '*' },
    query: unitQuery.omit({ limit: true }),
    answer: pageOf('BaselineExport', unitRowSchema),
  }),
  exportRisks: query({
    path: '/v1/lists/hazards/export',
    tag,
    summary: 'The hazard list to take away',
    zh: '导出风险隐患排查清单',
    description: exported,
    action: 'read.hazards',
    problems: NOT_LAUNCHED,
    access: { action: 'export', unit: '*' },
    query: hazardQuery.omit({ limit: true }),
    answer: pageOf('RiskExport', hazardRowSchema),
  }),
  exportClosedLoop: query({
    path: '/v1/lists/closed-loop/export',
    tag,
    summary: 'The closed-loop list to take away',
    zh: '导出整治闭环清单',
    description: exported,
    action: 'read.hazards',
    problems: NOT_LAUNCHED,
    access: { action: 'export', unit: '*' },
    query: hazardQuery.omit({ limit: true }),
    answer: pageOf('ClosedLoopExport', closedLoopRowSchema),
  }),
  getPosition: query({
    path: '/v1/positions',
    tag: 'platform',
    summary: "The log position of a stream's event",
    zh: '事件位次',
    description: 'To whoever may read the stream; to others it answers as the page about it does.',
    action: 'read.positions',
    problems: { 404: 'there is no such unit, hazard, inspection or case' },
    query: z.strictObject({
      stream: z
        .string()
        .regex(
          /^(campaign|roster|person|unit|inspection|hazard|escalation|report|delivery)\/[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/,
          'must be <category>/<id>, e.g. unit/u_1',
        ),
      version: wholeNumber(1, 9_999_999_999),
    }),
    answer: z
      .strictObject({
        stream: z.string(),
        version: z.int(),
        position: z.int().nullable().describe('null: not sequenced yet'),
      })
      .meta({ id: 'Position' }),
  }),
  getHealth: query({
    path: '/health',
    tag: 'platform',
    summary: 'Whether the platform works, how long the log is, how far its followers are',
    zh: '运行状况',
    action: 'public',
    answers: {
      503: {
        description: 'the tables cannot be reached',
        schema: z.strictObject({ status: z.literal('unavailable') }),
      },
    },
    answer: z
      .strictObject({
        status: z
          .enum(['ok', 'impaired'])
          .describe('impaired: a follower leaves something out, or would pass over what comes'),
        tenant: idSchema,
        log: z.strictObject({
          size: z.int(),
          signed: z
            .strictObject({
              size: z.int().describe('events under the latest checkpoint'),
              at: z.iso.datetime().describe('when it was signed'),
              age: z.int().describe('seconds since then'),
            })
            .nullable()
            .describe('null: nothing is signed yet'),
        }),
        followers: z.record(
          z.string(),
          z.strictObject({
            position: z.int().describe('next to read'),
            lag: z.int().describe('events it has not seen yet'),
            ahead: z
              .int()
              .describe(
                'how far its position is beyond the log: somebody moved it, and it passes over what comes; else 0',
              ),
            broken: z.int().describe('streams that it leaves out, because an event in each is gone or altered'),
            movedAt: z.iso
              .datetime()
              .nullable()
              .describe('when it last moved on; a lag that stays while this stands still needs a look'),
          }),
        ),
      })
      .meta({ id: 'Health' }),
  }),
};

// Routes that read views (a unit's page, a track's page, the lists) and routes about the platform itself.
import * as z from 'zod';
import { HAZARD_STATUSES } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import { RISK_GRADES, unitDetailsSchema } from '../../../events/unit.ts';
import { query } from '../route.ts';
import {
  asOfSchema,
  dueSchema,
  flag,
  freshness,
  idSchema,
  pageOf,
  paging,
  trackSchema,
  wholeNumber,
} from '../schemas.ts';

/** As the views take them (shared/views/unit-lists.ts, hazard-lists.ts); a test compares. */
export const UNIT_SORTS = ['name', '-name'] as const;
export const HAZARD_SORTS = ['due', '-due', 'found', '-found', 'signedOff', '-signedOff'] as const;

const unitParams = z.strictObject({ id: idSchema });
const tag = 'views';

const unitQuery = z.strictObject({
  track: trackSchema.optional(),
  area: idSchema.optional().describe("village or residents' committee (村居)"),
  listed: flag.optional().describe('on the sign-off list (销项名单) or not'),
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

const hazardRow = z
  .looseObject({
    hazard: idSchema,
    unit: idSchema,
    unitName: z.string().nullable(),
    clause: z.string(),
    status: z.enum(HAZARD_STATUSES),
  })
  .meta({ id: 'HazardRow' });
const unitRow = z
  .looseObject({ unit: idSchema, name: z.string(), tracks: z.array(trackSchema), listed: z.boolean() })
  .meta({ id: 'UnitRow' });

export const unitPageAnswer = z
  .looseObject({
    unit: idSchema,
    details: unitDetailsSchema.nullable(),
    listed: z.looseObject({ on: z.boolean(), since: z.string().nullable() }),
    counts: z.record(z.string(), z.int()),
    openHazards: z.array(z.looseObject({ hazard: idSchema, clause: z.string(), status: z.enum(HAZARD_STATUSES) })),
    asOf: asOfSchema,
  })
  .meta({ id: 'UnitPage' });
export const timelineAnswer = pageOf(
  'Timeline',
  z.looseObject({ position: z.int(), event: z.string(), type: z.string(), title: z.string() }),
);

/** Rows of a list that is taken away at once, at most: within what a function may answer. */
export const EXPORTED = 5000;
const exported = `As the list, but ${EXPORTED} rows at once; with \`cursor\` the next ones. On the access log it is an export.`;

const figures = {
  track: trackSchema,
  inspections: z.int(),
  cleanInspections: z.int(),
  hazards: z.int().describe('found, each counted once however often it came back'),
  open: z.int(),
  signedOff: z.int(),
  recurrences: z.int(),
  byStatus: z.record(z.string(), z.int()),
  byGrade: z.record(z.string(), z.int()),
  closureRate: z.number().nullable().describe('signed off of all, 0 to 1'),
  medianDaysToSignOff: z.number().nullable(),
};

export const viewRoutes = {
  listUnits: query({
    path: '/v1/units',
    tag,
    summary: 'Units by name, filtered, paged',
    zh: '单位列表',
    action: 'read.units',
    access: { action: 'list', unit: '*' },
    query: unitQuery,
    answer: pageOf('UnitList', unitRow),
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
    answer: unitPageAnswer,
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
    answer: timelineAnswer,
  }),
  listTracks: query({
    path: '/v1/tracks',
    tag,
    summary: 'The figures of every track',
    zh: '各专项统计',
    action: 'read.tracks',
    query: z.strictObject(freshness),
    answer: z.strictObject({ items: z.array(z.looseObject(figures)), asOf: asOfSchema }).meta({ id: 'TrackList' }),
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
    answer: z
      .looseObject({
        ...figures,
        organisations: z
          .array(z.looseObject({ organisation: z.string() }))
          .optional()
          .describe('the same figures by responsible organisation; left out for subscribers'),
        asOf: asOfSchema,
      })
      .meta({ id: 'TrackPage' }),
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
    answer: z
      .strictObject({
        months: z.array(
          z.strictObject({
            month: z.string(),
            tracks: z.partialRecord(trackSchema, z.looseObject({ opened: z.int() })),
          }),
        ),
        open: z
          .partialRecord(trackSchema, z.record(z.iso.date(), z.int()))
          .describe('open hazards by the day on which they were found or came back'),
        overdue: z
          .record(trackSchema, z.strictObject({ count: z.int(), more: z.boolean() }))
          .describe('due before today and waiting for the unit to deliver; `more`: at least so many'),
        asOf: asOfSchema,
      })
      .meta({ id: 'Overview' }),
  }),
  listHazards: query({
    path: '/v1/hazards',
    tag,
    summary: 'Hazards, filtered, sorted, paged',
    zh: '隐患列表',
    action: 'read.hazards',
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('HazardList', hazardRow),
  }),
  listBaseline: query({
    path: '/v1/lists/baseline',
    tag,
    summary: 'The baseline list of the plan',
    zh: '底数清单',
    action: 'read.units',
    access: { action: 'list', unit: '*' },
    query: unitQuery,
    answer: pageOf('BaselineList', unitRow),
  }),
  listRisks: query({
    path: '/v1/lists/hazards',
    tag,
    summary: 'The hazard list of the plan: every hazard found',
    zh: '风险隐患排查清单',
    action: 'read.hazards',
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('RiskList', hazardRow),
  }),
  listClosedLoop: query({
    path: '/v1/lists/closed-loop',
    tag,
    summary: 'The closed-loop list of the plan: each hazard with the steps of its present cycle',
    zh: '整治闭环清单',
    action: 'read.hazards',
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('ClosedLoopList', hazardRow),
  }),
  exportBaseline: query({
    path: '/v1/lists/baseline/export',
    tag,
    summary: 'The baseline list to take away',
    zh: '导出底数清单',
    description: exported,
    action: 'read.units',
    access: { action: 'export', unit: '*' },
    query: unitQuery.omit({ limit: true }),
    answer: pageOf('BaselineExport', unitRow),
  }),
  exportRisks: query({
    path: '/v1/lists/hazards/export',
    tag,
    summary: 'The hazard list to take away',
    zh: '导出风险隐患排查清单',
    description: exported,
    action: 'read.hazards',
    access: { action: 'export', unit: '*' },
    query: hazardQuery.omit({ limit: true }),
    answer: pageOf('RiskExport', hazardRow),
  }),
  exportClosedLoop: query({
    path: '/v1/lists/closed-loop/export',
    tag,
    summary: 'The closed-loop list to take away',
    zh: '导出整治闭环清单',
    description: exported,
    action: 'read.hazards',
    access: { action: 'export', unit: '*' },
    query: hazardQuery.omit({ limit: true }),
    answer: pageOf('ClosedLoopExport', hazardRow),
  }),
  getPosition: query({
    path: '/v1/positions',
    tag: 'platform',
    summary: "The log position of a stream's event",
    zh: '事件位次',
    description: 'To whoever may read the stream; to others it answers as the page about it does.',
    action: 'read.positions',
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
      503: { description: 'the tables cannot be reached', schema: z.looseObject({ status: z.literal('unavailable') }) },
    },
    answer: z
      .strictObject({
        status: z.literal('ok'),
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

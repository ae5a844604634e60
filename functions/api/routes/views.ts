// Routes that read views (a unit's page, a track's page, the lists) and routes about the platform itself.
import * as z from 'zod';
import { actorSchema, dateSchema, instantSchema } from '../../../events/envelope.ts';
import { HAZARD_STATUSES } from '../../../events/hazard.ts';
import { HAZARD_GRADES, INSPECTION_MODES } from '../../../events/inspection.ts';
import { BaselineSurveyed, RISK_GRADES, UnitDelisted, unitDetailsSchema } from '../../../events/unit.ts';
import type { CorrectedField } from '../../../shared/domain/corrections.ts';
import type { ClosedLoopRow } from '../../../shared/views/hazard-lists.ts';
import type { HazardEntry, Said } from '../../../shared/views/hazards.ts';
import type { MonthDocument } from '../../../shared/views/overview.ts';
import type { TimelineEntry } from '../../../shared/views/timeline.ts';
import type { TrackFigures } from '../../../shared/views/track-page.ts';
import type { UnitPage } from '../../../shared/views/unit-page.ts';
import type { BaselineDocument, Correction, Lease, OpenHazard } from '../../../shared/views/unit.ts';
import type { UnitRow } from '../../../shared/views/unit-lists.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import {
  asOfSchema,
  flag,
  type FieldsOf,
  freshness,
  idSchema,
  pageOf,
  paging,
  trackSchema,
  wholeNumber,
} from '../schemas.ts';
import { dueSchema } from '../../../shared/domain/asked.ts';

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

const instant = instantSchema;
const grade = z.enum(HAZARD_GRADES).nullable();
const status = z.enum(HAZARD_STATUSES);
const text = z.string().nullable();
/** Track and organisation of old events that name none are null. */
const track = trackSchema.nullable();
const organisation = idSchema.nullable();

/** One field that a later event corrected (更正). */
export const correctedFields = {
  field: z.string(),
  from: z.unknown(),
  to: z.unknown(),
  reason: z.string(),
  approver: z.string(),
  person: z.string(),
  recordedAt: instant,
  event: z.string().describe('the event that corrects it'),
} satisfies FieldsOf<CorrectedField>;

const said = z
  .strictObject({
    event: z.string(),
    corrected: z
      .strictObject({ from: z.unknown(), event: z.string(), at: instant })
      .nullable()
      .describe('what it said before it was corrected (更正)'),
  } satisfies FieldsOf<Said>)
  .nullable();

const cycle = {
  hazard: idSchema,
  unit: idSchema,
  track,
  clause: z.string(),
  organisation: organisation.describe('responsible for it now'),
  status,
  grade,
  foundAt: instant,
  cycle: z.int().describe('1 for the first; a recurrence starts the next'),
  recurrences: z.int(),
  openedAt: instant.describe('start of this cycle: found, or came back'),
  orderedAt: instant.nullable(),
  due: instant.nullable().describe('end of the rectification period of this cycle; null: none ordered yet'),
  submittedAt: instant.nullable(),
  verifiedAt: instant.nullable(),
  signedOffAt: instant.nullable(),
  days: z.int().nullable().describe('whole calendar days from opening to sign-off'),
};
const unitName = text.describe('its present name; null: the views do not have it yet');
const hazardRow = z
  .strictObject({
    ...({
      ...cycle,
      area: organisation.describe('village or residents’ committee of the unit when it was found'),
      text,
      place: text,
      closedAt: instant.nullable(),
      rejections: z.int().describe('in this cycle'),
      extensions: z.int().describe('approved in this cycle'),
      seenAt: instant.describe('last seen by an inspection'),
      derived: z.boolean().describe("found by a row of somebody else's register"),
      said: z.strictObject({ text: said, place: said }).describe('the events that say `text` and `place`'),
    } satisfies FieldsOf<HazardEntry>),
    unitName,
  })
  .meta({ id: 'HazardRow' });
const closedLoopRow = z
  .strictObject({
    ...({
      ...cycle,
      closed: z.boolean().describe('signed off and not come back'),
    } satisfies FieldsOf<ClosedLoopRow>),
    unitName,
  })
  .meta({ id: 'ClosedLoopRow' });
const unitRow = z
  .strictObject({
    unit: idSchema,
    name: z.string(),
    kind: text,
    address: text,
    area: organisation,
    tracks: z.array(trackSchema),
    riskGrade: z.enum(RISK_GRADES).nullable(),
    listed: z.boolean().describe('on the sign-off list (销项名单)'),
    listedSince: instant.nullable(),
    surveyed: z
      .partialRecord(trackSchema, z.strictObject({ at: instant, facts: z.int() }))
      .describe('last survey of the baseline facts, by track, with the number of facts'),
    registeredAt: instant,
    closedAt: instant.nullable(),
  } satisfies FieldsOf<UnitRow>)
  .meta({ id: 'UnitRow' });

const openHazard = z.strictObject({
  hazard: idSchema,
  clause: z.string(),
  track,
  status,
  grade,
  due: instant.nullable(),
  organisation,
  since: instant.describe('when it was found or last came back'),
} satisfies FieldsOf<OpenHazard>);
const lease = z.strictObject({
  lease: idSchema,
  lessor: z.string(),
  lessee: z.string(),
  from: dateSchema,
  to: dateSchema.nullable(),
  agreement: dateSchema.nullable().describe('day on which the safety agreement (安全管理协议) was signed'),
} satisfies FieldsOf<Lease>);
const correction = z.strictObject({
  from: z.unknown().describe('the value before; null when there was none'),
  correctedAt: instant,
  event: z.string(),
  target: z.string(),
  reason: z.string(),
  approver: z.string(),
} satisfies FieldsOf<Correction>);
const baseline = z.strictObject({
  track: trackSchema,
  facts: BaselineSurveyed.data.shape.facts,
  surveyedAt: instant,
  event: z.string(),
  surveys: z.int(),
} satisfies FieldsOf<BaselineDocument>);

export const unitPageAnswer = z
  .strictObject({
    unit: idSchema,
    details: unitDetailsSchema,
    registeredAt: instant.nullable(),
    closed: z.strictObject({ at: instant, reason: z.string() }).nullable(),
    corrected: z
      .partialRecord(unitDetailsSchema.keyof(), correction)
      .describe('last correction of each detail that was ever corrected'),
    riskGrade: z.strictObject({ grade: z.enum(RISK_GRADES), since: instant, basis: z.string() }).nullable(),
    leases: z.array(lease),
    leasesLeftOut: z.int().describe('older leases that are not written out'),
    listed: z
      .strictObject({
        on: z.boolean(),
        since: instant.nullable(),
        reason: UnitDelisted.data.shape.reason.nullable(),
      })
      .describe('on the sign-off list (销项名单) or not, and since when; null: never was on it'),
    counts: z.strictObject({
      inspections: z.int(),
      clean: z.int(),
      missed: z.int(),
      hazards: z.int().describe('ever found, each counted once'),
      open: z.int(),
      signedOff: z.int().describe('now in status signed-off'),
      signOffs: z.int().describe('sign-offs ever given'),
      recurrences: z.int(),
    }),
    openHazards: z.array(openHazard).describe('the first 100'),
    openHazardsLeftOut: z.int(),
    lastInspection: z
      .strictObject({
        inspection: idSchema,
        at: instant,
        track,
        mode: z.enum(INSPECTION_MODES),
        clean: z.boolean(),
        findings: z.int(),
        corrected: text.describe('the event that last corrected its time or mode (更正)'),
      })
      .nullable(),
    baselines: z.partialRecord(trackSchema, baseline),
    asOf: asOfSchema,
  } satisfies FieldsOf<UnitPage>)
  .meta({ id: 'UnitPage' });
export const timelineAnswer = pageOf(
  'Timeline',
  z.strictObject({
    ...({
      position: z.int(),
      event: z.string(),
      type: z.string(),
      stream: z.string(),
      version: z.int(),
      occurredAt: instant,
      recordedAt: instant,
      lateBasis: z.string().optional().describe('on what a claimed time rests, in the words of whoever recorded it'),
      actor: actorSchema,
      track,
      clause: text,
      before: status.nullable(),
      after: status.nullable(),
      corrects: text.describe('a correction: id of the event that it corrects'),
      derived: z.boolean().describe("inferred from somebody else's register"),
    } satisfies FieldsOf<TimelineEntry>),
    title: z.string().describe('the Chinese name of its type'),
    corrected: z.array(z.strictObject(correctedFields)).optional().describe('what later events corrected in it (更正)'),
  }),
);

/** Rows of a list that is taken away at once, at most: within what a function may answer. */
export const EXPORTED = 5000;
const exported = `As the list, but ${EXPORTED} rows at once; with \`cursor\` the next ones. On the access log it is an export.`;

const count = z.int();
const gradeKey = z.enum([...HAZARD_GRADES, 'ungraded']);
const figures = {
  inspections: count,
  cleanInspections: count,
  missedInspections: count,
  hazards: count.describe('found, each counted once however often it came back'),
  open: count,
  signedOff: count.describe('now in status signed-off'),
  signOffs: count.describe('sign-offs ever given'),
  recurrences: count,
  byStatus: z.record(status, count),
  byGrade: z.record(gradeKey, count),
  byStatusAndGrade: z.partialRecord(status, z.partialRecord(gradeKey, count)).describe('zeroes are left out'),
  closureRate: z.number().nullable().describe('signed off of all, 0 to 1'),
  medianDaysToSignOff: z.number().nullable(),
} satisfies FieldsOf<TrackFigures>;
const trackFigures = z.strictObject({ track: trackSchema, ...figures }).meta({ id: 'TrackFigures' });
const month = z.strictObject({
  inspections: count,
  cleanInspections: count,
  opened: count.describe('hazards found, come back, or open again otherwise'),
  recurrences: count,
  closed: count.describe('signed off, merged, or dismissed'),
  signedOff: count,
} satisfies FieldsOf<MonthDocument>);

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
    answer: z.strictObject({ items: z.array(trackFigures), asOf: asOfSchema }).meta({ id: 'TrackList' }),
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
      .strictObject({
        ...trackFigures.shape,
        organisations: z
          .array(z.strictObject({ organisation: idSchema, ...figures }))
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
            tracks: z.partialRecord(trackSchema, month),
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
    problems: NOT_LAUNCHED,
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
    problems: NOT_LAUNCHED,
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
    problems: NOT_LAUNCHED,
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
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: hazardQuery,
    answer: pageOf('ClosedLoopList', closedLoopRow),
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
    answer: pageOf('BaselineExport', unitRow),
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
    answer: pageOf('RiskExport', hazardRow),
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
    answer: pageOf('ClosedLoopExport', closedLoopRow),
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

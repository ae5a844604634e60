// View `unit` (单位档案): one document a unit, everything its page shows except the baseline facts, which lie beside it in the
// same partition (one document per track), so that neither outgrows an item. Bounded whatever the unit's age: 100 open hazards
// and 50 leases are written out, of the rest only their number.
import * as z from 'zod';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import {
  dateSchema,
  idSchema,
  instantSchema,
  parseStreamKey,
  trackSchema,
  type Track,
} from '../../../events/envelope.ts';
import { HAZARD_STATUSES, isOpen, type HazardEvent } from '../../../events/hazard.ts';
import { HAZARD_GRADES, INSPECTION_MODES, MODE_NAMES, type InspectionMode } from '../../../events/inspection.ts';
import {
  BaselineSurveyed,
  DELISTED_NAMES,
  RISK_GRADES,
  UnitDelisted,
  unitDetailsSchema,
  type UnitDetails,
} from '../../../events/unit.ts';
import { townDay, townMinute } from '../../town-time.ts';
import { dueSetBy } from '../../rules/waiting/waiting.ts';
import { isHazardEvent, openChange, signedOffChange } from '../hazard/cell.ts';
import { asOfSchema } from '../views/page.ts';
import { foldOne, unitOf, type DocumentView, type Folds } from '../views/view.ts';

export const MAX_OPEN_HAZARDS = 100;
export const MAX_LEASES = 50;

const openHazardSchema = z.strictObject({
  hazard: idSchema,
  clause: z.string(),
  track: trackSchema.nullable(),
  status: z.enum(HAZARD_STATUSES),
  grade: z.enum(HAZARD_GRADES).nullable(),
  due: instantSchema.nullable(),
  organisation: idSchema.nullable(),
  since: instantSchema.describe('when it was found or last came back'),
});
export type OpenHazard = z.infer<typeof openHazardSchema>;

const correctionSchema = z.strictObject({
  from: z.unknown().describe('the value before; null when there was none'),
  correctedAt: instantSchema,
  event: z.string(),
  target: z.string(),
  reason: z.string(),
  approver: z.string(),
});

const unitDocumentSchema = z.strictObject({
  unit: idSchema,
  /** null only if something about the unit is known but not its registration */
  details: unitDetailsSchema.nullable(),
  registeredAt: instantSchema.nullable(),
  closed: z.strictObject({ at: instantSchema, reason: z.string() }).nullable(),
  corrected: z
    .partialRecord(unitDetailsSchema.keyof(), correctionSchema)
    .describe('last correction of each detail that was ever corrected'),
  riskGrade: z.strictObject({ grade: z.enum(RISK_GRADES), since: instantSchema, basis: z.string() }).nullable(),
  leases: z.array(
    z.strictObject({
      lease: idSchema,
      lessor: z.string(),
      lessee: z.string(),
      from: dateSchema,
      to: dateSchema.nullable(),
      agreement: dateSchema.nullable().describe('day on which the safety agreement (安全管理协议) was signed'),
    }),
  ),
  leasesLeftOut: z.int().describe('older leases that are not written out'),
  listed: z
    .strictObject({
      on: z.boolean(),
      since: instantSchema.nullable(),
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
  /** in the order in which they opened; `counts.open` says how many there are */
  openHazards: z.array(openHazardSchema).describe('the first 100'),
  lastInspection: z
    .strictObject({
      inspection: idSchema,
      at: instantSchema,
      track: trackSchema.nullable(),
      mode: z.enum(INSPECTION_MODES),
      clean: z.boolean(),
      findings: z.int(),
      corrected: z.string().nullable().describe('the event that last corrected its time or mode (更正)'),
    })
    .nullable(),
});
export type UnitDocument = z.infer<typeof unitDocumentSchema>;

/** Baseline facts (底数) of a unit for one track: the last survey. */
const baselineSchema = z.strictObject({
  ...BaselineSurveyed.data.shape,
  surveyedAt: instantSchema,
  event: z.string(),
  surveys: z.int(),
});
export type BaselineDocument = z.infer<typeof baselineSchema>;

/** The page of a unit: its document, and the baselines beside it. */
export const unitPageSchema = unitDocumentSchema
  .extend({
    details: unitDetailsSchema,
    baselines: z.partialRecord(trackSchema, baselineSchema),
    /** ask the list of hazards for this unit and status open */
    openHazardsLeftOut: z.int(),
    asOf: asOfSchema,
  })
  .meta({ id: 'UnitPage' });
export type UnitPage = z.infer<typeof unitPageSchema>;

type Row = readonly [title: string, text: (unit: UnitDocument) => string | null];
/** The rows of the page, by the key of the document that each shows; null: laid out by the page itself. One left out does not compile. */
export const unitRows: Readonly<Record<keyof UnitDocument, Row | null>> = {
  unit: null,
  details: null,
  corrected: null,
  leases: null,
  leasesLeftOut: null,
  registeredAt: ['登记时间', ({ registeredAt }) => registeredAt && townMinute(registeredAt)],
  listed: [
    '销项名单',
    ({ listed: { on, since, reason } }) =>
      since === null
        ? '从未列入'
        : `${on ? '列入' : '移出'}于 ${townDay(since)}${reason ? `（${DELISTED_NAMES[reason][0]}）` : ''}`,
  ],
  riskGrade: [
    '风险等级',
    ({ riskGrade }) =>
      riskGrade ? `${riskGrade.grade} 级（${townDay(riskGrade.since)}，${riskGrade.basis}）` : '未评定',
  ],
  counts: [
    '检查',
    ({ counts: { inspections, clean, missed } }) =>
      `${inspections} 次，其中 ${clean} 次无问题${missed > 0 ? `，未执行 ${missed} 次` : ''}`,
  ],
  lastInspection: [
    '最近检查',
    ({ lastInspection: last }) =>
      last && `${townDay(last.at)} ${MODE_NAMES[last.mode]}，${last.clean ? '无问题' : `发现 ${last.findings} 处`}`,
  ],
  openHazards: [
    '隐患',
    ({ counts: { hazards, open, signedOff, recurrences } }) =>
      `共 ${hazards} 处：未销项 ${open}，已销项 ${signedOff}；回潮 ${recurrences} 次`,
  ],
  closed: ['注销', ({ closed }) => closed && `${townDay(closed.at)}，${closed.reason}`],
};

function blank(unit: string): UnitDocument {
  return {
    unit,
    details: null,
    registeredAt: null,
    closed: null,
    corrected: {},
    riskGrade: null,
    leases: [],
    leasesLeftOut: 0,
    listed: { on: false, since: null, reason: null },
    counts: { inspections: 0, clean: 0, missed: 0, hazards: 0, open: 0, signedOff: 0, signOffs: 0, recurrences: 0 },
    openHazards: [],
    lastInspection: null,
  };
}

const folds: Folds<UnitDocument> = {
  UnitRegistered: (doc, { data, occurredAt }) => ({ ...doc, details: data.details, registeredAt: occurredAt }),
  UnitDetailsCorrected: (doc, event) => ({
    ...doc,
    details: event.data.after,
    corrected: { ...doc.corrected, ...corrections(event) },
  }),
  RiskGraded: (doc, { data, occurredAt }) => ({
    ...doc,
    riskGrade: { grade: data.to, since: occurredAt, basis: data.basis },
  }),
  LeaseRecorded: (doc, { data }) => {
    const kept = doc.leases.find(({ lease }) => lease === data.lease);
    const others = doc.leases.filter(({ lease }) => lease !== data.lease);
    const leases = [...others, { ...data, to: data.to ?? null, agreement: kept?.agreement ?? null }];
    const tooMany = Math.max(0, leases.length - MAX_LEASES);
    return { ...doc, leases: leases.slice(tooMany), leasesLeftOut: doc.leasesLeftOut + tooMany };
  },
  AgreementSigned: (doc, { data }) => ({
    ...doc,
    leases: doc.leases.map((lease) => (lease.lease === data.lease ? { ...lease, agreement: data.signedOn } : lease)),
  }),
  UnitListed: (doc, { occurredAt }) => ({ ...doc, listed: { on: true, since: occurredAt, reason: null } }),
  UnitDelisted: (doc, { data, occurredAt }) => ({
    ...doc,
    listed: { on: false, since: occurredAt, reason: data.reason },
  }),
  UnitClosed: (doc, { data, occurredAt }) => ({ ...doc, closed: { at: occurredAt, reason: data.reason } }),
  InspectionRecorded: (doc, { data, occurredAt, stream, track }) => ({
    ...doc,
    counts: {
      ...doc.counts,
      inspections: doc.counts.inspections + 1,
      clean: doc.counts.clean + (data.clean ? 1 : 0),
    },
    // one recorded late must not hide a later one
    lastInspection:
      doc.lastInspection && doc.lastInspection.at > occurredAt
        ? doc.lastInspection
        : {
            inspection: parseStreamKey(stream).id,
            at: occurredAt,
            track: track ?? null,
            mode: data.mode,
            clean: data.clean,
            findings: data.findings.length,
            corrected: null,
          },
  }),
  InspectionCorrected: (doc, event) => inspectionPutRight(doc, event),
  InspectionMissed: (doc) => ({ ...doc, counts: { ...doc.counts, missed: doc.counts.missed + 1 } }),
};

/** Another inspection does not become the last one by this: what it found is not in its correction. */
function inspectionPutRight(
  doc: UnitDocument,
  { id, stream, data }: Extract<DaochaEvent, { type: 'InspectionCorrected' }>,
): UnitDocument {
  const last = doc.lastInspection;
  const to = (field: string): string | undefined =>
    data.changes.find((change) => change.field === field)?.to as string | undefined;
  const [at, mode] = [to('occurredAt'), to('mode')];
  if (last?.inspection !== parseStreamKey(stream).id || (at === undefined && mode === undefined)) return doc;
  const changed = { at: at ?? last.at, mode: (mode as InspectionMode | undefined) ?? last.mode, corrected: id };
  return { ...doc, lastInspection: { ...last, ...changed } };
}

function corrections(event: Extract<DaochaEvent, { type: 'UnitDetailsCorrected' }>): UnitDocument['corrected'] {
  const { before, after, target, reason, approver } = event.data;
  const fields = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof UnitDetails)[]);
  const changed = [...fields].filter((field) => !sameJson(before[field], after[field]));
  const correctedAt = event.occurredAt;
  return Object.fromEntries(
    changed.map((field) => [
      field,
      { from: before[field] ?? null, correctedAt, event: event.id, target, reason, approver },
    ]),
  );
}

// both sides come from canonical JSON: equal values have equal text
const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function foldHazard(doc: UnitDocument, event: HazardEvent): UnitDocument {
  return {
    ...doc,
    counts: {
      ...doc.counts,
      // one dismissed as invalid and found again is the same hazard
      hazards: doc.counts.hazards + (event.data.before === null ? 1 : 0),
      open: doc.counts.open + openChange(event),
      signedOff: doc.counts.signedOff + signedOffChange(event),
      signOffs: doc.counts.signOffs + (event.type === 'HazardSignedOff' ? 1 : 0),
      recurrences: doc.counts.recurrences + (event.type === 'RecurrenceFound' ? 1 : 0),
    },
    openHazards: openHazards(doc.openHazards, event),
  };
}

function openHazards(rows: OpenHazard[], event: HazardEvent): OpenHazard[] {
  const { clause, before, after, grade } = event.data;
  const hazard = parseStreamKey(event.stream).id;
  if (!isOpen(after))
    return rows.some((row) => row.hazard === hazard) ? rows.filter((row) => row.hazard !== hazard) : rows;
  if (before === null || !isOpen(before)) {
    if (rows.length >= MAX_OPEN_HAZARDS) return rows;
    const unlinked = event.type === 'HazardUnlinked' ? event.data : undefined;
    const row: OpenHazard = {
      hazard,
      clause,
      track: event.track ?? null,
      status: after,
      grade,
      due: unlinked?.due ?? null,
      organisation: event.organisation ?? null,
      since: unlinked?.openedAt ?? event.occurredAt,
    };
    return [...rows, row];
  }
  return rows.map((row) =>
    row.hazard === hazard
      ? {
          ...row,
          status: after,
          grade,
          organisation: event.organisation ?? null,
          due: dueSetBy(event) ?? row.due,
        }
      : row,
  );
}

/** Both views of the partition have one shape: they are compared under one name. */
const SHAPE = 3;
export const UNIT_SK = 'unit';

export const unitView: DocumentView<UnitDocument> = {
  kind: 'documents',
  name: 'unit',
  shape: SHAPE,
  keys: (event) => {
    const unit = unitOf(event);
    return unit === undefined ? [] : [{ key: unit, sk: UNIT_SK }];
  },
  fold: (doc, placed, { key }) => {
    const known = doc ?? blank(key);
    const { event } = placed;
    const next = isHazardEvent(event) ? foldHazard(known, event) : foldOne(folds, known, placed);
    return next === known ? doc : next;
  },
};

export const baselineSk = (track: Track): string => `baseline#${track}`;

/** Shares the partition of `unit`: a unit's page is one query of at most 8 items. */
export const baselineView: DocumentView<BaselineDocument> = {
  kind: 'documents',
  name: 'unit',
  shape: SHAPE,
  keys: (event) => {
    const unit = unitOf(event);
    return event.type === 'BaselineSurveyed' && unit !== undefined
      ? [{ key: unit, sk: baselineSk(event.data.track) }]
      : [];
  },
  fold: (doc, { event }) =>
    event.type === 'BaselineSurveyed'
      ? { ...event.data, surveyedAt: event.occurredAt, event: event.id, surveys: (doc?.surveys ?? 0) + 1 }
      : doc,
};

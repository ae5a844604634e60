// View `duties` (应办事项): one entry for each duty that is or was owed, open ones first, in order of due date, on three lists:
//
//   lists1  by definition
//   lists2  by who owes it; and, as a copy, by the village in which it is, where another owes it
//   lists3  by unit
import * as z from 'zod';
import { DUTY_STATUSES, dutyEvents, DutyOpened, type DutyEvent } from '../../../events/duty.ts';
import { dutyValuesSchema } from '../../../events/duty-definition.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { idSchema, instantSchema, parseStreamKey, trackSchema } from '../../../events/envelope.ts';
import { foldOne, type DocumentView, type Folds, type Places } from '../views/view.ts';

const moment = instantSchema.nullable();
export const dutyEntrySchema = z.strictObject({
  id: idSchema,
  duty: z.string().describe('the definition'),
  version: z.int(),
  name: z.string(),
  track: trackSchema.nullable(),
  subject: DutyOpened.data.shape.subject,
  unit: idSchema.nullable(),
  area: idSchema.nullable().describe('village in which it is'),
  organisation: idSchema.nullable().describe('who owes it; null: nobody holds the post'),
  period: z.string().nullable(),
  status: z.enum(DUTY_STATUSES),
  openedAt: instantSchema,
  due: moment,
  next: z.array(idSchema).describe('steps that are awaited'),
  values: dutyValuesSchema.describe('the latest of each field, of all steps'),
  unmet: z.array(z.strictObject({ step: idSchema, say: z.string() })).describe('rules that do not hold now'),
  doneAt: moment.describe('when a step was last done'),
  rung: z.string().nullable().describe('the last rung of the ladder that was issued for the date in force'),
  remindedAt: moment,
  missedAt: moment.describe('when it was recorded that the date in force had passed'),
  closedAt: moment,
});
export type DutyEntry = z.infer<typeof dutyEntrySchema>;

export const dutyRowSchema = dutyEntrySchema
  .extend({ unitName: z.string().nullable(), overdue: z.boolean() })
  .meta({ id: 'DutyRow' });
export type DutyRow = z.infer<typeof dutyRowSchema>;

const TYPES: ReadonlySet<string> = new Set(dutyEvents.map(({ type }) => type));
export const isDutyEvent = (event: DaochaEvent): event is DutyEvent => TYPES.has(event.type);

const folds: Folds<DutyEntry> = {
  StepDone: (doc, { data, recordedAt }) => ({
    ...awaited(doc, data),
    values: { ...doc.values, ...data.values },
    unmet: [
      ...doc.unmet.filter(({ step }) => step !== data.step),
      ...data.unmet.map((say) => ({ step: data.step, say })),
    ],
    doneAt: recordedAt,
  }),
  StepConfirmed: (doc, { data }) => awaited(doc, data),
  StepReturned: (doc, { data }) => awaited(doc, data),
  DutyClosed: (doc, { recordedAt }) => ({ ...doc, closedAt: recordedAt }),
  DutyReminderIssued: (doc, { data, recordedAt }) => ({ ...doc, rung: data.rung, remindedAt: recordedAt }),
  DutyMissed: (doc, { recordedAt }) => ({ ...doc, missedAt: recordedAt }),
};

/** A date that stays goes on where its reminders were. */
const awaited = (doc: DutyEntry, { next, due }: { next: string[]; due: string | null }): DutyEntry => ({
  ...doc,
  next,
  ...(due === doc.due ? {} : { due, rung: null, remindedAt: null, missedAt: null }),
});

export const DUTY_SK = 'duty';
export const definitionDuties = (duty: string): string => `def#${duty}`;
/** Whose it is; what nobody owes is on a list of its own. */
export const ownerDuties = (organisation: string | null): string => `org#${organisation ?? '-'}`;
export const unitDuties = (unit: string): string => `unit#${unit}`;

/** What has no date comes after what has. */
export const NO_DATE = '9999';
export const dutyOrder = ({ status, due, id }: Pick<DutyEntry, 'status' | 'due' | 'id'>): string =>
  `${status === 'open' || status === 'stopped' ? 0 : 1}#${due ?? NO_DATE}#${id}`;

export const dutiesView: DocumentView<DutyEntry> = {
  kind: 'documents',
  name: 'duties',
  shape: 1,
  keys: (event) => (isDutyEvent(event) ? [{ key: parseStreamKey(event.stream).id, sk: DUTY_SK }] : []),
  fold: (doc, placed, { key }) => {
    const { event } = placed;
    if (!isDutyEvent(event)) return doc;
    const known = event.type === 'DutyOpened' ? opened(key, event) : doc;
    return known && { ...foldOne(folds, known, placed), status: event.data.after };
  },
  places: (doc) => ({
    lists1: [definitionDuties(doc.duty), dutyOrder(doc)],
    lists2: [ownerDuties(doc.organisation), dutyOrder(doc)],
    ...(doc.unit === null ? {} : { lists3: [unitDuties(doc.unit), dutyOrder(doc)] }),
  }),
  copies: (doc) =>
    doc.area === null || doc.area === doc.organisation
      ? []
      : [{ name: 'area', places: { lists2: [ownerDuties(doc.area), dutyOrder(doc)] } satisfies Places }],
};

function opened(id: string, { data, track, unit, recordedAt }: Extract<DutyEvent, { type: 'DutyOpened' }>): DutyEntry {
  const { duty, version, name, subject, area, organisation, period, after, next, due } = data;
  return {
    id,
    duty,
    version,
    name,
    track: track ?? null,
    subject,
    unit: unit ?? null,
    area: area ?? null,
    organisation,
    period: period ?? null,
    status: after,
    openedAt: recordedAt,
    due,
    next,
    values: {},
    unmet: [],
    doneAt: null,
    rung: null,
    remindedAt: null,
    missedAt: null,
    closedAt: null,
  };
}

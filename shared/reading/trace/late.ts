// Question 9, records entered late or back-dated (补录与倒填): the gap between when something is said to have happened and
// when the server's clock saw it. Late: more than a day (an inspector may be offline for a day). Back-dated: it claims
// a time before that of an event which its stream had on record already. Asked why, somebody gave a basis: listed with
// it, however short the gap. Across a deadline: claimed to have happened in time, recorded when the due date had
// passed. Time corrected: a later event says that it happened at another time. Log time: it says that it was recorded at
// another time than that at which it came into the log, or before an event that stands before it in its stream. Nobody is accused here: each is a gap to ask about.
import * as z from 'zod';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { instantSchema } from '../../../events/envelope.ts';
import { LATE_AFTER_MS } from '../../rules/claimed-time.ts';
import { SKEW_MS } from '../../record/log/log-time.ts';
import type { Placed } from '../views/view.ts';
import { dueSetBy } from '../../rules/waiting/waiting.ts';
import { isHazardEvent } from '../hazard/cell.ts';
import { byText, eventRefSchema, refOf } from './event-ref.ts';

export const LATE_KINDS = {
  late: '补录（超过 24 小时）',
  'back-dated': '倒填（早于已记录事项）',
  'across-deadline': '期限后补记为期限内',
  'time-corrected': '更正了发生时间',
  'log-time': '自称记录时间与入册时间不符',
} as const;
export type LateKind = keyof typeof LATE_KINDS;

export const lateSchema = z
  .strictObject({
    ...eventRefSchema.shape,
    kinds: z
      .array(z.enum(Object.keys(LATE_KINDS) as [LateKind, ...LateKind[]]))
      .describe('none when it is here for its `lateBasis` alone'),
    /** in hours, to a tenth */
    gapHours: z.number().describe('from when it is said to have happened to when it was recorded'),
    before: z.string().optional().describe('back-dated: the event, on record already, that it claims to precede'),
    logged: instantSchema.optional().describe('log time: when it came into the log, by the log’s own time'),
    due: instantSchema.optional().describe('across a deadline: the due date that lies between'),
  })
  .meta({ id: 'LateRecord' });
export type LateRecord = z.infer<typeof lateSchema>;

/** What is late or back-dated among some events, in order of the time of recording. Whole streams give whole answers. */
export function lateRecords(placed: readonly Placed[]): LateRecord[] {
  const streams = Map.groupBy(placed, ({ event }) => event.stream);
  return [...streams.values()]
    .flatMap((stream) => lateIn(stream.toSorted((a, b) => a.event.version - b.event.version)))
    .toSorted((a, b) => byText(a.recordedAt, b.recordedAt) || byText(a.id, b.id));
}

function lateIn(stream: readonly Placed[]): LateRecord[] {
  let latest: DaochaEvent | undefined;
  let due: string | undefined;
  let recorded = Number.NEGATIVE_INFINITY;
  return stream.flatMap((placed) => {
    const { event } = placed;
    const gap = Date.parse(event.recordedAt) - Date.parse(event.occurredAt);
    const kinds: LateKind[] = [];
    if (gap > LATE_AFTER_MS) kinds.push('late');
    const overtaken = latest !== undefined && event.occurredAt < latest.occurredAt;
    if (overtaken) kinds.push('back-dated');
    const across =
      event.type === 'RectificationSubmitted' && due !== undefined && event.occurredAt <= due && event.recordedAt > due;
    if (across) kinds.push('across-deadline');
    if (event.type === 'InspectionCorrected' && event.data.changes.some(({ field }) => field === 'occurredAt')) {
      kinds.push('time-corrected');
    }
    const backwards = Date.parse(event.recordedAt) < recorded - SKEW_MS;
    if (placed.logged !== undefined || backwards) kinds.push('log-time');
    recorded = Math.max(recorded, Date.parse(event.recordedAt));
    const explained = event.lateBasis !== undefined && event.occurredAt < event.recordedAt;
    const record: LateRecord = {
      ...refOf(placed, true),
      kinds,
      gapHours: Math.round(gap / 360_000) / 10,
      ...(overtaken ? { before: latest!.id } : {}),
      ...(placed.logged === undefined ? {} : { logged: placed.logged }),
      ...(across ? { due: due! } : {}),
    };
    if (!overtaken) latest = event;
    due = dueAfter(event, due);
    return kinds.length > 0 || explained ? [record] : [];
  });
}

function dueAfter(event: DaochaEvent, due: string | undefined): string | undefined {
  if (isHazardEvent(event) && dueSetBy(event) !== undefined) return dueSetBy(event);
  return event.type === 'HazardFound' || event.type === 'RecurrenceFound' ? undefined : due;
}

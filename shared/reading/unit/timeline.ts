// View `timeline` (单位时间线): one small entry per event about a unit, in order of the time at which it happened. Entries
// never change, so writing one again is harmless; what was corrected later lies beside them (corrections.ts). The
// Chinese title is not stored: it is looked up by type when the timeline is read.
import * as z from 'zod';
import { actorSchema, instantSchema, trackSchema } from '../../../events/envelope.ts';
import { HAZARD_STATUSES } from '../../../events/hazard.ts';
import { correctedFieldSchema, isCorrection } from '../../rules/corrections.ts';
import { isDutyEvent } from '../duty/list.ts';
import { isHazardEvent } from '../hazard/cell.ts';
import { pageOf } from '../views/page.ts';
import { unitOf, type EntryView } from '../views/view.ts';

const timelineEntrySchema = z.strictObject({
  position: z.int(),
  event: z.string(),
  type: z.string(),
  stream: z.string(),
  version: z.int(),
  occurredAt: instantSchema,
  recordedAt: instantSchema,
  lateBasis: z.string().optional().describe('on what a claimed time rests, in the words of whoever recorded it'),
  actor: actorSchema,
  track: trackSchema.nullable(),
  /** hazard events: clause, and status before and after */
  clause: z.string().nullable(),
  before: z.enum(HAZARD_STATUSES).nullable(),
  after: z.enum(HAZARD_STATUSES).nullable(),
  corrects: z.string().nullable().describe('a correction: id of the event that it corrects'),
  duty: z.string().nullable().describe('events of a duty: its name'),
  derived: z.boolean().describe("inferred from somebody else's register"),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

export const timelinePageSchema = pageOf(
  'Timeline',
  timelineEntrySchema.extend({
    title: z.string().describe('the Chinese name of its type'),
    /** oldest first; absent: unchanged since it was recorded */
    corrected: z.array(correctedFieldSchema).optional().describe('what later events corrected in it (更正)'),
  }),
);
export type TimelinePage = z.infer<typeof timelinePageSchema>;

/** Sort key: time first, the log's position (12 digits) breaks ties. */
export function timelineSk(occurredAt: string, position: number): string {
  return `${occurredAt}#${String(position).padStart(12, '0')}`;
}

export const timelineView: EntryView = {
  kind: 'entries',
  name: 'timeline',
  shape: 4,
  entries: ({ event, position }) => {
    const unit = unitOf(event);
    if (unit === undefined) return [];
    const life = isHazardEvent(event) ? event.data : undefined;
    const doc: TimelineEntry = {
      position,
      event: event.id,
      type: event.type,
      stream: event.stream,
      version: event.version,
      occurredAt: event.occurredAt,
      recordedAt: event.recordedAt,
      ...(event.lateBasis === undefined ? {} : { lateBasis: event.lateBasis }),
      actor: event.actor,
      track: event.track ?? null,
      clause: life?.clause ?? null,
      before: life?.before ?? null,
      after: life?.after ?? null,
      corrects: isCorrection(event) ? event.data.target : null,
      duty: isDutyEvent(event) ? event.data.name : null,
      derived: event.derived !== undefined,
    };
    return [{ key: unit, sk: timelineSk(event.occurredAt, position), doc }];
  },
};

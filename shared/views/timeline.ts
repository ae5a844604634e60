// View `timeline` (单位时间线): one small entry per event about a unit, in order of the time at which it happened. Entries never
// change, so writing one again is harmless; what was corrected later lies beside them (corrections.ts). The Chinese title is not stored: it is looked up by type when the timeline is read.
import type { Actor, Track } from '../../events/envelope.ts';
import type { HazardStatus } from '../../events/hazard.ts';
import { isCorrection } from '../domain/corrections.ts';
import { isHazardEvent } from './moves.ts';
import { unitOf, type EntryView } from './view.ts';

export interface TimelineEntry {
  position: number;
  event: string;
  type: string;
  stream: string;
  version: number;
  occurredAt: string;
  recordedAt: string;
  /** on what a claimed time rests (补录依据), in the words of whoever recorded it */
  lateBasis?: string;
  actor: Actor;
  track: Track | null;
  /** hazard events: clause, and status before and after */
  clause: string | null;
  before: HazardStatus | null;
  after: HazardStatus | null;
  /** a correction: id of the event that it corrects */
  corrects: string | null;
  /** inferred from somebody else's register */
  derived: boolean;
}

/** Sort key: time first, the log's position (12 digits) breaks ties. */
export function timelineSk(occurredAt: string, position: number): string {
  return `${occurredAt}#${String(position).padStart(12, '0')}`;
}

export const timelineView: EntryView = {
  kind: 'entries',
  name: 'timeline',
  shape: 3,
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
      derived: event.derived !== undefined,
    };
    return [{ key: unit, sk: timelineSk(event.occurredAt, position), doc }];
  },
};

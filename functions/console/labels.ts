// How things look on the screens; what they are called is in events/ and in shared/reading/dictionary.ts.
import { TRACK_NAMES, type Track } from '../../events/envelope.ts';
import type { HazardStatus } from '../../events/hazard.ts';
import { GRADE_NAMES, type HazardGrade } from '../../events/inspection.ts';

/** How a status looks: its shape says the same as its colour. */
export type Tone = 'todo' | 'doing' | 'wait' | 'bad' | 'done' | 'off';
export const STATUS_TONES: Record<HazardStatus, Tone> = {
  found: 'todo',
  graded: 'todo',
  assigned: 'todo',
  returned: 'bad',
  ordered: 'doing',
  submitted: 'wait',
  rejected: 'bad',
  verified: 'wait',
  'signed-off': 'done',
  recurred: 'bad',
  duplicate: 'off',
  invalid: 'off',
};

export const gradeName = (grade: HazardGrade | null): string => (grade === null ? '未定级' : GRADE_NAMES[grade]);
export const trackName = (track: Track | null | undefined): string => (track ? TRACK_NAMES[track] : '—');

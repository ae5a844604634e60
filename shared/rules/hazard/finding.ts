// What it means for a hazard that an inspection found its clause broken: found, still there, come back, or told late.
import type { Track } from '../../../events/envelope.ts';
import { seenBefore, type Claim } from '../claimed-time.ts';
import type { Drafts } from '../decider.ts';
import { about, requireHazard, type HazardState } from './hazard.ts';

export interface Sighting {
  id: string;
  unit: string;
  track: Track;
  clause: string;
  inspection: string;
  item: string;
  text?: string | undefined;
  place?: string | undefined;
  raw?: string | undefined;
  occurredAt: string;
  /** what a live inspection claims of its time; without it (imported history) nobody can be asked */
  claim?: Claim | undefined;
  /** responsible until somebody is assigned: the track's lead */
  lead: string;
  /** village or residents' committee in whose area the unit lies */
  area?: string | undefined;
  /** for a hazard linked as duplicate: whether the one that stays is open */
  twinOpen?: boolean | undefined;
}

/**
 * What it means that an inspection found this clause broken. New → found. Open → persists. Seen after it was rectified on record → come
 * back: recurred when it is signed off, rejected when it is only verified. Seen before that and recorded after it → put on record, the
 * status stays. Dismissed → found again. A duplicate persists as long as the hazard that stays is open; when that one is closed, nothing
 * would be left open for what was seen: found again.
 * @throws RuleViolated `seen-before-sign-off` when the sighting is recorded more than a day late and nobody has said why
 */
export function observe(
  state: HazardState,
  seen: Sighting,
): { outcome: 'found' | 'persists' | 'recurred' | 'late'; drafts: Drafts } {
  const words = { ...(seen.text ? { text: seen.text } : {}), ...(seen.raw ? { raw: seen.raw } : {}) };
  const where = { inspection: seen.inspection, item: seen.item, ...words };
  if (!state.status || state.status === 'invalid' || (state.status === 'duplicate' && !seen.twinOpen)) {
    return {
      outcome: 'found',
      drafts: [
        {
          type: 'HazardFound',
          unit: seen.unit,
          track: seen.track,
          organisation: state.organisation ?? seen.lead,
          data: {
            clause: seen.clause,
            before: state.status,
            after: 'found',
            grade: state.grade,
            ...where,
            ...(seen.place ? { place: seen.place } : {}),
            ...(seen.area ? { area: seen.area } : {}),
          },
        },
      ],
    };
  }
  const known = requireHazard(state, seen.id);
  const data = { clause: known.clause, before: known.status, grade: known.grade, ...where };
  const closed = known.status === 'signed-off' || known.status === 'verified';
  const cameBack = closed && seen.occurredAt >= known.putRightAt!;
  if (closed && !cameBack && seen.claim) seenBefore(seen.claim, known.id, known.putRightAt!);
  if (known.status === 'signed-off' && cameBack) {
    const { event: undoes, at: signedOffAt } = known.signedOff!;
    return {
      outcome: 'recurred',
      drafts: [
        {
          type: 'RecurrenceFound',
          ...about(known),
          data: { ...data, after: 'recurred', undoes, signedOffAt, recurrence: known.recurrences + 1 },
        },
      ],
    };
  }
  const late = known.status === 'signed-off';
  // Seen after it was verified, it cannot be signed off on that verification.
  const after = cameBack ? ('rejected' as const) : known.status;
  return {
    outcome: late ? 'late' : 'persists',
    drafts: [{ type: 'HazardPersisted', ...about(known), data: { ...data, after, late } }],
  };
}

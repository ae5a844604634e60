// The rules of escalation as the domain page says them, written once more and counted by hand from what happened to a hazard: what random
// histories of the reaction are compared with. It shares nothing with the policy functions, the hazard's own counters or the deciders.
import type { HazardEvent } from '../../../events/hazard.ts';

/** A ground that must come of an event. */
export interface Fired {
  rule: string;
  /** id and version of the event */
  cause: string;
  version: number;
  /** id of the event that opened the cycle of the hazard in which it happened */
  openedBy: string;
}

/** @param events of one hazard, oldest first, in whose life nothing is closed but by sign-off */
export function firedBy(events: readonly HazardEvent[]): Fired[] {
  const fired: Fired[] = [];
  let [openedBy, grade, rejected, extended, recurred] = ['', 'none', 0, 0, 0];
  for (const { type, id, version, data } of events) {
    const fire = (rule: string): void => void fired.push({ rule, cause: id, version, openedBy });
    if (type === 'HazardFound' || type === 'RecurrenceFound') [openedBy, rejected, extended] = [id, 0, 0];
    if (type === 'RecurrenceFound') {
      recurred += 1;
      if (grade === 'major') fire('major');
      if (recurred >= 2) fire('recurrences');
    }
    if (type === 'HazardGraded') {
      const { grade: given } = data as { grade: string };
      if (given === 'major' && grade !== 'major') fire('major');
      grade = given;
    }
    if (type === 'OrderRefused') fire('order-refused');
    if (type === 'LimitStated') fire('limit-stated');
    if (type === 'DangerDeclared') fire('danger');
    if (type === 'VerificationRejected' && ++rejected >= 2) fire('rejections');
    if (type === 'ExtensionApproved' && ++extended >= 2) fire('extensions');
  }
  return fired;
}

/** Whether a hazard is open, by its last event that opened or closed it. */
export const isOpenNow = (events: readonly HazardEvent[]): boolean =>
  events.findLast(({ type }) => ['HazardFound', 'RecurrenceFound', 'HazardSignedOff'].includes(type))?.type !==
  'HazardSignedOff';

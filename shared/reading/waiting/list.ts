// View `waits` (待答复): one entry for each hazard and report of which something waits, or has waited, for an answer of
// the town's own. A copy for each thing that waits is on the list of its stage, in order of since when; so a
// run of the clock reads exactly what is to be reminded of.
import { parseStreamKey } from '../../../events/envelope.ts';
import { AWAITS, type Awaits } from '../../../events/reminder.ts';
import { reportEvents, type ReportEvent } from '../../../events/report.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { acceptanceAfter, NOT_WAITING, waitingAfter, type Waiting } from '../../rules/waiting/waiting.ts';
import type { DeadlineKind } from '../deadline/list.ts';
import { isHazardEvent } from '../hazard/cell.ts';
import type { DocumentView } from '../views/view.ts';

export interface WaitEntry extends Waiting {
  kind: DeadlineKind;
  /** hazard or report */
  id: string;
}

export const WAIT_SK = 'wait';
export const waitKey = (kind: DeadlineKind, id: string): string => `${kind}#${id}`;

/** The list of what waits, by how far its reminders have come. */
export const waitList = (stage: number | null): string => `clock#${stage ?? 'none'}`;
/** The order key of a copy: it ends in what waits and in whose entry it is, so that no two are equal. */
export const waitOrder = (since: string, awaits: Awaits, { kind, id }: Pick<WaitEntry, 'kind' | 'id'>): string =>
  `${since}#${awaits}#${kind}#${id}`;

const REPORT_TYPES: ReadonlySet<string> = new Set(reportEvents.map(({ type }) => type));
const isReportEvent = (event: DaochaEvent): event is ReportEvent => REPORT_TYPES.has(event.type);

const ASKED: ReadonlySet<HazardEvent['type']> = new Set([
  'RectificationOrdered',
  'ExtensionRequested',
  'ExtensionApproved',
  'ExtensionRefused',
  'HazardClosureProposed',
]);
/** Before anything has been ordered nothing has been handed in. */
const EARLY: ReadonlySet<HazardEvent['type']> = new Set(['HazardGraded', 'HazardAssigned']);

/** Most events of a hazard neither ask for anything nor answer it. */
function concerns(event: HazardEvent): boolean {
  if (event.type === 'ReminderIssued') return event.data.awaits !== undefined;
  const { before, after } = event.data;
  return ASKED.has(event.type) || (before !== null && before !== after && !EARLY.has(event.type));
}

export const waitsView: DocumentView<WaitEntry> = {
  kind: 'documents',
  name: 'waits',
  shape: 1,
  keys: (event) => {
    const { id } = parseStreamKey(event.stream);
    if (isHazardEvent(event)) return concerns(event) ? [{ key: waitKey('hazard', id), sk: WAIT_SK }] : [];
    return isReportEvent(event) ? [{ key: waitKey('report', id), sk: WAIT_SK }] : [];
  },
  fold: (doc, { event }) => {
    const { id } = parseStreamKey(event.stream);
    if (isReportEvent(event)) {
      const before = doc?.waits.acceptance;
      const acceptance = acceptanceAfter(before, event);
      return acceptance === before ? doc : { ...NOT_WAITING, kind: 'report', id, waits: { acceptance } };
    }
    if (!isHazardEvent(event)) return doc;
    const before: Waiting = doc ?? NOT_WAITING;
    const after = waitingAfter(before, event);
    if (after === before) return doc;
    return { ...after, kind: 'hazard', id };
  },
  copies: (doc) =>
    AWAITS.flatMap((awaits) => {
      const wait = doc.waits[awaits];
      if (!wait) return [];
      const { since, stage } = wait;
      return [
        { name: awaits, places: since === null ? {} : { lists1: [waitList(stage), waitOrder(since, awaits, doc)] } },
      ];
    }),
};

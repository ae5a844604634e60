// View `escalations` (上报台账): one entry a case, on three lists: of the district unit it goes to, of its track, and of the town.
// Each list has what is urgent first, then what has waited longest for whoever must act, and last what is done with.
import * as z from 'zod';
import { idSchema, instantSchema, parseStreamKey, trackSchema, type Track } from '../../../events/envelope.ts';
import {
  ESCALATION_STATUSES,
  escalationEvents,
  groundSchema,
  type EscalationEvent,
  type EscalationStatus,
} from '../../../events/escalation.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { caseAgeSchema } from '../../rules/escalation/age.ts';
import { hazardEntrySchema } from '../hazard/list.ts';
import { foldOne, type DocumentView, type Folds } from '../views/view.ts';

export const ESCALATION_FILTERS = [...ESCALATION_STATUSES, 'open'] as const;

const moment = instantSchema.nullable();
const escalationEntrySchema = z.strictObject({
  escalation: idSchema,
  hazard: idSchema,
  unit: idSchema.nullable(),
  area: idSchema.nullable().describe('village or residents’ committee of the unit when the case was proposed'),
  track: trackSchema.nullable(),
  organisation: idSchema.nullable().describe('responsible for the hazard when the case was proposed'),
  to: idSchema.describe('district guiding unit (区级指导单位)'),
  status: z.enum(ESCALATION_STATUSES),
  urgent: z.boolean(),
  grounds: z
    .array(groundSchema.pick({ rule: true, limit: true, reason: true }))
    .describe('why it goes up, oldest first, since it was last proposed'),
  proposedAt: instantSchema,
  submittedAt: moment.describe('first handed to the district since then'),
  resubmittedAt: moment.describe('last handed to it again'),
  round: z.int().describe('dossiers compiled'),
  acceptedAt: moment,
  reference: z.string().nullable().describe("the district's own number for it"),
  returns: z.int(),
  missing: z.array(z.string()).describe('what the district still misses'),
  decision: z.string().nullable(),
  resolvedAt: moment,
  verifiedAt: moment,
  waitingSince: instantSchema.describe('since when it has waited for whoever must act now'),
});
export type EscalationEntry = z.infer<typeof escalationEntrySchema>;

/** The hazard and the unit of a case now, as far as the views have come; null where they do not have them yet. */
const standsNowSchema = z.strictObject({
  unitName: z.string().nullable(),
  hazardNow: hazardEntrySchema
    .pick({ clause: true, text: true, place: true, status: true, grade: true, due: true })
    .nullable()
    .describe('how the hazard stands now'),
});
export type StandsNow = z.infer<typeof standsNowSchema>;

export const escalationRowSchema = escalationEntrySchema
  .extend({ ...caseAgeSchema.shape, ...standsNowSchema.shape })
  .meta({ id: 'EscalationRow' });
export type EscalationRow = z.infer<typeof escalationRowSchema>;

const folds: Folds<EscalationEntry> = {
  EscalationGroundAdded: (doc, { data }) => ({
    ...doc,
    urgent: doc.urgent || data.urgent,
    grounds: [...doc.grounds, groundOf(data)],
  }),
  MaterialAdded: (doc, { data }) => ({ ...doc, missing: data.left }),
  DossierCompiled: (doc, { data }) => ({ ...doc, round: data.round }),
  EscalationSubmitted: (doc, { occurredAt }) => ({
    ...doc,
    submittedAt: doc.submittedAt ?? occurredAt,
    resubmittedAt: doc.submittedAt === null ? null : occurredAt,
    missing: [],
  }),
  EscalationAccepted: (doc, { data, occurredAt }) => ({
    ...doc,
    acceptedAt: occurredAt,
    reference: data.reference ?? null,
  }),
  EscalationReturned: (doc, { data }) => ({ ...doc, returns: doc.returns + 1, missing: data.missing }),
  EscalationResolved: (doc, { data, occurredAt }) => ({ ...doc, decision: data.decision, resolvedAt: occurredAt }),
  EscalationVerified: (doc, { occurredAt }) => ({ ...doc, verifiedAt: occurredAt }),
};

const groundOf = ({ rule, limit, reason }: EscalationEntry['grounds'][number]) => ({ rule, limit, reason });

/** Who must act: a change of it is when the waiting begins again. What is compiled is on its way to the district. */
type Hand = 'town' | 'district' | 'nobody';
const HANDS: Record<EscalationStatus, Hand> = {
  proposed: 'town',
  compiled: 'district',
  submitted: 'district',
  accepted: 'district',
  returned: 'town',
  resolved: 'town',
  verified: 'nobody',
};

function proposed(
  event: Extract<EscalationEvent, { type: 'EscalationProposed' }>,
  known: EscalationEntry | undefined,
): EscalationEntry {
  const { hazard, to, urgent, area } = event.data;
  return {
    escalation: parseStreamKey(event.stream).id,
    hazard,
    unit: event.unit ?? null,
    area: area ?? null,
    track: event.track ?? null,
    organisation: event.organisation ?? null,
    to,
    status: 'proposed',
    urgent,
    grounds: [groundOf(event.data)],
    proposedAt: event.occurredAt,
    submittedAt: null,
    resubmittedAt: null,
    round: known?.round ?? 0,
    acceptedAt: null,
    reference: null,
    returns: known?.returns ?? 0,
    missing: [],
    decision: null,
    resolvedAt: null,
    verifiedAt: null,
    waitingSince: event.occurredAt,
  };
}

const TYPES: ReadonlySet<string> = new Set(escalationEvents.map(({ type }) => type));
export function isEscalationEvent(event: DaochaEvent): event is EscalationEvent {
  return TYPES.has(event.type);
}

export const districtCases = (to: string): string => `to#${to}`;
export const trackCases = (track: Track): string => `track#${track}`;
export const ALL_CASES = 'all';
/** What the order keys of cases that are done with begin with: last on every list. */
export const ENDED = '2#';

export function escalationOrder({ status, urgent, waitingSince, verifiedAt, escalation }: EscalationEntry): string {
  if (status === 'verified') return `${ENDED}${verifiedAt}#${escalation}`;
  return `${urgent ? 0 : 1}#${waitingSince}#${escalation}`;
}

export const CASE_SK = 'case';

export const escalationsView: DocumentView<EscalationEntry> = {
  kind: 'documents',
  name: 'escalations',
  shape: 1,
  keys: (event) => (isEscalationEvent(event) ? [{ key: parseStreamKey(event.stream).id, sk: CASE_SK }] : []),
  fold: (doc, placed) => {
    const { event } = placed;
    if (!isEscalationEvent(event)) return doc;
    if (event.type === 'EscalationProposed') return proposed(event, doc);
    if (!doc) return undefined;
    const status = event.data.after;
    const waitingSince = HANDS[status] === HANDS[doc.status] ? doc.waitingSince : event.occurredAt;
    return { ...foldOne(folds, doc, placed), status, waitingSince };
  },
  places: (doc) => {
    const order = escalationOrder(doc);
    return {
      lists1: [districtCases(doc.to), order],
      ...(doc.track === null ? {} : { lists2: [trackCases(doc.track), order] }),
      lists3: [ALL_CASES, order],
    };
  },
};

/** The entry of one case as its own events make it, oldest first: as the view would have it, and fresh. */
export const caseEntryOf = (events: readonly DaochaEvent[]): EscalationEntry | undefined =>
  events.reduce<EscalationEntry | undefined>(
    (doc, event) => escalationsView.fold(doc, { event, position: event.version }, { key: '', sk: CASE_SK }),
    undefined,
  );

// Which events are told to whom (通知). A reminder goes to the organisations of its recipients; what the district does
// with a case, to the task-force office; what waits for a second person, and new rules, to office and leading group;
// imminent danger, to both at once. Addressed are posts in organisations, never persons: who holds the post is in the event, and which channel reaches the organisation is
// configuration.
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { DaochaEvent, EventType } from '../../../events/catalogue.ts';
import type { EscalationStatus } from '../../../events/escalation.ts';

/** The types of events that are told to anybody; a channel may be limited to some of them. */
export const NOTICE_TYPES = [
  'ReminderIssued',
  'DeadlineMissed',
  'ReportReminderIssued',
  'ReportMissed',
  'DutyReminderIssued',
  'DutyMissed',
  'EscalationProposed',
  'EscalationGroundAdded',
  'EscalationSubmitted',
  'EscalationReturned',
  'EscalationAccepted',
  'EscalationResolved',
  'ProposalMade',
  'ProposalExpired',
  'RuleSetPublished',
] as const satisfies readonly EventType[];
export type NoticeType = (typeof NOTICE_TYPES)[number];
export type NoticeEvent = Extract<DaochaEvent, { type: NoticeType }>;

const WITH_THE_DISTRICT: ReadonlySet<EscalationStatus> = new Set(['submitted', 'accepted']);

export interface Addressee {
  organisation: string;
  /** posts in it that are meant; none: whoever is on duty */
  posts: string[];
}

export function isNotice(event: DaochaEvent): event is NoticeEvent {
  return (NOTICE_TYPES as readonly string[]).includes(event.type);
}

/** The organisations that are told of an event, each once, in order of first mention. */
export function addressees(event: NoticeEvent, campaign: CampaignDefinition | null): Addressee[] {
  switch (event.type) {
    case 'ReminderIssued':
    case 'ReportReminderIssued':
    case 'DutyReminderIssued':
      return byOrganisation(event.data.recipients);
    case 'DeadlineMissed':
    case 'ReportMissed':
    case 'DutyMissed':
      return event.organisation === undefined ? [] : [{ organisation: event.organisation, posts: [] }];
    case 'EscalationSubmitted':
      return [{ organisation: event.data.to, posts: [] }];
    case 'EscalationProposed':
      return event.data.urgent ? ofKinds(campaign, ['office', 'leading-group']) : [];
    case 'EscalationGroundAdded':
      return [
        ...(event.data.urgent ? ofKinds(campaign, ['office', 'leading-group']) : []),
        // before that, the submission tells it
        ...(WITH_THE_DISTRICT.has(event.data.after) ? [{ organisation: event.data.to, posts: [] }] : []),
      ];
    case 'EscalationReturned':
    case 'EscalationAccepted':
    case 'EscalationResolved':
      return ofKinds(campaign, ['office']);
    // who may confirm it; rules by which everybody is judged, too
    case 'ProposalMade':
    case 'ProposalExpired':
    case 'RuleSetPublished':
      return ofKinds(campaign, ['office', 'leading-group']);
  }
}

function byOrganisation(recipients: readonly { organisation: string; post: string }[]): Addressee[] {
  const posts = new Map<string, Set<string>>();
  for (const { organisation, post } of recipients) {
    posts.set(organisation, (posts.get(organisation) ?? new Set()).add(post));
  }
  return [...posts].map(([organisation, of]) => ({ organisation, posts: [...of] }));
}

function ofKinds(campaign: CampaignDefinition | null, kinds: readonly string[]): Addressee[] {
  return (campaign?.organisations ?? [])
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ id }) => ({ organisation: id, posts: [] }));
}

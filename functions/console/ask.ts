// What the query routes answer, by route, for the pages that ask them in this process (functions/api/handlers).
import type { CorrectedField } from '../../shared/domain/corrections.ts';
import type { CampaignDefinition, RuleSet } from '../../events/campaign.ts';
import type { Envelope, Track } from '../../events/envelope.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import type { HazardStatus } from '../../events/hazard.ts';
import type { Target } from '../../shared/domain/campaign.ts';
import type { EscalationStatus } from '../../events/escalation.ts';
import type { EscalationAct, KnownEscalation } from '../../shared/domain/escalation.ts';
import type { CaseAge } from '../../shared/domain/escalation-age.ts';
import type { HazardAct, ShownHazard } from '../../shared/domain/hazard.ts';
import type { KnownReport } from '../../shared/domain/report.ts';
import type { TraceAnswer } from '../../shared/trace/answer.ts';
import type { Dossier } from '../../shared/trace/dossier.ts';
import type { Moments } from '../../shared/trace/answers.ts';
import type { QuestionName } from '../../shared/trace/questions.ts';
import type { ClosedLoopRow, HazardList } from '../../shared/views/hazard-lists.ts';
import type { DeadlineEntry } from '../../shared/views/deadlines.ts';
import type { DeliveryEntry } from '../../shared/views/deliveries.ts';
import type { StandsNow } from '../../shared/views/escalation-lists.ts';
import type { EscalationEntry } from '../../shared/views/escalations.ts';
import type { HazardEntry } from '../../shared/views/hazards.ts';
import type { Overview } from '../../shared/views/overview-page.ts';
import type { HeldPost, RosterList, RosterRow } from '../../shared/views/roster-list.ts';
import type { TrackFigures, TrackPage } from '../../shared/views/track-page.ts';
import type { ReportList } from '../../shared/views/report-lists.ts';
import type { UnitList } from '../../shared/views/unit-lists.ts';
import type { TimelinePage, UnitPage } from '../../shared/views/unit-page.ts';

/** An event as it was stored, with what was corrected in it, and its position once it has one. */
export type ShownEvent = Envelope & { data: Record<string, unknown>; position?: number; corrected?: CorrectedField[] };

export type HazardRow = HazardEntry & { unitName: string | null };
export type ClosedLoop = ClosedLoopRow & { unitName: string | null };

export interface DueDate {
  due: string;
  kind: 'order' | 'extension' | 'rejection';
  /** when it was set, and by whom */
  orderedAt: string;
  by: string;
  authority?: string;
  previousDue?: string;
  reason?: string;
  requestedBy?: string;
  event: string;
}

export interface HazardAnswer extends ShownHazard {
  unitName: string;
  grade: HazardGrade | null;
  status: HazardStatus;
  /** what may be done next, and whether by the caller */
  allowed: { act: HazardAct; path: string; may: boolean }[];
  /** every due date it ever had, oldest first */
  dueDates: DueDate[];
  /** what the rule set proposes for an order today */
  proposedDue: { due: string; day: string; workingDays: number; ruleSet: number } | null;
  /** what is proposed for the new date that a rejection now would need; null: it would need none */
  rejectionDue: HazardAnswer['proposedDue'];
  overdue: boolean;
  /** its case with the district in this cycle */
  escalation: { id: string; status: EscalationStatus; to: string } | null;
  /** as last said, and corrected */
  text: string | null;
  place: string | null;
  /** oldest first */
  events: ShownEvent[];
}

export type DeadlineRow = DeadlineEntry & { overdue: boolean; unitName: string | null };

/** A case that goes beyond the town, on a list. */
export type EscalationRow = EscalationEntry & StandsNow & CaseAge;

export interface EscalationAnswer extends KnownEscalation, CaseAge {
  id: string;
  waitingSince: string;
  /** what may be done next, and whether by the caller */
  allowed: { act: EscalationAct; path: string; may: boolean }[];
  /** oldest first */
  events: ShownEvent[];
}

export type TrackFigure = { track: Track } & TrackFigures;

export interface SystemAnswer {
  tenant: string;
  at: string;
  log: { size: number; signed: { size: number; at: string; age: number } | null };
  generation: number;
  followers: { name: string; position: number; lag: number; behind: number | null; movedAt: string | null }[];
  held: { stream: string; version: number }[];
  ruleSet: { version: number; effectiveFrom: string } | null;
  ruleSets: number;
  calendar: { ruleSet: number[]; announced: number[]; missing: number[] };
}

interface Failing {
  failingSince: string | null;
  problem: string | null;
}
export interface AttestationsAnswer {
  signed: number;
  witnesses: ({ name: string; vkey: string; asked: boolean; size: number | null; at: string | null } & Failing)[];
  timeStamp: { size: number | null; time: string | null; authority: string | null } & Failing;
  copies: { size: number; at: string | null } & Failing;
}

/** What `getEvent` answers. */
export interface LoggedEvent {
  position: number;
  leaf: string;
  entry: string;
  event: Envelope & { data: Record<string, unknown> };
}

/** `cursor`: there is more; `from`: and this is not its beginning */
export type Traced = TraceAnswer<unknown> & { cursor?: string; from?: string };
type Traces = { [Name in QuestionName as `trace${Capitalize<Name>}`]: Traced };

export interface Answers extends Traces {
  listReports: ReportList;
  traceMoments: Moments;
  traceDossier: Dossier;
  getEvent: LoggedEvent;
  getStoredEvent: Uint8Array;
  getProof: string;
  getVkey: string;
  getCheckpoint: string;
  getTile: Uint8Array;
  getEntries: Uint8Array;
  getConsistency: { from: number; to: number; hashes: string[] };
  getCampaign: { definition: CampaignDefinition | null; ruleSets: RuleSet[]; targets: Target[] };
  listTracks: { items: TrackFigure[]; asOf: { position: number } };
  /** without organisations for subscribers */
  getTrack: Omit<TrackPage, 'organisations'> & Partial<Pick<TrackPage, 'organisations'>>;
  getOverview: Overview;
  listUnits: UnitList;
  listBaseline: UnitList;
  getUnit: UnitPage;
  getUnitTimeline: TimelinePage;
  listHazards: HazardList<HazardRow>;
  listRisks: HazardList<HazardRow>;
  listClosedLoop: HazardList<ClosedLoop>;
  exportBaseline: UnitList;
  exportRisks: HazardList<HazardRow>;
  exportClosedLoop: HazardList<ClosedLoop>;
  getHazard: HazardAnswer;
  listDeadlines: { items: DeadlineRow[]; cursor: string | undefined; asOf: { position: number } };
  getReport: KnownReport & {
    id: string;
    overdue: boolean;
    returnDue: HazardAnswer['proposedDue'];
    events: ShownEvent[];
  };
  listRoster: Omit<RosterList, 'examined'>;
  getRoster: RosterRow & { on: string; others: HeldPost[]; asOf: { position: number } };
  getNames: { items: { person: string; name: string | null; state: 'entered' | 'erased' | 'unknown' }[] };
  getSystem: SystemAnswer;
  getAttestations: AttestationsAnswer;
  listDeliveries: { items: DeliveryEntry[]; cursor: string | undefined };
  listEscalations: { items: EscalationRow[]; cursor: string | undefined; asOf: { position: number } };
  getEscalation: EscalationAnswer;
  getEscalatedHazard: ShownHazard & Pick<HazardAnswer, 'dueDates' | 'events'>;
  getEscalatedUnit: UnitPage;
  getEscalatedTimeline: TimelinePage;
  /** the bytes of the file */
  getDossier: Uint8Array;
  /** of the ZIP */
  getDossierProofs: Uint8Array;
}

// The facts that a dossier tells, computed from a case file by the same functions that answer an auditor (shared/reading/trace).
import type { Evidence, Track } from '../../../events/envelope.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import { isOpen, type HazardStatus } from '../../../events/hazard.ts';
import { ruleSetAt } from '../../rules/campaign/campaign.ts';
import { referrer } from '../trace/answer.ts';
import { deadlineFacts, type DeadlineFact } from '../trace/deadlines.ts';
import { escalationFacts, type EscalationFact } from '../trace/escalation.ts';
import { inspectionFacts, type InspectionFact } from '../trace/inspections.ts';
import { lateRecords, type LateRecord } from '../trace/late.ts';
import { recurrenceFacts, type RecurrenceFact } from '../trace/recurrences.ts';
import { reminderFacts, type ReminderFact } from '../trace/reminders.ts';
import { responsibleFacts, type HolderFact } from '../trace/responsible.ts';
import { monthsBefore } from '../trace/window.ts';
import type { CaseFile } from './gather.ts';
import { townDay } from '../../town-time.ts';

/** Another hazard at the same unit. */
export interface OtherHazard {
  hazard: string;
  clause: string;
  track: Track | null;
  foundAt: string;
  status: HazardStatus;
  open: boolean;
}

/** Who held a post, and on which of the days that matter. */
export interface Responsible {
  zh: string;
  organisation: string;
  holder: HolderFact;
  /** `2025-05-08 发现隐患` … */
  days: string[];
}

export interface EvidenceItem extends Evidence {
  /** id and Chinese name of the event that it belongs to */
  event: string;
  title: string;
  at: string;
  position: number;
}

export interface Facts {
  escalation: EscalationFact;
  deadlines: DeadlineFact[];
  reminders: ReminderFact[];
  responsible: Responsible[];
  recurrences: RecurrenceFact[];
  inspections: InspectionFact[];
  /** inspections before those that are listed */
  inspectionsLeftOut: number;
  others: OtherHazard[];
  othersLeftOut: number;
  evidence: EvidenceItem[];
  late: LateRecord[];
}

/** Inspections of so many months are told, and no more lines than this of anything: a dossier is read by people. */
const MONTHS = 24;
export const MOST_LINES = 60;

export function factsOf(file: CaseFile): Facts {
  const { caseEvents, hazardEvents, unitEvents, inspectionEvents, rosters, deliveries, calledAt } = file;
  const refer = referrer([...caseEvents, ...hazardEvents, ...unitEvents, ...inspectionEvents]);
  const window = monthsBefore(calledAt, MONTHS);
  const inspections = inspectionFacts(inspectionEvents, rosters, refer, { window: { ...window, to: '9999' } });
  const others = otherHazards(file);
  return {
    escalation: escalationFacts(caseEvents, calledAt, refer)[0]!,
    deadlines: deadlineFacts(hazardEvents, refer, {
      campaign: file.campaign,
      calendar: ruleSetAt(file, calledAt)?.calendar,
      time: calledAt,
    }),
    reminders: reminderFacts(hazardEvents, deliveries, file.ruleSets, refer),
    responsible: responsible(file),
    recurrences: recurrenceFacts([...hazardEvents, ...unitEvents], refer),
    inspections: inspections.slice(-MOST_LINES),
    inspectionsLeftOut: Math.max(0, inspections.length - MOST_LINES),
    others: others.slice(0, MOST_LINES),
    othersLeftOut: Math.max(0, others.length - MOST_LINES),
    evidence: evidenceOf(file),
    late: lateRecords([...hazardEvents, ...caseEvents]),
  };
}

/** The other hazards of the unit, open ones first, from the index of the unit alone. */
function otherHazards({ index, case: { hazard } }: CaseFile): OtherHazard[] {
  const found = new Map<string, OtherHazard>();
  for (const { stream, clause, track, occurredAt, after } of index) {
    const { category, id } = parseStreamKey(stream);
    if (category !== 'hazard' || id === hazard || clause === null || after === null) continue;
    const known = found.get(id);
    found.set(id, {
      hazard: id,
      clause,
      track,
      foundAt: known?.foundAt ?? occurredAt,
      status: after,
      open: isOpen(after),
    });
  }
  return [...found.values()].toSorted((a, b) => Number(b.open) - Number(a.open));
}

/** Who was responsible on the days that matter, post by post; one who held it throughout stands once, with all those days. */
function responsible(file: CaseFile): Responsible[] {
  const { unitEvents, hazardEvents, campaign, rosters } = file;
  const refer = referrer([...unitEvents, ...hazardEvents]);
  const rows = new Map<string, Responsible>();
  for (const { day, why } of daysThatMatter(file)) {
    const placed = [...unitEvents, ...hazardEvents];
    for (const fact of responsibleFacts({ placed, campaign, rosters, refer }, day)) {
      if (fact.track !== file.case.track) continue;
      for (const holder of fact.holders) {
        const key = JSON.stringify([fact.role, holder.organisation, holder.post, holder.person, holder.from]);
        const known = rows.get(key);
        if (known) known.days.push(`${day} ${why}`);
        else rows.set(key, { zh: fact.zh, organisation: holder.organisation, holder, days: [`${day} ${why}`] });
      }
    }
  }
  return [...rows.values()];
}

function daysThatMatter({ hazardEvents, calledAt }: CaseFile): { day: string; why: string }[] {
  const days = new Map<string, string>();
  const add = (instant: string, why: string): void => {
    const day = townDay(instant);
    const known = days.get(day);
    if (known === undefined) days.set(day, why);
    else if (!known.split('、').includes(why)) days.set(day, `${known}、${why}`);
  };
  for (const { event } of hazardEvents) {
    if (event.type === 'HazardFound') add(event.occurredAt, '发现隐患');
    else if (event.type === 'RecurrenceFound') add(event.occurredAt, '隐患回潮');
    else if (event.type === 'RectificationOrdered') add(event.occurredAt, '责令整改');
    else if (event.type === 'DeadlineMissed') add(event.data.due, '整改到期');
    else if (event.type === 'HazardSignedOff') add(event.occurredAt, '销项');
  }
  add(calledAt, '本次上报');
  return [...days].map(([day, why]) => ({ day, why })).toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

/** Every photo and document that the events name, by its hash, once. */
function evidenceOf({ hazardEvents, caseEvents, inspectionEvents, hazard }: CaseFile): EvidenceItem[] {
  const finding = inspectionEvents.filter(
    ({ event }) =>
      event.type === 'InspectionRecorded' && event.data.findings.some((found) => found.hazard === hazard.id),
  );
  const items = new Map<string, EvidenceItem>();
  for (const { event, position } of [...finding, ...hazardEvents, ...caseEvents]) {
    for (const one of event.evidence ?? []) {
      if (items.has(one.sha256)) continue;
      items.set(one.sha256, { ...one, event: event.id, title: event.type, at: event.occurredAt, position });
    }
  }
  return [...items.values()];
}

// Question 8, an escalation (上报区级): which limit of the town and which rule, what material in each round, to whom, how long it waited, what was
// returned and why, what was decided.
import type { Actor, Evidence } from '../../events/envelope.ts';
import type { EscalationEvent } from '../../events/escalation.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import type { EventRef } from './event-ref.ts';
import { townDaysBetween } from '../town-time.ts';

export interface RoundFact {
  round: number;
  compiledAt: string;
  compiledBy: Actor;
  /** the log before this position is in the dossier */
  position: number;
  files: { name: string; mediaType: string; bytes: number; sha256: string }[];
  submittedAt: string | null;
  /** what the district made of it; null: no answer as known then */
  answer: { kind: 'accepted' | 'returned'; at: string; by: string; missing: string[]; reference: string | null } | null;
  /** calendar days in town time from submission to the answer, or to the moment of knowledge; null: not submitted */
  daysWaiting: number | null;
  events: EventRef[];
}

/** A further ground of the case, or the one on which it came up again after a decision. */
export interface GroundFact {
  rule: string;
  limit: string;
  reason: string;
  urgent: boolean;
  at: string;
  by: Actor;
  events: EventRef[];
}

/** What the town added because the district missed it. */
export interface MaterialFact {
  answers: string[];
  note: string;
  at: string;
  by: string;
  evidence: Evidence[];
  /** what was still missing after it */
  left: string[];
  events: EventRef[];
}

export interface EscalationFact {
  status: string;
  limit: string;
  rule: string;
  reason: string;
  urgent: boolean;
  /** district guiding unit */
  to: string;
  proposedAt: string;
  proposedBy: Actor;
  /** after the first */
  furtherGrounds: GroundFact[];
  materials: MaterialFact[];
  rounds: RoundFact[];
  returns: number;
  resolved: { at: string; decidedAt: string | null; by: string; decision: string; events: EventRef[] } | null;
  verified: { at: string; by: string; note: string; events: EventRef[] } | null;
  /** calendar days from the proposal to the decision, or to the moment of knowledge */
  daysOpen: number;
  events: EventRef[];
}

/** Question 8: one fact. @param placed the escalation's events, oldest first @param time the moment of knowledge */
export function escalationFacts(placed: readonly Placed[], time: string, refer: Refer): EscalationFact[] {
  const first = placed[0]?.event as EscalationEvent | undefined;
  if (first?.type !== 'EscalationProposed') return [];
  const { limit, rule, reason, urgent, to } = first.data;
  const fact: EscalationFact = {
    status: first.data.after,
    limit,
    rule,
    reason,
    urgent,
    to,
    proposedAt: first.occurredAt,
    proposedBy: first.actor,
    furtherGrounds: [],
    materials: [],
    rounds: [],
    returns: 0,
    resolved: null,
    verified: null,
    daysOpen: 0,
    events: placed.map(refer),
  };
  for (const one of placed) add(fact, one.event as EscalationEvent, refer(one));
  for (const round of fact.rounds) {
    if (round.submittedAt !== null) {
      round.daysWaiting = townDaysBetween(round.submittedAt, round.answer?.at ?? time);
    }
  }
  fact.daysOpen = townDaysBetween(fact.proposedAt, fact.resolved?.at ?? time);
  return [fact];
}

function add(fact: EscalationFact, event: EscalationEvent, ref: EventRef): void {
  fact.status = event.data.after;
  const round = fact.rounds.at(-1);
  switch (event.type) {
    case 'EscalationProposed':
    case 'EscalationGroundAdded': {
      if (event.data.before === null) return;
      const { rule, limit, reason, urgent } = event.data;
      fact.urgent ||= urgent;
      fact.furtherGrounds.push({
        rule,
        limit,
        reason,
        urgent,
        at: event.occurredAt,
        by: event.actor,
        events: [ref],
      });
      return;
    }
    case 'MaterialAdded': {
      const { answers, note, by, left } = event.data;
      const evidence = event.evidence ?? [];
      fact.materials.push({ answers, note, at: event.occurredAt, by, evidence, left, events: [ref] });
      return;
    }
    case 'DossierCompiled': {
      const { round: number, position, files } = event.data;
      const blank = { submittedAt: null, answer: null, daysWaiting: null };
      const made = { compiledAt: event.occurredAt, compiledBy: event.actor, position, files };
      fact.rounds.push({ round: number, ...made, ...blank, events: [ref] });
      return;
    }
    case 'EscalationSubmitted':
      if (round) Object.assign(round, { submittedAt: event.occurredAt, events: [...round.events, ref] });
      return;
    case 'EscalationAccepted':
    case 'EscalationReturned': {
      const { by } = event.data;
      const returned = event.type === 'EscalationReturned';
      if (returned) fact.returns += 1;
      if (!round) return;
      round.answer = {
        kind: returned ? 'returned' : 'accepted',
        at: event.occurredAt,
        by,
        missing: returned ? event.data.missing : [],
        reference: returned ? null : (event.data.reference ?? null),
      };
      round.events.push(ref);
      return;
    }
    case 'EscalationResolved': {
      const { by, decision, decidedAt } = event.data;
      fact.resolved = { at: event.occurredAt, decidedAt: decidedAt ?? null, by, decision, events: [ref] };
      return;
    }
    case 'EscalationVerified': {
      const { by, note } = event.data;
      fact.verified = { at: event.occurredAt, by, note, events: [ref] };
    }
  }
}

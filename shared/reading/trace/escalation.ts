// Question 8, an escalation (上报区级): which limit of the town and which rule, what material in each round, to whom, how
// long it waited, what was returned and why, what was decided.
import * as z from 'zod';
import { actorSchema, evidenceSchema, idSchema, instantSchema } from '../../../events/envelope.ts';
import { caseStatusSchema, groundSchema, type EscalationEvent } from '../../../events/escalation.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { townDaysBetween } from '../../town-time.ts';
import { eventRefs, type EventRef } from './event-ref.ts';

const roundFactSchema = z.strictObject({
  round: z.int(),
  compiledAt: instantSchema,
  compiledBy: actorSchema,
  /** the log before this position is in the dossier */
  position: z.int(),
  files: z.array(z.strictObject({ name: z.string(), mediaType: z.string(), bytes: z.int(), sha256: z.string() })),
  submittedAt: instantSchema.nullable(),
  /** what the district made of it; null: no answer as known then */
  answer: z
    .strictObject({
      kind: z.enum(['accepted', 'returned']),
      at: instantSchema,
      by: z.string(),
      missing: z.array(z.string()),
      reference: z.string().nullable(),
    })
    .nullable(),
  /** calendar days in town time from submission to the answer, or to the moment of knowledge; null: not submitted */
  daysWaiting: z.int().nullable(),
  events: eventRefs,
});
export type RoundFact = z.infer<typeof roundFactSchema>;

const ground = groundSchema.omit({ ruleSet: true }).shape;
export const escalationFactSchema = z
  .strictObject({
    status: caseStatusSchema,
    ...ground,
    /** district guiding unit */
    to: idSchema,
    proposedAt: instantSchema,
    proposedBy: actorSchema,
    /** after the first, or on which it came up again after a decision */
    furtherGrounds: z.array(z.strictObject({ ...ground, at: instantSchema, by: actorSchema, events: eventRefs })),
    materials: z
      .array(
        z.strictObject({
          answers: z.array(z.string()),
          note: z.string(),
          at: instantSchema,
          by: z.string(),
          evidence: z.array(evidenceSchema),
          left: z.array(z.string()).describe('still missing after it'),
          events: eventRefs,
        }),
      )
      .describe('what the town added because the district missed it'),
    rounds: z.array(roundFactSchema),
    returns: z.int(),
    resolved: z
      .strictObject({
        at: instantSchema,
        decidedAt: instantSchema.nullable(),
        by: z.string(),
        decision: z.string(),
        events: eventRefs,
      })
      .nullable(),
    verified: z.strictObject({ at: instantSchema, by: z.string(), note: z.string(), events: eventRefs }).nullable(),
    /** calendar days from the proposal to the decision, or to the moment of knowledge */
    daysOpen: z.int(),
    events: eventRefs,
  })
  .meta({ id: 'EscalationFact' });
export type EscalationFact = z.infer<typeof escalationFactSchema>;

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

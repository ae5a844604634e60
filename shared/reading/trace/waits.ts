// Who waited for whom at a hazard (谁在等谁), for how long and for which organisation: what was handed in and waited to be
// looked at, an extension that was asked for, a closure, an assignment that was given back. By when it was recorded,
// not by what was claimed.
import * as z from 'zod';
import type { CampaignDefinition, RuleSet } from '../../../events/campaign.ts';
import { actorSchema, idSchema, instantSchema } from '../../../events/envelope.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { AWAITS, type Awaits } from '../../../events/reminder.ts';
import { workingDays } from '../../rules/calendar/working-days.ts';
import { answerBy, answering, askedBy } from '../../rules/waiting/answering.ts';
import { ruleSetAt, type CampaignState } from '../../rules/campaign/campaign.ts';
import { hazard, requireHazard } from '../../rules/hazard/hazard.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { townDay } from '../../town-time.ts';
import { eventRefs } from './event-ref.ts';

export const waitFactSchema = z
  .strictObject({
    awaits: z.enum(AWAITS),
    since: instantSchema.describe('when what it waited since was recorded'),
    until: instantSchema.nullable().describe('null: it waits still, as known then'),
    workingDays: z.int().describe('after the first day, up to the last one and with it'),
    answerBy: instantSchema.describe('the end of the third working day'),
    late: z.boolean().describe('the answer came after that, or has not come'),
    organisation: idSchema.describe('who answered; else who was to'),
    /** null: nobody, yet or any more */
    answeredBy: actorSchema.nullable(),
    events: eventRefs,
  })
  .meta({ id: 'WaitFact' });
export type WaitFact = z.infer<typeof waitFactSchema>;

/** What is known besides the hazard's own events; without it days are counted by the week, up to the last event. */
export interface WaitContext {
  campaign?: CampaignDefinition | null | undefined;
  calendar?: RuleSet['calendar'];
  /** the moment of knowledge */
  time?: string | undefined;
}

export const waitContext = (campaign: CampaignState, time: string): WaitContext => ({
  campaign: campaign.definition,
  calendar: ruleSetAt(campaign, time)?.calendar,
  time,
});

/** What answers, and is no other end of a wait. */
const ANSWERS: Record<Exclude<Awaits, 'acceptance'>, readonly HazardEvent['type'][]> = {
  verification: ['VerificationPassed', 'VerificationRejected'],
  extension: ['ExtensionApproved', 'ExtensionRefused'],
  closure: ['HazardLinkedAsDuplicate', 'HazardDismissed'],
  reassignment: ['HazardReassigned'],
  date: ['RectificationOrdered', 'ExtensionApproved', 'VerificationRejected'],
};

/** @param placed the hazard's events, oldest first @returns in order of since when */
export function waitFacts(placed: readonly Placed[], refer: Refer, context: WaitContext = {}): WaitFact[] {
  const calendar = workingDays(context.calendar);
  const time = context.time ?? placed.at(-1)?.event.recordedAt ?? '';
  const facts: WaitFact[] = [];
  const open = new Map<Awaits, WaitFact>();
  let state = hazard.initial;
  for (const one of placed) {
    const event = one.event as HazardEvent;
    const before = state.waiting.waits;
    state = hazard.evolve(state, event);
    for (const awaits of AWAITS) {
      const since = state.waiting.waits[awaits]?.since ?? null;
      if (since === (before[awaits]?.since ?? null)) continue;
      const ended = open.get(awaits);
      if (ended) end(ended, event, one);
      open.delete(awaits);
      if (since !== null) open.set(awaits, begin(awaits, since, one));
    }
  }
  for (const fact of open.values()) {
    fact.workingDays = calendar.between(townDay(fact.since), townDay(time));
    fact.late = time > fact.answerBy;
  }
  return facts;

  function begin(awaits: Awaits, since: string, one: Placed): WaitFact {
    const known = requireHazard(state, state.id ?? '');
    const { track, organisation } = known;
    const asked = { track, organisation, by: askedBy(known, awaits) };
    const waitedFor = context.campaign ? answering(context.campaign, awaits, asked)[0]! : organisation;
    const fact: WaitFact = {
      awaits,
      since,
      until: null,
      workingDays: 0,
      answerBy: answerBy(calendar, since),
      late: false,
      organisation: waitedFor,
      answeredBy: null,
      events: [refer(one)],
    };
    // what a register shows to be over waited for nobody
    if (!one.event.derived) facts.push(fact);
    return fact;
  }

  function end(fact: WaitFact, event: HazardEvent, one: Placed): void {
    fact.until = event.recordedAt;
    fact.workingDays = calendar.between(townDay(fact.since), townDay(event.recordedAt));
    fact.late = event.recordedAt > fact.answerBy;
    fact.events.push(refer(one));
    if (fact.awaits === 'acceptance' || !ANSWERS[fact.awaits].includes(event.type)) return;
    fact.answeredBy = event.actor;
    fact.organisation = event.actor.organisation;
  }
}

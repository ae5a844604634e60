// Question 4, the reminders for a hazard: by which rule and rung, to whom, by which channel it was sent, whether it
// arrived, who acknowledged it, and what was done next and how long after. A reminder that nothing followed is itself
// evidence.
import * as z from 'zod';
import type { RuleSet } from '../../../events/campaign.ts';
import { CHANNELS, type DeliveryEvent } from '../../../events/delivery.ts';
import { idSchema, instantSchema, parseStreamKey } from '../../../events/envelope.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { AWAITS, recipientSchema } from '../../../events/reminder.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { eventRefs } from './event-ref.ts';
import { hoursBetween } from '../dictionary.ts';

const followed = { by: z.string(), at: instantSchema, hoursAfter: z.number(), events: eventRefs };
export const reminderFactSchema = z
  .strictObject({
    reminder: z.string(),
    issuedAt: instantSchema,
    due: instantSchema,
    /** the rung of the ladder, in working days from the due date */
    rule: z.strictObject({
      ruleSet: z.int(),
      rung: z.string(),
      workingDays: z.int(),
      to: z.array(z.string()).describe('roles that the rule set sends it to'),
    }),
    awaits: z.enum(AWAITS).nullable().describe('what waited for an answer; null: the due date was meant'),
    since: instantSchema.nullable(),
    provisional: z.boolean().describe("the rung's day was counted by the week, in a year without a statutory notice"),
    recipients: z.array(recipientSchema),
    /** rungs that were due too and were not sent any more */
    skipped: z.array(z.string()),
    /** by channel; none: there is no record that it was sent */
    deliveries: z.array(
      z.strictObject({
        message: z.string(),
        channel: z.enum(CHANNELS),
        organisation: idSchema,
        status: z.enum(['delivered', 'failed']),
        /** when the attempt began that the channel took */
        sentAt: instantSchema.nullable(),
        attempts: z.int(),
        error: z.string().nullable(),
        events: eventRefs,
      }),
    ),
    acknowledged: z.array(z.strictObject({ ...followed, note: z.string().nullable() })),
    next: z
      .strictObject({ what: z.string(), ...followed })
      .nullable()
      .describe('the first thing done about the hazard after it'),
    followedBy: z.enum(['acted', 'acknowledged', 'nothing']).describe('before the next reminder'),
    events: eventRefs,
  })
  .meta({ id: 'ReminderFact' });
export type ReminderFact = z.infer<typeof reminderFactSchema>;
type DeliveryFact = ReminderFact['deliveries'][number];

/** What does not count as doing something about it. */
const NO_ACT: ReadonlySet<HazardEvent['type']> = new Set([
  'ReminderIssued',
  'ReminderAcknowledged',
  'DeadlineMissed',
  'HazardPersisted',
  'RecurrenceFound',
  'HazardCorrected',
]);

/**
 * Question 4, in the order in which they were issued.
 * @param placed the hazard's events, oldest first
 * @param deliveries events of the messages that carried its reminders
 */
export function reminderFacts(
  placed: readonly Placed[],
  deliveries: readonly Placed[],
  ruleSets: readonly RuleSet[],
  refer: Refer,
): ReminderFact[] {
  const acts = placed.filter(({ event }) => !NO_ACT.has((event as HazardEvent).type));
  return placed.flatMap((one, n) => {
    const { event } = one;
    if (event.type !== 'ReminderIssued') return [];
    const {
      due,
      rung,
      workingDays,
      recipients,
      skipped,
      provisional = false,
      awaits = null,
      since = null,
    } = event.data;
    const acknowledged = placed.flatMap((later) =>
      later.event.type === 'ReminderAcknowledged' && later.event.data.reminder === event.id
        ? [
            {
              by: later.event.data.by,
              at: later.event.occurredAt,
              hoursAfter: round(hoursBetween(event.occurredAt, later.event.occurredAt)),
              note: later.event.data.note ?? null,
              events: [refer(later)],
            },
          ]
        : [],
    );
    const act = acts.find((later) => later.event.version > event.version);
    const following = placed.slice(n + 1).find((later) => later.event.type === 'ReminderIssued');
    const acted = act !== undefined && (!following || act.event.version < following.event.version);
    const to = ruleSets
      .find(({ version }) => version === event.ruleSet)
      ?.ladder?.find((step) => step.rung === rung)?.to;
    return [
      {
        reminder: event.id,
        issuedAt: event.occurredAt,
        due,
        rule: { ruleSet: event.ruleSet, rung, workingDays, to: to ?? [] },
        provisional,
        awaits,
        since,
        recipients,
        skipped,
        deliveries: deliveryFacts(event.id, deliveries, refer),
        acknowledged,
        next: act
          ? {
              what: refer(act).zh,
              by: act.event.actor.person,
              at: act.event.occurredAt,
              hoursAfter: round(hoursBetween(event.occurredAt, act.event.occurredAt)),
              events: [refer(act)],
            }
          : null,
        followedBy: acted ? 'acted' : acknowledged.length > 0 ? 'acknowledged' : 'nothing',
        events: [refer(one)],
      } satisfies ReminderFact,
    ];
  });
}

const round = (hours: number): number => Math.round(hours * 10) / 10;

/** What became of the messages that carried an event: the last outcome of each. */
function deliveryFacts(reminder: string, deliveries: readonly Placed[], refer: Refer): DeliveryFact[] {
  const messages = Map.groupBy(
    deliveries.filter(({ event }) => (event as DeliveryEvent).data.carries.includes(reminder)),
    ({ event }) => event.stream,
  );
  return [...messages].map(([stream, rounds]) => {
    const ordered = rounds.toSorted((a, b) => a.event.version - b.event.version);
    const last = ordered.at(-1)!.event as DeliveryEvent;
    const { channel, organisation, attempts } = last.data;
    return {
      message: parseStreamKey(stream).id,
      channel,
      organisation,
      status: last.type === 'MessageDelivered' ? 'delivered' : 'failed',
      sentAt: last.type === 'MessageDelivered' ? last.data.sentAt : null,
      attempts,
      error: last.type === 'MessageFailed' ? last.data.error : null,
      events: ordered.map(refer),
    };
  });
}

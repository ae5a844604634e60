// Question 7, recurrences (隐患回潮) at a unit: for each the sign-off that it undid, who had verified and who had signed,
// how long the hazard had been away, and how long its cycle had taken before.
import * as z from 'zod';
import { actorSchema, idSchema, instantSchema, parseStreamKey, trackSchema } from '../../../events/envelope.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import type { UnitEvent } from '../../../events/unit.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { byText, eventRefs, eventRefSchema } from './event-ref.ts';
import { hoursBetween } from '../dictionary.ts';

export const recurrenceFactSchema = z
  .strictObject({
    hazard: idSchema,
    clause: z.string(),
    track: trackSchema.nullable(),
    /** 1, 2 …: which recurrence of this hazard */
    recurrence: z.int(),
    foundAt: instantSchema,
    foundBy: actorSchema,
    inspection: idSchema,
    text: z.string().nullable(),
    /** null when it is not among the events known then */
    undone: z
      .strictObject({
        at: instantSchema,
        by: actorSchema,
        /** whole days from the opening of that cycle to its sign-off */
        days: z.int(),
        submittedBy: actorSchema.nullable(),
        verifiedBy: actorSchema.nullable(),
        events: eventRefs,
      })
      .nullable()
      .describe('the sign-off that it undid'),
    /** to a tenth */
    daysAway: z.number().describe('from the sign-off; below 0: seen after the verification on which it stands'),
    /** the unit was taken off the sign-off list with it (移出销项名单) */
    delisted: eventRefSchema.nullable(),
    events: eventRefs,
  })
  .meta({ id: 'RecurrenceFact' });
export type RecurrenceFact = z.infer<typeof recurrenceFactSchema>;

/** Question 7, in order of the finding. @param placed the unit's and its hazards' events */
export function recurrenceFacts(placed: readonly Placed[], refer: Refer): RecurrenceFact[] {
  const hazards = Map.groupBy(
    placed.filter(({ event }) => parseStreamKey(event.stream).category === 'hazard'),
    ({ event }) => event.stream,
  );
  const delistings = placed.filter(({ event }) => event.type === 'UnitDelisted');
  return [...hazards.values()]
    .flatMap((stream) =>
      recurrencesIn(
        stream.toSorted((a, b) => a.event.version - b.event.version),
        delistings,
        refer,
      ),
    )
    .toSorted((a, b) => byText(a.foundAt, b.foundAt) || byText(a.hazard, b.hazard));
}

function recurrencesIn(stream: readonly Placed[], delistings: readonly Placed[], refer: Refer): RecurrenceFact[] {
  return stream.flatMap((one, n) => {
    const event = one.event as HazardEvent;
    if (event.type !== 'RecurrenceFound') return [];
    const { clause, recurrence, inspection, text, undoes, signedOffAt } = event.data;
    const hazard = parseStreamKey(event.stream).id;
    const at = stream.findIndex((earlier) => earlier.event.id === undoes);
    const delisted = delistings.find(
      ({ event: listing }) =>
        listing.command === event.command &&
        (listing as UnitEvent & { type: 'UnitDelisted' }).data.hazards.includes(hazard),
    );
    return [
      {
        hazard,
        clause,
        track: event.track ?? null,
        recurrence,
        foundAt: event.occurredAt,
        foundBy: event.actor,
        inspection,
        text: text ?? null,
        undone: at >= 0 && at < n ? undoneOf(stream, at, refer) : null,
        // below 0: seen between the verification and the sign-off, which so stood on nothing
        daysAway: Math.round(hoursBetween(signedOffAt, event.occurredAt) / 2.4) / 10 || 0,
        delisted: delisted ? refer(delisted) : null,
        events: [refer(one), ...(delisted ? [refer(delisted)] : [])],
      },
    ];
  });
}

function undoneOf(stream: readonly Placed[], at: number, refer: Refer): RecurrenceFact['undone'] {
  const one = stream[at]!;
  const signOff = one.event as Extract<HazardEvent, { type: 'HazardSignedOff' }>;
  const before = stream.slice(0, at);
  const verified = before.findLast(({ event }) => event.type === 'VerificationPassed');
  const submitted = before.findLast(({ event }) => event.type === 'RectificationSubmitted');
  return {
    at: signOff.occurredAt,
    by: signOff.actor,
    days: signOff.data.days,
    submittedBy: submitted?.event.actor ?? null,
    verifiedBy: verified?.event.actor ?? null,
    events: [submitted, verified, one].flatMap((placed) => (placed ? [refer(placed)] : [])),
  };
}

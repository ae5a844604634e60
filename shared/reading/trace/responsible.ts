// Question 5, who was responsible (责任人) for a unit on a day: for each of its tracks the supervisor, and of every
// organisation that answered for it then (the track's lead, the supervisor's own, those to whom open hazards were
// assigned, the village) liaison and head; above them office, leading group and operations centre. With each the
// appointment behind it; a post that nobody held is named as vacant.
import { RECIPIENT_NAMES } from '../dictionary.ts';
import * as z from 'zod';
import { RECIPIENT_ROLES, type CampaignDefinition } from '../../../events/campaign.ts';
import { dateSchema, idSchema, parseStreamKey, trackSchema, type Track } from '../../../events/envelope.ts';
import { isOpen, type HazardEvent } from '../../../events/hazard.ts';
import type { Recipient } from '../../../events/reminder.ts';
import type { UnitEvent } from '../../../events/unit.ts';
import { foldAll } from '../../rules/decider.ts';
import { hazard } from '../../rules/hazard/hazard.ts';
import { recipientsOf, supervisionOn, type RecipientRole } from '../../rules/roster/responsible.ts';
import { unit as unitFold } from '../../rules/unit/unit.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { eventRefs } from './event-ref.ts';
import type { Rosters } from './posts.ts';
import { plusDays, startOfTownDay } from '../../town-time.ts';

export const responsibleFactSchema = z
  .strictObject({
    track: trackSchema,
    organisation: idSchema,
    /** why this organisation: leads the track, supervises the unit, is the village, has open hazards; none: central posts */
    because: z.array(z.enum(['lead', 'supervisor', 'area', 'hazards', 'town'])),
    hazards: z.array(idSchema).describe('open hazards that it was responsible for on the day'),
    role: z.enum(RECIPIENT_ROLES),
    zh: z.string(),
    holders: z.array(
      z.strictObject({
        organisation: idSchema,
        post: z.string(),
        person: z.string().nullable().describe('null: the post was vacant'),
        from: dateSchema.nullable(),
        until: dateSchema.nullable(),
        /** document or decision behind it */
        basis: z.string().nullable(),
        /** the appointment, and what ended or corrected it */
        events: eventRefs,
      }),
    ),
    vacant: z.boolean(),
    events: eventRefs,
  })
  .meta({ id: 'ResponsibleFact' });
export type ResponsibleFact = z.infer<typeof responsibleFactSchema>;
export type HolderFact = ResponsibleFact['holders'][number];

/** What the answer is computed from, as known then. */
export interface Sources {
  /** the unit's and its hazards' events */
  placed: readonly Placed[];
  campaign: CampaignDefinition;
  rosters: Rosters;
  refer: Refer;
}

/** Question 5. @param day in town time: `2025-05-24` */
export function responsibleFacts(sources: Sources, day: string): ResponsibleFact[] {
  const { placed, campaign } = sources;
  const state = foldAll(
    unitFold,
    placed.flatMap(({ event }) => (parseStreamKey(event.stream).category === 'unit' ? [event as UnitEvent] : [])),
  );
  const tracks = state.details?.tracks ?? [];
  const open = openOn(placed, day);
  return tracks.flatMap((track) => {
    const lead = campaign.tracks.find((one) => one.track === track)?.lead;
    const supervision = supervisionOn(state.supervisors, track, day);
    const because = new Map<string, ResponsibleFact['because']>();
    const add = (organisation: string | undefined, why: ResponsibleFact['because'][number]): void => {
      if (organisation === undefined) return;
      const known = because.get(organisation) ?? [];
      if (!known.includes(why)) because.set(organisation, [...known, why]);
    };
    add(lead, 'lead');
    add(supervision?.organisation, 'supervisor');
    add(state.details?.area, 'area');
    for (const { organisation } of open.filter((one) => one.track === track)) add(organisation, 'hazards');

    const about = { campaign, rosters: sources.rosters.states, unit: state, track };
    const fact = (role: RecipientRole, organisation: string, why: ResponsibleFact['because']): ResponsibleFact => {
      const found = recipientsOf(role, { ...about, organisation }, day);
      const holders = found.map((recipient) => holderOf(recipient, state.supervisors, sources));
      const town = why.includes('town');
      return {
        track,
        organisation: town ? holders[0]!.organisation : organisation,
        because: why,
        hazards: town
          ? []
          : open.filter((one) => one.track === track && one.organisation === organisation).map(({ id }) => id),
        role,
        zh: RECIPIENT_NAMES[role],
        holders,
        vacant: holders.every(({ person }) => person === null),
        events: holders.flatMap(({ events }) => events),
      };
    };
    const supervised = supervision?.organisation ?? lead;
    return [
      ...(supervised === undefined ? [] : [fact('supervisor', supervised, because.get(supervised)!)]),
      ...[...because].flatMap(([organisation, why]) => [
        fact('liaison', organisation, why),
        fact('head', organisation, why),
      ]),
      ...RECIPIENT_ROLES.filter(
        (role) => role === 'office' || role === 'leading-group' || role === 'operations',
      ).flatMap((role) => (lead === undefined ? [] : [fact(role, lead, ['town'])])),
    ];
  });
}

/** Hazards that were open at some moment of the day, and who was responsible at its end. */
function openOn(placed: readonly Placed[], day: string): { id: string; track: Track; organisation: string }[] {
  const [begin, end] = [startOfTownDay(day), startOfTownDay(plusDays(day, 1))];
  const streams = Map.groupBy(
    placed.filter(({ event }) => parseStreamKey(event.stream).category === 'hazard' && event.occurredAt < end),
    ({ event }) => event.stream,
  );
  return [...streams].flatMap(([stream, events]) => {
    const all = events.map(({ event }) => event as HazardEvent).toSorted((a, b) => a.version - b.version);
    const state = foldAll(hazard, all);
    const closedBefore = all.at(-1)!.occurredAt < begin && state.status !== null && !isOpen(state.status);
    if (closedBefore || state.track === null || state.organisation === null) return [];
    return [{ id: parseStreamKey(stream).id, track: state.track, organisation: state.organisation }];
  });
}

function holderOf(
  recipient: Recipient,
  supervisors: readonly {
    assignedBy: string;
    from: string;
    until: string | null;
    basis: string;
    relievedBy: string | null;
  }[],
  { placed, rosters, refer }: Sources,
): HolderFact {
  const { organisation, post, person, appointment } = recipient;
  const held =
    supervisors.find(({ assignedBy }) => assignedBy === appointment) ??
    [...(rosters.states.get(organisation)?.appointments.values() ?? [])].find(
      ({ appointedBy }) => appointedBy === appointment,
    );
  const ids = new Set([appointment, held?.relievedBy, ...(held && 'correctedBy' in held ? held.correctedBy : [])]);
  const behind = placed.filter(({ event }) => ids.has(event.id));
  for (const id of ids) {
    const known = id === undefined || id === null ? undefined : rosters.events.get(id);
    if (known) behind.push(known);
  }
  return {
    organisation,
    post,
    person,
    from: held?.from ?? null,
    until: held?.until ?? null,
    basis: held?.basis ?? null,
    events: behind.map(refer),
  };
}

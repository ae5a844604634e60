// Who is responsible (责任人) on a day: for a hazard, a unit or a report, by the roles that the ladder of reminders names.
// Reminders ask it for today, a trace for any day of the past. It looks at what the rosters and the unit say and at
// nothing else; a post that nobody holds is named with nobody in it, because a vacant post is evidence too.
import { RECIPIENT_ROLES, type CampaignDefinition } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';
import type { Recipient } from '../../../events/reminder.ts';
import type { Post } from '../../../events/roster.ts';
import { holdersOn, type Appointment, type RosterState } from './roster.ts';
import type { Supervision, UnitState } from '../unit/unit.ts';

export type RecipientRole = (typeof RECIPIENT_ROLES)[number];

/** What the answer is computed from. A roster that is not given counts as empty: every post in it is vacant. */
export interface ResponsibleFacts {
  campaign: CampaignDefinition;
  /** by organisation; `rostersFor` says which are looked at */
  rosters: ReadonlyMap<string, RosterState>;
  /** the unit that it is about; none for a report */
  unit?: Pick<UnitState, 'supervisors' | 'details'> | undefined;
  track?: Track | undefined;
  /** organisation responsible: the hazard's, or the one that owes the report */
  organisation: string;
}

/** Organisations whose rosters `recipientsOf` may look at: for `loadRosters`. */
export function rostersFor(campaign: CampaignDefinition, organisation: string): string[] {
  const central = (['office', 'leading-group', 'operations'] as const).flatMap(
    (role) => organisationOf(campaign, role) ?? [],
  );
  return [...new Set([organisation, ...central])];
}

/**
 * Those who hold a role on a day in town time, `2025-05-24`; at least one, with `person: null` when the post was vacant.
 *
 * - supervisor: who supervises the unit for the track (监管责任人); else the officers and grid members of the organisation for the track and
 *   the unit's area; else its liaison
 * - liaison, head: of the organisation
 * - office: directors of the task-force office; leading-group: its leader and deputies; operations: liaison of the operations centre.
 *   Where the campaign has no such organisation, the head of the responsible one stands in
 */
export function recipientsOf(role: RecipientRole, facts: ResponsibleFacts, day: string): Recipient[] {
  switch (role) {
    case 'supervisor': {
      const supervisor = supervisorOn(facts, day);
      if (supervisor) return [supervisor];
      const officers = holders(facts, facts.organisation, ['officer', 'grid'], day);
      return officers.length > 0 ? officers : recipientsOf('liaison', facts, day);
    }
    case 'liaison':
    case 'head':
      return orVacant(facts, facts.organisation, [role], day);
    case 'office':
    case 'leading-group':
    case 'operations': {
      const organisation = organisationOf(facts.campaign, role);
      return organisation === undefined
        ? recipientsOf('head', facts, day)
        : orVacant(facts, organisation, POSTS_OF[role], day);
    }
  }
}

/** Everybody responsible on a day, role by role. */
export function responsibleOn(facts: ResponsibleFacts, day: string): Record<RecipientRole, Recipient[]> {
  return Object.fromEntries(RECIPIENT_ROLES.map((role) => [role, recipientsOf(role, facts, day)])) as Record<
    RecipientRole,
    Recipient[]
  >;
}

/** Who supervised a unit for a track on a day, if anybody did. */
export function supervisionOn(supervisors: readonly Supervision[], track: Track, day: string): Supervision | undefined {
  return supervisors.findLast(
    (held) => held.track === track && held.from <= day && (held.until === null || day <= held.until),
  );
}

const POSTS_OF = {
  office: ['office-director'],
  'leading-group': ['leader', 'deputy-leader'],
  operations: ['liaison'],
} as const satisfies Record<string, readonly Post[]>;

function organisationOf(campaign: CampaignDefinition, role: keyof typeof POSTS_OF): string | undefined {
  if (role === 'operations') return campaign.operations;
  return campaign.organisations.find(({ kind }) => kind === role)?.id;
}

function supervisorOn({ unit, track }: ResponsibleFacts, day: string): Recipient | undefined {
  const held = unit && track && supervisionOn(unit.supervisors, track, day);
  if (!held) return undefined;
  const { organisation, post, person, assignedBy } = held;
  return { organisation, post, person, appointment: assignedBy };
}

function orVacant(facts: ResponsibleFacts, organisation: string, posts: readonly Post[], day: string): Recipient[] {
  const found = holders(facts, organisation, posts, day);
  return found.length > 0 ? found : [{ organisation, post: posts[0]!, person: null }];
}

/** Holders of these posts whose appointment fits the track and the area; of those that fit, the ones appointed for them in particular. */
function holders(facts: ResponsibleFacts, organisation: string, posts: readonly Post[], day: string): Recipient[] {
  const roster = facts.rosters.get(organisation);
  if (!roster) return [];
  const area = facts.unit?.details?.area;
  const ranked = holdersOn(roster, day)
    .filter(({ post }) => posts.includes(post))
    .map((held) => ({ held, rank: fit(held.track, facts.track) * 3 + fit(held.area, area) }))
    .filter(({ held }) => fits(held, facts.track, area));
  const best = Math.max(...ranked.map(({ rank }) => rank));
  return ranked
    .filter(({ rank }) => rank === best)
    .map(({ held }) => ({ organisation, post: held.post, person: held.person, appointment: held.appointedBy }));
}

/** Appointed for another track or area, it does not fit. Where none is asked about, any will do. */
function fits({ track, area }: Appointment, askedTrack: Track | undefined, askedArea: string | undefined): boolean {
  return (
    (track === undefined || askedTrack === undefined || track === askedTrack) &&
    (area === undefined || askedArea === undefined || area === askedArea)
  );
}

/** 2: for what is asked about in particular; 1: for everything; 0: for a part, where nothing particular is asked about. */
function fit(appointed: string | undefined, asked: string | undefined): 0 | 1 | 2 {
  if (appointed === undefined) return 1;
  return appointed === asked ? 2 : 0;
}

// Who may do what (domain.md, “Who may do what”), in one table: action → role → scope. Nobody edits or deletes: there is no such action.
// A caller with several roles has what any of them gives. Scopes are checked against what was loaded, not against what the caller said.
import type { CampaignDefinition } from '../../events/campaign.ts';
import type { Track } from '../../events/envelope.ts';
import { Forbidden } from '../../events/errors.ts';
import type * as z from 'zod';
import type { Command } from '../../shared/rules/command.ts';
import { COMMANDS } from '../../shared/rules/commands.ts';
import { IN_THE_FIELD, type Scope, type RoleScopes } from '../../shared/rules/roles.ts';
import type { Principal } from './auth.ts';

/**
 * People who read the record, all of the town or their part of it. The district unit reads only what was escalated to
 * it. An importer's machine needs to know the campaign, and an administrator what they administer (campaign, roster,
 * directory) and how the platform is: neither reads the record.
 */
const READ = {
  inspector: 'track',
  village: 'area',
  department: 'track',
  operations: 'town',
  office: 'town',
  enforcement: 'town',
  leader: 'town',
  auditor: 'town',
} as const;

/** People who read all of the town. */
const TOWN_READERS = {
  operations: 'town',
  office: 'town',
  enforcement: 'town',
  leader: 'town',
  auditor: 'town',
} as const;

/** Who confirms what needs a second person (shared/rules/proposal): a row beside that of the act. */
const secondAction = (action: string): string => `${action}:second`;
export const secondOf = ({ action }: Pick<Command, 'action'>): Action => secondAction(action) as Action;

const secondRowsOf = (commands: object): Record<`${string}:second`, RoleScopes> =>
  Object.fromEntries(
    Object.values<Command>(commands as Record<string, Command>).flatMap(({ action, second }) =>
      second ? [[secondAction(action), second.who]] : [],
    ),
  );

type PermissionsOf<Commands> = {
  readonly [
    Name in keyof Commands as Commands[Name] extends Command<z.ZodType, infer Own> ? Own : never
  ]: Commands[Name] extends Command<z.ZodType, string, infer Allowed> ? Allowed : never;
};

/** The rows of declared commands: what each says of itself. */
const rowsOf = <Commands extends object>(commands: Commands): PermissionsOf<Commands> =>
  Object.fromEntries(
    Object.values<Command>(commands as Record<string, Command>).map(({ action, who }) => [action, who]),
  ) as PermissionsOf<Commands>;

export const PERMISSIONS = {
  // what is done: as each command is declared
  ...rowsOf(COMMANDS),
  ...secondRowsOf(COMMANDS),
  'read.directory': { office: 'town', auditor: 'town', admin: 'town' },
  // evidence 证据：放入；能看记录的人能看证据
  'evidence.add': { ...IN_THE_FIELD, operations: 'town', enforcement: 'town' },
  // the platform 平台
  'import.run': { importer: 'town' },
  // reading 查看
  'read.units': READ,
  'read.accesses': { office: 'town', leader: 'town', auditor: 'town' },
  'read.hazards': READ,
  'read.proposals': { ...READ, admin: 'own' },
  'read.inspections': READ,
  'read.evidence': { ...READ, district: 'escalated' },
  'read.escalations': { ...READ, district: 'escalated' },
  'read.tracks': { ...READ, inspector: 'town', village: 'town', department: 'town', subscriber: 'redacted' },
  'read.roster': { ...READ, inspector: 'town', village: 'town', department: 'town', admin: 'town' },
  'read.deadlines': READ,
  'read.reports': { ...READ, inspector: 'town', village: 'town', department: 'town' },
  'read.duties': READ,
  'read.campaign': {
    ...READ,
    inspector: 'town',
    village: 'town',
    department: 'town',
    subscriber: 'town',
    importer: 'town',
    admin: 'town',
  },
  'read.deliveries': { operations: 'town', office: 'town', leader: 'town', auditor: 'town', admin: 'town' },
  'read.system': { operations: 'town', office: 'town', leader: 'town', auditor: 'town', admin: 'town' },
  'read.trace': { office: 'town', leader: 'town', auditor: 'town' },
  'read.positions': { ...READ, inspector: 'town', village: 'town', department: 'town' },
  // the log as it is signed 透明日志. Hashes tell nothing, so whoever may read anything may have a proof; all events are for
  // those who read all of the town
  'read.events': READ,
  'read.proofs': { ...READ, inspector: 'town', village: 'town', department: 'town', witness: 'town', admin: 'town' },
  'read.log': { ...TOWN_READERS, witness: 'town', admin: 'town' },
  'read.entries': TOWN_READERS,
  'log.cosign': { auditor: 'town', witness: 'town' },
} as const satisfies Record<string, RoleScopes>;

export type Action = keyof typeof PERMISSIONS;
export const ACTIONS = Object.keys(PERMISSIONS) as Action[];

/** What an action is about, as loaded. What is absent cannot be matched by a scope that asks for it. */
export interface PermissionSubject {
  campaign?: CampaignDefinition | undefined;
  unit?: { id?: string; area?: string | undefined; tracks: readonly Track[] } | undefined;
  hazard?: { id?: string; track: Track; organisation: string } | undefined;
  /** `organisation`: who owes it; `area`: the village in which it is */
  duty?: { organisation: string | null; area: string | null } | undefined;
  /** `to`: the district unit */
  escalation?: { id?: string; to: string } | undefined;
  /** the track in question where there is no hazard: an inspection's, a baseline's */
  track?: Track | undefined;
  /** the organisation whose roster it is, that owes the report, or that judges it */
  organisation?: string | undefined;
}

/** The scopes that the caller's roles give for an action. */
export function scopesOf(principal: Principal, action: Action): Scope[] {
  const may: RoleScopes = PERMISSIONS[action];
  return principal.roles.flatMap((role) => may[role] ?? []);
}

/**
 * Before anything is loaded: has the caller any role for this action at all?
 * @throws Forbidden `forbidden` naming the roles that have it
 */
export function requireRole(principal: Principal, action: Action): void {
  if (scopesOf(principal, action).length > 0) return;
  const may = Object.keys(PERMISSIONS[action]).join(', ');
  const has = principal.roles.join(', ') || 'no role that daocha knows';
  const district = principal.roles.includes('district') ? '; a district unit sees only what was escalated to it' : '';
  throw new Forbidden('forbidden', `${action} is not allowed to ${has}${district}`, {
    field: 'roles',
    expected: `one of the roles ${may}`,
    facts: { action },
  });
}

/**
 * Whether one of the caller's scopes for an action covers the subject. What a page shows as possible is asked here,
 * what is done as well.
 */
export function mayDo(principal: Principal, action: Action, subject: PermissionSubject): boolean {
  return scopesOf(principal, action).some((scope) => covers(scope, principal.organisation, subject));
}

/**
 * Once the subject is loaded: does one of the caller's scopes cover it?
 * @throws Forbidden `forbidden` without a role for it, `foreign-organisation` naming the organisations that could
 */
export function authorise(principal: Principal, action: Action, subject: PermissionSubject): void {
  if (mayDo(principal, action, subject)) return;
  requireRole(principal, action);
  const scopes = scopesOf(principal, action);
  throw new Forbidden(
    'foreign-organisation',
    `${action} here is not up to ${principal.organisation ?? 'a caller without organisation'}`,
    {
      field: 'organisation',
      expected: [...new Set(scopes.map((scope) => needed(scope, subject)))].join('; or '),
      facts: { action },
    },
  );
}

type Covers = (own: string, subject: PermissionSubject) => boolean;
const COVERS: Record<Exclude<Scope, 'town' | 'redacted'>, Covers> = {
  escalated: (own, { escalation }) => escalation?.to === own,
  area: (own, { unit, hazard, duty }) =>
    unit?.area === own || hazard?.organisation === own || duty?.organisation === own || duty?.area === own,
  assigned: (own, { hazard }) => hazard?.organisation === own,
  own: (own, { organisation }) => organisation === own,
  lead: (own, subject) => tracksOf(subject).some((track) => definitionOf(subject, track)?.lead === own),
  track: (own, subject) =>
    subject.hazard?.organisation === own ||
    subject.duty?.organisation === own ||
    tracksOf(subject).some((track) => serves(own, track, subject)),
};

function covers(scope: Scope, own: string | undefined, subject: PermissionSubject): boolean {
  if (scope === 'town' || scope === 'redacted') return true;
  return own !== undefined && COVERS[scope](own, subject);
}

function tracksOf(subject: PermissionSubject): readonly Track[] {
  if (subject.hazard) return [subject.hazard.track];
  return subject.track ? [subject.track] : (subject.unit?.tracks ?? []);
}

function definitionOf(subject: PermissionSubject, track: Track): CampaignDefinition['tracks'][number] | undefined {
  return subject.campaign?.tracks.find((candidate) => candidate.track === track);
}

/** Leads or is responsible; every village is responsible for its own area, none for the whole track. */
function serves(own: string, track: Track, subject: PermissionSubject): boolean {
  const definition = definitionOf(subject, track);
  if (!definition) return false;
  const { lead, responsible } = definition;
  if (own === lead || responsible.includes(own)) return true;
  const kind = subject.campaign?.organisations.find((organisation) => organisation.id === own)?.kind;
  if (kind === 'member') return responsible.includes('members');
  return kind === 'village' && responsible.includes('villages') && (subject.unit?.area ?? subject.duty?.area) === own;
}

/** Who a scope would cover the subject for, in words. */
function needed(scope: Scope, subject: PermissionSubject): string {
  const tracks = tracksOf(subject).flatMap((track) => definitionOf(subject, track) ?? []);
  const leads = tracks.map((track) => `${track.lead} (${track.track})`).join(', ');
  const { unit, hazard, escalation } = subject;
  const words: Record<Scope, string> = {
    town: 'anybody in the town',
    redacted: 'anybody in the town',
    escalated: `the district unit it was escalated to${escalation ? `, ${escalation.to}` : ''}`,
    area: unit?.area ? `the unit's own committee ${unit.area}` : 'a unit with an area, which this one lacks',
    assigned: `the organisation it is assigned to${hazard ? `, ${hazard.organisation}` : ''}`,
    own: `${subject.organisation ?? 'the organisation'} itself`,
    lead: `the track's lead ${leads}`,
    track: `the track's lead ${leads}, or one responsible in it`,
  };
  return words[scope];
}

/** Tracks that the organisation leads or is responsible in. */
export function ownTracks(campaign: CampaignDefinition, organisation: string): Track[] {
  const unit = { area: organisation, tracks: [] };
  return campaign.tracks
    .filter(({ track }) => serves(organisation, track, { campaign, unit }))
    .map(({ track }) => track);
}

/** Filters of a list that say which part of the town it shows. */
export interface ListFilters {
  track?: Track | undefined;
  area?: string | undefined;
  organisation?: string | undefined;
  /** district unit */
  to?: string | undefined;
}

/**
 * What the caller may see of a list: the filters to apply. A village's list is narrowed to its area; a department names one of its
 * tracks (the only one it has is taken for it) or asks for what is assigned to it; a district unit sees what was escalated to it.
 * @throws Forbidden `foreign-organisation` telling which filter would be allowed
 */
export function narrowFilters<F extends ListFilters>(
  principal: Principal,
  action: Action,
  campaign: CampaignDefinition,
  filters: F,
): F {
  requireRole(principal, action);
  const scopes = scopesOf(principal, action);
  const own = principal.organisation;
  if (scopes.includes('town')) return filters;
  const foreign = (field: string, expected: string) =>
    new Forbidden(
      'foreign-organisation',
      `${action}: this part of the list is not open to ${own ?? 'a caller without organisation'}`,
      {
        field,
        expected,
        facts: { action },
      },
    );
  if (own === undefined) throw foreign('organisation', 'a token that names an organisation');
  if (scopes.includes('escalated')) {
    if (filters.to !== undefined && filters.to !== own) throw foreign('to', own);
    return { ...filters, to: own };
  }
  if (filters.organisation === own) return filters;
  const kind = campaign.organisations.find((organisation) => organisation.id === own)?.kind;
  if (scopes.includes('area') || kind === 'village') {
    if (filters.area !== undefined && filters.area !== own) throw foreign('area', own);
    return { ...filters, area: own };
  }
  const tracks = ownTracks(campaign, own);
  if (filters.track === undefined && tracks.length === 1) return { ...filters, track: tracks[0] };
  if (filters.track === undefined || !tracks.includes(filters.track)) {
    throw foreign(
      'track',
      tracks.length > 0 ? `one of ${tracks.join(', ')}` : `organisation=${own}: it serves no track`,
    );
  }
  return filters;
}

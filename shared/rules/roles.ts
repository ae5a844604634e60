// Roles, and how far each reaches. Which role has which command is in the command's declaration; the whole table is made of those
// (functions/api/permissions.ts, docs/permissions.md).

/** Roles that a token may carry. */
export const ROLES = [
  'inspector',
  'village',
  'department',
  'operations',
  'office',
  'enforcement',
  'leader',
  'district',
  'auditor',
  'witness',
  'subscriber',
  'importer',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];

/**
 * - town: everything in the town
 * - escalated: what was escalated to the caller's organisation, a district unit, and what it is about
 * - track: units and hazards of a track that the caller's organisation leads or is responsible in (a village: those in its area
 *   only), and hazards assigned to it
 * - lead: hazards of a track that the caller's organisation leads
 * - assigned: hazards that the caller's organisation is responsible for now
 * - area: units in the caller's village or residents' committee, their hazards, and hazards assigned to it
 * - own: the roster of the caller's own organisation; the reports that it owes, or that come to it
 * - redacted: the town's figures without those of single organisations
 */
export type Scope = 'town' | 'escalated' | 'track' | 'lead' | 'assigned' | 'area' | 'own' | 'redacted';

/** Who may do something, and how far. */
export type RoleScopes = Readonly<Partial<Record<Role, Scope>>>;

export const IN_THE_FIELD = { inspector: 'track', village: 'area', department: 'track', office: 'town' } as const;

/** Who confirms what somebody else put forward (shared/rules/proposal). */
export const SECOND = { department: 'lead', office: 'town', leader: 'town' } as const;
/** The same for what concerns the whole town. */
export const SECOND_OF_TOWN = { office: 'town', leader: 'town' } as const;

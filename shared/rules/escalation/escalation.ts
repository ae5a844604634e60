// Everything that may happen to a case that goes beyond the town (上报区级). It is one case for each cycle of its hazard: a further rule
// that fires is a further ground of the same case; what comes up after the district has decided brings it up again.
//
//   proposed → (compiled → submitted) → accepted → resolved → verified
//      ↑____________________ returned (what is missing)
import * as z from 'zod';
import { idSchema, instantSchema, trackSchema } from '../../../events/envelope.ts';
import {
  DossierCompiled,
  ESCALATION_STATUSES,
  groundSchema,
  type EscalationEvent,
  type EscalationStatus,
  type Ground,
} from '../../../events/escalation.ts';
import { isOpen } from '../../../events/hazard.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { latestOf, notBefore, type Bound, type Claim } from '../claimed-time.ts';
import { NOTHING, same, type Before, type Drafts, type Fold } from '../decider.ts';
import type { KnownHazard } from '../hazard/hazard.ts';

/** A case that exists. */
export const escalationSchema = z.strictObject({
  status: z.enum(ESCALATION_STATUSES),
  unit: idSchema,
  track: trackSchema,
  organisation: idSchema.describe('responsible for the hazard when the case was proposed'),
  hazard: idSchema,
  to: idSchema.describe('district guiding unit (区级指导单位)'),
  submittedAt: instantSchema
    .nullable()
    .describe('by when it is known to have been with the district: no answer of theirs may claim an earlier time'),
  grounds: z.array(groundSchema).describe('since it was last proposed, oldest first'),
  urgent: z.boolean(),
  /** the first, one more for each further ground and each return that was answered */
  calls: z.int().describe('dossiers called for so far'),
  dossiers: z
    .array(
      z.strictObject({
        round: DossierCompiled.data.shape.round,
        position: DossierCompiled.data.shape.position.describe('the log before this position is in it'),
        files: DossierCompiled.data.shape.files.describe(
          '`dossier.docx`, and `events.txt`: the positions of the events behind it',
        ),
      }),
    )
    .describe('newest first'),
  missing: z.array(z.string()).describe('what the district still misses'),
  material: z
    .strictObject({ answers: z.array(z.string()), note: z.string(), by: z.string() })
    .nullable()
    .describe('the last that was added'),
  returns: z.int(),
  accepted: z.strictObject({ by: z.string(), reference: z.string().optional() }).nullable(),
  returned: z.strictObject({ by: z.string(), missing: z.array(z.string()) }).nullable(),
  /** none of these takes it up again */
  callsReturned: z.int().describe('dossiers called for when the district last gave it back'),
  decision: z.strictObject({ decision: z.string(), by: z.string(), decidedAt: instantSchema.optional() }).nullable(),
  // what happened to the hazard before it does not bring the case up again
  decidedAt: instantSchema.nullable().describe('when the last decision was recorded'),
  decidedOn: z.int().nullable().describe('version of the hazard when it was'),
  verified: z.strictObject({ by: z.string(), note: z.string() }).nullable(),
});
export type KnownEscalation = z.infer<typeof escalationSchema>;
export type Dossier = KnownEscalation['dossiers'][number];
export type EscalationState = Before<KnownEscalation, 'status' | 'unit' | 'track' | 'organisation' | 'hazard' | 'to'>;

export const escalation: Fold<EscalationState, EscalationEvent> = {
  category: 'escalation',
  initial: {
    status: null,
    unit: null,
    track: null,
    organisation: null,
    hazard: null,
    to: null,
    submittedAt: null,
    grounds: [],
    urgent: false,
    calls: 0,
    dossiers: [],
    missing: [],
    material: null,
    returns: 0,
    accepted: null,
    returned: null,
    callsReturned: 0,
    decision: null,
    decidedAt: null,
    decidedOn: null,
    verified: null,
  },
  evolve(state, event) {
    const next = { ...state, status: event.data.after, calls: state.calls + (callsForDossier(event) ? 1 : 0) };
    switch (event.type) {
      case 'EscalationProposed': {
        const { hazard, to } = event.data;
        const { unit = null, track = null, organisation = null } = event;
        return { ...next, unit, track, organisation, hazard, to, ...begun(groundOf(event.data)) };
      }
      case 'EscalationGroundAdded': {
        const ground = groundOf(event.data);
        return { ...next, grounds: [...state.grounds, ground], urgent: state.urgent || ground.urgent };
      }
      case 'MaterialAdded': {
        const { answers, note, by, left } = event.data;
        return { ...next, missing: left, material: { answers, note, by } };
      }
      case 'DossierCompiled': {
        const { round, position, files } = event.data;
        return { ...next, dossiers: [{ round, position, files }, ...state.dossiers] };
      }
      case 'EscalationSubmitted':
        return { ...next, missing: [], material: null, submittedAt: latestOf(event) };
      case 'EscalationAccepted': {
        const { by, reference } = event.data;
        return { ...next, accepted: { by, reference } };
      }
      case 'EscalationReturned': {
        const { missing, by } = event.data;
        const returned = { missing, by };
        return { ...next, missing, material: null, returned, callsReturned: state.calls, returns: state.returns + 1 };
      }
      case 'EscalationResolved': {
        const { decision, by, decidedAt, hazardVersion = null } = event.data;
        const told = { decision, by, decidedAt };
        return { ...next, decision: told, decidedAt: event.recordedAt, decidedOn: hazardVersion };
      }
      case 'EscalationVerified':
        return { ...next, verified: { by: event.data.by, note: event.data.note } };
    }
  },
};

const groundOf = ({ rule, limit, reason, urgent, ruleSet }: Ground): Ground => ({
  rule,
  limit,
  reason,
  urgent,
  ruleSet,
});

/** What a proposal starts again when the case comes up again; what came before stays in the stream. */
const begun = (ground: Ground): Partial<EscalationState> => ({
  grounds: [ground],
  urgent: ground.urgent,
  missing: [],
  material: null,
  accepted: null,
  returned: null,
  decision: null,
  verified: null,
});

/**
 * Whether a dossier is to be compiled after this event: the case comes up, has a further ground, or what was asked for is there. A case
 * that was returned waits for what is missing, unless the new ground is urgent.
 */
export function callsForDossier(event: EscalationEvent): boolean {
  switch (event.type) {
    case 'EscalationProposed':
      return true;
    case 'EscalationGroundAdded':
      return event.data.after !== 'returned';
    case 'MaterialAdded':
      return event.data.left.length === 0;
    case 'DossierCompiled':
    case 'EscalationSubmitted':
    case 'EscalationAccepted':
    case 'EscalationReturned':
    case 'EscalationResolved':
    case 'EscalationVerified':
      return false;
  }
}

/** @throws NotFound `unknown-escalation` */
export function requireEscalation(state: EscalationState, id: string): KnownEscalation {
  if (state.status) return state as KnownEscalation;
  throw new NotFound('unknown-escalation', `there is no escalation ${id}`, {
    field: 'escalation',
    expected: 'the id of an escalation, as /v1/escalations lists them',
  });
}

/** From which statuses an act is allowed. One row an act; the API's “next actions” too. */
export const ESCALATION_ACTS = {
  addMaterial: ['proposed', 'returned'],
  accept: ['submitted'],
  return: ['submitted', 'accepted'],
  resolve: ['accepted'],
  verify: ['resolved'],
} as const satisfies Record<string, readonly EscalationStatus[]>;
export type EscalationAct = keyof typeof ESCALATION_ACTS;

/** What may be done with the case next, whoever may do it. */
export function nextEscalationActs({ status }: Pick<EscalationState, 'status'>): EscalationAct[] {
  const acts = Object.keys(ESCALATION_ACTS) as EscalationAct[];
  return acts.filter((act) => status !== null && allows(act, status));
}

const allows = (act: EscalationAct, status: EscalationStatus): boolean =>
  (ESCALATION_ACTS[act] as readonly EscalationStatus[]).includes(status);

/** @throws RuleViolated `wrong-transition` */
function requireAllowed(known: KnownEscalation, act: EscalationAct): void {
  if (allows(act, known.status)) return;
  const allowed = nextEscalationActs(known);
  throw new RuleViolated('wrong-transition', `an escalation that is ${known.status} does not allow: ${act}`, {
    field: 'status',
    expected: `${ESCALATION_ACTS[act].join(' or ')}; now possible: ${allowed.join(', ') || 'nothing'}`,
    facts: { status: known.status, allowed },
  });
}

function about({ unit, track, organisation }: KnownEscalation) {
  return { unit, track, organisation };
}

function life(known: KnownEscalation, after: EscalationStatus) {
  return { hazard: known.hazard, to: known.to, before: known.status, after };
}

/** A case in the district's hands, or on its way there. What is decided may come up again; what is verified too. */
const isDecided = (status: EscalationStatus): boolean => status === 'resolved' || status === 'verified';

/** @throws RuleViolated `hazard-closed` */
export function requireOpen({ id, status }: KnownHazard): void {
  if (isOpen(status)) return;
  throw new RuleViolated('hazard-closed', `hazard ${id} is ${status}`, {
    field: 'hazard',
    expected: 'a hazard that is open',
    facts: { status },
  });
}

export interface Proposal extends Ground {
  /** district unit */
  to: string;
  /** when what led to it was recorded */
  since: string;
  /** version of the hazard's event that led to it; none for what follows from the clock or from a person's judgement */
  version?: number | undefined;
  /** village or residents' committee of the unit */
  area?: string | undefined;
}

/**
 * Brings a hazard's case up: a new case, a further ground of the one that is up, or the same case again when it has been decided and this
 * happened after the decision. Nothing when the hazard is closed, or the case is up on that ground already.
 * @param state of the case for the hazard's present cycle
 */
export function propose(state: EscalationState, hazard: KnownHazard, proposal: Proposal): Drafts {
  const { to, since, version, area, ...ground } = proposal;
  if (!isOpen(hazard.status)) return NOTHING;
  const { unit, track, organisation } = hazard;
  const fresh = (before: EscalationStatus | null): Drafts => [
    {
      type: 'EscalationProposed',
      unit,
      track,
      organisation,
      data: { hazard: hazard.id, to, before, after: 'proposed', ...ground, ...(area ? { area } : {}) },
    },
  ];
  if (!state.status) return fresh(null);
  const known = state as KnownEscalation;
  const after = known.decidedAt === null || isAfterDecision(known, { since, version });
  if (isDecided(known.status)) return after ? fresh(known.status) : NOTHING;
  if (version !== undefined && !after) return NOTHING; // decided, and up again since for another reason
  if (known.grounds.some(({ rule }) => rule === ground.rule)) return NOTHING;
  // What is urgent does not wait for what is missing.
  const goesUp = known.status === 'returned' && ground.urgent ? 'proposed' : known.status;
  return [{ type: 'EscalationGroundAdded', ...about(known), data: { ...life(known, goesUp), ...ground } }];
}

/** Whether something happened after the decision. By the order of the hazard's own events where that is known: clocks may differ. */
function isAfterDecision(
  { decidedAt, decidedOn }: EscalationState,
  { since, version }: Pick<Proposal, 'since' | 'version'>,
): boolean {
  return version !== undefined && decidedOn !== null ? version > decidedOn : since > decidedAt!;
}

/**
 * A dossier that was called for is there; with it the case goes to the district, unless the district has it in hand
 * already, or gave it back after the dossier was called for: then the case waits for what is missing. Nothing when a
 * later dossier came first, or the district has decided meanwhile.
 */
export function compile(state: EscalationState, id: string, dossier: Dossier): Drafts {
  const known = requireEscalation(state, id);
  if (isDecided(known.status) || dossier.round <= (known.dossiers[0]?.round ?? 0)) return NOTHING;
  const { status } = known;
  const { round } = dossier;
  if (status === 'accepted' || round <= known.callsReturned) {
    return [{ type: 'DossierCompiled', ...about(known), data: { ...life(known, status), ...dossier } }];
  }
  const compiled = { ...known, status: 'compiled' as const };
  return [
    { type: 'DossierCompiled', ...about(known), data: { ...life(known, 'compiled'), ...dossier } },
    { type: 'EscalationSubmitted', ...about(known), data: { ...life(compiled, 'submitted'), round } },
  ];
}

/** The district takes the case (区级受理). */
export function acceptEscalation(
  state: EscalationState,
  id: string,
  command: { reference?: string | undefined },
  person: string,
): Drafts {
  const known = requireEscalation(state, id);
  const reference = command.reference === undefined ? {} : { reference: command.reference };
  if (known.status === 'accepted' && same(known.accepted, { by: person, ...reference })) return NOTHING;
  requireAllowed(known, 'accept');
  return [
    { type: 'EscalationAccepted', ...about(known), data: { ...life(known, 'accepted'), by: person, ...reference } },
  ];
}

/** The district gives it back and says what is missing (区级退回). */
export function returnEscalation(
  state: EscalationState,
  id: string,
  command: { missing: string[] },
  person: string,
): Drafts {
  const known = requireEscalation(state, id);
  const missing = [...new Set(command.missing)];
  if (known.status === 'returned' && same(known.returned, { missing, by: person })) return NOTHING;
  requireAllowed(known, 'return');
  return [{ type: 'EscalationReturned', ...about(known), data: { ...life(known, 'returned'), missing, by: person } }];
}

export interface Material {
  /** which of the missing things it is; all of them when not said */
  answers?: string[] | undefined;
  note: string;
}

/**
 * The town adds what was asked for (补充材料). When nothing is missing any more, the case is proposed again, and its dossier compiled again.
 * @throws RuleViolated `not-missing` for what was not asked for
 */
export function addMaterial(state: EscalationState, id: string, command: Material, person: string): Drafts {
  const known = requireEscalation(state, id);
  const answers = [...new Set(command.answers ?? known.missing)];
  const { note } = command;
  if (known.material && same(known.material, { answers, note, by: person })) return NOTHING;
  requireAllowed(known, 'addMaterial');
  const foreign = answers.find((answer) => !known.missing.includes(answer));
  if (foreign !== undefined) {
    throw new RuleViolated('not-missing', `“${foreign}” is not among what the district misses`, {
      field: 'answers',
      expected: known.missing.length > 0 ? `some of: ${known.missing.join('; ')}` : 'no answers: nothing is missing',
    });
  }
  const left = known.missing.filter((asked) => !answers.includes(asked));
  return [
    {
      type: 'MaterialAdded',
      ...about(known),
      data: { ...life(known, left.length > 0 ? known.status : 'proposed'), answers, note, by: person, left },
    },
  ];
}

/** The district decides (区级处理). @param hazardVersion how far the hazard's stream was before */
export function resolve(
  state: EscalationState,
  id: string,
  command: { decision: string; decidedAt?: string | undefined },
  person: string,
  hazardVersion?: number,
): Drafts {
  const known = requireEscalation(state, id);
  const decidedAt = command.decidedAt === undefined ? {} : { decidedAt: command.decidedAt };
  const said = { decision: command.decision, by: person, ...decidedAt };
  if (known.status === 'resolved' && same(known.decision, said)) return NOTHING;
  requireAllowed(known, 'resolve');
  const seen = hazardVersion === undefined ? {} : { hazardVersion };
  return [{ type: 'EscalationResolved', ...about(known), data: { ...life(known, 'resolved'), ...said, ...seen } }];
}

/** The town has looked whether the decision is carried out (镇级核实). */
export function verifyOutcome(state: EscalationState, id: string, command: { note: string }, person: string): Drafts {
  const known = requireEscalation(state, id);
  const said = { note: command.note, by: person };
  if (known.status === 'verified' && same(known.verified, said)) return NOTHING;
  requireAllowed(known, 'verify');
  return [{ type: 'EscalationVerified', ...about(known), data: { ...life(known, 'verified'), ...said } }];
}

/** What the district answers, it answers after the case came to it. */
export const withDistrictSince = ({ submittedAt }: EscalationState): Bound | undefined =>
  submittedAt === null ? undefined : { at: submittedAt, what: 'the case was handed to the district' };

/** @throws RuleViolated `occurred-too-early` */
export function requireWithDistrict(state: EscalationState, claim: Claim | undefined): void {
  if (claim) notBefore(claim, withDistrictSince(state));
}

// Everything that may happen to a unit (单位/场所): its details and their corrections, baseline, risk grade, leases, and its ledger of
// open hazards, from which the sign-off list (销项名单) follows: a unit is on it when it had hazards and the last open one was
// signed off, and is off it as soon as one opens (plan 五（三）: 已销项但隐患回潮的单位企业移除销项名单).
import type { Track } from '../../../events/envelope.ts';
import * as z from 'zod';
import { titled } from '../../../events/field.ts';
import {
  AgreementSigned,
  BaselineSurveyed,
  LeaseRecorded,
  riskGradeSchema,
  SupervisorAssigned,
  SupervisorRelieved,
  type RiskGrade,
  type UnitDetails,
  type UnitEvent,
} from '../../../events/unit.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { compared } from '../../text.ts';
import { latestOf } from '../claimed-time.ts';
import { requireRecorder, type Maker } from '../corrections.ts';
import { NOTHING, same, withEntry, type Drafts, type Fold, type Shown } from '../decider.ts';
import { plusDays } from '../../town-time.ts';

export interface UnitState {
  id: string | null;
  details: UnitDetails | null;
  /** what it was ever called and whose it was: a register may not know of a correction */
  called: readonly Pick<UnitDetails, 'name' | 'area'>[];
  /** by when it is known to have been registered: nothing was inspected here before */
  registeredAt: string | null;
  /** organisation that registered it */
  registeredBy: string | null;
  /** id of the event that last set the details */
  detailsEvent: string | null;
  riskGrade: RiskGrade | null;
  /** how often it came down from C or D to A or B */
  downgrades: number;
  /** lease id → between whom and when, whether the safety agreement is signed */
  leases: ReadonlyMap<string, Lease & { signedOn: string | null }>;
  baselines: Partial<Record<Track, Record<string, string | number | boolean>>>;
  /** everybody who ever supervised it (监管责任人), in order of assignment; one a track at a time */
  supervisors: Supervision[];
  /** ids of open hazards */
  open: string[];
  /** ids of all that were ever found here, in that order */
  hazards: string[];
  /** whether any hazard has ever been signed off */
  everSignedOff: boolean;
  listed: boolean;
  closed: boolean;
}

/** That somebody supervises a unit for one track, from which day to which. */
export interface Supervision {
  track: Track;
  person: string;
  post: string;
  organisation: string;
  /** first and last day, in town time; null: still does */
  from: string;
  until: string | null;
  basis: string;
  /** id of the event that assigned, of the one that relieved */
  assignedBy: string;
  relievedBy: string | null;
}

interface Lease {
  lessor: string;
  lessee: string;
  from: string;
  to?: string | undefined;
}

/** The details are shown one by one, under their own titles. */
export const unitShown: Shown<Omit<UnitState, 'details'>> = {
  id: null,
  called: null,
  detailsEvent: null,
  registeredAt: null,
  registeredBy: null,
  everSignedOff: null,
  hazards: null,
  riskGrade: riskGradeSchema,
  downgrades: null,
  baselines: titled(BaselineSurveyed.data.shape.facts, '底数'),
  leases: titled(
    z.record(
      z.string(),
      LeaseRecorded.data.omit({ lease: true }).extend({ signedOn: AgreementSigned.data.shape.signedOn }),
    ),
    '租赁与协议',
  ),
  // both ends of each term: who was relieved later was not known to be
  supervisors: titled(
    z.array(SupervisorAssigned.data.extend({ until: SupervisorRelieved.data.shape.until })),
    '监管责任人',
  ),
  open: titled(z.array(z.string()), '未销项隐患'),
  listed: titled(z.boolean(), '在销项名单上'),
  closed: titled(z.boolean(), '已注销'),
};

export const unit: Fold<UnitState, UnitEvent> = {
  category: 'unit',
  initial: {
    id: null,
    details: null,
    called: [],
    registeredAt: null,
    registeredBy: null,
    detailsEvent: null,
    riskGrade: null,
    downgrades: 0,
    leases: new Map(),
    baselines: {},
    supervisors: [],
    open: [],
    hazards: [],
    everSignedOff: false,
    listed: false,
    closed: false,
  },
  evolve(state, event) {
    switch (event.type) {
      case 'UnitRegistered':
        return {
          ...state,
          id: event.unit ?? null,
          details: event.data.details,
          called: [event.data.details],
          detailsEvent: event.id,
          registeredAt: latestOf(event),
          registeredBy: event.actor.organisation,
        };
      case 'UnitDetailsCorrected':
        return {
          ...state,
          details: event.data.after,
          called: [...state.called, event.data.after],
          detailsEvent: event.id,
        };
      case 'BaselineSurveyed':
        return { ...state, baselines: { ...state.baselines, [event.data.track]: event.data.facts } };
      case 'RiskGraded':
        return {
          ...state,
          riskGrade: event.data.to,
          downgrades: state.downgrades + (isDowngrade(event.data) ? 1 : 0),
        };
      case 'LeaseRecorded': {
        const { lease, ...terms } = event.data;
        return { ...state, leases: withEntry(state.leases, lease, { ...terms, signedOn: null }) };
      }
      case 'AgreementSigned': {
        const lease = state.leases.get(event.data.lease);
        return lease
          ? { ...state, leases: withEntry(state.leases, event.data.lease, { ...lease, signedOn: event.data.signedOn }) }
          : state;
      }
      case 'UnitLedgerChanged': {
        const gone = new Set([...event.data.signedOff, ...event.data.dismissed]);
        const open = [...state.open, ...event.data.opened.filter((id) => !state.open.includes(id))];
        return {
          ...state,
          open: open.filter((id) => !gone.has(id)),
          hazards: [...state.hazards, ...event.data.opened.filter((id) => !state.hazards.includes(id))],
          everSignedOff: state.everSignedOff || event.data.signedOff.length > 0,
        };
      }
      case 'UnitListed':
        return { ...state, listed: true };
      case 'UnitDelisted':
        return { ...state, listed: false };
      case 'SupervisorAssigned': {
        const assigned = { ...event.data, until: null, assignedBy: event.id, relievedBy: null };
        return { ...state, supervisors: [...state.supervisors, assigned] };
      }
      case 'SupervisorRelieved': {
        const { track, person, until } = event.data;
        const supervisors = state.supervisors.map((held) =>
          held.track === track && held.person === person && held.until === null
            ? { ...held, until, relievedBy: event.id }
            : held,
        );
        return { ...state, supervisors };
      }
      case 'UnitClosed':
        return { ...state, closed: true };
    }
  },
};

/** From a higher risk (C, D) to a lower one (A, B). */
export const isDowngrade = ({ from, to }: { from: RiskGrade | null; to: RiskGrade }): boolean =>
  (from === 'C' || from === 'D') && (to === 'A' || to === 'B');

/** @throws NotFound `unknown-unit` */
export function requireUnit(state: UnitState, id: string): UnitDetails {
  if (state.details) return state.details;
  throw new NotFound('unknown-unit', `there is no unit ${id}`, {
    field: 'unit',
    expected: 'the id of a registered unit',
  });
}

/** A unit that still works. @throws NotFound `unknown-unit`, RuleViolated `unit-closed` */
export function requireActive(state: UnitState, id: string): UnitDetails {
  const details = requireUnit(state, id);
  if (!state.closed) return details;
  throw new RuleViolated('unit-closed', `unit ${id} has been closed`, {
    field: 'unit',
    expected: 'a unit that is not closed',
  });
}

/** @param distinctFrom units that it reads like, and that it was said not to be */
export function register(state: UnitState, details: UnitDetails, distinctFrom: string[] = []): Drafts {
  if (!state.details) return [{ type: 'UnitRegistered', data: { details, ...otherThan(distinctFrom) } }];
  if (same(state.details, details)) return NOTHING;
  throw new RuleViolated(
    'unit-exists',
    `a unit with this id is registered with other details: ${calledIn(state.details)}`,
    {
      field: 'id',
      expected: 'another id, or a correction of the details',
      facts: { recorded: state.details },
    },
  );
}

const calledIn = ({ name, address, area }: UnitDetails): string => [name, address, area].filter(Boolean).join(', ');

/**
 * A register's number is another unit's when that was never called so, or never belonged to that village (所属村居). What else differs
 * does not make it another.
 * @throws RuleViolated `unit-differs`
 */
export function requireSameUnit({ id, details: recorded, called }: UnitState, { name, area }: UnitDetails): void {
  if (!recorded) return;
  const named = called.filter((one) => compared(one.name) === compared(name));
  if (named.some((one) => area === undefined || one.area === undefined || one.area === area)) return;
  const field = named.length === 0 ? 'name' : 'area';
  throw new RuleViolated(
    'unit-differs',
    `${id} is on record as ${calledIn(recorded)}, not ${named.length === 0 ? name : area}`,
    {
      field,
      expected: `${recorded[field]}; or its own number; or first a correction of the unit on record`,
      facts: { recorded },
    },
  );
}

const otherThan = (distinctFrom: string[]): { distinctFrom?: string[] } =>
  distinctFrom.length > 0 ? { distinctFrom } : {};

export interface Correction {
  details: UnitDetails;
  reason: string;
}

/** A correction keeps what was there before, says why, and is confirmed by somebody else. @throws RuleViolated `not-recorded-by-you` */
export function correct(
  state: UnitState,
  id: string,
  command: Correction,
  maker: Maker,
  distinctFrom: string[] = [],
): Drafts {
  const before = requireUnit(state, id);
  if (same(before, command.details)) return NOTHING;
  requireRecorder({ id: state.detailsEvent!, actor: { organisation: state.registeredBy! } }, maker);
  const { reason } = command;
  return [
    {
      type: 'UnitDetailsCorrected',
      data: {
        target: state.detailsEvent!,
        before,
        after: command.details,
        reason,
        ...otherThan(distinctFrom),
      },
    },
  ];
}

export function surveyBaseline(
  state: UnitState,
  id: string,
  command: { track: Track; facts: Record<string, string | number | boolean> },
): Drafts {
  const details = requireActive(state, id);
  requireTrack(details, command.track, id);
  if (same(state.baselines[command.track], command.facts)) return NOTHING;
  return [{ type: 'BaselineSurveyed', track: command.track, data: command }];
}

/** @throws RuleViolated `unit-not-in-track` */
export function requireTrack(details: UnitDetails, track: Track, id: string): void {
  if (details.tracks.includes(track)) return;
  throw new RuleViolated('unit-not-in-track', `unit ${id} does not belong to track ${track}`, {
    field: 'track',
    expected: `one of ${details.tracks.join(', ')}, or a correction of the unit's tracks first`,
  });
}

/** A risk that is said to be lower than before: less is inspected. */
export const isLower = ({ from, to }: { from: RiskGrade | null; to: RiskGrade }): boolean => from !== null && to < from;

export function gradeRisk(state: UnitState, id: string, command: { to: RiskGrade; basis: string }): Drafts {
  requireActive(state, id);
  if (state.riskGrade === command.to) return NOTHING;
  return [{ type: 'RiskGraded', data: { from: state.riskGrade, ...command } }];
}

export function recordLease(state: UnitState, id: string, command: Lease & { lease: string }): Drafts {
  requireActive(state, id);
  if (command.to !== undefined && command.to < command.from) {
    throw new RuleViolated(
      'lease-ends-first',
      `the lease begins on ${command.from}, its last day cannot be ${command.to}`,
      {
        field: 'to',
        expected: `${command.from} or later`,
      },
    );
  }
  const known = state.leases.get(command.lease);
  if (known && same({ ...known, signedOn: null }, { ...command, lease: undefined, signedOn: null })) return NOTHING;
  if (known) {
    throw new RuleViolated('lease-exists', `lease ${command.lease} is recorded between others or for other dates`, {
      field: 'lease',
      expected: 'a new id',
    });
  }
  const { to, ...rest } = command;
  return [{ type: 'LeaseRecorded', data: { ...rest, ...(to === undefined ? {} : { to }) } }];
}

export function signAgreement(state: UnitState, id: string, command: { lease: string; signedOn: string }): Drafts {
  requireActive(state, id);
  const lease = state.leases.get(command.lease);
  if (!lease) {
    throw new RuleViolated('unknown-lease', `unit ${id} has no lease ${command.lease}`, {
      field: 'lease',
      expected: [...state.leases.keys()].join(', ') || 'record the lease first',
    });
  }
  return lease.signedOn === command.signedOn ? NOTHING : [{ type: 'AgreementSigned', data: command }];
}

export function close(state: UnitState, id: string, command: { reason: string }): Drafts {
  requireUnit(state, id);
  if (state.closed) return NOTHING;
  if (state.open.length > 0) {
    throw new RuleViolated('hazards-open', `unit ${id} has ${state.open.length} open hazards`, {
      field: 'unit',
      expected: 'sign them off, or dismiss them, before the unit is closed',
    });
  }
  return [{ type: 'UnitClosed', data: command }];
}

export interface AssignSupervisor {
  track: Track;
  person: string;
  post: string;
  organisation: string;
  from: string;
  basis: string;
}

/**
 * Says who supervises the unit for a track from a day on (监管责任到人). Whoever did before is relieved with the day before it.
 * @throws RuleViolated `supervision-overlaps` when somebody supervises it on that day already, or later
 */
export function assignSupervisor(state: UnitState, id: string, command: AssignSupervisor): Drafts {
  requireTrack(requireActive(state, id), command.track, id);
  const held = state.supervisors.filter(({ track }) => track === command.track);
  const last = held.at(-1);
  if (last?.until === null && same(command, assignmentOf(last))) return NOTHING;
  const ends = last?.until ?? last?.from;
  if (last && ends! >= command.from) {
    throw new RuleViolated(
      'supervision-overlaps',
      `${last.person} supervises unit ${id} for ${command.track} from ${last.from} to ${last.until ?? 'now'}`,
      { field: 'from', expected: `a day after ${ends}` },
    );
  }
  const { track } = command;
  const relief: Drafts =
    last?.until === null
      ? [
          {
            type: 'SupervisorRelieved',
            track,
            data: { track, person: last.person, until: plusDays(command.from, -1), reason: '移交' },
          },
        ]
      : [];
  return [...relief, { type: 'SupervisorAssigned', track, organisation: command.organisation, data: command }];
}

const assignmentOf = ({ track, person, post, organisation, from, basis }: Supervision): AssignSupervisor => ({
  track,
  person,
  post,
  organisation,
  from,
  basis,
});

/** @throws RuleViolated `no-supervisor`, `relief-before-appointment` */
export function relieveSupervisor(
  state: UnitState,
  id: string,
  command: { track: Track; person: string; until: string; reason: string },
): Drafts {
  requireUnit(state, id);
  const { track, person, until } = command;
  const last = state.supervisors.findLast((held) => held.track === track && held.person === person);
  if (last?.until === until) return NOTHING;
  if (last?.until !== null) {
    const now = state.supervisors.filter((held) => held.until === null).map((held) => `${held.person} (${held.track})`);
    throw new RuleViolated('no-supervisor', `${person} does not supervise unit ${id} for ${track} now`, {
      field: 'person',
      expected: now.length > 0 ? `one of ${now.join(', ')}` : 'assign a supervisor first',
    });
  }
  if (until < last.from) {
    throw new RuleViolated('relief-before-appointment', `${person} supervises the unit from ${last.from} on`, {
      field: 'until',
      expected: `${last.from} or later`,
    });
  }
  return [{ type: 'SupervisorRelieved', track, data: command }];
}

export interface LedgerChange {
  opened: string[];
  /** those of `opened` that had been signed off before (隐患回潮) */
  recurred: string[];
  signedOff: string[];
  dismissed: string[];
}

/**
 * What a change among the unit's hazards does to the unit itself: first what opens, then what closes. A hazard that comes back and is
 * rectified on the spot takes the unit off the list and puts it on again, and both are recorded.
 */
export function changeLedger(state: UnitState, change: LedgerChange): Drafts {
  const opened = change.opened.filter((id) => !state.open.includes(id));
  const afterOpening = [...state.open, ...opened];
  const gone = new Set([...change.signedOff, ...change.dismissed].filter((id) => afterOpening.includes(id)));
  if (opened.length === 0 && gone.size === 0) return NOTHING;
  const left = afterOpening.filter((id) => !gone.has(id));
  const signedOff = change.signedOff.filter((id) => gone.has(id));
  const drafts: Drafts = [
    {
      type: 'UnitLedgerChanged',
      data: { opened, signedOff, dismissed: change.dismissed.filter((id) => gone.has(id)), open: left.length },
    },
  ];
  const delisted = state.listed && opened.length > 0;
  if (delisted) {
    const recurred = change.recurred.filter((id) => opened.includes(id));
    drafts.push({
      type: 'UnitDelisted',
      data:
        recurred.length > 0 ? { reason: 'recurrence', hazards: recurred } : { reason: 'new-hazard', hazards: opened },
    });
  }
  const everSignedOff = state.everSignedOff || signedOff.length > 0;
  if (left.length === 0 && everSignedOff && (delisted || !state.listed)) {
    drafts.push({ type: 'UnitListed', data: { hazard: signedOff.at(-1) ?? [...gone].at(-1)! } });
  }
  return drafts;
}

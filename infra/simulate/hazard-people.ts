// Those who work on hazards in a simulated campaign: the department that leads the track grades, assigns, orders and signs off, the village
// puts right, an inspector verifies, the office decides on extensions. Each reacts to an event by an act some working days later.
import type { HazardEvent } from '../../events/hazard.ts';
import type { Track } from '../../events/envelope.ts';
import type { WorkingDays } from '../../shared/rules/calendar/working-days.ts';
import { LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import type { HazardState } from '../../shared/rules/hazard/hazard.ts';
import { dueAfterRejection } from '../../shared/rules/hazard/rectification.ts';
import { workingTime, type Act, type Request, type Caller } from './acts.ts';
import { HABITS } from './habits.ts';
import { random, type Random } from './random.ts';
import type { World } from './world.ts';
import { townDay } from '../../shared/town-time.ts';

export interface Town {
  seed: string;
  calendar: WorkingDays;
  /** lead organisation of a track */
  lead: (track: Track) => string;
  /** village of a unit */
  areaOf: (unit: string) => string;
}

/** People are references; the organisation and a number make them. */
export const somebody = (role: Caller['role'], org: string, n = 1): Caller => ({
  person: `sim-${role}-${org}-${n}`,
  role,
  org,
  post: `${role}-${n}`,
});
export const OFFICE = somebody('office', 'office');

type Plan = (known: HazardState) => Request | undefined;

/** What people do about an event of a hazard. */
export function hazardActs(town: Town, event: HazardEvent, state: HazardState): Act[] {
  const id = state.id!;
  const lead = somebody('department', town.lead(state.track!));
  const village = somebody('village', town.areaOf(state.unit!));
  const verifier = somebody('department', town.lead(state.track!), 2);
  const lot = random(town.seed, 'hazard', id, event.version);
  const path = (act: string): string => `/v1/hazards/${id}/${act}`;
  const later = (name: string, days: number, plan: Plan): Act => ({
    at: workingTime(town.calendar, event.occurredAt, days, lot),
    key: `${event.id}:${name}`,
    request: (world) => plan(world.hazards.get(id)!),
  });
  const when = (status: HazardState['status'], request: Request): Plan => {
    return (known) => (known.status === status ? request : undefined);
  };
  const submitLater = (days: number): Act =>
    later('submit', days, (known) =>
      known.status === 'ordered' || known.status === 'rejected'
        ? { who: village, path: path('submissions'), body: { statement: '已按要求整改到位' } }
        : undefined,
    );
  const order = (name: string, days: number): Act => {
    const at = workingTime(town.calendar, event.occurredAt, days, lot);
    return {
      at,
      key: `${event.id}:${name}`,
      request: (world) => {
        const known = world.hazards.get(id)!;
        if (known.status !== 'assigned' && known.status !== 'recurred') return undefined;
        const [least, most] = HABITS.period[known.grade ?? 'general'];
        const due = town.calendar.shift(townDay(at), lot.between(least, most));
        const body = { measures: '限期消除隐患并落实防范措施', due, authority: '《上海市消防条例》' };
        return { who: lead, path: path('orders'), body };
      },
    };
  };

  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what nobody reacts to falls through
  switch (event.type) {
    case 'HazardFound': {
      const major = lot.happens(HABITS.major);
      const acts = [
        later('grade', lot.between(0, 1), (known) =>
          known.status === 'found'
            ? {
                who: lead,
                path: path('gradings'),
                body: { grade: major ? 'major' : 'general', basis: major ? '可能造成群死群伤' : '可限期整改' },
              }
            : undefined,
        ),
      ];
      if (lot.happens(HABITS.danger)) {
        acts.push(
          later('danger', 0, when('found', { who: lead, path: path('dangers'), body: { reason: '现场险情紧迫' } })),
        );
      }
      return acts;
    }
    case 'HazardGraded': {
      const to = lot.happens(0.5) ? village.org : lead.org;
      return [later('assign', 1, when('graded', { who: lead, path: path('assignments'), body: { to } }))];
    }
    case 'HazardAssigned':
      if (event.data.to !== lead.org && lot.happens(HABITS.givenBack)) {
        const request = { who: village, path: path('returns'), body: { reason: '不属本单位职责范围' } };
        return [later('return', 1, when('assigned', request))];
      }
      return [order('order', 1)];
    case 'HazardReturned': {
      const request = { who: OFFICE, path: path('reassignments'), body: { to: lead.org, reason: '由牵头部门负责' } };
      return [later('reassign', 1, when('returned', request))];
    }
    case 'HazardReassigned':
    case 'RecurrenceFound':
      return [order('order', 1)];
    case 'RectificationOrdered':
      return ordered(town, event, lot, later, submitLater, { lead, village, path });
    case 'ExtensionRequested': {
      const granted = lot.happens(HABITS.extensionApproved);
      const decision = granted ? 'extension-approvals' : 'extension-refusals';
      const body = { reason: granted ? '情况属实' : '理由不充分' };
      return [
        later('extension-decided', 1, (known) =>
          known.extension ? { who: OFFICE, path: path(decision), body } : undefined,
        ),
      ];
    }
    case 'ExtensionApproved':
      return [submitLater(Math.max(1, town.calendar.between(townDay(event.occurredAt), townDay(event.data.due)) - 1))];
    case 'RectificationSubmitted': {
      const rejected = lot.happens(HABITS.rejected);
      const days = lot.between(1, 3);
      const at = workingTime(town.calendar, event.occurredAt, days, lot);
      const request = (world: World): Request | undefined => {
        const known = world.hazards.get(id)!;
        if (known.status !== 'submitted') return undefined;
        // looked at after its date, what was handed in by it is given the date that is proposed
        const due = dueAfterRejection(known, LIANTANG_RULES, at)?.due;
        const body = rejected
          ? { result: 'rejected', reason: '整改不到位', ...(due === undefined ? {} : { due }) }
          : { result: 'passed', basis: '现场复查' };
        return { who: verifier, path: path('verifications'), body };
      };
      return [{ at, key: `${event.id}:verify`, request }];
    }
    case 'VerificationRejected':
      return [submitLater(lot.between(2, 5))];
    case 'HazardPersisted':
      return event.data.after === 'rejected' && event.data.before === 'verified'
        ? [submitLater(lot.between(2, 5))]
        : [];
    case 'VerificationPassed':
      return [later('sign-off', 1, when('verified', { who: lead, path: path('sign-off'), body: {} }))];
    case 'ReminderIssued': {
      const to = event.data.recipients[0]!.organisation;
      const reader = to === village.org ? village : to === OFFICE.org ? OFFICE : somebody('department', to);
      return lot.happens(HABITS.acknowledged)
        ? [
            later('acknowledge', lot.between(0, 1), () => ({
              who: reader,
              path: path('acknowledgements'),
              body: { reminder: event.id },
            })),
          ]
        : [];
    }
    default:
      return [];
  }
}

/** The fate of an order: in time, late, or not at all; asked to be extended; refused; found beyond the town. */
function ordered(
  town: Town,
  event: Extract<HazardEvent, { type: 'RectificationOrdered' }>,
  lot: Random,
  later: (name: string, days: number, plan: Plan) => Act,
  submitLater: (days: number) => Act,
  { lead, village, path }: { lead: Caller; village: Caller; path: (act: string) => string },
): Act[] {
  const acts: Act[] = [];
  const open: Plan = (known) => (known.status === 'ordered' ? { who: lead, path: '', body: {} } : undefined);
  const ifOpen =
    (request: Request): Plan =>
    (known) =>
      open(known) ? request : undefined;
  const period = town.calendar.between(townDay(event.occurredAt), townDay(event.data.due));
  const fate = lot.next();
  if (lot.happens(HABITS.orderRefused)) {
    const body = { reason: '单位拒签并拒绝整改' };
    return [later('refused', 2, ifOpen({ who: lead, path: path('order-refusals'), body }))];
  }
  if (lot.happens(HABITS.limitStated)) {
    const limit = lot.pick(['power', 'capacity'] as const);
    const body = { limit, reason: limit === 'power' ? '须由区级部门作出决定' : '镇级缺少检测手段' };
    return [later('limit', 2, ifOpen({ who: lead, path: path('limits'), body }))];
  }
  if (lot.happens(HABITS.extensionAsked) && period > 3) {
    const due = town.calendar.shift(townDay(event.data.due), lot.between(4, 10));
    const request = { who: village, path: path('extension-requests'), body: { due, reason: '设备到货延迟' } };
    acts.push(later('extension', period - 2, ifOpen(request)));
    // Refused, it is rectified some days late.
    acts.push(submitLater(period + lot.between(1, 6)));
    return acts;
  }
  if (fate < HABITS.neglected) return acts;
  const [least, most] = HABITS.lateBy;
  acts.push(
    submitLater(
      fate < HABITS.neglected + HABITS.late
        ? period + lot.between(least, most)
        : lot.between(1, Math.max(1, period - 1)),
    ),
  );
  return acts;
}

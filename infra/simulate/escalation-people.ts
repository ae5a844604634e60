// Those who work on cases that are beyond a simulated town: the district unit takes a case or sends it back, and
// decides; the office adds what was missing and sees on site that the decision is carried out, after which the hazard
// is rectified as any other.
import type { EscalationEvent } from '../../events/escalation.ts';
import { parseStreamKey } from '../../events/envelope.ts';
import type { EscalationState } from '../../shared/rules/escalation/escalation.ts';
import { workingTime, type Act, type Request } from './acts.ts';
import { HABITS } from './habits.ts';
import { OFFICE, somebody, type Town } from './hazard-people.ts';
import { random } from './random.ts';
import type { World } from './world.ts';

/** What people do about an event of a case. */
export function escalationActs(town: Town, event: EscalationEvent, state: EscalationState): Act[] {
  const { id } = parseStreamKey(event.stream);
  const lot = random(town.seed, 'escalation', id, event.version);
  const district = somebody('district', state.to!);
  const path = (act: string): string => `/v1/escalations/${id}/${act}`;
  const later = (name: string, days: number, request: (world: World) => Request | undefined): Act => ({
    at: workingTime(town.calendar, event.occurredAt, days, lot),
    key: `${event.id}:${name}`,
    request,
  });
  const when = (status: EscalationState['status'], request: Request) => {
    return (world: World): Request | undefined => (world.escalations.get(id)!.status === status ? request : undefined);
  };
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what nobody reacts to falls through
  switch (event.type) {
    case 'EscalationSubmitted': {
      const days = lot.between(...HABITS.districtTakes);
      // A case comes back once at most.
      if (event.data.round === 1 && lot.happens(HABITS.districtReturns)) {
        const body = { missing: ['整改前后照片'] };
        return [later('return', days, when('submitted', { who: district, path: path('returns'), body }))];
      }
      return [later('accept', days, when('submitted', { who: district, path: path('acceptances'), body: {} }))];
    }
    case 'EscalationReturned': {
      const body = { note: '已补充照片和现场检查记录' };
      return [later('material', 2, when('returned', { who: OFFICE, path: path('materials'), body }))];
    }
    case 'EscalationAccepted': {
      const body = { decision: lot.happens(0.5) ? '责令停产停业整顿，限期消除隐患' : '由区级部门组织专项整治' };
      const days = lot.between(...HABITS.districtDecides);
      return [later('resolve', days, when('accepted', { who: district, path: path('resolutions'), body }))];
    }
    case 'EscalationResolved': {
      const body = { note: '现场核实，决定已落实' };
      return [
        later('verify', 2, when('resolved', { who: OFFICE, path: path('verifications'), body })),
        // What was neglected is rectified now, if it has not been.
        later('submit', 3, (world) => {
          const hazard = world.hazards.get(state.hazard!);
          if (hazard?.status !== 'ordered' && hazard?.status !== 'rejected') return undefined;
          return {
            who: somebody('village', town.areaOf(hazard.unit!)),
            path: `/v1/hazards/${state.hazard!}/submissions`,
            body: { statement: '已按区级决定整改到位' },
          };
        }),
      ];
    }
    default:
      return [];
  }
}

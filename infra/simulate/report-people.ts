// Those who owe reports in a simulated campaign, and those who take them in.
import { parseStreamKey } from '../../events/envelope.ts';
import type { ReportEvent } from '../../events/report.ts';
import { LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { dueAfterReturn, type ReportState } from '../../shared/rules/report/report.ts';
import { workingTime, type Act, type Request, type Caller } from './acts.ts';
import { HABITS } from './habits.ts';
import { somebody, type Town } from './hazard-people.ts';
import { random } from './random.ts';
import type { World } from './world.ts';
import { townDay } from '../../shared/town-time.ts';

/** By what role people of an organisation sign in. */
function roleOf(organisation: string): Caller['role'] {
  if (organisation === 'office') return 'office';
  if (organisation === 'leading-group') return 'leader';
  return organisation === 'chengyun' ? 'operations' : 'department';
}

/** What people do about an event of a report. */
export function reportActs(town: Town, event: ReportEvent, state: ReportState): Act[] {
  const { id } = parseStreamKey(event.stream);
  const lot = random(town.seed, 'report', id, event.version);
  const owes = somebody(roleOf(state.organisation!), state.organisation!);
  const takes = somebody(roleOf(state.to!), state.to!, 2);
  const later = (name: string, days: number, statuses: readonly ReportState['status'][], request: Request): Act => ({
    at: workingTime(town.calendar, event.occurredAt, days, lot),
    key: `${event.id}:${name}`,
    request: (world: World) => (statuses.includes(world.reports.get(id)!.status) ? request : undefined),
  });
  const submission = (days: number): Act =>
    later('submit', days, ['required', 'returned'], { who: owes, path: `/v1/reports/${id}/submissions`, body: {} });
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what nobody reacts to falls through
  switch (event.type) {
    case 'ReportRequired': {
      if (lot.happens(HABITS.reportNever)) return [];
      const period = town.calendar.between(townDay(event.occurredAt), townDay(event.data.due));
      const late = lot.happens(HABITS.reportLate);
      return [submission(Math.max(0, late ? period + lot.between(1, 4) : period - lot.between(0, 3)))];
    }
    case 'ReportSubmitted': {
      const back = event.data.edition === 1 && lot.happens(HABITS.reportReturned);
      if (!back) {
        return [later('accept', 1, ['submitted'], { who: takes, path: `/v1/reports/${id}/acceptance`, body: {} })];
      }
      const at = workingTime(town.calendar, event.occurredAt, 1, lot);
      const request = (world: World): Request | undefined => {
        const known = world.reports.get(id)!;
        if (known.status !== 'submitted') return undefined;
        // returned after its date, what was handed in by it is given the date that is proposed
        const due = dueAfterReturn(known, LIANTANG_RULES, at)?.due;
        const body = { reason: '数据与台账不一致', ...(due === undefined ? {} : { due }) };
        return { who: takes, path: `/v1/reports/${id}/returns`, body };
      };
      return [{ at, key: `${event.id}:return`, request }];
    }
    case 'ReportReturned':
      return [submission(2)];
    default:
      return [];
  }
}

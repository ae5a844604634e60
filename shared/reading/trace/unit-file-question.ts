// Compiling a dossier: reads the unit's events, the messages of its reminders, the campaign, the rosters and the access log; as known then.
import { accessesOf, type AccessDeps } from '../../record/access/access.ts';
import { InvalidInput } from '../../../events/errors.ts';
import type { ViewDeps } from '../views/view.ts';
import { compileDossier, type UnitFile } from '../unit-file/unit-file.ts';
import type { Known } from './known-at.ts';
import { readDeliveryEvents, readUnitEvents } from './load.ts';
import { townThen } from './town.ts';
import { monthsBefore } from './window.ts';
import { townDay } from '../../town-time.ts';

const MAX_ACCESSES = 500;

/** @throws InvalidInput naming `on` (a day that has not come) or `months`; NotFound `unknown-unit` */
export async function askDossier(
  deps: ViewDeps & { access: AccessDeps },
  known: Known,
  asked: { unit: string; on: string; months: number },
): Promise<UnitFile> {
  const today = townDay(deps.now().toISOString());
  if (asked.on > today) {
    throw new InvalidInput(`on: ${asked.on} has not come yet`, {
      field: 'on',
      expected: `a day not later than ${today}`,
    });
  }
  const { from } = monthsBefore(asked.on, asked.months);
  const { until } = known;
  const [placed, town, accesses] = await Promise.all([
    readUnitEvents(deps, asked.unit, known),
    townThen(deps, known),
    from < until
      ? accessesOf(deps.access, { unit: asked.unit }, { after: from, until, limit: MAX_ACCESSES })
      : { accesses: [], next: undefined },
  ]);
  const reminders = placed.flatMap(({ event }) => (event.type === 'ReminderIssued' ? [event.id] : []));
  const deliveries = await readDeliveryEvents(deps, reminders, known);
  const read = { accesses: accesses.accesses, moreAccesses: accesses.next !== undefined };
  return compileDossier({ placed, deliveries, town, ...read }, known, asked);
}

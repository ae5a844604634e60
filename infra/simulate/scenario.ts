// What a simulated campaign is made of: the units of a real register, and its real visits with what they found, moved into the campaign's
// months. Which track and which village a unit belongs to the register does not say: a digest of its id decides, as a stand-in.
import { createReadStream } from 'node:fs';
import { TRACKS, type Track } from '../../events/envelope.ts';
import { type WorkingDays } from '../../shared/rules/calendar/working-days.ts';
import { InvalidInput } from '../../events/errors.ts';
import type { UnitCommand, VisitCommand } from '../../shared/import/command.ts';
import { readRegister } from '../../shared/import/read.ts';
import type { Source } from '../../shared/import/source.ts';
import { random } from './random.ts';
import { momentOf, plusDays } from '../../shared/town-time.ts';

export interface SimulatedUnit {
  id: string;
  details: UnitCommand['details'];
  track: Track;
  area: string;
}

export interface SimulatedVisit {
  /** the visit's id in the register */
  id: string;
  unit: string;
  track: Track;
  /** in working hours of a working day of the campaign */
  at: string;
  answers: { item: string; clause: string; answer: 'problem' | 'ok'; text?: string }[];
}

export interface Scenario {
  units: Map<string, SimulatedUnit>;
  /** in order of time */
  visits: SimulatedVisit[];
}

export interface Stretch {
  /** first and last day, in town time */
  from: string;
  to: string;
  seed: string;
  villages: readonly string[];
  /** most units to take from the register; the seed chooses them */
  units?: number | undefined;
}

/** The clause of a visit that found nothing: an answer is asked for, and “in order” is one. */
const WHOLE = { item: '0', clause: 'WHOLE', answer: 'ok' as const };

/** Reads a register and moves its visits into the campaign. @throws InvalidInput when the file holds no visit */
export async function readScenario(
  file: string,
  source: Source,
  calendar: WorkingDays,
  stretch: Stretch,
): Promise<Scenario> {
  const { register } = await readRegister(() => createReadStream(file), source);
  const plans = [...register.plans()]
    .map((plan) => ({ plan, lot: random(stretch.seed, 'unit', plan.unit).next() }))
    .toSorted((a, b) => a.lot - b.lot)
    .slice(0, stretch.units)
    .map(({ plan }) => plan);
  const units = new Map<string, SimulatedUnit>();
  const real: VisitCommand[] = [];
  for (const plan of plans) {
    const registration = plan.commands.find((command): command is UnitCommand => command.kind === 'unit');
    if (!registration) continue;
    units.set(plan.unit, placed(plan.unit, registration, stretch));
    real.push(...plan.commands.filter((command): command is VisitCommand => command.kind === 'visit'));
  }
  if (real.length === 0) {
    throw new InvalidInput(`${file} holds no inspection`, { field: 'file', expected: 'a register with inspections' });
  }
  return { units, visits: moved(real, units, calendar, stretch) };
}

function placed(id: string, { details }: UnitCommand, { villages }: Stretch): SimulatedUnit {
  const lot = random('place', id);
  const track = lot.pick(TRACKS);
  const area = lot.pick(villages);
  return { id, details: { ...details, tracks: [track], area }, track, area };
}

/** Real times keep their order and their distances, in proportion, and fall into working hours. */
function moved(
  visits: VisitCommand[],
  units: ReadonlyMap<string, SimulatedUnit>,
  calendar: WorkingDays,
  { from, to, seed }: Stretch,
): SimulatedVisit[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = plusDays(day, 1)) if (calendar.isWorkday(day)) days.push(day);
  if (days.length === 0) {
    throw new InvalidInput(`there is no working day from ${from} to ${to}`, {
      field: 'to',
      expected: 'a stretch with working days',
    });
  }
  const times = visits.map(({ occurredAt }) => Date.parse(occurredAt));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return visits
    .map((visit): SimulatedVisit => {
      // Two visits of one unit on the same day keep their order by their share of the day.
      const share = ((Date.parse(visit.occurredAt) - first) / Math.max(1, last - first)) * (days.length - 0.001);
      const minute = Math.floor((share % 1) * 8 * 60);
      const second = random(seed, 'visit', visit.inspection).between(0, 59);
      const at = new Date(momentOf(days[Math.floor(share)]!, '09:00:00') + (minute * 60 + second) * 1000);
      const answers = visit.answers
        .filter(({ answer }) => answer !== 'not-applicable')
        .map(({ item, clause, answer, text }) => ({
          item,
          clause,
          answer: answer as 'problem' | 'ok',
          ...(text ? { text } : {}),
        }));
      return {
        id: visit.inspection,
        unit: visit.unit,
        track: units.get(visit.unit)!.track,
        at: at.toISOString(),
        answers: answers.length > 0 ? answers : [WHOLE],
      };
    })
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
}

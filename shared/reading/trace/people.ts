// Who was responsible at each moment of a stretch of time: the answer to “who was responsible” for every day on which
// it may have changed, put together into periods. Organisations that only had a hazard assigned to them stand with that
// hazard, not here.
import type * as z from 'zod';
import { dateSchema, parseStreamKey } from '../../../events/envelope.ts';
import type { UnitEvent } from '../../../events/unit.ts';
import { foldAll } from '../../rules/decider.ts';
import { unit as unitFold } from '../../rules/unit/unit.ts';
import { plusDays } from '../../town-time.ts';
import { responsibleFacts, responsibleFactSchema, type ResponsibleFact, type Sources } from './responsible.ts';

export const periodFactSchema = responsibleFactSchema
  .omit({ hazards: true })
  // first and last day, in town time
  .extend({ from: dateSchema, until: dateSchema })
  .meta({ id: 'PeriodFact' });
export type PeriodFact = z.infer<typeof periodFactSchema>;

/** Periods from day to day, both included; of each role in order of time. */
export function periodsOf(sources: Sources, from: string, until: string): PeriodFact[] {
  const placed = sources.placed.filter(({ event }) => parseStreamKey(event.stream).category === 'unit');
  const days = daysOfChange({ ...sources, placed }, from, until);
  const periods = new Map<string, PeriodFact[]>();
  for (const day of days) {
    const present = new Set<string>();
    for (const { hazards: _none, ...fact } of responsibleFacts({ ...sources, placed }, day)) {
      const key = `${fact.track} ${fact.role} ${fact.role === 'supervisor' ? '' : fact.organisation}`;
      present.add(key);
      const known = periods.get(key) ?? [];
      periods.set(key, known);
      const last = known.at(-1);
      if (last?.until === '' && holdersOf(last) === holdersOf(fact)) continue;
      if (last?.until === '') last.until = dayBefore(day);
      known.push({ ...fact, from: day, until: '' });
    }
    for (const [key, known] of periods) {
      const last = known.at(-1)!;
      if (!present.has(key) && last.until === '') last.until = dayBefore(day);
    }
  }
  return [...periods.values()].flat().map((period) => ({ ...period, until: period.until || until }));
}

const holdersOf = ({ organisation, holders }: Omit<ResponsibleFact, 'hazards'>): string =>
  JSON.stringify([organisation, holders.map(({ person, post }) => [post, person])]);

/** The first day, and every later one on which an appointment or a supervision begins, or has just ended. */
function daysOfChange({ placed, rosters }: Sources, from: string, until: string): string[] {
  const { supervisors } = foldAll(
    unitFold,
    placed.map(({ event }) => event as UnitEvent),
  );
  const held = [
    ...supervisors,
    ...[...rosters.states.values()].flatMap(({ appointments }) => [...appointments.values()]),
  ];
  const days = held.flatMap((one) => [one.from, ...(one.until === null ? [] : [dayAfter(one.until)])]);
  return [...new Set([from, ...days.filter((day) => from < day && day <= until)])].toSorted();
}

const dayBefore = (day: string): string => plusDays(day, -1);
export const dayAfter = (day: string): string => plusDays(day, 1);

// Asking: for each question what it reads, and its answer made of that. The API and the dossier ask here; the facts themselves are computed by
// pure functions, one file a question.
import { parseStreamKey, type Track } from '../../events/envelope.ts';
import type { UnitEvent } from '../../events/unit.ts';
import { foldAll } from '../domain/decider.ts';
import { unit as unitFold, type UnitState } from '../domain/unit.ts';
import { NotFound } from '../errors.ts';
import type { TimelineEntry } from '../views/timeline.ts';
import type { Placed, ViewDeps } from '../views/view.ts';
import { answerOf, referrer, type TraceAnswer } from './answer.ts';
import { deadlineFacts, type DeadlineFact } from './deadlines.ts';
import { inspectionFacts, type InspectionFact } from './inspections.ts';
import type { Known } from './known-at.ts';
import { streamEvents, unitEvents } from './load.ts';
import { questionOf } from './questions.ts';
import { townThen } from './town.ts';
import { monthsBefore } from './window.ts';

/** What an answer about a unit is about. */
export interface UnitSubject {
  unit: string;
  /** name as known then; null: not registered yet */
  name: string | null;
}

const isCategory =
  (...categories: string[]) =>
  ({ stream }: TimelineEntry): boolean =>
    categories.includes(parseStreamKey(stream).category);

const describes = ({ type }: TimelineEntry): boolean => type === 'UnitRegistered' || type === 'UnitDetailsCorrected';

/** Question 1. */
export async function askInspections(
  deps: ViewDeps,
  known: Known,
  asked: { unit: string; before: string; months: number; track?: Track | undefined },
): Promise<TraceAnswer<InspectionFact, UnitSubject>> {
  const window = monthsBefore(asked.before, asked.months);
  const wanted = isCategory('inspection');
  const [placed, town] = await Promise.all([
    unitEvents(deps, asked.unit, known, (entry) => wanted(entry) || describes(entry)),
    townThen(deps, known),
  ]);
  const inspections = placed.filter(({ event }) => parseStreamKey(event.stream).category === 'inspection');
  const refer = referrer([...inspections, ...town.placed]);
  const facts = inspectionFacts(inspections, town.rosters, refer, { window, track: asked.track });
  const used = usedBy(facts, placed);
  return answerOf(
    questionOf('inspections'),
    { ...unitSubject(asked.unit, placed), ...window, track: asked.track ?? null },
    known,
    facts,
    used,
  );
}

/** Question 3. @throws NotFound `unknown-hazard` */
export async function askDeadlines(
  deps: ViewDeps,
  known: Known,
  hazard: string,
): Promise<TraceAnswer<DeadlineFact, HazardSubject>> {
  const placed = await hazardEvents(deps, known, hazard);
  return answerOf(
    questionOf('deadlines'),
    hazardSubject(hazard, placed),
    known,
    deadlineFacts(placed, referrer(placed)),
    placed,
  );
}

export interface HazardSubject {
  hazard: string;
  unit: string;
  track: Track | null;
  clause: string;
}

async function hazardEvents(deps: ViewDeps, known: Known, hazard: string): Promise<Placed[]> {
  const placed = await streamEvents(deps, 'hazard', hazard, known);
  if (placed.length > 0) return placed;
  throw new NotFound('unknown-hazard', `there is no hazard ${hazard}, or none was known then`, {
    field: 'hazard',
    expected: 'the id of a hazard that was on record as known at that time',
  });
}

function hazardSubject(hazard: string, placed: readonly Placed[]): HazardSubject {
  const { unit, track, data } = placed[0]!.event;
  return { hazard, unit: unit ?? '', track: track ?? null, clause: (data as { clause: string }).clause };
}

/** Of the events loaded, those in streams that the facts name. */
function usedBy(facts: readonly { events: readonly { stream: string }[] }[], placed: readonly Placed[]): Placed[] {
  const streams = new Set(facts.flatMap(({ events }) => events.map(({ stream }) => stream)));
  return placed.filter(({ event }) => streams.has(event.stream));
}

export function unitSubject(unit: string, placed: readonly Placed[]): UnitSubject {
  return { unit, name: unitState(placed).details?.name ?? null };
}

function unitState(placed: readonly Placed[]): UnitState {
  return foldAll(
    unitFold,
    placed
      .filter(({ event }) => parseStreamKey(event.stream).category === 'unit')
      .map(({ event }) => event as UnitEvent),
  );
}

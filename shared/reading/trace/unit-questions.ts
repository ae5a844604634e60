// Asking about a unit: for each question what it reads, and its answer made of that. The API and the dossier ask here;
// the facts themselves are computed by pure functions, one file a question. Questions about a hazard or an escalation
// are in ask-stream.ts.
import { parseStreamKey, type Track } from '../../../events/envelope.ts';
import type { UnitEvent } from '../../../events/unit.ts';
import { requireLaunched } from '../../rules/campaign/campaign.ts';
import { foldAll } from '../../rules/decider.ts';
import { unit as unitFold, type UnitState } from '../../rules/unit/unit.ts';
import { InvalidInput } from '../../../events/errors.ts';
import type { TimelineEntry } from '../unit/timeline.ts';
import type { Placed, ViewDeps } from '../views/view.ts';
import { answerOf, referrer } from './answer.ts';
import type { TraceAnswers } from './answers.ts';
import { clauseFacts } from './clause.ts';
import { correctionsIn } from './corrections.ts';
import { differenceFacts } from './difference.ts';
import { inspectionFacts } from './inspections.ts';
import { knows, type Known } from './known-at.ts';
import { lateRecords } from './late.ts';
import { readUnitEvents } from './load.ts';
import { questionOf } from './questions.ts';
import { recurrenceFacts } from './recurrences.ts';
import { responsibleFacts } from './responsible.ts';
import { townThen } from './town.ts';
import { townDay } from '../../town-time.ts';
import { uncheckedPage } from './unchecked.ts';
import { monthsBefore } from './window.ts';

type Wanted = (entry: TimelineEntry) => boolean;
const of =
  (...categories: string[]): Wanted =>
  ({ stream }) =>
    categories.includes(parseStreamKey(stream).category);
const describes: Wanted = ({ type }) => type === 'UnitRegistered' || type === 'UnitDetailsCorrected';
const either =
  (...wanted: Wanted[]): Wanted =>
  (entry) =>
    wanted.some((one) => one(entry));

const inCategory = (placed: readonly Placed[], category: string): Placed[] =>
  placed.filter(({ event }) => parseStreamKey(event.stream).category === category);

/** Question 1. */
export async function askInspections(
  deps: ViewDeps,
  known: Known,
  asked: { unit: string; before: string; months: number; track?: Track | undefined },
): Promise<TraceAnswers['inspections']> {
  const window = monthsBefore(asked.before, asked.months);
  const { unit, track } = asked;
  const [placed, town] = await Promise.all([
    readUnitEvents(deps, unit, known, either(of('inspection'), describes)),
    townThen(deps, known),
  ]);
  const inspections = inCategory(placed, 'inspection');
  const refer = referrer([...inspections, ...town.placed]);
  const facts = inspectionFacts(inspections, town.rosters, refer, { window, track });
  const subject = { ...unitSubject(unit, placed), ...window, track: track ?? null };
  return answerOf(questionOf('inspections'), subject, known, facts, usedBy(facts, inspections));
}

/** Question 2. */
export async function askClause(
  deps: ViewDeps,
  known: Known,
  asked: { unit: string; clause: string; track?: Track | undefined },
): Promise<TraceAnswers['clause']> {
  const { unit, clause, track } = asked;
  const [placed, town] = await Promise.all([
    readUnitEvents(deps, unit, known, either(of('inspection'), describes)),
    townThen(deps, known),
  ]);
  const inspections = inCategory(placed, 'inspection');
  const refer = referrer([...inspections, ...town.placed]);
  const facts = clauseFacts(inspections, town, town.rosters, refer, { clause, track });
  const subject = { ...unitSubject(unit, placed), clause, track: track ?? null };
  return answerOf(questionOf('clause'), subject, known, facts, usedBy(facts, inspections));
}

/** Question 5. @param asked.on a day in town time @throws InvalidInput naming `on` for a day that has not come */
export async function askResponsible(
  deps: ViewDeps,
  known: Known,
  asked: { unit: string; on: string },
): Promise<TraceAnswers['responsible']> {
  const { unit, on } = asked;
  const today = townDay(deps.now().toISOString());
  if (on > today) {
    throw new InvalidInput(`on: ${on} has not come yet`, { field: 'on', expected: `a day not later than ${today}` });
  }
  const [placed, town] = await Promise.all([
    readUnitEvents(deps, unit, known, either(of('unit', 'hazard'))),
    townThen(deps, known),
  ]);
  const refer = referrer([...placed, ...town.placed]);
  const campaign = requireLaunched(town.state);
  const facts = responsibleFacts({ placed, campaign, rosters: town.rosters, refer }, on);
  const used = usedBy(facts, [...inCategory(placed, 'unit'), ...town.placed]);
  return answerOf(questionOf('responsible'), { ...unitSubject(unit, placed), on }, known, facts, used);
}

/** Question 6. @param now what is known now: the later of the two */
export async function askDifference(
  deps: ViewDeps,
  then: Known,
  now: Known,
  unit: string,
): Promise<TraceAnswers['difference']> {
  const placed = await readUnitEvents(deps, unit, now);
  const knewThen = ({ position, event }: Placed): boolean => knows(then, position, event.recordedAt);
  const facts = differenceFacts(placed, knewThen, referrer(placed));
  const later = new Set(placed.filter((one) => !knewThen(one)).map(({ event }) => event.id));
  const subject = { ...unitSubject(unit, placed), now: { position: now.position, time: now.time } };
  return {
    ...answerOf(questionOf('difference'), subject, then, facts, []),
    late: lateRecords(placed).filter(({ id }) => later.has(id)),
    corrections: correctionsIn(placed).filter(({ event }) => later.has(event.id)),
  };
}

/** Question 7. */
export async function askRecurrences(deps: ViewDeps, known: Known, unit: string): Promise<TraceAnswers['recurrences']> {
  const placed = await readUnitEvents(deps, unit, known, of('unit', 'hazard'));
  const facts = recurrenceFacts(placed, referrer(placed));
  const used = usedBy(facts, inCategory(placed, 'hazard'));
  return answerOf(questionOf('recurrences'), unitSubject(unit, placed), known, facts, used);
}

/** Question 9: each fact is a record that was entered late or back-dated. */
export async function askLate(deps: ViewDeps, known: Known, unit: string): Promise<TraceAnswers['late']> {
  const placed = await readUnitEvents(deps, unit, known);
  const answer = answerOf(questionOf('late'), unitSubject(unit, placed), known, lateRecords(placed), placed);
  return { ...answer, late: [] };
}

/** Question 11: one page. @throws InvalidInput naming `track` when the unit belongs to several and none is named */
export async function askUnchecked(
  deps: ViewDeps,
  known: Known,
  asked: {
    unit: string;
    clause: string;
    track?: Track | undefined;
    area?: string | undefined;
    limit?: number | undefined;
    cursor?: string | undefined;
  },
): Promise<TraceAnswers['unchecked']> {
  const { unit, clause, area, limit, cursor } = asked;
  const { details } = unitState(await readUnitEvents(deps, unit, known, describes));
  const tracks = details?.tracks ?? [];
  const track = asked.track ?? (tracks.length === 1 ? tracks[0] : undefined);
  if (track === undefined || !tracks.includes(track)) {
    throw new InvalidInput(`track: unit ${unit} belongs to ${tracks.join(', ')}`, {
      field: 'track',
      expected: `one of ${tracks.join(', ')}`,
    });
  }
  const like = { unit, track, kind: details?.kind ?? null, area, clause };
  const page = await uncheckedPage(deps, known, like, { limit, cursor });
  const subject = { unit, name: details?.name ?? null, clause, track, kind: like.kind, area: area ?? null };
  const answer = answerOf(questionOf('unchecked'), subject, known, page.facts, []);
  return { ...answer, looked: page.looked, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}

/** Of the events loaded, those in streams that the facts name. */
export function usedBy(
  facts: readonly { events: readonly { stream: string }[] }[],
  placed: readonly Placed[],
): Placed[] {
  const streams = new Set(facts.flatMap(({ events }) => events.map(({ stream }) => stream)));
  return placed.filter(({ event }) => streams.has(event.stream));
}

export function unitSubject(unit: string, placed: readonly Placed[]): { unit: string; name: string | null } {
  return { unit, name: unitState(placed).details?.name ?? null };
}

export function unitState(placed: readonly Placed[]): UnitState {
  return foldAll(
    unitFold,
    inCategory(placed, 'unit').map(({ event }) => event as UnitEvent),
  );
}

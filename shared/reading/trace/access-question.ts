// Question 12, who read or took home a unit after a day (查阅记录): from the access log, which lies apart from the events:
// its rows have no log position and stand in no proof. As known at a position: what had been read before the next event
// was recorded; at a time: by then.
import { accessesOf, type AccessDeps } from '../../record/access/access.ts';
import type { ViewDeps } from '../views/view.ts';
import type { TraceAnswers } from './answers.ts';
import { unitSubject } from './unit-questions.ts';
import { toldKnownAt, type Known } from './known-at.ts';
import { readUnitEvents } from './load.ts';
import { questionOf } from './questions.ts';
import { startOfTownDay } from '../../town-time.ts';

/** One page, oldest first. @param asked.after a day in town time (from its beginning on) or an instant */
export async function askAccess(
  deps: ViewDeps & { access: AccessDeps },
  known: Known,
  asked: { unit: string; after: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<TraceAnswers['access']> {
  const { unit, limit, cursor } = asked;
  const after = asked.after.length === 10 ? startOfTownDay(asked.after) : asked.after;
  // What is read in this millisecond, this question too, is not in the answer.
  const { until } = known;
  const registration = await readUnitEvents(deps, unit, known, ({ type }) => type.startsWith('UnitRegistered'));
  const page =
    after < until
      ? await accessesOf(deps.access, { unit }, { after, until, limit, from: cursor })
      : { accesses: [], next: undefined };
  return {
    ...questionOf('access'),
    subject: { ...unitSubject(unit, registration), after },
    knownAt: toldKnownAt(known),
    indexed: known.indexed && { size: known.indexed.size, at: known.indexed.at },
    facts: page.accesses,
    late: [],
    corrections: [],
    ...(page.next === undefined ? {} : { cursor: page.next }),
  };
}

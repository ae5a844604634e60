// Events for tests of questions: drafts in envelopes, in the order of the log, with versions by stream.
import type { DaochaEvent, Draft } from '../../../events/catalogue.ts';
import { parseStreamKey, type Category } from '../../../events/envelope.ts';
import type { Placed } from '../../../shared/reading/views/view.ts';
import { referrer, type Refer } from '../../../shared/reading/trace/answer.ts';
import { eventOf, type About } from '../../support/builders.ts';

export type Told = [stream: string, draft: Draft, about?: About];

/** Events of `<category>/<id>` streams at positions `from`, `from` + 1 …; each at the unit u_1 by default. */
export function placed(told: readonly Told[], from = 0): Placed[] {
  const versions = new Map<string, number>();
  return told.map(([name, draft, about = {}], n) => {
    const [category, id] = name.split('/') as [Category, string];
    const version = (versions.get(name) ?? 0) + 1;
    versions.set(name, version);
    const own = category === 'unit' || category === 'inspection' || category === 'hazard' ? { unit: 'u_1' } : {};
    return { position: from + n, event: eventOf(category, id, version, draft, { ...own, ...about }) };
  });
}

/** Already made events, at positions from 0 on. */
export const placedAs = (events: readonly DaochaEvent[], from = 0): Placed[] =>
  events.map((event, n) => ({ position: from + n, event }));

export const refer = (all: readonly Placed[]): Refer => referrer(all);

export const streamOf = (all: readonly Placed[], name: string): Placed[] =>
  all.filter(({ event }) => {
    const { category, id } = parseStreamKey(event.stream);
    return `${category}/${id}` === name;
  });

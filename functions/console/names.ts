// Who people are, for a page: their names from the directory for those who may know them, else the references that the
// events have. Every name that is looked up is on the access log under the person, so a page looks up at most so many.
import { type Recipient } from '../../events/reminder.ts';
import { fieldsIn } from '../../shared/reading/trace/event-text.ts';
import { isSystem } from '../../events/envelope.ts';
import { DaochaError } from '../../events/errors.ts';
import { ERASED_NAME } from '../../shared/record/directory/directory.ts';
import { own } from '../../shared/own.ts';
import { MOST_NAMES } from '../api/routes/directory.ts';
import type { ShownEvent } from './answers.ts';
import { html, type Content } from '../../shared/reading/html.ts';
import type { Visit } from './page.ts';

/** Shows a person by reference; a dash for nobody. */
export type Named = (person: string | null | undefined) => Content;

/** Parts of the platform act under names of their own, which the directory does not know. */
const isPerson = (reference: string): boolean => !isSystem(reference);
const SYSTEM: Record<string, string> = {
  'system:clock': '系统（时钟）',
  'system:react': '系统（上报规则）',
  'system:index': '系统（索引）',
};

export const byReference: Named = (person) => (person ? (own(SYSTEM, person) ?? person) : '—');

/**
 * How the people of a page are shown to its reader: name and reference, or the reference alone where the reader may not know names, has not
 * said on what ground (auditors), or the page shows more than MOST_NAMES people.
 */
export async function namesFor(visit: Visit, references: Iterable<string | null | undefined>): Promise<Named> {
  const wanted = [...new Set(references)].filter((one): one is string => !!one && isPerson(one)).slice(0, MOST_NAMES);
  if (wanted.length === 0 || !visit.may('read.directory')) return byReference;
  const answer = await visit.ask('getNames', {}, { persons: wanted.join(' ') }).catch((error: unknown) => {
    // whoever states no ground is told no name, and may read on
    if (error instanceof DaochaError && error.field === 'X-Access-Ground') return undefined;
    throw error;
  });
  if (!answer) return byReference;
  const known = new Map(answer.items.map((item) => [item.person, item]));
  return (person) => {
    const { state, name } = known.get(person ?? '') ?? { state: 'unknown', name: null };
    if (!person || state === 'unknown') return byReference(person);
    if (state === 'altered')
      return html`<b class="late">${name ?? person}（与登记时不符）</b> <span class="ref">${person}</span>`;
    return html`${state === 'erased' ? ERASED_NAME : name} <span class="ref">${person}</span>`;
  };
}

/** Everybody whom events name. */
export const peopleIn = (events: readonly ShownEvent[]): string[] =>
  events.flatMap((event) => [
    event.actor.person,
    ...fieldsIn(event, 'page').flatMap(([{ kind }, value]): string[] => {
      if (kind === 'recipients') return (value as Recipient[]).flatMap(({ person }) => person ?? []);
      return kind === 'person' ? [value as string | string[]].flat() : [];
    }),
  ]);

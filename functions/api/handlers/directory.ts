// The directory's routes. Who a person is, is shown from the directory, and only what an event commits to.
import type { PersonEvent } from '../../../events/person.ts';
import { loadState, readStream } from '../../../shared/rules/perform/execute.ts';
import { enterPerson, erasePerson, personStream } from '../../../shared/rules/perform/person.ts';
import {
  commitmentsOf,
  COMMITTED,
  ERASED_NAME,
  readPerson,
  resolveNames,
  type Entry,
  type NamedPeople,
} from '../../../shared/record/directory/directory.ts';
import * as personCommands from '../../../shared/rules/person/commands.ts';
import { concurrently } from '../../../shared/record/log/batch.ts';
import { foldAll, same } from '../../../shared/rules/decider.ts';
import { person as personFold, type PersonState } from '../../../shared/rules/person/person.ts';
import { NotFound } from '../../../events/errors.ts';
import type { ApiDeps, TypedHandlers } from '../handler-types.ts';
import { answer, contextOf, handlersOf } from './command-handler.ts';

export const directoryHandlers = {
  ...handlersOf(personCommands, {
    enterPerson: async (deps, call) => {
      const executed = await enterPerson(deps, contextOf(deps, call), call.body);
      return answer(deps, call, executed.id, executed);
    },

    erasePerson: async (deps, call) => {
      const executed = await erasePerson(deps, contextOf(deps, call), call.body);
      return answer(deps, call, executed.id, executed);
    },
  }),

  getNames: async (deps, call) => {
    call.authorise({});
    const { persons } = call.query;
    const names = await resolveNames(deps.directory, persons);
    let altered = await alteredAmong(deps, names);
    // somebody may have been entered anew between the two reads
    if (altered.size > 0) altered = await alteredAmong(deps, await resolveNames(deps.directory, altered));
    const items = [...names].map(([person, { name, state }]) => ({
      person,
      name: state === 'entered' ? name : null,
      state: altered.has(person) ? ('altered' as const) : state,
    }));
    return { status: 200, body: { items } };
  },

  getPerson: async (deps, call) => {
    const { person } = call.query;
    call.authorise({});
    const [known, stored] = await Promise.all([
      readPerson(deps.directory, person),
      readStream(deps.store, deps.tenant, 'person', personStream(deps.tenant, person)),
    ]);
    if (known.state === 'erased') {
      throw new NotFound('person-erased', `${person} ${ERASED_NAME}: erased from the directory`, {
        field: 'person',
        expected: 'the reference of a person who has not been erased',
      });
    }
    if (known.state === 'unknown') {
      throw new NotFound('unknown-person', `the directory does not know ${person}`, {
        field: 'person',
        expected: 'the reference of a person who was entered',
      });
    }
    const events = stored.map(({ event }) => event as PersonEvent);
    const entries = known.entries.map((entry) => shownEntry(entry, events));
    const last = known.entries.at(-1)!;
    const { name, phone } = last;
    const altered = !agree(foldAll(personFold, events), { state: 'entered', commitments: commitmentsOf(last) });
    return { status: 200, body: { person, name, phone: phone ?? null, altered, entries } };
  },
} satisfies TypedHandlers;

/** Those of whom the directory says something else than the events commit to: somebody has written to its table. */
async function alteredAmong(deps: ApiDeps, names: ReadonlyMap<string, NamedPeople>): Promise<Set<string>> {
  const altered = new Set<string>();
  await concurrently(names, async ([person, shown]) => {
    const known = await loadState(deps.store, deps.tenant, 'person', personStream(deps.tenant, person));
    if (!agree(known, shown)) altered.add(person);
  });
  return altered;
}

/** Whether what stands in the directory is what the events of a person leave there. */
function agree(known: PersonState, { state, commitments }: Pick<NamedPeople, 'state' | 'commitments'>): boolean {
  const expected = known.person === null ? 'unknown' : known.erased ? 'erased' : 'entered';
  return state === expected && same(commitments, known.commitments);
}

function shownEntry(entry: Entry, events: readonly PersonEvent[]) {
  const commitments = commitmentsOf(entry);
  const event = events.findLast((one) => one.type === 'PersonEntered' && same(one.data.commitments, commitments));
  return {
    event: event?.id ?? '',
    at: entry.at,
    name: entry.name,
    phone: entry.phone ?? null,
    fields: COMMITTED.flatMap((field) => {
      const { [field]: made } = commitments;
      return made === undefined ? [] : [{ field, commitment: made, key: entry.keys[field]! }];
    }),
  };
}

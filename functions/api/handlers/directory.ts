// The directory's routes. Who a person is, is shown from the directory, and only what an event commits to.
import type { PersonEvent } from '../../../events/person.ts';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { enterPerson, erasePerson, personStream } from '../../../shared/rules/perform/person.ts';
import {
  commitmentsOf,
  COMMITTED,
  ERASED_NAME,
  readPerson,
  resolveNames,
  type Entry,
} from '../../../shared/record/directory/directory.ts';
import * as personCommands from '../../../shared/rules/person/commands.ts';
import { same } from '../../../shared/rules/decider.ts';
import { NotFound } from '../../../events/errors.ts';
import type { TypedHandlers } from '../handler-types.ts';
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
    const names = await resolveNames(deps.directory, call.query.persons);
    const items = [...names].map(([person, { name, state }]) => ({
      person,
      name: state === 'entered' ? name : null,
      state,
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
    const { name, phone } = known.entries.at(-1)!;
    return { status: 200, body: { person, name, phone: phone ?? null, entries } };
  },
} satisfies TypedHandlers;

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

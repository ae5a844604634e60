// Commands on people (人员): entering them into the directory and erasing them from it. The event and the directory's
// item are one transaction: no crash leaves personal data without its event, an event without the data that it commits
// to, or data after its erasure.
import { createHash } from 'node:crypto';
import * as directory from '../../record/directory/directory.ts';
import type { DirectoryDeps, Entry, KnownPerson, PersonData } from '../../record/directory/directory.ts';
import * as rules from '../person/person.ts';
import { Conflict, RuleViolated } from '../../../events/errors.ts';
import type { BesideWrite, StoreDeps } from '../../record/store/store.ts';
import { samePerson } from '../../person.ts';
import { townDay } from '../../town-time.ts';
import { campaignOf, execute, on, type CommandContext, type Executed, type Read } from './execute.ts';

export interface PeopleDeps {
  store: StoreDeps;
  directory: DirectoryDeps;
}

export type EnterPerson = PersonData & { person: string };

/** Id of the stream about a person. A reference may have characters that no stream may (`auth0|17`), so it is made from it. */
export function personStream(tenant: string, person: string): string {
  return `p_${createHash('sha256')
    .update(JSON.stringify([tenant, person]))
    .digest('hex')
    .slice(0, 20)}`;
}

/** Attempts at a command whose keys somebody else's attempt has overtaken. */
const ATTEMPTS = 6;

/** The same data were entered meanwhile, under keys of their own: they are the ones to commit by. */
class OtherKeys extends Error {}

/**
 * Enters a person, or what has changed of one. The same again is nothing.
 * The fingerprint of the request is made of the commitments, never of the name and number themselves: a plain hash of a telephone number
 * would tell it to whoever tries them all, and what is stored with an event is never erased.
 * @throws RuleViolated `person-erased`, `too-many-entries`
 */
export async function enterPerson(
  deps: PeopleDeps,
  context: CommandContext,
  command: EnterPerson,
): Promise<Executed & { id: string }> {
  const { person, ...data } = command;
  const made = directory.newEntry(data, context.now.toISOString());
  let request = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const known = await directory.readPerson(deps.directory, person);
    // With the keys gone, the command cannot be recognised any more, and it could not be carried out.
    if (known.state === 'erased') throw rules.erased(person);
    const { entry } = entryFor(known, data, made);
    const before = request;
    request = requestOf(person, entry);
    try {
      return await enterWith(deps, { ...context, request }, command, entry);
    } catch (error) {
      // The same command sent twice at once makes two sets of keys; the one that came first is in the directory by now.
      const maybe = error instanceof RuleViolated && error.type === 'idempotency-key-reused' && request !== before;
      if (!maybe && !(error instanceof OtherKeys)) throw error;
    }
  }
  throw new Conflict(`others entered ${person} first, ${ATTEMPTS} times`, {
    expected: 'send the same command again, with the same Idempotency-Key',
  });
}

async function enterWith(
  deps: PeopleDeps,
  context: CommandContext,
  { person, ...data }: EnterPerson,
  made: Entry,
): Promise<Executed & { id: string }> {
  const id = personStream(context.tenant, person);
  let beside: BesideWrite[] = [];
  const executed = await execute(
    deps.store,
    context,
    { category: 'person', id },
    async (read) => {
      context.authorise?.({ campaign: await campaignOf(deps.store, context.tenant, context.now) });
      const state = await read('person', id);
      // Read after the stream: whoever writes between the two makes the transaction fail, and it is decided again.
      const known = await directory.readPerson(deps.directory, person);
      if (known.state === 'erased') throw rules.erased(person);
      const { entry, entries } = entryFor(known, data, made);
      if (requestOf(person, entry) !== context.request) throw new OtherKeys();
      if (entries.length > directory.MOST_ENTRIES) throw tooMany(person);
      const drafts = rules.enter(state, { person, commitments: directory.commitmentsOf(entry) });
      beside = drafts.length === 0 ? [] : [directory.entered(deps.directory, person, entries)];
      return new Map([on('person', id, drafts)]);
    },
    undefined,
    () => beside,
  );
  return { ...executed, id };
}

/** The entry that holds these data, an earlier one with its keys or the one made now; and all entries with it as the last. */
function entryFor(known: KnownPerson, data: PersonData, made: Entry): { entry: Entry; entries: Entry[] } {
  const entries = known.state === 'entered' ? known.entries : [];
  const equal = entries.findLast(({ name, phone }) => name === data.name && phone === data.phone);
  const entry = equal ?? made;
  return { entry, entries: [...entries.filter((one) => one !== equal), entry] };
}

function requestOf(person: string, entry: Entry): string {
  return createHash('sha256')
    .update(JSON.stringify(['enter', person, directory.commitmentsOf(entry)]))
    .digest('base64url')
    .slice(0, 16);
}

function tooMany(person: string): RuleViolated {
  return new RuleViolated('too-many-entries', `${person} has been entered ${directory.MOST_ENTRIES} times`, {
    field: 'person',
    expected: 'a new reference for the person, and the erasure of this one',
  });
}

/** Whoever holds a post, or will, is answerable by name. @throws RuleViolated `holds-post` */
async function requireNoPost(
  deps: PeopleDeps,
  { tenant, now }: CommandContext,
  read: Read,
  person: string,
): Promise<void> {
  const { definition } = await campaignOf(deps.store, tenant, now);
  const today = townDay(now);
  await Promise.all(
    (definition?.organisations ?? []).map(async ({ id }) => {
      const { appointments } = await read('roster', id);
      const held = [...appointments.values()].find(
        (one) => samePerson(one.person, person) && (one.until === null || one.until >= today),
      );
      if (!held) return;
      throw new RuleViolated(
        'holds-post',
        `${person} holds a post of ${id}: ${held.post}, appointment ${held.appointment}`,
        {
          field: 'person',
          expected: 'to be relieved first, and the last day to be over',
        },
      );
    }),
  );
}

/**
 * Erases a person: name, number and the keys of the commitments are gone with the event that says so. Again it is nothing.
 * @throws NotFound `unknown-person`; RuleViolated `erases-itself`, `holds-post`
 */
export async function erasePerson(
  deps: PeopleDeps,
  context: CommandContext,
  command: { person: string; reason: string },
): Promise<Executed & { id: string }> {
  const { person } = command;
  const id = personStream(context.tenant, person);
  const executed = await execute(
    deps.store,
    context,
    { category: 'person', id },
    async (read) => {
      context.authorise?.({ campaign: await campaignOf(deps.store, context.tenant, context.now) });
      await requireNoPost(deps, context, read, person);
      const by = [context.actor, context.confirms?.second].flatMap((one) => one?.person ?? []);
      return new Map([on('person', id, rules.erase(await read('person', id), command, by))]);
    },
    undefined,
    () => [directory.forgotten(deps.directory, person)],
  );
  return { ...executed, id };
}

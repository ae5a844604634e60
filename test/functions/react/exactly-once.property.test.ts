// Over random histories: people grade, refuse, reject, extend, state limits, declare danger, sign off and find again,
// the district accepts, gives back and decides, on servers whose clocks differ; the reaction wakes late, twice, several
// at once, not at all, by a late clock, and dies at any call of the store or around the keeping of a dossier. Compared
// with the rules by hand: no case is doubled, none lost, no ground invented or twice, every dossier that was called for
// is there once, with its hash, and what the district gave back stays with the town until it is answered.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ESCALATION_GROUNDS, escalationEvents, type EscalationEvent } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { sha256Of } from '../../../functions/runtime/dossier-store.ts';
import { escalationId } from '../../../shared/rules/perform/escalation.ts';
import { interleave } from '../../support/interleave.ts';
import { firedBy, isOpenNow } from './rules-by-hand.ts';
import { ACT_COUNT, makeWorld, type World } from './world.ts';
import { FULL, share } from '../../support/runs.ts';

type Act = Parameters<World['people']>[0];

type Step =
  | ({ kind: 'people' } & Act)
  | {
      kind: 'wake';
      /** what was written is not in the log yet: the wake-up came before the sequencer's */
      early: boolean;
      runs: number;
      /** the call at which the first of them dies, or that fails once */
      crash: number | null;
      once: boolean;
      /** ms by which its clock is late */
      behind: number;
      /** what somebody does between two of its steps */
      meanwhile: Act | null;
      choices: number[];
    };

/** Within one millisecond, a moment, and more than the campaign is remembered for. */
const behind = fc.constantFrom(0, 0, 0, 1, 5_000, 86_400_000);

const act = {
  what: fc.nat(ACT_COUNT - 1),
  which: fc.constantFrom(0, 0, 0, 1),
  // several things within one millisecond, and days apart
  after: fc.constantFrom(0, 1, 1, 60_000, 86_400_000),
  behind,
};

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('people' as const), ...act }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wake' as const),
      early: fc.boolean(),
      runs: fc.constantFrom(1, 1, 2, 3),
      crash: fc.option(fc.nat(60), { freq: 3 }),
      once: fc.boolean(),
      behind,
      meanwhile: fc.option(fc.record(act), { freq: 2 }),
      choices: fc.array(fc.nat(5), { maxLength: 12 }),
    }),
  },
);

type Wake = Extract<Step, { kind: 'wake' }>;

class Died extends Error {}

async function wake(world: World, { early, runs, crash, once, choices, meanwhile, ...one }: Wake): Promise<void> {
  if (!early) await world.settle();
  const { pause, run } = interleave(choices);
  const together = runs > 1 || meanwhile !== null;
  const tasks = Array.from({ length: runs }, async (_, nth) => {
    let calls = 0;
    const point = async (): Promise<void> => {
      if (together) await pause();
      if (nth !== 0 || crash === null) return;
      // dead is dead: whatever it still tries comes to nothing
      const call = calls++;
      if (once ? call === crash : call >= crash) throw new Died();
    };
    await world.wake(point, point, one.behind).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
  });
  if (meanwhile) tasks.push(pause().then(() => world.people(meanwhile)));
  await (together ? run(tasks) : Promise.all(tasks));
}

/** Wake-ups that nothing disturbs, until nothing more follows. */
async function quiet(world: World): Promise<void> {
  for (let size = -1; ;) {
    await world.settle();
    const now = await world.size();
    if (now === size) return;
    size = now;
    await world.wake(() => {});
  }
}

const missingFiles = (files: readonly { sha256: string }[], { dossiers }: World): string[] =>
  files.flatMap(({ sha256 }) => {
    const bytes = dossiers.files.get(sha256);
    return bytes && sha256Of(bytes) === sha256 ? [] : [sha256];
  });

/** Dossiers that are named at this moment and cannot be had. */
const notKept = (world: World): string[] =>
  [...(world.streams('escalation') as Map<string, EscalationEvent[]>).values()].flatMap((events) =>
    events.flatMap((event) => (event.type === 'DossierCompiled' ? missingFiles(event.data.files, world) : [])),
  );

/** What is wrong with the stream of one case. */
function faultsOf(id: string, events: readonly EscalationEvent[], world: World): string[] {
  const faults: string[] = [];
  const say = (fault: string, event: EscalationEvent): void => void faults.push(`${event.id}: ${fault}`);
  let rules = new Set<string>();
  let calls = 0;
  let waits = false; // for what the district missed
  let decided = false;
  const compiled = new Set<number>();
  for (const [nth, event] of events.entries()) {
    switch (event.type) {
      case 'EscalationProposed':
        if ((event.data.before === null) !== (nth === 0)) say('begun twice, or not at all', event);
        if (nth > 0 && !decided) say('comes up again, and was not decided', event);
        [rules, decided] = [new Set([event.data.rule]), false];
        calls += 1;
        break;
      case 'EscalationGroundAdded':
        if (rules.has(event.data.rule)) say(`the ground ${event.data.rule} twice`, event);
        rules.add(event.data.rule);
        if (!waits || event.data.urgent) calls += 1;
        if (event.data.urgent) waits = false;
        break;
      case 'MaterialAdded':
        if (event.data.left.length > 0) break;
        calls += 1;
        waits = false;
        break;
      case 'DossierCompiled': {
        const { round, files } = event.data;
        if (compiled.has(round)) say(`the dossier ${round} twice`, event);
        if (round > calls) say(`the dossier ${round}, which nobody called for`, event);
        compiled.add(round);
        for (const file of missingFiles(files, world)) say(`its dossier ${file} is not there`, event);
        break;
      }
      case 'EscalationSubmitted':
        if (waits) say('goes up again without what the district missed', event);
        break;
      case 'EscalationReturned':
        waits = true;
        break;
      case 'EscalationResolved':
        decided = true;
        break;
      case 'EscalationAccepted':
      case 'EscalationVerified':
        break;
    }
  }
  const { status, missing } = world.case(id);
  if (status === 'proposed' || (status === 'returned' && !waits)) faults.push(`${id}: ${status}, and stuck`);
  if (status === 'returned' && missing.length === 0) faults.push(`${id}: returned, and nothing is missing`);
  if (!decided && !compiled.has(calls)) faults.push(`${id}: the dossier ${calls} was called for and is not there`);
  return faults;
}

/** Grounds that a rule gave in a hazard's present cycle, and that its case does not show. */
function lost(events: readonly HazardEvent[], world: World): string[] {
  if (!isOpenNow(events)) return [];
  const fired = firedBy(events);
  const openedBy = events.findLast(({ type }) => type === 'HazardFound' || type === 'RecurrenceFound')!.id;
  const id = escalationId(openedBy);
  const shown = new Set<string>(world.case(id).grounds.map(({ rule }) => rule));
  // what was on record when the district decided was decided with it
  const decided = world.decidedOn.get(id)?.at(-1) ?? 0;
  return fired
    .filter((one) => one.openedBy === openedBy && one.version > decided && !shown.has(one.rule))
    .map(({ cause, rule }) => `${cause}: ${rule} fired, and no case shows it`);
}

/** Grounds that no event gave, that came of an event of another cycle or from before the decision, or twice of the same. */
function invented(world: World, hazards: Iterable<HazardEvent[]>): string[] {
  const fired = new Map<string, { id: string; version: number }>(
    [...hazards].flatMap((events) =>
      firedBy(events).map(
        ({ rule, cause, version, openedBy }) => [`${cause} ${rule}`, { id: escalationId(openedBy), version }] as const,
      ),
    ),
  );
  const faults: string[] = [];
  for (const [id, events] of world.streams('escalation') as Map<string, EscalationEvent[]>) {
    let decisions = 0;
    for (const event of events) {
      if (event.type === 'EscalationResolved') decisions += 1;
      if (event.type !== 'EscalationProposed' && event.type !== 'EscalationGroundAdded') continue;
      if (event.data.rule === 'office') continue; // a person's judgement
      const ground = `${event.cause} ${event.data.rule}`;
      const found = fired.get(ground);
      const since = decisions === 0 ? 0 : world.decidedOn.get(id)![decisions - 1]!;
      if (found?.id !== id) faults.push(`${event.id}: ${ground} gave no ground to this case, or gave it before`);
      else if (found.version <= since) faults.push(`${event.id}: ${ground} was decided already`);
      fired.delete(ground);
    }
  }
  return faults;
}

const EVENTS = escalationEvents.map(({ type }) => type);
/** `overdue` is the clock's. */
const GROUNDS = Object.keys(ESCALATION_GROUNDS).filter((rule) => rule !== 'overdue');
const seen = new Set<string>();

test(
  'no case, ground or dossier is lost or doubled, whatever wakes when and dies where',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 24, size: 'max' }), async (steps) => {
        const world = await makeWorld();
        const hazards = () => world.streams('hazard') as Map<string, HazardEvent[]>;
        const lostNow = () => [...hazards().values()].flatMap((events) => lost(events, world));
        const faults: string[] = [];
        for (const one of steps) {
          if (one.kind === 'people') {
            await world.people(one);
            continue;
          }
          await wake(world, one);
          faults.push(...notKept(world));
          // a wake-up that saw everything and met no failure has lost nothing, however the ones before it ended
          if (!one.early && one.crash === null && !one.meanwhile) faults.push(...lostNow());
        }
        await quiet(world);
        const cases = [...world.streams('escalation')] as [string, EscalationEvent[]][];
        faults.push(...cases.flatMap(([id, events]) => faultsOf(id, events, world)), ...lostNow());
        expect([...faults, ...invented(world, hazards().values())]).toEqual([]);
        for (const [, events] of cases) {
          for (const { type, data } of events) {
            seen.add(type);
            if ('rule' in data) seen.add(data.rule);
          }
          if (events.filter(({ type }) => type === 'EscalationProposed').length > 1) seen.add('again');
        }
      }),
      { numRuns: share(1000), endOnFailure: false },
    );
    // the histories get through the whole life of a case, and beyond; every rule that an event can fire fires
    const all = [...EVENTS, ...GROUNDS, 'again'].toSorted();
    expect(FULL ? [...seen].toSorted() : all).toEqual(all);
  },
);

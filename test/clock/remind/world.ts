// A small town for random histories of the clock: three hazards at one unit on the in-memory tables, people who act on
// them, and wake-ups of the clock that come late, twice, at once, on views that lag, or die on the way. Views are
// written here by the real fold, as far as told.
import { decodeEvent } from '../../../events/catalogue.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import type { RuleSet } from '../../../events/campaign.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { hazard, nextActs, type HazardState } from '../../../shared/rules/hazard/hazard.ts';
import { dueAfterRejection } from '../../../shared/rules/hazard/rectification.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import { hazardId } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import { DaochaError } from '../../../events/errors.ts';
import { remind, type Reminded, type RemindDeps } from '../../../shared/clock/remind/run.ts';
import type { RunMode } from '../../../shared/clock/remind/rules.ts';
import { commitFromItem } from '../../../shared/record/store/commit.ts';
import { ABSENT, documentItems, foldDocument } from '../../../shared/reading/views/apply.ts';
import { DEADLINE_SK, deadlineKey, deadlinesView } from '../../../shared/reading/deadline/list.ts';
import { viewPartition, type DocumentKey, type DocumentView } from '../../../shared/reading/views/view.ts';
import { WAIT_SK, waitKey, waitsView } from '../../../shared/reading/waiting/list.ts';
import { contextAt } from '../../rules/perform/town.ts';
import { TENANT } from '../../support/builders.ts';
import { FakeDynamo, type Hook } from '../../support/fake-dynamo.ts';
import { endOfTownDay, plusDays, townDay } from '../../../shared/town-time.ts';

export const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Noon in town on the first day; the campaign is on, and no holiday is near. */
export const START = Date.parse('2025-05-08T04:00:00.000Z');
const CLAUSES = ['GAS-01', 'GAS-02', 'GAS-03'] as const;
export const HAZARDS = CLAUSES.map((clause) => hazardId('u_1', 'gas', clause));

/** A ladder with a rung of each sort; no reports, so that a run reads little. */
export const RULES: RuleSet = {
  version: 1,
  effectiveFrom: '2025-04-25',
  monthlyReport: { day: 24, cutoff: 'by' },
  longestRectification: {},
  ladder: LIANTANG_RULES.ladder!.filter(({ rung }) => ['-3', '-1', '0', '+1'].includes(rung)),
  calendar: { years: [2025, 2026] },
};

let base: Promise<FakeDynamo> | undefined;

/** The town before anything is ordered: built once, copied for each history. */
async function newTown(): Promise<FakeDynamo> {
  base ??= (async () => {
    const fake = new FakeDynamo();
    const store = { dynamo: fake.client, table: 'events' };
    const now = new Date(START - 240 * HOUR);
    await seedCampaign(store, contextAt('p-admin', 'office', now), {
      definition: LIANTANG,
      ruleSet: RULES,
      targets: [],
    });
    const details = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };
    await registerUnit(store, contextAt('p-office', 'office', now), { id: 'u_1', details });
    const answers = CLAUSES.map((clause, n) => ({ item: String(n), clause, answer: 'problem' as const }));
    const visit = { unit: 'u_1', track: 'gas' as const, mode: 'routine' as const, inspectors: [], answers };
    await recordInspection(store, contextAt('p-inspector', 'guijianban', now), visit);
    for (const id of HAZARDS) {
      await perform(store, contextAt('p-dept', 'guijianban', now), hazardCommands.gradeHazard, id, {
        grade: 'general',
        basis: 'b',
      });
      await perform(store, contextAt('p-office', 'office', now), hazardCommands.assignHazard, id, { to: 'guijianban' });
    }
    return fake;
  })();
  const copy = new FakeDynamo();
  for (const item of (await base).items('events')) copy.seed('events', item);
  return copy;
}

export interface World {
  fake: FakeDynamo;
  now: () => Date;
  pass: (hours: number) => void;
  /** somebody does what is possible for a hazard; `how` chooses */
  people: (nth: number, how: number) => Promise<void>;
  /** writes the deadlines view as it is without the last `lag` events of each hazard */
  project: (lag?: number) => void;
  /** one run of the clock, by a process with this hook */
  wake: (mode: RunMode, options?: { hook?: Hook; now?: Date }) => Promise<Reminded>;
  events: (id: string) => HazardEvent[];
  state: (id: string) => HazardState;
}

export async function makeWorld(): Promise<World> {
  const fake = await newTown();
  let at = START;
  const now = () => new Date(at);
  const store = { dynamo: fake.client, table: 'events' };

  const events = (id: string): HazardEvent[] =>
    fake
      .items('events')
      .map(commitFromItem)
      .filter(({ stream }) => parseStreamKey(stream).id === id)
      .flatMap((commit) => commit.events.map((bytes) => decodeEvent(bytes) as HazardEvent));
  const state = (id: string): HazardState => foldAll(hazard, events(id));

  return {
    fake,
    now,
    pass: (hours) => {
      at += hours * HOUR;
    },
    people: async (nth, how) => {
      const id = HAZARDS[nth % HAZARDS.length]!;
      // now and then it all goes well, and later comes back
      const steps = how % 5 === 0 ? 4 : 1;
      for (let n = 0; n < steps; n++) {
        at += MINUTE; // nobody does two things at once
        try {
          await doSomething(store, events(id), id, steps > 1 ? ONWARD : how, now());
        } catch (error) {
          if (!(error instanceof DaochaError)) throw error;
        }
      }
    },
    project: (lag = 0) => {
      for (const id of HAZARDS) {
        const known = events(id);
        const seen = known.slice(0, Math.max(0, known.length - lag)).map((event, position) => ({ event, position }));
        for (const [view, where] of [
          [deadlinesView, { key: deadlineKey('hazard', id), sk: DEADLINE_SK }],
          [waitsView, { key: waitKey('hazard', id), sk: WAIT_SK }],
        ] as [DocumentView<object>, DocumentKey][]) {
          const concerned = seen.filter(({ event }) => view.keys(event).length > 0);
          const document = foldDocument<object>(view, where, ABSENT, concerned);
          if (!document.doc) continue;
          const pk = viewPartition(TENANT, 1, view.name, where.key);
          for (const item of documentItems(pk, view, where, document)) fake.seed('views', item);
        }
      }
    },
    wake: (mode, { hook, now: own } = {}) => {
      const dynamo = hook ? fake.clientWith(hook) : fake.client;
      const deps: RemindDeps = {
        store: { dynamo, table: 'events' },
        views: { dynamo, events: 'events', log: 'log', views: 'views', tenant: TENANT, now, backoff: async () => {} },
        sleep: async () => {},
        failed: () => {},
      };
      return remind(deps, { mode, now: own ?? now() });
    },
    events,
    state,
  };
}

/** Chooses among what is possible what leads to the sign-off. */
const ONWARD = -1;

/** One of the acts that are possible, most of them such that due dates come, go, move and come back. */
async function doSomething(
  store: { dynamo: FakeDynamo['client']; table: string },
  before: readonly HazardEvent[],
  id: string,
  how: number,
  now: Date,
): Promise<void> {
  const state = foldAll(hazard, before);
  const wanted = new Set<string>([
    'order',
    'submit',
    'reject',
    'verify',
    'signOff',
    'requestExtension',
    'approveExtension',
    'reassign',
  ]);
  const possible = nextActs(state).filter((act) => wanted.has(act));
  const onward = possible.find((one) => ['submit', 'verify', 'signOff'].includes(one));
  // what was asked for or handed in is answered soon, or hardly any history has a date that was moved, or one that stands after a rejection
  const asked = how % 3 > 0 ? possible.find((one) => one === 'approveExtension' || one === 'reject') : undefined;
  const any = asked ?? possible[Math.abs(how) % Math.max(1, possible.length)];
  // seen again, what was verified does not stand
  const seen = state.status === 'signed-off' || (state.status === 'verified' && how % 4 === 1);
  const act = seen ? 'recur' : how === ONWARD ? (onward ?? any) : any;
  const department = contextAt(`p-dept-${how % 3}`, 'guijianban', now);
  const today = townDay(now.toISOString());
  const inDays = (days: number) => endOfTownDay(plusDays(today, days));
  const village = contextAt('p-village', 'village-01', now);
  const office = contextAt('p-office', 'office', now);
  const inspector = contextAt('p-inspector', 'guijianban', now);
  // now and then for the very date that was ordered before, in this cycle or in the one that is over, or for an hour of today
  const soon = how % 3 === 0 ? new Date(now.getTime() + 5 * HOUR).toISOString() : inDays(how % 12);
  const last = before.findLast((event) => event.type === 'RectificationOrdered')?.data.due;
  const due = how % 2 === 1 && last !== undefined && last > now.toISOString() ? last : soon;
  const visit = {
    unit: 'u_1',
    track: 'gas' as const,
    mode: 'routine' as const,
    inspectors: [],
    answers: [{ item: '1', clause: CLAUSES[HAZARDS.indexOf(id)]!, answer: 'problem' as const }],
  };
  const deeds: Record<string, () => Promise<unknown>> = {
    order: () =>
      perform(store, department, hazardCommands.orderRectification, id, { measures: `m${how}`, due, authority: 'a' }),
    submit: () => perform(store, village, hazardCommands.submitRectification, id, { statement: 's' }),
    reject: () => {
      const again = dueAfterRejection(state, RULES, now.toISOString()) && inDays(1 + (how % 6));
      return perform(store, department, hazardCommands.verifyRectification, id, {
        result: 'rejected',
        reason: 'r',
        due: again,
      });
    },
    verify: () => perform(store, department, hazardCommands.verifyRectification, id, { result: 'passed', basis: 'b' }),
    signOff: () => perform(store, department, hazardCommands.signOffHazard, id, {}),
    requestExtension: () =>
      perform(store, village, hazardCommands.requestExtension, id, { due: inDays(3 + (how % 15)), reason: 'r' }),
    approveExtension: () => perform(store, office, hazardCommands.approveExtension, id, { reason: 'r' }),
    reassign: () =>
      perform(store, office, hazardCommands.reassignHazard, id, {
        to: how % 2 ? 'shichangsuo' : 'guijianban',
        reason: 'r',
      }),
    recur: () => recordInspection(store, inspector, visit),
  };
  await deeds[act ?? '']?.();
}

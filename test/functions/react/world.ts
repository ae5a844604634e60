// A small town for random histories of the reaction: two hazards at one unit on the in-memory tables, people of town
// and district who act on them and on their cases, and wake-ups of the sequencer, the projection and the reaction that
// come late, twice, at once, not at all, or die on the way. Each server has a clock of its own, and some of them are
// late.
import { decodeEvent, type DaochaEvent } from '../../../events/catalogue.ts';
import { parseStreamKey, type Category } from '../../../events/envelope.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { makeReact } from '../../../functions/react/react.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import * as escalationCommands from '../../../shared/rules/escalation/commands.ts';
import * as cases from '../../../shared/rules/perform/escalation.ts';
import { hazardId, type CommandContext } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { escalation, type EscalationState } from '../../../shared/rules/escalation/escalation.ts';
import { hazard, type HazardState } from '../../../shared/rules/hazard/hazard.ts';
import { DaochaError } from '../../../events/errors.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { commitFromItem } from '../../../shared/record/store/commit.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { projectionName, type ViewDeps } from '../../../shared/reading/views/view.ts';
import { contextAt } from '../../rules/perform/town.ts';
import { TENANT } from '../../support/builders.ts';
import { memoryDossiers, type MemoryDossiers } from '../../support/dossiers.ts';
import { DAOCHA_TABLES, FakeDynamo, type Hook } from '../../support/fake-dynamo.ts';

const CLAUSES = ['GAS-01', 'GAS-02'] as const;
export const HAZARDS = CLAUSES.map((clause) => hazardId('u_1', 'gas', clause));
const START = Date.parse('2025-05-08T04:00:00.000Z');
/** What a case needs of the views: the index of the unit. */
const INDEX = VIEWS.filter(({ name }) => name === 'timeline');

let base: Promise<FakeDynamo> | undefined;

/** The town with two hazards ordered and nothing in the log: built once, copied for each history. */
async function newTown(): Promise<FakeDynamo> {
  base ??= (async () => {
    const fake = new FakeDynamo();
    const store = { dynamo: fake.client, table: 'events' };
    const now = new Date(START - 3_600_000);
    const context = (person: string) => contextAt(person, 'office', now);
    await seedCampaign(store, context('p-admin'), { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: [] });
    const details = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas' as const] };
    await registerUnit(store, context('p-office'), { id: 'u_1', details });
    await inspect(store, context('p-inspector'));
    for (const id of HAZARDS) {
      await perform(store, context('p-dept'), hazardCommands.gradeHazard, id, { grade: 'general', basis: 'b' });
      await perform(store, context('p-office'), hazardCommands.assignHazard, id, { to: 'guijianban' });
      await perform(store, context('p-dept'), hazardCommands.orderRectification, id, order(now));
    }
    return fake;
  })();
  const copy = new FakeDynamo(DAOCHA_TABLES);
  for (const item of (await base).items('events')) copy.seed('events', item);
  return copy;
}

const order = (now: Date) => ({
  measures: 'm',
  due: new Date(now.getTime() + 40 * 86_400_000).toISOString(),
  authority: 'a',
});

function inspect(store: { dynamo: ReturnType<FakeDynamo['clientWith']>; table: string }, context: CommandContext) {
  const answers = CLAUSES.map((clause, n) => ({ item: String(n), clause, answer: 'problem' as const }));
  return recordInspection(store, context, { unit: 'u_1', track: 'gas', mode: 'routine', inspectors: [], answers });
}

export interface World {
  fake: FakeDynamo;
  dossiers: MemoryDossiers;
  /** everything recorded of a category, by stream id */
  streams: (category: Category) => Map<string, DaochaEvent[]>;
  hazard: (id: string) => HazardState;
  case: (id: string) => EscalationState;
  /** how far the hazard was in truth each time that its case was decided, by case; whatever clocks say */
  decidedOn: Map<string, number[]>;
  /** somebody does something `after` ms, on a server whose clock is `behind` ms late; what is not allowed simply does not happen */
  people: (act: { what: number; which: number; after: number; behind: number }) => Promise<void>;
  /** gives positions, and shows the views, all that is there */
  settle: () => Promise<void>;
  /** a wake-up of the reaction, on a client of its own whose clock is `behind` ms late, with steps that may fail or wait */
  wake: (hook: Hook, put?: () => Promise<void>, behind?: number) => Promise<void>;
  size: () => Promise<number>;
}

export async function makeWorld(): Promise<World> {
  const fake = await newTown();
  const dossiers = memoryDossiers();
  let at = START;
  const decidedOn: World['decidedOn'] = new Map();
  const clock =
    (behind = 0) =>
    (): Date =>
      new Date(at - behind);
  const viewsOf = (dynamo: ReturnType<FakeDynamo['clientWith']>, now = clock()): ViewDeps => ({
    dynamo,
    events: 'events',
    log: 'log',
    views: 'views',
    tenant: TENANT,
    now,
    backoff: () => Promise.resolve(),
  });
  const views = viewsOf(fake.client);
  const store = { dynamo: fake.client, table: 'events' };

  const streams: World['streams'] = (category) => {
    const found = new Map<string, DaochaEvent[]>();
    for (const { stream, events } of fake.items('events').map(commitFromItem)) {
      const key = parseStreamKey(stream);
      if (key.category !== category) continue;
      found.set(key.id, [...(found.get(key.id) ?? []), ...events.map(decodeEvent)]);
    }
    return found;
  };
  const settle = async (): Promise<void> => {
    const keys = fake
      .items('events')
      .map(({ stream, version }) => ({ stream: stream!.S!, version: Number(version!.N) }));
    await sequence(views, keys);
    await follow(views, projectionName(1), async (batch) => void (await applyBatch(views, 1, INDEX, batch)));
  };
  const state: World['hazard'] = (id) => foldAll(hazard, (streams('hazard').get(id) ?? []) as HazardEvent[]);
  const caseState: World['case'] = (id) =>
    foldAll(escalation, (streams('escalation').get(id) ?? []) as EscalationEvent[]);

  return {
    fake,
    dossiers,
    streams,
    decidedOn,
    hazard: state,
    case: caseState,
    settle,
    size: async () => (await readHead(views)).size,
    wake: async (hook, put = () => Promise.resolve(), behind = 0) => {
      const dynamo = fake.clientWith(hook);
      const react = makeReact({
        views: { ...viewsOf(dynamo, clock(behind)), sleep: settle },
        store: { dynamo, table: 'events' },
        dossiers: {
          ...dossiers,
          put: async (bytes, mediaType) => {
            await put();
            const sha256 = await dossiers.put(bytes, mediaType);
            await put();
            return sha256;
          },
        },
        // the real one takes a hundred times as long, and its bytes are the subject of another test
        compile: ({ id, round, position, hazardEvents, unitEvents }) =>
          Promise.resolve(
            new TextEncoder().encode(JSON.stringify([id, round, position, hazardEvents.length, unitEvents.length])),
          ),
        batch: 3,
        logger: {
          info: () => {},
          error: (message, facts) => {
            throw new Error(`${message}: ${JSON.stringify(facts)}`);
          },
        },
        metrics: { addMetric: () => {} },
      });
      await react({ Records: [] });
    },
    people: async ({ what, which, after, behind }) => {
      at += after;
      const id = HAZARDS[which % HAZARDS.length]!;
      const caseIds = [...streams('escalation').keys()];
      const one = caseIds[which % Math.max(1, caseIds.length)] ?? 'e_none';
      const now = clock(behind)();
      const before = caseState(one);
      try {
        await ACTS[what % ACTS.length]!({
          store,
          context: (person, organisation) => contextAt(person, organisation, now),
          id,
          case: one,
          now,
        });
      } catch (error) {
        if (!(error instanceof DaochaError)) throw error;
      }
      const since = caseState(one);
      if (since.decision !== null && before.decision === null) {
        const { version } = streams('hazard').get(since.hazard!)!.at(-1)!;
        decidedOn.set(one, [...(decidedOn.get(one) ?? []), version]);
      }
    },
  };
}

interface Doing {
  store: { dynamo: FakeDynamo['client']; table: string };
  context: (person: string, organisation: string) => CommandContext;
  id: string;
  case: string;
  now: Date;
}

/** What people may do: each several times over a history, in any order. */
const ACTS: ((doing: Doing) => Promise<unknown>)[] = [
  ({ store, context, id }) =>
    perform(store, context('p-dept', 'guijianban'), hazardCommands.gradeHazard, id, { grade: 'major', basis: 'b' }),
  ({ store, context, id }) =>
    perform(store, context('p-dept', 'guijianban'), hazardCommands.gradeHazard, id, { grade: 'general', basis: 'b' }),
  ({ store, context, id }) =>
    perform(store, context(`p-${id}`, 'guijianban'), hazardCommands.refuseOrder, id, { reason: 'r' }),
  ({ store, context, id, now }) =>
    perform(store, context('p-dept', 'guijianban'), hazardCommands.stateLimit, id, {
      limit: 'power',
      reason: now.toISOString(),
    }),
  ({ store, context, id, now }) =>
    perform(store, context('p-dept', 'guijianban'), hazardCommands.declareDanger, id, { reason: now.toISOString() }),
  ({ store, context, id, now }) =>
    perform(store, context('p-village', 'village-01'), hazardCommands.submitRectification, id, {
      statement: now.toISOString(),
    }),
  ({ store, context, id, now }) =>
    perform(store, context('p-village', 'village-01'), hazardCommands.submitRectification, id, {
      statement: now.toISOString(),
    }),
  ({ store, context, id, now }) =>
    perform(store, context('p-dept', 'guijianban'), hazardCommands.verifyRectification, id, {
      result: 'rejected',
      reason: now.toISOString(),
    }),
  ({ store, context, id, now }) =>
    perform(store, context('p-dept', 'guijianban'), hazardCommands.verifyRectification, id, {
      result: 'rejected',
      reason: now.toISOString(),
    }),
  async ({ store, context, id, now }) => {
    const due = new Date(now.getTime() + 45 * 86_400_000).toISOString();
    await perform(store, context('p-village', 'village-01'), hazardCommands.requestExtension, id, {
      due,
      reason: now.toISOString(),
    });
    await perform(store, context('p-leader', 'office'), hazardCommands.approveExtension, id, {
      reason: now.toISOString(),
    });
  },
  async ({ store, context, id, now }) => {
    await perform(store, context('p-dept', 'guijianban'), hazardCommands.verifyRectification, id, {
      result: 'passed',
      basis: now.toISOString(),
    });
    await perform(store, context('p-dept', 'guijianban'), hazardCommands.signOffHazard, id, {});
  },
  async ({ store, context, id, now }) => {
    await inspect(store, context('p-inspector', 'guijianban'));
    await perform(store, context('p-dept', 'guijianban'), hazardCommands.orderRectification, id, order(now));
  },
  ({ store, context, id }) =>
    cases.proposeByOffice(store, context('p-office', 'office'), id, { limit: 'capacity', reason: 'r' }),
  ({ store, context, case: one }) =>
    perform(store, context('p-district', 'district-construction'), escalationCommands.acceptEscalation, one, {}),
  ({ store, context, case: one }) =>
    perform(store, context('p-district', 'district-construction'), escalationCommands.acceptEscalation, one, {}),
  ({ store, context, case: one, now }) =>
    perform(store, context('p-district', 'district-construction'), escalationCommands.returnEscalation, one, {
      missing: [now.toISOString(), '照片'],
    }),
  ({ store, context, case: one, now }) =>
    perform(store, context('p-office', 'office'), escalationCommands.addMaterial, one, { note: now.toISOString() }),
  ({ store, context, case: one, now }) =>
    cases.resolveEscalation(store, context('p-district', 'district-construction'), one, {
      decision: now.toISOString(),
    }),
  ({ store, context, case: one, now }) =>
    perform(store, context('p-office', 'office'), escalationCommands.verifyEscalation, one, {
      note: now.toISOString(),
    }),
];
/** The case goes on by whoever may take it on, so that histories get through to its end and beyond. */
const leadOn = async (doing: Doing): Promise<void> => {
  const { store, context, case: one, now } = doing;
  const district = () => context('p-district', 'district-construction');
  const text = now.toISOString();
  const steps = [
    () => perform(store, district(), escalationCommands.acceptEscalation, one, {}),
    () => cases.resolveEscalation(store, district(), one, { decision: text }),
    () => perform(store, context('p-office', 'office'), escalationCommands.verifyEscalation, one, { note: text }),
  ];
  for (const step of steps) {
    const { added } = await step().catch(() => ({ added: 0 }));
    if (added > 0) return;
  }
};
/** The hazard goes through a cycle and comes back, so that histories see it come back more than once. */
const comeBack = async ({ store, context, id, now }: Doing): Promise<void> => {
  const department = () => context('p-dept', 'guijianban');
  const text = now.toISOString();
  await perform(store, context('p-village', 'village-01'), hazardCommands.submitRectification, id, { statement: text });
  await perform(store, department(), hazardCommands.verifyRectification, id, { result: 'passed', basis: text });
  await perform(store, department(), hazardCommands.signOffHazard, id, {});
  await inspect(store, context('p-inspector', 'guijianban'));
  await perform(store, department(), hazardCommands.orderRectification, id, order(now));
};
ACTS.push(leadOn, leadOn, leadOn, leadOn, comeBack, comeBack);
export const ACT_COUNT = ACTS.length;

// Work for the benchmarks: the year of a town, made by the same commands that the API carries out, on a store in memory, so that
// making it costs the engine nothing. Each unit is registered, inspected five times, and has two hazards that go from found to signed
// off (at every fourth unit one stays open): 24 events in 23 commits, those of different units mixed by time.
import { BatchWriteItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { makeProject } from '../../functions/project/project.ts';
import { makeSeal } from '../../functions/seal/seal.ts';
import { makeSequence } from '../../functions/sequence/sequence.ts';
import { localKey } from '../../shared/record/tlog/ed25519.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../shared/rules/perform/campaign.ts';
import { hazardId, type CommandContext } from '../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../shared/rules/hazard/commands.ts';
import { perform } from '../../shared/rules/perform/perform.ts';
import { recordInspection } from '../../shared/rules/perform/inspection.ts';
import { registerUnit } from '../../shared/rules/perform/unit.ts';
import { concurrently } from '../../shared/record/log/batch.ts';
import { commitFromItem, itemFromCommit, type Commit, type CommitKey } from '../../shared/record/store/commit.ts';
import type { StoreDeps } from '../../shared/record/store/store.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';

export const TENANT = 'liantang';
const DAY = 24 * 3_600_000;
const BEGIN = Date.parse('2025-05-08T02:00:00.000Z');
const CLAUSES = ['GAS-01', 'GAS-02', 'GAS-03', 'GAS-04', 'GAS-05', 'GAS-06'];

type Item = Record<string, AttributeValue>;

export const unitDetails = (name: string) => ({
  name: `练塘某餐饮店 ${name}`,
  kind: '餐饮',
  address: '练塘镇示例路 1 号',
  area: 'village-01',
  tracks: ['gas' as const],
});

/** The answers of an inspection of six items, some of them problems. */
export const answers = (problems: number) =>
  CLAUSES.map((clause, n) => ({
    item: String(n + 1),
    clause,
    answer: n < problems ? ('problem' as const) : ('ok' as const),
    ...(n < problems ? { text: '软管老化，未装熄火保护装置' } : {}),
  }));

/**
 * The commits of a number of units, in order of time.
 * @param prefix of the units' ids: different ones do not meet
 */
export async function townCommits(prefix: string, units: number): Promise<Commit[]> {
  const items: Item[] = [];
  for (let n = 0; n < units; n += 1) {
    const unit = await beginUnit(`u_${prefix}_${n}`, BEGIN + n * 3_600_000);
    for (let visit = 0; visit < 3; visit += 1) await unit.inspect(0);
    await unit.inspect(2);
    await unit.rectify(0);
    if (n % 4 !== 3) await unit.rectify(1);
    await unit.inspect(0);
    items.push(...unit.items);
  }
  return inOrderOfTime(items);
}

/** One unit with nothing but clean inspections: a long history. */
export async function inspectedUnit(id: string, inspections: number): Promise<Commit[]> {
  const unit = await beginUnit(id, BEGIN);
  for (let visit = 0; visit < inspections; visit += 1) await unit.inspect(0);
  return inOrderOfTime(unit.items);
}

/** One unit whose first hazard comes back again and again: thirty clean inspections, one that finds it, its rectification, and so on. */
export async function tracedUnit(id: string, events: number): Promise<Commit[]> {
  const unit = await beginUnit(id, BEGIN);
  const soFar = (): number => eventsIn(unit.items.map(commitFromItem));
  for (let cycle = 0; soFar() < events; cycle += 1) {
    for (let visit = 0; visit < 30; visit += 1) await unit.inspect(0);
    await unit.inspect(1);
    await unit.rectify(0, cycle > 0);
  }
  return inOrderOfTime(unit.items);
}

const inOrderOfTime = (items: readonly Item[]): Commit[] =>
  items
    .map(commitFromItem)
    .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0));

async function beginUnit(id: string, begin: number) {
  const memory = memoryStore();
  let time = begin;
  let command = 0;
  const as = (person: string): CommandContext => {
    time += DAY;
    command += 1;
    const now = new Date(time);
    const name = `bench/${id}/${command}`;
    const actor = { person, post: '科员', organisation: 'guijianban' };
    return { tenant: TENANT, command: name, request: `request of ${name}`, actor, source: 'api', now };
  };
  const campaign = { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: [] };
  await seedCampaign(memory.deps, { ...as('p-office-1'), now: new Date(begin) }, campaign);
  memory.items.length = 0; // the engine has its own campaign
  await registerUnit(memory.deps, as('p-office-1'), { id, details: unitDetails(id) });
  return {
    items: memory.items,
    inspect: (problems: number) =>
      recordInspection(memory.deps, as('p-inspector-1'), {
        unit: id,
        track: 'gas',
        mode: 'routine',
        template: { id: 'gas-restaurant', version: 1 },
        inspectors: ['p-inspector-1'],
        answers: answers(problems),
      }),
    /** @param again it has come back: it keeps its grade and who is responsible */
    async rectify(nth: number, again = false) {
      const hazard = hazardId(id, 'gas', CLAUSES[nth]!);
      const { deps } = memory;
      if (!again) {
        await perform(deps, as('p-office-1'), hazardCommands.gradeHazard, hazard, {
          grade: 'general',
          basis: '可立即整改',
        });
        await perform(deps, as('p-office-1'), hazardCommands.assignHazard, hazard, { to: 'shichangsuo' });
      }
      const due = new Date(time + 15 * DAY).toISOString();
      const order = { measures: '更换软管', due, authority: '《城镇燃气管理条例》' };
      await perform(deps, as('p-dept-1'), hazardCommands.orderRectification, hazard, order);
      await perform(deps, as('p-village-1'), hazardCommands.submitRectification, hazard, { statement: '软管已更换' });
      await perform(deps, as('p-dept-1'), hazardCommands.verifyRectification, hazard, {
        result: 'passed',
        basis: '现场复查',
      });
      await perform(deps, as('p-dept-2'), hazardCommands.signOffHazard, hazard, {});
    },
  };
}

/** As much of DynamoDB as the commands of one writer need: a stream is read, a commit is put. */
function memoryStore(): { deps: StoreDeps; items: Item[] } {
  const streams = new Map<string, Item[]>();
  const items: Item[] = [];
  const put = (item: Item): void => {
    const stream = item['stream']!.S!;
    streams.set(stream, [...(streams.get(stream) ?? []), item]);
    items.push(item);
  };
  const send = async (command: { constructor: { name: string }; input: never }): Promise<unknown> => {
    const input = command.input as {
      Item?: Item;
      TransactItems?: { Put: { Item: Item } }[];
      ExpressionAttributeValues?: Item;
    };
    switch (command.constructor.name) {
      case 'QueryCommand':
        return { Items: streams.get(input.ExpressionAttributeValues![':stream']!.S!) ?? [] };
      case 'PutItemCommand':
        put(input.Item!);
        return {};
      case 'TransactWriteItemsCommand':
        for (const { Put } of input.TransactItems!) put(Put.Item);
        return {};
      default:
        throw new Error(`the store in memory does not know ${command.constructor.name}`);
    }
  };
  return { deps: { dynamo: { send } as unknown as DynamoDBClient, table: 'events' }, items };
}

/** Puts prepared commits into the EVENTS table, in batches. */
export async function fill(dynamo: DynamoDBClient, table: string, commits: readonly Commit[]): Promise<void> {
  const batches = chunks(commits, 25).map((chunk) =>
    chunk.map((commit) => ({ PutRequest: { Item: itemFromCommit(commit) } })),
  );
  await concurrently(batches, async (batch) => {
    for (let left: typeof batch | undefined = batch; left?.length;) {
      const output = await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      left = output.UnprocessedItems?.[table] as typeof batch | undefined;
    }
  });
}

export interface Followers {
  /** wakes the sequencer for these commits, as the stream of the EVENTS table would */
  sequence: (keys: readonly CommitKey[]) => Promise<void>;
  /** wakes the sealer, who waits for nothing */
  seal: () => Promise<void>;
  /** wakes the projector, as the stream of the LOG table would */
  project: () => Promise<void>;
}

/** The handlers of the deployed functions `sequence` and `project`, without logs and metrics. */
export function makeFollowers(views: ViewDeps, batch?: number): Followers {
  const silent = { logger: { info: () => {}, error: () => {} }, metrics: { addMetric: () => {} } };
  const sequence = makeSequence({ log: views, ...silent });
  const key = Promise.resolve(localKey(new Uint8Array(32).fill(1)));
  const sealing = {
    log: views,
    origin: 'bench.invalid/log',
    key: () => key,
    interval: 0,
    sleep: () => Promise.resolve(),
  };
  const seal = makeSeal({ ...sealing, ...silent });
  const project = makeProject({ views, ...silent, ...(batch === undefined ? {} : { batch }) });
  return {
    sequence: (keys) => sequence(insertions(keys)),
    seal: () => seal({ Records: [] }),
    project: () => project({ Records: [] }),
  };
}

function insertions(keys: readonly CommitKey[]): DynamoDBStreamEvent {
  return {
    Records: keys.map(({ stream, version }) => ({
      eventName: 'INSERT',
      dynamodb: { Keys: { stream: { S: stream }, version: { N: String(version) } } },
    })),
  };
}

/** Commits cut into wake-ups of about the same number of events. */
export function wakeUps(commits: readonly Commit[], events: number): Commit[][] {
  const wakes: Commit[][] = [];
  let count = 0;
  for (const commit of commits) {
    const wake = wakes.at(-1);
    if (!wake || count >= events) {
      wakes.push([commit]);
      count = 0;
    } else {
      wake.push(commit);
    }
    count += commit.events.length;
  }
  return wakes;
}

export const eventsIn = (commits: readonly Commit[]): number =>
  commits.reduce((sum, { events }) => sum + events.length, 0);

export function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

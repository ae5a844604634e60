// Duties open and are done by themselves exactly once, however often and late the log is followed, whatever crashes on the way, and whoever
// comes while a definition is published.
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeEvent, type DaochaEvent } from '../../../events/catalogue.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import { makeReact } from '../../../functions/react/react.ts';
import { openEverywhere } from '../../../shared/clock/duties/open.ts';
import { remind } from '../../../shared/clock/remind/run.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { LIANTANG_DUTIES } from '../../../shared/rules/campaign/liantang-duties.ts';
import * as campaignCommands from '../../../shared/rules/campaign/commands.ts';
import { seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { commitFromItem } from '../../../shared/record/store/commit.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { projectionName, type ViewDeps } from '../../../shared/reading/views/view.ts';
import { contextAt } from '../../rules/perform/town.ts';
import { TENANT } from '../../support/builders.ts';
import { memoryDossiers } from '../../support/dossiers.ts';
import { DAOCHA_TABLES, FakeDynamo, type Hook } from '../../support/fake-dynamo.ts';
import { share } from '../../support/runs.ts';

const START = Date.parse('2025-05-08T02:00:00.000Z');
const definition = (duty: string) => LIANTANG_DUTIES.find((one) => one.duty === duty)!;
const USED = ['factory.baseline', 'factory.agreement', 'factory.downgrade', 'factory.sample'].map(definition);
const SHOWN = VIEWS.filter(({ name }) => ['units', 'duties', 'deadlines', 'reports', 'waits'].includes(name));

class World {
  readonly fake = new FakeDynamo(DAOCHA_TABLES);
  at = START;
  readonly #store = { dynamo: this.fake.client, table: 'events' };
  readonly views = this.viewsOf(this.fake.client);
  viewsOf(dynamo: FakeDynamo['client']): ViewDeps {
    return {
      dynamo,
      events: 'events',
      log: 'log',
      views: 'views',
      tenant: TENANT,
      now: () => new Date(this.at),
      backoff: async () => {},
    };
  }
  context(person = 'p-office') {
    return contextAt(person, 'office', new Date(this.at));
  }
  events(category: string): Map<string, DaochaEvent[]> {
    const found = new Map<string, DaochaEvent[]>();
    for (const { stream, events } of this.fake.items('events').map(commitFromItem)) {
      const key = parseStreamKey(stream);
      if (key.category === category) found.set(key.id, [...(found.get(key.id) ?? []), ...events.map(decodeEvent)]);
    }
    return found;
  }
  settle = async (): Promise<void> => {
    const keys = this.fake
      .items('events')
      .map(({ stream, version }) => ({ stream: stream!.S!, version: Number(version!.N) }));
    await sequence(this.views, keys);
    await follow(this.views, projectionName(1), async (batch) => void (await applyBatch(this.views, 1, SHOWN, batch)));
  };
  async publish(n: number): Promise<void> {
    await perform(
      this.#store,
      this.context('p-admin'),
      campaignCommands.publishDuty,
      'campaign',
      USED[n % USED.length]!,
    );
  }
  async people(what: number, which: number): Promise<void> {
    const id = `u_${which % 3}`;
    const context = this.context();
    const acts = [
      () =>
        registerUnit(this.#store, context, {
          id,
          details: { name: id, kind: '厂房', area: 'village-01', tracks: ['factory'] },
        }),
      () => this.publish(which),
      () =>
        perform(this.#store, context, unitCommands.recordLease, id, {
          lease: `l-${which % 2}`,
          lessor: '甲',
          lessee: '乙',
          from: '2025-01-01',
        }),
      () =>
        perform(this.#store, context, unitCommands.signAgreement, id, {
          lease: `l-${which % 2}`,
          signedOn: '2025-05-01',
        }),
      () =>
        perform(this.#store, context, unitCommands.gradeRisk, id, {
          to: (['A', 'C', 'D'] as const)[which % 3]!,
          basis: 'b',
        }),
    ];
    await acts[what % acts.length]!().catch((error: { status?: number }) => {
      if (error.status === undefined || error.status >= 500) throw error;
    });
  }
  async react(hook?: Hook): Promise<void> {
    const dynamo = hook ? this.fake.clientWith(hook) : this.fake.client;
    const handler = makeReact({
      views: { ...this.viewsOf(dynamo), sleep: this.settle },
      store: { dynamo, table: 'events' },
      dossiers: memoryDossiers(),
      batch: 3,
      logger: {
        info: () => {},
        error: (message, facts) => {
          throw new Error(`${message}: ${JSON.stringify(facts)}`);
        },
      },
      metrics: { addMetric: () => {} },
    });
    await handler({ Records: [] });
  }
  async clock(hook?: Hook): Promise<void> {
    const dynamo = hook ? this.fake.clientWith(hook) : this.fake.client;
    await remind(
      { store: { dynamo, table: 'events' }, views: this.viewsOf(dynamo), sleep: this.settle, failed: () => {} },
      { mode: 'morning', now: new Date(this.at), waitMs: 0 },
    );
  }
}

let base: FakeDynamo;
async function newWorld(): Promise<World> {
  const world = new World();
  for (const item of base.items('events')) world.fake.seed('events', item);
  return world;
}
beforeEach(async () => {
  if (base) return;
  const world = new World();
  await seedCampaign({ dynamo: world.fake.client, table: 'events' }, world.context('p-admin'), {
    definition: LIANTANG,
    ruleSet: LIANTANG_RULES,
    targets: [],
  });
  base = world.fake;
});

/** Fails the n-th write, once: the process is gone then. */
function dying(after: number): Hook {
  let left = after;
  return async ({ name }) => {
    if (name !== 'PutItem' && name !== 'TransactWriteItems' && name !== 'UpdateItem') return;
    left -= 1;
    if (left === 0) throw Object.assign(new Error('gone'), { gone: true });
  };
}
const survive = async (run: Promise<void>): Promise<void> => {
  await run.catch((error: { gone?: boolean; type?: string; cause?: { gone?: boolean } }) => {
    if (!error.gone && !error.cause?.gone && error.type !== 'not-yet-visible') throw error;
  });
};

/** What was opened, done, reminded or missed twice; and what is owed by now and not there. */
function faultsOf(world: World): string[] {
  const faults: string[] = [];
  const published = new Set(
    (world.events('campaign').get('campaign') ?? []).flatMap((e) => (e.type === 'DutyPublished' ? [e.data.duty] : [])),
  );
  const duties = world.events('duty');
  for (const [id, events] of duties) {
    const keys = events.map(({ type, data }) => {
      const { due, rung } = data as { due?: string | null; rung?: string };
      return type === 'DutyMissed' || type === 'DutyReminderIssued' ? `${type} ${due} ${rung}` : type;
    });
    faults.push(...keys.filter((key, at) => keys.indexOf(key) < at).map((key) => `${id}: ${key} twice`));
    if (keys[0] !== 'DutyOpened') faults.push(`${id}: begins with ${keys[0]}`);
  }
  const owed = (duty: string, id: string, done?: boolean): void => {
    if (!published.has(duty)) return;
    const events = duties.get(`${duty}:${id}`);
    if (!events) faults.push(`${duty}:${id} is not there`);
    else if (done !== undefined && events.some(({ type }) => type === 'StepDone') !== done)
      faults.push(`${duty}:${id}: done is not ${done}`);
  };
  for (const [id, events] of world.events('unit')) {
    owed('factory.baseline', id);
    const signed = new Set(events.flatMap((e) => (e.type === 'AgreementSigned' ? [e.data.lease] : [])));
    for (const e of events)
      if (e.type === 'LeaseRecorded') owed('factory.agreement', `${id}:${e.data.lease}`, signed.has(e.data.lease));
  }
  const month = new Date(world.at + 8 * 3_600_000).toISOString().slice(0, 7);
  const villages = LIANTANG.organisations.filter(({ kind }) => kind === 'village');
  if (month <= '2025-12') for (const { id } of villages) owed('factory.sample', `${id}:${month}`);
  return faults;
}

describe('duties', () => {
  it('open, are fulfilled, reminded and missed exactly once over random histories', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            kind: fc.constantFrom('people', 'people', 'people', 'people', 'react', 'clock', 'settle', 'days'),
            what: fc.nat(4),
            which: fc.nat(11),
            dies: fc.option(fc.integer({ min: 1, max: 6 })),
          }),
          { minLength: 5, maxLength: 45, size: 'max' },
        ),
        async (history) => {
          const world = await newWorld();
          for (const { kind, what, which, dies } of history) {
            const hook = dies === null ? undefined : dying(dies);
            world.at += 60_000;
            if (kind === 'people') await world.people(what, which);
            else if (kind === 'settle') await world.settle();
            else if (kind === 'days') world.at += which * 86_400_000;
            else if (kind === 'react') {
              await world.settle();
              await survive(world.react(hook));
            } else await survive(world.clock(hook));
          }
          await world.settle();
          await world.react();
          await world.clock();
          await world.settle();
          await world.clock();
          expect(faultsOf(world)).toEqual([]);
        },
      ),
      { numRuns: share(200) },
    );
  });

  it('a definition opens for a thousand units, cut short and gone on with, none twice', async () => {
    const world = await newWorld();
    for (let n = 0; n < 1000; n += 1) {
      await registerUnit(
        { dynamo: world.fake.client, table: 'events' },
        { ...world.context(), command: `c-${n}`, request: `c-${n}` },
        { id: `u_${n}`, details: { name: `厂房 ${n}`, tracks: ['factory'] } },
      );
    }
    await world.publish(0);
    await world.settle();
    const deps = { store: { dynamo: world.fake.client, table: 'events' }, views: world.views };
    const { command: _command, request: _request, ...context } = world.context();
    let opened = 0;
    for (let run = 0; run < 30; run += 1) {
      let pages = 3;
      const done = await openEverywhere(deps, context, USED[0]!, { goOn: () => (pages -= 1) >= 0 });
      opened += done.opened;
      if (done.complete) break;
    }
    expect(opened).toBe(1000);
    expect(world.events('duty').size).toBe(1000);
    expect(world.events('duty').get('factory.baseline:u_7')![0]).toMatchObject({
      data: { organisation: null, vacant: 'area' },
    });
  });
});

// The functions at work under the rights that the template gives them: the life of a hazard, in which every call to a
// table that the caller's role does not allow fails, as it would on AWS.

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { ROUTES } from '../../../functions/api/routes.ts';
import { makeApp } from '../../../functions/api/app.ts';
import { DISTRICT_HANDLERS } from '../../../functions/district/handlers.ts';
import { EVIDENCE_HANDLERS } from '../../../functions/evidence/handlers.ts';
import { noDirectory, noViews } from '../../../functions/api/handler-types.ts';
import { openDossierStore } from '../../../functions/runtime/dossier-store.ts';
import { makeIndex } from '../../../functions/index/index.ts';
import { makeAttest } from '../../../functions/attest/attest.ts';
import type { Draft } from '../../../events/catalogue.ts';
import { makeNotify } from '../../../functions/notify/notify.ts';
import { deadLetters, readState, putBack, writeState } from '../../../functions/notify/outbox.ts';
import { makeProject } from '../../../functions/project/project.ts';
import { makePublish } from '../../../functions/publish/publish.ts';
import { makeRemind } from '../../../functions/remind/remind.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { makeSeal } from '../../../functions/seal/seal.ts';
import { LIANTANG_DUTIES } from '../../../shared/rules/campaign/liantang-duties.ts';
import { makeReact } from '../../../functions/react/react.ts';
import { makeSequence } from '../../../functions/sequence/sequence.ts';
import { type FunctionName, FUNCTIONS } from '../../../infra/aws/constructs/bundling.ts';
import { synthesize } from '../../../infra/aws/synth.ts';
import { resolveNames } from '../../../shared/record/directory/directory.ts';
import { putTimeStamp } from '../../../shared/record/attest/timestamps.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { cosigner } from '../../../shared/record/tlog/cosignature.ts';
import { parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import { LOG_KEY, makeTown, NOON, ORIGIN, WITNESS, WITNESS_KEY, type TestTown } from '../../functions/api/support.ts';
import { execute, on } from '../../../shared/rules/perform/execute.ts';
import { hiddenFields, makeConsoleTown } from '../../functions/console/support.ts';
import { streamKey } from '../../../events/envelope.ts';
import { exampleOf } from '../../support/builders.ts';
import { directoryEvidence, JPEG } from '../../support/evidence.ts';
import { recordEvents } from '../../support/recorded.ts';
import type { FakeCall, Hook } from '../../support/fake-dynamo.ts';
import { allowed, type Loose } from './template.ts';

const template = synthesize();
const TABLES = ['events', 'log', 'views', 'access', 'directory'];
const quiet = { logger: { info: () => {}, warn: () => {}, error: () => {} }, metrics: { addMetric: () => {} } };
const GUI = 'guijianban'; // leads the gas track
const namedDuty = (duty: string) => LIANTANG_DUTIES.find((one) => one.duty === duty)!;

interface Access {
  action: string;
  table: string;
  /** Partition key; undefined when the call does not name one. */
  partition: string | undefined;
}

/** What a call needs, as IAM sees it: a batch or a transaction needs a right on each table in it. */
function accesses({ name, input }: FakeCall): Access[] {
  const call = input as Loose;
  if (name === 'BatchWriteItem') {
    return Object.entries<Loose>(call.RequestItems).flatMap(([table, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }: Loose) => ({
        action: name,
        table,
        partition: partitionOf(PutRequest ?? DeleteRequest),
      })),
    );
  }
  if (name.startsWith('Batch')) {
    return Object.keys(call.RequestItems).map((table) => ({ action: name, table, partition: undefined }));
  }
  if (name === 'TransactWriteItems') {
    return call.TransactItems.flatMap((item: Loose) =>
      Object.entries<Loose>(item).map(([kind, part]) => ({
        action: kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`,
        table: part.TableName,
        partition: partitionOf(part),
      })),
    );
  }
  return [{ action: name, table: call.TableName, partition: partitionOf(call) }];
}

const partitionOf = (call: Loose): string | undefined => {
  const key = call.Key ?? call.Item;
  return key?.pk?.S ?? key?.stream?.S;
};

const used = new Set<string>();

/** Refuses what the function's role does not allow, and notes what it used. */
function enforce(name: FunctionName): Hook {
  const rights = new Map(TABLES.map((table) => [table, new Set(allowed(template, name, table))]));
  return (call) => {
    if (call.when !== 'before') return;
    for (const { action, table, partition } of accesses(call)) {
      const granted = rights.get(table);
      const kind = partition?.replace(/[^#]+$/u, '*');
      if (![action, `${action} on ${partition}`, `${action} on ${kind}`].some((right) => granted?.has(right))) {
        throw new Error(`AccessDenied: ${name} may not ${action} on ${table} (${partition ?? 'any partition'})`);
      }
      used.add(`${name}: ${action} on ${table}`);
    }
  };
}

const sealer = (log: LogDeps) =>
  makeSeal({
    log,
    origin: ORIGIN,
    key: () => Promise.resolve(LOG_KEY),
    interval: 0,
    sleep: () => Promise.resolve(),
    ...quiet,
  });

describe('under the rights of the template', () => {
  let town: TestTown;
  let unit: string;
  let hazard: string;
  let office: string;

  const newCommits = (): DynamoDBStreamEvent => ({
    Records: town.fake.items('events').map(({ stream, version }) => ({
      eventName: 'INSERT',
      dynamodb: { Keys: { stream: { S: stream!.S! }, version: { N: version!.N! } } },
    })),
  });
  const newPage: DynamoDBStreamEvent = {
    Records: [{ eventName: 'INSERT', dynamodb: { Keys: { pk: { S: 'liantang#page' }, sk: { S: '0' } } } }],
  };
  const depsOf = (name: FunctionName) => ({ ...town.deps.views, dynamo: town.fake.clientWith(enforce(name)) });
  const size = async (): Promise<number> => (await readHead(town.deps.views)).size;

  beforeAll(async () => {
    town = await makeTown({ compared: true });
    town.fake.hook = enforce('api'); // whoever has no client of its own is the api
    office = await town.as('office', 'office');
  });

  it('the api takes commands', async () => {
    const registered = await town.post('/v1/units', await town.as('village', 'village-01'), {
      name: '练塘某餐饮店',
      area: 'village-01',
      tracks: ['gas'],
    });
    expect(registered.body).toMatchObject({ already: false });
    unit = registered.body.id;
    const inspected = await town.post('/v1/inspections', await town.as('inspector', GUI), {
      unit,
      track: 'gas',
      mode: 'routine',
      answers: [{ item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' }],
    });
    expect(inspected.body).toMatchObject({ already: false });
    hazard = inspected.body.findings[0].hazard;
  });

  it('the api answers a repeated multi-stream command with what it did the first time', async () => {
    const inspector = await town.as('inspector', GUI);
    const body = { unit, track: 'gas', mode: 'routine', answers: [{ item: '2', clause: 'GAS-02', answer: 'problem' }] };
    const once = await town.post('/v1/inspections', inspector, body, { 'idempotency-key': 'once-1' });
    const again = await town.post('/v1/inspections', inspector, body, { 'idempotency-key': 'once-1' });
    expect(again.body).toEqual({ ...once.body, already: true, added: 0 });
  });

  it('the api enters a person into the directory and erases one', async () => {
    await town.post('/v1/directory', office, { person: 'p-1', name: '示例姓名' });
    await town.post('/v1/roster/guijianban/appointments', office, ROUTES.appointOfficer.example);
    expect((await town.get('/v1/directory?person=p-1', office)).status).toBe(200);
    expect((await town.get('/v1/roster/guijianban', office)).status).toBe(200);
    const erased = await town.agreed('/v1/directory/erasures', office, { person: 'p-1', reason: 'r' });
    expect(erased.body).toMatchObject({ added: 2 });
  });

  it('the sequencer gives every event its position', async () => {
    const sequence = makeSequence({ log: depsOf('sequence'), ...quiet });
    await sequence(newCommits());
    expect(await size()).toBeGreaterThan(0);
  });

  it('the sequencer holds a stream with a hole, and lets it go when the hole is filled', async () => {
    const department = await town.as('department', GUI);
    const path = `/v1/hazards/${hazard}`;
    await town.post(`${path}/gradings`, department, { grade: 'general', basis: '可立即整改' });
    await town.post(`${path}/assignments`, await town.as('operations', 'chengyun'), { to: GUI });
    const missing = town.fake
      .items('events')
      .find(({ stream, version }) => stream!.S!.endsWith(hazard) && Number(version!.N) === 2);
    const { stream, version } = missing!;
    town.fake.unseed('events', { stream: stream!, version: version! });
    const sequence = makeSequence({ log: depsOf('sequence'), ...quiet });
    const before = await size();
    await sequence(newCommits());
    expect(await size()).toBe(before);
    town.fake.seed('events', missing!);
    await sequence({ Records: [] });
    expect(await size()).toBe(before + 2);
  });

  it('the sealer signs how the log stands, with its full tiles', async () => {
    for (let n = 0; n < 256; n++) await town.post('/v1/units', office, { name: `U${n}`, tracks: ['gas'] });
    await makeSequence({ log: depsOf('sequence'), ...quiet })(newCommits());
    const sealed = sealer(depsOf('seal'));
    await sealed(newPage);
    await sealed({});
    const partitions = Map.groupBy(town.fake.items('log'), ({ pk }) => pk!.S);
    expect(partitions.get('liantang#tile')).toHaveLength(2);
    expect(partitions.get('liantang#checkpoint')).toHaveLength(2);
  });

  it('the api takes cosignatures, and attesting copies them and has time stamps made', async () => {
    const witness = await town.as('witness', 'district');
    const { body: note } = await town.get('/log/checkpoint', witness);
    const { text } = parseNote(note);
    const signed = Number(text.split('\n')[1]);
    const cosigned = await signNote(text, [cosigner(WITNESS.name, WITNESS_KEY, () => 1_748_836_800)]);
    const cosignatures = cosigned.slice(text.length + 1);
    expect(await town.post(`/log/checkpoint/${signed}/cosignatures`, witness, { cosignatures })).toMatchObject({
      status: 200,
      body: { added: [WITNESS.name] },
    });
    const index = makeIndex({ log: depsOf('index'), ...quiet });
    await index({});
    await index({});
    const log = depsOf('attest');
    const copied: string[] = [];
    const archive = { put: async (name: string) => void copied.push(name) };
    // a witness that knows the first five events is given a proof from there, and is then out of order
    const answers = [{ status: 409, body: Buffer.from('5\n') }];
    const asked = makeAttest({
      log,
      archive,
      witnesses: [{ vkey: WITNESS, url: 'https://witness.example' }],
      exchange: async () => ({
        headers: new Headers(),
        ...(answers.shift() ?? { status: 503, body: Buffer.from('') }),
      }),
      random: () => new Uint8Array(8),
      ...quiet,
    });
    await asked({});
    expect(copied.filter((name) => name.endsWith('.cosigned'))).toHaveLength(1);
    const stamped = { tsq: new Uint8Array(1), tsr: new Uint8Array(1), time: new Date(), authority: 'CN=T' };
    await putTimeStamp(log, signed, { ...stamped, serial: '1', policy: '1.2', trusted: false });
    await asked({});
    expect(copied.filter((name) => /\.ts[qr]$/u.test(name))).toHaveLength(2);
  });

  it('the projection folds them into views', async () => {
    const project = makeProject({ views: depsOf('project'), ...quiet });
    await project(newPage, undefined);
    expect(town.fake.items('views').length).toBeGreaterThan(0);
  });

  it('the clock reminds of what is due, and opens what is owed', async () => {
    const department = await town.as('department', GUI);
    const admin = await town.as('admin', 'office');
    await town.post('/v1/campaign/duties', admin, namedDuty('gas.valves'));
    const order = { measures: '更换软管', due: '2025-06-03', authority: '条例' };
    await town.post(`/v1/hazards/${hazard}/orders`, department, order);
    await makeSequence({ log: depsOf('sequence'), ...quiet })(newCommits());
    await makeProject({ views: depsOf('project'), ...quiet })(newPage, undefined);
    const views = depsOf('remind');
    const done: Record<string, unknown>[] = [];
    const remind = makeRemind({
      store: { dynamo: views.dynamo, table: views.events },
      views,
      sleep: () => Promise.resolve(),
      now: () => new Date('2025-06-03T00:30:00.000Z'),
      logger: { ...quiet.logger, warn: () => {}, info: (_, facts) => void done.push(facts) },
      metrics: quiet.metrics,
    });
    await remind({ run: 'morning' });
    expect(done).toMatchObject([{ issued: { '0': 1 }, required: 7, duties: 3, failed: 0 }]);
    await makeSequence({ log: depsOf('sequence'), ...quiet })(newCommits());
    await makeProject({ views: depsOf('project'), ...quiet })(newPage, undefined);
  });

  it('the publisher puts them on the bus', async () => {
    const bus = mockClient(EventBridgeClient);
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [] });
    const publish = makePublish({
      log: depsOf('publish'),
      bus: bus as unknown as EventBridgeClient,
      busName: 'town',
      ...quiet,
    });
    await publish(newPage, undefined);
    const sent = bus.commandCalls(PutEventsCommand).flatMap(({ args }) => args[0].input.Entries ?? []);
    expect(sent).toHaveLength(await size());
  });

  it('the reaction brings a major hazard up, and its dossier; the district function hands it out', async () => {
    const dossiers = openDossierStore(`file:${mkdtempSync(join(tmpdir(), 'daocha-dossiers-'))}`, 'liantang');
    const follow = async () => {
      await makeSequence({ log: depsOf('sequence'), ...quiet })(newCommits());
      await makeProject({ views: depsOf('project'), ...quiet })(newPage, undefined);
    };
    const views = { ...depsOf('react'), sleep: () => Promise.resolve() };
    const react = makeReact({ views, store: { dynamo: views.dynamo, table: 'events' }, dossiers, ...quiet });
    const reminded = { stream: streamKey('liantang', 'hazard', hazard), unit };
    await recordEvents(town.deps.store, [exampleOf('ReminderIssued', reminded)]);
    await town.post(`/v1/hazards/${hazard}/gradings`, await town.as('department', GUI), { grade: 'major', basis: 'b' });
    const admin = await town.as('admin', 'office');
    const { kinds: _any, ...everywhere } = namedDuty('gas.restaurant').opens as { by: 'unit'; kinds?: string[] };
    await town.post('/v1/campaign/duties', admin, { ...namedDuty('gas.restaurant'), opens: everywhere });
    await follow();
    await react(newPage); // proposes, and opens what the unit owes
    await follow();
    await react(newPage); // compiles
    await follow();
    await react(newPage); // nothing is left to do

    const dynamo = town.fake.clientWith(enforce('district'));
    const district = makeApp({
      ...town.deps,
      views: { ...town.deps.views, dynamo },
      store: { dynamo, table: 'events' },
      access: { dynamo, table: 'access', tenant: 'liantang' },
      handlers: DISTRICT_HANDLERS,
      dossiers,
      report: () => {},
    });
    const ask = async (path: string, token: string, body?: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const method = body ? 'POST' : 'GET';
      return district.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    };
    const { items } = (await (await ask('/v1/escalations', office)).json()) as Loose;
    expect(items).toMatchObject([{ hazard, status: 'submitted', round: 1 }]);
    const token = await town.as('district', items[0].to);
    const path = `/v1/escalations/${items[0].escalation}`;
    expect((await ask(`${path}/dossiers/1`, token)).status).toBe(200);
    await sealer(depsOf('seal'))(newPage);
    expect((await ask(`${path}/dossiers/1/proofs`, token)).status).toBe(200);
    expect((await ask(`${path}/acceptances`, token, {})).status).toBe(200);
    expect((await ask(`/v1/hazards/${hazard}`, token)).status).toBe(405);
  });

  it('evidence takes files and hands them out by the event that names them', async () => {
    const dynamo = town.fake.clientWith(enforce('evidence'));
    const evidence = directoryEvidence('liantang');
    const app = makeApp({
      ...town.deps,
      store: { dynamo, table: 'events' },
      views: noViews(),
      access: { dynamo, table: 'access', tenant: 'liantang' },
      directory: noDirectory(),
      handlers: EVIDENCE_HANDLERS,
      evidence,
      report: () => {},
    });
    const headers = { authorization: `Bearer ${office}`, 'content-type': 'application/json' };
    const body = JSON.stringify(ROUTES.announceEvidence.example);
    expect((await app.request('/v1/evidence', { method: 'POST', headers, body })).status).toBe(200);
    const photo = evidence.keep(JPEG);
    const inspected = await town.post('/v1/inspections', office, {
      unit,
      track: 'gas',
      mode: 'routine',
      answers: [{ item: '9', clause: 'GAS-09', answer: 'ok' }],
      evidence: [photo],
    });
    const path = `/v1/evidence/${photo.sha256}?event=inspection/${inspected.body.id}/1`;
    expect((await app.request(path, { headers })).status).toBe(200);
  });

  it('notify tells whom it concerns, again when somebody wants it, and records what became of it', async () => {
    const life = {
      clause: 'GAS-01',
      grade: 'general' as const,
      before: 'assigned' as const,
      after: 'assigned' as const,
    };
    const reminder: Draft = {
      type: 'ReminderIssued',
      data: {
        ...life,
        due: '2025-06-30T15:59:59.999Z',
        rung: '-3',
        workingDays: -3,
        recipients: [{ organisation: GUI, post: 'liaison', person: null }],
        skipped: [],
      },
      unit,
      track: 'gas',
      organisation: GUI,
    };
    const actor = { person: 'p', post: 'clock', organisation: 'office' };
    const context = {
      tenant: 'liantang',
      command: 'remind-1',
      request: 'r',
      actor,
      source: 'clock' as const,
      now: NOON,
    };
    await execute(town.deps.store, context, { category: 'hazard', id: hazard }, async () => {
      return new Map([on('hazard', hazard, [reminder])]);
    });
    await makeSequence({ log: depsOf('sequence'), ...quiet })(newCommits());
    const views = depsOf('notify');
    const sent: (string | null)[][] = [];
    const notify = makeNotify({
      ...quiet,
      views,
      store: { dynamo: views.dynamo, table: 'events' },
      channels: async () => new Map([[GUI, [{ kind: 'wecom', id: `${GUI}/wecom`, organisation: GUI, url: '' }]]]),
      send: { now: () => NOON, readSecret: async () => '', timeoutMs: 1000 },
      adapterOf: () => ({
        perMinute: 20,
        most: 20,
        fits: () => true,
        send: async (_channel, { notices }) => {
          sent.push(notices.map((notice) => notice.unit));
          return sent.length === 1 ? { kind: 'refused', error: 'no' } : { kind: 'taken', answer: 'ok' };
        },
      }),
      record: { tenant: 'liantang', actor, source: 'policy', now: () => NOON },
      random: () => 0,
      console: undefined,
    });
    await notify({});
    const [letter] = await deadLetters(town.deps.views);
    await putBack({ ...town.deps.views, dynamo: town.fake.clientWith(() => {}) }, letter!);
    const channel = await readState(town.deps.views, `${GUI}/wecom`);
    await writeState({ ...town.deps.views, dynamo: town.fake.clientWith(() => {}) }, `${GUI}/wecom`, {
      ...channel,
      notBefore: null,
    });
    await notify({});
    expect(sent[0]).toContain('练塘某餐饮店');
    expect(sent[1]).toEqual(sent[0]); // what is sent again goes before what has come meanwhile
    await makeSequence({ log: depsOf('sequence'), ...quiet })(newCommits());
    await makeProject({ views: depsOf('project'), ...quiet })(newPage, undefined);
    const { body } = await town.get('/v1/deliveries', office);
    expect(body.items.filter(({ round }: Loose) => round === 2)).toMatchObject([
      { status: 'delivered', why: 'refused', organisation: GUI },
    ]);
  });

  it.each([
    ['a unit', () => `/v1/units/${unit}`],
    ['its timeline', () => `/v1/units/${unit}/timeline`],
    ['the list of units', () => '/v1/units'],
    ['the list of hazards', () => '/v1/hazards?track=gas'],
    ['a hazard with its history', () => `/v1/hazards/${hazard}`],
    ['a track', () => '/v1/tracks/gas'],
    ['a unit as it is at least', () => `/v1/units/${unit}?atLeast=unit%2F${unit}%401`],
    ['who read the unit', () => `/v1/accesses?unit=${unit}&after=2025-06-01T00:00:00Z`],
    ['the health', () => '/health'],
    ['the latest checkpoint', () => '/log/checkpoint'],
    ['a full tile', () => '/log/tile/0/000'],
    ['events as the log has them', () => '/log/tile/entries/000'],
    ['a proof', () => '/v1/events/3/proof'],
    ['that the log was only continued', () => '/v1/log/consistency?from=3'],
    ['what a hazard was due when', () => `/v1/trace/hazards/${hazard}/deadlines`],
  ])('the api shows %s', async (_, path) => {
    const answer = await town.get(path(), office);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  });

  it('the console shows its pages and carries out commands', async () => {
    const views = depsOf('console');
    const store = { ...town.deps.store, dynamo: views.dynamo };
    const access = { ...town.deps.access, dynamo: views.dynamo };
    const directory = { ...town.deps.directory, dynamo: views.dynamo };
    const { as } = await makeConsoleTown(town, { views, store, access, directory });
    expect((await resolveNames(directory, ['p-1'])).get('p-1')).toMatchObject({ state: 'erased' });
    const clerk = await as('office', 'office');
    for (const path of [
      '',
      '/units',
      `/units/${unit}`,
      '/hazards',
      `/hazards/${hazard}`,
      `/trace/deadlines?hazard=${hazard}`,
    ]) {
      const page = await clerk.get(`/console${path}`);
      expect(page.status, `${path} ${page.text}`).toBe(200);
    }
    const village = await as('village', 'village-01');
    const fields = { name: '练塘另一餐饮店', area: 'village-01', tracks: 'gas' };
    expect((await village.fill('/console/units/new', fields)).status).toBe(303);
    // sent again at once, what touches several streams is answered from all of them
    const gone = { kind: 'invalid', reason: '误报' };
    expect((await clerk.fill(`/console/hazards/${hazard}/close`, gone)).status).toBe(303);
    const second = await as('department', GUI, 'p-dept-2');
    const confirm = `/console/hazards/${hazard}/confirm`;
    const form = hiddenFields((await second.get(confirm)).text);
    const once = await second.post(confirm, form);
    expect(once.headers['location']).toContain('done=confirmClosure');
    expect(await second.post(confirm, form)).toMatchObject({
      status: 303,
      headers: { location: once.headers['location'] },
    });
  });

  it('no function has a right that none of this needed', () => {
    const granted = FUNCTIONS.flatMap((name) =>
      TABLES.flatMap((table) =>
        allowed(template, name, table).map((right) => `${name}: ${right.split(' ')[0]} on ${table}`),
      ),
    );
    // The code of commands reads back the parts of a commit that spans streams; those on a case, and those of the clock, never do.
    const spare = ['remind: BatchGetItem on events'];
    expect(granted.filter((right) => !used.has(right))).toEqual(spare);
  });

  it('a function that reached for more would be refused', async () => {
    const asPublisher = makeProject({ views: { ...depsOf('publish') }, ...quiet });
    await expect(asPublisher(newPage, undefined)).rejects.toThrow('AccessDenied: publish may not GetItem on views');
  });
});

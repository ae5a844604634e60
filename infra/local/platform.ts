// The whole platform on one machine: engine, tables, functions, event source mappings, bus, HTTP API, development issuer.
// Everything that AWS would take from the template is taken from it here; what differs are endpoints and sign-in.
// Paths under /dev belong to this machine only: issuer, bus, events as they flow, status.

import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DaochaError } from '../../events/errors.ts';
import { now, setClock } from '../../functions/runtime/now.ts';
import { VARIABLES } from '../../functions/runtime/variables.ts';
import { readHead } from '../../shared/record/log/head.ts';
import { removePlatformFile, type TableNames, writePlatformFile } from '../cli/data-directory.ts';
import { makeAuthorizing } from './authorize.ts';
import { type Bus, makeBus } from './bus.ts';
import { startVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { declaredTemplate } from './declared.ts';
import { databaseFile, type Engine, startEngine } from './engine.ts';
import { matches } from './event-filter.ts';
import { type Following, followAll } from './following.ts';
import { followInThread } from './following-thread.ts';
import { type LambdaHandler, importHandler, type Invoker, loadFunctions } from './functions.ts';
import { serve } from './gateway.ts';
import { developmentPath } from './development.ts';
import {
  ensureSigningKey,
  evidenceSecret,
  ISSUER_PATH,
  JWKS_PATH,
  sessionSecret,
  writerSeed,
  signToken,
  type TokenRequest,
} from './issuer.ts';
import {
  copiesFolder,
  damagedCopies,
  ensureLogKey,
  logKeyFile,
  markLogKey,
  refuseSecondLog,
  refuseShorterLog,
  signedHere,
} from './log-key.ts';
import { readSettings, type LocalSettings } from './settings.ts';
import { type DataLock, lockDataDirectory } from './lock.ts';
import { type Model, readModel } from './model.ts';
import { seededWriter } from '../../functions/runtime/writer.ts';
import { launchHere, type Seeding, sweepEvents } from './seeding.ts';
import { closeServer, json, listen } from './server.ts';
import { makeStepping, type Stepping } from './stepped.ts';
import type { ScheduleState } from './schedules.ts';
import type { TailState } from './streams.ts';
import { type Queue, startQueue } from './queues.ts';
import { createTables } from './tables.ts';
import { hasRoom, watchWrites } from './write-watch.ts';
import type { Physical, Template } from './template.ts';

export interface PlatformOptions {
  /** Data directory. */
  data: string;
  /** Default 3000; 0 takes any free one. */
  port?: number;
  /** Keep no data: it is gone at the end. */
  memory?: boolean;
  engine?: string;
  /** Told what a person at the terminal should know. */
  note?: (message: string) => void;
  /** Default: the synthesized template of this project. */
  template?: Template;
  /** Default: the handlers of functions/. Those given run in this thread, where a test can look into them. */
  load?: (name: string) => Promise<LambdaHandler>;
  /** Brings the tables to the state that every platform starts from; must bear repetition. Default: the campaign. */
  seed?: (seeding: Seeding) => Promise<void>;
  /** Looks through the events table for what a stream has lost. Default: the sweep of shared/record/log. */
  sweep?: (seeding: Seeding) => Promise<void>;
  /** A virtual clock that starts there, instead of the real one; one such platform a process. */
  clock?: Date;
  /** With a virtual clock: what is woken by a stream runs only in `step()`, in a fixed order, and nobody listens on the bus. */
  stepped?: boolean;
}

export interface Platform {
  /** Address of the API. */
  api: string;
  engine: Engine;
  tables: TableNames;
  tenant: string;
  bus: Bus;
  token(request: TokenRequest): Promise<string>;
  status(): Promise<PlatformStatus>;
  /** Runs the schedules of a function now, instead of at their time. */
  fire(fn: string): Promise<void>;
  /** Moves the virtual clock; undefined when the platform goes by the real one. */
  clock: VirtualClock | undefined;
  /** Only when stepped: runs the sequencer and every follower until nothing is left to do. */
  step: (() => Promise<void>) | undefined;
  /** Resolves with the reason when the platform cannot go on, e.g. because its engine ended. */
  failed: Promise<string>;
  /** Stops in order: no new requests, those in flight answered, tails ended, checkpoints written, engine stopped. */
  stop(): Promise<void>;
}

export interface PlatformStatus {
  engine: string;
  mappings: TailState[];
  schedules: ScheduleState[];
  deadLetters: number;
}

const AUDIENCE = 'daocha';
const WRITE_CHECK = 30_000; // ms
const STOP_WITHIN = 15_000; // ms, for requests in flight

export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const data = resolve(options.data);
  const note = options.note ?? (() => {});
  const undo: (() => Promise<void> | void)[] = [];
  const cleanUp = async () => {
    // Whatever one step throws, the next ones are taken: the lock goes last.
    for (const step of undo.toReversed())
      await Promise.resolve()
        .then(step)
        .catch((error: Error) => note(error.message));
  };
  try {
    const settings = await readSettings(data);
    const lock = lockDataDirectory(data, note);
    undo.push(() => lock.release());
    return await startLocked({ ...options, data, note }, settings, lock, undo);
  } catch (error) {
    await cleanUp();
    throw tellable(error);
  }
}

/** What is told of a server that somebody named. */
const unanswered = (endpoint: string, error: unknown): DaochaError =>
  new DaochaError(
    'engine-unavailable',
    503,
    `DYNAMODB_ENDPOINT names ${endpoint}, which does not answer as a DynamoDB: ${(error as Error).message || (error as Error).name}.`,
    { field: 'DYNAMODB_ENDPOINT', expected: 'the address of one that runs, or leave it out', cause: error },
  );

/** What the system refuses (a folder that may not be written to) is no defect: it is told in one line. */
function tellable(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof DaochaError || typeof code !== 'string' || syscall === undefined) return error;
  return new DaochaError('start-failed', 500, `The platform cannot start: ${message}.`, { cause: error });
}

async function startLocked(
  options: PlatformOptions & { note: (message: string) => void },
  settings: LocalSettings,
  lock: DataLock,
  undo: (() => Promise<void> | void)[],
): Promise<Platform> {
  const { data, note } = options;
  let handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const { server, api } = await listen(options.port ?? 3000, (request, response) => {
    if (handle !== undefined) return handle(request, response);
    json(response, 503, { status: 'starting' }, { 'retry-after': '1' });
  });
  undo.push(() => closeServer(server, 0));

  const template = options.template === undefined ? declaredTemplate() : Promise.resolve(options.template);
  template.catch(() => {}); // awaited below; a failure meanwhile must not end the process
  const engine = await startEngine({
    data,
    memory: options.memory === true,
    lock,
    ...(options.engine === undefined ? {} : { engine: options.engine }),
  });
  undo.push(() => engine.stop());
  // a server of one's own keeps what it has
  const memory = options.memory === true && engine.name !== 'external';
  // What is kept in memory is another log each time: its key and copies are made for the run, and gone with it. The directory's key signs
  // the directory's log only, for to whoever knows that key a second one is a fork.
  const keys = memory ? mkdtempSync(join(tmpdir(), 'daocha-memory-')) : data;
  if (memory) undo.push(() => rmSync(keys, { recursive: true, force: true }));

  const dynamo = new DynamoDBClient(engine.client);
  undo.push(() => dynamo.destroy());
  const physical = new Map<string, Physical>();
  const tables = await createTables(dynamo, await template, physical).catch((error: unknown) => {
    throw engine.name === 'external' ? unanswered(engine.endpoint, error) : error;
  });
  const model = readModel(await template, tables, physical, engine.client.region);
  const key = await ensureSigningKey(data);
  const issuer = `${api}${ISSUER_PATH}`;
  const { tenant, tokenHours } = settings;
  const authorizing = makeAuthorizing(api, key, AUDIENCE, tokenHours);
  let clock: VirtualClock | undefined;
  const threads: ((at: number) => Promise<void>)[] = [];
  if (options.clock !== undefined) {
    clock = startVirtualClock(options.clock, {
      schedules: model.schedules,
      tell: async (at) => void (await Promise.all(threads.map((set) => set(at)))),
      fire: (fn, name) => following.fire(fn, name),
      note,
      ...(options.stepped === true && { settle: () => stepping!.step() }),
    });
    undo.push(() => setClock());
  }
  const bus = makeBus(model.buses, now);
  undo.push(() => bus.close());

  const table = (role: string) => tables.find((one) => one.role === role)?.name ?? '';
  const names = {
    events: table('events'),
    log: table('log'),
    views: table('views'),
    access: table('access'),
    directory: table('directory'),
  };
  const writer = (component: string) => seededWriter(writerSeed(key), tenant, component);
  // The keys of a machine are its own, and a simulation has the same events wherever it runs: it declares none.
  const seeding = { dynamo, tables: names, tenant, now, ...(options.stepped === true ? {} : { writer }) };
  const copied = memory ? undefined : copiesFolder(data);
  if (copied !== undefined) {
    const database = engine.name === 'external' ? engine.endpoint : databaseFile(engine.directory);
    const head = await readHead({ ...seeding, ...names });
    refuseShorterLog(database, head.size, copied);
    for (const damage of damagedCopies(copied)) note(damage);
    if (head.size === 0 && (await isEmpty(dynamo, names.events))) refuseSecondLog(data, database);
  }
  for (const { environment: variables } of model.functions) {
    const origin = variables[VARIABLES.logOrigin];
    if (origin !== undefined) ensureLogKey(keys, origin, await signedHere({ ...seeding, ...names }, copied));
  }
  await (options.seed ?? launchHere)(seeding);

  // Before anything can be signed.
  if (copied !== undefined) markLogKey(data);

  const { failed, fail } = failure();
  engine.onFailure((reason) =>
    fail(`The database engine stopped by itself: ${reason}. See ${join(engine.directory, 'engine.log')}.`),
  );
  const shared = {
    mappings: model.mappings,
    schedules: model.schedules,
    tables,
    directory: engine.directory,
    memory,
    note,
  };
  const copies = copiesFolder(keys);
  // with the data that names it, and gone with it when it is kept in memory
  const evidence = { directory: join(engine.directory, 'evidence'), secret: evidenceSecret(key) };
  const variables = {
    ...environment(engine, settings, { api, issuer, keys, copies }),
    DAOCHA_SESSION_SECRET: sessionSecret(key),
    [VARIABLES.writerSeed]: writerSeed(key),
    [VARIABLES.evidence]: `file:${evidence.directory}`,
    [VARIABLES.evidenceSecret]: evidence.secret,
  };
  // The functions of mappings and schedules in a thread of their own, those that answer or are called by the bus here.
  const followers = new Set([...model.mappings, ...model.schedules, ...model.queues].map((caller) => caller.function));
  const called = new Set([...model.routes.map((route) => route.function), ...model.rules.flatMap((r) => r.functions)]);
  const stepped = options.stepped === true && clock !== undefined;
  const inThread = options.load === undefined && options.sweep === undefined && !stepped;
  const here = inThread ? model.functions.filter(({ name }) => called.has(name)) : model.functions;
  let calls = 0;
  // Some of it goes on record, as correlation: a stepped platform's calls are numbered.
  const requestId = stepped ? () => `step-${(calls += 1)}` : undefined;
  const invoke = await loadFunctions(here, variables, options.load ?? importHandler, requestId);
  let following: Following;
  let stepping: Stepping | undefined;
  if (stepped) {
    const streams = new DynamoDBStreamsClient(engine.client);
    undo.push(() => streams.destroy());
    stepping = makeStepping({ ...shared, streams, invoke, now });
    following = stepping.following;
  } else if (inThread) {
    const thread = await followInThread({
      ...shared,
      client: engine.client,
      functions: model.functions.filter(({ name }) => followers.has(name)),
      environment: variables,
      seeding: { tables: names, tenant },
      clock: clock?.now().getTime(),
      onFailure: (reason) => fail(`The followers of the log stopped: ${reason}.`),
    });
    following = thread;
    threads.push((at) => thread.setClock(at));
  } else {
    const streams = new DynamoDBStreamsClient(engine.client);
    undo.push(() => streams.destroy());
    following = followAll({
      ...shared,
      times: { now, virtual: clock !== undefined },
      streams,
      invoke,
      sweep: () => (options.sweep ?? sweepEvents)(seeding),
    });
  }
  undo.push(() => following.stop());
  const queues = new Map(
    model.queues.map((queue) => [
      queue.name,
      startQueue(queue, (event) => following.call(queue.function, event), note),
    ]),
  );
  const stopQueues = async () => void (await Promise.all([...queues.values()].map((queue) => queue.stop())));
  undo.push(stopQueues);
  for (const rule of stepped ? [] : model.rules) routeRule(rule, bus, invoke, queues, note);

  const status = async (): Promise<PlatformStatus> => {
    const { mappings, schedules } = await following.states();
    return {
      engine: engine.name,
      mappings,
      schedules,
      deadLetters: mappings.reduce((sum, { deadLetters }) => sum + deadLetters, 0),
    };
  };
  // A followed clock of its own writes nothing unasked.
  const writes = watchWrites({
    probe: async () => {
      if (names.views === '') return;
      const Item = { pk: { S: `${tenant}#local` }, sk: { S: 'written' }, at: { S: new Date().toISOString() } };
      await dynamo.send(new PutItemCommand({ TableName: names.views, Item }), {
        abortSignal: AbortSignal.timeout(5000),
      });
    },
    room: () => hasRoom(engine.directory),
    restart: engine.restart,
    note,
    every: memory || options.clock !== undefined || options.template !== undefined ? 0 : WRITE_CHECK,
  });
  undo.push(() => writes.stop());
  let stopping: Promise<void> | undefined;
  let inFlight = 0;
  let answered = () => {};
  handle = (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith('/dev/')) {
      return developmentPath(path, request, response, {
        api,
        key,
        authorizing,
        bus,
        status,
        fire: (fn) => following.fire(fn),
        evidence,
      });
    }
    if (stopping !== undefined) return json(response, 503, { status: 'stopping' }, { connection: 'close' });
    inFlight++;
    void (async () => {
      // What only reads would not tell.
      if (path === '/health' && options.clock === undefined && !(await writes.check()))
        return json(response, 503, { status: 'unavailable' }, { 'retry-after': '5' });
      await serve(
        {
          routes: model.routes,
          invoke,
          failed: (fn, error) => note(`function ${fn} failed: ${(error as Error).message}`),
        },
        request,
        response,
      );
    })().finally(() => {
      inFlight--;
      if (inFlight === 0) answered();
      if (request.method !== 'GET' && request.method !== 'HEAD') following.wake('events');
    });
  };
  const endpoints = { dynamodb: engine.endpoint, streams: engine.endpoint, bus: `${api}/dev/bus` };
  writePlatformFile(data, { api, ...endpoints, tables: names, tenant, issuer, audience: AUDIENCE, tokenHours });
  undo.push(() => removePlatformFile(data));

  // The bus is reached through the same server as the API, so that goes only when the publisher has stopped.
  const stopInOrder = async () => {
    bus.close(); // its streams are requests that would never end
    if (inFlight > 0) {
      await new Promise<void>((done) => {
        answered = done;
        setTimeout(done, STOP_WITHIN).unref();
      });
    }
    await stopQueues();
    // What is signed by now is copied: an older database put in its place is noticed at the next start.
    if (inThread && !memory) {
      const copying = following.fire('seal').then(() => following.fire('attest'));
      const given = new Promise<void>((done) => void setTimeout(done, STOP_WITHIN).unref());
      await Promise.race([copying, given]).catch((error: Error) => note(`No last copy was made: ${error.message}`));
    }
    await following.stop();
    await closeServer(server, 1000);
    for (const step of undo.toReversed()) await step();
  };
  return {
    api,
    engine,
    tables: names,
    tenant,
    bus,
    token: (request) => signToken(key, { issuer, audience: AUDIENCE, tokenHours }, request),
    status,
    fire: (fn) => following.fire(fn),
    clock,
    step: stepping?.step,
    failed,
    stop: () => (stopping ??= stopInOrder()),
  };
}

/** A promise of the first reason given. */
function failure(): { failed: Promise<string>; fail: (reason: string) => void } {
  let fail: (reason: string) => void = () => {};
  const failed = new Promise<string>((done) => {
    fail = done;
  });
  return { failed, fail };
}

/** Has it no event at all? */
async function isEmpty(dynamo: DynamoDBClient, events: string): Promise<boolean> {
  const { Count = 0 } = await dynamo.send(new ScanCommand({ TableName: events, Limit: 1, ConsistentRead: true }));
  return Count === 0;
}

function environment(
  engine: Engine,
  { secrets, logLevel, handedOn }: LocalSettings,
  { api, issuer, keys, copies }: { api: string; issuer: string; keys: string; copies: string },
): Record<string, string> {
  // A session or profile of the real AWS must not be mixed with the engine's example credential.
  for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE']) delete process.env[name];
  return {
    AWS_REGION: engine.client.region,
    AWS_DEFAULT_REGION: engine.client.region,
    AWS_ACCESS_KEY_ID: engine.client.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: engine.client.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: engine.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: `${api}/dev/bus`,
    DAOCHA_ISSUER: issuer,
    DAOCHA_AUDIENCE: AUDIENCE,
    DAOCHA_JWKS_URL: `${api}${JWKS_PATH}`,
    // with the data that names them, and gone with it when it is kept in memory
    DOSSIERS: `file:${join(engine.directory, 'dossiers')}`,
    [VARIABLES.consoleUrl]: `${api}/console`,
    // the development issuer gives a refresh token to who asks for it
    [VARIABLES.consoleScope]: 'openid profile offline_access',
    SECRETS: `file:${secrets}`,
    [VARIABLES.logKey]: `file:${logKeyFile(keys)}`,
    [VARIABLES.archive]: `file:${copies}`,
    // It goes before what the template says.
    ...handedOn,
    // A terminal is no log service: only what needs a person, and no metrics.
    POWERTOOLS_LOG_LEVEL: logLevel,
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
}

function routeRule(
  rule: Model['rules'][number],
  bus: Bus,
  invoke: Invoker,
  queues: ReadonlyMap<string, Queue>,
  note: (message: string) => void,
): void {
  bus.subscribe((event, name) => {
    if (name !== rule.bus || !matches(rule.pattern, event)) return;
    for (const queue of rule.queues) queues.get(queue)?.put(event);
    for (const fn of rule.functions) {
      invoke(fn, event).catch((error: Error) => note(`function ${fn} failed on an event of the bus: ${error.message}`));
    }
  });
}

// A town behind the deployed handler, on the in-memory DynamoDB unless another is given: requests go in as API Gateway
// payloads (v2), `settle` does what the streams would: sequence, then project. Tokens are really signed and really
// checked.
import { namesOnRecord } from '../../../shared/reading/unit/list-query.ts';
import { ScanCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { generateKeyPair, SignJWT, createLocalJWKSet, exportJWK, type CryptoKey, type JWTVerifyGetKey } from 'jose';
import { makeVerifier } from '../../../functions/api/auth.ts';
import type { Role } from '../../../shared/rules/roles.ts';
import type { ApiDeps } from '../../../functions/api/handler-types.ts';
import { ALL_HANDLERS } from '../../../functions/api/all-handlers.ts';
import { makeHandler } from '../../../functions/api/lambda.ts';
import type { HttpHandler } from '../../../functions/runtime/http-lambda.ts';
import type { TableNames } from '../../../infra/cli/data-directory.ts';
import { makeDeliveryVerifier } from '../../../functions/api/signed.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import * as campaignCommands from '../../../shared/rules/campaign/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { launchCampaign } from '../../../shared/rules/perform/campaign.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sealLog } from '../../../shared/record/seal/seal.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { COSIGNATURE_V1, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { projectionName, type ViewDeps } from '../../../shared/reading/views/view.ts';
import type { DossierStore } from '../../../functions/runtime/dossier-store.ts';
import type { EvidenceStore } from '../../../functions/runtime/evidence-store.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { memoryDossiers, strictReact } from '../../support/dossiers.ts';
import { expectDocumented } from '../../support/documented.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';

export const TENANT = 'liantang';
export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'daocha';
export const ORIGIN = 'daocha.invalid/liantang';
/** The one witness that the town has. */
export const WITNESS_KEY = localKey(new Uint8Array(32).fill(8));
export const WITNESS = vkeyOf('witness.example/district', COSIGNATURE_V1, WITNESS_KEY.publicKey);
export const LOG_KEY = localKey(new Uint8Array(32).fill(9));
export const NOON = new Date('2025-06-02T04:00:00.000Z');

export interface Keys {
  privateKey: CryptoKey;
  set: JWTVerifyGetKey;
}

export async function makeKeys(alg = 'EdDSA'): Promise<Keys> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, set: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg }] }) };
}

export interface Claims {
  sub?: string | undefined;
  roles?: Role[] | string | undefined;
  org?: string | undefined;
  post?: string | undefined;
  iss?: string;
  aud?: string;
  /** seconds from then; default 3600 */
  expiresIn?: number;
  /** when it is made; default NOON */
  now?: Date;
  alg?: string;
}

export async function sign(keys: Keys, claims: Claims): Promise<string> {
  const { iss = ISSUER, aud = AUDIENCE, expiresIn = 3600, alg = 'EdDSA', sub, now = NOON, ...own } = claims;
  const at = Math.floor(now.getTime() / 1000);
  const jwt = new SignJWT(JSON.parse(JSON.stringify(own)) as Record<string, unknown>)
    .setProtectedHeader({ alg, kid: 'k1' })
    .setIssuer(iss)
    .setAudience(aud)
    .setIssuedAt(at - 60)
    .setExpirationTime(at + expiresIn);
  if (sub !== undefined) jwt.setSubject(sub);
  return jwt.sign(keys.privateKey);
}

export interface Sent {
  token?: string | undefined;
  body?: unknown;
  /** sent as it is, instead of `body` */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}
export interface Answered {
  status: number;
  headers: Record<string, string>;
  /** parsed JSON, text, or a Buffer, by its content type. What an answer holds is what each test asserts. */
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface TestTown {
  /** the in-memory tables; unused when another engine was given */
  fake: FakeDynamo;
  deps: Omit<ApiDeps, 'report'>;
  /** secrets by which others sign what they deliver, by name */
  secrets: Map<string, string>;
  logged: { message: string; facts: Record<string, unknown> }[];
  now: { at: Date };
  keys: Keys;
  /** a token for a person of this role, organisation and post */
  as: (role: Role, org: string, sub?: string) => Promise<string>;
  send: (method: string, path: string, sent?: Sent) => Promise<Answered>;
  post: (path: string, token: string, body: unknown, headers?: Record<string, string>) => Promise<Answered>;
  /** the same, and what it puts forward is confirmed by a second person: what the confirmation answers, else the act's own answer */
  agreed: (path: string, token: string, body: unknown, headers?: Record<string, string>) => Promise<Answered>;
  get: (path: string, token: string) => Promise<Answered>;
  /** sequences and projects everything that was written */
  settle: () => Promise<void>;
  /** does what follows from it by the rules, and from that, until nothing more does */
  react: () => Promise<void>;
  /** signs what was sequenced */
  seal: () => Promise<void>;
  /** the EVENTS table, by key */
  items: () => Promise<Record<string, AttributeValue>[]>;
  /** commits in the in-memory EVENTS table */
  commits: () => number;
}

export interface TownOptions {
  /** the campaign runs already; default true */
  launched?: boolean;
  /** whoever waits for a view makes it come: it is settled at the first pause */
  settling?: boolean;
  /** tables of a real engine */
  engine?: { dynamo: DynamoDBClient; tables: TableNames };
  /** units that read alike are told apart; not unless asked, because many tests register several of one name */
  compared?: boolean;
  /** where its evidence lies; default: nowhere */
  evidence?: EvidenceStore;
}

export async function makeTown({
  launched = true,
  settling = false,
  engine,
  evidence,
  compared = false,
}: TownOptions = {}): Promise<TestTown> {
  const fake = new FakeDynamo();
  const dynamo = engine?.dynamo ?? fake.client;
  const tables = engine?.tables ?? {
    events: 'events',
    log: 'log',
    views: 'views',
    access: 'access',
    directory: 'directory',
  };
  const keys = await makeKeys();
  const now = { at: NOON };
  const clock = (): Date => now.at;
  const views: ViewDeps = { dynamo, ...tables, tenant: TENANT, now: clock, backoff: () => Promise.resolve() };
  const logged: TestTown['logged'] = [];
  const keep = (message: string, facts: Record<string, unknown>): void => void logged.push({ message, facts });
  const dossiers = memoryDossiers();
  const secrets = new Map<string, string>();
  const deps: TestTown['deps'] = {
    tenant: TENANT,
    now: clock,
    handlers: ALL_HANDLERS,
    dossiers,
    ...(evidence && { evidence }),
    verifyDelivery: makeDeliveryVerifier({
      secrets: { listSecrets: () => Promise.resolve(secrets) },
      now: clock,
      report: keep,
    }),
    store: {
      dynamo,
      table: tables.events,
      ...(compared && { names: { table: tables.log, older: () => namesOnRecord(views) } }),
    },
    views,
    directory: { dynamo, table: tables.directory, tenant: TENANT },
    access: { dynamo, table: tables.access, tenant: TENANT },
    witnesses: [{ vkey: WITNESS }],
    verify: makeVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: keys.set, now: clock, tokenHours: 367 * 24 }),
    // a wait moves the clock, so that a test of waiting takes no time
    pause: async (milliseconds) => {
      now.at = new Date(now.at.getTime() + milliseconds);
      if (settling) await settle(views);
    },
  };
  const handler = makeHandler(deps, { info: keep, error: keep }, () => 0);
  const send: TestTown['send'] = (method, path, sent) => invoke(handler, method, path, sent);
  const town: TestTown = {
    fake,
    deps,
    secrets,
    logged,
    now,
    keys,
    as: (role, org, sub = `p-${role}-${org}`) => sign(keys, { sub, roles: [role], org, post: `${role} of ${org}` }),
    send,
    post: (path, token, body, headers = {}) => send('POST', path, { token, body, headers }),
    agreed: async (path, token, body, headers = {}) => {
      const put = await send('POST', path, { token, body, headers });
      if (put.status !== 202) return put;
      const second = await town.as('leader', 'leading-group', 'p-leader-1');
      const key = { 'idempotency-key': `second-${put.body.proposal}` };
      return town.post(`/v1/proposals/${put.body.proposal}/confirmation`, second, {}, key);
    },
    // with a ground, which an auditor states
    get: (path, token) => send('GET', path, { token, headers: { 'x-access-ground': 'case-1' } }),
    settle: () => settle(views),
    react: () => reactUntilQuiet(deps, views, dossiers),
    seal: async () => {
      await sealLog({ log: views, origin: ORIGIN, key: LOG_KEY, interval: 0, sleep: () => Promise.resolve() });
    },
    items: () => allItems(dynamo, tables.events),
    commits: () => fake.items('events').length,
  };
  if (launched) await launch(deps);
  return town;
}

/** Calls the handler as an HTTP API does. */
async function invoke(handler: HttpHandler, method: string, path: string, sent: Sent = {}): Promise<Answered> {
  const url = new URL(path, 'https://api.test');
  const raw = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const headers: Record<string, string> = {
    host: 'api.test',
    ...(raw === undefined ? {} : { 'content-type': 'application/json' }),
    ...(sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }),
    ...sent.headers,
  };
  const event = {
    version: '2.0',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    body: typeof raw === 'string' ? raw : raw?.toString('base64'),
    isBase64Encoded: raw instanceof Buffer,
    requestContext: { http: { method, path: url.pathname }, domainName: 'api.test' },
  };
  const result = await handler(event, {} as Context);
  const answered = { status: result.statusCode, headers: result.headers, body: bodyOf(result) };
  expectDocumented(method, url.pathname, answered);
  return answered;
}

function bodyOf({ headers, body, isBase64Encoded }: Awaited<ReturnType<HttpHandler>>): unknown {
  if (body === '') return undefined;
  if (/json/.test(headers['content-type'] ?? '')) return JSON.parse(body);
  return isBase64Encoded ? Buffer.from(body, 'base64') : body;
}

async function launch(deps: Omit<ApiDeps, 'report'>): Promise<void> {
  const context = (command: string) => ({
    tenant: TENANT,
    command,
    request: command,
    actor: { person: 'p-admin', post: 'admin', organisation: 'office' },
    source: 'api' as const,
    now: deps.now(),
  });
  await launchCampaign(deps.store, context('launch'), LIANTANG);
  await perform(deps.store, context('rules'), campaignCommands.publishRuleSet, 'campaign', LIANTANG_RULES);
}

async function settle(views: ViewDeps): Promise<void> {
  const items = await allItems(views.dynamo, views.events);
  await sequence(
    views,
    items.map((item) => ({ stream: item['stream']!.S!, version: Number(item['version']!.N) })),
  );
  await follow(views, projectionName(1), async (batch) => {
    await applyBatch(views, 1, VIEWS, batch);
  });
}

async function reactUntilQuiet(deps: TestTown['deps'], views: ViewDeps, dossiers: DossierStore): Promise<void> {
  const react = strictReact({ views: { ...views, sleep: () => settle(views) }, store: deps.store, dossiers });
  for (let size = -1; ;) {
    await settle(views);
    const { size: now } = await readHead(views);
    if (now === size) return;
    size = now;
    await react({ Records: [] });
  }
}

async function allItems(dynamo: DynamoDBClient, table: string): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamo.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, Limit: 500, ExclusiveStartKey: from }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}

// A campaign in accelerated time: the real platform under a virtual clock, moved from half-day to half-day. In each, people's acts go
// through the API in the order of their times; then the sequencer and the followers run until nothing is left to do; then people read what
// came into the log, and plan. The same seed gives the same acts at the same times, and so the same events.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { walkLog } from '../../shared/record/log/read.ts';
import type { Platform } from '../local/platform.ts';
import type { Act, Request, Caller } from './acts.ts';
import { OFFICE, somebody, type Town } from './hazard-people.ts';
import { actsOf } from './people.ts';
import { actQueue } from './queue.ts';
import type { Scenario, SimulatedVisit } from './scenario.ts';
import { count, newSummary, type SimulationSummary, type TownReports } from './summary.ts';
import { learn, newWorld, type World } from './world.ts';
import { momentOf, plusDays } from '../../shared/town-time.ts';

export interface SimulationOptions {
  platform: Platform;
  scenario: Scenario;
  town: Town;
  /** of the campaign */
  organisations: readonly { id: string; kind: string }[];
  /** first and last day, in town time */
  from: string;
  to: string;
  onDay: (day: string, done: number, total: number) => void;
  stopped?: () => boolean;
}

export interface Simulated {
  summary: SimulationSummary;
  townReports: TownReports;
  events: number;
  /** SHA-256 over every event in the order of the log: the same for the same seed */
  digest: string;
  /** acts that the platform refused, because others had been faster, with the reasons */
  refused: Map<string, number>;
  /** false when it was stopped before its last day */
  finished: boolean;
}

/** When people's half-days begin and end, in town time. What is scheduled for the morning runs before. */
const HALF_DAYS = ['13:00:00', '18:00:00'] as const;
const at = (day: string, time: string): Date => new Date(momentOf(day, time));

export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { platform, scenario, town, from, to, onDay } = options;
  const days = daysFrom(from, to);
  const people = new Callers(platform, town.seed);
  const reader = new LogReader(platform);
  const world = newWorld();
  const queue = actQueue();
  const summary = newSummary();
  const townReports: TownReports = { reminded: 0, missed: 0 };
  const step = async (): Promise<void> => {
    await platform.step!();
    for await (const event of reader.fresh()) {
      learn(world, event);
      count(summary, event, townReports);
      for (const act of actsOf(town, event, world)) queue.add(act);
    }
  };
  try {
    const morning = at(from, '08:00:00');
    for (const act of [...appointments(options, morning), ...registrations(scenario, morning)]) queue.add(act);
    for (const visit of scenario.visits) queue.add(inspection(visit, scenario));
    for (const [n, day] of days.entries()) {
      if (options.stopped?.()) break;
      onDay(day, n, days.length);
      // Reminders of the morning are about what was there in the evening before.
      await platform.clock!.runTo(at(day, '09:00:00'));
      await step();
      for (const end of HALF_DAYS) {
        for (const act of queue.until(at(day, end).toISOString())) await people.carryOut(act, world);
        await platform.clock!.runTo(at(day, end));
        await step();
      }
    }
    const finished = platform.clock!.now() >= at(to, '18:00:00');
    if (finished) onDay(to, days.length, days.length);
    const { position: events } = reader;
    return { summary, townReports, events, digest: reader.digest(), refused: people.refused, finished };
  } finally {
    reader.close();
  }
}

function daysFrom(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = plusDays(day, 1)) days.push(day);
  return days;
}

/** Every organisation has a head and a liaison, so that reminders reach somebody. */
function appointments({ from, organisations }: SimulationOptions, when: Date): Act[] {
  return organisations.flatMap(({ id, kind }) => {
    const posts = kind === 'leading-group' ? ['leader'] : kind === 'office' ? ['office-director'] : ['head', 'liaison'];
    return posts.map((post) => ({
      at: when.toISOString(),
      key: `appoint:${id}:${post}`,
      request: (): Request => ({
        who: OFFICE,
        path: `/v1/roster/${id}/appointments`,
        body: { appointment: post, post, person: `sim-${post}-${id}`, from, basis: '练府〔2025〕18号附件' },
      }),
    }));
  });
}

function registrations({ units }: Scenario, when: Date): Act[] {
  return [...units.values()].map((unit) => ({
    at: when.toISOString(),
    key: `register:${unit.id}`,
    request: (): Request => ({
      who: somebody('village', unit.area),
      path: '/v1/units',
      body: { id: unit.id, ...unit.details },
    }),
  }));
}

function inspection(visit: SimulatedVisit, { units }: Scenario): Act {
  const { area } = units.get(visit.unit)!;
  return {
    at: visit.at,
    key: `visit:${visit.id}`,
    request: () => ({
      who: somebody('village', area, 2),
      path: '/v1/inspections',
      body: { id: visit.id, unit: visit.unit, track: visit.track, mode: 'routine', answers: visit.answers },
    }),
  };
}

/** People at their phones: signed in once, each act sent with a key of its own. */
class Callers {
  readonly refused = new Map<string, number>();
  readonly #platform: Platform;
  readonly #seed: string;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(platform: Platform, seed: string) {
    this.#platform = platform;
    this.#seed = seed;
  }

  async carryOut(act: Act, world: World): Promise<void> {
    const request = act.request(world);
    if (!request) return;
    const { clock, api } = this.#platform;
    const when = new Date(act.at);
    if (when > clock!.now()) await clock!.set(when);
    const key = createHash('sha256').update(`${this.#seed}\0${act.key}`).digest('hex').slice(0, 32);
    const response = await fetch(`${api}${request.path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.#token(request.who)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
        'x-correlation-id': key,
      },
      body: JSON.stringify(request.body),
    });
    const answer = (await response.json()) as { type?: string; detail?: string };
    if (response.ok) return;
    if (response.status >= 500) throw new Error(`${request.path} answered ${response.status}: ${answer.detail}`);
    const reason = `${act.key.split(':').at(-1)}: ${answer.type?.split(':').at(-1)}: ${answer.detail}`;
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  #token({ person, role, org, post }: Caller): Promise<string> {
    const known = this.#tokens.get(person);
    if (known) return known;
    const token = this.#platform.token({ person, roles: [role], org, post, ttl: '1d' });
    this.#tokens.set(person, token);
    return token;
  }
}

class LogReader {
  position = 0;
  readonly #dynamo: DynamoDBClient;
  readonly #platform: Platform;
  readonly #hash = createHash('sha256');

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#dynamo = new DynamoDBClient(platform.engine.client);
  }

  /** What has come into the log since the last time. */
  async *fresh() {
    const { tables, tenant, clock } = this.#platform;
    const deps = { dynamo: this.#dynamo, events: tables.events, log: tables.log, tenant, now: () => clock!.now() };
    for await (const batch of walkLog(deps, this.position, { batch: 500 })) {
      for (const { event, bytes, position } of batch) {
        this.#hash.update(bytes).update('\n');
        this.position = position + 1;
        yield event;
      }
    }
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  close(): void {
    this.#dynamo.destroy();
  }
}

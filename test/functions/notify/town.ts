// A town for tests of notify: reminders are recorded and placed in the log, notify runs against the in-memory tables
// under a clock that the test moves, and robots that do what the test says take the messages. Nothing waits for real
// time.
import { encodeEvent } from '../../../events/catalogue.ts';
import { parseStreamKey, streamKey } from '../../../events/envelope.ts';
import type { DeliveryEvent } from '../../../events/delivery.ts';
import { decodeEvent } from '../../../events/catalogue.ts';
import { channelId, type OpenChannel } from '../../../functions/notify/channels.ts';
import type { DrainDeps } from '../../../functions/notify/drain.ts';
import type { Adapter, Message } from '../../../functions/notify/message.ts';
import { makeNotify, NOTIFY } from '../../../functions/notify/notify.ts';
import type { Outcome } from '../../../functions/notify/outcome.ts';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { launchCampaign } from '../../../shared/rules/perform/campaign.ts';
import type { NoticeEvent } from '../../../shared/rules/reminder/notice.ts';
import { followerPosition } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { commitFromItem, itemFromCommit, NO_COMMIT, type Commit } from '../../../shared/record/store/commit.ts';
import { sealCommits } from '../../../shared/record/store/store.ts';
import { FakeDynamo, type Hook } from '../../support/fake-dynamo.ts';
import { TENANT } from '../../support/builders.ts';
import { event, reminder } from './support.ts';

export const START = Date.parse('2025-05-15T00:30:00.000Z');
export const MINUTE = 60_000;

/** A message as it came to a robot. */
export interface Sent {
  channel: string;
  message: string;
  /** ids of the events in it */
  events: string[];
  at: number;
  outcome: Outcome;
}

export type Robot = (message: Message, channel: OpenChannel) => Outcome | Promise<Outcome>;
export const TAKEN: Outcome = { kind: 'taken', answer: 'ok' };

export class NotifyTown {
  readonly fake = new FakeDynamo();
  readonly sent: Sent[] = [];
  readonly logged: { message: string; facts: Record<string, unknown> }[] = [];
  readonly counted: Record<string, number> = {};
  now = START;
  /** what every robot does with a message */
  robot: Robot = () => TAKEN;
  /** per channel, at most */
  limits: Pick<Adapter<never>, 'perMinute' | 'most'> = { perMinute: 20, most: 5 };
  channels = new Map<string, OpenChannel[]>();
  /** what is wrong with their configuration, if anything */
  wrong: Error | undefined;
  #hazards = 0;
  #last: Commit[] = [];

  constructor(...organisations: string[]) {
    for (const organisation of organisations) this.reach(organisation);
  }

  /** Gives an organisation channels of these kinds instead of those it has. */
  reach(organisation: string, kinds: OpenChannel['kind'][] = ['wecom'], events?: OpenChannel['events']): this {
    const channels = kinds.map((kind) => {
      const id = channelId(organisation, { kind });
      return { kind, id, organisation, ...(events && { events }) } as unknown as OpenChannel;
    });
    this.channels.set(organisation, channels);
    return this;
  }

  /** The town's campaign, for notices that go to the office. */
  async launched(): Promise<this> {
    const actor = { person: 'p', post: 'admin', organisation: 'office' };
    const context = {
      tenant: TENANT,
      command: 'c',
      request: 'r',
      actor,
      source: 'api' as const,
      now: new Date(this.now),
    };
    await launchCampaign({ dynamo: this.fake.client, table: 'events' }, context, LIANTANG);
    return this;
  }

  /** Records a reminder for these organisations and places it in the log; its event's id. */
  async remind(...organisations: string[]): Promise<string> {
    this.#hazards += 1;
    const recipients = organisations.map((organisation) => ({ organisation, post: 'liaison', person: null }));
    return this.record(reminder(-3, { recipients }, {}, `h_${this.#hazards}`, 1));
  }

  /** Records any event in a stream of its own and places it in the log. */
  async record(of: NoticeEvent): Promise<string> {
    const { category, id } = parseStreamKey(of.stream);
    const at = new Date(this.now).toISOString();
    const whole = event(category, id, of, { ...of, occurredAt: at, recordedAt: at }, of.version);
    const commits = sealCommits([
      {
        stream: streamKey(TENANT, category, id),
        version: of.version,
        events: [encodeEvent(whole)],
        command: `c-${of.id}`,
        request: 'r',
        person: 'p',
        recordedAt: at,
        prev: NO_COMMIT,
      },
    ]);
    for (const commit of commits) this.fake.seed('events', itemFromCommit(commit));
    this.#last.push(...commits);
    await this.sequence();
    return of.id;
  }

  /** Places what was recorded lately, outcomes of messages included. */
  async sequence(): Promise<void> {
    const stored = this.fake.items('events').map(commitFromItem);
    await sequence(this.#views(this.fake.client), stored);
  }

  #views(dynamo: DrainDeps['views']['dynamo']): DrainDeps['views'] {
    const now = (): Date => new Date(this.now);
    return {
      dynamo,
      events: 'events',
      log: 'log',
      views: 'views',
      tenant: TENANT,
      now,
      backoff: () => Promise.resolve(),
    };
  }

  get views(): DrainDeps['views'] {
    return this.#views(this.fake.client);
  }

  /** One wake-up. @param hook of this process's calls; may crash it, or hold it up */
  run(hook: Hook = () => {}, goOn?: () => number): Promise<void> {
    const dynamo = this.fake.clientWith(hook);
    const adapterOf = (kind: OpenChannel['kind']): Adapter<never> => ({
      ...this.limits,
      fits: () => true,
      send: async (channel: OpenChannel, message) => {
        const outcome = await this.robot(message, channel);
        const events = message.notices.map((notice) => notice.event.id);
        this.sent.push({ channel: channel.id, message: message.id, events, at: this.now, outcome });
        void kind;
        return outcome;
      },
    });
    const notify = makeNotify({
      store: { dynamo, table: 'events' },
      views: this.#views(dynamo),
      channels: async () => {
        if (this.wrong) throw this.wrong;
        return this.channels;
      },
      send: { now: () => new Date(this.now), readSecret: async (name) => name, timeoutMs: 1000 },
      adapterOf,
      record: {
        tenant: TENANT,
        actor: { person: 'daocha-notify', post: 'platform', organisation: 'office' },
        source: 'policy',
        now: () => new Date(this.now),
      },
      random: () => 0.5,
      console: undefined,
      logger: {
        info: (message, facts) => void this.logged.push({ message, facts }),
        error: (message, facts) => void this.logged.push({ message, facts }),
      },
      metrics: { addMetric: (name, _unit, value) => void (this.counted[name] = (this.counted[name] ?? 0) + value) },
    });
    return notify({}, goOn && { getRemainingTimeInMillis: goOn });
  }

  /** Runs every minute until nothing is left to do; at most three days. */
  async settle(minutes = 3 * 24 * 60): Promise<void> {
    for (let minute = 0; minute < minutes && (await this.busy()); minute++) {
      await this.run();
      this.now += MINUTE;
    }
  }

  /** Whether the follower is behind, or something waits in the outbox. */
  async busy(): Promise<boolean> {
    const waits = this.outbox().some(
      ({ sk, content }) =>
        /^(due|again)#/.test(sk) || (sk.startsWith('channel#') && (content as { message: unknown }).message),
    );
    const size = Number(this.fake.items('log').find((item) => item['sk']?.S === 'head')?.['size']?.N ?? 0);
    return waits || (await followerPosition(this.views, NOTIFY)) < size;
  }

  outbox(): { sk: string; content: unknown }[] {
    return this.fake
      .items('log')
      .filter((item) => item['pk']?.S === `${TENANT}#outbox`)
      .map((item) => ({ sk: item['sk']!.S!, content: JSON.parse(item['content']!.S!) as unknown }));
  }

  /** What is recorded of messages, in order of stream and version. */
  outcomes(): DeliveryEvent[] {
    return this.fake
      .items('events')
      .filter((item) => item['stream']!.S!.startsWith(`${TENANT}#delivery#`))
      .flatMap((item) => commitFromItem(item).events.map((bytes) => decodeEvent(bytes) as DeliveryEvent));
  }

  /** `delivered guijianban/wecom hazard/h_1/1 hazard/h_2/1`, sorted. */
  summary(): string[] {
    return this.outcomes()
      .map(({ type, data }) => {
        const kind = type === 'MessageDelivered' ? 'delivered' : `failed (${data.why})`;
        return [kind, channelId(data.organisation, { kind: data.channel }), ...data.carries].join(' ');
      })
      .toSorted();
  }
}

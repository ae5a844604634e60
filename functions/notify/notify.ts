// Notifying (通知): follows the log, notes in the outbox what is to go to which channel, and sends it. The bus wakes it
// when there is something to tell, and a schedule every minute, for what waits for its next attempt. What a wake-up
// says is not looked at: all that counts is the log, from the checkpoint on, and the outbox, so no wake-up that is
// lost, doubled or late loses or doubles a message.
import type { Context } from 'aws-lambda';
import { addressees, isNotice } from '../../shared/rules/reminder/notice.ts';
import { loadCampaign } from '../../shared/rules/perform/campaign.ts';
import { concurrently } from '../../shared/record/log/batch.ts';
import { follow } from '../../shared/record/log/follow.ts';
import type { Positioned } from '../../shared/record/log/read.ts';
import { tellFollowed } from '../runtime/follower.ts';
import { METRICS } from '../runtime/variables.ts';
import { wants, type OpenChannel } from './channels.ts';
import type { CampaignDefinition } from '../../events/campaign.ts';
import { drain, type DrainDeps } from './drain.ts';
import { busyChannels, putDue } from './outbox.ts';

export interface NotifyDeps extends Omit<DrainDeps, 'campaign'> {
  /** all channels by organisation; throws what is wrong with the configuration */
  channels: () => Promise<Map<string, OpenChannel[]>>;
  logger: {
    info: (message: string, facts: Record<string, unknown>) => void;
    error: (message: string, facts: Record<string, unknown>) => void;
  };
  metrics: { addMetric: (name: string, unit: 'Count', value: number) => void };
  /** events read at once, at most */
  batch?: number;
}

export type NotifyHandler = (event: unknown, context?: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void>;

/** The follower's name: its checkpoint in the log. */
export const NOTIFY = 'notify';
/** Time kept in reserve for the attempt in hand. */
const RESERVE_MS = 25_000;
const BATCH = 300;

/** A Lambda handler for wake-ups of any kind. */
export function makeNotify({ channels, logger, metrics, batch = BATCH, ...deps }: NotifyDeps): NotifyHandler {
  const { views, store } = deps;
  return async (_event, context) => {
    const goOn = (): boolean => (context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY) > RESERVE_MS;
    const configured = await channels();
    const { definition } = await loadCampaign(store, views.tenant, views.now());
    const followed = await follow(
      views,
      NOTIFY,
      async (events) => putDue(views, dueOf(events, definition, configured)),
      { batch, goOn, broken: 'retake' },
    );
    const { position } = followed;
    tellFollowed(NOTIFY, followed, { logger, metrics });

    const byId = new Map([...configured.values()].flat().map((channel) => [channel.id, channel]));
    const failures: unknown[] = [];
    await concurrently(await busyChannels(views), async (id) => {
      try {
        const drained = await drain({ ...deps, campaign: definition }, id, byId.get(id), position, goOn);
        const { delivered, failed, postponed } = drained;
        if (delivered + failed + postponed > 0) logger.info('sent', { channel: id, ...drained });
        if (delivered > 0) metrics.addMetric('MessagesDelivered', 'Count', delivered);
        if (failed > 0) metrics.addMetric(METRICS.messagesFailed, 'Count', failed);
      } catch (error) {
        logger.error('a channel could not be served', { channel: id, error });
        failures.push(error);
      }
    });
    if (failures.length > 0) throw failures[0];
  };
}

/** Which events of a batch are to go to which channels. */
function dueOf(
  events: readonly Positioned[],
  campaign: CampaignDefinition | null,
  configured: ReadonlyMap<string, readonly OpenChannel[]>,
): Parameters<typeof putDue>[1] {
  return events.flatMap(({ position, event, commit }) => {
    if (!isNotice(event)) return [];
    const { id, stream, version, recordedAt } = event;
    const reference = { id, position, stream, commit: commit.version, version, recordedAt };
    return addressees(event, campaign).flatMap(({ organisation }) =>
      (configured.get(organisation) ?? [])
        .filter((channel) => wants(channel, event.type))
        .map((channel) => ({ ...reference, channel: channel.id })),
    );
  });
}

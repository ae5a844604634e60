// A message as the adapters get it: the notices that it carries for one organisation, each with what text and links need.
import type { CampaignDefinition } from '../../events/campaign.ts';
import type { NoticeEvent } from '../../shared/rules/reminder/notice.ts';
import type { Outcome } from './outcome.ts';

export interface Notice {
  position: number;
  event: NoticeEvent;
  /** posts that are meant */
  posts: string[];
  /** name of the unit (单位) that it is about; null: not known yet, or about none */
  unit: string | null;
}

export interface Message {
  id: string;
  organisation: string;
  /** none: a trial */
  notices: Notice[];
  /** names of organisations and tracks */
  campaign: CampaignDefinition | null;
  /** address of the console, without a trailing slash; undefined: no links */
  console: string | undefined;
}

/** What sending needs besides channel and message. */
export interface SendDeps {
  now: () => Date;
  /** reads a secret: the mail server's settings */
  readSecret: (name: string) => Promise<string>;
  timeoutMs: number;
}

/** How one kind of channel is spoken to. */
export interface Adapter<C> {
  /** messages that it takes in a minute, at most */
  perMinute: number;
  /** notices in one message, at most; `fits` may allow fewer */
  most: number;
  /** whether the message is within the channel's limits of size */
  fits: (message: Message) => boolean;
  send: (channel: C, message: Message, deps: SendDeps) => Promise<Outcome>;
}

// How each kind of channel is spoken to. A new kind is a file of its own and a line here (and in events/delivery.ts).
import type { OpenChannel } from './channels.ts';
import { dingtalk } from './dingtalk.ts';
import { email } from './email.ts';
import type { Adapter } from './message.ts';
import { webhook } from './webhook.ts';
import { wecom } from './wecom.ts';

const ADAPTERS: { [K in OpenChannel['kind']]: Adapter<Extract<OpenChannel, { kind: K }>> } = {
  wecom,
  dingtalk,
  webhook,
  email,
};

/** The adapter of a kind; what is handed to it is a channel of that kind. */
export function adapterOf(kind: OpenChannel['kind']): Adapter<never> {
  return ADAPTERS[kind];
}

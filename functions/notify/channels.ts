// Which channels reach an organisation (通知渠道): configuration, and full of keys, so it lies with the secrets and never
// in an event: `channels/<organisation>` is a JSON list of its channels, `smtp` the mail server of all e-mail channels.
// A channel is known by organisation, kind and name, e.g. `guijianban/wecom`. What is wrong is told by secret, place
// and field, never by value.
import * as z from 'zod';
import { CHANNELS, type Channel as Kind } from '../../events/delivery.ts';
import { idSchema } from '../../events/envelope.ts';
import { NOTICE_TYPES, type NoticeType } from '../../shared/rules/reminder/notice.ts';
import { DaochaError } from '../../events/errors.ts';
import { isSafeUrl } from '../../shared/record/http-exchange.ts';
import { pastedAlong } from '../../shared/pasted.ts';
import type { Secrets } from '../runtime/secrets.ts';
import { parsedJson } from './http.ts';

/** The configuration of channels is wrong; nothing is sent before it is right. */
export class ChannelsInvalid extends DaochaError {
  constructor(field: string, expected: string) {
    super('channels-invalid', 500, `${field}: ${expected}`, { field, expected });
  }
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What came along in copying is named before anything else. @param words a password, a name: blanks may be within it */
const pasted = (words = false): z.ZodString =>
  z.string().superRefine((text, context) => {
    const along = pastedAlong(text, words);
    if (along !== undefined) context.addIssue({ code: 'custom', message: `${along}: copy it again` });
  });

/** https anywhere, http only to this machine, no user or password in it; what a browser made of a blank (`%20`) is one. */
const address = pasted()
  .refine(isSafeUrl, 'must be an https address without blanks (http only to 127.0.0.1, localhost or [::1])')
  .refine((text) => (text.match(/:\/\//g) ?? []).length < 2, 'must be one address: two were pasted, copy it again')
  .refine(endsClean, 'must have no blanks after it, nor what a browser makes of them (%20): copy it again');

/** Do its parts begin and end with what is seen? */
function endsClean(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { pathname, search, hash } = new URL(text);
  return [...pathname.split('/'), ...search.split(/[?&=+]/), hash].every((part) => {
    try {
      return part === '' || !/^[\s\p{C}]|[\s\p{C}]$/u.test(decodeURIComponent(part));
    } catch {
      return false;
    }
  });
}

/** A key as these systems make them: not the word that stands for it in a manual (`<key>`, `…`), not two of them. */
const KEY = /^[\w-]{1,64}$/;
const robot = (parameter: string, chinese: string) =>
  address.refine((text) => {
    const [key, ...more] = URL.canParse(text) ? new URL(text).searchParams.getAll(parameter) : [];
    return key !== undefined && more.length === 0 && KEY.test(key);
  }, `must be the robot's whole webhook address (${chinese}), with ?${parameter}=, one key of letters, digits, - and _, and no blanks after it`);

const common = {
  /** tells apart several channels of one kind */
  name: idSchema.optional(),
  /** only these types of events; default: all */
  events: z.array(z.enum(NOTICE_TYPES)).min(1).optional(),
};
const channelSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wecom'), url: robot('key', '企业微信群机器人 Webhook 地址'), ...common }),
  z.strictObject({
    kind: z.literal('dingtalk'),
    url: robot('access_token', '钉钉群机器人 Webhook 地址'),
    /** 加签; absent when the robot is protected by keyword or address instead */
    secret: pasted()
      .regex(
        /^SEC(?!.*SEC)[A-Za-z0-9]{1,128}$/,
        'must begin with SEC and have no blanks (nor %20), only letters and digits: copy it again from 加签',
      )
      .optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    url: address,
    secret: pasted().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and 24 to 64 random bytes in base64'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('email'),
    to: z
      .array(pasted().pipe(z.email('must be an e-mail address')))
      .min(1)
      .max(20),
    ...common,
  }),
]);
type Configured = z.infer<typeof channelSchema>;
type Of<K extends Kind> = Extract<Configured, { kind: K }>;
export type WecomChannel = Of<'wecom'>;
export type DingtalkChannel = Of<'dingtalk'>;
export type WebhookChannel = Of<'webhook'>;
export type EmailChannel = Of<'email'>;

/** A configured channel; `id` is what it is known by everywhere: `<organisation>/<kind>` or `<organisation>/<kind>/<name>`. */
export type OpenChannel = Configured & { id: string; organisation: string };

/** Names of DNS, in Chinese too; what is written in full-width letters or with two dots is found by no resolver. */
function isHost(text: string): boolean {
  if (/^\[[\dA-Fa-f:.]+\]$/.test(text)) return true;
  const label = /^(?!-)[\p{L}\p{M}\d_-]{1,63}(?<!-)$/u;
  return text.normalize('NFKC') === text && text.split('.').every((part) => label.test(part));
}

export const SMTP_SECURITY = ['starttls', 'tls', 'none'] as const;
const smtpSchema = z
  .strictObject({
    host: pasted()
      .max(253)
      .refine(
        isHost,
        'must be a host name (smtp.example.com, ASCII dots and letters) or address, without https:// and without a port',
      ),
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(SMTP_SECURITY).default('starttls'),
    user: pasted(true).min(1).optional(),
    password: pasted(true).min(1).optional(),
    /** certificate of the authority that signed the server's, in PEM, when no public one did */
    ca: z.string().startsWith('-----BEGIN CERTIFICATE-----', 'must be a certificate in PEM').optional(),
    /** `倒查平台 <daocha@example.gov.cn>` or the address alone */
    from: pasted(true).refine((text) => {
      const [, named, bare] = /^(?:[^<>@]+<([^<>]+)>|([^<>]+))$/.exec(text) ?? [];
      return z.email().safeParse(named ?? bare).success;
    }, 'must be an e-mail address, or a name with an address in <>'),
  })
  .refine(({ security, host }) => security !== 'none' || LOOPBACK.has(host), {
    path: ['security'],
    error: 'must be starttls or tls: without encryption only to this machine',
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    error: 'user and password belong together',
  });
export type Smtp = z.infer<typeof smtpSchema>;

export const CHANNELS_FOLDER = 'channels';

/** The mail server's settings. @throws ChannelsInvalid naming `smtp.<field>` */
export function smtpOf(text: string): Smtp {
  return checked('smtp', smtpSchema, text);
}

/**
 * All channels by the organisation that they reach.
 * @throws ChannelsInvalid naming secret and field, e.g. `channels/guijianban[0].url`
 */
export async function readChannels({ listSecrets, readSecret }: Secrets): Promise<Map<string, OpenChannel[]>> {
  const found = new Map<string, OpenChannel[]>();
  for (const [name, text] of await listSecrets(CHANNELS_FOLDER)) {
    const organisation = name.slice(CHANNELS_FOLDER.length + 1);
    if (!idSchema.safeParse(organisation).success) {
      throw new ChannelsInvalid(name, `must end in the id of an organisation: ${CHANNELS_FOLDER}/guijianban`);
    }
    found.set(organisation, channelsOf(name, organisation, text));
  }
  const all = [...found.values()].flat();
  if (all.some(({ kind }) => kind === 'email')) smtpOf(await readSecret('smtp'));
  return found;
}

function channelsOf(secret: string, organisation: string, text: string): OpenChannel[] {
  const channels = checked(secret, z.array(channelSchema).max(20), text).map((channel) => ({
    ...channel,
    organisation,
    id: channelId(organisation, channel),
  }));
  for (const [index, { id, kind }] of channels.entries()) {
    if (channels.findIndex((other) => other.id === id) === index) continue;
    throw new ChannelsInvalid(`${secret}[${index}].name`, `must tell this ${kind} channel apart from the other one`);
  }
  return channels;
}

export function channelId(organisation: string, { kind, name }: { kind: Kind; name?: string | undefined }): string {
  return [organisation, kind, ...(name === undefined ? [] : [name])].join('/');
}

/** Organisation, kind and name of a channel's id. */
export function partsOf(id: string): { organisation: string; channel: Kind; name?: string } {
  const [organisation = '', kind, name] = id.split('/');
  const channel = CHANNELS.find((known) => known === kind);
  if (!channel) throw new Error(`not the id of a channel: ${id}`);
  return { organisation, channel, ...(name !== undefined && { name }) };
}

/** Whether a channel wants events of this type. */
export function wants({ events }: Pick<OpenChannel, 'events'>, type: NoticeType): boolean {
  return events === undefined || events.includes(type);
}

function checked<T extends z.ZodType>(secret: string, schema: T, text: string): z.output<T> {
  const content = parsedJson(text);
  if (content === undefined) throw new ChannelsInvalid(secret, 'must be JSON');
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  throw new ChannelsInvalid(`${secret}${field}`, issue.message);
}

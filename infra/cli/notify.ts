// `daocha notify`: how the channels are, whether their configuration is right, a trial message, and sending again what was given up.
// Works on the tables and the secrets directly, as the function does; no output ever holds a secret.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { webhookSecretFault } from '../../functions/api/signed.ts';
import { adapterOf } from '../../functions/notify/adapters.ts';
import { readChannels, type OpenChannel } from '../../functions/notify/channels.ts';
import {
  deadLetters,
  readDueMessages,
  readState,
  readStates,
  putBack,
  toSendAgain,
  writeState,
} from '../../functions/notify/outbox.ts';
import { makeSecrets, type Secrets } from '../../functions/runtime/secrets.ts';
import { SECRET_FOLDERS, SECRET_NAMES, WEBHOOK_SECRETS } from '../../functions/runtime/variables.ts';
import { loadCampaign } from '../../shared/rules/perform/campaign.ts';
import { DaochaError } from '../../events/errors.ts';
import { own } from '../../shared/own.ts';
import { visible, visibleLine } from '../../shared/text.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { dataDirectory } from './data-directory.ts';
import { print, printJson, warn } from './print.ts';
import { connectTables } from './tables.ts';

const HELP = `Usage: daocha notify status [--json]                      channels: what waits, what failed 渠道状态
       daocha notify check                                whether the configuration is right 检查配置
       daocha notify test --organisation ORG [--channel ID]   send a trial message 发送测试消息
       daocha notify retry --message ID | --channel ID | --all   send again what was given up 重发失败消息

  --organisation ORG   whose channels
  --channel ID         one of them: ORG/wecom, ORG/dingtalk, ORG/webhook, ORG/email, with /NAME where there are several
  --message ID         one message, as \`status\` and /v1/deliveries name it
  --data DIR           data directory of the local platform (DAOCHA_DATA, .daocha); it must be running

Secrets are read from secrets.json in the data directory (DAOCHA_SECRETS names another file).
On AWS: set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE, DAOCHA_TENANT and SECRETS (ssm:/daocha/<tenant>/), and give no --data.

Exit codes: 0 done · 1 the configuration is wrong, a trial failed, or there is nothing to send again · 2 wrong usage · 3 the tables cannot be reached`;

const FLAGS = {
  organisation: { type: 'string' },
  channel: { type: 'string' },
  message: { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;
type Flags = ReturnType<typeof parse>['values'];
const parse = (argv: string[]) => parseArgs({ args: argv, options: FLAGS, allowPositionals: true });

const ACTIONS: Record<string, (deps: ViewDeps, secrets: Secrets, flags: Flags) => Promise<number>> = {
  status,
  check,
  test: trial,
  retry,
};

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parse(argv);
  } catch (error) {
    return fail(2, `${(error as Error).message}\nSee: daocha notify --help`);
  }
  const { values: flags, positionals } = parsed;
  if (flags.help) return say(HELP);
  const action = own(ACTIONS, positionals[0] ?? '');
  if (!action || positionals.length > 1) {
    return fail(2, `Say what to do: ${Object.keys(ACTIONS).join(', ')}.\nSee: daocha notify --help`);
  }
  let deps: ViewDeps;
  try {
    deps = connectTables(flags.data);
  } catch (error) {
    return fail(3, (error as Error).message);
  }
  try {
    return await action(deps, makeSecrets(secretsSource(flags.data)), flags);
  } catch (error) {
    if (!(error instanceof DaochaError)) throw error;
    return fail(1, `${error.message}${error.type === 'channels-invalid' ? '' : `\n${error.expected ?? ''}`}`);
  } finally {
    deps.dynamo.destroy();
  }
}

function secretsSource(data: string | undefined): string {
  const named = process.env['SECRETS'];
  if (data === undefined && process.env['EVENTS_TABLE'] && named) return named;
  return `file:${process.env['DAOCHA_SECRETS'] || join(dataDirectory(data), 'secrets.json')}`;
}

interface Row {
  channel: string;
  configured: boolean;
  /** events that wait to be sent; `begun`: those in the message that is being tried */
  waiting: number;
  begun: number;
  deadLetters: number;
  nextAttempt: string | null;
  lastError: string | null;
}

/** Events that are counted; whoever has more waiting has a problem that no exact figure would make clearer. */
const COUNTED = 1000;

async function status(deps: ViewDeps, secrets: Secrets, { json }: Flags): Promise<number> {
  const configured = await channelsById(secrets);
  const states = await readStates(deps);
  const dead = await deadLetters(deps);
  const again = await toSendAgain(deps);
  const rows: Row[] = [];
  for (const channel of [...new Set([...configured.keys(), ...states.keys()])].toSorted()) {
    const state = states.get(channel);
    const due = await readDueMessages(deps, channel, Number.MAX_SAFE_INTEGER, COUNTED);
    const resent = again.filter((letter) => letter.channel === channel);
    rows.push({
      channel,
      configured: configured.has(channel),
      waiting: due.length + resent.reduce((sum, { carries }) => sum + carries.length, 0),
      begun: state?.message?.carries.length ?? 0,
      deadLetters: dead.filter((letter) => letter.channel === channel).length,
      nextAttempt: state?.notBefore ?? null,
      lastError: state?.lastError ?? null,
    });
  }
  if (json) {
    printJson({ channels: rows, deadLetters: dead }, 2);
    return 0;
  }
  if (rows.length === 0) return say('No channels are configured, and none ever were. See docs/notifications.md.');
  for (const row of rows) {
    const parts = [
      row.configured ? '' : 'not configured any more',
      `${row.waiting + row.begun} waiting`,
      row.deadLetters > 0 ? `${row.deadLetters} given up` : '',
      row.lastError === null ? '' : `last: ${row.lastError}`,
      row.nextAttempt === null ? '' : `next attempt ${row.nextAttempt}`,
    ];
    say(`${visible(row.channel).padEnd(28)} ${parts.filter(Boolean).join(' · ')}`);
  }
  for (const { message, channel, why, error, at, carries } of dead) {
    say(`  given up ${message} (${channel}, ${carries.length} events, ${at}): ${why}: ${error}`);
  }
  return 0;
}

async function check(deps: ViewDeps, secrets: Secrets): Promise<number> {
  const channels = await readChannels(secrets);
  const { definition } = await loadCampaign({ dynamo: deps.dynamo, table: deps.events }, deps.tenant, deps.now());
  const known = definition?.organisations.map(({ id }) => id) ?? [];
  for (const { id } of [...channels.values()].flat()) say(`${id}: well-formed`);
  const unknown = [...channels.keys()].filter((organisation) => !known.includes(organisation));
  for (const organisation of unknown) say(`channels/${organisation}: the campaign has no organisation of this id`);
  const faults = [...(await secrets.listSecrets(WEBHOOK_SECRETS))].flatMap(([name, secret]) => {
    const fault = webhookSecretFault(secret);
    return fault === undefined ? [] : [`${name} ${fault}`];
  });
  const stray = ((await secrets.names?.()) ?? []).filter(
    (name) =>
      !SECRET_NAMES.some((one) => one === name) && !SECRET_FOLDERS.some((folder) => name.startsWith(`${folder}/`)),
  );
  const right = [...SECRET_FOLDERS.map((folder) => `${folder}/<id>`), ...SECRET_NAMES].join(', ');
  for (const name of stray) faults.push(`${visibleLine(name)}: nobody reads a secret of this name; they are ${right}`);
  for (const fault of faults) say(fault);
  const silent = known.filter((organisation) => (channels.get(organisation) ?? []).length === 0);
  if (silent.length > 0) say(`no channel: ${silent.join(', ')}`);
  return unknown.length + faults.length > 0 ? 1 : 0;
}

async function trial(deps: ViewDeps, secrets: Secrets, { organisation, channel }: Flags): Promise<number> {
  const wanted = [...(await channelsById(secrets)).values()].filter(
    (one) => one.organisation === (organisation ?? one.organisation) && one.id === (channel ?? one.id),
  );
  if (organisation === undefined && channel === undefined) {
    return fail(2, 'Say whose channels are tried: --organisation ORG, or --channel ID.');
  }
  if (wanted.length === 0) {
    return fail(1, `There is no such channel. daocha notify check names those that are configured.`);
  }
  const { definition } = await loadCampaign({ dynamo: deps.dynamo, table: deps.events }, deps.tenant, deps.now());
  let failed = 0;
  for (const one of wanted) {
    const message = {
      id: `trial_${randomUUID()}`,
      organisation: one.organisation,
      notices: [],
      campaign: definition,
      console: undefined,
    };
    const send = { now: deps.now, readSecret: secrets.readSecret, timeoutMs: 10_000 };
    const outcome = await adapterOf(one.kind).send(one as never, message, send);
    if (outcome.kind !== 'taken') failed += 1;
    say(`${one.id}: ${outcome.kind === 'taken' ? `taken (${outcome.answer})` : `${outcome.kind}: ${outcome.error}`}`);
  }
  return failed > 0 ? 1 : 0;
}

async function retry(deps: ViewDeps, _secrets: Secrets, { message, channel, all }: Flags): Promise<number> {
  if ([message !== undefined, channel !== undefined, all].filter(Boolean).length !== 1) {
    return fail(2, 'Say what is sent again: --message ID, --channel ID, or --all.');
  }
  const letters = (await deadLetters(deps, channel)).filter((letter) => letter.message === (message ?? letter.message));
  if (letters.length === 0) return fail(1, 'There is nothing to send again: no such message was given up.');
  for (const letter of letters) await putBack(deps, letter);
  // What it waited for has been mended, or the retry would not have been asked for.
  for (const id of new Set(letters.map((letter) => letter.channel))) {
    const state = await readState(deps, id);
    if (state.notBefore !== null) await writeState(deps, id, { ...state, notBefore: null, failures: 0 });
  }
  return say(`${letters.length} messages go again within a minute. See: daocha notify status`);
}

async function channelsById(secrets: Secrets): Promise<Map<string, OpenChannel>> {
  return new Map([...(await readChannels(secrets)).values()].flat().map((channel) => [channel.id, channel]));
}

function say(text: string): number {
  print(`${text}\n`);
  return 0;
}

function fail(code: number, message: string): number {
  warn(`${message.trim()}\n`);
  return code;
}

// Sends a register's plans to the platform: each unit's commands one after the other, several units at a time. Every command may be
// sent again (its id is its identity), so a lost answer or a stopped import is mended by sending once more.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportCommand, UnitPlan } from './command.ts';
import type { CommandResult, Tally } from './summary.ts';

export interface ImportRequest {
  source: string;
  file: string;
  commands: ImportCommand[];
}

/** Posts to `/v1/imports` once. Throws PostFailed for anything but an answer with results. */
export type Post = (body: ImportRequest) => Promise<CommandResult[]>;

/** `retry`: worth sending again · `bad-request`: this request as such was refused · `fatal`: no request will go through. */
export class PostFailed extends Error {
  readonly kind: 'retry' | 'bad-request' | 'fatal';
  readonly problem: CommandResult['problem'];
  constructor(kind: PostFailed['kind'], message: string, problem?: CommandResult['problem'], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.problem = problem;
  }
}

export interface SendOptions {
  source: string;
  /** The file's name without folders; it goes on every event. */
  file: string;
  /** Commands in one request, 1 to 100. */
  batch: number;
  /** Requests in flight. */
  concurrency: number;
  /** Aborted: nothing new is sent, what is in flight is waited for. */
  signal?: AbortSignal;
  onUnits?: (units: number) => void;
  /** Milliseconds to wait before sending again; as many times as there are entries. */
  backoff?: readonly number[];
  onRetry?: (reason: string) => void;
}

/** A request stays well below the API's limit on a body. */
const LARGEST_BODY = 1_000_000;
const BACKOFF = [200, 500, 1000, 2000, 4000, 8000, 15_000] as const;

/**
 * @returns true when everything was sent, false when the signal stopped it
 * @throws PostFailed when the platform cannot be reached, or refuses the caller
 */
export async function sendPlans(
  plans: Iterable<UnitPlan>,
  post: Post,
  tally: Tally,
  options: SendOptions,
): Promise<boolean> {
  const chains = packed(plans, options.batch);
  let failed = false;
  const stopped = (): boolean => failed || (options.signal?.aborted ?? false);

  async function worker(): Promise<void> {
    while (!stopped()) {
      const next = chains.next();
      if (next.done) return;
      try {
        await sendChain(next.value, post, tally, options, stopped);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: options.concurrency }, worker));
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
  return !stopped();
}

/** Whole units, as many as fit in one request; a unit with more commands than that is a chain of requests of its own. */
function* packed(plans: Iterable<UnitPlan>, batch: number): Generator<UnitPlan[], undefined> {
  let chain: UnitPlan[] = [];
  let commands = 0;
  for (const plan of plans) {
    if (commands > 0 && commands + plan.commands.length > batch) {
      yield chain;
      chain = [];
      commands = 0;
    }
    chain.push(plan);
    commands += plan.commands.length;
  }
  if (chain.length > 0) yield chain;
  return undefined;
}

async function sendChain(
  plans: readonly UnitPlan[],
  post: Post,
  tally: Tally,
  options: SendOptions,
  stopped: () => boolean,
): Promise<void> {
  const open = plans.map((plan) => ({ plan, left: plan.commands.length, tally: tally.unit(plan) }));
  const steps = open.flatMap((unit) => unit.plan.commands.map((command) => ({ command, unit })));
  for (const slice of requests(steps, options.batch)) {
    if (stopped()) return;
    const results = await answers(
      slice.map((step) => step.command),
      post,
      options,
    );
    for (const [i, { command, unit }] of slice.entries()) {
      unit.tally.answer(command, results[i]!);
      if (--unit.left === 0) {
        unit.tally.done();
        options.onUnits?.(1);
      }
    }
  }
}

function* requests<Step extends { command: ImportCommand }>(steps: readonly Step[], batch: number): Generator<Step[]> {
  let slice: Step[] = [];
  let bytes = 0;
  for (const step of steps) {
    const size = Buffer.byteLength(JSON.stringify(step.command)) + 1;
    if (slice.length > 0 && (slice.length >= batch || bytes + size > LARGEST_BODY)) {
      yield slice;
      slice = [];
      bytes = 0;
    }
    slice.push(step);
    bytes += size;
  }
  if (slice.length > 0) yield slice;
}

/** One result a command. A request refused as such is sent again command by command, so that only the bad one is refused. */
async function answers(commands: ImportCommand[], post: Post, options: SendOptions): Promise<CommandResult[]> {
  try {
    return await insist(commands, post, options);
  } catch (error) {
    if (!(error instanceof PostFailed) || error.kind !== 'bad-request') throw error;
    const [first, ...others] = commands;
    if (others.length === 0) {
      return [
        { command: first!.command, status: 'refused', added: 0, problem: error.problem ?? { detail: error.message } },
      ];
    }
    const results: CommandResult[] = [];
    for (const command of commands) results.push(...(await answers([command], post, options)));
    return results;
  }
}

async function insist(commands: ImportCommand[], post: Post, options: SendOptions): Promise<CommandResult[]> {
  const { source, file, backoff = BACKOFF } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      const results = await post({ source, file, commands });
      if (results.length !== commands.length) {
        throw new PostFailed('fatal', `the platform answered ${results.length} of ${commands.length} commands`);
      }
      return results;
    } catch (error) {
      const wait = backoff[attempt];
      if (!(error instanceof PostFailed) || error.kind !== 'retry' || wait === undefined || options.signal?.aborted)
        throw error;
      options.onRetry?.(error.message);
      // Half to all of it, so that those who failed together do not come back together.
      await sleep(wait / 2 + (wait / 2) * Math.random());
    }
  }
}

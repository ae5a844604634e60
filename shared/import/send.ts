// Sends a register's plans to the platform: each unit's commands one after the other, several units at a time. Every command may be
// sent again (its id is its identity), so a lost answer or a stopped import is mended by sending once more.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportCommand, UnitPlan } from './command.ts';
import { isOf, type CommandResult, type Tally } from './summary.ts';

export interface ImportRequest {
  source: string;
  file: string;
  commands: ImportCommand[];
}

/** Posts to `/v1/imports` once. Throws PostFailed for anything but an answer with results. */
export type PostCommands = (body: ImportRequest) => Promise<CommandResult[]>;

/**
 * `retry`: worth sending again · `bad-request`: this request as such was refused · `broken`: the platform failed on this request (500) and
 * is there all the same · `fatal`: no request will go through.
 */
export class PostFailed extends Error {
  readonly kind: 'retry' | 'bad-request' | 'broken' | 'fatal';
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
  /** Most commands in one request, 1 to 100. */
  batch: number;
  /** Requests in flight. */
  concurrency: number;
  /** Aborted: nothing new is sent, what is in flight is waited for. */
  signal?: AbortSignal;
  onUnits?: (units: number) => void;
  /** Milliseconds to wait before sending again; as many times as there are entries. */
  backoff?: readonly number[];
  onRetry?: (reason: string) => void;
  /** Milliseconds from any start, to measure how long an answer takes; without it requests are as large as they may be. */
  elapsed?: () => number;
}

/** A request stays well below the API's limit on a body. */
const LARGEST_BODY = 1_000_000;
/** API Gateway gives up on an answer after 29 s, and what was done by then cannot be told apart later: stay far away from it. */
const SLOW_MS = 5000;
const FAST_MS = 2000;
/** A command on which the platform fails so often is refused: sent once more it would only fail again. */
const MOST_FAILURES = 3;
/** So many of them with nothing that goes through in between: it is not the commands, the platform is broken. */
const MOST_BROKEN = 20;
const BACKOFF = [200, 500, 1000, 2000, 4000, 8000, 15_000] as const;

/**
 * @returns true when everything was sent, false when the signal stopped it
 * @throws PostFailed when the platform cannot be reached, or refuses the caller
 */
export async function sendPlans(
  plans: Iterable<UnitPlan>,
  post: PostCommands,
  tally: Tally,
  options: SendOptions,
): Promise<boolean> {
  const chains = packed(plans, options.batch);
  const pace: Pace = {
    size: options.elapsed ? Math.min(options.batch, 20) : options.batch,
    broken: 0,
    others: new Map(),
  };
  let failed = false;
  const stopped = (): boolean => failed || (options.signal?.aborted ?? false);

  async function worker(): Promise<void> {
    while (!stopped()) {
      const next = chains.next();
      if (next.done) return;
      try {
        await sendChain(next.value, post, tally, options, pace, stopped);
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

interface Pace {
  /** Commands in the next request. */
  size: number;
  /** Commands on which the platform failed since the last request that went through. */
  broken: number;
  /** Units that are on record as other ones, with what was said of each: nothing goes onto them, however requests are cut. */
  others: Map<string, CommandResult['problem']>;
}

/** How often a request has been sent: all in all, and, for a command alone, how often the platform failed on it. */
interface Tries {
  attempt: number;
  failures: number;
}

interface Step {
  command: ImportCommand;
  answer(result: CommandResult): void;
}

async function sendChain(
  plans: readonly UnitPlan[],
  post: PostCommands,
  tally: Tally,
  options: SendOptions,
  pace: Pace,
  stopped: () => boolean,
): Promise<void> {
  const steps = plans.flatMap((plan) => stepsOf(plan, tally, options));
  while (steps.length > 0 && !stopped()) {
    const request = steps.splice(0, fitting(steps, pace.size));
    const results = await answers(
      request.map((step) => step.command),
      post,
      options,
      pace,
    );
    for (const [i, step] of request.entries()) step.answer(results[i]!);
  }
}

function stepsOf(plan: UnitPlan, tally: Tally, options: SendOptions): Step[] {
  const unit = tally.unit(plan);
  let left = plan.commands.length;
  return plan.commands.map((command) => ({
    command,
    answer(result) {
      unit.answer(command, result);
      if (--left > 0) return;
      unit.done();
      options.onUnits?.(1);
    },
  }));
}

/** How many of the next steps go into one request: at most `most`, and within the size of a body, but at least one. */
function fitting(steps: readonly Step[], most: number): number {
  let bytes = 0;
  let count = 0;
  for (const { command } of steps) {
    bytes += Buffer.byteLength(JSON.stringify(command)) + 1;
    if (count > 0 && (count >= most || bytes > LARGEST_BODY)) break;
    count++;
  }
  return count;
}

/**
 * One result a command. A request that was lost is sent again in smaller parts, and one refused as such command by command, so that only
 * the bad one is refused. One on which the platform fails is halved down to the command that it fails on, which is refused in the end.
 */
async function answers(
  commands: ImportCommand[],
  post: PostCommands,
  options: SendOptions,
  pace: Pace,
  tries: Tries = { attempt: 0, failures: 0 },
): Promise<CommandResult[]> {
  const { source, file, backoff = BACKOFF, elapsed } = options;
  const going = commands.filter(({ unit }) => !pace.others.has(unit));
  if (going.length < commands.length) {
    const results = going.length > 0 ? await answers(going, post, options, pace, tries) : [];
    return commands.map((one) =>
      going.includes(one) ? results.shift()! : refused(one, { problem: pace.others.get(one.unit), message: '' }),
    );
  }
  try {
    const started = elapsed?.() ?? 0;
    const results = await post({ source, file, commands });
    if (results.length !== commands.length) {
      throw new PostFailed('fatal', `the platform answered ${results.length} of ${commands.length} commands`);
    }
    pace.broken = 0;
    for (const [i, { problem }] of results.entries())
      if (isOf(problem, 'unit-differs')) pace.others.set(commands[i]!.unit, problem);
    if (elapsed) adapt(pace, elapsed() - started, options.batch);
    return results;
  } catch (error) {
    if (!(error instanceof PostFailed)) throw error;
    if (error.kind === 'bad-request') {
      if (commands.length > 1) return await inParts(commands, 1, post, options, pace);
      return [refused(commands[0]!, error)];
    }
    const alone = commands.length === 1;
    const broken = error.kind === 'broken';
    const failures = broken && alone ? tries.failures + 1 : 0;
    if (failures >= MOST_FAILURES && pace.broken < MOST_BROKEN) {
      pace.broken++;
      return [refused(commands[0]!, error)];
    }
    // How small the part is on which the platform fails is soon found: only the command alone is waited for longer and longer.
    const wait = backoff[broken ? failures : tries.attempt];
    if (error.kind === 'fatal' || failures >= MOST_FAILURES || wait === undefined || options.signal?.aborted)
      throw error;
    options.onRetry?.(error.message);
    // Half to all of it, so that those who failed together do not come back together.
    await sleep(wait / 2 + (wait / 2) * Math.random());
    const half = Math.ceil(commands.length / 2);
    if (!broken) pace.size = Math.min(pace.size, half);
    return await inParts(commands, half, post, options, pace, { attempt: tries.attempt + (broken ? 0 : 1), failures });
  }
}

const refused = (
  { command }: ImportCommand,
  { problem, message }: Pick<PostFailed, 'problem' | 'message'>,
): CommandResult => ({
  command,
  status: 'refused',
  added: 0,
  problem: problem ?? { detail: message },
});

async function inParts(
  commands: ImportCommand[],
  size: number,
  post: PostCommands,
  options: SendOptions,
  pace: Pace,
  tries?: Tries,
): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  for (let at = 0; at < commands.length; at += size) {
    results.push(...(await answers(commands.slice(at, at + size), post, options, pace, tries)));
  }
  return results;
}

/** Requests grow while answers come fast and shrink when they come slowly. */
function adapt(pace: Pace, took: number, most: number): void {
  if (took > SLOW_MS) pace.size = Math.max(1, Math.floor(pace.size / 2));
  else if (took < FAST_MS) pace.size = Math.min(most, pace.size + Math.ceil(pace.size / 4));
}

// Load → decide → append, for every command. Invariants: a command id that its primary stream has seen is answered from the record and
// writes nothing; a decision is made on strongly consistent streams and holds only if none of them moved meanwhile; otherwise it is
// made again, a few times, then 409. What one command changes in several streams is one transaction.
import { createHash } from 'node:crypto';
import type { DaochaEvent, Draft } from '../../../events/catalogue.ts';
import { own } from '../../own.ts';
import { decodeEvent, definitionOf, encodeEvent } from '../../../events/catalogue.ts';
import {
  instantSchema,
  parseStreamKey,
  streamKey,
  type Actor,
  type Category,
  type Derived,
  type Envelope,
} from '../../../events/envelope.ts';
import {
  campaign,
  ruleSetAt,
  UnknownChecklist,
  UnknownOrganisation,
  type CampaignState,
} from '../campaign/campaign.ts';
import { notBefore, type Bound, type Claim } from '../claimed-time.ts';
import type { By } from '../command.ts';
import { requireDays } from '../days.ts';
import { foldAll, type Drafts, type Fold } from '../decider.ts';
import { delivery, type DeliveryState } from '../reminder/delivery.ts';
import { duty, type DutyState } from '../duty/duty.ts';
import { escalation, type EscalationState } from '../escalation/escalation.ts';
import { hazard, type HazardState } from '../hazard/hazard.ts';
import { inspection, type InspectionState } from '../inspection/inspection.ts';
import { person, type PersonState } from '../person/person.ts';
import { proposal, type ProposalState } from '../proposal/proposal.ts';
import { report, type ReportState } from '../report/report.ts';
import { roster, type RosterState } from '../roster/roster.ts';
import { unit, type UnitState } from '../unit/unit.ts';
import { Conflict, DaochaError, InvalidInput, RuleViolated } from '../../../events/errors.ts';
import { receiptOf } from '../../record/store/acceptance.ts';
import { NO_COMMIT, type Commit } from '../../record/store/commit.ts';
import {
  appendCommits,
  getCommits,
  loadStream,
  type BesideWrite,
  type NewCommit,
  type StoreDeps,
} from '../../record/store/store.ts';
import { clauseRead } from '../../text.ts';
import { decideWithSecond, onlyPutsForward, proposalOf, withApprover, type Asks, type Confirms } from './second.ts';
import { startOfTownDay } from '../../town-time.ts';

/** What a command is about, for the permission table: filled from what has been loaded. */
export interface CommandSubject {
  campaign: CampaignState;
  unit?: UnitState & { id: string };
  hazard?: HazardState & { id: string };
  inspection?: InspectionState & { id: string };
  escalation?: EscalationState & { id: string };
  /** who owes the duty and in which village it is */
  duty?: { organisation: string | null; area: string | null };
  /** the track named by the command */
  track?: Envelope['track'];
  /** the organisation whose roster it is, that owes the report, or that judges it */
  organisation?: string;
}

export interface CommandContext {
  tenant: string;
  /** idempotency key of the command, unique to the person */
  command: string;
  /** fingerprint of the request's body */
  request: string;
  /** SHA-256 of the token by which it was sent, base64url; none for what the platform does on its own */
  token?: string | undefined;
  actor: Actor;
  source: Envelope['source'];
  /** when it happened, by the word of who sends it; `now` when absent */
  occurredAt?: string | undefined;
  /** in words, why that is so long ago, or before what is on record */
  lateBasis?: string | undefined;
  /** when the page or draft from which it comes was fetched, by the platform's clock */
  draftedFrom?: string | undefined;
  device?: string | undefined;
  place?: Envelope['place'] | undefined;
  evidence?: Envelope['evidence'] | undefined;
  correlation?: string | undefined;
  /** id of the event that led to this command */
  cause?: string | undefined;
  derived?: Derived | undefined;
  /** a second person is needed: it is put forward */
  asks?: Asks | undefined;
  /** a second person confirms what `actor` put forward */
  confirms?: Confirms | undefined;
  now: Date;
  /** throws Forbidden when the caller may not do this to the subject; called after loading, before deciding */
  authorise?: ((subject: CommandSubject) => void) | undefined;
}

export interface Executed {
  /** nothing was written: the command had been carried out before, or its outcome already held */
  already: boolean;
  /** events written by this call */
  added: number;
  commits: { stream: string; version: number; next: number }[];
  /** events of the command, written now or before */
  events: DaochaEvent[];
  /** what the platform promises of the primary stream's commit, and with it of all its parts (acceptance.ts) */
  receipt?: string | undefined;
  /** write units that the append consumed */
  writeUnits: number;
}

const FOLDS = {
  campaign,
  roster,
  person,
  unit,
  inspection,
  hazard,
  escalation,
  report,
  duty,
  delivery,
  proposal,
} as const;
/** All kinds of streams but the index, which no command writes. */
interface States {
  campaign: CampaignState;
  roster: RosterState;
  person: PersonState;
  unit: UnitState;
  inspection: InspectionState;
  hazard: HazardState;
  escalation: EscalationState;
  report: ReportState;
  duty: DutyState;
  delivery: DeliveryState;
  proposal: ProposalState;
}

/** A stream as loaded: its state, and what it takes to append to it. */
interface History {
  next: number;
  prev: Uint8Array;
  state: unknown;
  commits: Map<string, Commit>;
}

/** Streams loaded within one request. A batch of commands on one unit shares one, so that it mostly writes. */
export type StreamCache = Map<string, Promise<History>>;

/** Reads a stream’s state within a command; the decision rests on what was read. */
export type Read = <C extends keyof States>(category: C, id: string) => Promise<States[C]>;

/** What a command does to each stream, by `<category>/<id>`; see `on`. */
export type Decision = Map<string, Draft[]>;

/** Attempts at a decision that others keep overtaking. */
const ATTEMPTS = 6;
/** How far a claimed time may run ahead of the server's clock. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Carries out one command.
 * @param primary the stream that the command is about; its record of command ids makes the command idempotent, so every decision that
 *   writes at all writes to it. `made`: its id is made from the command, so nobody else can have begun it
 * @param beside writes to other tables that stand or fall with what the last decision yielded
 * @throws DaochaError for what is wrong with the command, Conflict when others kept writing first
 */
export async function execute(
  deps: StoreDeps,
  context: CommandContext,
  primary: { category: Category; id: string; made?: boolean },
  decide: (read: Read) => Promise<Decision>,
  session: StreamCache = new Map(),
  beside: () => readonly BesideWrite[] = () => [],
): Promise<Executed> {
  const occurredAt = instant(context);
  const primaryKey = streamKey(context.tenant, primary.category, primary.id);
  const put = proposalOf(context);
  /** where the command may be on record */
  const places = put === undefined ? [primaryKey] : [primaryKey, streamKey(context.tenant, 'proposal', put)];
  let fresh = session.size === 0;
  let campaignFresh = false;
  if (primary.made && !session.has(primaryKey)) {
    // Empty, unless this command was carried out before: the write finds that out, and a refusal is decided again below. So what is
    // new costs no read.
    session.set(primaryKey, Promise.resolve(historyOf(primaryKey, [])));
    fresh = false;
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    for (const place of places) {
      const before = (await load(deps, session, place)).commits.get(context.command);
      if (before) return await repeated(deps, before, context.request);
    }
    if (attempt === 1) await requirePlausible(deps, context);

    const used = new Set<string>(places);
    const read: Read = async (category, id) => {
      const key = streamKey(context.tenant, category, id);
      used.add(key);
      return (await load(deps, session, key)).state as States[typeof category];
    };
    const forget = (): void => {
      for (const key of used) session.delete(key);
    };
    // A write proves what was read. A refusal, or a decision that nothing is to do, rests on what an earlier command of the session
    // read, which others may have changed since: it is made again on what is there now.
    let decision: Decision;
    try {
      decision = await decideWithSecond(context, primary, read, async () => withinBounds(context, await decide(read)));
    } catch (error) {
      if (error instanceof Overtaken) fresh = false;
      else if ((error instanceof UnknownOrganisation || error instanceof UnknownChecklist) && !campaignFresh) {
        // It may have been registered or published since the campaign was read.
        forgetCampaign(deps, context.tenant);
        campaignFresh = true;
        continue;
      } else if (!(error instanceof DaochaError)) throw error;
      else if (fresh) {
        const done = await doneMeanwhile(deps, session, places, context);
        if (done) return done;
        throw error;
      }
      decision = new Map();
    }
    const drafts = [...decision].filter(([, list]) => list.length > 0);
    if (drafts.length === 0 && !fresh) {
      forget();
      fresh = true;
      continue;
    }
    if (drafts.length === 0) {
      const done = await doneMeanwhile(deps, session, places, context);
      return done ?? { already: true, added: 0, commits: [], events: [], writeUnits: 0 };
    }
    if (!drafts.some(([key]) => places.includes(`${context.tenant}#${key.replace('/', '#')}`))) {
      throw new Error(`command ${context.command} changes other streams but not ${primaryKey}`);
    }

    // What is done is judged by the rules that hold when it is recorded; imported history by none that came after it.
    const judgedAt = context.source === 'import' ? occurredAt : context.now.toISOString();
    const ruleSet = ruleSetAt(await campaignOf(deps, context.tenant, context.now), judgedAt)?.version ?? 0;
    const written = await Promise.all(
      drafts.map(async ([key, list]) => {
        const slash = key.indexOf('/');
        const stream = streamKey(context.tenant, key.slice(0, slash) as Category, key.slice(slash + 1));
        used.add(stream);
        const history = await load(deps, session, stream);
        return { history, ...commitOf(context, stream, list, history, occurredAt, ruleSet) };
      }),
    );
    const outcome = await appendCommits(
      deps,
      written.map(({ commit }) => commit),
      onlyPutsForward(decision) ? [] : beside(),
    );
    // Within one millisecond a command sent again makes the very same commit; where it was not looked for before, it is now.
    if (outcome.kind === 'appended' && !(primary.made && outcome.found)) {
      for (const [index, commit] of outcome.commits.entries()) {
        remember(session, commit, written[index]!.history, written[index]!.events);
      }
      const events = written.flatMap((part) => part.events);
      return {
        already: false,
        added: events.length,
        commits: outcome.commits.map(({ stream, version, next }) => ({ stream, version, next })),
        events,
        receipt: receiptFrom(outcome.commits, places),
        writeUnits: outcome.writeUnits,
      };
    }
    forget();
  }
  throw new Conflict(`others wrote to ${primary.category} ${primary.id} first, ${ATTEMPTS} times`, {
    expected: 'send the same command again, with the same Idempotency-Key',
  });
}

/**
 * The same command, sent twice at once, may be carried out by the other between this one's look for it and its decision; then what is
 * refused, or holds already, is its own outcome. So before either is answered its streams are looked at once more.
 */
async function doneMeanwhile(
  deps: StoreDeps,
  session: StreamCache,
  places: readonly string[],
  context: CommandContext,
): Promise<Executed | undefined> {
  for (const place of places) {
    session.delete(place);
    const commit = (await load(deps, session, place)).commits.get(context.command);
    if (commit) return repeated(deps, commit, context.request);
  }
  return undefined;
}

/** Thrown by a decision whose streams do not fit together, because others wrote between the reads: it is made again. */
export class Overtaken extends Error {}

/** An entry of a decision: what happens to one stream. */
export function on(category: Category, id: string, drafts: Draft[]): [string, Draft[]] {
  return [`${category}/${id}`, drafts];
}

function instant(context: CommandContext): string {
  for (const field of ['occurredAt', 'draftedFrom'] as const) requirePast(field, context);
  const now = context.now.toISOString();
  if (context.occurredAt === undefined) return now;
  if (!instantSchema.safeParse(context.occurredAt).success) {
    throw new InvalidInput(`not an instant: ${context.occurredAt}`, {
      field: 'occurredAt',
      expected: 'UTC with milliseconds, e.g. 2025-05-24T02:00:00.000Z',
    });
  }
  return context.occurredAt;
}

function requirePast(field: 'occurredAt' | 'draftedFrom', { [field]: at, now }: CommandContext): void {
  if (at === undefined || !(Date.parse(at) > now.getTime() + CLOCK_SKEW_MS)) return;
  const expected = `not later than ${now.toISOString()}`;
  throw new RuleViolated('occurred-in-future', `${field} ${at} has not come yet`, { field, expected });
}

/** A page that was open is a minute's slack away from what it says: it was fetched before it was shown. */
const PAGE_SLACK_MS = 60_000;

/**
 * Bounds of every live claim: the campaign's first day, and the page that it was written on. What is older comes in as an import.
 * @throws RuleViolated `occurred-too-early`
 */
async function requirePlausible(deps: StoreDeps, context: CommandContext): Promise<void> {
  if (context.occurredAt === undefined || context.source !== 'api') return;
  const claim = claimOf(context);
  notBefore(claim, campaignBegan(await campaignOf(deps, context.tenant, context.now)));
  if (context.draftedFrom === undefined) return;
  const at = new Date(Date.parse(context.draftedFrom) - PAGE_SLACK_MS).toISOString();
  notBefore(claim, { at, what: 'the page was fetched on which it was written' });
}

/** Nothing that is told live happened before the campaign. */
export const campaignBegan = ({ definition }: CampaignState): Bound | undefined =>
  definition ? { at: startOfTownDay(definition.from), what: 'the campaign began' } : undefined;

/** A command as what loads its stream knows it: what it takes is given, what it decides on is to be loaded. */
export interface Bidden {
  id: string;
  act: object;
  decide: (state: unknown, by: By) => Drafts;
  other: (state: unknown) => string | undefined;
}
/** By whom, and when, a command decides. */
export function byOf(context: CommandContext, known: CampaignState): By {
  const now = context.now.toISOString();
  const { actor, occurredAt = now, evidence = [] } = context;
  const claim = context.occurredAt === undefined ? undefined : claimOf(context);
  return { actor, campaign: known, occurredAt, now, claim, evidence };
}

/** What people decide has no days of other centuries, nor has what is put forward. */
function withinBounds(context: CommandContext, decision: Decision): Decision {
  if (context.source !== 'api') return decision;
  const now = context.now.toISOString();
  // What follows from an act comes before it in the list: the day that was given is the last one's.
  for (const list of decision.values()) for (const draft of list.toReversed()) requireDays(draft, now);
  return decision;
}

/** What the command claims of its time. */
export function claimOf({ occurredAt, now, lateBasis }: CommandContext): Claim {
  return { occurredAt: occurredAt ?? now.toISOString(), now: now.toISOString(), basis: lateBasis };
}

function commitOf(
  context: CommandContext,
  stream: string,
  drafts: readonly Draft[],
  history: History,
  occurredAt: string,
  ruleSet: number,
): { commit: NewCommit; events: DaochaEvent[] } {
  const { category, id } = parseStreamKey(stream);
  const recordedAt = context.now.toISOString();
  const { confirms } = context;
  // what a second person confirmed is the act of the first; the confirmation is the second's
  const actor = confirms && category === 'proposal' ? confirms.second : context.actor;
  const cause = confirms?.cause ?? context.cause;
  const events = drafts.map((given, index) => {
    const draft = withApprover(given, confirms);
    const version = history.next + index;
    const { type, data, evidence = context.evidence, ...said } = draft;
    return {
      id: `${category}/${id}/${version}`,
      type,
      schema: definitionOf(type).schema,
      tenant: context.tenant,
      stream,
      version,
      occurredAt,
      recordedAt,
      actor,
      source: context.source,
      ...present({
        device: context.device,
        place: context.place,
        evidence: evidence && evidence.length > 0 ? evidence : undefined,
        lateBasis: context.lateBasis,
        cause,
        correlation: context.correlation,
        derived: context.derived,
        ...(category === 'unit' ? { unit: id } : {}),
      }),
      ...said,
      ruleSet,
      command: context.command,
      data,
    } as DaochaEvent;
  });
  return {
    events,
    commit: {
      stream,
      version: history.next,
      events: events.map(encodeEvent),
      command: context.command,
      request: context.request,
      person: actor.person,
      recordedAt,
      ...present({ cause, token: context.token }),
      prev: history.prev,
    },
  };
}

function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

const receiptFrom = (commits: readonly Commit[], places: readonly string[]): string | undefined => {
  const commit = commits.find(({ stream }) => places.includes(stream));
  return commit && receiptOf(commit);
};

/** The answer to a command that was carried out before: from the record, with every part of its commit. */
async function repeated(deps: StoreDeps, commit: Commit, request: string): Promise<Executed> {
  if (commit.request !== request) {
    throw new RuleViolated('idempotency-key-reused', 'this Idempotency-Key was used for another request', {
      field: 'Idempotency-Key',
      expected: 'a new key for a new request, the same body for a repeated one',
    });
  }
  // By key, not by command id: a stream that is not the command's own may know the same id from another command.
  const parts = commit.parts ? await getCommits(deps, commit.parts) : [commit];
  const commits = parts.map((part) => part!);
  return {
    already: true,
    added: 0,
    commits: commits.map(({ stream, version, next }) => ({ stream, version, next })),
    events: commits.flatMap((part) => part.events.map(decodeEvent)),
    receipt: receiptOf(commit),
    writeUnits: 0,
  };
}

function load(deps: StoreDeps, session: StreamCache, stream: string): Promise<History> {
  const loaded = session.get(stream);
  if (loaded) return loaded;
  const loading = loadStream(deps, stream).then((commits) => historyOf(stream, commits));
  session.set(stream, loading);
  // A failed load must not stay in the session: the next command would fail with it.
  loading.catch(() => session.delete(stream));
  return loading;
}

const foldOf = (stream: string): Fold<unknown, DaochaEvent> =>
  own(FOLDS, parseStreamKey(stream).category) as Fold<unknown, DaochaEvent>;

function historyOf(stream: string, commits: readonly Commit[]): History {
  const fold = foldOf(stream);
  const last = commits.at(-1);
  return {
    next: last?.next ?? 1,
    prev: last?.hash ?? NO_COMMIT,
    state: foldAll(
      fold,
      commits.flatMap((commit) => commit.events.map(decodeEvent)),
    ),
    commits: new Map(commits.map((commit) => [commit.command, commit])),
  };
}

function remember(session: StreamCache, commit: Commit, history: History, events: readonly DaochaEvent[]): void {
  const fold = foldOf(commit.stream);
  history.commits.set(commit.command, commit);
  session.set(
    commit.stream,
    Promise.resolve({
      next: commit.next,
      prev: commit.hash,
      state: events.reduce((state, event) => fold.evolve(state, event), history.state),
      commits: history.commits,
    }),
  );
}

/** A stream's events as recorded, oldest first, each with the commit it belongs to. */
export async function readStream(
  deps: StoreDeps,
  tenant: string,
  category: Category,
  id: string,
): Promise<{ event: DaochaEvent; commit: Commit }[]> {
  const commits = await loadStream(deps, streamKey(tenant, category, id));
  return commits.flatMap((commit) => commit.events.map((bytes) => ({ event: decodeEvent(bytes), commit })));
}

/** What a stream's events make of it, as it stands. */
export async function loadState<C extends keyof States>(
  deps: StoreDeps,
  tenant: string,
  category: C,
  id: string,
): Promise<States[C]> {
  const stream = streamKey(tenant, category, id);
  return historyOf(stream, await loadStream(deps, stream)).state as States[C];
}

/** How long the campaign's definition and rule sets are taken as read; a rule set has a date from which it holds anyway. */
const CAMPAIGN_FRESH_MS = 15_000;
const campaigns = new WeakMap<StoreDeps, Map<string, { at: number; state: Promise<CampaignState> }>>();

/** The campaign as launched, with its rule sets; kept for some seconds, because every command asks. */
export function campaignOf(deps: StoreDeps, tenant: string, now: Date): Promise<CampaignState> {
  const known = campaigns.get(deps) ?? new Map<string, { at: number; state: Promise<CampaignState> }>();
  campaigns.set(deps, known);
  const cached = known.get(tenant);
  if (cached && Math.abs(now.getTime() - cached.at) < CAMPAIGN_FRESH_MS) return cached.state;
  const state = loadStream(deps, streamKey(tenant, 'campaign', 'campaign')).then(
    (commits) => historyOf(streamKey(tenant, 'campaign', 'campaign'), commits).state as CampaignState,
  );
  known.set(tenant, { at: now.getTime(), state });
  // An outage, or a campaign not launched yet, is asked about again at once.
  state.then(
    (loaded) => loaded.definition ?? known.delete(tenant),
    () => known.delete(tenant),
  );
  return state;
}

/** Forgets the campaign as read: after a command to it. */
export function forgetCampaign(deps: StoreDeps, tenant: string): void {
  campaigns.get(deps)?.delete(tenant);
}

/** Id of a new stream, made from the command that begins it: a command sent again names the same stream. */
export function newId(prefix: 'u' | 'i' | 'a' | 'd' | 'pr', tenant: string, command: string): string {
  return `${prefix}_${digest(tenant, command)}`;
}

/** Id of a hazard that this clause is at this unit, if none is on record of it (`hazardOf`, hazard.ts): found again, it is the same hazard. */
export function hazardId(unitId: string, track: string, clause: string): string {
  return `h_${digest(unitId, track, clauseRead(clause))}`;
}

/** 80 bits of SHA-256 over the parts: ends an id that is made from what it names. */
export function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

/** Checks the id that a caller chose for a new stream. */
export function requireFreeId(id: string | undefined, prefix: 'u' | 'i' | 'a' | 'd', made: string): string {
  if (id === undefined) return made;
  if (/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/.test(id)) return id;
  throw new InvalidInput(`not an id: ${id}`, {
    field: 'id',
    expected: `1 to 64 letters, digits, or one of _ . : -, e.g. ${prefix}_${made.slice(2, 8)}`,
  });
}

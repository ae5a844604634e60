// Random histories of a small town, decided by the real deciders: units are registered, corrected, surveyed, graded; inspections
// find hazards, which live through every act their status allows, come back, are linked and dismissed. What the domain refuses simply
// does not happen. A history is a list of commits, the parts of one command side by side, and its events in log order.
import * as fc from 'fast-check';
import { encodeEvent, definitionOf, type DaochaEvent, type Draft } from '../../events/catalogue.ts';
import { parseStreamKey, streamKey, TRACKS, type Category, type Track } from '../../events/envelope.ts';
import { isOpen, type HazardEvent } from '../../events/hazard.ts';
import type { Finding, InspectionEvent } from '../../events/inspection.ts';
import type { RosterEvent } from '../../events/roster.ts';
import { RISK_GRADES } from '../../events/unit.ts';
import { CORRECTABLE } from '../../shared/rules/corrections.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as extensions from '../../shared/rules/hazard/extension.ts';
import * as closure from '../../shared/rules/hazard/closure.ts';
import * as finding from '../../shared/rules/hazard/finding.ts';
import * as rectification from '../../shared/rules/hazard/rectification.ts';
import * as hazards from '../../shared/rules/hazard/hazard.ts';
import * as limits from '../../shared/rules/hazard/limits.ts';
import * as inspections from '../../shared/rules/inspection/inspection.ts';
import * as reminders from '../../shared/rules/reminder/reminder.ts';
import * as rosters from '../../shared/rules/roster/roster.ts';
import * as units from '../../shared/rules/unit/unit.ts';
import { DaochaError } from '../../events/errors.ts';
import { NO_COMMIT, type Commit } from '../../shared/record/store/commit.ts';
import { sealCommits } from '../../shared/record/store/store.ts';
import type { Placed } from '../../shared/reading/views/view.ts';
import { townDay } from '../../shared/town-time.ts';
import { secondOf } from './builders.ts';

export const TENANT = 'liantang';
const DAY = 86_400_000;
const START = Date.UTC(2025, 3, 1);
const ORGANISATIONS = ['chengyun', 'guijianban', 'shichangsuo', 'village-01'] as const;
const CLAUSES = ['C-1', 'C-2', 'C-3'] as const;
export const UNITS = ['u_1', 'u_2'] as const;
/** Few, so that things meet; two of a unit's tracks are needed for copies. */
const TOWN_TRACKS = ['gas', 'factory'] as const;

/** One thing that somebody does; the numbers choose among what is possible then. */
export interface Act {
  kind: 'inspect' | 'hazard' | 'clock' | 'unit' | 'roster' | 'correct';
  unit: number;
  pick: number;
  how: number;
  /** days since the act before */
  after: number;
  /** days that the record comes late */
  late: number;
}

/** Some tens of events up to some hundreds. */
export const acts = ({ minLength = 10, maxLength = 60 } = {}): fc.Arbitrary<Act[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(
        'inspect' as const,
        'hazard' as const,
        'hazard' as const,
        'hazard' as const,
        'clock' as const,
        'unit' as const,
        'roster' as const,
        'correct' as const,
      ),
      unit: fc.nat({ max: UNITS.length - 1 }),
      pick: fc.nat({ max: 1000 }),
      how: fc.nat({ max: 100_000 }),
      after: fc.nat({ max: 20 }),
      late: fc.constantFrom(0, 0, 0, 5, 40),
    }),
    { minLength, maxLength, size: 'max' },
  );

type Parts = [category: Category, id: string, drafts: Drafts][];

export class Town {
  readonly commits: Commit[] = [];
  readonly events: DaochaEvent[] = [];
  readonly #streams = new Map<string, { events: DaochaEvent[]; hash: Uint8Array }>();
  #days = 0;
  #person = 'p-1';
  #occurredAt = '';

  /** The events with the positions that the log gives them. */
  get placed(): Placed[] {
    return this.events.map((event, position) => ({ position, event }));
  }

  /** All events of a category, by stream id. */
  streams(category: Category): Map<string, DaochaEvent[]> {
    return new Map(
      [...this.#streams]
        .filter(([key]) => parseStreamKey(key).category === category)
        .map(([key, { events }]) => [parseStreamKey(key).id, events]),
    );
  }

  unit(id: string): units.UnitState {
    return foldAll(units.unit, this.#of('unit', id) as never);
  }

  hazard(id: string): hazards.HazardState {
    return foldAll(hazards.hazard, this.#of('hazard', id) as never);
  }

  #of(category: Category, id: string): DaochaEvent[] {
    return this.#streams.get(streamKey(TENANT, category, id))?.events ?? [];
  }

  act({ kind, unit: index, pick, how, after, late }: Act): this {
    this.#days += after;
    this.#occurredAt = new Date(START + (this.#days - late) * DAY).toISOString();
    // verifier and second person differ from whoever came before
    this.#person = `p-${this.commits.length}`;
    const unit = UNITS[index % UNITS.length]!;
    try {
      if (kind === 'roster') this.#roster(pick, how);
      else if (kind === 'correct') this.#correct(unit, pick, how);
      else if (!this.unit(unit).details) this.#commit([['unit', unit, register(this, unit, pick)]]);
      else if (kind === 'inspect') this.#inspect(unit, pick, how);
      else if (kind === 'clock') this.#clock(unit, pick, how);
      else if (kind === 'hazard') for (let n = 0; n <= how % 6; n++) this.#hazard(unit, pick, how + n * 7);
      else this.#commit([['unit', unit, unitAct(this.unit(unit), unit, pick, how)]]);
    } catch (error) {
      if (!(error instanceof DaochaError)) throw error;
    }
    return this;
  }

  #inspect(unit: string, pick: number, how: number): void {
    const state = this.unit(unit);
    const track = state.details!.tracks[pick % state.details!.tracks.length]!;
    const about = (drafts: Drafts): Drafts => drafts.map((draft) => Object.assign({}, draft, { unit, track }));
    const open = this.#planned(unit);
    const [planned] = chosen(open, pick);
    const id = planned ?? `i_${this.commits.length}`;
    const inspection = foldAll(inspections.inspection, this.#of('inspection', id) as InspectionEvent[]);
    const other = planned ? ('miss' as const) : ('plan' as const);
    const [next] = chosen(['record', 'record', 'record', 'record', other] as const, how >> 3);
    if (next !== 'record') {
      const plan = { plannedFor: this.#occurredAt, mode: 'routine' as const, inspectors: ['p'] };
      const drafts =
        next === 'plan'
          ? inspections.plan(inspection, plan, unit)
          : inspections.missInspection(inspection, { reason: 'r' });
      this.#commit([['inspection', id, about(drafts)]]);
      return;
    }
    const changed = { opened: [] as string[], recurred: [] as string[], signedOff: [], dismissed: [] };
    const findings: Finding[] = [];
    const parts: Parts = [];
    const answers = CLAUSES.map((clause, n) => ({
      item: String(n),
      clause,
      answer: (how >> n) % 2 === 0 ? ('ok' as const) : ('problem' as const),
    }));
    for (const { item, clause } of answers.filter(({ answer }) => answer === 'problem')) {
      const hazard = hazardId(unit, track, clause);
      const { outcome, drafts } = finding.observe(this.hazard(hazard), {
        id: hazard,
        unit,
        track,
        clause,
        inspection: id,
        item,
        occurredAt: this.#occurredAt,
        lead: 'chengyun',
        area: state.details!.area,
      });
      findings.push({ item, clause, hazard, outcome });
      if (outcome === 'found' || outcome === 'recurred') changed.opened.push(hazard);
      if (outcome === 'recurred') changed.recurred.push(hazard);
      parts.push(['hazard', hazard, drafts]);
    }
    const recorded = inspections.record(inspection, { unit, mode: 'routine', inspectors: ['p'], answers }, findings);
    this.#commit([['inspection', id, about(recorded)], ...parts, ['unit', unit, units.changeLedger(state, changed)]]);
  }

  /** Inspections of a unit that are planned. */
  #planned(unit: string): string[] {
    return [...this.streams('inspection')].flatMap(([id, events]) => {
      const state = foldAll(inspections.inspection, events as InspectionEvent[]);
      return state.status === 'planned' && state.unit === unit ? [id] : [];
    });
  }

  /** One of the unit's hazards. */
  #one(unit: string, pick: number, wanted: (state: hazards.HazardState) => boolean = () => true): string | undefined {
    const ids = [...this.streams('hazard').keys()].filter((id) => {
      const state = this.hazard(id);
      return state.unit === unit && wanted(state);
    });
    return chosen(ids, pick)[0];
  }

  /** What the clock issues and notices, and that somebody has seen it. */
  #clock(unit: string, pick: number, how: number): void {
    const id = this.#one(unit, pick, ({ status, due }) => due !== null && isOpen(status!));
    if (id === undefined) return;
    this.#commit([['hazard', id, clockAct(this.hazard(id), id, this.#occurredAt, how)]]);
  }

  #hazard(unit: string, pick: number, how: number): void {
    const id = this.#one(unit, pick);
    if (id === undefined) return;
    const state = this.hazard(id);
    // most acts lead on, so that histories get through to the sign-off and beyond
    const possible = hazards.nextActs(state).filter((act) => how % 3 === 0 || leadsOn(state, act));
    const [act, rest] = chosen(possible, Math.floor(how / 3));
    if (!act) return;
    const drafts = hazardAct(state, id, act, this.#person, this.#occurredAt, rest);
    const after = foldAll(hazards.hazard, [...this.#of('hazard', id), ...this.#made('hazard', id, drafts)] as never);
    const opened = !isOpen(state.status!) && isOpen(after.status!) ? [id] : [];
    const closed = isOpen(state.status!) && !isOpen(after.status!) ? [id] : [];
    const signedOff = after.status === 'signed-off' ? closed : [];
    const dismissed = after.status === 'signed-off' ? [] : closed;
    const ledger = units.changeLedger(this.unit(unit), { opened, recurred: [], signedOff, dismissed });
    this.#commit([
      ['hazard', id, drafts],
      ['unit', unit, ledger],
    ]);
  }

  /** Corrects something in the stream of a hazard or an inspection of the unit. */
  #correct(unit: string, pick: number, how: number): void {
    const about = (category: Category) =>
      [...this.streams(category)].filter(([, events]) => events.some((event) => event.unit === unit));
    const streams = how % 2 ? about('hazard') : about('inspection');
    const [id, events] = streams[pick % Math.max(1, streams.length)] ?? [];
    if (id === undefined || events === undefined) return;
    const targets = events.filter(({ type }) => CORRECTABLE[type]);
    const target = targets[how % Math.max(1, targets.length)];
    if (!target) return;
    const fields = CORRECTABLE[target.type]!;
    const field = fields[pick % fields.length]!;
    const changes = [CHANGE_OF[field] ?? { field, to: `更正${how}` }].map((change) =>
      change.field === 'occurredAt' ? { field, to: target.occurredAt.replace('T0', 'T1') } : change,
    );
    const command = { target: target.id, changes, reason: 'r' };
    const now = new Date(START + 400 * DAY).toISOString();
    const drafts =
      how % 2
        ? rectification.correctHazard(
            hazards.requireHazard(this.hazard(id), id),
            events as HazardEvent[],
            command,
            MAKER,
            now,
          )
        : inspections
            .correctInspection(events as InspectionEvent[], id, command, MAKER, now, new Map())
            .map((draft) => Object.assign({}, draft, { unit, track: target.track }));
    this.#commit([[how % 2 ? 'hazard' : 'inspection', id, drafts]]);
  }

  #roster(pick: number, how: number): void {
    const id = ORGANISATIONS[pick % ORGANISATIONS.length]!;
    const events = this.#of('roster', id) as RosterEvent[];
    this.#commit([['roster', id, rosterAct(events, this.#occurredAt, this.commits.length, pick, how)]]);
  }

  #made(category: Category, id: string, drafts: Drafts): DaochaEvent[] {
    const version = this.#of(category, id).length + 1;
    const recordedAt = new Date(START + this.#days * DAY + this.commits.length).toISOString();
    return drafts.map((draft: Draft, n) => {
      const { type, data, ...own } = draft;
      return {
        id: `${category}/${id}/${version + n}`,
        type,
        schema: definitionOf(type).schema,
        tenant: TENANT,
        stream: streamKey(TENANT, category, id),
        version: version + n,
        occurredAt: this.#occurredAt,
        recordedAt,
        actor: { person: this.#person, post: 'inspector', organisation: 'guijianban' },
        source: 'api',
        ...(category === 'unit' ? { unit: id } : {}),
        ...own,
        ruleSet: 1,
        command: `c-${this.commits.length}`,
        data: { ...secondOf(type), ...data },
      } as DaochaEvent;
    });
  }

  #commit(parts: Parts): void {
    const made = parts
      .map(([category, id, drafts]) => this.#made(category, id, drafts))
      .filter((events) => events.length > 0)
      // the order in which the log places the parts of a transaction
      .toSorted(([a], [b]) => (a!.stream < b!.stream ? -1 : 1));
    if (made.length === 0) return;
    const sealed = sealCommits(
      made.map((events) => ({
        stream: events[0]!.stream,
        version: events[0]!.version,
        events: events.map(encodeEvent),
        command: events[0]!.command,
        request: 'r',
        person: this.#person,
        recordedAt: events[0]!.recordedAt,
        prev: this.#streams.get(events[0]!.stream)?.hash ?? NO_COMMIT,
      })),
    );
    for (const [n, events] of made.entries()) {
      const { stream } = events[0]!;
      const known = this.#streams.get(stream)?.events ?? [];
      this.#streams.set(stream, { events: [...known, ...events], hash: sealed[n]!.hash });
      this.events.push(...events);
    }
    this.commits.push(...sealed);
  }
}

/** One of some, and what is left of the number for further choices: two by one number would not meet in every way. */
function chosen<T>(some: readonly T[], number: number): [one: T | undefined, rest: number] {
  const of = Math.max(1, some.length);
  return [some[number % of], Math.floor(number / of)];
}

/** How the fields are corrected that do not take just any text. */
const CHANGE_OF: Record<string, { field: string; to: unknown }> = {
  mode: { field: 'mode', to: 'joint' },
  inspectors: { field: 'inspectors', to: ['p-9'] },
  template: { field: 'template', to: { id: 't', version: 2 } },
  signature: { field: 'signature', to: { kind: 'refused', reason: '拒签' } },
  answers: { field: 'answers[1].text', to: '更正' },
  occurredAt: { field: 'occurredAt', to: '' },
};

/** A town in which all this was done. */
export function town(history: readonly Act[]): Town {
  return history.reduce((now, act) => now.act(act), new Town());
}

const ONWARD: ReadonlySet<hazards.HazardAct> = new Set([
  ...(['grade', 'assign', 'order', 'submit', 'verify', 'signOff'] as const),
  ...(['approveExtension', 'refuseExtension', 'confirm'] as const),
]);

export const hazardId = (unit: string, track: Track, clause: string): string => `h_${unit}_${track}_${clause}`;

function details(unit: string, pick: number) {
  const tracks = [[TOWN_TRACKS[0]], [TOWN_TRACKS[1]], [...TOWN_TRACKS], [...TOWN_TRACKS].toReversed(), [TRACKS[0]]];
  return {
    name: `${['餐饮店', '𠮷野家', 'Shop'][pick % 3]} ${unit}`,
    tracks: tracks[pick % tracks.length]!,
    ...(pick % 4 === 0 ? {} : { area: `village-0${pick % 2}` }),
  };
}

const register = (now: Town, unit: string, pick: number): Drafts => units.register(now.unit(unit), details(unit, pick));

function rosterAct(events: RosterEvent[], at: string, nth: number, pick: number, how: number): Drafts {
  const state = foldAll(rosters.roster, events);
  const held = [...state.appointments.values()];
  const one = held[pick % Math.max(1, held.length)];
  const itself = { id: 'any', name: '某办', kind: 'member' as const };
  const day = townDay(at);
  switch (one ? how % 3 : 0) {
    case 1:
      return rosters.relieve(state, { appointment: one!.appointment, until: day, reason: 'r' });
    case 2: {
      const changes = [{ field: 'person', to: `p-${how % 5}` }];
      const command = { target: one!.appointedBy, changes, reason: 'r' };
      const { appointment } = one!;
      return rosters.correctAppointment(state, events, { ...command, appointment }, MAKER, at, itself);
    }
    default: {
      const post = (['liaison', 'officer', 'head'] as const)[how % 3]!;
      const appointment = { appointment: `a-${nth}`, post, person: `p-${how % 5}`, from: day, basis: 'b' };
      return rosters.appoint(state, appointment, itself);
    }
  }
}

/** Corrects anything: which rules that keeps to is asked of the deciders. */
const MAKER = { organisation: 'office', office: true };

function unitAct(state: units.UnitState, unit: string, pick: number, how: number): Drafts {
  switch (how % 8) {
    case 0:
      return units.correct(state, unit, { details: details(unit, pick), reason: 'r' }, MAKER);
    case 1:
      return units.gradeRisk(state, unit, { to: RISK_GRADES[pick % 4]!, basis: 'b' });
    case 2:
      return units.recordLease(state, unit, { lease: `l-${pick}`, lessor: 'a', lessee: 'b', from: '2025-01-01' });
    case 3:
      return units.signAgreement(state, unit, {
        lease: [...state.leases.keys()][0] ?? 'none',
        signedOn: `2025-05-${10 + (pick % 10)}`,
      });
    case 4: {
      const { tracks } = state.details!;
      return units.surveyBaseline(state, unit, { track: tracks[pick % tracks.length]!, facts: { 数: pick } });
    }
    case 5: {
      const { tracks } = state.details!;
      const track = tracks[pick % tracks.length]!;
      const from = `2025-0${1 + (how % 9)}-01`;
      const post = { person: `p-${pick % 3}`, post: '监管员', organisation: 'guijianban', basis: 'b' };
      return units.assignSupervisor(state, unit, { track, from, ...post });
    }
    case 6: {
      const held = state.supervisors.at(-1);
      return held
        ? units.relieveSupervisor(state, unit, {
            track: held.track,
            person: held.person,
            until: held.from,
            reason: 'r',
          })
        : [];
    }
    default:
      return pick % 10 === 0 ? units.close(state, unit, { reason: '已搬迁' }) : [];
  }
}

function clockAct(state: hazards.HazardState, id: string, now: string, how: number): Drafts {
  const [act, rest] = chosen(['due', 'answer', 'missed', 'seen'] as const, how);
  const [organisation, more] = chosen(ORGANISATIONS, rest);
  const [workingDays, last] = chosen([-3, 0, 5], more);
  const recipients = [{ organisation: organisation!, post: 'liaison', person: null }];
  const due = state.due ?? now;
  const rung = { due, rung: `r${workingDays}`, workingDays: workingDays!, recipients, skipped: [] };
  if (act === 'due') return reminders.issueReminder(state, id, rung);
  if (act === 'missed') return reminders.noticeMissed(state, id, due, now);
  if (act === 'seen') {
    const [known] = chosen([...state.reminders], last);
    if (!known) return [];
    const [reminder, { recipients: to }] = known;
    const acting = { person: 'p-seen', organisation: to[0]!.organisation };
    return reminders.acknowledgeReminder(state, id, { reminder }, acting);
  }
  const waiting = Object.entries(state.waiting.waits).filter(([, wait]) => wait.since !== null);
  const [one] = chosen(waiting, last);
  const awaits = one?.[0] as keyof typeof state.waiting.waits | undefined;
  return awaits ? reminders.issueAnswerReminder(state, id, { ...rung, awaits, since: one![1].since! }) : [];
}

/** What is graded need not be graded again. */
const leadsOn = ({ grade }: hazards.HazardState, act: hazards.HazardAct): boolean =>
  ONWARD.has(act) && !(act === 'grade' && grade !== null);

// oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive
function hazardAct(
  state: hazards.HazardState,
  id: string,
  act: hazards.HazardAct,
  person: string,
  occurredAt: string,
  how: number,
): Drafts {
  const to = ORGANISATIONS[how % ORGANISATIONS.length]!;
  const inDays = (days: number): string => new Date(Date.parse(occurredAt) + days * DAY).toISOString();
  const due = inDays(1 + (how % 60));
  const later = inDays(40 + (how % 60));

  switch (act) {
    case 'grade':
      return rectification.grade(state, id, { grade: how % 2 ? 'general' : 'major', basis: 'b' });
    case 'assign':
      return rectification.assign(state, id, { to });
    case 'return':
      return rectification.returnHazard(state, id, { reason: 'r' });
    case 'reassign':
      return rectification.reassign(state, id, { to, reason: 'r' });
    case 'order':
      return rectification.orderRectification(
        state,
        id,
        { measures: 'm', due, authority: 'a' },
        occurredAt,
        occurredAt,
      );
    case 'control':
      return rectification.setInterimControl(state, id, { measures: 'm' });
    case 'refuse':
      return limits.refuseOrder(state, id, { reason: 'r' }, person);
    case 'stateLimit':
      return limits.stateLimit(state, id, { limit: how % 2 ? 'power' : 'capacity', reason: 'r' }, person);
    case 'declareDanger':
      return limits.declareDanger(state, id, { reason: 'r' }, person);
    case 'submit':
      return rectification.submitRectification(state, id, { statement: 's' }, person);
    case 'verify':
      return rectification.verify(state, id, { basis: 'b' }, person);
    case 'reject': {
      const moment = { occurredAt, now: occurredAt };
      const again = rectification.dueAfterRejection(state, undefined, occurredAt)?.due;
      return rectification.reject(state, id, { reason: 'r', due: again }, person, moment);
    }
    case 'signOff':
      return rectification.signOff(state, id, occurredAt, person);
    case 'propose': {
      const kind = how % 2 ? ('duplicate' as const) : ('invalid' as const);
      return closure.proposeClosure(state, id, { kind, of: 'h_other', reason: 'r' }, person);
    }
    case 'confirm':
      return closure.confirmClosure(state, id, person);
    case 'unlink':
      return closure.unlink(state, id, { reason: 'r' }, person);
    case 'requestExtension':
      return extensions.requestExtension(
        state,
        id,
        { due: later, reason: 'r' },
        { person, organisation: to },
        occurredAt,
      );
    case 'approveExtension':
      return extensions.approveExtension(
        state,
        id,
        how % 3 ? { reason: 'r' } : { due: later, reason: 'r' },
        { person, organisation: 'office' },
        occurredAt,
      );
    case 'refuseExtension':
      return extensions.refuseExtension(state, id, { reason: 'r' }, { person, organisation: 'office' });
  }
}

// Events as an object-centric event log (OCEL 2.0, JSON; www.ocel-standard.org) for process mining. Every attribute value is a
// string, because the published schema takes nothing else. The events are read twice, once for `events` and once for
// `objects`, so that only the objects' ids are held in memory; the same events always give the same bytes.
import { decodeEvent, DEFINITIONS, type DaochaEvent } from '../../../events/catalogue.ts';
import { leafHash } from '../tlog/hash.ts';

/** An event's exact bytes and its place in the log. */
export interface LoggedEvent {
  position: number;
  bytes: Uint8Array;
}

const COMMON = {
  logIndex: 'integer',
  leafHash: 'string',
  stream: 'string',
  version: 'integer',
  recordedAt: 'time',
  source: 'string',
  command: 'string',
  track: 'string',
  derived: 'boolean',
} as const;
const HAZARD = { clause: 'string', before: 'string', after: 'string', grade: 'string', due: 'time' } as const;
const INSPECTION = { mode: 'string', clean: 'boolean' } as const;

const OBJECT_TYPES: Record<string, Record<string, string>> = {
  unit: { name: 'string', kind: 'string', area: 'string' },
  hazard: { clause: 'string', track: 'string' },
  inspection: { mode: 'string', track: 'string' },
  inspector: {},
  organisation: {},
  escalation: {},
  evidence: { mediaType: 'string' },
};

const declared = (name: string, own: Record<string, string>) => ({
  name,
  attributes: Object.entries(own).map(([attribute, type]) => ({ name: attribute, type })),
});

function declaredEvent({ type, category }: { type: string; category: string }): object {
  const own = { ...(category === 'hazard' ? HAZARD : {}), ...(category === 'inspection' ? INSPECTION : {}) };
  return declared(type, { ...COMMON, ...own });
}

interface Reference {
  type: string;
  id: string;
  qualifier: string;
}

/**
 * The export, in pieces of text.
 * @param events starts reading from the first event, each time it is called
 * @throws what `decodeEvent` throws for an event that this version does not know
 */
export async function* ocel2(
  events: () => AsyncIterable<LoggedEvent> | Iterable<LoggedEvent>,
): AsyncGenerator<string, void, undefined> {
  const eventTypes = JSON.stringify(DEFINITIONS.map(declaredEvent));
  const objectTypes = JSON.stringify(Object.entries(OBJECT_TYPES).map(([name, own]) => declared(name, own)));
  yield `{"eventTypes":${eventTypes},\n"objectTypes":${objectTypes},\n"events":[`;
  yield* listed(events(), function* one(logged) {
    yield ocelEvent(logged, decodeEvent(logged.bytes));
  });
  yield '],\n"objects":[';
  const objects = new Objects();
  yield* listed(
    events(),
    ({ bytes }) => objects.of(decodeEvent(bytes)),
    () => objects.rest(),
  );
  yield ']}\n';
}

const PIECE = 64 * 1024;

async function* listed(
  events: AsyncIterable<LoggedEvent> | Iterable<LoggedEvent>,
  each: (logged: LoggedEvent) => Iterable<object>,
  rest?: () => Iterable<object>,
): AsyncGenerator<string, void, undefined> {
  let piece = '';
  let first = true;
  const add = (one: object): void => {
    piece += `${first ? '\n' : ',\n'}${JSON.stringify(one)}`;
    first = false;
  };
  for await (const logged of events) {
    for (const one of each(logged)) add(one);
    if (piece.length > PIECE) {
      yield piece;
      piece = '';
    }
  }
  for (const one of rest?.() ?? []) {
    add(one);
    if (piece.length > PIECE) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}\n`;
}

function ocelEvent({ position, bytes }: LoggedEvent, event: DaochaEvent): object {
  const data = event.data as Record<string, unknown>;
  const values: Record<string, unknown> = {
    logIndex: position,
    leafHash: Buffer.from(leafHash(bytes)).toString('hex'),
    stream: event.stream,
    version: event.version,
    recordedAt: event.recordedAt,
    source: event.source,
    command: event.command,
    track: event.track,
    derived: event.derived !== undefined,
  };
  const category = categoryOf(event);
  const own = { ...(category === 'hazard' ? HAZARD : {}), ...(category === 'inspection' ? INSPECTION : {}) };
  for (const name of Object.keys(own)) values[name] = data[name];
  return {
    id: event.id,
    type: event.type,
    time: event.occurredAt,
    attributes: attributes(values),
    relationships: distinct(referencesOf(event)).map(({ type, id, qualifier }) => ({
      objectId: `${type}:${id}`,
      qualifier,
    })),
  };
}

function attributes(values: Record<string, unknown>, time?: string): object[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ({ name, value: String(value), ...(time === undefined ? {} : { time }) }));
}

const categoryOf = (event: DaochaEvent): string => event.stream.split('#')[1] ?? '';
const idOf = (event: DaochaEvent): string => event.stream.split('#')[2] ?? '';

/** Every object that an event is about, and as what. */
function referencesOf(event: DaochaEvent): Reference[] {
  const data = event.data as Record<string, unknown>;
  const found: Reference[] = [];
  const add = (type: string, id: unknown, qualifier: string): void => {
    if (typeof id === 'string' && id !== '') found.push({ type, id, qualifier });
  };
  const category = categoryOf(event);
  add('unit', event.unit ?? (category === 'unit' ? idOf(event) : undefined), 'subject_unit');
  if (category === 'hazard' || category === 'inspection') add(category, idOf(event), category);
  add('inspection', data['inspection'], 'inspection');
  for (const finding of asList(data['findings'])) add('hazard', (finding as { hazard?: unknown }).hazard, 'hazard');
  for (const inspector of asList(data['inspectors'])) add('inspector', inspector, 'inspected_by');
  if (event.type === 'HazardSignedOff') add('inspector', event.data.by, 'signed_off_by');
  add('inspector', event.actor.person, 'recorded_by');
  add('organisation', event.organisation, 'responsible_org');
  for (const { sha256 } of event.evidence ?? []) add('evidence', sha256, 'evidence');
  return found;
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** One relationship an object, the first one said: tools take pairs of event and object for distinct. */
function distinct(references: Reference[]): Reference[] {
  const known = new Map<string, Reference>();
  for (const one of references) {
    const key = `${one.type}:${one.id}`;
    if (!known.has(key)) known.set(key, one);
  }
  return [...known.values()];
}

/** Objects are written once, when an event first describes them; those that none describes at the end. */
class Objects {
  readonly #written = new Map<string, boolean>();

  *of(event: DaochaEvent): Generator<object> {
    for (const { type, id } of referencesOf(event)) {
      const key = `${type}:${id}`;
      if (this.#written.get(key)) continue;
      const described = describe(event, type, id);
      this.#written.set(key, described !== undefined);
      if (described) yield { id: key, type, ...described };
    }
  }

  *rest(): Generator<object> {
    for (const [key, written] of this.#written) {
      if (!written) yield { id: key, type: key.slice(0, key.indexOf(':')), attributes: [], relationships: [] };
    }
  }
}

function describe(event: DaochaEvent, type: string, id: string): object | undefined {
  const data = event.data as Record<string, unknown>;
  const time = event.occurredAt;
  const own = categoryOf(event) === type && idOf(event) === id;
  const ofUnit = event.unit ? [{ objectId: `unit:${event.unit}`, qualifier: 'subject_unit' }] : [];
  if (type === 'unit' && own && event.type === 'UnitRegistered') {
    const { name, kind, area } = { ...data, ...(data['details'] as object | undefined) } as Record<string, unknown>;
    return { attributes: attributes({ name, kind, area }, time), relationships: [] };
  }
  if (type === 'hazard' && own) {
    return { attributes: attributes({ clause: data['clause'], track: event.track }, time), relationships: ofUnit };
  }
  if (type === 'inspection' && own) {
    return { attributes: attributes({ mode: data['mode'], track: event.track }, time), relationships: ofUnit };
  }
  if (type === 'evidence') {
    const mediaType = event.evidence?.find(({ sha256 }) => sha256 === id)?.mediaType;
    return { attributes: attributes({ mediaType }, time), relationships: [] };
  }
  return undefined;
}

// What an event is about, for the verifiable index (shared/record/index): by its envelope alone, so that anybody can say it of any event,
// of kinds too that are not known yet. `unit/u_1`, `hazard/h_1`, `person/p-1`. docs/auditing.md has the rule for other programs.
import { own } from '../shared/own.ts';
import { isSystem, type Category } from './envelope.ts';

/** Kinds of streams whose events are listed under what the stream is of. */
const KINDS = {
  unit: 'unit',
  inspection: 'inspection',
  hazard: 'hazard',
  escalation: 'escalation',
  report: 'report',
  duty: 'duty',
  roster: 'organisation',
  person: undefined, // by the reference that its events name
  // of the town as a whole
  campaign: undefined,
  delivery: undefined,
  index: undefined,
  // what it is about, its envelope says
  proposal: undefined,
} as const satisfies Record<Category, string | undefined>;

export const SUBJECT_KINDS = [
  'unit',
  'inspection',
  'hazard',
  'escalation',
  'report',
  'duty',
  'organisation',
  'person',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export const indexSubject = (kind: SubjectKind, id: string): string => `${kind}/${id}`;

/** What of an event decides; of stored bytes nobody knows whether it is there. */
export interface Sorted {
  type?: unknown;
  stream?: unknown;
  unit?: unknown;
  organisation?: unknown;
  actor?: unknown;
  data?: unknown;
}

/** Each once; none of what has none of the fields. */
export function subjectsOf({ stream, unit, organisation, actor, data }: Sorted): string[] {
  const found = new Set<string>();
  const add = (kind: SubjectKind, id: unknown): void => {
    if (typeof id === 'string' && id !== '') found.add(indexSubject(kind, id));
  };
  const person = (id: unknown): void => {
    if (typeof id === 'string' && !isSystem(id)) add('person', id);
  };
  const parts = typeof stream === 'string' ? stream.split('#') : [];
  const kind = parts.length === 3 ? own(KINDS, parts[1]!) : undefined;
  // as the unit's timeline has it: the unit that the event names, else the one whose stream it is in
  if (kind !== undefined && !(kind === 'unit' && typeof unit === 'string')) add(kind, parts[2]);
  add('unit', unit);
  add('organisation', organisation);
  person(fieldOf(actor, 'person'));
  person(fieldOf(actor, 'onBehalfOf'));
  person(fieldOf(data, 'person'));
  return [...found];
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? own(value as Record<string, unknown>, name) : undefined;

/** An event as it is stored; undefined when it is no JSON object. */
export function parsedEvent(bytes: Uint8Array): Sorted | undefined {
  try {
    const event: unknown = JSON.parse(decoder.decode(bytes));
    return typeof event === 'object' && event !== null ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The subjects of stored bytes: none of what is no JSON object. */
export const indexedSubjects = (bytes: Uint8Array): string[] => subjectsOf(parsedEvent(bytes) ?? {});

const decoder = new TextDecoder('utf-8', { fatal: true });

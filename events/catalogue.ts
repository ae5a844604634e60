// Everything that can ever happen, in one table, and the way between an event and its stored bytes.
// Encoding validates strictly; decoding trusts the bytes (they were validated, and a hash chain guards them) and lifts old schemas
// to the present one, step by step, without touching what is stored.
import canonicalize from 'canonicalize';
import type * as z from 'zod';
import { InvalidInput, TooLarge } from './errors.ts';
import { campaignEvents, type CampaignDraft, type CampaignEvent } from './campaign.ts';
import { deliveryEvents, type DeliveryDraft, type DeliveryEvent } from './delivery.ts';
import { dutyEvents, type DutyDraft, type DutyEvent } from './duty.ts';
import { envelopeSchema, type EventDefinition } from './envelope.ts';
import { escalationEvents, type EscalationDraft, type EscalationEvent } from './escalation.ts';
import { hazardEvents, type HazardDraft, type HazardEvent } from './hazard.ts';
import { indexEvents, type IndexDraft, type IndexEvent } from './index.ts';
import { inspectionEvents, type InspectionDraft, type InspectionEvent } from './inspection.ts';
import { personEvents, type PersonDraft, type PersonEvent } from './person.ts';
import { proposalEvents, type ProposalDraft, type ProposalEvent } from './proposal.ts';
import { reportEvents, type ReportDraft, type ReportEvent } from './report.ts';
import { rosterEvents, type RosterDraft, type RosterEvent } from './roster.ts';
import { unitEvents, type UnitDraft, type UnitEvent } from './unit.ts';

export type DaochaEvent =
  | CampaignEvent
  | RosterEvent
  | PersonEvent
  | UnitEvent
  | InspectionEvent
  | HazardEvent
  | EscalationEvent
  | ReportEvent
  | DutyEvent
  | DeliveryEvent
  | IndexEvent
  | ProposalEvent;
export type Draft =
  | CampaignDraft
  | RosterDraft
  | PersonDraft
  | UnitDraft
  | InspectionDraft
  | HazardDraft
  | EscalationDraft
  | ReportDraft
  | DutyDraft
  | DeliveryDraft
  | IndexDraft
  | ProposalDraft;
export type EventType = DaochaEvent['type'];

export const DEFINITIONS = [
  ...campaignEvents,
  ...rosterEvents,
  ...personEvents,
  ...unitEvents,
  ...inspectionEvents,
  ...hazardEvents,
  ...escalationEvents,
  ...reportEvents,
  ...dutyEvents,
  ...deliveryEvents,
  ...indexEvents,
  ...proposalEvents,
] as const;
const byType: ReadonlyMap<string, EventDefinition<string, z.ZodType>> = new Map(
  DEFINITIONS.map((definition) => [definition.type, definition as unknown as EventDefinition<string, z.ZodType>]),
);
export const EVENT_TYPES: readonly EventType[] = DEFINITIONS.map((definition) => definition.type);

/** An entry of the transparency log carries its length in 16 bits (C2SP tlog-tiles). */
export const MAX_EVENT_BYTES = 65_535;

/** The definition of an event type; throws for a type that does not exist. */
export function definitionOf(type: string): EventDefinition<string, z.ZodType> {
  const definition = byType.get(type);
  if (!definition)
    throw new InvalidInput(`unknown event type ${type}`, {
      field: 'type',
      expected: `one of ${EVENT_TYPES.join(', ')}`,
    });
  return definition;
}

/**
 * The bytes to store for an event: canonical JSON (RFC 8785) in UTF-8.
 * @throws InvalidInput naming the field when the envelope or the data breaks its schema; TooLarge over 65,535 bytes
 */
export function encodeEvent(event: DaochaEvent): Uint8Array {
  const definition = definitionOf(event.type);
  check(envelopeSchema, event, '');
  check(definition.data, event.data, 'data.');
  if (event.schema !== definition.schema) {
    throw new InvalidInput(`${event.type} is written in schema ${definition.schema} only`, {
      field: 'schema',
      expected: String(definition.schema),
    });
  }
  refuseLoneSurrogates(event, '');
  const bytes = new TextEncoder().encode(canonicalize(event));
  if (bytes.length > MAX_EVENT_BYTES) {
    throw new TooLarge(`an event may have ${MAX_EVENT_BYTES} bytes, this ${event.type} has ${bytes.length}`, {
      field: event.type,
      expected: `at most ${MAX_EVENT_BYTES} bytes: put photos and long texts in as SHA-256 evidence`,
    });
  }
  return bytes;
}

/** Half a character, as a cut text may end in, has no UTF-8 form (RFC 8785 section 3.2.2.2). */
function refuseLoneSurrogates(value: unknown, path: string): void {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new InvalidInput(`${path}: half a character (a lone surrogate) cannot be stored`, {
      field: path,
      expected: 'text of whole characters',
    });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const field = path ? `${path}.${name}` : name;
    refuseLoneSurrogates(name, field);
    refuseLoneSurrogates(inner, field);
  }
}

function check(schema: z.ZodType, value: unknown, prefix: string): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  const issue = result.error.issues[0]!;
  throw new InvalidInput(`${prefix}${issue.path.join('.')}: ${issue.message}`, {
    field: `${prefix}${issue.path.join('.')}`,
    expected: issue.message,
  });
}

/** The event in stored bytes, lifted to its present schema. */
export function decodeEvent(bytes: Uint8Array): DaochaEvent {
  return upcast(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as StoredEvent);
}

type StoredEvent = { type: string; schema: number; data: Record<string, unknown> };

function upcast(stored: StoredEvent): DaochaEvent {
  const definition = definitionOf(stored.type);
  if (stored.schema > definition.schema) {
    throw new Error(
      `${stored.type} schema ${stored.schema} was written by a newer daocha; this one knows up to ${definition.schema}`,
    );
  }
  let { schema, data } = stored;
  while (schema < definition.schema) {
    const step = definition.upcasts[schema];
    if (!step) throw new Error(`${stored.type} has no upcast from schema ${schema}`);
    data = step(data);
    schema += 1;
  }
  return (schema === stored.schema ? stored : { ...stored, schema, data }) as unknown as DaochaEvent;
}

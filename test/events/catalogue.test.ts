// What can ever happen, walked as a whole: every type has a valid example, canonical bytes, and a way up from each older schema.
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  decodeEvent,
  definitionOf,
  DEFINITIONS,
  encodeEvent,
  EVENT_TYPES,
  MAX_EVENT_BYTES,
  type DaochaEvent,
} from '../../events/catalogue.ts';
import { CATEGORIES, parseStreamKey, streamKey } from '../../events/envelope.ts';
import { exampleOf } from '../support/builders.ts';
import { refusal } from '../support/given.ts';

const utf8 = new TextDecoder();
const text = (event: DaochaEvent): string => utf8.decode(encodeEvent(event));
/** An event with anything in place of its data or with anything beside its envelope. */
const altered = (event: DaochaEvent, change: object): DaochaEvent => Object.assign({}, event, change);

const refusedAt = (wrong: DaochaEvent): string | undefined => refusal(() => encodeEvent(wrong)).field;
/** 73 answers with long words in them, and a last one that fills up. */
const sized = (fill: number): DaochaEvent => {
  const answers = Array.from({ length: 73 }, (_, n) => ({
    item: String(n),
    clause: 'C',
    answer: 'ok' as const,
    text: 'x'.repeat(n === 72 ? fill : 850),
  }));
  return altered(exampleOf('InspectionRecorded'), {
    data: { mode: 'routine', inspectors: [], answers, findings: [], clean: true },
  });
};

describe.each(EVENT_TYPES)('%s', (type) => {
  const definition = definitionOf(type);

  test('has an example that is valid and comes back from its bytes as it was', () => {
    const event = exampleOf(type);
    expect(decodeEvent(encodeEvent(event))).toEqual(event);
  });

  test('is stored as canonical JSON: keys sorted at every level, no blank, and the same bytes again when decoded', () => {
    const event = exampleOf(type);
    const stored = text(event);
    expect(stored).toBe(JSON.stringify(sorted(JSON.parse(stored))));
    expect(text(decodeEvent(new TextEncoder().encode(stored)))).toBe(stored);
    expect(text(backwards(event))).toBe(stored);
  });

  test('has a Chinese name', () => {
    expect(definition.zh).toMatch(/^\p{Script=Han}{2,}$/u);
  });

  test('has a way up from each older schema', () => {
    const older = Array.from({ length: definition.schema - 1 }, (_, n) => String(n + 1));
    expect(Object.keys(definition.upcasts)).toEqual(older);
  });

  test('refuses an unknown field in its data', () => {
    const event = exampleOf(type);
    const error = refusal(() => encodeEvent(altered(event, { data: { ...event.data, surprise: 1 } })));
    expect(error).toMatchObject({ type: 'invalid-input', field: 'data.' });
    expect(error.message).toContain('surprise');
  });

  test.each(required(definition.example))('refuses data without or with a wrong %s, and names it', (field) => {
    const event = exampleOf(type);
    for (const wrong of [undefined, Symbol('nothing like it')]) {
      const error = refusal(() => encodeEvent(altered(event, { data: { ...event.data, [field]: wrong } })));
      expect(error.field).toBe(`data.${field}`);
      expect(error.expected).toBeTruthy();
    }
  });

  test('is not written in another schema than its present one', () => {
    const error = refusal(() => encodeEvent(exampleOf(type, { schema: definition.schema + 1 })));
    expect(error).toMatchObject({ field: 'schema', expected: String(definition.schema) });
  });

  test('of a newer schema cannot be read, and says so', () => {
    const newer = { ...exampleOf(type), schema: definition.schema + 1 };
    const bytes = new TextEncoder().encode(JSON.stringify(newer));
    expect(() => decodeEvent(bytes)).toThrow(`${type} schema ${definition.schema + 1} was written by a newer daocha`);
  });
});

/** Fields of an example that its schema asks for: leaving one out must be refused. */
function required(example: unknown): string[] {
  const optional = new Set([
    'text',
    'place',
    'template',
    'signature',
    'until',
    'of',
    'note',
    'raw',
    'area',
    'to',
    'track',
  ]);
  return Object.keys(example as object).filter((field) => !optional.has(field));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function backwards(event: DaochaEvent): DaochaEvent {
  return Object.fromEntries(Object.entries(event).toReversed()) as unknown as DaochaEvent;
}

describe('the catalogue', () => {
  test('has each type once, and every category', () => {
    expect(new Set(EVENT_TYPES).size).toBe(EVENT_TYPES.length);
    expect(new Set(DEFINITIONS.map(({ zh }) => zh)).size).toBe(EVENT_TYPES.length);
    expect(new Set(DEFINITIONS.map(({ category }) => category))).toEqual(new Set(CATEGORIES));
  });

  test('does not know other types', () => {
    const event = altered(exampleOf('UnitListed'), { type: 'UnitDeleted' });
    expect(refusal(() => encodeEvent(event))).toMatchObject({ type: 'invalid-input', field: 'type' });
    expect(() => decodeEvent(new TextEncoder().encode(JSON.stringify(event)))).toThrow(
      'unknown event type UnitDeleted',
    );
  });
});

describe('UnitRegistered as schema 1 stored it', () => {
  // Bytes as they were once written: one track a unit.
  const STORED =
    '{"actor":{"organisation":"guijianban","person":"p-7","post":"科员"},"command":"c-1","data":{"details":{"address":"练塘镇示例路 1 号",' +
    '"name":"练塘某餐饮店","track":"gas"}},"id":"unit/u_7/1","occurredAt":"2025-04-28T02:00:00.000Z",' +
    '"recordedAt":"2025-04-28T02:00:01.000Z","ruleSet":1,"schema":1,"source":"api","stream":"liantang#unit#u_7","tenant":"liantang",' +
    '"type":"UnitRegistered","unit":"u_7","version":1}';

  test('reads as schema 2, with its track in a list; what is stored stays', () => {
    const bytes = new TextEncoder().encode(STORED);
    const event = decodeEvent(bytes);
    expect(event).toEqual({
      ...JSON.parse(STORED),
      schema: 2,
      data: { details: { address: '练塘镇示例路 1 号', name: '练塘某餐饮店', tracks: ['gas'] } },
    });
    expect(utf8.decode(bytes)).toBe(STORED);
    expect(decodeEvent(encodeEvent(event)), 'valid as schema 2').toEqual(event);
  });

  test('a schema without a way up is named', () => {
    const bytes = new TextEncoder().encode(STORED.replace('"schema":1', '"schema":0'));
    expect(() => decodeEvent(bytes)).toThrow('UnitRegistered has no upcast from schema 0');
  });

  test('bytes that are not UTF-8 are no event', () => {
    const bytes = new TextEncoder().encode(STORED);
    bytes[bytes.length - 40] = 0xff;
    expect(() => decodeEvent(bytes)).toThrow('not valid');
  });
});

describe('the envelope', () => {
  const event = exampleOf('HazardGraded');
  test.each([
    ['surprise', { surprise: 1 }, ''],
    ['time without milliseconds', { occurredAt: '2025-05-08T02:00:00Z' }, 'occurredAt'],
    ['time with an offset', { recordedAt: '2025-05-08T10:00:00.000+08:00' }, 'recordedAt'],
    ['day that does not exist', { occurredAt: '2025-02-30T02:00:00.000Z' }, 'occurredAt'],
    ['version 0', { version: 0 }, 'version'],
    ['source', { source: 'rumour' }, 'source'],
    ['track', { track: 'water' }, 'track'],
    ['unit with a blank', { unit: 'u 1' }, 'unit'],
    ['organisation with a #', { organisation: 'a#b' }, 'organisation'],
    ['place', { place: { lat: 91, lon: 0 } }, 'place.lat'],
    ['place with an unknown field', { place: { lat: 1, lon: 0, floor: 2 } }, 'place'],
    ['evidence', { evidence: [{ sha256: 'AB', mediaType: 'image/jpeg' }] }, 'evidence.0.sha256'],
    [
      'too much evidence',
      { evidence: Array.from({ length: 51 }, () => ({ sha256: 'a'.repeat(64), mediaType: 'image/jpeg' })) },
      'evidence',
    ],
    ['derived', { derived: { source: 's', file: 'f', rows: [-1], rule: 'r' } }, 'derived.rows.0'],
    ['actor without a post', { actor: { person: 'p', organisation: 'office' } }, 'actor.post'],
    ['command', { command: '' }, 'command'],
    ['clause', { data: { ...event.data, clause: ' ' } }, 'data.clause'],
    ['status', { data: { ...event.data, after: 'closed' } }, 'data.after'],
  ])('refuses a wrong %s, and names the field', (_, change, field) => {
    const error = refusal(() => encodeEvent(altered(event, change)));
    expect(error).toMatchObject({ type: 'invalid-input', status: 400, field });
    expect(error.expected).toBeTruthy();
  });

  // A reference cannot be told from every name, but from a Chinese one and from one of two words it can.
  test.each(['王某某', 'Zhang San', 'p-王', '', 'x'.repeat(129)])(
    'refuses “%s” as the reference of a person, wherever one stands',
    (person) => {
      expect(refusedAt(altered(event, { actor: { ...event.actor, person } }))).toBe('actor.person');
      expect(refusedAt(altered(event, { actor: { ...event.actor, onBehalfOf: person } }))).toBe('actor.onBehalfOf');
      const field = (type: DaochaEvent['type'], name: string): string | undefined => {
        const example = exampleOf(type);
        return refusedAt(altered(example, { data: { ...example.data, [name]: person } }));
      };
      expect(field('RectificationSubmitted', 'by')).toBe('data.by');
      expect(field('VerificationPassed', 'by')).toBe('data.by');
      expect(field('HazardSignedOff', 'by')).toBe('data.by');
      expect(field('HazardDismissed', 'proposedBy')).toBe('data.proposedBy');
      expect(field('UnitDetailsCorrected', 'approver')).toBe('data.approver');
      const recorded = exampleOf('InspectionRecorded');
      expect(refusedAt(altered(recorded, { data: { ...recorded.data, inspectors: [person] } }))).toBe(
        'data.inspectors.0',
      );
      expect(
        refusedAt(altered(recorded, { data: { ...recorded.data, signature: { kind: 'signed', by: person } } })),
      ).toBe('data.signature.by');
    },
  );

  test('takes references as identity providers make them', () => {
    for (const person of ['p-inspector-1', 'auth0|5f7c8ec7', 'a1b2-c3@example.org', '00u1:x/y=z']) {
      expect(encodeEvent(altered(event, { actor: { ...event.actor, person } })).length).toBeGreaterThan(0);
    }
  });

  test('refuses half a character by the name of its field', () => {
    const half = altered(event, { data: { ...event.data, basis: '隐患\ud83d' } });
    expect(refusal(() => encodeEvent(half))).toMatchObject({ type: 'invalid-input', field: 'data.basis' });
    const baseline = exampleOf('BaselineSurveyed');
    const key = altered(baseline, { data: { ...baseline.data, facts: { '\udc00': 1 } } });
    expect(refusal(() => encodeEvent(key))).toMatchObject({ type: 'invalid-input' });
    expect(text(altered(event, { data: { ...event.data, basis: '𠮷🔥' } }))).toContain('𠮷🔥');
  });
});

describe('the size of an event', () => {
  const missing = MAX_EVENT_BYTES - encodeEvent(sized(1)).length + 1;

  test('may be 65,535 bytes and not one more', () => {
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThan(1000);
    expect(encodeEvent(sized(missing))).toHaveLength(65_535);
    expect(refusal(() => encodeEvent(sized(missing + 1)))).toMatchObject({
      type: 'too-large',
      status: 413,
      field: 'InspectionRecorded',
    });
  });

  test('counts bytes, not characters', () => {
    const chinese = structuredClone(sized(missing));
    if (chinese.type === 'InspectionRecorded') chinese.data.answers[0]!.text = '患'.repeat(850);
    expect(refusal(() => encodeEvent(chinese)).type).toBe('too-large');
  });
});

test('any text that people write comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (words) => {
      const event = altered(exampleOf('InspectionMissed'), {
        data: { plannedFor: '2025-05-08T01:00:00.000Z', reason: `x${words}` },
      });
      expect(decodeEvent(encodeEvent(event))).toEqual(event);
    }),
    { numRuns: 100 },
  );
});

describe('stream keys', () => {
  test('are made of tenant, category and id, and taken apart again', () => {
    for (const category of CATEGORIES) {
      const key = streamKey('liantang', category, 'x.1:2-3');
      expect(key).toBe(`liantang#${category}#x.1:2-3`);
      expect(parseStreamKey(key)).toEqual({ tenant: 'liantang', category, id: 'x.1:2-3' });
    }
  });

  test.each(['', 'liantang', 'liantang#unit', 'liantang#unit#', '#unit#u', 'liantang#nothing#x', 'liantang#unit#u#v'])(
    '“%s” is none',
    (key) => {
      expect(() => parseStreamKey(key)).toThrow('not a stream key');
    },
  );
});

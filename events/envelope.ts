// The envelope around every event, and how an event type is declared. An event is stored as the exact UTF-8 bytes of its
// canonical JSON (RFC 8785); those bytes are never re-made. What people claim (`occurredAt`) and what the server's clock
// said (`recordedAt`) are both kept: the gap between them is itself evidence.
import * as z from 'zod';
import { longer, means, titled } from './field.ts';
import { plainly } from './wording.ts';

z.config({ customError: plainly });

/** The seven tracks (专项) of the plan, 练府〔2025〕18号 section 三. */
export const TRACKS = [
  'ebike',
  'hotwork-industry',
  'factory',
  'insulation',
  'hotwork-crowded',
  'gas',
  'construction',
] as const;
export type Track = (typeof TRACKS)[number];
/** Short names; the campaign's definition has the full ones. */
export const TRACK_NAMES: Record<Track, string> = {
  ebike: '电动自行车',
  'hotwork-industry': '工贸用电动火',
  factory: '厂房仓库',
  insulation: '建筑保温材料',
  'hotwork-crowded': '人员密集场所动火',
  gas: '城镇燃气',
  construction: '建筑施工',
};
export const trackSchema = means(z.enum(TRACKS), { as: 'track' });

export const CATEGORIES = [
  'campaign',
  'roster',
  'person',
  'unit',
  'inspection',
  'hazard',
  'escalation',
  'report',
  'duty',
  'delivery',
  'index',
  'proposal',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Identifier of a stream or an organisation: no `#`, `@`, `/` or blank, so that it fits in keys and paths. */
export const idSchema = means(
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, 'must be 1 to 64 letters, digits, or one of _ . : -'),
  { as: 'id', most: 64 },
);
export const instantSchema = means(
  z.iso.datetime({ precision: 3, error: 'must be UTC with milliseconds, e.g. 2025-05-24T02:00:00.000Z' }),
  { as: 'moment' },
);
export const textSchema = longer(z.string().trim().min(1).max(2000));
/** Calendar date in town time (Asia/Shanghai), `2025-06-30`. */
export const dateSchema = means(z.iso.date(), { as: 'date' });

/**
 * A person's reference into the directory, as the `sub` of a token. Printable ASCII without blanks (OpenID Connect Core 5.1 has ASCII), so
 * that a Chinese name, or a given and a family name, cannot get in here by mistake: events are never erased, the directory can be.
 */
export const personSchema = means(
  z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be the reference of a person (ASCII without blanks), never a name'),
  { as: 'person', most: 128 },
);

/** What stands for the platform itself and for other systems, not for people: `system:clock`. No token is anybody of that name. */
export const isSystem = (reference: string): boolean => /^system:/i.test(reference);

export const postNameSchema = means(z.string().min(1).max(128), { as: 'post', most: 128 });

/** Who acted. `person` is a reference into the directory, never a name (个人信息不入事件). */
export const actorSchema = z.strictObject({
  person: personSchema,
  post: postNameSchema,
  organisation: idSchema,
  onBehalfOf: personSchema.optional(),
});
export type Actor = z.infer<typeof actorSchema>;

export const placeSchema = z.strictObject({
  lat: titled(z.number().min(-90).max(90), '纬度'),
  lon: titled(z.number().min(-180).max(180), '经度'),
  /** metres */
  accuracy: titled(z.number().min(0), '精度', { unit: '# 米' }).optional(),
});
export const evidenceSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the 64 lower-case hex digits of a SHA-256'),
  mediaType: z.string().min(3).max(127),
  takenAt: instantSchema.optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** Marks an event that was inferred from somebody else's register: which rows, and by which rule. */
export const derivedSchema = z.strictObject({
  source: z.string().min(1).max(64),
  file: z.string().min(1).max(255),
  rows: z.array(z.number().int().min(0)).max(500),
  rule: z.string().min(1).max(128),
});
export type Derived = z.infer<typeof derivedSchema>;

export const envelopeSchema = z.strictObject({
  id: z.string(),
  type: z.string(),
  schema: z.number().int().min(1),
  tenant: idSchema,
  stream: z.string(),
  version: z.number().int().min(1),
  occurredAt: instantSchema,
  recordedAt: instantSchema,
  actor: actorSchema,
  source: z.enum(['api', 'import', 'policy', 'clock']),
  device: z.string().min(1).max(128).optional(),
  place: placeSchema.optional(),
  unit: idSchema.optional(),
  track: trackSchema.optional(),
  /** the organisation responsible for what the event is about */
  organisation: idSchema.optional(),
  ruleSet: z.number().int().min(0),
  command: z.string().min(1).max(200),
  /** id of the event that led to this one */
  cause: z.string().optional(),
  correlation: z.string().min(1).max(128).optional(),
  evidence: z.array(evidenceSchema).max(50).optional(),
  /** in the person's words: why it is recorded so long after it happened, or claims a time before what was on record */
  lateBasis: textSchema.optional(),
  derived: derivedSchema.optional(),
  data: z.record(z.string(), z.unknown()),
});
export type Envelope = Omit<z.infer<typeof envelopeSchema>, 'data'>;

/** One event type: its present schema, the way up from every older one, and an example that a test validates. */
export interface EventDefinition<Type extends string, Data extends z.ZodType> {
  type: Type;
  category: Category;
  /** the Chinese term */
  zh: string;
  schema: number;
  data: Data;
  example: z.input<Data>;
  /** upcasts[n] turns the data of schema n into that of schema n + 1 */
  upcasts: Record<number, (old: Record<string, unknown>) => Record<string, unknown>>;
}

type Declared<Type extends string, Data extends z.ZodType> = Omit<EventDefinition<Type, Data>, 'schema' | 'upcasts'> &
  Partial<Pick<EventDefinition<Type, Data>, 'schema' | 'upcasts'>>;

/** Declares an event type; schema 1 without upcasts unless said otherwise. */
export function defineEvent<const Type extends string, Data extends z.ZodType>(
  declared: Declared<Type, Data>,
): EventDefinition<Type, Data> {
  return { schema: 1, upcasts: {}, ...declared };
}

/** The event of a definition, as folds and deciders see it. */
export type EventOf<D> =
  D extends EventDefinition<infer Type, infer Data>
    ? Omit<Envelope, 'type'> & { type: Type; data: z.infer<Data> }
    : never;

/** Who confirmed it by a token of their own, where a second person was needed; the platform writes it. */
export const approverField = titled(personSchema, '批准人').optional();

/** A correction (更正) is a later event that names the one it corrects, why, and who approved it; what was there before stays readable. */
export const correctionFields = {
  /** id of the event that is corrected */
  target: titled(z.string().min(1).max(200), '被更正的事件', { left: 'out' }),
  changes: titled(
    z
      .array(z.strictObject({ field: z.string().min(1).max(200), from: z.json(), to: z.json() }))
      .min(1)
      .max(50),
    '更正',
    { as: 'changes' },
  ),
  reason: titled(textSchema, '更正理由'),
  /** second person, who confirmed it by a token of their own; in older events whom the first one named */
  approver: titled(personSchema, '批准人'),
};

/** Whoever confirms a proposal is the approver: the platform writes it (shared/rules/perform/second.ts), a decider need not. */
type Unapproved<Data> = Data extends { approver: string } ? Omit<Data, 'approver'> & { approver?: string } : Data;

/** What a decider yields: an event without what only the store can know. */
export type DraftOf<D> =
  D extends EventDefinition<infer Type, infer Data>
    ? { type: Type; data: Unapproved<z.infer<Data>> } & Partial<
        Pick<Envelope, 'unit' | 'track' | 'organisation' | 'evidence' | 'derived' | 'place' | 'occurredAt'>
      >
    : never;

/** `<tenant>#<category>#<id>`: the partition key of a stream. */
export function streamKey(tenant: string, category: Category, id: string): string {
  return `${tenant}#${category}#${id}`;
}

export function parseStreamKey(stream: string): { tenant: string; category: Category; id: string } {
  const [tenant, category, id, ...rest] = stream.split('#');
  if (!tenant || !id || rest.length > 0 || !CATEGORIES.includes(category as Category))
    throw new Error(`not a stream key: ${stream}`);
  return { tenant, category: category as Category, id };
}

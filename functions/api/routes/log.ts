// Routes of the transparency log: the paths that C2SP tlog-tiles names, under /log, and proofs of single events.
import * as z from 'zod';
import { envelopeSchema, instantSchema } from '../../../events/envelope.ts';
import { SUBJECT_KINDS } from '../../../events/subjects.ts';
import { query } from '../route.ts';
import { bytesSchema, wholeNumber } from '../schemas.ts';

const tag = 'log';
const POSITION = wholeNumber(0, 999_999_999_999);
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const hash = z.string().describe('32 bytes, base64');

const index = z
  .string()
  .describe('`067`, `x001/x234/067`; partial ones with their width, `067.p/112` (C2SP tlog-tiles)')
  .meta({
    pattern: '^(?:x\\d{3}/){0,5}\\d{3}(?:\\.p/(?:[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5]))?$',
    examples: ['000', 'x001/x234/067.p/112'],
  });
/** The levels that a tile may have; 0 holds leaf hashes. */
export const LEVEL = /^(?:\d|[1-5]\d|6[0-3])$/;
const MANY = 'more than one answer can carry; `expected` says what to ask for instead';
const TILES =
  'Full tiles never change, and neither do partial ones: a partial tile is served in every width that the signed log has had.';

export const logRoutes = {
  getCheckpoint: query({
    path: '/log/checkpoint',
    tag,
    summary: 'The latest signed checkpoint, with its cosignatures',
    zh: '最新检查点',
    description: 'A signed note (C2SP tlog-checkpoint). A new one is signed a few seconds after new events came.',
    action: 'read.log',
    query: z.strictObject({
      having: z
        .enum(['cosignature', 'time-stamp'])
        .optional()
        .describe('the latest checkpoint that has one, which may be older than the latest of all'),
    }),
    produces: TEXT,
    answer: z.string(),
    problems: { 404: 'nothing is signed yet' },
  }),
  getVkey: query({
    path: '/log/vkey',
    tag,
    summary: "The log's verifier key",
    zh: '日志公钥',
    description:
      'A line `name+hash+key` (C2SP signed-note). Have it from a second source too, before you trust what it verifies.',
    action: 'read.log',
    produces: TEXT,
    answer: z.string(),
    problems: { 404: 'nothing is signed yet' },
  }),
  getEntries: query({
    path: '/log/tile/entries/{index}',
    greedy: true,
    tag,
    summary: 'An entry bundle: up to 256 events, exact bytes',
    zh: '日志条目',
    description: TILES,
    action: 'read.entries',
    access: { action: 'bundle', unit: '*' },
    params: z.strictObject({ index }),
    produces: BYTES,
    problems: { 413: MANY },
    answer: bytesSchema.describe('each event behind its length, big-endian uint16'),
  }),
  getTile: query({
    path: '/log/tile/{level}/{index}',
    greedy: true,
    tag,
    summary: 'A tile of the tree: up to 256 hashes',
    zh: '日志树块',
    description: TILES,
    action: 'read.log',
    params: z.strictObject({
      level: z
        .string()
        .describe('0 holds leaf hashes')
        .meta({ pattern: LEVEL.source, examples: ['0'] }),
      index,
    }),
    produces: BYTES,
    answer: bytesSchema.describe('32 bytes a hash'),
  }),
  getEvent: query({
    path: '/v1/events/{position}',
    tag,
    summary: 'The event at a position of the log',
    zh: '按位次取事件',
    action: 'read.events',
    access: { action: 'read' },
    params: z.strictObject({ position: POSITION }),
    answer: z
      .strictObject({
        position: z.int(),
        leaf: hash.describe('leaf hash: SHA-256(0x00 ‖ entry), base64'),
        entry: z.string().describe('the stored bytes, base64: what the log has hashed'),
        event: envelopeSchema,
      })
      .meta({ id: 'LoggedEvent' }),
  }),
  getStoredEvent: query({
    path: '/v1/events/{position}/entry',
    tag,
    summary: 'The bytes that are stored for a position, unchecked',
    zh: '事件的存储字节',
    description:
      'Exactly what lies in the EVENTS table, also when it is no longer what the log has hashed: for whoever verifies it by the proof. Everything else answers an event that was altered with an error.',
    action: 'read.trace',
    access: { action: 'read' },
    params: z.strictObject({ position: POSITION }),
    produces: BYTES,
    answer: bytesSchema.describe('one event, UTF-8'),
  }),
  getProof: query({
    path: '/v1/events/{position}/proof',
    tag,
    summary: 'Proof that an event is in the signed log',
    zh: '事件的存在证明',
    description:
      'C2SP tlog-proof: with the bytes of the event and the key of the log it is verified by anybody, without asking anyone.',
    action: 'read.proofs',
    params: z.strictObject({ position: POSITION }),
    query: z.strictObject({
      size: wholeNumber(1, 999_999_999_999).optional().describe('under the checkpoint of this size, not the latest'),
    }),
    produces: TEXT,
    answer: z.string(),
  }),
  getIndexProof: query({
    path: '/v1/log/index',
    tag,
    summary: 'All positions of a subject, with the proof that they are all',
    zh: '索引证明',
    description:
      'By the latest seal of the verifiable index below a signed size: the blocks that the log is made of, and in each the positions of the subject, or the key that stands where its own would. No positions at all prove that there are none.',
    action: 'read.trace',
    access: { action: 'read' },
    query: z.strictObject({
      subject: z
        .string()
        .regex(
          new RegExp(`^(?:${SUBJECT_KINDS.join('|')})/[\\x21-\\x7e]{1,128}$`, 'u'),
          'must be a kind, a slash and an id, e.g. unit/u_1',
        )
        .meta({ examples: ['unit/u_1'] }),
      size: wholeNumber(1, 999_999_999_999).optional().describe('under the checkpoint of this size, not the latest'),
    }),
    answer: z
      .strictObject({
        subject: z.string(),
        size: z.int().describe('complete up to this position, not included'),
        blocks: z.array(
          z.strictObject({
            positions: z.array(z.int()).optional(),
            other: z.strictObject({ key: z.string(), list: z.string() }).optional(),
            path: z.string().optional().describe('steps from the leaf to the root of the block, base64'),
          }),
        ),
        sealed: z
          .strictObject({ position: z.int(), size: z.int(), root: z.string(), at: instantSchema })
          .describe('the seal, an event of the log'),
      })
      .meta({ id: 'IndexProof' }),
    problems: { 404: 'no index has been sealed yet', 500: 'what is stored is not what was sealed' },
  }),
  getConsistency: query({
    path: '/v1/log/consistency',
    tag,
    summary: 'Proof that the log of one size continues that of another',
    zh: '一致性证明',
    description: 'Between any two sizes up to the latest signed one (RFC 9162 §2.1.4).',
    action: 'read.proofs',
    query: z.strictObject({
      from: wholeNumber(0, 999_999_999_999),
      to: wholeNumber(0, 999_999_999_999).optional().describe('the latest signed size unless told'),
    }),
    answer: z
      .strictObject({
        from: z.int(),
        to: z.int(),
        hashes: z.array(hash).describe('empty from 0 and between equal sizes'),
      })
      .meta({ id: 'Consistency' }),
    problems: { 404: '`to` is not signed yet, or beyond the log' },
  }),
};

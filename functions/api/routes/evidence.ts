// Routes of evidence (证据): announced, and then put where the answer says; read through the event that names it.
import * as z from 'zod';
import { CATEGORIES } from '../../../events/envelope.ts';
import { EVIDENCE_LIMIT, EVIDENCE_TYPE_NAMES } from '../../runtime/evidence-file.ts';
import { command, query } from '../route.ts';
import { bytesSchema, evidenceSchema } from '../schemas.ts';

const tag = 'evidence';
const { sha256 } = evidenceSchema.shape;
const types = EVIDENCE_TYPE_NAMES.join(', ');

/** `<category>/<id>/<version>`, as events are called everywhere. */
const eventIdSchema = z
  .string()
  .regex(
    new RegExp(`^(${CATEGORIES.join('|')})/[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}/[1-9]\\d{0,9}$`),
    'must be the id of an event, e.g. hazard/h_1/3',
  );

export const evidenceRoutes = {
  announceEvidence: command({
    path: '/v1/evidence',
    tag,
    summary: 'Announce a file, and be told where to put it',
    zh: '登记证据文件',
    description:
      'The hash is made before the file leaves the device. The answer has an address that takes this file and no other for 15 minutes: PUT the bytes there with exactly the headers given. ' +
      'What has another hash, type or size is refused on arrival. The same file twice is one file: then `present` is true and nothing needs to be sent. ' +
      'A command names it afterwards in `evidence`, with the same hash.',
    action: 'evidence.add',
    body: z
      .strictObject({
        sha256,
        mediaType: z.enum(EVIDENCE_TYPE_NAMES, { error: `must be one of ${types}` }),
        size: z
          .int()
          .min(1, 'must be at least 1 byte')
          .max(EVIDENCE_LIMIT, `must be at most ${EVIDENCE_LIMIT} bytes: make the picture smaller`)
          .describe('bytes'),
        takenAt: evidenceSchema.shape.takenAt,
      })
      .meta({ id: 'AnnounceEvidence' }),
    answers: {
      200: {
        description: 'the file is there, or where to put it',
        schema: z
          .strictObject({
            sha256,
            present: z.boolean().describe('true: it is stored already, nothing needs to be sent'),
            upload: z
              .strictObject({
                method: z.literal('PUT'),
                url: z.string().describe('absolute, or relative to the address of the API'),
                headers: z.record(z.string(), z.string()).describe('to be sent exactly so'),
                expiresAt: z.string(),
              })
              .optional(),
            evidence: evidenceSchema.describe('as a command names it'),
          })
          .meta({ id: 'AnnouncedEvidence' }),
      },
    },
    example: {
      sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      mediaType: 'image/jpeg',
      size: 183_412,
      takenAt: '2025-06-02T03:58:11.000Z',
    },
  }),
  getEvidence: query({
    path: '/v1/evidence/{sha256}',
    tag,
    summary: 'A file, by the event that names it',
    zh: '查看证据文件',
    description:
      'For whoever may read what the event is about. Checked against its hash before it leaves; sent so that no browser runs it (nosniff, sandbox).',
    action: 'read.evidence',
    access: { action: 'read' },
    params: z.strictObject({ sha256 }),
    query: z.strictObject({ event: eventIdSchema.describe('an event that names it in `evidence`') }),
    answer: bytesSchema,
    produces: [...EVIDENCE_TYPE_NAMES, 'application/octet-stream'],
  }),
};

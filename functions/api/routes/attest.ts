// Routes of what others say of checkpoints: cosignatures of witnesses, time stamps of an authority, and the state of each.
import * as z from 'zod';
import { longer } from '../../../events/field.ts';
import { command, query } from '../route.ts';
import { bytesSchema, wholeNumber } from '../schemas.ts';

const tag = 'log';
const params = z.strictObject({ size: wholeNumber(1, 999_999_999_999).describe('a signed size') });
const name = z.string();
const moment = z.iso.datetime();
const failing = {
  failingSince: moment.nullable(),
  problem: z.string().nullable().describe('type of the last failure: `not-answered`, `witness-inconsistent` …'),
};

export const attestRoutes = {
  getCheckpointOf: query({
    path: '/log/checkpoint/{size}',
    tag,
    summary: 'The signed checkpoint of a size, with its cosignatures',
    zh: '某一长度的检查点',
    action: 'read.log',
    params,
    produces: 'text/plain; charset=utf-8',
    answer: z.string(),
  }),
  addCosignatures: command({
    path: '/log/checkpoint/{size}/cosignatures',
    tag,
    summary: 'Add cosignatures of witnesses to a checkpoint',
    zh: '见证人会签检查点',
    description:
      'Signature lines of configured witnesses (C2SP tlog-cosignature), each verified over this checkpoint; all are taken or none. One that is there already stays as it is.',
    action: 'log.cosign',
    params,
    body: z
      .strictObject({
        cosignatures: longer(z.string().min(1).max(20_000)).describe('lines `— name base64`, each with its newline'),
      })
      .meta({ id: 'AddCosignatures' }),
    bodyLimit: 32 * 1024,
    answers: {
      200: {
        description: 'they are served with the checkpoint from now on',
        schema: z
          .strictObject({
            size: z.int(),
            added: z.array(name).describe('witnesses whose line is new'),
            already: z.array(name).describe('witnesses whose line was there'),
          })
          .meta({ id: 'AddedCosignatures' }),
      },
    },
    example: {
      cosignatures:
        '— witness.example/district QwPOiwAAAABoMF0AeN6aQVum0/bM51QvwgVhxV4ryP3afWgM28h2TEZcJQWVlleR3DEEpWZ3nc1iDiL3li1DgnXYPaEIpRBvBq2PAg==\n',
    },
  }),
  getTimeStamp: query({
    path: '/log/checkpoint/{size}/timestamp',
    tag,
    summary: 'The time stamp of a checkpoint (RFC 3161 TimeStampResp)',
    zh: '检查点的可信时间戳',
    description:
      'In DER, over the note as the log signed it, without cosignatures: `openssl ts -verify` checks it with the certificate of the authority.',
    action: 'read.log',
    params,
    produces: 'application/timestamp-reply',
    answer: bytesSchema,
  }),
  getTimeStampRequest: query({
    path: '/log/checkpoint/{size}/timestamp/request',
    tag,
    summary: 'What the authority was asked to stamp (RFC 3161 TimeStampReq)',
    zh: '时间戳请求',
    action: 'read.log',
    params,
    produces: 'application/timestamp-query',
    answer: bytesSchema,
  }),
  getAttestations: query({
    path: '/v1/log/attestations',
    tag,
    summary: 'How far witnesses, time stamps and write-once copies have come',
    zh: '见证、时间戳与只写副本的进度',
    action: 'read.log',
    answer: z
      .strictObject({
        signed: z.int().describe('the latest signed size'),
        witnesses: z.array(
          z.strictObject({
            name,
            vkey: z.string(),
            asked: z.boolean().describe('we ask it; otherwise it fetches and brings its lines itself'),
            size: z
              .int()
              .nullable()
              .describe('the largest checkpoint that it has cosigned, among the last hundred cosignatures'),
            at: moment.nullable().describe('when it says it signed'),
            ...failing,
          }),
        ),
        timeStamp: z.strictObject({
          size: z.int().nullable(),
          time: moment.nullable().describe('when the authority says that the checkpoint existed'),
          authority: z.string().nullable(),
          ...failing,
        }),
        copies: z.strictObject({
          size: z.int().describe('all checkpoints up to this size are in write-once storage'),
          at: moment.nullable(),
          ...failing,
        }),
      })
      .meta({ id: 'Attestations' }),
  }),
};

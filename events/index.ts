// Stream category `index` (索引): one stream a tenant, id `index`. Every few minutes the root of the verifiable index over the log so far
// is written down in the log itself, where nobody can change it later (shared/record/index).
import * as z from 'zod';
import { titled } from './field.ts';
import { defineEvent, instantSchema, type DraftOf, type EventOf } from './envelope.ts';

export const IndexSealed = defineEvent({
  type: 'IndexSealed',
  category: 'index',
  zh: '封存索引',
  data: z.strictObject({
    /** events in the log that it is over: those at the positions before this one */
    size: titled(z.number().int().min(1), '截至日志位置'),
    root: titled(z.string().regex(/^[0-9a-f]{64}$/, 'must be the 64 lower-case hex digits of a SHA-256'), '索引根'),
    /** by the clock of who sealed it */
    at: titled(instantSchema, '封存时间'),
  }),
  example: { size: 256, root: 'c'.repeat(64), at: '2025-05-15T00:30:00.000Z' },
});

export const indexEvents = [IndexSealed] as const;
export type IndexEvent = EventOf<(typeof indexEvents)[number]>;
export type IndexDraft = DraftOf<(typeof indexEvents)[number]>;

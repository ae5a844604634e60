// How a stream's events are shown: as stored, with their place in the global order once they have one.
import * as z from 'zod';
import { envelopeSchema } from '../../../events/envelope.ts';
import { correctedFieldSchema } from '../../../shared/rules/corrections.ts';

export const storedEventSchema = z
  .strictObject({
    ...envelopeSchema.shape,
    corrected: z
      .array(correctedFieldSchema)
      .optional()
      .describe('what later events corrected in it (更正); the event itself is shown as it was recorded'),
    position: z.int().optional().describe('place in the global order; absent for the moment until it has one'),
  })
  .meta({ id: 'StoredEvent' });
export type StoredEvent = z.infer<typeof storedEventSchema>;

// Routes of inspections (检查): planned, recorded with every item's answer, or missed.
import * as z from 'zod';
import { instantSchema } from '../../../events/envelope.ts';
import { query } from '../route.ts';
import { idSchema, trackSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

const params = z.strictObject({ id: idSchema });
const tag = 'inspections';

export const inspectionRoutes = {
  getInspection: query({
    path: '/v1/inspections/{id}',
    tag,
    summary: 'One inspection, folded fresh from its stream',
    zh: '查看检查',
    action: 'read.inspections',
    access: { action: 'read' },
    params,
    answer: z
      .strictObject({
        id: idSchema,
        status: z.enum(['planned', 'recorded', 'missed']),
        plannedFor: instantSchema.nullable(),
        unit: idSchema,
        track: trackSchema,
        events: z.array(storedEventSchema),
      })
      .meta({ id: 'Inspection' }),
  }),
};

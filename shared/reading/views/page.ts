// One page of a list, as a query gives it and as it is answered.
import * as z from 'zod';

export const asOfSchema = z.strictObject({
  position: z.int().min(0).describe('everything before this log position is in the answer'),
});
export type AsOf = z.infer<typeof asOfSchema>;

/** The answer of a list. @param id its name in the OpenAPI document */
export const pageOf = <Row extends z.ZodType>(id: string, row: Row) =>
  z
    .strictObject({
      items: z.array(row),
      cursor: z
        .string()
        .optional()
        .describe('ready for `?cursor=`; absent at the end. A page may be short, even empty, and still have one.'),
      asOf: asOfSchema,
    })
    .meta({ id });

export interface AnswerPage<Row> {
  items: Row[];
  /** absent at the end. A page may be short, even empty, and still have one: the next page goes on looking. */
  cursor: string | undefined;
  /** index items read for this page, at most 1,000 (2,000 for the hazards of a unit that has more than 1,000) */
  examined: number;
  asOf: AsOf;
}

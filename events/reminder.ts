// What is said of a reminder (提醒), whatever it is about: a hazard's due date or a report that is owed. No events of its own.
import * as z from 'zod';
import { idSchema, instantSchema, personSchema } from './envelope.ts';

/** To whom a reminder goes: an organisation and a post in it, and the person who held it then, if anybody did. */
export const recipientSchema = z.strictObject({
  organisation: idSchema,
  post: z.string().min(1).max(128),
  /** null: the post was vacant, which is itself evidence */
  person: personSchema.nullable(),
  /** the appointment (event id) by which that person held it */
  appointment: z.string().min(1).max(200).optional(),
});
export type Recipient = z.infer<typeof recipientSchema>;

/** Said of a rung whose day was counted in a year without a statutory notice. */
export const PROVISIONAL_ZH = '放假安排尚未公布，按周一至周五推算';

/**
 * What waits for an answer of the town's own (谁在等谁). By default a reminder is about what is owed by a due date; with
 * `awaits` it is about this, goes to those who may answer, and counts from the moment since when it has waited.
 */
export const AWAITS = ['verification', 'extension', 'closure', 'reassignment', 'date', 'acceptance'] as const;
export type Awaits = (typeof AWAITS)[number];
/** What is to be done about it. */
export const AWAITS_ZH: Record<Awaits, string> = {
  verification: '复查',
  extension: '延期审批',
  closure: '撤并确认',
  reassignment: '改派',
  date: '重定期限',
  acceptance: '报表审核',
};

const rung = z.string().min(1).max(32);

/** Every event that issues a rung of a ladder has these. */
export const reminderFields = {
  /** with `awaits`: the end of the last rung's day, by which whoever is waited for should have answered */
  due: instantSchema,
  /** rung of the ladder in force: `-7`, `0`, `+3` … */
  rung,
  /** working days from the due date on which the rung stands, negative before; with `awaits` from `since` */
  workingDays: z.number().int(),
  recipients: z.array(recipientSchema).min(1).max(20),
  /** rungs before it that were due too when this run came late: not sent any more */
  skipped: z.array(rung).max(20),
  /** the rung's day was counted in a year without a statutory notice: by the week, Saturday and Sunday off */
  provisional: z.literal(true).optional(),
  awaits: z.enum(AWAITS).optional(),
  since: instantSchema.optional(),
};

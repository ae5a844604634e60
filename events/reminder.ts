// What is said of a reminder (提醒), whatever it is about: a hazard's due date or a report that is owed. No events of its own.
import * as z from 'zod';
import { idSchema, instantSchema, personSchema, postNameSchema } from './envelope.ts';
import { choicesOf, enumOf, titled } from './field.ts';

/** To whom a reminder goes: an organisation and a post in it, and the person who held it then, if anybody did. */
export const recipientSchema = z.strictObject({
  organisation: idSchema,
  post: postNameSchema,
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
  due: titled(instantSchema, '期限', { as: 'due' }),
  /** rung of the ladder in force: `-7`, `0`, `+3` … */
  rung: titled(rung, '提醒档次', { left: 'out' }),
  /** working days from the due date on which the rung stands, negative before; with `awaits` from `since` */
  workingDays: titled(z.number().int(), '工作日', { left: 'out' }),
  recipients: titled(z.array(recipientSchema).min(1).max(20), '发给', { as: 'recipients' }),
  /** rungs before it that were due too when this run came late: not sent any more */
  skipped: titled(z.array(rung).max(20), '略过的档次', { left: 'out' }),
  /** the rung's day was counted in a year without a statutory notice: by the week, Saturday and Sunday off */
  provisional: titled(z.literal(true), '推算', { choices: { true: [PROVISIONAL_ZH] } }).optional(),
  awaits: titled(enumOf(choicesOf(AWAITS_ZH, String)), '等待').optional(),
  since: titled(instantSchema, '等待自').optional(),
};

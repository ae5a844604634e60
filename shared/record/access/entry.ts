// An entry of the access log (查阅记录), as it is stored and as it is answered.
import * as z from 'zod';

export const ACCESS_ACTIONS = ['read', 'list', 'trace', 'dossier', 'export', 'bundle', 'names'] as const;
export type AccessAction = (typeof ACCESS_ACTIONS)[number];

/** What is about no single unit: a list, the whole log. */
export const WHOLE = '*';

const access = z.strictObject({
  at: z.iso.datetime(), // when it began, by the server's clock
  person: z.string(),
  post: z.string().nullable(),
  organisation: z.string().nullable(),
  roles: z.array(z.string()),
  action: z.enum(ACCESS_ACTIONS),
  unit: z.string().describe('`*`: the whole log, or a list'),
  ground: z.string().nullable().describe('as stated in X-Access-Ground'),
  /** `GET /v1/units/{id}`, or the operator's command */
  route: z.string(),
  /** what was asked for: filters of a list, the hazard, the position */
  asked: z.record(z.string(), z.string()),
  correlation: z.string(),
});
export type Access = z.infer<typeof access>;

/** An access as it is found later. */
export const accessSchema = access
  .extend({ refused: z.string().nullable().describe('the problem with which it was refused; null: it was shown') })
  .meta({ id: 'Access' });
export type LoggedAccess = z.infer<typeof accessSchema>;

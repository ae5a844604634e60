// The route that tells those who run the platform, and those who audit it, how it stands: log, followers, what is held
// back, rules, calendar.
import * as z from 'zod';
import { dateSchema } from '../../../events/envelope.ts';
import { query } from '../route.ts';
import { idSchema } from '../schemas.ts';

const moment = z.iso.datetime();

export const systemRoutes = {
  getSystem: query({
    path: '/v1/system',
    tag: 'platform',
    summary:
      'How the platform stands: log, followers and their lag, what is held back, the rule set in force, the calendar',
    zh: '系统状况',
    description: 'A bounded number of reads, however long the log is. `/health` says less, and to anybody.',
    action: 'read.system',
    answer: z
      .strictObject({
        tenant: idSchema,
        at: moment,
        log: z.strictObject({
          size: z.int(),
          signed: z
            .strictObject({ size: z.int(), at: moment, age: z.int().describe('seconds since then') })
            .nullable()
            .describe('the latest signed checkpoint; null: nothing is signed yet'),
        }),
        generation: z.int().describe('of the views'),
        followers: z.array(
          z.strictObject({
            name: z.string(),
            position: z.int().describe('next to read'),
            lag: z.int().describe('events it has not seen yet'),
            ahead: z
              .int()
              .describe(
                'how far its position is beyond the log: somebody moved it, and it passes over what comes; else 0',
              ),
            broken: z
              .array(z.strictObject({ stream: z.string(), position: z.int() }))
              .describe('streams that it leaves out from this position on, because the event there is gone or altered'),
            behind: z
              .int()
              .nullable()
              .describe('seconds since the first event that it has not seen came into the log; null: it has seen all'),
            movedAt: moment.nullable().describe('when it last moved on'),
          }),
        ),
        held: z
          .array(z.strictObject({ stream: z.string(), version: z.int() }))
          .describe(
            'first commit of each stream that cannot get a position, because one before it is missing; 25 at most',
          ),
        ruleSet: z.strictObject({ version: z.int(), effectiveFrom: dateSchema }).nullable().describe('in force now'),
        ruleSets: z.int().describe('how many have been published'),
        calendar: z.strictObject({
          ruleSet: z.array(z.int()).describe('years whose working days the rule set in force knows'),
          missing: z
            .array(z.int())
            .describe('years without a calendar in which something is due: their days are reckoned by the week'),
          announced: z.array(z.int()).describe('years whose calendar this version of the software has'),
        }),
      })
      .meta({ id: 'System' }),
  }),
};

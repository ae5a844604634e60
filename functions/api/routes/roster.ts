// Routes of the roster (名册): organisations registered after the launch, who is appointed to which post in them and relieved of it, and who
// held which post on a day, with the event behind each.
import * as z from 'zod';
import { ORGANISATION_KINDS } from '../../../events/campaign.ts';
import { rosterListSchema, rosterPageSchema } from '../../../shared/reading/roster/page.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { askedDaySchema, booleanText, freshness, idSchema, paging } from '../schemas.ts';

const tag = 'roster';
const params = z.strictObject({ organisation: idSchema });

export const rosterRoutes = {
  listRoster: query({
    path: '/v1/roster',
    tag,
    summary: 'Every organisation with who holds which post on a day, and which post nobody holds',
    description:
      'Of appointments that have ended the latest 200 of each organisation are looked at; all of them are in its own roster.',
    zh: '名册',
    action: 'read.roster',
    query: z.strictObject({
      on: askedDaySchema.optional().describe('a day in town time; today unless told'),
      kind: z.enum(ORGANISATION_KINDS).optional(),
      vacant: booleanText.optional().describe('only those with a vacant post'),
      ...paging,
      ...freshness,
    }),
    answer: rosterListSchema,
  }),
  getRoster: query({
    path: '/v1/roster/{organisation}',
    tag,
    summary:
      'Who held which post in an organisation on a day, with the event behind each; folded fresh from its stream',
    zh: '某日任职情况',
    action: 'read.roster',
    problems: NOT_LAUNCHED,
    params,
    query: z.strictObject({ on: askedDaySchema.optional().describe('a day in town time; today unless told') }),
    answer: rosterPageSchema,
  }),
};

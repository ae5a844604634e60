// Routes of the roster (名册): organisations registered after the launch, who is appointed to which post in them and relieved of it, and who
// held which post on a day, with the event behind each.
import * as z from 'zod';
import { organisationSchema, ORGANISATION_KINDS } from '../../../events/campaign.ts';
import { textSchema } from '../../../events/envelope.ts';
import { OfficerAppointed, OfficerRelieved } from '../../../events/roster.ts';
import { rosterListSchema, rosterPageSchema } from '../../../shared/views/roster.ts';
import { command, NOT_LAUNCHED, query } from '../route.ts';
import { circumstances, correctionSchema } from '../../../shared/domain/asked.ts';
import { askedDaySchema, flag, freshness, idSchema, paging } from '../schemas.ts';

const tag = 'roster';
const params = z.strictObject({ organisation: idSchema });
const appointmentParams = z.strictObject({ organisation: idSchema, appointment: idSchema });

export const rosterRoutes = {
  registerOrganisation: command({
    path: '/v1/organisations',
    tag,
    summary: 'Register an organisation after the launch',
    zh: '登记组织',
    description:
      'From then on it counts as if the campaign had been launched with it: villages serve every track that villages serve.',
    action: 'roster.register',
    creates: 'the organisation is registered',
    body: z.strictObject(organisationSchema.shape).meta({ id: 'RegisterOrganisation' }),
    example: { id: 'village-04', name: '示例三村', kind: 'village' },
  }),
  appointOfficer: command({
    path: '/v1/roster/{organisation}/appointments',
    tag,
    summary: 'Appoint a person to a post, from a day on',
    zh: '任命',
    description:
      '`from` may lie in the past: when it was recorded is kept beside it. The person is a reference, never a name.',
    action: 'roster.appoint',
    creates: 'the person is appointed',
    params,
    body: z
      .strictObject({
        ...OfficerAppointed.data.shape,
        appointment: idSchema.optional().describe('names the appointment; made up when absent'),
        ...circumstances,
      })
      .meta({ id: 'AppointOfficer' }),
    example: {
      post: 'liaison',
      person: 'p-liaison-1',
      track: 'gas',
      from: '2025-04-25',
      basis: '练府〔2025〕18号附件',
    },
  }),
  relieveOfficer: command({
    path: '/v1/roster/{organisation}/appointments/{appointment}/relief',
    tag,
    summary: 'Relieve an officer, with the last day',
    zh: '免去职务',
    action: 'roster.appoint',
    params: appointmentParams,
    body: z
      .strictObject({ until: OfficerRelieved.data.shape.until, reason: textSchema, ...circumstances })
      .meta({ id: 'RelieveOfficer' }),
    example: { until: '2025-09-30', reason: '岗位调整' },
  }),
  correctAppointment: command({
    path: '/v1/roster/{organisation}/appointments/{appointment}/corrections',
    tag,
    summary: 'Correct an appointment or the relief from it',
    zh: '更正任命',
    description:
      '`target` is the event that is wrong: of an appointment post, person, track, area, from and basis may be corrected, of a relief until and ' +
      'reason. What was there before stays on record. `approver` is another person than the caller.',
    action: 'roster.correct',
    params: appointmentParams,
    body: z.strictObject({ ...correctionSchema.shape, ...circumstances }).meta({ id: 'CorrectAppointment' }),
    example: {
      target: 'roster/guijianban/1',
      changes: [{ field: 'from', to: '2025-05-01' }],
      reason: '任命日期录入有误',
      approver: 'p-office-1',
    },
  }),
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
      vacant: flag.optional().describe('only those with a vacant post'),
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

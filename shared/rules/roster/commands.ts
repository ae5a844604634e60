// The commands on a roster (名册), each declared once; what they decide is in roster.ts. And the organisations that are
// registered after the launch.
import * as z from 'zod';
import { OrganisationRegistered, organisationSchema } from '../../../events/campaign.ts';
import { idSchema, textSchema } from '../../../events/envelope.ts';
import { AppointmentCorrected, OfficerAppointed, OfficerRelieved } from '../../../events/roster.ts';
import { askedCorrection } from '../asked.ts';
import { runOn } from '../command.ts';
import { SECOND_OF_TOWN } from '../roles.ts';

const APPOINT = {
  action: 'roster.appoint',
  who: { village: 'own', department: 'own', office: 'town', admin: 'town' },
} as const;
const KEEPERS = { office: 'town', admin: 'town' } as const;

const params = z.strictObject({ organisation: idSchema });
const appointmentParams = z.strictObject({ organisation: idSchema, appointment: idSchema });

export const registerOrganisation = runOn('roster', {
  records: [OrganisationRegistered],
  summary: 'Register an organisation after the launch',
  description:
    'From then on it counts as if the campaign had been launched with it: villages serve every track that villages serve.',
  path: '/v1/organisations',
  action: 'roster.register',
  who: KEEPERS,
  creates: 'the organisation is registered',
  takes: organisationSchema,
  bare: true,
  example: { id: 'village-04', name: '示例三村', kind: 'village' },
  form: 'none: whoever sets the platform up does it, a few times a year at most',
});

export const appointOfficer = runOn('roster', {
  records: [OfficerAppointed],
  summary: 'Appoint a person to a post, from a day on',
  description:
    '`from` may lie in the past: when it was recorded is kept beside it. The person is a reference, never a name.',
  path: '/v1/roster/{organisation}/appointments',
  params,
  ...APPOINT,
  creates: 'the person is appointed',
  takes: OfficerAppointed.data.extend({
    appointment: idSchema.optional().describe('names the appointment; made up when absent'),
  }),
  example: {
    post: 'liaison',
    person: 'p-liaison-1',
    track: 'gas',
    from: '2025-04-25',
    basis: '练府〔2025〕18号附件',
  },
  form: 'own: /roster/{id}/appoint offers the posts and villages that there are',
});

export const relieveOfficer = runOn('roster', {
  records: [OfficerRelieved],
  summary: 'Relieve an officer, with the last day',
  path: '/v1/roster/{organisation}/appointments/{appointment}/relief',
  params: appointmentParams,
  ...APPOINT,
  takes: z.strictObject({ until: OfficerRelieved.data.shape.until, reason: textSchema }),
  example: { until: '2025-09-30', reason: '岗位调整' },
  form: 'own: /roster/{id}/{appointment}/relieve is reached from the appointment',
});

export const correctAppointment = runOn('roster', {
  records: [AppointmentCorrected],
  summary: 'Correct an appointment or the relief from it',
  description:
    '`target` is the event that is wrong: of an appointment post, person, track, area, from and basis may be corrected, of a relief until and ' +
    'reason. What was there before stays on record. By the organisation that recorded it or the office; a second person confirms.',
  path: '/v1/roster/{organisation}/appointments/{appointment}/corrections',
  params: appointmentParams,
  action: 'roster.correct',
  who: KEEPERS,
  takes: askedCorrection,
  example: {
    target: 'roster/guijianban/1',
    changes: [{ field: 'from', to: '2025-05-01' }],
    reason: '任命日期录入有误',
  },
  second: { who: SECOND_OF_TOWN },
  form: 'none: which field of which event is corrected has to be chosen from the line of appointments, and no page does that yet',
});

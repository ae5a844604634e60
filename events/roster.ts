// Stream category `roster` (名册): one stream an organisation: who was appointed to which post in it, and relieved of it,
// when, for which track or area. A person is a reference; names and telephone numbers live in the directory, which can
// be erased. That an organisation exists is said by the campaign (campaign.ts).
import * as z from 'zod';
import {
  correctionFields,
  dateSchema,
  defineEvent,
  idSchema,
  personSchema,
  textSchema,
  trackSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { choicesOf, enumOf, titled } from './field.ts';

/** Posts that the plan knows (section 二 and its annex), with their Chinese names. */
export const POSTS = {
  leader: '组长',
  'deputy-leader': '副组长',
  'office-director': '专班办公室主任',
  head: '主要领导',
  liaison: '分管联络员',
  officer: '责任人',
  grid: '网格员',
  contact: '区级联系人',
} as const;
export type Post = keyof typeof POSTS;
export const postSchema = titled(enumOf(choicesOf(POSTS, String)), '岗位');
const appointment = titled(idSchema, '任命编号');
const person = titled(personSchema, '人员编号');

export const OfficerAppointed = defineEvent({
  type: 'OfficerAppointed',
  category: 'roster',
  zh: '任命',
  data: z.strictObject({
    /** names this appointment within the organisation */
    appointment,
    post: postSchema,
    person,
    /** only for this track; without one, for all */
    track: titled(trackSchema, '专项').optional(),
    /** only for this village or residents' committee's area */
    area: titled(idSchema, '村居', { as: 'organisation' }).optional(),
    /** first day, in town time */
    from: titled(dateSchema, '任职起始日', { days: 'begins' }),
    /** the document or decision behind it */
    basis: titled(textSchema, '依据'),
  }),
  example: {
    appointment: 'a-1',
    post: 'liaison',
    person: 'p-liaison-1',
    track: 'gas',
    from: '2025-04-25',
    basis: '练府〔2025〕18号附件',
  },
});

export const OfficerRelieved = defineEvent({
  type: 'OfficerRelieved',
  category: 'roster',
  zh: '免去职务',
  data: z.strictObject({
    appointment,
    person,
    /** last day, in town time */
    until: titled(dateSchema, '任职最后一天', { days: 'ends' }),
    reason: titled(textSchema, '理由'),
  }),
  example: { appointment: 'a-1', person: 'p-liaison-1', until: '2025-09-30', reason: '岗位调整' },
});

export const AppointmentCorrected = defineEvent({
  type: 'AppointmentCorrected',
  category: 'roster',
  zh: '更正任命',
  data: z.strictObject({ appointment, ...correctionFields }),
  example: {
    appointment: 'a-1',
    target: 'roster/guijianban/1',
    changes: [{ field: 'from', from: '2025-04-25', to: '2025-05-01' }],
    reason: '任命日期录入有误',
    approver: 'p-office-1',
  },
});

export const rosterEvents = [OfficerAppointed, OfficerRelieved, AppointmentCorrected] as const;
export type RosterEvent = EventOf<(typeof rosterEvents)[number]>;
export type RosterDraft = DraftOf<(typeof rosterEvents)[number]>;

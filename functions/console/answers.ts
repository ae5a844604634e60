// What the query routes answer, by route, for the pages that ask them in this process (functions/api/handlers): read off their schemas.
import type * as z from 'zod';
import type { TraceAnswer } from '../../shared/reading/trace/answer.ts';
import type { BodyOf } from '../api/handler-types.ts';
import type { RouteName, Routes } from '../api/routes.ts';

export type Answers = {
  [Name in RouteName as Routes[Name] extends { answer: z.ZodType } ? Name : never]: BodyOf<Routes[Name]>;
};

export type HazardAnswer = Answers['getHazard'];
export type EscalationAnswer = Answers['getEscalation'];
export type ShownDueDate = HazardAnswer['dueDates'][number];
/** An event as it was stored, with what was corrected in it, and its position once it has one. */
export type ShownEvent = HazardAnswer['events'][number];
/** `cursor`: there is more; `from`: and this is not its beginning */
export type Traced = TraceAnswer<unknown> & { cursor?: string | undefined; from?: string };

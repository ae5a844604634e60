// The questions of the trace. What is the same for all is here once: the moment of knowledge is found, the question
// is asked, and an answer that would not fit into a response says what to ask instead.
import { WHOLE } from '../../../shared/record/access/entry.ts';
import { TooLarge } from '../../../events/errors.ts';
import { askAccess } from '../../../shared/reading/trace/access-question.ts';
import { askDossier } from '../../../shared/reading/trace/unit-file-question.ts';
import * as streams from '../../../shared/reading/trace/hazard-questions.ts';
import * as ask from '../../../shared/reading/trace/unit-questions.ts';
import { askMoments } from '../../../shared/reading/trace/moments.ts';
import { resolveKnownAt, type Known, type KnownAt } from '../../../shared/reading/trace/known-at.ts';
import type { ApiDeps, BodyOf, ApiCall, ApiHandler, TypedHandlers } from '../handler-types.ts';
import type { Routes } from '../routes.ts';
import { waitForViews } from '../waiting.ts';
import { waitAtLeast } from './wait.ts';

type CallOf<Name extends keyof Routes> = ApiCall<Routes[Name]>;
type Asked = { knownAt?: KnownAt | undefined; atLeast?: string | undefined };

/** A Lambda function may answer with 6 MB; the envelope around the body takes some of it. */
const MAX_ANSWER_BYTES = 5_500_000;

/** A question: who may ask it, as known when, what is answered. */
function question<Name extends keyof Routes>(
  answer: (deps: ApiDeps, call: CallOf<Name>, known: Known) => Promise<BodyOf<Routes[Name]> & { subject: object }>,
): ApiHandler<Routes[Name]> {
  return async (deps, call) => {
    const { knownAt, atLeast } = call.query as Asked;
    // Whoever may trace may trace everything in the town; nothing has to be read to know it.
    call.authorise({});
    await waitAtLeast(deps, call, atLeast);
    const known = await resolveKnownAt(deps.views, knownAt, (position) => waitForViews(deps, position));
    const body = await answer(deps, call, known);
    call.reads((body.subject as { unit?: string }).unit ?? WHOLE);
    refuseTooLarge(body);
    return { status: 200, body };
  };
}

function refuseTooLarge(body: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes <= MAX_ANSWER_BYTES) return;
  throw new TooLarge(`the answer has ${Math.ceil(bytes / 1_000_000)} MB, and a response may have 5`, {
    field: 'months',
    expected: 'fewer months, one track, or one hazard at a time',
  });
}

export const traceHandlers = {
  traceInspections: question<'traceInspections'>((deps, { params, query }, known) =>
    ask.askInspections(deps.views, known, { ...query, unit: params.id }),
  ),
  traceClause: question<'traceClause'>((deps, { params, query }, known) =>
    ask.askClause(deps.views, known, { ...query, unit: params.id }),
  ),
  traceDeadlines: question<'traceDeadlines'>((deps, { params }, known) =>
    streams.askDeadlines(deps.views, known, params.id),
  ),
  traceReminders: question<'traceReminders'>((deps, { params }, known) =>
    streams.askReminders(deps.views, known, params.id),
  ),
  traceResponsible: question<'traceResponsible'>((deps, { params, query }, known) =>
    ask.askResponsible(deps.views, known, { unit: params.id, on: query.on }),
  ),
  traceDifference: question<'traceDifference'>(async (deps, { params }, then) =>
    ask.askDifference(deps.views, then, await knownNow(deps), params.id),
  ),
  traceRecurrences: question<'traceRecurrences'>((deps, { params }, known) =>
    ask.askRecurrences(deps.views, known, params.id),
  ),
  traceEscalation: question<'traceEscalation'>((deps, { params }, known) =>
    streams.askEscalation(deps.views, known, params.id),
  ),
  traceReport: question<'traceReport'>((deps, { params, query }, known) =>
    streams.askReport(deps.views, known, {
      report: params.id,
      limit: query.limit,
      from: query.cursor === undefined ? undefined : Number(query.cursor),
    }),
  ),
  traceLate: question<'traceLate'>((deps, { params }, known) => ask.askLate(deps.views, known, params.id)),
  traceUnchecked: question<'traceUnchecked'>((deps, { params, query }, known) =>
    ask.askUnchecked(deps.views, known, { ...query, unit: params.id }),
  ),
  traceAccess: question<'traceAccess'>((deps, { params, query }, known) =>
    askAccess({ ...deps.views, access: deps.access }, known, { ...query, unit: params.id }),
  ),
  traceMoments: async (deps, call) => {
    call.authorise({});
    const { subject, id } = call.params;
    const body = await askMoments(deps.views, await knownNow(deps), MOMENTS_OF[subject], id);
    call.reads(body.subject.unit ?? WHOLE);
    return { status: 200, body };
  },
  traceDossier: question<'traceDossier'>((deps, { params, query }, known) =>
    askDossier({ ...deps.views, access: deps.access }, known, { ...query, unit: params.id }),
  ),
} satisfies TypedHandlers;

const MOMENTS_OF = { units: 'unit', hazards: 'hazard', escalations: 'escalation', reports: 'report' } as const;

const knownNow = (deps: ApiDeps): Promise<Known> => resolveKnownAt(deps.views, undefined, async () => {});

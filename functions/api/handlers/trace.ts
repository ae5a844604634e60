// The questions of the trace. What is the same for all stands here once: the moment of knowledge is found, the question is asked, and an answer
// that would not fit into a response says what to ask instead.
import { WHOLE } from '../../../shared/access/access.ts';
import { TooLarge } from '../../../shared/errors.ts';
import type { TraceAnswer } from '../../../shared/trace/answer.ts';
import * as ask from '../../../shared/trace/ask.ts';
import { resolveKnownAt, type Known, type KnownAt } from '../../../shared/trace/known-at.ts';
import type { Answer, ApiDeps, Call } from '../call.ts';
import type { Routes } from '../routes.ts';
import { waitAtLeast } from '../waiting.ts';

type CallOf<Name extends keyof Routes> = Call<Routes[Name]>;
type Asked = { knownAt?: KnownAt | undefined; atLeast?: string | undefined };

/** A Lambda function may answer with 6 MB; the envelope around the body takes some of it. */
const MAX_ANSWER_BYTES = 5_500_000;

/** A question: who may ask it, as known when, what is answered. */
function question<C extends Call>(
  answer: (deps: ApiDeps, call: C, known: Known) => Promise<TraceAnswer<unknown>>,
): (deps: ApiDeps, call: C) => Promise<Answer> {
  return async (deps, call) => {
    const { knownAt, atLeast } = call.query as Asked;
    // Whoever may trace may trace everything in the town; nothing has to be read to know it.
    call.authorise({});
    await waitAtLeast(deps, atLeast);
    const known = await resolveKnownAt(deps.views, knownAt, (position) => waitAtLeast(deps, String(position)));
    const body = await answer(deps, call, known);
    call.reads((body.subject as { unit?: string }).unit ?? WHOLE);
    refuseTooLarge(body);
    return { status: 200, body };
  };
}

function refuseTooLarge(body: TraceAnswer<unknown>): void {
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes <= MAX_ANSWER_BYTES) return;
  throw new TooLarge(`the answer has ${Math.ceil(bytes / 1_000_000)} MB, and a response may have 5`, {
    field: 'months',
    expected: 'fewer months, one track, or one hazard at a time',
    facts: { facts: body.facts.length },
  });
}

export const traceHandlers = {
  traceInspections: question<CallOf<'traceInspections'>>((deps, call, known) => {
    const { before, months, track } = call.query;
    return ask.askInspections(deps.views, known, { unit: call.params.id, before, months, track });
  }),
  traceDeadlines: question<CallOf<'traceDeadlines'>>((deps, call, known) =>
    ask.askDeadlines(deps.views, known, call.params.id),
  ),
};

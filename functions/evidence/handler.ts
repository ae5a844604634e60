// The deployed function `evidence`: the API's routes of evidence in a function of their own: it can reach the files, and the API stays
// small. Wiring only.
import { noDirectory } from '../api/handler-types.ts';
import { makeHandler } from '../api/lambda.ts';
import { SERVING_STREAMS, servingStreams } from '../api/serving-deps.ts';
import { wallClock } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openEvidenceStore } from '../runtime/evidence-store.ts';
import { requestLog } from '../runtime/http-lambda.ts';
import { makeLogger } from '../runtime/logger.ts';
import { EVIDENCE_HANDLERS } from './handlers.ts';

const settings = readEnvironment([...SERVING_STREAMS, 'evidence', 'evidenceSecret']);

export const handler = makeHandler(
  {
    ...servingStreams(settings).deps,
    handlers: EVIDENCE_HANDLERS,
    directory: noDirectory(),
    witnesses: [],
    evidence: openEvidenceStore({
      place: settings.evidence,
      tenant: settings.tenant,
      secret: settings.evidenceSecret,
      now: wallClock,
    }),
  },
  requestLog(makeLogger()),
);

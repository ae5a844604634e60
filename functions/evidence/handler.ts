// The deployed function `evidence`: the API's routes of evidence in a function of their own: it can reach the files, and the API stays
// small. Wiring only.
import { noDirectory } from '../api/call.ts';
import { makeHandler } from '../api/lambda.ts';
import { SERVING_STREAMS, servingStreams } from '../api/wiring.ts';
import { wallClock } from '../clock.ts';
import { readEnvironment } from '../environment.ts';
import { openEvidenceStore } from '../evidence-store.ts';
import { requestLog } from '../http-lambda.ts';
import { makeLogger } from '../logger.ts';
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

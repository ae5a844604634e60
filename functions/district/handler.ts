// The deployed function `district`: the API's routes about cases that go beyond the town, in a function of their own: it can reach the
// dossiers, as the API cannot, and the API stays small. Wiring only.
import { noDirectory } from '../api/handler-types.ts';
import { makeHandler } from '../api/lambda.ts';
import { makeDeliveryVerifier } from '../api/signed.ts';
import { RECORDING, SERVING, servingDeps } from '../api/serving-deps.ts';
import { now, wallClock } from '../runtime/now.ts';
import { openDossierStore } from '../runtime/dossier-store.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { requestLog } from '../runtime/http-lambda.ts';
import { makeLogger } from '../runtime/logger.ts';
import { makeSecrets } from '../runtime/secrets.ts';
import { openWriter } from '../runtime/writer.ts';
import { DISTRICT_HANDLERS } from './handlers.ts';

const settings = readEnvironment([...SERVING, ...RECORDING, 'dossiers']);
const logger = makeLogger();

export const handler = makeHandler(
  {
    ...servingDeps(settings, openWriter('district', settings, { logger, now })).deps,
    handlers: DISTRICT_HANDLERS,
    directory: noDirectory(),
    witnesses: [],
    verifyDelivery: makeDeliveryVerifier({
      secrets: makeSecrets(settings.secrets),
      now: wallClock,
      report: (message, facts) => logger.warn(message, facts),
    }),
    dossiers: openDossierStore(settings.dossiers, settings.tenant),
  },
  requestLog(logger),
);

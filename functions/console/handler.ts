// The deployed function `console`: wiring only.
import { parseWitnesses } from '../../shared/record/witness/configured.ts';
import { ALL_HANDLERS } from '../api/all-handlers.ts';
import { RECORDING, SERVING, servingDeps } from '../api/serving-deps.ts';
import { now, wallClock } from '../runtime/now.ts';
import { openDossierStore } from '../runtime/dossier-store.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openEvidenceStore } from '../runtime/evidence-store.ts';
import { requestLog } from '../runtime/http-lambda.ts';
import { makeLogger } from '../runtime/logger.ts';
import { makeSecrets } from '../runtime/secrets.ts';
import { openWriter } from '../runtime/writer.ts';
import { makeHandler } from './lambda.ts';
import { keyFrom } from './session.ts';
import { makeSignIn } from './sign-in.ts';

const settings = readEnvironment([
  ...SERVING,
  ...RECORDING,
  'directoryTable',
  'dossiers',
  'witnesses',
  'evidence',
  'evidenceSecret',
  'consoleClient',
  'consoleScope',
  'consoleSite',
  'sessionSecret',
]);
const logger = makeLogger();
const { dynamo, deps } = servingDeps(settings, openWriter('console', settings, { logger, now }));
const secrets = makeSecrets(settings.secrets);

export const handler = makeHandler(
  {
    ...deps,
    wallClock,
    handlers: ALL_HANDLERS,
    directory: { dynamo, table: settings.directoryTable, tenant: settings.tenant },
    dossiers: openDossierStore(settings.dossiers, settings.tenant),
    evidence: openEvidenceStore({
      place: settings.evidence,
      tenant: settings.tenant,
      secret: settings.evidenceSecret,
      now: wallClock,
    }),
    witnesses: parseWitnesses(settings.witnesses),
    signIn: makeSignIn({
      issuer: settings.issuer,
      client: settings.consoleClient,
      scope: settings.consoleScope,
      verify: deps.verify,
    }),
    sessionKey: async () => keyFrom(settings.sessionSecret ?? (await secrets.readSecret('console-session'))),
    site: settings.consoleSite,
  },
  requestLog(logger),
);

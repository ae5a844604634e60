// The deployed function `api`: wiring only.
import { parseWitnesses } from '../../shared/record/witness/configured.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { requestLog } from '../runtime/http-lambda.ts';
import { makeLogger } from '../runtime/logger.ts';
import { HANDLERS } from './handlers.ts';
import { now } from '../runtime/now.ts';
import { openWriter } from '../runtime/writer.ts';
import { makeHandler } from './lambda.ts';
import { RECORDING, SERVING, servingDeps } from './serving-deps.ts';

const settings = readEnvironment([...SERVING, ...RECORDING, 'directoryTable', 'witnesses']);
const logger = makeLogger();
const { dynamo, deps } = servingDeps(settings, openWriter('api', settings, { logger, now }));

export const handler = makeHandler(
  {
    ...deps,
    handlers: HANDLERS,
    directory: { dynamo, table: settings.directoryTable, tenant: settings.tenant },
    witnesses: parseWitnesses(settings.witnesses),
  },
  requestLog(logger),
);

// The deployed function `api`: wiring only.
import { parseWitnesses } from '../../shared/record/witness/configured.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { requestLog } from '../runtime/http-lambda.ts';
import { makeLogger } from '../runtime/logger.ts';
import { HANDLERS } from './handlers.ts';
import { makeHandler } from './lambda.ts';
import { SERVING, servingDeps } from './serving-deps.ts';

const settings = readEnvironment([...SERVING, 'directoryTable', 'witnesses']);
const { dynamo, deps } = servingDeps(settings);

export const handler = makeHandler(
  {
    ...deps,
    handlers: HANDLERS,
    directory: { dynamo, table: settings.directoryTable, tenant: settings.tenant },
    witnesses: parseWitnesses(settings.witnesses),
  },
  requestLog(makeLogger()),
);

// The deployed function `api`: wiring only.
import { parseWitnesses } from '../../shared/witness/configured.ts';
import { readEnvironment } from '../environment.ts';
import { requestLog } from '../http-lambda.ts';
import { makeLogger } from '../logger.ts';
import { HANDLERS } from './handlers.ts';
import { makeHandler } from './lambda.ts';
import { SERVING, servingDeps } from './wiring.ts';

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

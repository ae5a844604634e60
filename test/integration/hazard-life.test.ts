// The API on the embedded engine (DAOCHA_ENGINE chooses it), with the tables of the synthesized template.
import { afterAll, describe } from 'vitest';
import { liveOneHazard } from '../functions/api/life.ts';
import { makeTown } from '../functions/api/support.ts';
import { startEngineWithTables, type EngineWithTables } from '../support/platform.ts';

describe('the life of one hazard over HTTP, on the embedded engine', () => {
  let engine: EngineWithTables | undefined;
  afterAll(() => engine?.stop());

  liveOneHazard(async () => {
    engine = await startEngineWithTables();
    return makeTown({ engine });
  });
});

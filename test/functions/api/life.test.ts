import { describe } from 'vitest';
import { liveOneHazard } from './life.ts';
import { makeTown } from './support.ts';

describe('the life of one hazard over HTTP', () => {
  liveOneHazard(makeTown);
});

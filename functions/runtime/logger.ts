// Every function's log: JSON lines, read on a terminal too. What a line holds of the record, or of what others answer, must not drive it.
import { Logger } from '@aws-lambda-powertools/logger';
import { visible } from '../../shared/text.ts';

export const makeLogger = (): Logger =>
  new Logger({
    jsonReplacerFn: (_key: string, value: unknown) => (typeof value === 'string' ? visible(value) : value),
  });

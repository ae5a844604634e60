// The handlers of the function `api`, by the operation id of their route. Those that it leaves to other functions are
// in all-handlers.ts too.
import type { Handlers } from './handler-types.ts';
import { accessHandlers } from './handlers/accesses.ts';
import { attestHandlers } from './handlers/attest.ts';
import { commandHandlers } from './handlers/runs.ts';
import { deadlineHandlers } from './handlers/deadlines.ts';
import { deliveryHandlers } from './handlers/deliveries.ts';
import { dutyHandlers } from './handlers/duties.ts';
import { directoryHandlers } from './handlers/directory.ts';
import { importHandlers } from './handlers/imports.ts';
import { logHandlers } from './handlers/log.ts';
import { platformHandlers } from './handlers/platform.ts';
import { proposalHandlers } from './handlers/proposals.ts';
import { rosterHandlers } from './handlers/roster.ts';
import { streamHandlers } from './handlers/streams.ts';
import { traceHandlers } from './handlers/trace.ts';
import { viewHandlers } from './handlers/views.ts';

export const HANDLERS = {
  ...viewHandlers,
  ...commandHandlers,
  ...deadlineHandlers,
  ...dutyHandlers,
  ...importHandlers,
  ...rosterHandlers,
  ...proposalHandlers,
  ...directoryHandlers,
  ...streamHandlers,
  ...logHandlers,
  ...attestHandlers,
  ...platformHandlers,
  ...deliveryHandlers,
  ...traceHandlers,
  ...accessHandlers,
} satisfies Handlers;

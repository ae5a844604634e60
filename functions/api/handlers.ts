// Every handler by the operation id of its route; the type makes sure that none is missing and that each fits its route.
import type { Handler } from './call.ts';
import { accessHandlers } from './handlers/accesses.ts';
import { commandHandlers } from './handlers/commands.ts';
import { deliveryHandlers } from './handlers/deliveries.ts';
import { directoryHandlers } from './handlers/directory.ts';
import { importHandlers } from './handlers/imports.ts';
import { logHandlers } from './handlers/log.ts';
import { platformHandlers } from './handlers/platform.ts';
import { rosterHandlers } from './handlers/roster.ts';
import { streamHandlers } from './handlers/streams.ts';
import { traceHandlers } from './handlers/trace.ts';
import { viewHandlers } from './handlers/views.ts';
import type { RouteName, Routes } from './routes.ts';

export const HANDLERS: { [Name in RouteName]: Handler<Routes[Name]> } = {
  ...viewHandlers,
  ...commandHandlers,
  ...importHandlers,
  ...rosterHandlers,
  ...directoryHandlers,
  ...streamHandlers,
  ...logHandlers,
  ...platformHandlers,
  ...deliveryHandlers,
  ...traceHandlers,
  ...accessHandlers,
};

// Every handler by the operation id of its route, whichever function serves it; the type makes sure that none is missing and that each fits
// its route. For whoever acts for people within one function (the console), and for tests.
import { DISTRICT_HANDLERS } from '../district/handlers.ts';
import { EVIDENCE_HANDLERS } from '../evidence/handlers.ts';
import type { ApiHandler } from './handler-types.ts';
import { HANDLERS } from './handlers.ts';
import type { RouteName, Routes } from './routes.ts';

export const ALL_HANDLERS: { [Name in RouteName]: ApiHandler<Routes[Name]> } = {
  ...HANDLERS,
  ...DISTRICT_HANDLERS,
  ...EVIDENCE_HANDLERS,
};

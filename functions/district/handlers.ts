// The handlers of the function `district`: the cases that go beyond the town, and their dossiers.
import type { Handlers } from '../api/call.ts';
import { dossierHandlers } from '../api/handlers/dossiers.ts';
import { escalationHandlers } from '../api/handlers/escalations.ts';

export const DISTRICT_HANDLERS = { ...escalationHandlers, ...dossierHandlers } satisfies Handlers;

// The handlers of the function `district`: the cases that go beyond the town, their dossiers, and what a district's own
// system says of them.
import type { Handlers } from '../api/handler-types.ts';
import { dossierHandlers } from '../api/handlers/dossiers.ts';
import { escalationHandlers } from '../api/handlers/escalations.ts';
import { webhookHandlers } from '../api/handlers/webhooks.ts';

export const DISTRICT_HANDLERS = { ...escalationHandlers, ...dossierHandlers, ...webhookHandlers } satisfies Handlers;

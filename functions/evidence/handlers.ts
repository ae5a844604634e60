// The handlers of the function `evidence`: files announced and files handed out.
import type { Handlers } from '../api/handler-types.ts';
import { evidenceHandlers } from '../api/handlers/evidence.ts';

export const EVIDENCE_HANDLERS = { ...evidenceHandlers } satisfies Handlers;

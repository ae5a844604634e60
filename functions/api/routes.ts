// Every route there is, by its operation id. The router, the validation and the OpenAPI document are made from this table.
// Commands are declared beside their deciders (shared/rules/<noun>/commands.ts).
import { COMMANDS } from '../../shared/rules/commands.ts';
import { routesOf } from './route.ts';
import { accessRoutes } from './routes/accesses.ts';
import { attestRoutes } from './routes/attest.ts';
import { campaignRoutes } from './routes/campaign.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { directoryRoutes } from './routes/directory.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { escalationRoutes } from './routes/escalations.ts';
import { deadlineRoutes } from './routes/deadlines.ts';
import { dutyRoutes } from './routes/duties.ts';
import { hazardRoutes } from './routes/hazards.ts';
import { importRoutes } from './routes/imports.ts';
import { inspectionRoutes } from './routes/inspections.ts';
import { traceRoutes } from './routes/trace.ts';
import { logRoutes } from './routes/log.ts';
import { proposalRoutes } from './routes/proposals.ts';
import { rosterRoutes } from './routes/roster.ts';
import { systemRoutes } from './routes/system.ts';
import { viewRoutes } from './routes/views.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export const ROUTES = {
  ...viewRoutes,
  ...routesOf(COMMANDS),
  ...inspectionRoutes,
  ...hazardRoutes,
  ...evidenceRoutes,
  ...escalationRoutes,
  ...webhookRoutes,
  ...deadlineRoutes,
  ...dutyRoutes,
  ...campaignRoutes,
  ...rosterRoutes,
  ...proposalRoutes,
  ...directoryRoutes,
  ...importRoutes,
  ...deliveryRoutes,
  ...systemRoutes,
  ...traceRoutes,
  ...accessRoutes,
  ...logRoutes,
  ...attestRoutes,
};
export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];

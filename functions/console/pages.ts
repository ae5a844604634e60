// Every page there is. A new one is a file under pages/ and a line here.
import { accountPage } from './pages/account.ts';
import { escalationPages } from './pages/escalation.ts';
import { escalationFormPages } from './pages/escalation-acts.ts';
import { escalationsPage } from './pages/escalations.ts';
import { groundPage } from './pages/ground.ts';
import { hazardActPages } from './pages/hazard-acts.ts';
import { hazardPage } from './pages/hazard.ts';
import { hazardsPage } from './pages/hazards.ts';
import { dutyListPages } from './pages/duties.ts';
import { dutyPages } from './pages/duty.ts';
import { deadlinesPage } from './pages/deadlines.ts';
import { listPages } from './pages/lists.ts';
import { overviewPage } from './pages/overview.ts';
import { traceEventPages } from './pages/trace-event.ts';
import { traceTakePages } from './pages/trace-take.ts';
import { tracePages } from './pages/trace.ts';
import { proposalPages } from './pages/proposals.ts';
import { reportPages } from './pages/report.ts';
import { organisationPage, rosterPage } from './pages/roster.ts';
import { rosterFormPages } from './pages/roster-forms.ts';
import { systemPage } from './pages/system.ts';
import { trackPage, tracksPage } from './pages/tracks.ts';
import { unitFormPages } from './pages/unit-forms.ts';
import { unitPage } from './pages/unit.ts';
import { unitsPage } from './pages/units.ts';
import { inspectCalls } from './pages/inspect-calls.ts';
import { inspectFormPage } from './pages/inspect-form.ts';
import { inspectPage } from './pages/inspect.ts';
import type { ConsoleCall, Page } from './page.ts';

export const PAGES: readonly Page[] = [
  overviewPage,
  tracksPage,
  trackPage,
  ...unitFormPages,
  unitsPage,
  unitPage,
  inspectPage,
  inspectFormPage,
  hazardsPage,
  ...hazardActPages,
  hazardPage,
  ...listPages,
  deadlinesPage,
  ...dutyListPages,
  ...dutyPages,
  ...reportPages,
  ...proposalPages,
  escalationsPage,
  ...escalationFormPages,
  ...escalationPages,
  ...tracePages,
  ...traceEventPages,
  ...traceTakePages,
  rosterPage,
  ...rosterFormPages,
  organisationPage,
  systemPage,
  accountPage,
  groundPage,
];

/** What scripts of pages ask, and files. */
export const CALLS: readonly ConsoleCall[] = [...inspectCalls];

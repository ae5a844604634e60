// All views of a generation. A new view is a line here; it is filled by the next rebuild.
import { correctionsView } from '../unit/corrections.ts';
import { factsView } from '../duty/facts.ts';
import { dutiesView } from '../duty/list.ts';
import { deadlinesView } from '../deadline/list.ts';
import { carriedView, deliveriesView } from '../delivery/list.ts';
import { escalationsView } from '../escalation/list.ts';
import { hazardsView } from '../hazard/list.ts';
import { overviewView } from '../overview/page.ts';
import { proposalsView } from '../proposal/list.ts';
import { reportsView } from '../report/list.ts';
import { rosterView } from '../roster/page.ts';
import { timelineView } from '../unit/timeline.ts';
import { trackView } from '../track/page.ts';
import { baselineView, unitView } from '../unit/page.ts';
import { unitsView } from '../unit/list.ts';
import type { View } from './view.ts';
import { waitsView } from '../waiting/list.ts';

export const VIEWS: readonly View[] = [
  unitView,
  baselineView,
  unitsView,
  timelineView,
  correctionsView,
  trackView,
  hazardsView,
  deliveriesView,
  carriedView,
  rosterView,
  escalationsView,
  overviewView,
  deadlinesView,
  reportsView,
  proposalsView,
  dutiesView,
  factsView,
  waitsView,
];

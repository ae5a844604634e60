// All views of a generation. A new view is a line here; it is filled by the next rebuild.
import { correctionsView } from './corrections.ts';
import { deadlinesView } from './deadlines.ts';
import { carriedView, deliveriesView } from './deliveries.ts';
import { escalationsView } from './escalations.ts';
import { hazardsView } from './hazards.ts';
import { overviewView } from './overview.ts';
import { reportsView } from './reports.ts';
import { rosterView } from './roster.ts';
import { timelineView } from './timeline.ts';
import { trackView } from './track.ts';
import { baselineView, unitView } from './unit.ts';
import { unitsView } from './units.ts';
import type { View } from './view.ts';
import { waitsView } from './waits.ts';

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
  waitsView,
];

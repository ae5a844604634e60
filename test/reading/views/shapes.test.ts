// A view whose documents change must raise its shape: otherwise the live generation mixes documents of two kinds, and nobody is told to
// rebuild. What each view makes of a recorded history is pinned beside its shape.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT_TYPES, type EventType } from '../../../events/catalogue.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { trackView } from '../../../shared/reading/track/page.ts';
import { pinnedShapes, recordedHistory, shapesOf, steps } from '../../support/shapes.ts';

const placed = recordedHistory();

test('the recorded history holds every event type', () => {
  const held = new Set(placed.map(({ event }) => event.type));
  expect(
    EVENT_TYPES.filter((type) => !held.has(type)),
    'run `npm run shapes`',
  ).toEqual([]);
});

test('a view that writes other documents has raised its shape', () => {
  const pinned = pinnedShapes();
  const now = shapesOf(placed);
  const faults = Object.entries(now).flatMap(([name, { shape, documents }]) => {
    const before = pinned[name];
    if (!before) return [`view \`${name}\` is not pinned yet: run \`npm run shapes\``];
    if (before.documents === documents && before.shape === shape) return [];
    return before.shape === shape
      ? [
          `view \`${name}\` writes other documents: raise \`shape\`, run \`npm run shapes\`, add \`Rebuild: ${name}\` to CHANGELOG.md`,
        ]
      : [`view \`${name}\` has shape ${shape}, ${before.shape} is pinned: run \`npm run shapes\``];
  });
  expect(faults).toEqual([]);
  expect(Object.keys(pinned).toSorted()).toEqual(Object.keys(now).toSorted());
});

const CAMPAIGN = "read fresh from the campaign's stream";
const DIRECTORY = 'the directory says who people are';
const SUPERVISORS = "read fresh from the unit's stream: whom a reminder goes to, and questions 5 and 6";
/** Event types that change no document, and why. The timeline, which has every event of a unit, does not count. */
const IN_NO_VIEW: Partial<Record<EventType, string>> = {
  RuleSetPublished: CAMPAIGN,
  TargetSet: CAMPAIGN,
  ChecklistPublished: CAMPAIGN,
  DutyPublished: CAMPAIGN,
  WriterKeysDeclared: CAMPAIGN,
  PersonEntered: DIRECTORY,
  PersonErased: DIRECTORY,
  IndexSealed: 'about the log as a whole: answers of the trace read it from its stream',
  UnitLedgerChanged: 'kept for the deciders; the views count the hazards themselves',
  SupervisorAssigned: SUPERVISORS,
  SupervisorRelieved: SUPERVISORS,
  OrderRefused: 'a case follows from it where the rules say so: that is what changes',
  InspectionPlanned: 'nothing has been done yet: questions 1 and 2 and the dossier read it',
};

test('every event type changes a document of some view, or is on the list with the reason', () => {
  const changes = VIEWS.flatMap((view) => (view.kind === 'documents' ? steps(view, placed) : []))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
    .map(({ event }) => event.type);
  const changing = new Set<string>(changes);
  expect(EVENT_TYPES.filter((type) => changing.has(type) === type in IN_NO_VIEW)).toEqual([]);
});

test('a fold that leaves out a line has another hash', () => {
  const lost = { ...trackView, fold: () => undefined };
  expect(shapesOf(placed, [lost])[trackView.name]?.documents).not.toBe(pinnedShapes()[trackView.name]?.documents);
});

test('each view that was raised since the first version is named in CHANGELOG.md', () => {
  const log = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
  const raised = Object.entries(pinnedShapes()).filter(([, { shape }]) => shape > 1);
  expect(raised.length).toBeGreaterThan(0);
  expect(raised.map(([name, { shape }]) => `Rebuild: ${name} ${shape}`).filter((line) => !log.includes(line))).toEqual(
    [],
  );
});

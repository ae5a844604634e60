// The views against the deciders' own states: two ways of counting the same history that share no code.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpen, type HazardStatus } from '../../../events/hazard.ts';
import type { HazardState } from '../../../shared/rules/hazard/hazard.ts';
import { hazardsView } from '../../../shared/reading/hazard/list.ts';
import { addDays, medianDays } from '../../../shared/reading/views/day-histogram.ts';
import { timelineView } from '../../../shared/reading/unit/timeline.ts';
import { countCells, trackView } from '../../../shared/reading/track/page.ts';
import { UNIT_SK, unitView } from '../../../shared/reading/unit/page.ts';
import { UNIT_ENTRY_SK, unitsView } from '../../../shared/reading/unit/list.ts';
import { unitOf } from '../../../shared/reading/views/view.ts';
import { acts, town, UNITS, type Town } from '../../support/histories.ts';
import { documents } from './projected.ts';

const runs = { numRuns: 60 };

const statesOf = (it: Town): HazardState[] => [...it.streams('hazard').keys()].map((id) => it.hazard(id));
const byId = (a: { hazard: string | null }, b: { hazard: string | null }): number => (a.hazard! < b.hazard! ? -1 : 1);
const count = <T>(all: T[], wanted: (each: T) => boolean): number => all.filter(wanted).length;

describe('after any history', () => {
  test('a unit’s document agrees with its stream’s state and with its hazards', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const it = town(history);
        const pages = documents(unitView, it.placed);
        for (const unit of UNITS) {
          const page = pages.get(`${unit} ${UNIT_SK}`);
          const state = it.unit(unit);
          if (!state.details) continue;
          const own = statesOf(it).filter((each) => each.unit === unit);
          const inspections = it.events.filter((event) => event.type === 'InspectionRecorded' && event.unit === unit);
          expect(page).toMatchObject({
            details: state.details,
            listed: { on: state.listed },
            counts: {
              inspections: inspections.length,
              clean: count(inspections, (event) => event.type === 'InspectionRecorded' && event.data.clean),
              hazards: own.length,
              open: count(own, (each) => isOpen(each.status!)),
              signedOff: count(own, (each) => each.status === 'signed-off'),
              signOffs: own.reduce((sum, each) => sum + each.cycles, 0),
              recurrences: own.reduce((sum, each) => sum + each.recurrences, 0),
            },
          });
          expect(page!.openHazards.toSorted(byId)).toEqual(
            own
              .filter((each) => isOpen(each.status!))
              .map(({ id, clause, track, status, grade, due, organisation, openedAt }) => ({
                hazard: id,
                clause,
                track,
                status,
                grade,
                due,
                organisation,
                since: openedAt,
              }))
              .toSorted(byId),
          );
          expect(page!.openHazards.map(({ hazard }) => hazard).toSorted()).toEqual(state.open.toSorted());
          expect(page!.riskGrade?.grade ?? null).toBe(state.riskGrade);
          expect(page!.leases.map(({ lease }) => lease).toSorted()).toEqual([...state.leases.keys()].toSorted());
        }
      }),
      runs,
    );
  });

  test('a track’s figures agree with the hazards, in all and for each organisation', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const it = town(history);
        const figures = documents(trackView, it.placed);
        for (const [id, doc] of figures) {
          const [track, sk] = id.split(' ');
          const organisation = sk === 'total' ? undefined : sk!.slice('org#'.length);
          const own = statesOf(it).filter(
            (each) => each.track === track && (organisation === undefined || each.organisation === organisation),
          );
          const expected: Record<string, Record<string, number>> = {};
          for (const { status, grade } of own) {
            const row = (expected[status!] ??= {});
            row[grade ?? 'ungraded'] = (row[grade ?? 'ungraded'] ?? 0) + 1;
          }
          expect({ id, cells: doc.cells }).toEqual({ id, cells: expected });
          if (organisation !== undefined) continue;
          expect(countCells(doc, (status: HazardStatus) => isOpen(status))).toBe(
            count(own, (each) => isOpen(each.status!)),
          );
          expect(doc.signOffs).toBe(own.reduce((sum, each) => sum + each.cycles, 0));
          expect(doc.recurrences).toBe(own.reduce((sum, each) => sum + each.recurrences, 0));
          expect(Object.values(doc.days).reduce((sum, days) => sum + days, 0)).toBe(doc.signOffs);
        }
      }),
      runs,
    );
  });

  test('a hazard’s entry agrees with its stream’s state, and stands where its state belongs', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const it = town(history);
        const entries = documents(hazardsView, it.placed);
        expect(entries.size).toBe(statesOf(it).length);
        for (const [id, entry] of entries) {
          const state = it.hazard(entry.hazard);
          const { status, grade, organisation, due, openedAt, recurrences } = state;
          expect(entry).toMatchObject({ status, grade, organisation, due, openedAt, recurrences });
          expect(entry.signedOffAt).toBe(status === 'signed-off' ? state.signedOff!.at : null);
          const { lists1, lists2 } = hazardsView.places!(entry, { key: id, sk: '' });
          const classOf = isOpen(status!) ? 'open' : 'closed';
          expect([lists1![0], lists2![0]]).toEqual([
            `track#${state.track}#${classOf}`,
            `org#${organisation}#${classOf}`,
          ]);
          expect(entry.closedAt === null).toBe(classOf === 'open');
        }
      }),
      runs,
    );
  });

  test('a unit stands once on the list of each of its tracks, and nowhere else', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const it = town(history);
        const entries = documents(unitsView, it.placed);
        for (const unit of UNITS) {
          const { details, listed } = it.unit(unit);
          if (!details) continue;
          const entry = entries.get(`${unit} ${UNIT_ENTRY_SK}`)!;
          expect(entry).toMatchObject({ name: details.name, tracks: details.tracks, listed });
          const where = { key: unit, sk: UNIT_ENTRY_SK };
          const places = [
            unitsView.places!(entry, where),
            ...unitsView.copies!(entry, where).map((copy) => copy.places),
          ];
          const tracks = places.flatMap(({ lists3 }) => (lists3 ? [lists3[0]] : []));
          expect(tracks.toSorted()).toEqual(details.tracks.map((track) => `track#${track}`).toSorted());
          expect(places.flatMap(({ lists1 }) => (lists1 ? [lists1] : []))).toHaveLength(1);
        }
      }),
      runs,
    );
  });

  test('every event about a unit is on its timeline once', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const { placed } = town(history);
        const about = placed.filter(({ event }) => unitOf(event) !== undefined);
        const rows = placed.flatMap((event) => timelineView.entries(event));
        expect(rows).toHaveLength(about.length);
        expect(new Set(rows.map(({ key, sk }) => `${key} ${sk}`)).size).toBe(about.length);
      }),
      runs,
    );
  });
});

test('the median is exact up to 60 days and within 1.5 % beyond, whatever was counted', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3000 }), { minLength: 1 }), (days) => {
      const sorted = days.toSorted((a, b) => a - b);
      const exact = (sorted[Math.floor((days.length - 1) / 2)]! + sorted[Math.floor(days.length / 2)]!) / 2;
      const median = medianDays(days.reduce(addDays, {}))!;
      // up to 30 both middle values are at most 60
      expect(Math.abs(median - exact)).toBeLessThanOrEqual(exact <= 30 ? 0 : exact * 0.015);
    }),
  );
  const everything = Array.from({ length: 4000 }, (_, n) => n * 12).reduce(addDays, {});
  expect(Object.keys(everything).length).toBeLessThan(400);
});

// The overview: that its months and its open days agree with the hazards themselves, after any history; and that reading it is bounded.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { isOpen, type HazardEvent } from '../../../events/hazard.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { hazard } from '../../../shared/rules/hazard/hazard.ts';
import { InvalidInput, NotFound } from '../../../events/errors.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { itemFromCommit } from '../../../shared/record/store/commit.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { overview } from '../../../shared/reading/overview/page-query.ts';
import { monthSk, openSk, overviewView, type MonthDocument } from '../../../shared/reading/overview/page.ts';
import { trackFigures, readTrackPage } from '../../../shared/reading/track/page-query.ts';
import { projectionName } from '../../../shared/reading/views/view.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { acts, town } from '../../support/histories.ts';
import { given } from './given.ts';
import { documents, viewDeps } from './projected.ts';
import { townDay } from '../../../shared/town-time.ts';

const found: Draft = {
  type: 'HazardFound',
  data: { clause: 'GAS-01', before: null, after: 'found', grade: null, inspection: 'i_1', item: '1' },
};
const merged = (openedAt?: string): Draft => ({
  type: 'HazardLinkedAsDuplicate',
  data: {
    clause: 'GAS-01',
    before: 'found',
    after: 'duplicate',
    grade: null,
    of: 'h_2',
    proposedBy: 'p-1',
    by: 'p-2',
    ...(openedAt && { openedAt }),
  },
});

describe('the documents', () => {
  test('after any history: on each day stand the hazards that opened then and are open', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const it = town(history);
        const docs = documents(overviewView, it.placed);
        const expected = new Map<string, Record<string, number>>();
        for (const events of it.streams('hazard').values()) {
          const state = foldAll(hazard, events as HazardEvent[]);
          if (!state.status || !isOpen(state.status)) continue;
          const days = expected.get(openSk(state.track!)) ?? {};
          const day = townDay(state.openedAt!);
          expected.set(openSk(state.track!), { ...days, [day]: (days[day] ?? 0) + 1 });
        }
        for (const track of TRACKS) {
          const doc = docs.get(`town ${openSk(track)}`);
          expect(doc ?? {}).toEqual(expected.get(openSk(track)) ?? {});
        }
      }),
      { numRuns: 60 },
    );
  });

  test('after any history: what opened less what closed, over all months, is what is open', () => {
    fc.assert(
      fc.property(acts(), (history) => {
        const it = town(history);
        const docs = documents(overviewView, it.placed);
        for (const track of TRACKS) {
          const months = [...docs].filter(([id]) => id.startsWith('town month#') && id.endsWith(`#${track}`));
          const sum = (field: keyof MonthDocument): number =>
            months.reduce((total, [, doc]) => total + (doc as MonthDocument)[field], 0);
          const states = [...it.streams('hazard').values()]
            .map((events) => foldAll(hazard, events as HazardEvent[]))
            .filter((state) => state.track === track);
          expect(sum('opened') - sum('closed')).toBe(states.filter(({ status }) => isOpen(status!)).length);
          expect(sum('signedOff')).toBe(states.reduce((total, { cycles }) => total + cycles, 0));
          expect(sum('recurrences')).toBe(states.reduce((total, { recurrences }) => total + recurrences, 0));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a hazard found in the night counts for the day, and the month, of the town', () => {
    const [first] = given(['hazard/h_1', 1, found]);
    const night = { ...first!, event: { ...first!.event, occurredAt: '2025-05-31T16:30:00.000Z' } };
    const docs = documents(overviewView, [night]);
    expect(docs.get(`town ${monthSk('2025-06', 'gas')}`)).toMatchObject({ opened: 1 });
    expect(docs.get(`town ${openSk('gas')}`)).toEqual({ '2025-06-01': 1 });
  });

  test('a merged hazard leaves the day on which it was found', () => {
    const events = given(['hazard/h_1', 1, found], ['hazard/h_1', 9, merged('2025-05-01T02:00:00.000Z')]);
    expect(documents(overviewView, events).get(`town ${openSk('gas')}`)).toEqual({});
  });

  test('one merged by an event that does not say when it was found changes no day', () => {
    const events = given(['hazard/h_1', 1, found], ['hazard/h_1', 9, merged()]);
    expect(documents(overviewView, events).get(`town ${openSk('gas')}`)).toEqual({ '2025-05-01': 1 });
  });
});

describe('the query', () => {
  const projected = async (views = VIEWS) => {
    const fake = new FakeDynamo();
    const deps = viewDeps(fake);
    const it = fc.sample(acts({ minLength: 120, maxLength: 120 }), { numRuns: 1, seed: 5 }).map(town)[0]!;
    for (const commit of it.commits) fake.seed('events', itemFromCommit(commit));
    await sequence(deps, it.commits);
    await follow(deps, projectionName(1), async (batch) => void (await applyBatch(deps, 1, views, batch)));
    return { deps, it, fake };
  };
  const LATER = '2030-01-01T00:00:00.000Z';

  test('agrees with the figures of the tracks, and they with the tracks’ own pages', async () => {
    const { deps } = await projected();
    const [{ open, overdue, months }, { items }] = await Promise.all([overview(deps, LATER, 36), trackFigures(deps)]);
    for (const { track, ...figures } of items) {
      const { organisations: _organisations, asOf: _asOf, track: _track, ...own } = await readTrackPage(deps, track);
      expect(figures).toEqual(own);
      expect(
        Object.values(open[track] ?? {}).reduce((a, b) => a + b, 0),
        track,
      ).toBe(figures.open);
      // everything that was ever ordered is overdue by 2030
      expect(overdue[track], track).toEqual({
        count: figures.byStatus.ordered + figures.byStatus.rejected,
        more: false,
      });
    }
    const inspections = months
      .flatMap(({ tracks }) => Object.values(tracks))
      .reduce((sum, doc) => sum + doc.inspections, 0);
    expect(inspections).toBe(items.reduce((sum, item) => sum + item.inspections, 0));
  });

  test('gives the last months without gaps, as many as were asked for', async () => {
    const { deps } = await projected();
    const all = (await overview(deps, LATER, 36)).months.map(({ month }) => month);
    expect(all.length).toBeGreaterThan(3);
    expect(all).toEqual(all.toSorted());
    expect((await overview(deps, LATER, 2)).months.map(({ month }) => month)).toEqual(all.slice(-2));
  });

  test('reads a bounded number of items', async () => {
    const { deps, fake } = await projected();
    let calls = 0;
    const counting = {
      send: (command: never) => ((calls += 1), fake.client.send(command)),
    } as unknown as DynamoDBClient;
    await overview({ ...deps, dynamo: counting }, LATER);
    // the generation and its record, its checkpoint, the documents, and one list a track
    expect(calls).toBe(4 + TRACKS.length);
  });

  test.each([0, 37, 1.5])('refuses %d months', async (months) => {
    const { deps } = await projected();
    await expect(overview(deps, LATER, months)).rejects.toThrow(InvalidInput);
  });

  test('says that a rebuild is due when the live generation was begun before there was this view', async () => {
    const { deps } = await projected(VIEWS.filter(({ name }) => name !== overviewView.name));
    const { viewsOf } = await import('../../../shared/reading/views/generation.ts');
    await viewsOf(
      deps,
      1,
      VIEWS.filter(({ name }) => name !== overviewView.name),
    );
    const error = await overview(deps, LATER).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFound);
    expect(error).toMatchObject({ type: 'no-view', expected: expect.stringContaining('rebuild') });
  });
});

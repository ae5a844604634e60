// The roster of an organisation: appointed, relieved, corrected; never twice in the same seat, never relieved before the beginning.
import { describe, expect, test } from 'vitest';
import type { Organisation } from '../../events/campaign.ts';
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { RosterDraft, RosterEvent } from '../../events/roster.ts';
import type { Drafts } from '../../shared/rules/decider.ts';
import {
  appoint,
  correctAppointment,
  holdersOn,
  relieve,
  roster,
  type Appoint,
  type RosterState,
} from '../../shared/rules/roster/roster.ts';
import { eventOf } from '../support/builders.ts';
import { given } from '../support/given.ts';

const MEMBER: Organisation = { id: 'guijianban', name: '规建办', kind: 'member' };
const NOW = '2025-06-10T02:00:00.000Z';

const asked = (more: Partial<Appoint> = {}): Appoint => ({
  appointment: 'a-1',
  post: 'liaison',
  person: 'p-1',
  from: '2025-04-25',
  basis: '任命文件',
  ...more,
});
const past = (...drafts: RosterDraft[]): DaochaEvent[] =>
  drafts.map((draft, n) => eventOf('roster', 'guijianban', n + 1, draft));
const held = (more: Partial<Appoint> = {}): RosterDraft => ({ type: 'OfficerAppointed', data: asked(more) });
const ended = (until: string, appointment = 'a-1'): RosterDraft => ({
  type: 'OfficerRelieved',
  data: { appointment, person: 'p-1', until, reason: '岗位调整' },
});
const after = (...drafts: RosterDraft[]) => given(roster, past(...drafts), 'guijianban');

const appointing =
  (more: Partial<Appoint> = {}, organisation = MEMBER) =>
  (state: RosterState): Drafts =>
    appoint(state, asked(more), organisation);
const relieving =
  (until: string, appointment = 'a-1') =>
  (state: RosterState): Drafts =>
    relieve(state, { appointment, until, reason: '岗位调整' });

describe('appointing', () => {
  test('records post, person, track, area, first day and the decision behind it', () => {
    after()
      .when(appointing({ track: 'gas', area: 'village-01' }))
      .thenRecorded({ type: 'OfficerAppointed', track: 'gas', data: asked({ track: 'gas', area: 'village-01' }) });
  });

  test('the same again is nothing, under the same id or another', () => {
    after(held()).when(appointing()).thenNothing();
    after(held())
      .when(appointing({ appointment: 'a-2' }))
      .thenNothing();
  });

  test('by another decision is not the same: it is refused and not passed over', () => {
    after(held())
      .when(appointing({ basis: '另一份任命文件' }))
      .thenRefused('appointment-exists', 'appointment');
    after(held())
      .when(appointing({ appointment: 'a-2', basis: '另一份任命文件' }))
      .thenRefused('appointment-overlaps', 'from');
  });

  test('two may hold a post at once, and one may hold two', () => {
    after(held())
      .when(appointing({ appointment: 'a-2', person: 'p-2' }))
      .thenRecorded({ type: 'OfficerAppointed' });
    after(held())
      .when(appointing({ appointment: 'a-2', post: 'head' }))
      .thenRecorded({ type: 'OfficerAppointed' });
    after(held())
      .when(appointing({ appointment: 'a-2', track: 'gas' }))
      .thenRecorded({ type: 'OfficerAppointed' });
  });

  test('nobody holds the very same seat twice on one day', () => {
    after(held())
      .when(appointing({ appointment: 'a-2', from: '2025-06-01' }))
      .thenRefused('appointment-overlaps', 'from');
    after(held(), ended('2025-05-31'))
      .when(appointing({ appointment: 'a-2', from: '2025-05-31' }))
      .thenRefused('appointment-overlaps', 'from');
    after(held(), ended('2025-05-31'))
      .when(appointing({ appointment: 'a-2', from: '2025-06-01' }))
      .thenRecorded({ type: 'OfficerAppointed' });
    after(held())
      .when(appointing({ appointment: 'a-2', from: '2025-04-01' }))
      .thenRefused('appointment-overlaps', 'from');
  });

  test('an id names one appointment only', () => {
    after(held())
      .when(appointing({ person: 'p-2' }))
      .thenRefused('appointment-exists', 'appointment');
  });

  test('a post belongs to its kind of organisation', () => {
    after()
      .when(appointing({ post: 'leader' }))
      .thenRefused('post-elsewhere', 'post');
    const group: Organisation = { id: 'leading-group', name: '领导小组', kind: 'leading-group' };
    after()
      .when(appointing({ post: 'leader' }, group))
      .thenRecorded({ type: 'OfficerAppointed' });
  });

  test('may be recorded for a day to come', () => {
    after()
      .when(appointing({ from: '2025-07-01' }))
      .thenRecorded({ type: 'OfficerAppointed' });
  });
});

describe('relieving', () => {
  test('records the last day, on which the post is still held', () => {
    const state = after(held()).when(relieving('2025-05-31')).state();
    expect(holdersOn(state, '2025-05-31')).toMatchObject([{ person: 'p-1', relievedBy: 'roster/guijianban/2' }]);
    expect(holdersOn(state, '2025-06-01')).toEqual([]);
    after(held())
      .when(relieving('2025-05-31'))
      .thenRecorded({ type: 'OfficerRelieved', data: { appointment: 'a-1', person: 'p-1', until: '2025-05-31' } });
  });

  test('the same again is nothing; another day is a correction', () => {
    after(held(), ended('2025-05-31')).when(relieving('2025-05-31')).thenNothing();
    after(held(), ended('2025-05-31')).when(relieving('2025-06-01')).thenRefused('already-relieved', 'until');
  });

  test('never before the appointment, never what is not there', () => {
    after(held()).when(relieving('2025-04-24')).thenRefused('relief-before-appointment', 'until');
    after(held()).when(relieving('2025-04-25')).thenRecorded({ type: 'OfficerRelieved' });
    after(held()).when(relieving('2025-05-31', 'a-9')).thenRefused('unknown-appointment', 'appointment');
    after().when(relieving('2025-05-31')).thenRefused('unknown-appointment', 'appointment');
  });
});

describe('correcting', () => {
  const stream = [held({ track: 'gas' }), ended('2025-05-31')];
  const correcting =
    (
      changes: { field: string; to: unknown }[],
      more: { target?: string; by?: string; appointment?: string; of?: RosterDraft[] } = {},
    ) =>
    (state: RosterState): Drafts => {
      const { target = 'roster/guijianban/1', by = 'guijianban', appointment = 'a-1', of = stream } = more;
      const command = { appointment, target, changes, reason: '录入有误' };
      const maker = { organisation: by, office: false };
      return correctAppointment(state, past(...of) as RosterEvent[], command, maker, NOW, MEMBER);
    };

  test('fills in what was there before, and the post is held as it should have been', () => {
    const outcome = after(...stream).when(
      correcting([
        { field: 'from', to: '2025-05-01' },
        { field: 'track', to: null },
      ]),
    );
    outcome.thenRecorded({
      type: 'AppointmentCorrected',
      data: {
        appointment: 'a-1',
        target: 'roster/guijianban/1',
        changes: [
          { field: 'from', from: '2025-04-25', to: '2025-05-01' },
          { field: 'track', from: 'gas', to: null },
        ],
      },
    });
    const state = outcome.state();
    expect(holdersOn(state, '2025-04-25')).toEqual([]);
    expect(holdersOn(state, '2025-05-01')).toMatchObject([{ track: undefined, correctedBy: ['roster/guijianban/3'] }]);
  });

  test('the last day is corrected on the relief', () => {
    after(...stream)
      .when(correcting([{ field: 'until', to: '2025-06-05' }], { target: 'roster/guijianban/2' }))
      .thenRecorded({
        type: 'AppointmentCorrected',
        data: { changes: [{ field: 'until', from: '2025-05-31', to: '2025-06-05' }] },
      });
    after(...stream)
      .when(correcting([{ field: 'until', to: '2025-06-05' }]))
      .thenRefused('not-correctable', 'changes[0].field');
  });

  test('of what stands so already is nothing', () => {
    after(...stream)
      .when(correcting([{ field: 'from', to: '2025-04-25' }]))
      .thenNothing();
  });

  test('is asked for by who recorded it, of an event of this appointment', () => {
    after(...stream)
      .when(correcting([{ field: 'from', to: '2025-05-01' }], { by: 'shichangsuo' }))
      .thenRefused('not-recorded-by-you', 'target');
    const two = [...stream, held({ appointment: 'a-2', person: 'p-2' })];
    after(...two)
      .when(correcting([{ field: 'from', to: '2025-05-01' }], { target: 'roster/guijianban/3', of: two }))
      .thenRefused('other-appointment', 'target');
  });

  test('keeps to the rules of appointments', () => {
    after(...stream)
      .when(correcting([{ field: 'from', to: '2025-06-01' }]))
      .thenRefused('relief-before-appointment', 'changes');
    after(...stream)
      .when(correcting([{ field: 'post', to: 'leader' }]))
      .thenRefused('post-elsewhere', 'post');
    after(...stream)
      .when(correcting([{ field: 'post', to: 'boss' }]))
      .thenRefused('invalid-input', 'changes[0].to');
    after(...stream)
      .when(correcting([{ field: 'person', to: '张三' }]))
      .thenRefused('invalid-input', 'changes[0].to');
    after(...stream)
      .when(correcting([{ field: 'person', to: null }]))
      .thenRefused('invalid-input', 'changes[0].to');
    const next = [...stream, held({ appointment: 'a-2', track: 'gas', from: '2025-06-01' })];
    after(...next)
      .when(correcting([{ field: 'until', to: '2025-06-05' }], { target: 'roster/guijianban/2', of: next }))
      .thenRefused('appointment-overlaps', 'from');
  });
});

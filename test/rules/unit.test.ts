// A unit's details, and its ledger of open hazards, from which its place on the sign-off list follows.
import { describe, expect, test } from 'vitest';
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { UnitDetails, UnitDraft, UnitEvent } from '../../events/unit.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as units from '../../shared/rules/unit/unit.ts';
import { eventOf } from '../support/builders.ts';
import { given } from '../support/given.ts';

const { unit } = units;
const ID = 'u_1';
const DETAILS: UnitDetails = { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] };

/** The events of decisions made one after the other. */
function past(...steps: ((state: units.UnitState) => Drafts)[]): DaochaEvent[] {
  const events: DaochaEvent[] = [];
  for (const decide of steps) {
    for (const draft of decide(foldAll(unit, events as UnitEvent[]))) {
      events.push(eventOf('unit', ID, events.length + 1, draft));
    }
  }
  return events;
}

const register = (state: units.UnitState): Drafts => units.register(state, DETAILS);
const close = (state: units.UnitState): Drafts => units.close(state, ID, { reason: '已搬迁' });
const ledger =
  (change: Partial<units.LedgerChange>) =>
  (state: units.UnitState): Drafts =>
    units.changeLedger(state, { opened: [], recurred: [], signedOff: [], dismissed: [], ...change });
const opens = (...opened: string[]) => ledger({ opened });
const signsOff = (...signedOff: string[]) => ledger({ signedOff });
const dismisses = (...dismissed: string[]) => ledger({ dismissed });
const recurs = (...recurred: string[]) => ledger({ opened: recurred, recurred });

const survey = (track: 'gas' | 'factory') => (state: units.UnitState) =>
  units.surveyBaseline(state, ID, { track, facts: { 气瓶数: 2 } });
const grade = (to: 'B' | 'C') => (state: units.UnitState) => units.gradeRisk(state, ID, { to, basis: '复核' });
const lease =
  (more: object = {}) =>
  (state: units.UnitState) =>
    units.recordLease(state, ID, { lease: 'l-1', lessor: '甲公司', lessee: '乙公司', from: '2025-01-01', ...more });
const sign = (of: string) => (state: units.UnitState) =>
  units.signAgreement(state, ID, { lease: of, signedOn: '2025-05-06' });

describe('registration', () => {
  test('puts the details on record', () => {
    given(unit)
      .when(register)
      .thenRecorded({ type: 'UnitRegistered', data: { details: DETAILS } });
  });

  test('with the same details again is nothing, whatever the order of the keys', () => {
    const shuffled = Object.fromEntries(Object.entries(DETAILS).toReversed()) as UnitDetails;
    given(unit, past(register))
      .when((state) => units.register(state, shuffled))
      .thenNothing();
  });

  test('with other details is refused: that would be a correction', () => {
    given(unit, past(register))
      .when((state) => units.register(state, { ...DETAILS, name: '另一家' }))
      .thenRefused('unit-exists', 'id');
  });
});

/** of the organisation that registered it */
const MAKER = { organisation: 'guijianban', office: false };

describe('what needs a unit refuses one that does not exist', () => {
  test.each<[string, (state: units.UnitState) => Drafts]>([
    ['correction', (state) => units.correct(state, ID, { details: DETAILS, reason: 'r' }, MAKER)],
    ['baseline', (state) => units.surveyBaseline(state, ID, { track: 'gas', facts: {} })],
    ['risk grade', (state) => units.gradeRisk(state, ID, { to: 'A', basis: 'b' })],
    [
      'lease',
      (state) => units.recordLease(state, ID, { lease: 'l-1', lessor: '甲', lessee: '乙', from: '2025-01-01' }),
    ],
    ['agreement', (state) => units.signAgreement(state, ID, { lease: 'l-1', signedOn: '2025-01-02' })],
    ['closing', close],
  ])('%s', (_, decide) => {
    given(unit).when(decide).thenRefused('unknown-unit', 'unit');
  });
});

describe('a correction', () => {
  const after = { ...DETAILS, name: '练塘某饭店' };
  const correct =
    (maker = MAKER) =>
    (state: units.UnitState) =>
      units.correct(state, ID, { details: after, reason: '登记有误' }, maker);

  test('keeps what was there before, names what it corrects', () => {
    given(unit, past(register))
      .when(correct())
      .thenRecorded({
        type: 'UnitDetailsCorrected',
        data: { target: 'unit/u_1/1', before: DETAILS, after },
      });
  });

  test('is asked for by who registered it, or the office', () => {
    const office = { organisation: 'office', office: true };
    const village = { organisation: 'village-01', office: false };
    given(unit, past(register)).when(correct(office)).thenRecorded({ type: 'UnitDetailsCorrected' });
    given(unit, past(register)).when(correct(village)).thenRefused('not-recorded-by-you', 'target');
  });

  test('of a correction names the correction', () => {
    given(unit, past(register, correct()))
      .when((state) => units.correct(state, ID, { details: DETAILS, reason: '复原' }, MAKER))
      .thenRecorded({ type: 'UnitDetailsCorrected', data: { target: 'unit/u_1/2', before: after, after: DETAILS } });
  });

  test('that changes nothing is nothing', () => {
    given(unit, past(register, correct())).when(correct()).thenNothing();
  });
});

describe('baseline, risk, leases', () => {
  const registered = past(register);

  test('a baseline belongs to one of the unit’s tracks', () => {
    given(unit, registered)
      .when(survey('gas'))
      .thenRecorded({ type: 'BaselineSurveyed', track: 'gas', data: { facts: { 气瓶数: 2 } } });
    given(unit, registered).when(survey('factory')).thenRefused('unit-not-in-track', 'track');
    given(unit, past(register, survey('gas')))
      .when(survey('gas'))
      .thenNothing();
  });

  test('a risk grade names the one before', () => {
    given(unit, registered)
      .when(grade('C'))
      .thenRecorded({ type: 'RiskGraded', data: { from: null, to: 'C' } });
    given(unit, past(register, grade('C')))
      .when(grade('B'))
      .thenRecorded({ type: 'RiskGraded', data: { from: 'C', to: 'B' } });
    given(unit, past(register, grade('C')))
      .when(grade('C'))
      .thenNothing();
  });

  test('a lease is recorded once; with other parties or dates it is another lease', () => {
    const leased = past(register, lease({ to: '2026-01-01' }));
    given(unit, registered)
      .when(lease())
      .thenRecorded({ type: 'LeaseRecorded', data: { lease: 'l-1', from: '2025-01-01' } });
    given(unit, leased)
      .when(lease({ to: '2026-01-01' }))
      .thenNothing();
    given(unit, leased)
      .when(lease({ lessee: '丙公司' }))
      .thenRefused('lease-exists', 'lease');
    given(unit, leased).when(lease()).thenRefused('lease-exists', 'lease');
    given(unit, leased)
      .when(lease({ from: '2025-02-01', to: '2026-01-01' }))
      .thenRefused('lease-exists', 'lease');
  });

  test('an agreement is signed for a lease that is known', () => {
    given(unit, past(register, lease()))
      .when(sign('l-1'))
      .thenRecorded({ type: 'AgreementSigned', data: { lease: 'l-1' } });
    given(unit, past(register, lease(), sign('l-1')))
      .when(sign('l-1'))
      .thenNothing();
    given(unit, past(register, lease())).when(sign('l-2')).thenRefused('unknown-lease', 'lease');
  });
});

describe('closing a unit', () => {
  test('waits until no hazard is open', () => {
    given(unit, past(register, opens('h_1')))
      .when(close)
      .thenRefused('hazards-open', 'unit');
    given(unit, past(register, opens('h_1'), dismisses('h_1')))
      .when(close)
      .thenRecorded({ type: 'UnitClosed' });
    given(unit, past(register, close)).when(close).thenNothing();
  });

  test('ends what can be done with it, but not corrections', () => {
    const closed = past(register, close);
    given(unit, closed)
      .when((state) => units.gradeRisk(state, ID, { to: 'A', basis: 'b' }))
      .thenRefused('unit-closed', 'unit');
    given(unit, closed)
      .when((state) => units.correct(state, ID, { details: { ...DETAILS, name: '更名' }, reason: 'r' }, MAKER))
      .thenRecorded({ type: 'UnitDetailsCorrected' });
  });
});

describe('the ledger and the sign-off list', () => {
  test('a unit without hazards is not listed', () => {
    expect(foldAll(unit, past(register) as UnitEvent[])).toMatchObject({ listed: false, open: [] });
    given(unit, past(register)).when(ledger({})).thenNothing();
  });

  test('a hazard that opens at an unlisted unit only changes the ledger', () => {
    given(unit, past(register))
      .when(opens('h_1', 'h_2'))
      .thenRecorded({
        type: 'UnitLedgerChanged',
        data: { opened: ['h_1', 'h_2'], signedOff: [], dismissed: [], open: 2 },
      });
  });

  test('the unit is listed when the last open hazard is signed off, not before', () => {
    const two = past(register, opens('h_1', 'h_2'));
    given(unit, two)
      .when(signsOff('h_1'))
      .thenRecorded({ type: 'UnitLedgerChanged', data: { signedOff: ['h_1'], open: 1 } });
    given(unit, [...two, ...past(register, opens('h_1', 'h_2'), signsOff('h_1')).slice(2)])
      .when(signsOff('h_2'))
      .thenRecorded({ type: 'UnitLedgerChanged', data: { open: 0 } }, { type: 'UnitListed', data: { hazard: 'h_2' } });
  });

  const listed = past(register, opens('h_1'), signsOff('h_1'));

  test('a recurrence takes it off, and names the hazards that came back', () => {
    given(unit, listed)
      .when(recurs('h_1'))
      .thenRecorded(
        { type: 'UnitLedgerChanged', data: { opened: ['h_1'], open: 1 } },
        { type: 'UnitDelisted', data: { reason: 'recurrence', hazards: ['h_1'] } },
      );
  });

  test('a new hazard takes it off', () => {
    given(unit, listed)
      .when(opens('h_2'))
      .thenRecorded(
        { type: 'UnitLedgerChanged' },
        { type: 'UnitDelisted', data: { reason: 'new-hazard', hazards: ['h_2'] } },
      );
  });

  test('a recurrence counts before a new hazard of the same visit', () => {
    given(unit, listed)
      .when(ledger({ opened: ['h_2', 'h_1'], recurred: ['h_1'] }))
      .thenRecorded(
        { type: 'UnitLedgerChanged', data: { open: 2 } },
        { type: 'UnitDelisted', data: { reason: 'recurrence', hazards: ['h_1'] } },
      );
  });

  test('it is listed again only after a new sign-off', () => {
    const delisted = [...listed, ...past(register, opens('h_1'), signsOff('h_1'), recurs('h_1')).slice(4)];
    expect(foldAll(unit, delisted as UnitEvent[])).toMatchObject({ listed: false, open: ['h_1'] });
    given(unit, delisted)
      .when(signsOff('h_1'))
      .thenRecorded({ type: 'UnitLedgerChanged' }, { type: 'UnitListed', data: { hazard: 'h_1' } });
  });

  test('found and rectified on the spot, it leaves the list and is listed again', () => {
    given(unit, listed)
      .when(ledger({ opened: ['h_1'], recurred: ['h_1'], signedOff: ['h_1'] }))
      .thenRecorded(
        { type: 'UnitLedgerChanged', data: { opened: ['h_1'], signedOff: ['h_1'], open: 0 } },
        { type: 'UnitDelisted', data: { reason: 'recurrence' } },
        { type: 'UnitListed', data: { hazard: 'h_1' } },
      );
  });

  test('dismissing the last open hazard lists a unit that has a sign-off, and no other', () => {
    given(unit, past(register, opens('h_1')))
      .when(dismisses('h_1'))
      .thenRecorded({ type: 'UnitLedgerChanged', data: { dismissed: ['h_1'], open: 0 } });
    given(unit, past(register, opens('h_1', 'h_2'), signsOff('h_1')))
      .when(dismisses('h_2'))
      .thenRecorded({ type: 'UnitLedgerChanged', data: { open: 0 } }, { type: 'UnitListed', data: { hazard: 'h_2' } });
  });

  test('what is open already does not open again, what is not open does not close', () => {
    given(unit, past(register, opens('h_1')))
      .when(opens('h_1'))
      .thenNothing();
    given(unit, past(register, opens('h_1')))
      .when(signsOff('h_9'))
      .thenNothing();
    given(unit, listed).when(dismisses('h_1')).thenNothing();
  });
});

describe('supervisors', () => {
  const assigned = (more: Partial<units.AssignSupervisor> = {}): units.AssignSupervisor => ({
    track: 'gas',
    person: 'p-1',
    post: '燃气监管员',
    organisation: 'guijianban',
    from: '2025-05-01',
    basis: '到人到岗',
    ...more,
  });
  const registered: UnitDraft = {
    type: 'UnitRegistered',
    data: { details: { name: '甲', tracks: ['gas', 'construction'] } },
  };
  const after = (...drafts: UnitDraft[]) =>
    given(
      unit,
      [registered, ...drafts].map((d, n) => eventOf('unit', 'u_1', n + 1, d)),
      'u_1',
    );
  const held = (more: Partial<units.AssignSupervisor> = {}): UnitDraft => ({
    type: 'SupervisorAssigned',
    data: assigned(more),
  });
  const ended = (until: string): UnitDraft => ({
    type: 'SupervisorRelieved',
    data: { track: 'gas', person: 'p-1', until, reason: 'r' },
  });
  const assigning =
    (more: Partial<units.AssignSupervisor> = {}) =>
    (state: units.UnitState) =>
      units.assignSupervisor(state, 'u_1', assigned(more));
  const relieving =
    (until: string, person = 'p-1') =>
    (state: units.UnitState) =>
      units.relieveSupervisor(state, 'u_1', { track: 'gas', person, until, reason: '调整' });

  test('one a track: whoever comes next relieves the one before with the day before', () => {
    after().when(assigning()).thenRecorded({ type: 'SupervisorAssigned', track: 'gas', organisation: 'guijianban' });
    after(held())
      .when(assigning({ person: 'p-2', from: '2025-06-01' }))
      .thenRecorded(
        { type: 'SupervisorRelieved', data: { person: 'p-1', until: '2025-05-31' } },
        { type: 'SupervisorAssigned', data: { person: 'p-2', from: '2025-06-01' } },
      );
    after(held())
      .when(assigning({ track: 'construction' }))
      .thenRecorded({ type: 'SupervisorAssigned' });
  });

  test('the same again is nothing', () => {
    after(held()).when(assigning()).thenNothing();
    after(held(), ended('2025-05-31')).when(relieving('2025-05-31')).thenNothing();
  });

  test('never two on one day', () => {
    after(held())
      .when(assigning({ person: 'p-2' }))
      .thenRefused('supervision-overlaps', 'from');
    after(held(), ended('2025-05-31'))
      .when(assigning({ person: 'p-2', from: '2025-05-31' }))
      .thenRefused('supervision-overlaps', 'from');
    after(held(), ended('2025-05-31'))
      .when(assigning({ person: 'p-2', from: '2025-06-01' }))
      .thenRecorded({ type: 'SupervisorAssigned' });
  });

  test('are relieved once, not before they began, and only who is one', () => {
    after(held()).when(relieving('2025-05-31')).thenRecorded({ type: 'SupervisorRelieved' });
    after(held()).when(relieving('2025-04-30')).thenRefused('relief-before-appointment', 'until');
    after(held()).when(relieving('2025-05-31', 'p-2')).thenRefused('no-supervisor', 'person');
    after(held(), ended('2025-05-31')).when(relieving('2025-06-01')).thenRefused('no-supervisor', 'person');
    after().when(relieving('2025-06-01')).thenRefused('no-supervisor', 'person');
  });

  test('only for a track of the unit, and not at one that is closed', () => {
    after()
      .when(assigning({ track: 'ebike' }))
      .thenRefused('unit-not-in-track', 'track');
    after({ type: 'UnitClosed', data: { reason: 'r' } })
      .when(assigning())
      .thenRefused('unit-closed', 'unit');
  });
});

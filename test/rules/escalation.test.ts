// Every act on a case in every status; one case a cycle, further grounds, coming up again; what calls for a dossier.
import { describe, expect, test } from 'vitest';
import type { EscalationStatus } from '../../events/escalation.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as cases from '../../shared/rules/escalation/escalation.ts';
import { hazard, requireHazard } from '../../shared/rules/hazard/hazard.ts';
import {
  CASE,
  CASE_STEPS,
  CASE_WAY,
  caseThatIs,
  DISTRICT,
  dossier,
  liveCase,
  MISSING,
  OFFICE,
  openHazard,
  PROPOSAL,
} from '../support/case-life.ts';
import { DAY, later } from '../support/builders.ts';
import { given } from '../support/given.ts';
import { hazardThatIs, ID as HAZARD } from '../support/hazard-life.ts';

const { escalation } = cases;
const STATUSES = Object.keys(CASE_WAY) as (keyof typeof CASE_WAY)[];

/** Each act with values that nothing before has used, and what it records. */
const ACTS: Record<
  cases.EscalationAct,
  { decide: (state: cases.EscalationState) => Drafts; type: Drafts[number]['type']; after?: EscalationStatus }
> = {
  addMaterial: {
    decide: (state) => cases.addMaterial(state, CASE, { note: '另附说明' }, 'p-x'),
    type: 'MaterialAdded',
    after: 'proposed',
  },
  accept: {
    decide: (state) => cases.acceptEscalation(state, CASE, {}, 'p-x'),
    type: 'EscalationAccepted',
    after: 'accepted',
  },
  return: {
    decide: (state) => cases.returnEscalation(state, CASE, { missing: ['租赁合同'] }, 'p-x'),
    type: 'EscalationReturned',
    after: 'returned',
  },
  resolve: {
    decide: (state) => cases.resolve(state, CASE, { decision: '挂牌督办' }, 'p-x'),
    type: 'EscalationResolved',
    after: 'resolved',
  },
  verify: {
    decide: (state) => cases.verifyOutcome(state, CASE, { note: '已摘牌' }, 'p-x'),
    type: 'EscalationVerified',
    after: 'verified',
  },
};
const CELLS = STATUSES.flatMap((status) =>
  (Object.keys(ACTS) as cases.EscalationAct[]).map((act) => ({ status, act, ...ACTS[act] })),
);
const allowed = ({ status, act }: (typeof CELLS)[number]): boolean =>
  (cases.ESCALATION_ACTS[act] as readonly string[]).includes(status);

describe('an act', () => {
  test.each(CELLS.filter(allowed))('$act of a case that is $status', ({ status, decide, type, after }) => {
    given(escalation, caseThatIs(status))
      .when(decide)
      .thenRecorded({
        type,
        unit: 'u_1',
        track: 'gas',
        organisation: 'shichangsuo',
        data: { hazard: HAZARD, to: 'district-construction', before: status, after: after ?? status },
      });
  });

  test.each(CELLS.filter((cell) => !allowed(cell)))(
    '$act is refused of a case that is $status',
    ({ status, decide }) => {
      given(escalation, caseThatIs(status)).when(decide).thenRefused('wrong-transition', 'status');
    },
  );

  test.each(CELLS)('$act of a case that does not exist is refused', ({ decide }) => {
    given(escalation).when(decide).thenRefused('unknown-escalation', 'escalation');
  });

  test('a refused act tells what is possible now', () => {
    const state = foldAll(escalation, caseThatIs('submitted'));
    expect(() => cases.resolve(state, CASE, { decision: 'd' }, DISTRICT)).toThrow(
      expect.objectContaining({
        expected: 'accepted; now possible: accept, return',
        facts: { status: 'submitted', allowed: ['accept', 'return'] },
      }),
    );
  });

  test.each([
    ['accepted', CASE_STEPS.accept],
    ['returned', CASE_STEPS.giveBack],
    ['resolved', CASE_STEPS.resolve],
    ['verified', CASE_STEPS.verify],
  ] as const)('said again of a case that is %s already, records nothing', (status, { decide }) => {
    given(escalation, caseThatIs(status)).when(decide).thenNothing();
  });
});

describe('a proposal', () => {
  test('begins a case, with the hazard, the unit, the district unit and the ground', () => {
    given(escalation)
      .when((state) => cases.propose(state, openHazard(), PROPOSAL))
      .thenRecorded({
        type: 'EscalationProposed',
        unit: 'u_1',
        track: 'gas',
        organisation: 'shichangsuo',
        data: {
          hazard: HAZARD,
          to: 'district-construction',
          before: null,
          after: 'proposed',
          rule: 'major',
          limit: 'power',
          reason: '随时可能爆燃',
          urgent: false,
          ruleSet: 1,
          area: 'village-01',
        },
      });
  });

  test.each(['signed-off', 'duplicate', 'invalid'] as const)('of a hazard that is %s begins none', (status) => {
    const closed = requireHazard(foldAll(hazard, hazardThatIs(status)), HAZARD);
    given(escalation)
      .when((state) => cases.propose(state, closed, PROPOSAL))
      .thenNothing();
    expect(() => cases.requireOpen(closed)).toThrow(
      expect.objectContaining({ type: 'hazard-closed', field: 'hazard' }),
    );
  });

  test.each(['proposed', 'submitted', 'accepted', 'returned'] as const)(
    'by another rule while the case is %s is a further ground of the same case; by the same rule it is nothing',
    (status) => {
      const again = { ...PROPOSAL, since: later(90 * DAY) };
      const after = status === 'returned' ? 'proposed' : status; // what is urgent does not wait for what is missing
      given(escalation, caseThatIs(status))
        .when((state) => cases.propose(state, openHazard(), again))
        .thenNothing();
      const outcome = given(escalation, caseThatIs(status)).when((state) =>
        cases.propose(state, openHazard(), { ...again, rule: 'danger', reason: '泄漏', urgent: true }),
      );
      outcome.thenRecorded({
        type: 'EscalationGroundAdded',
        data: { before: status, after, rule: 'danger', reason: '泄漏', urgent: true },
      });
      expect(outcome.state()).toMatchObject({
        status: after,
        urgent: true,
        grounds: [{ rule: 'major' }, { rule: 'danger' }],
      });
    },
  );

  test.each(['resolved', 'verified'] as const)(
    'after the district has decided brings a case that is %s up again',
    (status) => {
      const events = caseThatIs(status);
      const decidedAt = events.find(({ type }) => type === 'EscalationResolved')!.recordedAt;
      given(escalation, events)
        .when((state) => cases.propose(state, openHazard(), { ...PROPOSAL, since: decidedAt }))
        .thenNothing();
      const outcome = given(escalation, events).when((state) =>
        cases.propose(state, openHazard(), { ...PROPOSAL, since: later(1, decidedAt) }),
      );
      outcome.thenRecorded({ type: 'EscalationProposed', data: { before: status, after: 'proposed', rule: 'major' } });
      expect(outcome.state()).toMatchObject({ grounds: [{ rule: 'major' }], accepted: null, decision: null, calls: 2 });
    },
  );
});

test('what comes after a decision is told by the order of the hazard’s events, not by clocks that differ', () => {
  const resolve = {
    decide: (state: cases.EscalationState) => cases.resolve(state, CASE, { decision: '挂牌督办' }, DISTRICT, 7),
  };
  const events = liveCase([...CASE_WAY.accepted, resolve]);
  expect(events.at(-1)).toMatchObject({ type: 'EscalationResolved', data: { hazardVersion: 7 } });
  const fired = (version: number, since: string) =>
    given(escalation, events).when((state) => cases.propose(state, openHazard(), { ...PROPOSAL, since, version }));
  fired(8, later(0)).thenRecorded({ type: 'EscalationProposed', data: { before: 'resolved' } });
  fired(7, later(900 * DAY)).thenNothing();
  // brought up again by the office meanwhile: what was decided already is no further ground
  const again = {
    decide: (state: cases.EscalationState) =>
      cases.propose(state, openHazard(), { ...PROPOSAL, rule: 'office', since: later(900 * DAY) }),
  };
  const refused = (version: number) =>
    given(escalation, liveCase([again], events)).when((state) =>
      cases.propose(state, openHazard(), { ...PROPOSAL, rule: 'order-refused', version }),
    );
  refused(7).thenNothing();
  refused(8).thenRecorded({ type: 'EscalationGroundAdded' });
});

describe('a dossier', () => {
  test('takes the case to the district, in the same commit', () => {
    given(escalation, caseThatIs('proposed'))
      .when((state) => cases.compile(state, CASE, dossier(1)))
      .thenRecorded(
        { type: 'DossierCompiled', data: { before: 'proposed', after: 'compiled', ...dossier(1) } },
        { type: 'EscalationSubmitted', data: { before: 'compiled', after: 'submitted', round: 1 } },
      );
  });

  test('of a round that was compiled already records nothing', () => {
    given(escalation, caseThatIs('submitted'))
      .when((state) => cases.compile(state, CASE, dossier(1)))
      .thenNothing();
  });

  test('for a case that the district has in hand is added, and the case stays where it is', () => {
    given(escalation, caseThatIs('accepted'))
      .when((state) => cases.compile(state, CASE, dossier(2)))
      .thenRecorded({ type: 'DossierCompiled', data: { before: 'accepted', after: 'accepted', round: 2 } });
  });

  test.each(['resolved', 'verified'] as const)('that comes when the case is %s records nothing', (status) => {
    given(escalation, caseThatIs(status))
      .when((state) => cases.compile(state, CASE, dossier(2)))
      .thenNothing();
  });

  test('that was called for before the district gave the case back is kept, and the case waits for what is missing', () => {
    const { giveBack, addAll } = CASE_STEPS;
    const ground = {
      decide: (state: cases.EscalationState) => cases.propose(state, openHazard(), { ...PROPOSAL, rule: 'rejections' }),
    };
    const returned = liveCase([...CASE_WAY.submitted, ground, giveBack]);
    const late = given(escalation, returned).when((state) => cases.compile(state, CASE, dossier(2)));
    late.thenRecorded({ type: 'DossierCompiled', data: { before: 'returned', after: 'returned', round: 2 } });
    expect(late.state()).toMatchObject({ status: 'returned', missing: MISSING });
    // all of it is there, and its dossier, the third, was called for: the second still takes nothing up
    const answered = liveCase([addAll], returned);
    given(escalation, answered)
      .when((state) => cases.compile(state, CASE, dossier(2)))
      .thenRecorded({ type: 'DossierCompiled', data: { before: 'proposed', after: 'proposed', round: 2 } });
    given(escalation, answered)
      .when((state) => cases.compile(state, CASE, dossier(3)))
      .thenRecorded({ type: 'DossierCompiled' }, { type: 'EscalationSubmitted', data: { round: 3 } });
  });

  test('compiled again after a return takes the case up again, with nothing missing any more', () => {
    const { giveBack, addAll, compile } = CASE_STEPS;
    const state = foldAll(escalation, liveCase([...CASE_WAY.submitted, giveBack, addAll, compile]));
    expect(state).toMatchObject({ status: 'submitted', missing: [], returns: 1, calls: 2 });
    expect(state.dossiers.map(({ round }) => round)).toEqual([2, 1]);
  });
});

describe('what is missing', () => {
  test('is answered bit by bit; the last answer calls for the dossier', () => {
    const first = (state: cases.EscalationState) =>
      cases.addMaterial(state, CASE, { answers: [MISSING[1]!], note: '检查记录' }, OFFICE);
    const outcome = given(escalation, caseThatIs('returned')).when(first);
    outcome.thenRecorded({ type: 'MaterialAdded', data: { answers: [MISSING[1]!], left: [MISSING[0]!] } });
    const half = liveCase([{ decide: first }], caseThatIs('returned'));
    expect(cases.callsForDossier(half.at(-1)!)).toBe(false);
    const whole = liveCase([CASE_STEPS.addAll], half);
    expect(whole.at(-1)).toMatchObject({ data: { answers: [MISSING[0]!], left: [] } });
    expect(cases.callsForDossier(whole.at(-1)!)).toBe(true);
  });

  test('said twice is asked once', () => {
    given(escalation, caseThatIs('submitted'))
      .when((state) => cases.returnEscalation(state, CASE, { missing: ['照片', '照片'] }, DISTRICT))
      .thenRecorded({ type: 'EscalationReturned', data: { missing: ['照片'] } });
  });

  test('is what the district named, and nothing else', () => {
    given(escalation, caseThatIs('returned'))
      .when((state) => cases.addMaterial(state, CASE, { answers: ['营业执照'], note: 'n' }, OFFICE))
      .thenRefused('not-missing', 'answers');
  });

  test('a case that got stuck before its dossier is compiled again for a note', () => {
    const events = liveCase([CASE_STEPS.propose, CASE_STEPS.addAll]);
    expect(events.at(-1)).toMatchObject({ type: 'MaterialAdded', data: { answers: [], left: [] } });
    expect(cases.callsForDossier(events.at(-1)!)).toBe(true);
    expect(foldAll(escalation, events).calls).toBe(2);
  });
});

test('a dossier is called for by each ground, but a returned case waits for what is missing unless the ground is urgent', () => {
  const withGround = (status: keyof typeof CASE_WAY, urgent: boolean) =>
    liveCase(
      [{ decide: (state) => cases.propose(state, openHazard(), { ...PROPOSAL, rule: 'danger', urgent }) }],
      caseThatIs(status),
    ).at(-1)!;
  expect(cases.callsForDossier(caseThatIs('proposed')[0]!)).toBe(true);
  expect(cases.callsForDossier(withGround('submitted', false))).toBe(true);
  expect(cases.callsForDossier(withGround('accepted', false))).toBe(true);
  expect(cases.callsForDossier(withGround('returned', false))).toBe(false);
  const answered = liveCase([CASE_STEPS.addAll], caseThatIs('returned'));
  const further = {
    decide: (state: cases.EscalationState) => cases.propose(state, openHazard(), { ...PROPOSAL, rule: 'extensions' }),
  };
  expect(cases.callsForDossier(liveCase([further], answered).at(-1)!)).toBe(true);
  expect(cases.callsForDossier(withGround('returned', true))).toBe(true);
  for (const event of caseThatIs('verified').slice(1)) expect(cases.callsForDossier(event)).toBe(false);
});

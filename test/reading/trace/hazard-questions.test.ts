// Questions 3, 4, 7 and 8: pure over the events of a hazard, its messages, an escalation.
import { describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../events/campaign.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { deadlineFacts } from '../../../shared/reading/trace/deadlines.ts';
import { escalationFacts } from '../../../shared/reading/trace/escalation.ts';
import { recurrenceFacts } from '../../../shared/reading/trace/recurrences.ts';
import { reminderFacts } from '../../../shared/reading/trace/reminders.ts';
import { DAY, eventOf, HOUR, later } from '../../support/builders.ts';
import { DUE, live, STEPS, SUBMITTER, WAY } from '../../support/hazard-life.ts';
import { placed, placedAs, refer, type Told } from './placed.ts';

const life = { clause: 'GAS-01', before: 'ordered' as const, after: 'ordered' as const, grade: 'general' as const };
type Extra = Pick<HazardEvent, 'type'> & { data: object };
/** A hazard that was ordered, with further events, hour after hour. */
function orderedAnd(...more: (Extra & { at?: string; person?: string })[]): HazardEvent[] {
  const events = live(WAY.ordered);
  for (const { type, data, at, person } of more) {
    const version = events.length + 1;
    const about = {
      ...(at === undefined ? {} : { occurredAt: at, recordedAt: at }),
      ...(person === undefined ? {} : { actor: { person, post: '科员', organisation: 'shichangsuo' } }),
    };
    events.push(eventOf('hazard', 'h_1', version, { type, data: { ...life, ...data } } as never, about) as HazardEvent);
  }
  return events;
}
const facts = (events: HazardEvent[]) => deadlineFacts(placedAs(events), refer(placedAs(events)));

describe('deadlines', () => {
  const NEW = later(20 * DAY);
  const extension = {
    due: NEW,
    previousDue: DUE,
    reason: '情况属实',
    requestedBy: SUBMITTER,
    by: 'p-office-1',
    extensions: 1,
  };

  it('keep every due date: the one that was replaced, who approved the next, and whether it was missed', () => {
    const [fact] = facts(
      orderedAnd(
        { type: 'ExtensionRequested', data: { due: DUE, requested: NEW, reason: '配件未到', by: SUBMITTER } },
        { type: 'ExtensionApproved', data: extension, person: 'p-office-1' },
        { type: 'DeadlineMissed', data: { due: NEW }, at: later(21 * DAY) },
      ),
    );
    expect(fact!.dues).toMatchObject([
      { due: DUE, by: 'order', inForce: false, missedAt: null, submittedAt: null },
      {
        due: NEW,
        replaces: DUE,
        by: 'extension',
        approvedBy: { person: 'p-office-1' },
        requestedBy: SUBMITTER,
        ground: '情况属实',
        inForce: true,
        missedAt: later(21 * DAY),
        events: [{ type: 'ExtensionApproved' }, { type: 'DeadlineMissed' }],
      },
    ]);
    expect(fact!.acts).toMatchObject([{ act: 'extension-requested', text: '配件未到' }]);
  });

  it('of a refused extension stay, with the refusal', () => {
    const refused = { due: DUE, requested: NEW, reason: '无正当理由', requestedBy: SUBMITTER, by: 'p-office-1' };
    const [fact] = facts(orderedAnd({ type: 'ExtensionRefused', data: refused }));
    expect(fact!.dues).toMatchObject([{ due: DUE, inForce: true }]);
    expect(fact!.acts).toMatchObject([{ act: 'extension-refused', text: '无正当理由' }]);
  });

  it('begin again with a recurrence, and the cycle before says what undid it', () => {
    const all = facts([...live(WAY.recurred)]);
    expect(all).toMatchObject([
      {
        cycle: 1,
        signedOff: { by: { person: 'p-inspector-1' }, verifiedBy: { person: 'p-inspector-1' } },
        undoneBy: { type: 'RecurrenceFound' },
      },
      { cycle: 2, dues: [], signedOff: null, undoneBy: null },
    ]);
  });

  it('have the corrected words', () => {
    const change = { target: 'hazard/h_1/4', changes: [{ field: 'authority', from: '旧', to: '新' }] };
    const [fact] = facts(orderedAnd({ type: 'HazardCorrected', data: { ...change, reason: 'r', approver: 'p-x' } }));
    expect(fact!.dues[0]!.ground).toBe('新');
  });
});

describe('recurrences', () => {
  it('name the sign-off undone, who verified and signed, how long it was away, and the delisting in the same command', () => {
    const hazard = live(WAY.recurred);
    const { command } = hazard.at(-1)!;
    const delisted = eventOf(
      'unit',
      'u_1',
      3,
      { type: 'UnitDelisted', data: { reason: 'recurrence', hazards: ['h_1'] } },
      { command },
    );
    const all = placedAs([...hazard, delisted]);
    expect(recurrenceFacts(all, refer(all))).toMatchObject([
      {
        hazard: 'h_1',
        clause: 'GAS-01',
        recurrence: 1,
        foundBy: { person: 'p-inspector-2' },
        daysAway: 22,
        undone: {
          at: later(8 * DAY),
          days: 8,
          events: [{ type: 'RectificationSubmitted' }, { type: 'VerificationPassed' }, { type: 'HazardSignedOff' }],
        },
        delisted: { type: 'UnitDelisted' },
      },
    ]);
  });

  it('are none without one', () => {
    const all = placedAs(live(WAY['signed-off']));
    expect(recurrenceFacts(all, refer(all))).toEqual([]);
  });
});

describe('reminders', () => {
  const issue = (rung: string, at: string): Extra & { at: string } => ({
    type: 'ReminderIssued',
    data: {
      due: DUE,
      rung,
      workingDays: Number(rung),
      recipients: [{ organisation: 'shichangsuo', post: 'liaison', person: null }],
      skipped: [],
    },
    at,
  });
  const rules = [{ version: 1, ladder: [{ rung: '-3', workingDays: -3, to: ['supervisor'] }] }] as unknown as RuleSet[];
  const ask = (events: HazardEvent[], messages: Told[] = []) => {
    const all = placedAs(events);
    const sent = placed(messages, all.length);
    return reminderFacts(all, sent, rules, refer([...all, ...sent]));
  };

  it('say to whom, by which rung of which rule set, and that nothing followed before the next', () => {
    const all = ask(orderedAnd(issue('-3', later(7 * DAY)), issue('-1', later(9 * DAY))));
    expect(all).toMatchObject([
      {
        rule: { ruleSet: 1, rung: '-3', workingDays: -3, to: ['supervisor'] },
        recipients: [{ person: null }],
        deliveries: [],
        acknowledged: [],
        next: null,
        followedBy: 'nothing',
      },
      { rule: { rung: '-1', to: [] }, followedBy: 'nothing' },
    ]);
  });

  it('tell who acknowledged, what was done next and how long after', () => {
    const acknowledged = { reminder: 'hazard/h_1/5', by: 'p-liaison-1' };
    const events = orderedAnd(issue('-3', later(7 * DAY)), {
      type: 'ReminderAcknowledged',
      data: acknowledged,
      at: later(7 * DAY + HOUR),
    });
    expect(ask(events)).toMatchObject([
      { acknowledged: [{ by: 'p-liaison-1', hoursAfter: 1 }], next: null, followedBy: 'acknowledged' },
    ]);
    const at = later(8 * DAY);
    const acted = live([{ ...STEPS.submit, about: { occurredAt: at, recordedAt: at } }], events);
    expect(ask(acted)).toMatchObject([
      { next: { what: '提交整改', hoursAfter: 24, events: [{ type: 'RectificationSubmitted' }] }, followedBy: 'acted' },
    ]);
  });

  it('tell by channel what became of the message: failed, then delivered', () => {
    const message = {
      channel: 'wecom' as const,
      organisation: 'shichangsuo',
      carries: ['hazard/h_1/5', 'hazard/h_9/2'],
    };
    const all = ask(orderedAnd(issue('-3', later(7 * DAY))), [
      [
        'delivery/m_1',
        {
          type: 'MessageFailed',
          data: { ...message, round: 1, attempts: 5, why: 'attempts', error: 'HTTP 500' },
        } as never,
      ],
      [
        'delivery/m_1',
        { type: 'MessageDelivered', data: { ...message, round: 2, attempts: 1, sentAt: later(8 * DAY) } } as never,
      ],
      [
        'delivery/m_2',
        {
          type: 'MessageDelivered',
          data: { ...message, carries: ['hazard/h_9/2'], round: 1, attempts: 1, sentAt: later(8 * DAY) },
        } as never,
      ],
    ]);
    expect(all[0]!.deliveries).toMatchObject([
      { message: 'm_1', status: 'delivered', sentAt: later(8 * DAY), attempts: 1, error: null, events: [{}, {}] },
    ]);
  });
});

describe('an escalation', () => {
  const about = { hazard: 'h_1', to: 'district-fire' };
  const file = { name: 'dossier.docx', mediaType: 'application/x', bytes: 3, sha256: 'c'.repeat(64) };
  const at = (day: number) => ({ unit: 'u_1', occurredAt: later(day * DAY), recordedAt: later(day * DAY) });
  const TOLD: Told[] = [
    [
      'escalation/e_1',
      {
        type: 'EscalationProposed',
        data: {
          ...about,
          before: null,
          after: 'proposed',
          limit: 'power',
          rule: 'major',
          reason: 'r',
          urgent: false,
          ruleSet: 1,
        },
      },
      at(0),
    ],
    [
      'escalation/e_1',
      {
        type: 'DossierCompiled',
        data: { ...about, before: 'proposed', after: 'compiled', round: 1, position: 9, files: [file] },
      },
      at(1),
    ],
    [
      'escalation/e_1',
      { type: 'EscalationSubmitted', data: { ...about, before: 'compiled', after: 'submitted', round: 1 } },
      at(2),
    ],
    [
      'escalation/e_1',
      {
        type: 'EscalationReturned',
        data: { ...about, before: 'submitted', after: 'returned', missing: ['照片'], by: 'p-d' },
      },
      at(5),
    ],
    [
      'escalation/e_1',
      {
        type: 'DossierCompiled',
        data: { ...about, before: 'returned', after: 'compiled', round: 2, position: 20, files: [file, file] },
      },
      at(6),
    ],
    [
      'escalation/e_1',
      { type: 'EscalationSubmitted', data: { ...about, before: 'compiled', after: 'submitted', round: 2 } },
      at(7),
    ],
  ];

  it('tells material, recipient, returns and days waiting, round by round; the open one waits until the moment asked about', () => {
    const all = placed(TOLD);
    expect(escalationFacts(all, later(17 * DAY), refer(all))).toMatchObject([
      {
        status: 'submitted',
        limit: 'power',
        rule: 'major',
        to: 'district-fire',
        returns: 1,
        daysOpen: 17,
        rounds: [
          {
            round: 1,
            files: [{ name: 'dossier.docx' }],
            daysWaiting: 3,
            answer: { kind: 'returned', missing: ['照片'] },
          },
          { round: 2, files: [{}, {}], daysWaiting: 10, answer: null },
        ],
        resolved: null,
      },
    ]);
  });

  it('that was not submitted waits for nobody', () => {
    const all = placed(TOLD.slice(0, 2));
    expect(escalationFacts(all, later(9 * DAY), refer(all))[0]!.rounds).toMatchObject([{ daysWaiting: null }]);
  });
});

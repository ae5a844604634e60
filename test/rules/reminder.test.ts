import { describe, expect, test } from 'vitest';
import { hazard } from '../../shared/rules/hazard/hazard.ts';
import * as rules from '../../shared/rules/reminder/reminder.ts';
import { DAY, later } from '../support/builders.ts';
import { given } from '../support/given.ts';
import { DUE, hazardThatIs, ID, live } from '../support/hazard-life.ts';

const RECIPIENT = { organisation: 'shichangsuo', post: 'liaison', person: null };
const issue =
  (workingDays: number, due = DUE) =>
  (state: Parameters<typeof rules.issueReminder>[0]) =>
    rules.issueReminder(state, ID, {
      due,
      rung: String(workingDays),
      workingDays,
      recipients: [RECIPIENT],
      skipped: [],
    });
const notice =
  (now: string, due = DUE) =>
  (state: Parameters<typeof rules.issueReminder>[0]) =>
    rules.noticeMissed(state, ID, due, now);
const AFTER = later(13 * DAY);
const ordered = hazardThatIs('ordered');
const reminded = live([{ decide: issue(-3) }], ordered);

describe('issuing a rung', () => {
  test('records it with its due date and recipients, the status staying as it is', () => {
    given(hazard, ordered)
      .when(issue(-3))
      .thenRecorded({
        type: 'ReminderIssued',
        data: { before: 'ordered', after: 'ordered', due: DUE, rung: '-3', recipients: [RECIPIENT] },
      });
  });

  test('again, or an earlier one after it, is nothing; a later one is issued', () => {
    given(hazard, reminded).when(issue(-3)).thenNothing();
    given(hazard, reminded).when(issue(-7)).thenNothing();
    given(hazard, reminded).when(issue(0)).thenRecorded({ type: 'ReminderIssued' });
  });

  test('for a date that is not in force is nothing', () => {
    given(hazard, ordered)
      .when(issue(-3, later(20 * DAY)))
      .thenNothing();
  });

  test.each(['submitted', 'verified', 'signed-off', 'recurred', 'found', 'assigned'] as const)(
    'of what is %s is nothing',
    (status) => {
      given(hazard, hazardThatIs(status)).when(issue(-3)).thenNothing();
    },
  );

  test('of what was rejected goes on', () => {
    given(hazard, hazardThatIs('rejected')).when(issue(-3)).thenRecorded({ type: 'ReminderIssued' });
  });
});

describe('noticing that the date has passed', () => {
  test('is recorded once, after it', () => {
    given(hazard, ordered).when(notice(DUE)).thenNothing();
    given(hazard, ordered)
      .when(notice(AFTER))
      .thenRecorded({ type: 'DeadlineMissed', data: { due: DUE } });
    given(hazard, live([{ decide: notice(AFTER) }], ordered))
      .when(notice(AFTER))
      .thenNothing();
  });

  test('is nothing for another date, or when something was handed in', () => {
    given(hazard, ordered)
      .when(notice(AFTER, later(3 * DAY)))
      .thenNothing();
    given(hazard, hazardThatIs('submitted')).when(notice(AFTER)).thenNothing();
  });
});

describe('how far the reminders have come', () => {
  test('is told by those for the date in force alone', () => {
    const state = given(hazard, reminded).when(issue(0)).state();
    expect(rules.stageOf(state)).toBe(0);
    expect(rules.stageOf({ ...state, due: later(30 * DAY) })).toBeNull();
  });
});

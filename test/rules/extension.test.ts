import { describe, expect, test } from 'vitest';
import * as extensions from '../../shared/rules/hazard/extension.ts';
import { hazard, nextActs } from '../../shared/rules/hazard/hazard.ts';
import { foldAll } from '../../shared/rules/decider.ts';
import { DAY, later } from '../support/builders.ts';
import { given } from '../support/given.ts';
import { DUE, hazardThatIs, ID, live, STEPS } from '../support/hazard-life.ts';

const NOW = later(2 * DAY);
const LATER = later(30 * DAY);
const VILLAGE = { person: 'p-village-1', organisation: 'village-01' };
const LEAD = { person: 'p-dept-1', organisation: 'guijianban' };
const OFFICE = { person: 'p-office-1', organisation: 'office' };

const request =
  (due = LATER, acting = VILLAGE, reason = '缺配件', now = NOW) =>
  (state: Parameters<typeof nextActs>[0]) =>
    extensions.requestExtension(state, ID, { due, reason }, acting, now);
const approve =
  (acting = OFFICE, due?: string, now = NOW) =>
  (state: Parameters<typeof nextActs>[0]) =>
    extensions.approveExtension(state, ID, { due, reason: '情况属实' }, acting, now);
const refuse =
  (acting = OFFICE) =>
  (state: Parameters<typeof nextActs>[0]) =>
    extensions.refuseExtension(state, ID, { reason: '无正当理由' }, acting);
/** The one who asks is in the event's envelope as well. */
const asked = { decide: request(), about: { actor: { ...VILLAGE, post: '委员' } } };

const ordered = hazardThatIs('ordered');
const pending = live([asked], ordered);

describe('asking for an extension', () => {
  test('names the date in force, the one wanted, and why; the date in force stays', () => {
    const after = given(hazard, ordered).when(request());
    after.thenRecorded({
      type: 'ExtensionRequested',
      data: { before: 'ordered', after: 'ordered', due: DUE, requested: LATER, reason: '缺配件', by: VILLAGE.person },
    });
    expect(after.state()).toMatchObject({ due: DUE, extension: { requested: LATER, by: VILLAGE.person } });
  });

  test('again by the same person is nothing new; by another, or for another date, it waits for the first', () => {
    given(hazard, pending).when(request()).thenNothing();
    given(hazard, pending).when(request(LATER, LEAD)).thenRefused('extension-pending', 'due');
    given(hazard, pending)
      .when(request(later(40 * DAY)))
      .thenRefused('extension-pending', 'due');
  });

  test.each([
    ['the date in force', DUE, NOW, 'due-not-later'],
    ['an earlier one', later(5 * DAY), NOW, 'due-not-later'],
    ['one that has passed', LATER, later(31 * DAY), 'due-past'],
    ['one of another decade', later(11 * 366 * DAY), NOW, 'due-too-late'],
  ])('to %s is refused', (_, due, now, type) => {
    given(hazard, ordered)
      .when(request(due, VILLAGE, 'r', now))
      .thenRefused(type, 'due');
  });

  test('is possible after the date has passed', () => {
    given(hazard, ordered)
      .when(request(LATER, VILLAGE, 'r', later(13 * DAY)))
      .thenRecorded({ type: 'ExtensionRequested' });
  });
});

describe('deciding on an extension', () => {
  test('approving moves the due date, keeps the one before, and counts', () => {
    const after = given(hazard, pending).when(approve());
    after.thenRecorded({
      type: 'ExtensionApproved',
      data: { due: LATER, previousDue: DUE, requestedBy: VILLAGE.person, by: OFFICE.person, extensions: 1 },
    });
    expect(after.state()).toMatchObject({ due: LATER, extension: null, extensions: 1 });
  });

  test('another date than the one asked for may be approved, if it is later than the one in force', () => {
    const between = later(20 * DAY);
    given(hazard, pending)
      .when(approve(OFFICE, between))
      .thenRecorded({ type: 'ExtensionApproved', data: { due: between } });
    given(hazard, pending).when(approve(OFFICE, DUE)).thenRefused('due-not-later', 'due');
    given(hazard, pending)
      .when(approve(OFFICE, undefined, later(31 * DAY)))
      .thenRefused('due-past', 'due');
  });

  test('refusing leaves the date in force, and another may be asked for', () => {
    const after = given(hazard, pending).when(refuse());
    after.thenRecorded({ type: 'ExtensionRefused', data: { due: DUE, requested: LATER, requestedBy: VILLAGE.person } });
    expect(after.state()).toMatchObject({ due: DUE, extension: null, extensions: 0 });
    expect(nextActs(after.state())).toContain('requestExtension');
  });

  test.each([
    ['approving', approve],
    ['refusing', refuse],
  ])('%s is not up to who asked, nor to the organisation that asked', (_, decide) => {
    given(hazard, pending)
      .when(decide({ person: VILLAGE.person, organisation: 'office' }))
      .thenRefused('second-person-needed', 'person');
    given(hazard, pending)
      .when(decide({ person: 'p-village-2', organisation: 'village-01' }))
      .thenRefused('higher-post-needed', 'organisation');
  });

  test('what the lead asked for is for the office to decide, not for the lead', () => {
    const own = live([{ decide: request(LATER, LEAD), about: { actor: { ...LEAD, post: '科员' } } }], ordered);
    given(hazard, own)
      .when(approve({ person: 'p-dept-9', organisation: 'guijianban' }))
      .thenRefused('higher-post-needed', 'organisation');
    given(hazard, own).when(approve()).thenRecorded({ type: 'ExtensionApproved' });
  });

  test('without a request there is nothing to decide', () => {
    given(hazard, ordered).when(approve()).thenRefused('no-extension-request');
    given(hazard, live([{ decide: approve() }], pending))
      .when(refuse())
      .thenRefused('no-extension-request');
  });

  test('a second extension counts two; a recurrence begins again', () => {
    const twice = live([{ decide: approve() }, { decide: request(later(60 * DAY)) }, { decide: approve() }], pending);
    expect(foldAll(hazard, twice)).toMatchObject({ due: later(60 * DAY), extensions: 2 });
    const { submit, verify, signOff, recur } = STEPS;
    expect(foldAll(hazard, live([submit, verify, signOff, recur], twice))).toMatchObject({
      due: null,
      extensions: 0,
      extension: null,
    });
  });
});

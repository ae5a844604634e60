// A hazard brought to any status by the deciders themselves, for tests that begin in the middle of its life.
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { HazardEvent, HazardStatus } from '../../events/hazard.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as closure from '../../shared/rules/hazard/closure.ts';
import * as finding from '../../shared/rules/hazard/finding.ts';
import * as rectification from '../../shared/rules/hazard/rectification.ts';
import * as hazards from '../../shared/rules/hazard/hazard.ts';
import { DAY, eventOf, later, type About } from './builders.ts';

export const ID = 'h_1';
export const SUBMITTER = 'p-village-1';
export const VERIFIER = 'p-dept-1';
export const SIGNER = 'p-dept-2';
export const PROPOSER = 'p-dept-3';
export const CONFIRMER = 'p-office-1';
export const DUE = later(12 * DAY);

export function sighting(more: Partial<finding.Sighting> = {}): finding.Sighting {
  return {
    id: ID,
    unit: 'u_1',
    track: 'gas',
    clause: 'GAS-01',
    inspection: 'i_1',
    item: '1',
    text: '软管老化',
    occurredAt: later(0),
    lead: 'guijianban',
    area: 'village-01',
    ...more,
  };
}

/** One step of a hazard's life: a decision, and what is special about its envelope. */
export type Step = { decide: (state: hazards.HazardState) => Drafts; about?: About };

/** Decides step after step, each an hour after the one before, from the events that are there. */
export function live(steps: readonly Step[], events: readonly DaochaEvent[] = [], id = ID): HazardEvent[] {
  const past = [...events] as HazardEvent[];
  for (const { decide, about } of steps) {
    for (const draft of decide(foldAll(hazards.hazard, past))) {
      past.push(eventOf('hazard', id, past.length + 1, draft, about) as HazardEvent);
    }
  }
  return past;
}

const order = { measures: '更换软管', due: DUE, authority: '《城镇燃气管理条例》' };
export const STEPS = {
  find: { decide: (state) => finding.observe(state, sighting()).drafts },
  grade: { decide: (state) => rectification.grade(state, ID, { grade: 'general', basis: '可立即整改' }) },
  assign: { decide: (state) => rectification.assign(state, ID, { to: 'shichangsuo' }) },
  giveBack: { decide: (state) => rectification.returnHazard(state, ID, { reason: '不属本部门职责' }) },
  order: { decide: (state) => rectification.orderRectification(state, ID, order, later(0), later(0)) },
  submit: { decide: (state) => rectification.submitRectification(state, ID, { statement: '软管已更换' }, SUBMITTER) },
  reject: {
    decide: (state) =>
      rectification.reject(state, ID, { reason: '未装熄火保护装置' }, VERIFIER, {
        occurredAt: later(0),
        now: later(0),
      }),
  },
  verify: { decide: (state) => rectification.verify(state, ID, { basis: '现场复查' }, VERIFIER) },
  signOff: {
    decide: (state) => rectification.signOff(state, ID, later(8 * DAY), SIGNER),
    about: { occurredAt: later(8 * DAY) },
  },
  recur: {
    decide: (state) => finding.observe(state, sighting({ inspection: 'i_2', occurredAt: later(30 * DAY) })).drafts,
    about: {
      occurredAt: later(30 * DAY),
      actor: { person: 'p-inspector-2', post: '科员', organisation: 'guijianban' },
    },
  },
  proposeDuplicate: {
    decide: (state) =>
      closure.proposeClosure(state, ID, { kind: 'duplicate', of: 'h_2', reason: '同一问题' }, PROPOSER),
  },
  proposeInvalid: {
    decide: (state) => closure.proposeClosure(state, ID, { kind: 'invalid', reason: '误报' }, PROPOSER),
  },
  confirm: { decide: (state) => closure.confirmClosure(state, ID, CONFIRMER) },
} satisfies Record<string, Step>;

const { find, grade, assign, giveBack, submit, reject, verify, signOff, recur } = STEPS;
const ordered = [find, grade, assign, STEPS.order];
const signedOff = [...ordered, submit, verify, signOff];

/** The way to each status, as short as it can be. */
export const WAY: Record<HazardStatus, readonly Step[]> = {
  found: [find],
  graded: [find, grade],
  assigned: [find, grade, assign],
  returned: [find, grade, assign, giveBack],
  ordered,
  submitted: [...ordered, submit],
  rejected: [...ordered, submit, reject],
  verified: [...ordered, submit, verify],
  'signed-off': signedOff,
  recurred: [...signedOff, recur],
  duplicate: [find, STEPS.proposeDuplicate, STEPS.confirm],
  invalid: [find, STEPS.proposeInvalid, STEPS.confirm],
};

export function hazardThatIs(status: HazardStatus): HazardEvent[] {
  return live(WAY[status]);
}

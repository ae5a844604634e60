// A case that goes beyond the town, brought to any status by the deciders themselves.
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { EscalationEvent, EscalationStatus } from '../../events/escalation.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as cases from '../../shared/rules/escalation/escalation.ts';
import { hazard, requireHazard, type KnownHazard } from '../../shared/rules/hazard/hazard.ts';
import { DAY, eventOf, later, type About } from './builders.ts';
import { hazardThatIs, ID as HAZARD } from './hazard-life.ts';

export const CASE = 'e_1';
export const DISTRICT = 'p-district-1';
export const OFFICE = 'p-office-1';
export const MISSING = ['整改前后照片', '现场检查记录'];

export const openHazard = (): KnownHazard => requireHazard(foldAll(hazard, hazardThatIs('ordered')), HAZARD);

export const PROPOSAL: cases.Proposal = {
  rule: 'major',
  limit: 'power',
  reason: '随时可能爆燃',
  urgent: false,
  ruleSet: 1,
  to: 'district-construction',
  since: later(0),
  area: 'village-01',
};

export const dossier = (round: number): cases.Dossier => ({
  round,
  position: 40 + round,
  files: [{ name: 'dossier.docx', mediaType: 'application/x', bytes: 3, sha256: 'c'.repeat(64) }],
});

export type CaseStep = { decide: (state: cases.EscalationState) => Drafts; about?: About };

export const CASE_STEPS = {
  propose: { decide: (state) => cases.propose(state, openHazard(), PROPOSAL) },
  compile: { decide: (state) => cases.compile(state, CASE, dossier(state.calls)) },
  accept: { decide: (state) => cases.acceptEscalation(state, CASE, { reference: '青建〔2025〕3号' }, DISTRICT) },
  giveBack: { decide: (state) => cases.returnEscalation(state, CASE, { missing: MISSING }, DISTRICT) },
  addAll: { decide: (state) => cases.addMaterial(state, CASE, { note: '已补齐' }, OFFICE) },
  resolve: { decide: (state) => cases.resolve(state, CASE, { decision: '责令停产停业整顿' }, DISTRICT) },
  verify: { decide: (state) => cases.verifyOutcome(state, CASE, { note: '现场核实已停用' }, OFFICE) },
} satisfies Record<string, CaseStep>;

const { propose, compile, accept, giveBack, resolve, verify } = CASE_STEPS;

export const CASE_WAY: Record<Exclude<EscalationStatus, 'compiled'>, readonly CaseStep[]> = {
  proposed: [propose],
  submitted: [propose, compile],
  accepted: [propose, compile, accept],
  returned: [propose, compile, giveBack],
  resolved: [propose, compile, accept, resolve],
  verified: [propose, compile, accept, resolve, verify],
};

/** Decides step after step, each a day after the one before. */
export function liveCase(steps: readonly CaseStep[], events: readonly DaochaEvent[] = []): EscalationEvent[] {
  const past = [...events] as EscalationEvent[];
  for (const [nth, { decide, about }] of steps.entries()) {
    const at = later((events.length + nth) * DAY);
    for (const draft of decide(foldAll(cases.escalation, past))) {
      const times = { occurredAt: at, recordedAt: at };
      past.push(eventOf('escalation', CASE, past.length + 1, draft, { ...times, ...about }) as EscalationEvent);
    }
  }
  return past;
}

export const caseThatIs = (status: keyof typeof CASE_WAY): EscalationEvent[] => liveCase(CASE_WAY[status]);

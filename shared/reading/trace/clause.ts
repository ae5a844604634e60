// Question 2, one clause at one unit, inspection by inspection: it was found broken, answered “no problem”, did not
// apply, was omitted although it stood on the checklist, or did not stand on it. The last two are told apart by the
// version of the checklist that the inspection names; where it names none, or one that was never published, the answer
// is “unknown”: nothing is guessed.
import * as z from 'zod';
import { actorSchema, idSchema, instantSchema, trackSchema, type Track } from '../../../events/envelope.ts';
import type { Checklist } from '../../../events/campaign.ts';
import { findingSchema, type Answer } from '../../../events/inspection.ts';
import { checklistOf, type CampaignState } from '../../rules/campaign/campaign.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { correctedFieldSchema } from '../../rules/corrections.ts';
import { eventRefs } from './event-ref.ts';
import { inspectionsIn, type Inspected } from './inspections.ts';
import { personAt, personThenSchema, type Rosters } from './posts.ts';

/** From the worst to the best; of several items with the clause, the first that one of them has holds for the inspection. */
export const CLAUSE_OUTCOMES = {
  found: '发现问题',
  omitted: '表上有、未答',
  'no-problem': '答“无问题”',
  'not-applicable': '答“不适用”',
  'not-on-checklist': '不在检查表上',
  unknown: '无从判断：未载明检查表',
  missed: '计划检查未执行',
  planned: '计划检查尚无记录',
} as const;
export type ClauseOutcome = keyof typeof CLAUSE_OUTCOMES;
const ORDER = Object.keys(CLAUSE_OUTCOMES) as ClauseOutcome[];

const outcomeSchema = z.enum(ORDER as [ClauseOutcome, ...ClauseOutcome[]]);

export const clauseFactSchema = z
  .strictObject({
    inspection: idSchema,
    at: instantSchema,
    track: trackSchema.nullable(),
    mode: z.string(),
    outcome: outcomeSchema.describe(
      'found, answered “no problem” or “not applicable”; omitted: on the checklist, not answered; unknown: no checklist named, or one never published; missed, planned: not inspected',
    ),
    /** each item of the checklist, or of the answers, that is about the clause */
    items: z.array(
      z.strictObject({
        item: z.string(),
        outcome: outcomeSchema,
        text: z.string().nullable(),
        place: z.string().nullable(),
      }),
    ),
    /** the hazard, and what finding it meant: new, still there, come back, or seen before a sign-off and recorded after it */
    finding: findingSchema.pick({ hazard: true, outcome: true }).nullable(),
    /** what the inspection names; `name`: of the published checklist, null when no such version was published */
    template: z.strictObject({ id: idSchema, version: z.int(), name: z.string().nullable() }).nullable(),
    inspectors: z.array(personThenSchema),
    recordedBy: actorSchema,
    corrected: z.array(correctedFieldSchema),
    /** the inspection's, and the publication of its checklist */
    events: eventRefs,
  })
  .meta({ id: 'ClauseFact' });
export type ClauseFact = z.infer<typeof clauseFactSchema>;

/**
 * Question 2, oldest inspection first.
 * @param placed the unit's inspection events, in whole streams
 * @param campaign with its events: which checklists were published
 */
export function clauseFacts(
  placed: readonly Placed[],
  campaign: { state: Pick<CampaignState, 'checklists'>; placed: readonly Placed[] },
  rosters: Rosters,
  refer: Refer,
  { clause, track }: { clause: string; track?: Track | undefined },
): ClauseFact[] {
  return inspectionsIn(placed)
    .filter((seen) => track === undefined || seen.track === track)
    .map((seen) => {
      const { planned, recorded, corrected, placed: own } = seen;
      const named = recorded?.data.template ?? planned?.data.template;
      const checklist = named && checklistOf(campaign.state, named);
      const items = itemsAbout(clause, recorded?.data.answers ?? [], recorded ? checklist : undefined);
      const finding = recorded?.data.findings.find((found) => found.clause === clause);
      const published = campaign.placed.filter(
        ({ event }) =>
          event.type === 'ChecklistPublished' &&
          event.data.template === named?.id &&
          event.data.version === named.version,
      );
      return {
        inspection: seen.id,
        at: seen.at,
        track: seen.track ?? null,
        mode: recorded?.data.mode ?? planned?.data.mode ?? 'routine',
        outcome: outcomeOf(seen, items, checklist),
        items,
        finding: finding ? { hazard: finding.hazard, outcome: finding.outcome } : null,
        template: named ? { ...named, name: checklist?.name ?? null } : null,
        inspectors: (recorded?.data.inspectors ?? planned?.data.inspectors ?? []).map((person) =>
          personAt(rosters, person, seen.at, refer),
        ),
        recordedBy: own.at(-1)!.event.actor,
        corrected: corrected.filter(({ field }) => /^(answers|template|inspectors|occurredAt)/.test(field)),
        events: [...own, ...published].map(refer),
      };
    });
}

const ANSWERED: Record<Answer['answer'], ClauseOutcome> = {
  problem: 'found',
  ok: 'no-problem',
  'not-applicable': 'not-applicable',
};

function itemsAbout(clause: string, answers: readonly Answer[], checklist: Checklist | undefined): ClauseFact['items'] {
  const asked = checklist?.items.filter((item) => item.clause === clause) ?? [];
  const given = answers.filter((answer) => answer.clause === clause || asked.some(({ item }) => item === answer.item));
  const omitted = asked.filter(({ item }) => !given.some((answer) => answer.item === item));
  return [
    ...given.map(({ item, answer, text, place }) => ({
      item,
      outcome: ANSWERED[answer],
      text: text ?? null,
      place: place ?? null,
    })),
    ...omitted.map(({ item, text }) => ({ item, outcome: 'omitted' as const, text, place: null })),
  ];
}

function outcomeOf(seen: Inspected, items: ClauseFact['items'], checklist: Checklist | undefined): ClauseOutcome {
  if (!seen.recorded) return seen.missed ? 'missed' : 'planned';
  const worst = ORDER.find((outcome) => items.some((item) => item.outcome === outcome));
  return worst ?? (checklist ? 'not-on-checklist' : 'unknown');
}

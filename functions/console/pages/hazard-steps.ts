// The life of a hazard as a line of steps: those of the present cycle that are done, the one it is at, those to come; and whose turn it is.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { TRACK_NAMES } from '../../../events/envelope.ts';
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { HazardStatus } from '../../../events/hazard.ts';
import type { HazardAct } from '../../../shared/rules/hazard/hazard.ts';
import type { HazardAnswer, ShownEvent } from '../answers.ts';

export interface HazardStep {
  name: string;
  state: 'done' | 'now' | 'next';
  at: string | undefined;
  /** who did it */
  by: string | undefined;
  /** it did not go well: rejected, given back, come back */
  bad: boolean;
}

/** What each step begins with, and the statuses in which the hazard is at it. */
const LINE: readonly { name: string; events: readonly string[]; at: readonly HazardStatus[] }[] = [
  { name: '发现', events: ['HazardFound', 'RecurrenceFound'], at: [] },
  { name: '定级', events: ['HazardGraded'], at: ['found'] },
  { name: '派发', events: ['HazardAssigned', 'HazardReassigned'], at: ['graded', 'returned'] },
  { name: '责令整改', events: ['RectificationOrdered'], at: ['assigned', 'recurred'] },
  { name: '整改', events: ['RectificationSubmitted'], at: ['ordered', 'rejected'] },
  { name: '复查', events: ['VerificationPassed'], at: ['submitted'] },
  { name: '销项', events: ['HazardSignedOff'], at: ['verified'] },
];
/** The act that takes a hazard on from each status; a closed one has none. */
export const FORWARD: Partial<Record<HazardStatus, HazardAct>> = {
  found: 'grade',
  graded: 'assign',
  returned: 'reassign',
  assigned: 'order',
  recurred: 'order',
  ordered: 'submit',
  rejected: 'submit',
  submitted: 'verify',
  verified: 'signOff',
};

const BAD: ReadonlySet<HazardStatus> = new Set(['returned', 'rejected', 'recurred']);

/** The steps of the present cycle. A hazard that was merged or found to be invalid ends with that instead of the sign-off. */
export function stepsOf({ events, status }: Pick<HazardAnswer, 'events' | 'status'>): HazardStep[] {
  const begun = events.findLastIndex(({ type }) => type === 'HazardFound' || type === 'RecurrenceFound');
  const cycle = events.slice(Math.max(0, begun));
  const at = LINE.findIndex((step) => step.at.includes(status));
  const ended = status === 'signed-off' ? LINE.length : status === 'duplicate' || status === 'invalid' ? 0 : at;
  const line = LINE.map(({ name, events: types }, nth): HazardStep => {
    const event = cycle.findLast(({ type }) => types.includes(type));
    const state = nth < ended ? 'done' : nth === at ? 'now' : 'next';
    const shown = state === 'done' ? event : undefined;
    const first = nth === 0 && cycle[0]?.type === 'RecurrenceFound';
    return {
      name: first ? '回潮' : name,
      state: nth === 0 ? 'done' : state,
      at: (nth === 0 ? cycle[0] : shown)?.occurredAt,
      by: (nth === 0 ? cycle[0] : shown)?.actor.person,
      bad: first || (nth === at && BAD.has(status)),
    };
  });
  if (status !== 'duplicate' && status !== 'invalid') return line;
  const end = cycle.findLast(
    ({ type }) => type === 'HazardLinkedAsDuplicate' || type === 'HazardDismissed',
  ) as ShownEvent;
  const name = status === 'duplicate' ? '并入另一条' : '认定无效';
  const done = LINE.flatMap(({ events: types }, nth) =>
    nth > 0 && cycle.some(({ type }) => types.includes(type)) ? line[nth]! : [],
  );
  return [
    line[0]!,
    ...done.map((step): HazardStep => ({ ...step, state: 'done' })),
    { name, state: 'done', at: end.occurredAt, by: end.actor.person, bad: false },
  ];
}

/** Who is to do what now, in words; undefined for a hazard that is closed. */
export function whoseTurn(
  campaign: CampaignDefinition | null,
  { status, track, organisation }: HazardAnswer,
): string | undefined {
  const name = (id: string | undefined): string => organisationName(campaign, id);
  const lead = name(campaign?.tracks.find((one) => one.track === track)?.lead);
  const inCharge = name(organisation);
  const words: Partial<Record<HazardStatus, string>> = {
    found: `等待定级：由${TRACK_NAMES[track]}专项的部门办理。`,
    graded: `等待派发：由${lead}（牵头单位）、专班办公室或城运中心办理。`,
    assigned: `等待责令整改：由${inCharge}办理。`,
    returned: '已被退回，等待改派：由专班办公室或城运中心办理。',
    ordered: '正在整改：整改后由村居、检查人员或部门提交。',
    rejected: '复查不通过，须继续整改后再次提交，或由部门重新责令整改。',
    submitted: '等待复查：由提交人以外的检查人员或部门办理。',
    verified: `等待销项：由${lead}（牵头单位）办理。`,
    recurred: `已回潮，等待再次责令整改：由${inCharge}办理。`,
  };
  return words[status];
}

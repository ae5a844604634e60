// Opening what a definition asks for (应办事项立项) wherever it is owed now: at every unit that is there, in every village. Bounded and
// resumable: a marker says how far it has come, and what is opened again has been opened. Who comes later, react opens for.
import type { DutyDefinition } from '../../../events/duty-definition.ts';
import { dutiesNow, requireLaunched, type CampaignState } from '../../rules/campaign/campaign.ts';
import { dutyPeriod, owedAtUnit, owedInTown, type Period } from '../../rules/duty/openings.ts';
import type { Owing } from '../../rules/duty/duty.ts';
import { openOwed } from '../../rules/perform/duty.ts';
import { campaignOf, loadState, type CommandContext } from '../../rules/perform/execute.ts';
import { concurrently } from '../../record/log/batch.ts';
import { readMarker, saveMarker } from '../../record/log/marker.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { listUnits } from '../../reading/unit/list-query.ts';
import type { UnitRow } from '../../reading/unit/list.ts';
import type { ViewDeps } from '../../reading/views/view.ts';
import { townDay } from '../../town-time.ts';

export interface OpeningDeps {
  store: StoreDeps;
  views: ViewDeps;
}
/** Whoever opens: react, or the clock. */
export type OpeningContext = Omit<CommandContext, 'command' | 'request'>;

export interface Opened {
  opened: number;
  /** false: it was cut short, and the next call goes on */
  complete: boolean;
}

/** Units looked at between two marks. */
const PAGE = 100;

/** @param when the period, of what is owed every period */
export async function openEverywhere(
  deps: OpeningDeps,
  context: OpeningContext,
  definition: DutyDefinition,
  { when, goOn = () => true }: { when?: Period | undefined; goOn?: (() => boolean) | undefined } = {},
): Promise<Opened> {
  const name = `${definition.duty}@${definition.version}${when ? `#${when.period}` : ''}`;
  const marker = await readMarker(deps.views, name);
  const done: Opened = { opened: 0, complete: true };
  if (marker.done) return done;
  const campaign = await campaignOf(deps.store, context.tenant, context.now);
  const today = townDay(context.now);
  const openAll = async (owings: readonly Owing[]): Promise<void> => {
    for (const owing of owings) if ((await openOwed(deps.store, context, owing)).added > 0) done.opened += 1;
  };
  if (definition.subject !== 'unit') {
    await concurrently(owedInTown(campaign, definition, today, when), (owing) => openAll([owing]));
    await saveMarker(deps.views, name, { done: true });
    return done;
  }
  let { after: cursor } = marker;
  do {
    if (!goOn()) return { ...done, complete: false };
    const page = await listUnits(deps.views, { track: definition.track, limit: PAGE, cursor });
    await concurrently(
      page.items.filter((row) => mayConcern(definition, row)),
      async (row) => {
        const state = await loadState(deps.store, context.tenant, 'unit', row.unit);
        await openAll(owedAtUnit(campaign, definition, row.unit, state, today, when));
      },
    );
    ({ cursor } = page);
    await saveMarker(deps.views, name, { after: cursor, done: cursor === undefined });
  } while (cursor !== undefined);
  return done;
}

/** What the list says is enough to leave a unit unread; whether it is owed, its stream decides. */
function mayConcern({ opens }: DutyDefinition, { kind, closedAt, riskGrade }: UnitRow): boolean {
  if (closedAt !== null) return false;
  if (opens.by === 'event') return opens.event !== 'RiskGraded' || riskGrade !== null;
  return !('kinds' in opens) || opens.kinds === undefined || (kind !== null && opens.kinds.includes(kind));
}

/** The period of today by which something is owed every period; undefined outside of the campaign. */
export function periodNow(campaign: CampaignState, { opens }: DutyDefinition, today: string): Period | undefined {
  const { from, to } = requireLaunched(campaign);
  if (opens.by !== 'period' || today < from || today > to) return undefined;
  return dutyPeriod(opens, today);
}

/** What the calendar opens today: periods that have begun, and stages. */
export function dueToOpen(campaign: CampaignState, today: string): { definition: DutyDefinition; when?: Period }[] {
  return dutiesNow(campaign).flatMap((definition) => {
    const { opens } = definition;
    if (opens.by === 'date') return opens.on <= today ? [{ definition }] : [];
    const when = periodNow(campaign, definition, today);
    return when === undefined ? [] : [{ definition, when }];
  });
}

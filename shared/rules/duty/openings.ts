// Which duties are owed (应办事项), by whom and about what: computed from the campaign's definitions and from what is on record, never
// guessed. A duty's id is made of what it is about, so that however often it is found to be owed, it is opened once.
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { DutyDefinition, Opens } from '../../../events/duty-definition.ts';
import type { CampaignState } from '../campaign/campaign.ts';
import { requireLaunched, servesTrack } from '../campaign/campaign.ts';
import { supervisionOn } from '../roster/responsible.ts';
import type { UnitState } from '../unit/unit.ts';
import type { Owing } from './duty.ts';

type Unit = Pick<UnitState, 'details' | 'supervisors' | 'leases' | 'riskGrade' | 'downgrades' | 'closed'>;

/** Who owes a duty about this, as far as the record says. */
export function owerOf(
  campaign: CampaignState,
  { owed, track, subject }: DutyDefinition,
  about: { id: string; unit?: Unit | undefined; area?: string | undefined },
  today: string,
): Pick<Owing, 'organisation' | 'vacant'> {
  switch (owed.by) {
    case 'organisation':
      return { organisation: owed.organisation! };
    case 'lead':
      return { organisation: requireLaunched(campaign).tracks.find((one) => one.track === track)!.lead };
    case 'responsible':
      return { organisation: about.id };
    case 'area':
      if (subject === 'area') return { organisation: about.id };
      return about.area === undefined ? { organisation: null, vacant: 'area' } : { organisation: about.area };
    case 'supervisor': {
      const held = about.unit && track && supervisionOn(about.unit.supervisors, track, today);
      return held ? { organisation: held.organisation } : { organisation: null, vacant: 'supervisor' };
    }
  }
}

/** Whether the definition asks for something at this unit at all. */
export function concerns({ track, opens }: DutyDefinition, { details, closed }: Unit): boolean {
  if (!details || closed) return false;
  if (track !== undefined && !details.tracks.includes(track)) return false;
  const kinds = 'kinds' in opens ? opens.kinds : undefined;
  return kinds === undefined || (details.kind !== undefined && kinds.includes(details.kind));
}

/** What a definition asks for at a unit as it stands: of a lease one each. */
export function owedAtUnit(
  campaign: CampaignState,
  definition: DutyDefinition,
  id: string,
  unit: Unit,
  today: string,
  when?: Period,
): Owing[] {
  if (definition.subject !== 'unit' || !concerns(definition, unit)) return [];
  const { opens, track } = definition;
  const area = unit.details?.area;
  const whole: Owing = {
    definition,
    subject: { kind: 'unit', id },
    unit: id,
    ...(area ? { area } : {}),
    ...owerOf(campaign, definition, { id, unit, area }, today),
    fulfilled: track && supervisionOn(unit.supervisors, track, today) !== undefined ? ['SupervisorAssigned'] : [],
  };
  switch (opens.by) {
    case 'unit':
      return [whole];
    case 'date':
      return opens.on <= today ? [whole] : [];
    case 'period':
      return when === undefined ? [] : [{ ...whole, period: when.period, periodDay: when.day }];
    case 'event':
      if (opens.event === 'LeaseRecorded') {
        return [...unit.leases].map(([lease, { signedOn }]) => ({
          ...whole,
          period: lease,
          fulfilled: [...whole.fulfilled!, ...(signedOn === null ? [] : ['AgreementSigned'])],
        }));
      }
      return unit.riskGrade !== null && (opens.to ?? [unit.riskGrade]).includes(unit.riskGrade)
        ? [{ ...whole, period: String(unit.downgrades + 1) }]
        : [];
    case 'hand':
      return [];
  }
}

/** What a definition asks for that is about no unit: of villages, organisations, the town. */
export function owedInTown(campaign: CampaignState, definition: DutyDefinition, today: string, when?: Period): Owing[] {
  const { subject, opens } = definition;
  if (subject === 'unit' || subject === 'matter') return [];
  if (opens.by === 'date' ? opens.on > today : opens.by !== 'period' || when === undefined) return [];
  const period = when && { period: when.period, periodDay: when.day };
  return subjectsIn(campaign, definition).map((id) => ({
    definition,
    subject: { kind: subject, id },
    ...(subject === 'area' ? { area: id } : {}),
    ...owerOf(campaign, definition, { id }, today),
    ...period,
  }));
}

function subjectsIn(campaign: CampaignState, { subject, track, owed }: DutyDefinition): string[] {
  const { organisations, tracks }: CampaignDefinition = requireLaunched(campaign);
  const villages = organisations.filter(({ kind }) => kind === 'village').map(({ id }) => id);
  if (subject === 'town') return ['town'];
  if (subject === 'area') return villages;
  if (owed.by === 'organisation') return [owed.organisation!];
  if (owed.by === 'lead') return [tracks.find((one) => one.track === track)!.lead];
  return organisations.map(({ id }) => id).filter((id) => servesTrack(campaign, track!, id));
}

/** A period that has begun. */
export interface Period {
  /** 2025-05, 2025-Q2, 2025 */
  period: string;
  /** first day; by when */
  from: string;
  day: string;
}

/** The period of a day. */
export function dutyPeriod({ every, day }: Extract<Opens, { by: 'period' }>, today: string): Period {
  const year = today.slice(0, 4);
  const month = Number(today.slice(5, 7));
  const two = (n: number): string => String(n).padStart(2, '0');
  if (every === 'month') {
    return { period: today.slice(0, 7), from: `${today.slice(0, 7)}-01`, day: `${today.slice(0, 7)}-${two(day)}` };
  }
  if (every === 'year') return { period: year, from: `${year}-01-01`, day: `${year}-12-${two(day)}` };
  const quarter = Math.ceil(month / 3);
  const first = quarter * 3 - 2;
  return {
    period: `${year}-Q${quarter}`,
    from: `${year}-${two(first)}-01`,
    day: `${year}-${two(first + 2)}-${two(day)}`,
  };
}

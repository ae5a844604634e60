// Which part of the town a list shows to somebody who may not see all of it. The permission table narrows every list anyway
// (functions/api/permissions.ts, `narrow`); here the filters offered are those that it allows, and one is chosen where it asks for one.
import { organisationName } from '../../shared/reading/dictionary.ts';
import { TRACK_NAMES, TRACKS, type Track } from '../../events/envelope.ts';
import { ownTracks, scopesOf, type Action } from '../api/permissions.ts';
import type { Visit } from './page.ts';
import type { FieldChoice } from './components.ts';

export interface Reach {
  /** sees all of the town */
  town: boolean;
  /** tracks that may be asked for */
  tracks: readonly Track[];
  /** village or residents' committee whose units alone are shown */
  area: string | undefined;
}

export function reachOf({ principal, campaign }: Visit, action: Action): Reach {
  const scopes = scopesOf(principal, action);
  const { organisation } = principal;
  const { definition } = campaign;
  if (scopes.includes('town')) return { town: true, tracks: TRACKS, area: undefined };
  if (organisation === undefined || definition === null) return { town: false, tracks: [], area: undefined };
  const kind = definition.organisations.find(({ id }) => id === organisation)?.kind;
  const area = scopes.includes('area') || kind === 'village' ? organisation : undefined;
  return { town: false, tracks: ownTracks(definition, organisation), area };
}

export const trackChoices = (tracks: readonly Track[]): FieldChoice[] =>
  tracks.map((track) => ({ value: track, label: TRACK_NAMES[track] }));

/** The villages and residents' committees (村居) of the campaign. */
export function areaChoices({ campaign }: Visit): FieldChoice[] {
  const villages = campaign.definition?.organisations.filter(({ kind }) => kind === 'village') ?? [];
  return villages.map(({ id, name }) => ({ value: id, label: name }));
}

export function organisationChoices({ campaign }: Visit): FieldChoice[] {
  return (campaign.definition?.organisations ?? [])
    .filter(({ kind }) => kind !== 'district')
    .map(({ id }) => ({ value: id, label: organisationName(campaign.definition, id) }));
}

/** The district's guiding units (区级指导单位). */
export function districtChoices({ campaign }: Visit): FieldChoice[] {
  const units = campaign.definition?.organisations.filter(({ kind }) => kind === 'district') ?? [];
  return units.map(({ id, name }) => ({ value: id, label: name }));
}

/** A value of the address if it is among those offered, else undefined: an old or mistyped link shows the list without it. */
export const chosen = <T extends string>(value: string | undefined, offered: readonly T[]): T | undefined =>
  offered.find((one) => one === value);

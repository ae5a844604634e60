// The campaign (专项行动): launched once, organisations registered since, its rule sets published with a date from which
// they hold, its targets, its checklists.
import type {
  CampaignDefinition,
  CampaignEvent,
  Checklist,
  Organisation,
  RuleSet,
  RuleSetPublished,
  TargetSet,
  WriterKeysDeclared,
} from '../../../events/campaign.ts';
import type { DutyDefinition } from '../../../events/duty-definition.ts';
import type { EventOf, Track } from '../../../events/envelope.ts';
import { InvalidInput, RuleViolated } from '../../../events/errors.ts';
import { ED25519, parseVkey } from '../../record/tlog/vkey.ts';
import { compared } from '../../text.ts';
import { NOTHING, same, withEntry, type Drafts, type Fold } from '../decider.ts';
import { checkDuty } from '../duty/definition.ts';
import { checkRuleSet } from './rule-set.ts';
import { plusDays, townDay } from '../../town-time.ts';

export type Target = EventOf<typeof TargetSet>['data'];
export interface CampaignState {
  /** as launched, with the organisations that were registered since */
  definition: CampaignDefinition | null;
  registered: Organisation[];
  /** when the launch was recorded on this platform */
  launchedAt: string | null;
  /** in order of version */
  ruleSets: RuleSet[];
  targets: ReadonlyMap<string, Target>;
  /** checklists (检查表) by template, in order of version */
  checklists: ReadonlyMap<string, readonly Checklist[]>;
  /** when each was published, by the platform's clock, in the same order: nothing was inspected by it before */
  publishedAt: ReadonlyMap<string, readonly string[]>;
  /** definitions of duties (应办事项) by their id, in order of version */
  duties: ReadonlyMap<string, readonly DutyDefinition[]>;
  /** verifier keys of the components that may record, as last declared */
  writers: readonly string[];
}

export const campaign: Fold<CampaignState, CampaignEvent> = {
  category: 'campaign',
  initial: {
    definition: null,
    registered: [],
    launchedAt: null,
    ruleSets: [],
    targets: new Map(),
    checklists: new Map(),
    publishedAt: new Map(),
    duties: new Map(),
    writers: [],
  },
  evolve(state, event) {
    switch (event.type) {
      case 'CampaignLaunched':
        return { ...state, definition: event.data, launchedAt: event.recordedAt };
      case 'OrganisationRegistered': {
        const { organisation } = event.data;
        const { definition } = state;
        return {
          ...state,
          definition: definition && { ...definition, organisations: [...definition.organisations, organisation] },
          registered: [...state.registered, organisation],
        };
      }
      case 'RuleSetPublished':
        return { ...state, ruleSets: [...state.ruleSets, rulesOf(event.data)] };
      case 'WriterKeysDeclared':
        return { ...state, writers: event.data.keys };
      case 'TargetSet':
        return { ...state, targets: withEntry(state.targets, event.data.id, event.data) };
      case 'DutyPublished': {
        const { duty } = event.data;
        const versions = [...(state.duties.get(duty) ?? []), event.data];
        return { ...state, duties: withEntry(state.duties, duty, versions) };
      }
      case 'ChecklistPublished': {
        const { template } = event.data;
        const versions = [...(state.checklists.get(template) ?? []), event.data];
        const moments = [...(state.publishedAt.get(template) ?? []), event.recordedAt];
        return {
          ...state,
          checklists: withEntry(state.checklists, template, versions),
          publishedAt: withEntry(state.publishedAt, template, moments),
        };
      }
    }
  },
};

/** Launches the campaign; the definition is checked against itself first. */
export function launch(state: CampaignState, definition: CampaignDefinition): Drafts {
  checkDefinition(definition);
  if (!state.definition) return [{ type: 'CampaignLaunched', data: definition }];
  if (same(asLaunched(state.definition, state.registered), definition)) return NOTHING;
  throw new RuleViolated('campaign-launched', 'the campaign has been launched with another definition', {
    field: 'definition',
    expected: 'the definition it was launched with: what changes later is published as a rule set or a target',
  });
}

const asLaunched = (definition: CampaignDefinition, registered: readonly Organisation[]): CampaignDefinition => ({
  ...definition,
  organisations: definition.organisations.slice(0, definition.organisations.length - registered.length),
});

/** Kinds of which a campaign has one: whoever is responsible for the town is looked up in it. */
const SINGLE: ReadonlySet<Organisation['kind']> = new Set(['leading-group', 'office']);

/** Registers an organisation after the launch: a village that was split off, a district unit that guides from now on. */
export function registerOrganisation(state: CampaignState, organisation: Organisation): Drafts {
  const { organisations } = requireLaunched(state);
  const { id, kind } = organisation;
  const known = organisations.find((candidate) => candidate.id === id);
  if (known && same(known, organisation)) return NOTHING;
  if (known || STANDS_FOR_MANY.has(id)) {
    const what = known
      ? `${id} is registered as ${known.name} (${known.kind}), not as ${organisation.name} (${kind})`
      : `${id} stands for many in a track`;
    throw new RuleViolated('organisation-exists', what, { field: 'id', expected: 'another id' });
  }
  const alike = organisations.find((candidate) => compared(candidate.name) === compared(organisation.name));
  if (alike) {
    throw new RuleViolated('organisation-looks-like', `it reads like ${alike.id}, ${alike.name}`, {
      field: 'name',
      expected: `${alike.id} itself, or a name that tells the two apart`,
    });
  }
  const single = SINGLE.has(kind) && organisations.find((candidate) => candidate.kind === kind);
  if (single) {
    throw new RuleViolated('organisation-exists', `the campaign has its ${kind} already: ${single.id}`, {
      field: 'kind',
      expected: 'taskforce, member, village or district',
    });
  }
  return [{ type: 'OrganisationRegistered', data: { organisation } }];
}

/** In a track's list of responsible organisations: every village, every member. */
const STANDS_FOR_MANY: ReadonlySet<string> = new Set(['villages', 'members']);

/** Every organisation that a track names must be in the list, every organisation and track once. */
function checkDefinition(definition: CampaignDefinition): void {
  const known = new Set(definition.organisations.map((organisation) => organisation.id));
  if (known.size !== definition.organisations.length) {
    throw new InvalidInput('an organisation is listed twice', { field: 'organisations', expected: 'each id once' });
  }
  if (new Set(definition.tracks.map((track) => track.track)).size !== definition.tracks.length) {
    throw new InvalidInput('a track is defined twice', { field: 'tracks', expected: 'each track once' });
  }
  if (definition.operations !== undefined && !known.has(definition.operations)) {
    throw new InvalidInput(`the operations centre ${definition.operations} is not listed`, {
      field: 'operations',
      expected: `one of ${[...known].join(', ')}`,
    });
  }
  for (const track of definition.tracks) {
    for (const id of [track.lead, ...track.responsible]) {
      if (known.has(id) || (id !== track.lead && STANDS_FOR_MANY.has(id))) continue;
      throw new InvalidInput(`track ${track.track} names the organisation ${id}, which is not listed`, {
        field: `tracks.${track.track}`,
        expected: `one of ${[...known].join(', ')}`,
      });
    }
  }
}

/**
 * Publishes the next rule set. Versions count up by one; what was decided under an older one stays as it is.
 * @param today where it is published by people: it holds from tomorrow on, so that nobody is judged by what they could not know
 * @throws InvalidInput naming the field that does not fit; RuleViolated `wrong-version`, `effective-too-early`, `reason-missing`
 */
export function publishRuleSet(state: CampaignState, published: Published, today?: string): Drafts {
  const ruleSet = rulesOf(published);
  const definition = requireLaunched(state);
  const last = state.ruleSets.at(-1);
  if (last && same(last, ruleSet)) return NOTHING;
  const expected = (last?.version ?? 0) + 1;
  if (ruleSet.version !== expected) {
    throw new RuleViolated('wrong-version', `rule set ${ruleSet.version} does not follow ${expected - 1}`, {
      field: 'version',
      expected: String(expected),
    });
  }
  if (last && ruleSet.effectiveFrom < last.effectiveFrom) {
    throw new RuleViolated('effective-too-early', `rule set ${last.version} holds from ${last.effectiveFrom}`, {
      field: 'effectiveFrom',
      expected: `${last.effectiveFrom} or later: a rule set never rewrites what was decided before`,
    });
  }
  if (last && today !== undefined && ruleSet.effectiveFrom <= today) {
    throw new RuleViolated('effective-too-early', `${ruleSet.effectiveFrom} is not to come`, {
      field: 'effectiveFrom',
      expected: `${plusDays(today, 1)} or later: who is judged by rules can know them before`,
    });
  }
  checkRuleSet(definition, ruleSet);
  const emptied = last && SAFEGUARDS.filter((part) => !isEmpty(last[part]) && isEmpty(ruleSet[part]));
  if (emptied && emptied.length > 0 && published.reason === undefined) {
    throw new RuleViolated('reason-missing', `it takes away all of ${emptied.join(', ')}`, {
      field: 'reason',
      expected: 'why nothing of it is needed any more',
    });
  }
  return [{ type: 'RuleSetPublished', data: published }];
}

type Published = EventOf<typeof RuleSetPublished>['data'];
/** What was published, without who confirmed it and why. */
const rulesOf = ({ reason: _why, approver: _who, ...ruleSet }: Published): RuleSet => ruleSet;

/** Parts of a rule set without which nobody is reminded of anything, or nothing goes beyond the town. */
const SAFEGUARDS = ['periods', 'ladder', 'reportLadder', 'escalation', 'routing', 'calendar'] as const;
const isEmpty = (part: RuleSet[(typeof SAFEGUARDS)[number]]): boolean =>
  part === undefined || (Array.isArray(part) && part.length === 0);

export function setTarget(state: CampaignState, target: Target): Drafts {
  requireLaunched(state);
  if (same(state.targets.get(target.id), target)) return NOTHING;
  return [{ type: 'TargetSet', data: target, ...(target.track ? { track: target.track } : {}) }];
}

/**
 * Publishes a checklist's next version. What was inspected by an older one is judged by that one for ever.
 * @throws RuleViolated `wrong-version`, `other-track`; InvalidInput `items` when an item is on it twice
 */
export function publishChecklist(state: CampaignState, checklist: Checklist): Drafts {
  trackOf(state, checklist.track);
  const twice = checklist.items.find(({ item }, n) => checklist.items.findIndex((other) => other.item === item) < n);
  if (twice) {
    throw new InvalidInput(`item ${twice.item} stands on the checklist twice`, {
      field: 'items',
      expected: 'each item once',
    });
  }
  const versions = state.checklists.get(checklist.template) ?? [];
  const last = versions.at(-1);
  if (last && same(last, checklist)) return NOTHING;
  const expected = (last?.version ?? 0) + 1;
  if (checklist.version !== expected) {
    throw new RuleViolated('wrong-version', `version ${checklist.version} does not follow ${expected - 1}`, {
      field: 'version',
      expected: String(expected),
    });
  }
  if (last && last.track !== checklist.track) {
    throw new RuleViolated('other-track', `checklist ${checklist.template} belongs to track ${last.track}`, {
      field: 'track',
      expected: `${last.track}, or another template`,
    });
  }
  return [{ type: 'ChecklistPublished', track: checklist.track, data: checklist }];
}

/**
 * Publishes a definition's next version. What was opened by an older one is judged by that one for ever.
 * @throws RuleViolated `wrong-version`, `other-track`, `other-subject`, `duty-definition` naming step and field
 */
export function publishDuty(state: CampaignState, definition: DutyDefinition): Drafts {
  const campaignDefinition = requireLaunched(state);
  const last = state.duties.get(definition.duty)?.at(-1);
  if (last && same(last, definition)) return NOTHING;
  const expected = (last?.version ?? 0) + 1;
  if (definition.version !== expected) {
    throw new RuleViolated('wrong-version', `version ${definition.version} does not follow ${expected - 1}`, {
      field: 'version',
      expected: String(expected),
    });
  }
  for (const field of ['track', 'subject'] as const) {
    if (!last || last[field] === definition[field]) continue;
    throw new RuleViolated(`other-${field}`, `duty ${definition.duty} has the ${field} ${last[field] ?? 'none'}`, {
      field,
      expected: `${last[field] ?? 'none'}, or another duty`,
    });
  }
  checkDuty(campaignDefinition, definition);
  const { track } = definition;
  return [{ type: 'DutyPublished', ...(track ? { track } : {}), data: definition }];
}

/** The definitions that hold now: of each its last version. */
export const dutiesNow = ({ duties }: Pick<CampaignState, 'duties'>): DutyDefinition[] =>
  [...duties.values()].map((versions) => versions.at(-1)!);

/** The checklist that an inspection names; undefined when no such version was published. */
export function checklistOf(
  state: Pick<CampaignState, 'checklists'>,
  template: { id: string; version: number },
): Checklist | undefined {
  return state.checklists.get(template.id)?.find(({ version }) => version === template.version);
}

/** The campaign, as far as it has been read, has not published the checklist: 400. */
export class UnknownChecklist extends InvalidInput {}

/**
 * When the checklist that an inspection or a plan names was published. A campaign without any has its checklists on paper: undefined.
 * @throws UnknownChecklist `template`
 */
export function requirePublished(
  { checklists, publishedAt }: Pick<CampaignState, 'checklists' | 'publishedAt'>,
  { id, version }: { id: string; version: number },
): string | undefined {
  const published = publishedAt.get(id)?.[version - 1];
  if (published !== undefined || checklists.size === 0) return published;
  const versions = checklists.get(id)?.map((one) => one.version) ?? [];
  throw new UnknownChecklist(`template: version ${version} of ${id} was never published`, {
    field: 'template',
    expected:
      versions.length > 0
        ? `a version that was published: ${versions.join(', ')} (GET /v1/campaign/checklists)`
        : `a checklist that was published: ${[...checklists.keys()].join(', ')} (GET /v1/campaign/checklists)`,
  });
}

/** The campaign's definition. @throws RuleViolated `campaign-not-launched` */
export function requireLaunched(state: CampaignState): CampaignDefinition {
  if (state.definition) return state.definition;
  throw new RuleViolated('campaign-not-launched', 'the campaign has not been launched yet', {
    expected: 'launch it first',
  });
}

/** Who asks for a correction: somebody of the office asks for any (corrections.ts). */
export const makerOf = (
  { definition }: Pick<CampaignState, 'definition'>,
  { organisation }: { organisation: string },
): { organisation: string; office: boolean } => ({
  organisation,
  office: definition?.organisations.some(({ id, kind }) => id === organisation && kind === 'office') ?? false,
});

/** The rule set that holds at an instant, by the town's calendar day; undefined before the first. */
export function ruleSetAt(state: Pick<CampaignState, 'ruleSets'>, instant: string): RuleSet | undefined {
  const day = townDay(instant);
  return state.ruleSets.findLast((ruleSet) => ruleSet.effectiveFrom <= day);
}

/** Lead organisation (牵头单位) of a track. @throws InvalidInput for a track that the campaign does not have */
export function leadOf(state: CampaignState, track: Track): string {
  return trackOf(state, track).lead;
}

export function trackOf(state: CampaignState, track: Track): CampaignDefinition['tracks'][number] {
  const { tracks } = requireLaunched(state);
  const found = tracks.find((candidate) => candidate.track === track);
  if (found) return found;
  throw new InvalidInput(`the campaign has no track ${track}`, {
    field: 'track',
    expected: `one of ${tracks.map((candidate) => candidate.track).join(', ')}`,
  });
}

/** Whether the organisation leads the track or is responsible in it (牵头单位 or 责任单位). */
export function servesTrack(state: CampaignState, track: Track, organisation: string): boolean {
  const definition = requireLaunched(state);
  const { lead, responsible } = trackOf(state, track);
  const kind = definition.organisations.find((candidate) => candidate.id === organisation)?.kind;
  return (
    organisation === lead ||
    responsible.includes(organisation) ||
    (kind === 'village' && responsible.includes('villages')) ||
    (kind === 'member' && responsible.includes('members'))
  );
}

/** The campaign, as far as it has been read, does not list the organisation: 400. */
export class UnknownOrganisation extends InvalidInput {}

/**
 * The organisation of this id.
 * @param kind it must be of this kind, e.g. `village` for an area
 * @throws UnknownOrganisation naming `field` when the campaign does not list it
 */
export function requireOrganisation(
  state: CampaignState,
  id: string,
  field: string,
  kind?: Organisation['kind'],
): Organisation {
  const organisations = requireLaunched(state).organisations.filter(
    (organisation) => kind === undefined || organisation.kind === kind,
  );
  const found = organisations.find((organisation) => organisation.id === id);
  if (found) return found;
  throw new UnknownOrganisation(`unknown ${kind ?? 'organisation'} ${id}`, {
    field,
    expected: `one of ${organisations.map((organisation) => organisation.id).join(', ')}`,
  });
}

/** Declares the keys that may sign for what is recorded from now on: the whole list, as a new key is added before the old one goes. */
export function declareWriterKeys(
  { writers }: CampaignState,
  declared: EventOf<typeof WriterKeysDeclared>['data'],
): Drafts {
  const { keys } = declared;
  for (const [n, key] of keys.entries()) {
    try {
      if (parseVkey(key).type !== ED25519) throw new Error('its type is not 0x01 (Ed25519)');
    } catch (error) {
      throw new RuleViolated('not-a-writer-key', `keys.${n} is no verifier key: ${(error as Error).message}`, {
        field: `keys.${n}`,
        expected: 'what `daocha audit key` printed for the component',
      });
    }
  }
  if (keys.length === writers.length && keys.every((key) => writers.includes(key))) return NOTHING;
  return [{ type: 'WriterKeysDeclared', data: declared }];
}

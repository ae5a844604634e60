// Question 6, what was known then against what is known now: field by field of the unit, its hazards and its
// inspections, each with the later events that made the difference. What was not on record at all is one line, with
// what it is now.
import * as z from 'zod';
import { idSchema, instantSchema, parseStreamKey } from '../../../events/envelope.ts';
import { enumOf, fieldOf, fieldsOf, titled, type DataField } from '../../../events/field.ts';
import { InspectionPlanned, InspectionRecorded, templateSchema } from '../../../events/inspection.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { unitDetailsSchema } from '../../../events/unit.ts';
import { foldAll, same, type Fold, type Shown } from '../../rules/decider.ts';
import { hazard, hazardShown, type HazardState } from '../../rules/hazard/hazard.ts';
import { unit, unitShown, type UnitState } from '../../rules/unit/unit.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { putRight } from './corrections.ts';
import { byText, eventRefs } from './event-ref.ts';
import { inspectionsIn } from './inspections.ts';
import { valueZh } from '../dictionary.ts';
import { own } from '../../own.ts';

export const differenceFactSchema = z
  .strictObject({
    about: z.enum(['unit', 'hazard', 'inspection']),
    id: idSchema,
    field: z.string().describe('`exists` for what was not on record then'),
    zh: z.string(),
    before: z.unknown().describe('as known then; null: not known, or not set'),
    after: z.unknown().describe('as known now'),
    /** the events, not known then, after which the field had another value than before */
    because: eventRefs,
    events: eventRefs,
  })
  .meta({ id: 'DifferenceFact' });
export type DifferenceFact = z.infer<typeof differenceFactSchema>;

type Fields = Record<string, unknown>;

const INSPECTION: Shown<NonNullable<ReturnType<typeof inspectionFields>>> = {
  status: titled(enumOf({ planned: ['已计划'], recorded: ['已记录'], missed: ['未执行'] }), '状态'),
  plannedFor: InspectionPlanned.data.shape.plannedFor,
  at: titled(instantSchema, '检查时间'),
  inspectors: InspectionPlanned.data.shape.inspectors,
  template: templateSchema,
  answers: InspectionRecorded.data.shape.answers,
  signature: InspectionRecorded.data.shape.signature,
  result: InspectionRecorded.data.shape.result,
};
/** The fields that are shown, by what they are of. */
const FIELDS: Record<DifferenceFact['about'], readonly DataField[]> = {
  unit: [...fieldsOf(unitDetailsSchema), ...shownFields(unitShown)],
  hazard: shownFields(hazardShown),
  inspection: shownFields(INSPECTION),
};
function shownFields<State>(shown: Shown<State>): DataField[] {
  return Object.entries<z.ZodType | null>(shown).flatMap(([name, schema]) =>
    schema === null ? [] : [fieldOf(name, schema)],
  );
}

/** A value of the field that a fact is about, before or after. */
export function differenceZh({ about, field }: DifferenceFact, value: unknown): string {
  const known = FIELDS[about].find(({ name }) => name === field);
  if (known) return valueZh(known, value);
  const parts = value as Record<string, unknown>;
  return FIELDS[about]
    .flatMap((one) =>
      own(parts, one.name) === undefined ? [] : [`${one.title}：${valueZh(one, own(parts, one.name))}`],
    )
    .join('，');
}

/** Takes a stream's events one by one, and tells the fields after each; undefined: nothing on record yet. */
type Following = (placed: Placed) => Fields | undefined;
const FOLLOW: Record<DifferenceFact['about'], () => Following> = {
  unit: () => following(unit, unitFields),
  hazard: () => following(hazard, hazardFields),
  inspection: () => {
    const seen: Placed[] = []; // three or four at most
    return (placed) => {
      seen.push(placed);
      return inspectionFields(seen);
    };
  },
};

function following<State, Event extends DaochaEvent>(
  fold: Fold<State, Event>,
  fields: (state: State) => Fields | undefined,
): Following {
  let state = fold.initial;
  const seen: Placed[] = [];
  return (placed) => {
    seen.push(placed);
    const { event } = placed;
    // A correction changes what went before: fold it all again as it puts it right.
    state =
      event.type === 'HazardCorrected'
        ? foldAll(
            fold,
            putRight(seen).placed.map((one) => one.event as Event),
          )
        : fold.evolve(state, event as Event);
    return fields(state);
  };
}

function unitFields(state: UnitState): Fields | undefined {
  const { details, ...rest } = state;
  if (!details) return undefined;
  // Both ends of each term: who was relieved later was not known to be.
  const supervisors = rest.supervisors.map(({ track, person, post, organisation, from, until, basis }) => ({
    track,
    person,
    post,
    organisation,
    from,
    until,
    basis,
  }));
  return { ...details, ...rest, leases: Object.fromEntries(rest.leases), supervisors };
}

function hazardFields(state: HazardState): Fields | undefined {
  if (!state.status) return undefined;
  return { ...state, signedOffAt: state.signedOff?.at ?? null, reminders: [...state.reminders.values()] };
}

function inspectionFields(placed: readonly Placed[]) {
  const [seen] = inspectionsIn(placed);
  if (!seen) return undefined;
  const { planned, recorded, missed, at } = seen;
  return {
    status: recorded ? 'recorded' : missed ? 'missed' : 'planned',
    plannedFor: planned?.data.plannedFor ?? missed?.data.plannedFor ?? null,
    at,
    inspectors: recorded?.data.inspectors ?? planned?.data.inspectors ?? null,
    template: recorded?.data.template ?? planned?.data.template ?? null,
    answers: recorded?.data.answers ?? null,
    signature: recorded?.data.signature ?? null,
    result: recorded?.data.result ?? null,
  };
}

/**
 * Question 6, in order of the first event that made a difference.
 * @param placed the unit's events as known now
 * @param knewThen whether an event was known then
 */
export function differenceFacts(
  placed: readonly Placed[],
  knewThen: (placed: Placed) => boolean,
  refer: Refer,
): DifferenceFact[] {
  const streams = Map.groupBy(placed, ({ event }) => event.stream);
  return [...streams]
    .flatMap(([stream, events]) => {
      const { category, id } = parseStreamKey(stream);
      if (category !== 'unit' && category !== 'hazard' && category !== 'inspection') return [];
      const ordered = events.toSorted((a, b) => a.event.version - b.event.version);
      return ordered.every(knewThen) ? [] : differencesOf(category, id, ordered, knewThen, refer);
    })
    .toSorted((a, b) => byText(a.because[0]?.recordedAt ?? '', b.because[0]?.recordedAt ?? '') || byText(a.id, b.id));
}

function differencesOf(
  about: DifferenceFact['about'],
  id: string,
  ordered: readonly Placed[],
  knewThen: (placed: Placed) => boolean,
  refer: Refer,
): DifferenceFact[] {
  const [then, now] = [ordered.filter(knewThen), ordered].map((some) => lastOf(FOLLOW[about](), some));
  if (!now) return [];
  const first = ordered.find((one) => !knewThen(one))!;
  if (!then) {
    const because = [refer(first)];
    const zh = { unit: '单位登记', hazard: '隐患', inspection: '检查' }[about];
    return [{ about, id, field: 'exists', zh, before: null, after: summaryOf(about, now), because, events: because }];
  }
  const changed = FIELDS[about].filter(({ name }) => !same(then[name] ?? null, now[name] ?? null));
  if (changed.length === 0) return [];
  const because = causes(ordered, knewThen, FOLLOW[about](), changed);
  return changed.map(({ name: field, title: zh }) => {
    const refs = (because.get(field) ?? []).map(refer);
    return {
      about,
      id,
      field,
      zh,
      before: then[field] ?? null,
      after: now[field] ?? null,
      because: refs,
      events: refs,
    };
  });
}

/** What is said of something that was not on record then. */
function summaryOf(about: DifferenceFact['about'], now: Fields): unknown {
  if (about === 'unit') return { name: now['name'] };
  if (about === 'hazard') return { status: now['status'], grade: now['grade'], due: now['due'] };
  return { status: now['status'], at: now['at'] };
}

const lastOf = (follow: Following, placed: readonly Placed[]): Fields | undefined =>
  placed.reduce<Fields | undefined>((_, one) => follow(one), undefined);

/** For each field the later events at which its value changed. */
function causes(
  ordered: readonly Placed[],
  knewThen: (placed: Placed) => boolean,
  follow: Following,
  fields: readonly DataField[],
): Map<string, Placed[]> {
  const found = new Map<string, Placed[]>(fields.map(({ name }) => [name, []]));
  let before: Fields = {};
  for (const one of ordered) {
    const after = follow(one) ?? {};
    if (!knewThen(one)) {
      for (const [field, events] of found) {
        if (!same(before[field] ?? null, after[field] ?? null)) events.push(one);
      }
    }
    before = after;
  }
  return found;
}

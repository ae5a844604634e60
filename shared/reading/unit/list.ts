// View `units` (底数清单): one small entry a unit, sorted by name on three lists: all units, those of an area, those of a track.
// A unit of several tracks is on each one's list: the entry itself for its first track, a copy for each further one.
import * as z from 'zod';
import { idSchema, instantSchema, TRACKS, trackSchema, type Track } from '../../../events/envelope.ts';
import { RISK_GRADES, type UnitDetails } from '../../../events/unit.ts';
import { foldOne, unitOf, type DocumentView, type Folds, type Places } from '../views/view.ts';

export const UNIT_SORTS = ['name', '-name'] as const;

const unitEntrySchema = z.strictObject({
  unit: idSchema,
  name: z.string(),
  kind: z.string().nullable(),
  address: z.string().nullable(),
  area: idSchema.nullable(),
  tracks: z.array(trackSchema),
  /** tracks for which there is a copy of this entry: those that are, or once were, not its first */
  copied: z.array(trackSchema),
  riskGrade: z.enum(RISK_GRADES).nullable(),
  listed: z.boolean().describe('on the sign-off list (销项名单)'),
  listedSince: instantSchema.nullable(),
  surveyed: z
    .partialRecord(trackSchema, z.strictObject({ at: instantSchema, facts: z.int() }))
    .describe('last survey of the baseline facts, by track, with the number of facts'),
  registeredAt: instantSchema,
  closedAt: instantSchema.nullable(),
});
export type UnitEntry = z.infer<typeof unitEntrySchema>;

/** How copies are kept is nobody else's business. */
export const unitRowSchema = unitEntrySchema.omit({ copied: true }).meta({ id: 'UnitRow' });
export type UnitRow = z.infer<typeof unitRowSchema>;

const folds: Folds<UnitEntry> = {
  UnitDetailsCorrected: (doc, { data }) => described(doc, data.after),
  BaselineSurveyed: (doc, { data, occurredAt }) => ({
    ...doc,
    surveyed: { ...doc.surveyed, [data.track]: { at: occurredAt, facts: Object.keys(data.facts).length } },
  }),
  RiskGraded: (doc, { data }) => ({ ...doc, riskGrade: data.to }),
  UnitListed: (doc, { occurredAt }) => ({ ...doc, listed: true, listedSince: occurredAt }),
  UnitDelisted: (doc) => ({ ...doc, listed: false, listedSince: null }),
  UnitClosed: (doc, { occurredAt }) => ({ ...doc, closedAt: occurredAt }),
};

function described(doc: UnitEntry, { name, kind, address, area, tracks }: UnitDetails): UnitEntry {
  return {
    ...doc,
    name,
    kind: kind ?? null,
    address: address ?? null,
    area: area ?? null,
    tracks,
    copied: TRACKS.filter((track) => doc.copied.includes(track) || tracks.indexOf(track) > 0),
  };
}

function registered(unit: string, details: UnitDetails, at: string): UnitEntry {
  const nothing: UnitEntry = {
    unit,
    name: '',
    kind: null,
    address: null,
    area: null,
    tracks: [],
    copied: [],
    riskGrade: null,
    listed: false,
    listedSince: null,
    surveyed: {},
    registeredAt: at,
    closedAt: null,
  };
  return described(nothing, details);
}

export const UNIT_ENTRY_SK = 'entry';
export const ALL_UNITS = 'all';
export const areaUnits = (area: string): string => `area#${area}`;
export const trackUnits = (track: Track): string => `track#${track}`;
export const unitOrder = (doc: UnitEntry): string => `${doc.name}#${doc.unit}`;

export const unitsView: DocumentView<UnitEntry> = {
  kind: 'documents',
  name: 'units',
  shape: 1,
  keys: (event) => {
    const unit = unitOf(event);
    const matters = event.type === 'UnitRegistered' || folds[event.type] !== undefined;
    return matters && unit !== undefined ? [{ key: unit, sk: UNIT_ENTRY_SK }] : [];
  },
  fold: (doc, placed, { key }) => {
    const { event } = placed;
    if (event.type === 'UnitRegistered') return registered(key, event.data.details, event.occurredAt);
    return doc && foldOne(folds, doc, placed);
  },
  places: (doc) => {
    const order = unitOrder(doc);
    return {
      lists1: [ALL_UNITS, order],
      // a unit without an area is on no area's list
      ...(doc.area === null ? {} : { lists2: [areaUnits(doc.area), order] }),
      ...onTrack(doc, doc.tracks[0]),
    };
  },
  copies: (doc) =>
    doc.copied.map((track) => ({
      name: track,
      places: doc.tracks.indexOf(track) > 0 ? onTrack(doc, track) : {},
    })),
};

function onTrack(doc: UnitEntry, track: Track | undefined): Places {
  return track === undefined ? {} : { lists3: [trackUnits(track), unitOrder(doc)] };
}

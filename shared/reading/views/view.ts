// What a view is: which documents an event belongs to, and how it changes one of them. Everything here is pure.
// A fold depends on the event and its own document and on nothing else; that is what makes a rebuild equal to the live view
// byte for byte, however often, in whatever batches and by however many projectors the events were folded.
import type { DaochaEvent, EventType } from '../../../events/catalogue.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import type { LogDeps } from '../../record/log/deps.ts';

/** What views are written with and read with. */
export interface ViewDeps extends LogDeps {
  /** name of the VIEWS table */
  views: string;
}

/** An event with its place in the log. */
export interface Placed {
  position: number;
  event: DaochaEvent;
  /** the log's time when it came in, of an event that names another (shared/record/log/log-time.ts) */
  logged?: string;
}

/** Names one document of a view: `key` ends the partition key, `sk` is the sort key. */
export interface DocumentKey {
  key: string;
  sk: string;
}

/** Where a document is in one list: the list's name within the view, and its order key there. */
export type Place = readonly [list: string, order: string];
export interface Places {
  lists1?: Place;
  lists2?: Place;
  lists3?: Place;
}
export type ListIndex = keyof Places;

/** A view whose documents change: each is loaded, folded and written back by compare-and-swap on its position. */
export interface DocumentView<Doc extends object> {
  kind: 'documents';
  name: string;
  /** raised whenever the fold or the document's type changes: a generation is folded, and compared, in one shape only */
  shape: number;
  /** the documents that an event may change */
  keys: (event: DaochaEvent) => DocumentKey[];
  /** The document after the event; the same reference when nothing changes, undefined when there is no such document. */
  fold: (doc: Doc | undefined, placed: Placed, where: DocumentKey) => Doc | undefined;
  /** the lists it is on */
  places?: (doc: Doc, where: DocumentKey) => Places;
  /**
   * Copies of the document, for a list on which it is more than once. Every copy that there ever was must be named, without
   * places where it is no longer.
   */
  copies?: (doc: Doc, where: DocumentKey) => { name: string; places: Places }[];
}

/** A view of entries that never change: written once or again with the same bytes. */
export interface EntryView {
  kind: 'entries';
  name: string;
  shape: number;
  entries: (placed: Placed) => (DocumentKey & { doc: object })[];
}

// A registry holds views of different documents; each is only ever handed its own.
// oxlint-disable-next-line typescript/no-explicit-any
export type View = DocumentView<any> | EntryView;

/** `<tenant>#g<generation>#<view>#<key>`: partition key of a document, and of a list in an index. */
export function viewPartition(tenant: string, generation: number, view: string, key: string): string {
  return `${generationPrefix(tenant, generation)}${view}#${key}`;
}

/** What every partition key of a generation begins with. */
export function generationPrefix(tenant: string, generation: number): string {
  return `${tenant}#g${generation}#`;
}

/** What the sort keys of copies begin with, and no document's own does. */
export const COPY_PREFIX = 'copy#';

/** Name of the follower that projects a generation. */
export function projectionName(generation: number): string {
  return `project@g${generation}`;
}

/** The unit that an event is about: named in its envelope, or owner of the stream. */
export function unitOf(event: DaochaEvent): string | undefined {
  if (event.unit !== undefined) return event.unit;
  const { category, id } = parseStreamKey(event.stream);
  return category === 'unit' ? id : undefined;
}

/** One function per event type that a document cares about. */
export type Folds<Doc> = {
  [T in EventType]?: (doc: Doc, event: Extract<DaochaEvent, { type: T }>, position: number) => Doc;
};

/** Applies the function for the event's type; without one the document stays as it is. */
export function foldOne<Doc>(folds: Folds<Doc>, doc: Doc, { event, position }: Placed): Doc {
  const fold = folds[event.type] as ((doc: Doc, event: DaochaEvent, position: number) => Doc) | undefined;
  return fold ? fold(doc, event, position) : doc;
}

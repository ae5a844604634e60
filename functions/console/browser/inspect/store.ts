// What is kept on this device, in IndexedDB: drafts with their photos, and a few facts. Nothing here goes away but by who wrote it, or when
// the platform has said that it is recorded.
import type { Contact, Finished } from './clock.ts';

export type State = 'editing' | 'ready' | 'unsure' | 'refused' | 'sent';
export interface DraftFault {
  field?: string;
  message: string;
}

export interface DraftAlike {
  id: string;
  name: string;
  address?: string;
}

export interface KeptDraft {
  id: string;
  /** the idempotency key under which it is sent; the draft's own id, until the platform has refused it */
  key?: string;
  person: string;
  path: string;
  trackName: string;
  unitName: string;
  state: State;
  fields: [string, string][];
  changed: number;
  /** latitude, longitude, accuracy */
  at?: string;
  /** the device's clock at 提交, and the last answer of the platform before it */
  finished?: Finished;
  before?: Contact;
  /** fixed before it is sent for the first time */
  occurredAt?: string;
  /** on what the claimed time rests, in words */
  lateBasis?: string;
  /** why it was refused, and what would let it pass */
  faults?: DraftFault[];
  accept?: string;
  asks?: 'time' | 'basis';
  /** units on record that the new one reads like */
  alike?: DraftAlike[];
  /** where it is shown, once recorded */
  location?: string;
}

export interface Photo {
  draft: string;
  sha256: string;
  type: string;
  takenAt?: string;
  blob: Blob;
  fields: string[];
  sent?: boolean;
}

export interface KeptUnit {
  unit: string;
  name: string;
  tracks: string[];
}
interface Facts {
  device: string;
  clock: Contact;
  kept: { person: string; at: number; units: KeptUnit[]; more: boolean };
}

let opened: Promise<IDBDatabase> | undefined;
const open = (): Promise<IDBDatabase> =>
  (opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('daocha', 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore('drafts', { keyPath: 'id' });
      request.result.createObjectStore('photos', { keyPath: ['draft', 'sha256'] });
      request.result.createObjectStore('facts');
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  }));

/** One step on one store; resolves when it is safely written. */
async function run<T>(
  name: 'drafts' | 'photos' | 'facts',
  mode: IDBTransactionMode,
  act: (on: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const transaction = (await open()).transaction(name, mode, mode === 'readwrite' ? { durability: 'strict' } : {});
  const request = act(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', () => reject(transaction.error ?? request.error));
  });
}

/** Drafts of an earlier version of these scripts say of the device at 提交 its clock alone. */
const asNow = (draft: KeptDraft): KeptDraft =>
  typeof draft.finished === 'number' ? { ...draft, finished: { now: draft.finished, tick: 0, origin: 0 } } : draft;

export const drafts = {
  get: async (id: string) => {
    const found = await run<KeptDraft | undefined>('drafts', 'readonly', (on) => on.get(id));
    return found && asNow(found);
  },
  all: async () => (await run<KeptDraft[]>('drafts', 'readonly', (on) => on.getAll())).map(asNow),
  put: (draft: KeptDraft) => run('drafts', 'readwrite', (on) => on.put(draft)),
  drop: async (id: string) => {
    await photos.dropAll(id);
    await run('drafts', 'readwrite', (on) => on.delete(id));
  },
};

const every = (draft: string): IDBKeyRange => IDBKeyRange.bound([draft], [draft, []]);
export const photos = {
  of: (draft: string) => run<Photo[]>('photos', 'readonly', (on) => on.getAll(every(draft))),
  get: (draft: string, sha256: string) => run<Photo | undefined>('photos', 'readonly', (on) => on.get([draft, sha256])),
  put: (photo: Photo) => run('photos', 'readwrite', (on) => on.put(photo)),
  drop: ({ draft, sha256 }: Photo) => run('photos', 'readwrite', (on) => on.delete([draft, sha256])),
  dropAll: (draft: string) => run('photos', 'readwrite', (on) => on.delete(every(draft))),
};

export const deviceFacts = {
  get: <Name extends keyof Facts>(name: Name) =>
    run<Facts[Name] | undefined>('facts', 'readonly', (on) => on.get(name)),
  put: <Name extends keyof Facts>(name: Name, value: Facts[Name]) =>
    run('facts', 'readwrite', (on) => on.put(value, name)),
};

/** A name for this device that says nothing but that it is the same one. */
export async function deviceName(): Promise<string> {
  const known = await deviceFacts.get('device');
  if (known) return known;
  const made = `web-${crypto.randomUUID().slice(0, 8)}`;
  await deviceFacts.put('device', made);
  return made;
}

/** Whether something was not kept because the device is full; a browser may refuse for other reasons, which no deleting mends. */
export const isFull = (error: unknown): boolean => (error as Error | null)?.name === 'QuotaExceededError';

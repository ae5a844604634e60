// Sending what waits: photos first, then the inspection that names them, under one key, so that it is recorded once however often it is
// sent. A refusal is the end of that key: nothing was written under it, and what is sent next may be other words.
import { contact, finishedAt, reading, type Contact } from './clock.ts';
import { deviceName, drafts, deviceFacts, photos, type KeptDraft, type DraftFault, type Photo } from './store.ts';
import { townMinute } from '../../../../shared/town-time.ts';

/** No answer, or one that says nothing of whether it was done: try again later. */
export class Unsure extends Error {}
/** The session has ended: sign in. */
export class SignedOut extends Error {}

interface No {
  faults: DraftFault[];
  /** sent as `accept`, the same form is taken as it is */
  accept?: string;
  /** what would let it pass: the time itself, or on what the claimed one rests */
  asks?: KeptDraft['asks'];
  /** the new unit reads like these: it is one of them, or said to be another */
  alike?: KeptDraft['alike'];
  /** the new unit of the form is registered, and only the inspection was refused */
  unit?: string;
}
/** The platform has said no, and why. */
export class Refused extends Error {
  readonly no: No;

  constructor(no: No) {
    super(no.faults.map(({ message }) => message).join(' '));
    this.no = no;
  }
}

export interface DeviceSession {
  person: string;
  csrf: string;
  /** what the device said when it answered */
  contact: Contact;
}

/** Asks the platform, and keeps what its clock and the device's said. @throws Unsure, SignedOut, Refused */
export async function ask<Answer>(path: string, fields?: string[][]): Promise<Answer & { contact: Contact }> {
  const asked = reading();
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: fields ? 'POST' : 'GET',
      headers: { accept: 'application/json' },
      redirect: 'error',
      ...(fields && { body: new URLSearchParams(fields) }),
    });
  } catch {
    throw new Unsure('没有网络。');
  }
  const told = answer.headers.get('x-now') ?? answer.headers.get('date') ?? '';
  const at = contact(Date.parse(told), asked, reading());
  if (at.platform > 0) await deviceFacts.put('clock', at);
  const body = (await answer.json().catch(() => undefined)) as (Answer & Partial<No> & { type?: string }) | undefined;
  if (answer.status === 401 || body?.type === 'foreign-form') throw new SignedOut();
  if (answer.ok && body) return { ...body, contact: at };
  if (!body?.faults || answer.status >= 500 || body.type === 'conflict') {
    throw new Unsure(body?.faults?.[0]?.message ?? '系统暂时没有回应。');
  }
  throw new Refused(body as No);
}

export const askSession = (): Promise<DeviceSession> => ask<DeviceSession>('/console/inspect/session');

/** Puts one photo where the platform says. @throws Unsure, SignedOut, Refused */
export async function putPhoto(
  { sha256, type, takenAt, blob }: Pick<Photo, 'sha256' | 'type' | 'takenAt' | 'blob'>,
  csrf: string,
): Promise<void> {
  const fields = { csrf, sha256, mediaType: type, size: String(blob.size), takenAt: takenAt ?? '' };
  const { present, upload } = await ask<{
    present: boolean;
    upload: { url: string; method: string; headers: Record<string, string> };
  }>('/console/inspect/photos', Object.entries(fields));
  if (!present) {
    const answer = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: blob }).catch(() => {
      throw new Unsure('照片没有传完。');
    });
    // 412: another tab or device has put the same photo there meanwhile
    if (!answer.ok && answer.status !== 412) {
      if (answer.status === 400)
        throw new Refused({ faults: [{ message: '照片在传送中损坏或已改变，请删去后重拍。' }] });
      throw new Unsure(`照片没有传完（${answer.status}）。`);
    }
  }
}

/** What is there already is not sent again. */
async function sendPhoto(photo: Photo, { csrf }: DeviceSession): Promise<void> {
  if (photo.sent) return;
  await putPhoto(photo, csrf);
  // spares sending it again, no more: a device that is full sends all the same
  await photos.put({ ...photo, sent: true }).catch(() => undefined);
}

export const fieldOf = ({ fields }: KeptDraft, name: string): string | undefined =>
  fields.find(([known]) => known === name)?.[1] || undefined;

/** When the page of a draft was made, by the platform's clock. */
export const draftedFrom = (draft: KeptDraft): number | undefined =>
  Date.parse(fieldOf(draft, 'draftedFrom') ?? '') || undefined;

/** What the device's clock said, for a time that only who was there can tell. */
export const clockSaid = ({ finished }: KeptDraft): string =>
  `本机时钟当时显示 ${finished ? townMinute(new Date(finished.now)) : '（没有记下）'}`;

/** @throws Refused when the person must be asked */
function momentOf(draft: KeptDraft, { contact: after }: DeviceSession): string {
  const at = draft.finished && finishedAt(draft.before, draft.finished, after, draftedFrom(draft));
  if (at === undefined) throw new Refused({ asks: 'time', faults: [] });
  return new Date(at).toISOString();
}

async function sendDraft(draft: KeptDraft, session: DeviceSession): Promise<void> {
  // fixed before it is sent for the first time: sent again it must be the same, word for word
  draft.occurredAt ??= momentOf(draft, session);
  const kept = await photos.of(draft.id);
  for (const photo of kept) await sendPhoto(photo, session);
  draft.state = 'unsure';
  await drafts.put(draft);
  const evidence = kept.map(({ sha256, type, takenAt }) =>
    JSON.stringify({ sha256, mediaType: type, ...(takenAt && { takenAt }) }),
  );
  const { location } = await ask<{ location: string }>(draft.path, [
    ...draft.fields.filter(([name]) => name !== 'csrf' && name !== 'key'),
    ['csrf', session.csrf],
    ['key', draft.key ?? draft.id],
    ['occurredAt', draft.occurredAt],
    ...(draft.lateBasis ? [['lateBasis', draft.lateBasis]] : []),
    ['device', await deviceName()],
    ...(draft.at ? [['at', draft.at]] : []),
    ...kept.flatMap(({ sha256, fields }) => fields.filter((name) => name !== 'f-all').map((name) => [name, sha256])),
    ...evidence.map((one) => ['evidence', one]),
  ]);
  await drafts.put({ ...draft, state: 'sent', location, faults: undefined, fields: [] });
  await photos.dropAll(draft.id);
}

/** What was filled in, of a unit that is on record instead of a new one. */
export const fieldsAboutUnit = (draft: KeptDraft, unit: string, name: string): KeptDraft['fields'] => [
  ...draft.fields.filter(([field]) => !/^new|^unit(Name)?$|^distinctFrom$/.test(field)),
  ['unit', unit],
  ['unitName', name],
];

/** What a draft is after it was refused: kept with the reason, and under a new key whatever was sent under the old one. */
export function refused(draft: KeptDraft, no: No): KeptDraft {
  const { faults, accept, asks, alike, unit } = no;
  const fields = unit ? fieldsAboutUnit(draft, unit, draft.unitName) : draft.fields;
  return {
    ...draft,
    state: 'refused',
    key: draft.state === 'unsure' ? crypto.randomUUID() : draft.key,
    fields,
    accept,
    asks,
    alike,
    faults: asks === 'time' ? [...faults, { message: `${clockSaid(draft)}，请填写检查时间。` }] : faults,
    occurredAt: asks === 'time' ? undefined : draft.occurredAt,
  };
}

/** Milliseconds after which a tab that hangs is no longer waited for. */
const HANGS = 30_000;

/** One at a time over all tabs; where a browser has no locks, the platform still does it once. */
async function alone(act: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return act();
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), HANGS);
  await navigator.locks
    .request('daocha-send', { signal: waiting.signal }, async () => {
      clearTimeout(timer);
      await act();
    })
    .catch((error: unknown) => {
      if (!waiting.signal.aborted) throw error;
    });
}

/**
 * Sends what waits, if whoever filled it in is signed in.
 * @param told called after each draft
 * @returns why something did not go, '' when nothing is wrong, undefined when nothing was tried
 */
export async function sendAll(told: () => Promise<void>): Promise<string | undefined> {
  let note: string | undefined;
  await alone(async () => {
    const waiting = (await drafts.all()).filter(({ state }) => state === 'ready' || state === 'unsure');
    if (waiting.length === 0) return;
    try {
      const session = await askSession();
      const own = waiting.filter(({ person }) => person === session.person);
      note = own.length > 0 ? '' : `现在登录的是 ${session.person}，以填写人的账号登录后自动发送。`;
      for (const draft of own) {
        try {
          await sendDraft(draft, session);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          await drafts.put(refused(draft, error.no));
        }
        await told();
      }
    } catch (error) {
      if (error instanceof SignedOut) note = 'signed-out';
      else note = error instanceof Unsure ? error.message : '没有发出，稍后自动再试。';
    }
  });
  return note;
}

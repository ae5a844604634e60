// The form on a device that can keep drafts: every answer is kept at once, photos and the place are added, and 提交 hands the draft over to
// be sent. One page at a time writes a draft. Where this does not begin, the form is sent as it is (console.js).
import { faultsNow, showFaults, showProgress, valueOf } from './checks.ts';
import { reading } from './clock.ts';
import { box, element, form as found } from './dom.ts';
import { sendNow, show } from './outbox.ts';
import { addPhotos, showPhotos } from './photo-list.ts';
import { fieldOf } from './send.ts';
import { drafts, deviceFacts, isFull, type KeptDraft } from './store.ts';
import { chooseUnit, offerUnits, unitNow } from './unit-picker.ts';

/** There is one where this begins. */
const form = found!;
const opened = reading();
const query = new URLSearchParams(location.search);
let draft: KeptDraft;

function newDraft(person: string): KeptDraft {
  const template = query.get('template');
  return {
    id: crypto.randomUUID(),
    person,
    path: location.pathname + (template === null ? '' : `?template=${encodeURIComponent(template)}`),
    trackName: document.querySelector('h1')!.textContent.replace(/^检查：/, ''),
    unitName: '',
    state: 'editing',
    fields: [],
    changed: Date.now(),
  };
}

/** Of the page and of this one sending, not of what was filled in. */
const OF_THE_PAGE = new Set(['csrf', 'key', 'draftedFrom']);

/** Keeps what is filled in; resolves when it is written. */
async function keepNow(): Promise<void> {
  if (draft.state !== 'editing' && draft.state !== 'refused') return;
  draft.fields = [...new FormData(form)]
    .filter(([name]) => name !== 'csrf' && name !== 'key')
    .map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
  draft.changed = Date.now();
  draft.unitName = unitNow().name || valueOf('newName');
  await drafts.put(draft);
  if (query.get('draft') !== draft.id) {
    query.set('draft', draft.id);
    history.replaceState(null, '', `?${query.toString()}`);
  }
}

function restore(fields: KeptDraft['fields']): void {
  for (const control of form.elements) {
    const { name, type, value } = control as HTMLInputElement;
    const all = fields.filter(([known]) => known === name).map(([, said]) => said);
    if (name === '' || OF_THE_PAGE.has(name) || all.length === 0) continue;
    if (type === 'radio' || type === 'checkbox') (control as HTMLInputElement).checked = all.includes(value);
    else (control as HTMLInputElement).value = all[0]!;
  }
}

// --- the place --------------------------------------------------------------------------------------------------------------------

/** Asked for once, when somebody begins to fill in; refused or unknown it stays away. */
function askPlace(): void {
  const line = form.querySelector<HTMLElement>('[data-place]')!;
  if (!('geolocation' in navigator) || draft.at !== undefined) return sayPlace();
  navigator.geolocation.getCurrentPosition(
    ({ coords: { latitude, longitude, accuracy } }) => {
      draft.at = `${latitude.toFixed(6)},${longitude.toFixed(6)},${Math.round(accuracy)}`;
      sayPlace();
      void keepNow().catch(sayNotKept);
    },
    ({ code }) => {
      line.hidden = false;
      line.textContent = code === 1 ? '没有提供位置（未获许可），不影响提交。' : '没有取得位置，不影响提交。';
    },
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
  );
}

function sayPlace(): void {
  if (draft.at === undefined) return;
  const line = form.querySelector<HTMLElement>('[data-place]')!;
  const [lat, lon, accuracy] = draft.at.split(',');
  line.hidden = false;
  line.textContent = `位置：${Number(lat).toFixed(4)}, ${Number(lon).toFixed(4)}（误差约 ${accuracy} 米）`;
}

// --- submitting -------------------------------------------------------------------------------------------------------------------

/** Nothing is kept any more: from now on the form is sent as it is. */
let plain = false;

function sayNotKept(error: unknown): void {
  if (isFull(error)) return showFaults([{ message: '本机空间不足，草稿没有存下，请先发送或删除旧草稿。' }]);
  plain = form.querySelector('[data-photos] img') === null;
  showFaults([{ message: '这个浏览器没有存下草稿（无痕模式或系统过旧）。请不要关闭本页，有网络时再提交一次。' }]);
}

let submitting = false;

async function submit(): Promise<void> {
  const faults = faultsNow();
  showFaults(faults);
  if (faults.length > 0) return;
  await keepNow();
  const finished = { ...reading(), opened };
  const before = await deviceFacts.get('clock');
  Object.assign(draft, { state: 'ready', finished, before, faults: undefined, asks: undefined, accept: undefined });
  Object.assign(draft, { occurredAt: undefined, lateBasis: undefined, alike: undefined });
  await drafts.put(draft);
  await sendNow();
  const after = await drafts.get(draft.id);
  if (after?.state === 'sent' && after.location !== undefined) location.assign(after.location);
  else if (after?.state === 'refused') location.assign('/console/inspect');
  else rest();
}

/** What waits is sent from this very page: as long as it is open, the browser has counted since when the draft waits. */
function rest(): void {
  const again = element('a', { class: 'button', href: '/console/inspect' }, '继续检查');
  form
    .closest('main')!
    .replaceChildren(
      element('h1', {}, '检查'),
      box,
      element('p', { class: 'muted' }, '请让本页开着，有网络时自动发送。'),
      element('p', {}, again),
    );
  form.remove();
  history.replaceState(null, '', '/console/inspect');
  document.title = '检查 · 倒查';
  release();
  void show(false);
  scrollTo(0, 0);
}

// --- beginning --------------------------------------------------------------------------------------------------------------------

let release = (): void => undefined;
/** Holds the draft for this page as long as it is filled in here: two pages must not write the same draft. */
function hold(id: string): Promise<boolean> {
  if (!('locks' in navigator)) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`daocha-draft-${id}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return (
          lock &&
          new Promise<void>((done) => {
            release = done;
          })
        );
      })
      .catch(reject);
  });
}

/** Nothing more can be filled in here, and why. */
function stop(why: string): void {
  form.before(element('p', { class: 'fault', role: 'alert' }, why));
  form.inert = true;
  // older browsers do not know `inert`
  for (const control of form.elements) (control as HTMLInputElement).disabled = true;
}

export async function beginForm(): Promise<void> {
  const person = box.dataset['person']!;
  const asked = query.get('draft');
  const kept = asked === null ? undefined : await drafts.get(asked);
  const mine = kept?.person === person && (kept.state === 'editing' || kept.state === 'refused');
  draft = mine ? kept : newDraft(person);
  if (!(await hold(draft.id))) return stop('这份草稿正在另一个页面填写，请回到那个页面，或关闭它再刷新。');
  const by = fieldOf(draft, 'template');
  if (by !== undefined && by !== valueOf('template')) {
    return stop('检查表已更新，这份草稿按旧版填写：请在本机草稿中按原版提交，或删除后按新版重新检查。');
  }
  form.dataset['draft'] = draft.id;
  const unit = fieldOf(draft, 'unit');
  if (unit !== undefined) chooseUnit(unit, draft.unitName);
  restore(draft.fields);
  const keep = (): void => void keepNow().catch(sayNotKept);
  await offerUnits(keep, query.get('unit'));
  await beginPhotos();
  showProgress();
  sayPlace();
  if (draft.state === 'refused') showFaults(draft.faults ?? []);
  form.addEventListener('input', ({ target }) => {
    if ((target as HTMLInputElement).name === '') return;
    showProgress();
    keep();
  });
  form.addEventListener('input', askPlace, { once: true });
  form.addEventListener('submit', taken, { capture: true });
  await show(false);
}

async function beginPhotos(): Promise<void> {
  const parts = [...form.querySelectorAll<HTMLElement>('[data-photos]')];
  await showPhotos(draft.id, parts);
  const add = async (part: HTMLElement, files: File[]): Promise<void> => {
    await keepNow();
    await addPhotos(draft.id, part, files);
    await showPhotos(draft.id, parts);
  };
  for (const part of parts) {
    part.hidden = false;
    part.querySelector('input')!.addEventListener('change', ({ target }) => {
      const input = target as HTMLInputElement;
      const files = [...input.files!];
      input.value = ''; // the same photo can be chosen again
      void add(part, files).catch(sayNotKept);
    });
  }
}

function taken(event: Event): void {
  if (plain) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // console.js need not count its clicks
  if (submitting) return; // a second tap
  submitting = true;
  submit()
    .catch(sayNotKept)
    .finally(() => {
      submitting = false;
    });
}

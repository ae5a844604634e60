// 本机草稿: the list of drafts on this device, the outcome of each, and what may be done about it: go on, send now, answer what the platform
// asks, delete. What may have arrived can be neither changed nor thrown away before it is known.
import { platformNow, reading } from './clock.ts';
import { box, deviceLine, element, form } from './dom.ts';
import { fieldsAboutUnit, clockSaid, draftedFrom, sendAll } from './send.ts';
import { drafts, deviceFacts, type DraftAlike, type KeptDraft } from './store.ts';
import { momentOf, townMinute } from '../../../../shared/town-time.ts';

const STATES: Record<KeptDraft['state'], string> = {
  editing: '未提交',
  ready: '等待发送',
  unsure: '等待发送',
  refused: '没有办成',
  sent: '已记录',
};
const TONES: Record<KeptDraft['state'], string> = {
  editing: 'todo',
  ready: 'wait',
  unsure: 'wait',
  refused: 'bad',
  sent: 'done',
};

let note = '';
let showing = '';
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('daocha-drafts') : undefined;
// what another tab has learned while sending is shown here too
channel?.addEventListener('message', ({ data }: MessageEvent<{ note: string }>) => {
  ({ note } = data);
  void show(false);
});

/** Sends what waits, and shows the outcome. */
export async function sendNow(): Promise<void> {
  note = (await sendAll(show)) ?? note;
  await show();
}

export async function show(told = true): Promise<void> {
  const { person } = box.dataset;
  const all = (await drafts.all()).sort((a, b) => b.changed - a.changed);
  const own = all.filter((draft) => draft.person === person);
  const others = all.filter((draft) => draft.person !== person && draft.state !== 'sent').length;
  const editing = form?.isConnected ? form.dataset['draft'] : undefined;
  const shown = own.filter(({ id, state }) => id !== editing || state !== 'editing');
  const list = box.querySelector('ul')!;
  const waits = own.some(({ state }) => state === 'ready' || state === 'unsure');
  const shows = JSON.stringify([shown, others, waits && note]);
  if (shows !== showing) {
    // what is being answered stays as it is
    const typed = new Map([...list.querySelectorAll('li')].filter(isTyped).map((one) => [one.dataset['draft'], one]));
    list.replaceChildren(
      ...(waits && note !== '' ? [noteLine()] : []),
      ...shown.map((draft) => (draft.asks && typed.get(draft.id)) || entry(draft)),
      ...(others > 0 ? [element('li', {}, `本机另有 ${others} 份其他人的草稿，请以填写人的账号登录后发送。`)] : []),
    );
    showing = shows;
  }
  box.hidden = list.children.length === 0 && deviceLine().textContent === '';
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin has no target
  if (told) channel?.postMessage({ note });
}

const isTyped = (item: HTMLElement): boolean =>
  [...item.querySelectorAll<HTMLInputElement>('.question input, .question textarea')].some(({ value }) => value !== '');

function noteLine(): HTMLElement {
  if (note !== 'signed-out') return element('li', { class: 'fault' }, note);
  const back = encodeURIComponent('/console/inspect');
  return element(
    'li',
    { class: 'fault' },
    '登录已过期，草稿都在本机。',
    element('a', { class: 'button', href: `/console/sign-in?to=${back}` }, '登录后自动发送'),
  );
}

const button = (text: string, onclick: () => unknown): HTMLElement =>
  element('button', { type: 'button', class: 'button quiet', onclick }, text);

function entry(draft: KeptDraft): HTMLElement {
  const { id, state, unitName, trackName, changed, faults = [], location: link, accept, asks, alike = [] } = draft;
  const path = `${draft.path}${draft.path.includes('?') ? '&' : '?'}draft=${id}`;
  const waits = state === 'ready' || state === 'unsure';
  return element(
    'li',
    { 'data-state': state, 'data-draft': id },
    element(
      'p',
      { class: 'heading' },
      element('b', {}, `${unitName || '未选单位'} · ${trackName}`),
      element('span', { class: `tag ${TONES[state]}` }, STATES[state]),
    ),
    element('p', { class: 'muted' }, townMinute(new Date(changed))),
    ...(state === 'refused' ? faults.map(({ message }) => element('p', { class: 'fault' }, message)) : []),
    state === 'refused' && asks && question(draft, asks),
    ...(state === 'refused' ? alike.map((unit) => choiceOf(draft, unit)) : []),
    element(
      'p',
      { class: 'actions' },
      state === 'sent' && link !== undefined && element('a', { href: link }, '查看单位'),
      (state === 'editing' || state === 'refused') && element('a', { class: 'button quiet', href: path }, '继续填写'),
      waits && button('现在发送', sendNow),
      state === 'refused' &&
        accept !== undefined &&
        button('按原版提交', () => resend({ ...draft, fields: [...draft.fields, ['accept', accept]] })),
      state !== 'unsure' && button(state === 'sent' ? '清除' : '删除', () => remove(draft)),
    ),
  );
}

/** The new unit reads like this one: it is this one, or the inspector says that it is another; that goes on record. */
function choiceOf(draft: KeptDraft, { id, name, address = '' }: DraftAlike): HTMLElement {
  const same = () => resend({ ...draft, unitName: name, fields: fieldsAboutUnit(draft, id, name) });
  const another = () => resend({ ...draft, fields: [...draft.fields, ['distinctFrom', id]] });
  return element(
    'p',
    { class: 'actions' },
    element('a', { href: `/console/units/${id}` }, `${name} ${address}`),
    button('就是这一家', same),
    button('确是另一家', another),
  );
}

async function resend(draft: KeptDraft): Promise<void> {
  await drafts.put({
    ...draft,
    state: 'ready',
    faults: undefined,
    asks: undefined,
    accept: undefined,
    alike: undefined,
  });
  await sendNow();
}

async function remove({ id, state, unitName }: KeptDraft): Promise<void> {
  if (state !== 'sent' && !confirm(`删除草稿“${unitName || '未选单位'}”？照片也会删除，不能恢复。`)) return;
  await drafts.drop(id);
  await show();
}

// --- what only who was there can say ----------------------------------------------------------------------------------------------

/** What the platform takes of a basis, less what the device adds to it. */
const LONGEST = 1900;

/** Asks for the time of the inspection, or only on what the claimed one rests; what was answered goes on record. */
function question(draft: KeptDraft, asks: 'time' | 'basis'): HTMLElement {
  const basis = element('textarea', { id: `basis-${draft.id}`, rows: '2', maxlength: String(LONGEST) });
  const time = element('input', { type: 'datetime-local', id: `time-${draft.id}` });
  const wrong = element('p', { class: 'fault', role: 'alert' });
  wrong.hidden = true;
  const say = (message: string, at: HTMLElement): void => {
    wrong.textContent = message;
    wrong.hidden = false;
    at.focus();
  };
  const answer = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = basis.value.trim();
    let { occurredAt } = draft;
    if (asks === 'time') {
      const at = inTown(time.value);
      const [from, now] = [draftedFrom(draft), platformNow(await deviceFacts.get('clock'), reading())];
      // the field has minutes, and the page may have been made within one
      if (at === undefined || (from !== undefined && at + 59_999 < from) || at > now) {
        const first = from === undefined ? '' : `${townMinute(new Date(from))} 到 `;
        return say(`检查时间应在 ${first}${townMinute(new Date(now))} 之间，例如 ${townMinute(new Date(now))}`, time);
      }
      occurredAt = new Date(Math.max(at, from ?? at)).toISOString();
    }
    if (words === '') return say('请填写依据', basis);
    (event.target as HTMLFormElement).reset();
    const lateBasis = asks === 'time' ? `${clockSaid(draft)}，检查时间由检查人填写。依据：${words}` : words;
    await resend({ ...draft, occurredAt, lateBasis });
  };
  return element(
    'form',
    { class: 'question', onsubmit: answer as () => unknown },
    asks === 'time' && element('label', { for: time.id }, '检查时间'),
    asks === 'time' && time,
    element('label', { for: basis.id }, '依据'),
    element('p', { class: 'hint' }, '说明为什么是这个时间，例如：凭签字的检查单。随检查一起记录。'),
    basis,
    wrong,
    element('button', { class: 'button' }, '说明后发送'),
  );
}

/** A time as it is typed, read as the town's whatever zone the device is in. */
function inTown(text: string): number | undefined {
  const [, day, minute] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)/.exec(text.trim()) ?? [];
  const at = momentOf(day ?? '', `${minute}:00`);
  return Number.isNaN(at) ? undefined : at;
}

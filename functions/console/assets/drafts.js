// 检查: drafts on this device, and sending them. A draft lies in IndexedDB from the first answer on, with its photos; it is sent when there is
// network and somebody is signed in as who filled it in, under one key for its whole life, so that it is recorded once however often
// it is sent. It goes from here only when the platform has said that it is recorded, or when its author deletes it.
const STATES = {
  editing: '未提交',
  ready: '等待发送',
  unsure: '等待发送',
  refused: '没有办成',
  sent: '已记录',
};

// --- what is kept -----------------------------------------------------------------------------------------------------------------

const store = (() => {
  let opened;
  const open = () =>
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
  const run = async (name, mode, act) => {
    const transaction = (await open()).transaction(name, mode, mode === 'readwrite' ? { durability: 'strict' } : {});
    const request = act(transaction.objectStore(name));
    return new Promise((resolve, reject) => {
      transaction.addEventListener('complete', () => resolve(request.result));
      transaction.addEventListener('abort', () => reject(transaction.error ?? request.error));
    });
  };
  return {
    get: (name, key) => run(name, 'readonly', (on) => on.get(key)),
    all: (name, range) => run(name, 'readonly', (on) => on.getAll(range)),
    put: (name, value, key) => run(name, 'readwrite', (on) => on.put(value, key)),
    drop: (name, key) => run(name, 'readwrite', (on) => on.delete(key)),
  };
})();

const photosOf = (draft) => store.all('photos', IDBKeyRange.bound([draft], [draft, []]));
const dropDraft = async (id) => {
  await store.drop('photos', IDBKeyRange.bound([id], [id, []]));
  await store.drop('drafts', id);
};

/** A name for this device that says nothing but that it is the same one. */
async function deviceName() {
  const known = await store.get('facts', 'device');
  if (known) return known;
  const made = `web-${crypto.randomUUID().slice(0, 8)}`;
  await store.put('facts', made, 'device');
  return made;
}

// --- sending ----------------------------------------------------------------------------------------------------------------------

/** No answer, or one that says nothing of whether it was done: try again later. */
class Unsure extends Error {}
/** The session has ended: sign in. */
class SignedOut extends Error {}
/** The platform has said no, and why. */
class Refused extends Error {
  constructor({ type, faults, accept }) {
    super(faults.map(({ message }) => message).join(' '));
    Object.assign(this, { type, faults, accept });
  }
}

async function ask(path, fields) {
  const form = fields && new URLSearchParams(fields);
  let answer;
  try {
    answer = await fetch(path, {
      method: form ? 'POST' : 'GET',
      headers: { accept: 'application/json' },
      redirect: 'error',
      ...(form && { body: form }),
    });
  } catch {
    throw new Unsure('没有网络。');
  }
  const body = await answer.json().catch(() => undefined);
  if (answer.status === 401 || body?.type === 'foreign-form') throw new SignedOut();
  if (answer.ok && body) return body;
  if (!body?.faults || answer.status >= 500 || body.type === 'conflict') {
    throw new Unsure(body?.faults?.[0]?.message ?? '系统暂时没有回应。');
  }
  throw new Refused(body);
}

/** Puts one photo where the platform says; what is there already is not sent again. */
async function sendPhoto(photo, { csrf }) {
  if (photo.sent) return;
  const { sha256, type, takenAt, blob } = photo;
  const fields = { csrf, sha256, mediaType: type, size: String(blob.size), takenAt: takenAt ?? '' };
  const { present, upload } = await ask('/console/inspect/photos', fields);
  if (!present) {
    const answer = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: blob }).catch(() => {
      throw new Unsure('照片没有传完。');
    });
    // 412: another tab or device has put the same photo there meanwhile
    if (!answer.ok && answer.status !== 412) {
      if (answer.status === 400)
        throw new Refused({ type: 'photo', faults: [{ message: '照片在传送中损坏或已改变，请删去后重拍。' }] });
      throw new Unsure(`照片没有传完（${answer.status}）。`);
    }
  }
  await store.put('photos', { ...photo, sent: true });
}

/** Sends one draft: photos first, then the inspection that names them. */
async function sendDraft(draft, session) {
  const photos = await photosOf(draft.id);
  for (const photo of photos) await sendPhoto(photo, session);
  // fixed before it is sent for the first time: sent again it must be the same, word for word
  if (draft.occurredAt === undefined) {
    const ahead = Date.now() - Date.parse(session.now);
    const at = Math.min(draft.finished - (Math.abs(ahead) > 1000 ? ahead : 0), Date.parse(session.now));
    draft.occurredAt = new Date(at).toISOString();
  }
  draft.state = 'unsure';
  await store.put('drafts', draft);
  const evidence = photos.map(({ sha256, type, takenAt }) =>
    JSON.stringify({ sha256, mediaType: type, ...(takenAt && { takenAt }) }),
  );
  const fields = [
    ...draft.fields.filter(([name]) => name !== 'csrf' && name !== 'key'),
    ['csrf', session.csrf],
    ['key', draft.id],
    ['occurredAt', draft.occurredAt],
    ['device', await deviceName()],
    ...(draft.at ? [['at', draft.at]] : []),
    ...photos.flatMap(({ sha256, fields: names }) =>
      names.filter((name) => name !== 'f-all').map((name) => [name, sha256]),
    ),
    ...evidence.map((one) => ['evidence', one]),
  ];
  const { location } = await ask(draft.path, fields);
  await store.put('drafts', { ...draft, state: 'sent', location, faults: undefined, fields: [] });
  await store.drop('photos', IDBKeyRange.bound([draft.id], [draft.id, []]));
}

/** One at a time over all tabs; where a browser has no locks, the platform still does it once. A tab that hangs is not waited for for ever. */
function alone(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request('daocha-send', { signal: AbortSignal.timeout(30_000) }, act).catch(() => undefined);
}

let note = '';
/** Sends what waits, if whoever filled it in is signed in. */
function sendAll() {
  return alone(async () => {
    const waiting = (await store.all('drafts')).filter(({ state }) => state === 'ready' || state === 'unsure');
    if (waiting.length === 0) return;
    try {
      const session = await ask('/console/inspect/session');
      note = '';
      for (const draft of waiting.filter(({ person }) => person === session.person)) {
        try {
          await sendDraft(draft, session);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          await store.put('drafts', {
            ...draft,
            state: 'refused',
            faults: error.faults,
            accept: error.accept,
            occurredAt: undefined,
          });
        }
        await show();
      }
    } catch (error) {
      note =
        error instanceof SignedOut
          ? 'signed-out'
          : error instanceof Unsure
            ? error.message
            : '没有发出，稍后自动再试。';
    }
  }).then(show);
}

// --- what is shown ----------------------------------------------------------------------------------------------------------------

const box = document.querySelector('[data-outbox]');
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('daocha-drafts') : undefined;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

async function show(told = true) {
  if (!box) return;
  const { person } = box.dataset;
  const all = (await store.all('drafts')).toSorted((a, b) => b.changed - a.changed);
  const own = all.filter((draft) => draft.person === person);
  const others = all.filter((draft) => draft.person !== person && draft.state !== 'sent').length;
  const list = box.querySelector('ul');
  const editing = document.querySelector('main > form')?.dataset.draft;
  const shown = own.filter(({ id, state }) => id !== editing || state !== 'editing');
  list.replaceChildren(...shown.map(entry));
  if (others > 0) {
    list.append(element('li', {}, `本机另有 ${others} 份其他人的草稿，请以填写人的账号登录后发送。`));
  }
  if (note !== '' && own.some(({ state }) => state === 'ready' || state === 'unsure')) list.prepend(noteLine());
  box.hidden = list.children.length === 0 && box.querySelector('[data-device]').textContent === '';
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin has no target
  if (told) channel?.postMessage({ note });
}

function noteLine() {
  if (note !== 'signed-out') return element('li', { class: 'fault' }, note);
  const back = encodeURIComponent('/console/inspect');
  return element(
    'li',
    { class: 'fault' },
    '登录已过期，草稿都在本机。',
    element('a', { class: 'button', href: `/console/sign-in?to=${back}` }, '登录后自动发送'),
  );
}

function entry(draft) {
  const { id, state, unitName, trackName, changed, faults, location: link, accept } = draft;
  const tone = { sent: 'done', refused: 'bad', editing: 'todo' }[state] ?? 'wait';
  const when = new Date(changed).toLocaleString('zh-CN', {
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  const path = `${draft.path}${draft.path.includes('?') ? '&' : '?'}draft=${id}`;
  const resend = async (fields) => {
    await store.put('drafts', { ...draft, fields, state: 'ready', faults: undefined });
    await sendAll();
  };
  return element(
    'li',
    { 'data-state': state },
    element(
      'p',
      { class: 'heading' },
      element('b', {}, `${unitName || '未选单位'} · ${trackName}`),
      element('span', { class: `tag ${tone}` }, STATES[state]),
    ),
    element('p', { class: 'muted' }, when),
    ...(state === 'refused' ? faults.map(({ message }) => element('p', { class: 'fault' }, message)) : []),
    element(
      'p',
      { class: 'actions' },
      state === 'sent' && element('a', { href: link }, '查看单位'),
      (state === 'editing' || state === 'refused') && element('a', { class: 'button quiet', href: path }, '继续填写'),
      (state === 'ready' || state === 'unsure') &&
        element('button', { type: 'button', class: 'button quiet', onclick: sendAll }, '现在发送'),
      state === 'refused' &&
        accept &&
        element(
          'button',
          {
            type: 'button',
            class: 'button quiet',
            onclick: () => resend([...draft.fields, ['accept', accept]]),
          },
          '按原版提交',
        ),
      // what may have arrived must not be thrown away before that is known
      state !== 'unsure' &&
        element(
          'button',
          { type: 'button', class: 'button quiet', onclick: () => remove(draft) },
          state === 'sent' ? '清除' : '删除',
        ),
    ),
  );
}

async function remove({ id, state, unitName }) {
  if (state !== 'sent' && !confirm(`删除草稿“${unitName || '未选单位'}”？照片也会删除，不能恢复。`)) return;
  await dropDraft(id);
  await show();
}

// --- keeping the pages ------------------------------------------------------------------------------------------------------------

/** Milliseconds after which what waits is tried again, where no browser says that the network is back. */
const AGAIN = 60_000;
/** Minutes after which pages and units on the device are fetched anew. */
const FRESH = 10;

async function keepPages() {
  const { person } = box.dataset;
  const before = await store.get('facts', 'kept');
  if (before && before.person !== person) await caches.delete('daocha-inspect');
  const registration = await navigator.serviceWorker.register('/console/worker.js', { scope: '/console/inspect' });
  if (before?.person !== person || Date.now() - before.at > FRESH * 60_000) {
    const { pages, units, more } = await ask('/console/inspect/kept');
    const worker = registration.active ?? (await navigator.serviceWorker.ready).active;
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => port1.addEventListener('message', ({ data }) => resolve(data.kept)));
    port1.start();
    worker.postMessage({ keep: pages }, [port2]);
    const kept = await answered;
    if (kept < pages.length) throw new Error(`${kept} of ${pages.length} pages are kept`);
    await store.put('facts', { person, at: Date.now(), units, more }, 'kept');
  }
  await sayKept();
}

/** Over a bad line the page may be one that was kept for whoever was signed in before: then it is asked for again. */
async function checkPerson() {
  const session = await ask('/console/inspect/session').catch(() => undefined);
  if (!session || session.person === box.dataset.person) return;
  await caches.delete('daocha-inspect');
  location.reload();
}

/** Tries a few times; what was kept before stays good meanwhile. */
async function keepWithPatience() {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      return await keepPages();
    } catch {
      await sayKept();
      await new Promise((resolve) => setTimeout(resolve, AGAIN / 10));
    }
  }
  return sayKept();
}

async function sayKept() {
  if (document.querySelector('main > form')) return; // there it would only be in the way
  const kept = await store.get('facts', 'kept');
  if (kept?.person !== box.dataset.person) {
    box.querySelector('[data-device]').textContent = '还没有存到本机，请保持联网，稍后再打开本页。';
    box.hidden = false;
    return;
  }
  const { units, more, at } = kept;
  const when = new Date(at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' });
  box.querySelector('[data-device]').textContent =
    `检查表和 ${units.length} 家单位已存到本机${more ? '（其余需联网查找）' : ''}，没有网络也能检查。${when} 更新。`;
  box.hidden = false;
}

if (box && 'indexedDB' in window && crypto.subtle) {
  void show(false);
  void sendAll();
  void checkPerson();
  addEventListener('online', () => void sendAll());
  setInterval(() => void sendAll(), AGAIN);
  // what another tab has learned while sending is shown here too
  channel?.addEventListener('message', ({ data }) => {
    ({ note } = data);
    void show(false);
  });
  if ('serviceWorker' in navigator) void keepWithPatience();
}

// 检查: the form on a device with script: every answer is kept at once as a draft, photos are made smaller and hashed here, the place is asked
// for, and “提交” hands the draft to drafts.js, which sends it when it can. Without this file the form is sent as it stands.
const form = document.querySelector('main > form');

/** Longest side of a photo in pixels; a clause can be read in it, and it passes over a bad line. */
const SIDE = 1600;
const QUALITY = 0.8;
const MOST_PHOTOS = 50;

// --- photos -----------------------------------------------------------------------------------------------------------------------

/** When a JPEG says that it was taken (EXIF DateTimeOriginal, in town time where it names no offset), else when the file was made. */
async function takenAt(file) {
  const said = exifTime(new DataView(await file.slice(0, 256 * 1024).arrayBuffer()));
  const at = said ? Date.parse(said) : file.lastModified;
  return Number.isFinite(at) && at > 0 ? new Date(Math.min(at, Date.now())).toISOString() : undefined;
}

function exifTime(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) return undefined;
    if (view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return tiffTime(view, at + 10);
  }
  return undefined;
}

function tiffTime(view, start) {
  try {
    const little = view.getUint16(start) === 0x4949;
    const short = (at) => view.getUint16(start + at, little);
    const long = (at) => view.getUint32(start + at, little);
    const find = (directory, tag) => {
      for (let n = 0; n < short(directory); n += 1) {
        const at = directory + 2 + 12 * n;
        if (short(at) === tag) return at;
      }
      return undefined;
    };
    const text = (at, length) => {
      const from = long(at + 4) > 4 ? long(at + 8) : at + 8;
      return String.fromCharCode(...Array.from({ length }, (_, n) => view.getUint8(start + from + n)));
    };
    const pointer = find(long(4), 0x8769);
    if (pointer === undefined) return undefined;
    const exif = long(pointer + 8);
    const [original, offset] = [find(exif, 0x9003), find(exif, 0x9011)];
    if (original === undefined) return undefined;
    const [day, time] = text(original, 19).split(' ');
    const zone = offset === undefined ? '' : text(offset, 6);
    return `${day.replaceAll(':', '-')}T${time}${/^[+-]\d\d:\d\d$/.test(zone) ? zone : '+08:00'}`;
  } catch {
    return undefined; // not as it should be: the file's own time will do
  }
}

/** A smaller JPEG, turned the right way, without what the camera wrote into it (place, make). @throws when it is no picture */
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
  if (!blob) throw new Error('no picture');
  return blob;
}

async function sha256(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function addPhotos(part, files) {
  const name = part.dataset.photos;
  const list = part.querySelector('ul');
  await keepNow();
  for (const file of files) {
    try {
      if ((await photosOf(draft.id)).length >= MOST_PHOTOS) throw new RangeError(`一次检查最多 ${MOST_PHOTOS} 张照片`);
      const blob = await smaller(file).catch(() => {
        throw new TypeError('不是能读的图片');
      });
      const hash = await sha256(blob);
      const known = await store.get('photos', [draft.id, hash]);
      const photo = known ?? {
        draft: draft.id,
        sha256: hash,
        type: 'image/jpeg',
        takenAt: await takenAt(file),
        blob,
        fields: [],
      };
      if (photo.fields.includes(name)) continue;
      await store.put('photos', { ...photo, fields: [...photo.fields, name] });
    } catch (error) {
      const said =
        error instanceof TypeError || error instanceof RangeError ? error.message : '本机空间不足，照片没有存下';
      list.append(element('li', { class: 'fault' }, `${file.name}：${said}`));
    }
  }
  await showPhotos();
}

async function showPhotos() {
  const photos = await photosOf(draft.id);
  for (const part of form.querySelectorAll('[data-photos]')) {
    const name = part.dataset.photos;
    const list = part.querySelector('ul');
    const faults = [...list.querySelectorAll('.fault')];
    for (const image of list.querySelectorAll('img')) URL.revokeObjectURL(image.src);
    const own = photos.filter(({ fields }) => fields.includes(name));
    list.replaceChildren(...own.map((photo, at) => thumbnail(photo, name, at + 1)), ...faults);
  }
}

function thumbnail(photo, name, at) {
  const taken = photo.takenAt ? new Date(photo.takenAt).toLocaleString('zh-CN') : '时间不明';
  const drop = async () => {
    const fields = photo.fields.filter((one) => one !== name);
    if (fields.length > 0) await store.put('photos', { ...photo, fields });
    else await store.drop('photos', [photo.draft, photo.sha256]);
    await showPhotos();
  };
  return element(
    'li',
    {},
    element('img', {
      src: URL.createObjectURL(photo.blob),
      alt: `照片 ${at}，摄于 ${taken}`,
      width: '96',
      height: '96',
    }),
    element('span', { class: 'sub' }, `${Math.ceil(photo.blob.size / 1024)} KB`),
    element('button', { type: 'button', class: 'button quiet', 'aria-label': `删除照片 ${at}`, onclick: drop }, '删除'),
  );
}

// --- the draft --------------------------------------------------------------------------------------------------------------------

let draft;
const query = new URLSearchParams(location.search);

function newDraft(person) {
  const template = query.get('template');
  return {
    id: crypto.randomUUID(),
    person,
    path: location.pathname + (template === null ? '' : `?template=${encodeURIComponent(template)}`),
    trackName: document.querySelector('h1').textContent.replace(/^检查：/, ''),
    unitName: '',
    state: 'editing',
    fields: [],
    changed: Date.now(),
  };
}

const fieldsNow = () => [...new FormData(form)].filter(([name]) => name !== 'csrf' && name !== 'key');

/** Keeps what is filled in; resolves when it is written. */
async function keepNow() {
  if (draft.state !== 'editing' && draft.state !== 'refused') return;
  draft.fields = fieldsNow();
  draft.changed = Date.now();
  draft.unitName = unitNow().name || form.elements.newName?.value || '';
  await store.put('drafts', draft);
  if (query.get('draft') !== draft.id) {
    query.set('draft', draft.id);
    history.replaceState(null, '', `?${query}`);
  }
}

function restore(fields) {
  const values = Map.groupBy(fields, ([name]) => name);
  for (const control of form.elements) {
    if (!control.name || control.name === 'csrf' || control.name === 'key' || !values.has(control.name)) continue;
    const all = values.get(control.name).map(([, value]) => value);
    if (control.type === 'radio' || control.type === 'checkbox') control.checked = all.includes(control.value);
    else control.value = all[0];
  }
}

// --- the unit ---------------------------------------------------------------------------------------------------------------------

const lead = document.querySelector('[data-unit]');
const unitNow = () => ({ unit: lead.dataset.unit, name: lead.dataset.name });

function chooseUnit(unit, name) {
  lead.dataset.unit = unit;
  lead.dataset.name = name;
  lead.textContent = name;
  for (const [field, value] of Object.entries({ unit, unitName: name })) {
    if (!form.elements[field]) form.prepend(element('input', { type: 'hidden', name: field }));
    form.elements[field].value = value;
  }
  const box = form.querySelector('[data-new-unit]');
  if (!box) return;
  for (const control of box.querySelectorAll('[name^=new]')) control.disabled = unit !== '';
  box.classList.toggle('chosen', unit !== '');
}

/** The units kept on this device, by name. */
async function offerUnits() {
  const picker = form.querySelector('[data-picker]');
  const kept = await store.get('facts', 'kept');
  if (!picker || kept?.person !== box.dataset.person) return;
  const track = location.pathname.split('/').at(-1);
  const units = kept.units.filter(({ tracks }) => tracks.includes(track));
  picker.hidden = false;
  const [search, list] = [picker.querySelector('input'), picker.querySelector('ul')];
  const look = () => {
    const words = search.value.trim();
    const found = words === '' ? [] : units.filter(({ name }) => name.includes(words)).slice(0, 8);
    list.replaceChildren(
      ...found.map(({ unit, name }) => {
        const choose = () => {
          chooseUnit(unit, name);
          list.replaceChildren();
          search.value = name;
          void keepNow();
        };
        return element('li', {}, element('button', { type: 'button', class: 'button quiet', onclick: choose }, name));
      }),
    );
    if (words !== '' && found.length === 0)
      list.append(element('li', { class: 'muted' }, '本机没有这个单位；可以当场登记。'));
    if (unitNow().unit !== '' && words !== unitNow().name) chooseUnit('', '');
  };
  search.addEventListener('input', look);
  const asked = units.find(({ unit }) => unit === query.get('unit'));
  if (asked && unitNow().unit === '') {
    chooseUnit(asked.unit, asked.name);
    search.value = asked.name;
  }
}

// --- the place --------------------------------------------------------------------------------------------------------------------

/** Asked for once, when somebody begins to fill in; refused or unknown it stays away. */
function askPlace() {
  const line = form.querySelector('[data-place]');
  if (!navigator.geolocation || draft.at !== undefined) return sayPlace();
  navigator.geolocation.getCurrentPosition(
    ({ coords: { latitude, longitude, accuracy } }) => {
      draft.at = `${latitude.toFixed(6)},${longitude.toFixed(6)},${Math.round(accuracy)}`;
      sayPlace();
      void keepNow();
    },
    ({ code }) => {
      line.hidden = false;
      line.textContent = code === 1 ? '没有提供位置（未获许可），不影响提交。' : '没有取得位置，不影响提交。';
    },
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
  );
}

function sayPlace() {
  if (draft.at === undefined) return;
  const line = form.querySelector('[data-place]');
  const [lat, lon, accuracy] = draft.at.split(',');
  line.hidden = false;
  line.textContent = `位置：${Number(lat).toFixed(4)}, ${Number(lon).toFixed(4)}（误差约 ${accuracy} 米）`;
}

// --- checking and submitting ------------------------------------------------------------------------------------------------------

/** What the platform would refuse at once, told before it is sent: there may be no network to tell it. */
function faultsNow() {
  const faults = [];
  const value = (name) => form.elements[name]?.value ?? '';
  const say = (field, message) => faults.push({ field, message });
  if (unitNow().unit === '' && value('newName').trim() === '') say('newName', '请选择单位，或填写新单位名称');
  for (const [at, item] of [...form.querySelectorAll('.item')].entries()) {
    const answer = value(`a-${at}`);
    if (answer === '') say(`a-${at}`, `请选择第 ${at + 1} 项的检查结果`);
    if (answer === 'problem' && item.querySelector('textarea').value.trim() === '') {
      say(`t-${at}`, `请填写第 ${at + 1} 项的问题描述`);
    }
  }
  if (value('c-x').trim() !== '' && value('t-x').trim() === '') say('t-x', '请填写检查表以外问题的问题描述');
  if (value('t-x').trim() !== '' && value('c-x').trim() === '') say('c-x', '请填写检查表以外问题的条款');
  if (value('signature') === '') say('signature', '请选择被检查单位签字');
  if (value('signature') === 'refused' && value('refusal').trim() === '') say('refusal', '请填写拒签原因');
  return faults;
}

function showFaults(faults) {
  document.querySelector('.faults')?.remove();
  if (faults.length === 0) return;
  const lines = faults.map(({ field, message }) =>
    element('li', {}, field ? element('a', { href: `#f-${field}` }, message) : message),
  );
  const summary = element(
    'div',
    { class: 'faults', role: 'alert', tabindex: '-1', 'aria-labelledby': 'faults' },
    element('h2', { id: 'faults' }, '请先改正'),
    element('ul', {}, ...lines),
  );
  document.querySelector('main h1').before(summary);
  summary.focus();
}

let submitting = false;

async function submit() {
  if (submitting) return; // a second tap
  submitting = true;
  const faults = faultsNow();
  showFaults(faults);
  if (faults.length > 0) {
    submitting = false;
    return;
  }
  await keepNow();
  Object.assign(draft, { state: 'ready', finished: Date.now(), faults: undefined });
  await store.put('drafts', draft);
  await sendAll();
  const after = await store.get('drafts', draft.id);
  location.assign(after?.state === 'sent' ? after.location : '/console/inspect');
}

function progress() {
  const items = [...form.querySelectorAll('.item')];
  const done = items.filter((item) => item.querySelector('input[type=radio]:checked')).length;
  const problems = items.filter((item) => item.querySelector('input[value=problem]:checked')).length;
  const line = form.querySelector('[data-progress]');
  line.hidden = items.length === 0;
  line.textContent = `已答 ${done} / ${items.length} 项${problems > 0 ? `，有问题 ${problems} 项` : ''}`;
}

/** Holds the draft for this page as long as it is open: two pages must not write the same draft. */
function hold(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`daocha-draft-${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    });
  });
}

/** Nothing more can be filled in here, and why. */
function stop(why) {
  form.before(element('p', { class: 'fault', role: 'alert' }, why));
  form.inert = true;
}

async function begin() {
  const { person } = box.dataset;
  const kept = query.get('draft') && (await store.get('drafts', query.get('draft')));
  if (kept && kept.person === person && (kept.state === 'editing' || kept.state === 'refused')) draft = kept;
  draft ??= newDraft(person);
  if (!(await hold(draft.id))) return stop('这份草稿正在另一个页面填写，请回到那个页面，或关闭它再刷新。');
  const by = draft.fields.find(([name]) => name === 'template')?.[1];
  if (by !== undefined && by !== form.elements.template?.value) {
    return stop('检查表已更新，这份草稿按旧版填写：请在本机草稿中按原版提交，或删除后按新版重新检查。');
  }
  form.dataset.draft = draft.id;
  const unit = draft.fields.find(([name]) => name === 'unit')?.[1];
  if (unit) chooseUnit(unit, draft.unitName);
  restore(draft.fields);
  await offerUnits();
  for (const part of form.querySelectorAll('[data-photos]')) {
    part.hidden = false;
    part.querySelector('input').addEventListener('change', ({ target }) => {
      const files = [...target.files];
      target.value = ''; // the same photo can be chosen again
      void addPhotos(part, files);
    });
  }
  await showPhotos();
  progress();
  sayPlace();
  if (draft.state === 'refused') showFaults(draft.faults);
  let asked = false;
  form.addEventListener('input', ({ target }) => {
    if (!target.name) return;
    progress();
    void keepNow().catch(() => showFaults([{ message: '本机空间不足，草稿没有存下，请先发送或删除旧草稿。' }]));
    if (!asked) askPlace();
    asked = true;
  });
  const taken = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation(); // console.js need not count its clicks
    void submit().catch(() => {
      submitting = false;
      showFaults([{ message: '本机空间不足，草稿没有存下，请先发送或删除旧草稿。' }]);
    });
  };
  form.addEventListener('submit', taken, { capture: true });
  await show(false);
}

if (form && box && 'indexedDB' in window && crypto.subtle) {
  void begin();
}

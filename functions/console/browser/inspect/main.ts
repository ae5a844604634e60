// 检查 in the browser. The page says from the first that it cannot be used without network; only when everything that
// this takes is there does the script say otherwise. So whatever fails in starting, nothing is promised that is not so,
// and the form is sent as it is.
import { box, deviceLine, form } from './dom.ts';
import { beginForm } from './form.ts';
import { sendNow, show } from './outbox.ts';
import { checkPerson, findWorker, keepWithPatience } from './pages-kept.ts';
import { deviceFacts } from './store.ts';

/** Milliseconds after which what waits is tried again, where no browser says that the network is back. */
const AGAIN = 60_000;

/** What is needed once the form is filled in, and would be missed too late. */
function requireAll(): void {
  const needed = {
    // there on https and on this machine only
    WebCrypto: crypto.subtle !== undefined,
    randomUUID: 'randomUUID' in crypto,
    FormData: 'FormData' in window,
    AbortController: 'AbortController' in window,
    toBlob: 'toBlob' in HTMLCanvasElement.prototype,
    decode: 'decode' in HTMLImageElement.prototype,
  };
  const missing = Object.entries(needed).flatMap(([name, there]) => (there ? [] : [name]));
  if (missing.length > 0) throw new Error(`this browser has no ${missing.join(', ')}`);
}

async function begin(): Promise<void> {
  const cannot = deviceLine().textContent;
  const sayCannot = (error: unknown): void => {
    console.warn(error);
    deviceLine().textContent = cannot;
    box.classList.remove('unsaid');
    box.hidden = false;
  };
  // what was filled in when it could be kept is sent in any case
  const send = (): void => void sendNow().catch(console.warn);
  addEventListener('online', send);
  setInterval(send, AGAIN);
  try {
    requireAll();
    await Promise.all([deviceFacts.get('kept'), findWorker()]);
    if (form) await beginForm();
    deviceLine().textContent = '';
    box.classList.remove('unsaid');
    await show(false);
  } catch (error) {
    // photos go with drafts alone
    for (const part of form?.querySelectorAll<HTMLElement>('[data-photos]') ?? []) part.hidden = true;
    sayCannot(error);
    return send();
  }
  send();
  void checkPerson();
  await keepWithPatience().catch(sayCannot);
}

if (box) void begin();

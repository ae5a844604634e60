// 检查 in the browser. The page says from the first that it cannot be used without network; only when everything that this takes is there does
// the script say otherwise. So whatever fails in starting, nothing is promised that is not so, and the form is sent as it stands.
import { box, deviceLine, form } from './dom.ts';
import { beginForm } from './form.ts';
import { sendNow, show } from './outbox.ts';
import { checkPerson, findWorker, keepWithPatience } from './pages-kept.ts';
import { facts } from './store.ts';

/** Milliseconds after which what waits is tried again, where no browser says that the network is back. */
const AGAIN = 60_000;

async function begin(): Promise<void> {
  const cannot = deviceLine().textContent;
  const sayCannot = (error: unknown): void => {
    console.warn(error);
    deviceLine().textContent = cannot;
    box.hidden = false;
  };
  // what was filled in when it could be kept is sent in any case
  const send = (): void => void sendNow().catch(console.warn);
  addEventListener('online', send);
  setInterval(send, AGAIN);
  try {
    if (!crypto.subtle) throw new Error('no hashes: WebCrypto is there on https and on this machine only');
    await Promise.all([facts.get('kept'), findWorker()]);
    if (form) await beginForm();
    deviceLine().textContent = '';
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

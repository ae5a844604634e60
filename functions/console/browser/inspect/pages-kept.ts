// Keeping the pages of 检查 on the device, with the names of the units, so that they open without network; and saying so only when it is so.
import { reading } from './clock.ts';
import { box, deviceLine, form } from './dom.ts';
import { ask, askSession } from './send.ts';
import { deviceFacts, type KeptUnit } from './store.ts';
import { townMinute } from '../../../../shared/town-time.ts';

const CACHE = 'daocha-inspect';
/** Minutes after which pages and units on the device are fetched again. */
const FRESH = 10;
/** Tries, and the milliseconds between them. */
const TRIES = 3;
const AGAIN = 6000;

/** This browser cannot keep pages, whatever the network is like. */
export class CannotKeep extends Error {}

let registration: ServiceWorkerRegistration | undefined;

/**
 * The service worker is there, or can come once the network is better.
 * @throws CannotKeep when the browser has none, or does not let it work
 */
export async function findWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) throw new CannotKeep('no service worker');
  const known = await navigator.serviceWorker.getRegistration('/console/inspect');
  if (known) registration = known;
  else await register();
}

async function register(): Promise<void> {
  try {
    registration = await navigator.serviceWorker.register('/console/worker.js', { scope: '/console/inspect' });
  } catch (error) {
    // not to be had over a bad line is not the browser's fault
    if (await reachable()) throw new CannotKeep(String(error));
    return;
  }
  // a browser that refuses without saying so
  if (!registration) throw new CannotKeep('no service worker');
}

const reachable = (): Promise<boolean> =>
  fetch('/console/worker.js', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );

async function keepPages(): Promise<void> {
  const { person } = box.dataset;
  const before = await deviceFacts.get('kept');
  if (before && before.person !== person) await caches.delete(CACHE);
  await register();
  if (before?.person === person && Date.now() - before!.at < FRESH * 60_000 && Date.now() >= before!.at) return;
  const kept = await ask<{ person: string; pages: string[]; units: KeptUnit[]; more: boolean }>(
    '/console/inspect/kept',
  );
  const { pages, units, more } = kept;
  // another tab has signed in as somebody else meanwhile: theirs is not kept as this one's
  if (kept.person !== person) return checkPerson();
  const worker = registration?.active ?? (await navigator.serviceWorker.ready).active;
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise<number>((resolve) => {
    port1.addEventListener('message', ({ data }: MessageEvent<{ kept: number }>) => resolve(data.kept));
  });
  port1.start();
  worker!.postMessage({ keep: pages }, [port2]);
  const count = await answered;
  if (count < pages.length) throw new Error(`${count} of ${pages.length} pages are kept`);
  await deviceFacts.put('kept', { person, at: reading().now, units, more });
}

/** Over a bad line the page may be one that was kept for whoever was signed in before: then it is asked for again. */
export async function checkPerson(): Promise<void> {
  const session = await askSession().catch(() => undefined);
  if (!session || session.person === box.dataset['person']) return;
  await caches.delete(CACHE);
  location.reload();
}

/** Tries a few times; what was kept before stays good meanwhile. @throws CannotKeep */
export async function keepWithPatience(): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await keepPages();
      return await sayKept();
    } catch (error) {
      if (error instanceof CannotKeep) throw error;
      await sayKept();
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

async function sayKept(): Promise<void> {
  if (form) return; // there it would only be in the way
  const kept = await deviceFacts.get('kept');
  const mine = kept && kept.person === box.dataset['person'] ? kept : undefined;
  deviceLine().textContent = mine
    ? `检查表和 ${mine.units.length} 家单位已存到本机${mine.more ? '（其余需联网查找）' : ''}，没有网络也能检查。${townMinute(new Date(mine.at)).slice(11)} 更新。`
    : '还没有存到本机，请保持联网，稍后再打开本页。';
  box.hidden = false;
}

// The service worker of 检查: keeps the inspection pages and the files they need on the device, so that they open without network. It touches
// nothing else: no other page, no form, no answer of the API. What it keeps goes when somebody signs out (console.js) or signs in as
// another person (inspect/pages-kept.ts).
const KEPT = 'daocha-inspect';
const PAGE = /^\/console\/inspect(\/[a-z-]+)?$/;
const ASSET = /^\/console\/assets\//;
/** Milliseconds after which a page that does not come over a bad line is shown as it was kept. */
const PATIENCE = 6000;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && PAGE.test(url.pathname)) event.respondWith(page(request, url));
  else if (ASSET.test(url.pathname)) event.respondWith(file(request));
});

addEventListener('message', (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep).then((kept) => event.ports[0]?.postMessage({ kept })));
});

/** A page is kept without what its address says of one unit or one draft: the script fills that in. */
function plain(url) {
  const template = url.searchParams.get('template');
  return url.pathname + (template === null ? '' : `?template=${encodeURIComponent(template)}`);
}

async function page(request, url) {
  const cache = await caches.open(KEPT);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => cache.match(plain(url)));
  const fresh = fetch(request);
  try {
    const answer = await Promise.race([fresh, late]);
    return answer ?? (await fresh);
  } catch {
    return (await cache.match(plain(url))) ?? (await cache.match('/console/inspect')) ?? Response.error();
  }
}

async function file(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && /immutable/.test(answer.headers.get('cache-control') ?? ''))
    await cache.put(request, answer.clone());
  return answer;
}

/** Fetches pages and the files that they name, and keeps them; the number of pages kept. */
async function keep(pages) {
  const cache = await caches.open(KEPT);
  let kept = 0;
  const files = new Set();
  for (const path of pages) {
    const answer = await fetch(path, { redirect: 'error' }).catch(() => undefined);
    if (!answer?.ok) continue;
    const text = await answer.clone().text();
    for (const [, name] of text.matchAll(/(?:href|src)="(\/console\/assets\/[^"]+)"/g)) files.add(name);
    await cache.put(plain(new URL(path, location.origin)), answer);
    kept += 1;
  }
  // older versions of files are no longer named by any page
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (ASSET.test(pathname) && !files.has(pathname)) await cache.delete(request);
  }
  for (const name of files) await file(new Request(name)).catch(() => undefined);
  return kept;
}

// A real browser for the tests of the console, and for its pictures: Chromium through playwright-core. Where there is none the tests are
// skipped with a notice; DAOCHA_BROWSER=required (as in CI) makes that a failure.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where Chromium is: DAOCHA_CHROMIUM, or one of the usual places. @throws Error when it is required and not there */
export function findChromium(): string | undefined {
  const named = process.env['DAOCHA_CHROMIUM'];
  const found = named === undefined ? USUAL.find((path) => existsSync(path)) : existsSync(named) ? named : undefined;
  if (found === undefined && process.env['DAOCHA_BROWSER'] === 'required') {
    throw new Error(`DAOCHA_BROWSER=required, but there is no Chromium at ${named ?? USUAL.join(', ')}`);
  }
  return found;
}

/** Told once by each test file that needs a browser and finds none. */
export const NO_BROWSER =
  'Chromium is not installed: the browser tests are skipped (apt-get install chromium, or DAOCHA_CHROMIUM=/path/to/chromium).';

export function launch(executablePath: string): Promise<Browser> {
  // Tests run as root in containers, where Chromium's sandbox cannot be set up; it only ever opens this machine's own pages.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 900 };

export interface Person {
  context: BrowserContext;
  page: Page;
  /** what the browser complained of: errors on the console, refused by the policy, requests that failed */
  complaints: string[];
  close: () => Promise<void>;
}

/**
 * Somebody signed in at a browser of their own.
 * @param who the name on the button of the development issuer's page, e.g. `village village-01`
 */
export async function signIn(
  browser: Browser,
  api: string,
  who: string,
  viewport: { width: number; height: number } = DESK,
  more: Parameters<Browser['newContext']>[0] = {},
): Promise<Person> {
  const person = await visitor(browser, viewport, more);
  await person.page.goto(`${api}/console`);
  await person.page.click(`button[value^="${who} "]`);
  // a district unit has no overview: its home is its queue
  await person.page.waitForURL((url) => url.origin === api && url.pathname.startsWith('/console'));
  return person;
}

/** A browser of its own in which nobody is signed in. */
export async function visitor(
  browser: Browser,
  viewport: { width: number; height: number } = DESK,
  more: Parameters<Browser['newContext']>[0] = {},
): Promise<Person> {
  const context = await browser.newContext({ viewport, locale: 'zh-CN', ...more });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // whoever goes on before a page has everything breaks it off; that is no fault
    if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`);
  });
  return { context, page, complaints, close: () => context.close() };
}

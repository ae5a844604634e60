// Every page in a real browser: on a phone of 360 px nothing goes over the side, axe finds no serious fault by day or by night, the browser
// has nothing to complain of (scripts, the policy, missing files), and it can be read and used without script.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGES } from '../../../../functions/console/pages.ts';
import { DESK, findChromium, NO_BROWSER, PHONE, signIn, visitor, type Person } from './chromium.ts';
import { caseOf, dutyOf, makeScene, proposalOf, type Made } from './scene.ts';
import { few, FULL } from '../../../support/runs.ts';
import { startStage, type Stage } from './stage.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

/** What the town weighs over the wire at first sight: page, sheet, script, sign. */
const FIRST_PAGE = 60_000;

describe.skipIf(chromium === undefined)('every page, in a browser', () => {
  let platform: Stage;
  let browser: Browser;
  let made: Made;
  let escalation = '';
  let proposal = '';
  let owed: Awaited<ReturnType<typeof dutyOf>>;

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
    made = await makeScene(platform);
    escalation = await caseOf(platform);
    proposal = await proposalOf(platform, made.units[2]!);
    owed = await dutyOf(platform);
    await platform.caughtUp();
  }, 600_000);
  afterAll(() => platform?.stop());

  /** The addresses of all pages, each with something to show; forms with a hazard that is ready for them. */
  const addresses = (): string[] => {
    const ready: Record<string, string> = {
      grade: made.hazards.found,
      assign: made.hazards.graded,
      order: made.hazards.assigned,
      submit: made.hazards.ordered,
      verify: made.hazards.submitted,
      'sign-off': made.hazards.verified,
      return: made.hazards.assigned,
    };
    return PAGES.filter(({ path }) => !/\/download$|\/dossiers\/|^\/duties\/facts$/.test(path)).map(({ path }) => {
      const act = path.startsWith('/hazards/{id}/') ? path.slice('/hazards/{id}/'.length) : '';
      const id = path.startsWith('/duties')
        ? owed.duty
        : path.startsWith('/proposals')
          ? proposal
          : path.startsWith('/escalations')
            ? escalation
            : path.startsWith('/roster')
              ? 'guijianban'
              : path.startsWith('/units')
                ? made.units[3]!
                : (ready[act] ?? made.hazards.rejected);
      return `/console${path === '/' ? '' : path.replace('{id}', id).replace('{track}', 'gas').replace('{step}', owed.step).replace('{position}', '20').replace('{appointment}', made.appointment)}${traced(path)}`;
    });
  };

  /** What the questions of the trace are asked about: a question without it has nothing to show. */
  const traced = (path: string): string =>
    path.startsWith('/trace/') && !path.includes('{')
      ? `?unit=${made.units[5]!}&hazard=${made.hazards.rejected}&clause=GAS-02&knownAt=70`
      : '';

  /** Goes to a page; what comes back is what is wrong with it. */
  const look = async (person: Person, path: string, axe: boolean, seen = new Set<string>()): Promise<string[]> => {
    const { page, complaints } = person;
    complaints.length = 0;
    const answer = await page.goto(`${platform.api}${path}`);
    const wrong: string[] = [];
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    const { width: wide } = page.viewportSize()!;
    if (width > wide) wrong.push(`${path}: ${width} px on a screen of ${wide}`);
    // a page that is not this person's, or not yet, answers so; the browser notes that on its console
    const expected = [403, 404, 422].includes(answer!.status())
      ? /the server responded with a status of (403|404|422)/
      : /^$/;
    wrong.push(...complaints.filter((text) => !expected.test(text)).map((text) => `${path}: ${text}`));
    // pages that a person may not see, or not yet, differ in a sentence: each kind is looked at once
    const kind = answer!.status() === 200 ? path : String(answer!.status());
    if (axe && !seen.has(kind)) {
      seen.add(kind);
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, impact, nodes } of violations) {
        if (impact === 'serious' || impact === 'critical') wrong.push(`${path}: ${id} at ${nodes[0]?.html}`);
      }
    }
    return wrong;
  };

  it.each(
    few([
      ['the office, at a desk', 'office office', DESK, 'light', true],
      ['the village, on a phone', 'village village-01', PHONE, 'light', false],
      ['the district, on a phone', 'district district-construction', PHONE, 'light', true],
      ['the department at night, on a phone', 'department guijianban', PHONE, 'dark', FULL],
    ] as const),
  )(
    'is in order for %s',
    async (_who, who, viewport, colorScheme, axe) => {
      const person = await signIn(browser, platform.api, who, viewport, { colorScheme });
      const wrong: string[] = [];
      const seen = new Set<string>();
      for (const path of addresses()) wrong.push(...(await look(person, path, axe, seen)));
      await person.close();
      expect(wrong).toEqual([]);
    },
    900_000,
  );

  it('what is wrong would be found', async () => {
    const person = await signIn(browser, platform.api, 'office office', PHONE);
    await person.page.addInitScript(`addEventListener('DOMContentLoaded', () => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="/console/none.png" width="900"><style>p{color:red}</style>');
    })`);
    const wrong = (await look(person, '/console/units', true)).join(' ');
    await person.close();
    for (const found of ['px on a screen of 360', 'image-alt', 'Content Security Policy', '404'])
      expect(wrong).toContain(found);
  });

  it('the pages before signing in are in order too', async () => {
    const stranger = await visitor(browser, PHONE);
    const wrong = [
      ...(await look(stranger, '/console', true)),
      ...(await look(stranger, '/console/signed-out', true)),
      ...(await look(stranger, '/console/callback?error=access_denied', false)),
    ];
    await stranger.close();
    expect(wrong.filter((text) => !text.includes('status of 400'))).toEqual([]);
  });

  it('the keyboard reaches the text at once, and everything that can be pressed', async () => {
    const { page, close } = await signIn(browser, platform.api, 'department guijianban');
    await page.goto(`${platform.api}/console/hazards/${made.hazards.found}`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('跳到正文');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.id')).toBe('main');
    const reached: string[] = [];
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      reached.push((await page.evaluate<string>('document.activeElement.textContent')).trim());
    }
    expect(reached).toEqual(expect.arrayContaining(['定级']));
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await close();
  });

  it('can be read and used without script', async () => {
    const person = await signIn(browser, platform.api, 'department guijianban', PHONE, { javaScriptEnabled: false });
    const { page } = person;
    await page.goto(`${platform.api}/console/hazards/${made.hazards.found}/grade`);
    await page.getByLabel('一般隐患').check();
    await page.getByLabel('定级依据').fill('可立即整改');
    await page.locator('main form button').click();
    expect(await page.getByRole('status').textContent()).toContain('已定级');
    await person.close();
  });

  it(`weighs at most ${FIRST_PAGE / 1000} KB at first sight`, async () => {
    const person = await signIn(browser, platform.api, 'office office', PHONE);
    const context = await browser.newContext({ storageState: await person.context.storageState(), viewport: PHONE });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    let weight = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (weight += encodedDataLength));
    await session.send('Network.enable');
    await page.goto(`${platform.api}/console`, { waitUntil: 'networkidle' });
    expect(await page.locator('svg[role=img]').count()).toBeGreaterThan(0);
    expect(weight).toBeGreaterThan(1000);
    expect(weight).toBeLessThanOrEqual(FIRST_PAGE);
    await context.close();
    await person.close();
  });

  it('prints without navigation and buttons', async () => {
    const person = await signIn(browser, platform.api, 'department guijianban');
    const { page } = person;
    await page.goto(`${platform.api}/console/hazards/${made.hazards.found}`);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav.sections').isVisible()).toBe(false);
    expect(await page.locator('section.next').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(true);
    await person.close();
  });
});

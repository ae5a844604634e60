// `npm run screenshots`: the pictures of the README. Starts a platform that keeps nothing, imports the shipped extract of real inspections,
// lets a small restaurant scene happen beside it, and takes the pictures once the views have everything.
import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { run as runImport } from '../../../infra/cli/import.ts';
import { startPlatform, type Platform } from '../../../infra/local/platform.ts';
import { temporaryDirectory } from '../../support/platform.ts';
import { DESK, findChromium, launch, NO_BROWSER, PHONE, signIn } from './browser/chromium.ts';
import { caseOf, makeScene, type Made, type Scene } from './browser/scene.ts';

const EXTRACT = fileURLToPath(
  new URL('../../../infra/data/toronto-highrise-fire/inspections_2017_2019.csv', import.meta.url),
);
const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

interface Picture {
  file: string;
  who: string;
  path: string;
  viewport: { width: number; height: number };
  /** before the picture is taken */
  first?: (page: Page) => Promise<void>;
}

const pictures = ({ hazards, units }: Made, escalation: string): Picture[] => [
  { file: 'console-overview', who: 'office office', path: '', viewport: { width: 1280, height: 1180 } },
  { file: 'console-hazard', who: 'department guijianban', path: `/hazards/${hazards.submitted}`, viewport: DESK },
  { file: 'console-lists', who: 'office office', path: '/lists/closed-loop', viewport: DESK },
  { file: 'console-deadlines', who: 'department guijianban', path: '/deadlines', viewport: DESK },
  {
    file: 'console-trace',
    who: 'auditor office',
    path: `/trace/deadlines?hazard=${hazards['signed-off']}`,
    viewport: { width: 1280, height: 1000 },
    first: openProof,
  },
  {
    file: 'console-escalation',
    who: 'district district-construction',
    path: `/escalations/${escalation}`,
    viewport: DESK,
  },
  {
    file: 'console-phone-inspect',
    who: 'inspector guijianban',
    path: `/inspect/gas?unit=${units[3]}`,
    viewport: PHONE,
  },
  { file: 'console-phone-hazards', who: 'department guijianban', path: '/hazards', viewport: PHONE },
  { file: 'console-phone-unit', who: 'village village-01', path: `/units/${units[3]}`, viewport: PHONE },
  {
    file: 'console-phone-form',
    who: 'department guijianban',
    path: `/hazards/${hazards.assigned}/order`,
    viewport: PHONE,
  },
];

/** The events behind the first fact, verified by the browser, with the steps of the first proof. */
async function openProof(page: Page): Promise<void> {
  await page.locator('details.behind > summary').first().click();
  await page.locator('.proof-steps summary').first().click();
  await page.locator('#answer').evaluate((answer) => answer.scrollIntoView());
}

/** The views follow the log: nothing is shown before they have all of it. */
async function caughtUp(api: string): Promise<void> {
  let size = -1;
  for (let still = 0; still < 4; await pause(500)) {
    const health = (await (await fetch(`${api}/health`)).json()) as {
      log: { size: number };
      followers: Record<string, { lag: number }>;
    };
    const lag = Math.max(...Object.values(health.followers).map((follower) => follower.lag));
    still = lag === 0 && health.log.size === size ? still + 1 : 0;
    ({ size } = health.log);
  }
}

async function take(page: Page, api: string, { file, path, viewport, first }: Picture, to: string): Promise<void> {
  await page.setViewportSize(viewport);
  await page.goto(`${api}/console${path}`);
  if (new URL(page.url()).pathname === '/console/ground') {
    await page.getByLabel('事由').fill('审计通知 2025-03');
    await page.locator('main form button').click();
    await page.waitForURL(`${api}/console${path}`);
  }
  await first?.(page);
  await page.screenshot({ path: `${to}/${file}.png` });
  process.stderr.write(`${file}.png\n`);
}

async function shoot(platform: Platform, to: string, quick: boolean): Promise<void> {
  const { api } = platform;
  if (!quick) {
    const token = await platform.token({ roles: ['importer'], org: 'office', post: 'importer' });
    const imported = await runImport([EXTRACT, '--source', 'toronto-highrise-fire', '--api', api, '--token', token]);
    if (imported !== 0) throw new Error('the extract was not imported whole');
  }
  const scene: Scene = {
    api,
    token: (role, org, person) => platform.token({ roles: [role], org, person, post: role }),
  };
  const made = await makeScene(scene);
  await caughtUp(api);
  const escalation = await caseOf(scene);
  const browser = await launch(findChromium()!);
  try {
    for (const picture of pictures(made, escalation)) {
      const person = await signIn(browser, api, picture.who, picture.viewport);
      await take(person.page, api, picture, to);
      await person.close();
    }
  } finally {
    await browser.close();
  }
}

const { values } = parseArgs({
  options: { to: { type: 'string', default: IMAGES }, quick: { type: 'boolean', default: false } },
});
if (findChromium() === undefined) {
  process.stderr.write(`${NO_BROWSER}\n`);
  process.exitCode = 1;
} else {
  mkdirSync(values.to, { recursive: true });
  const data = temporaryDirectory();
  const platform = await startPlatform({ data: data.path, port: 0, memory: true });
  try {
    await shoot(platform, values.to, values.quick);
  } finally {
    await platform.stop();
    data.remove();
  }
}

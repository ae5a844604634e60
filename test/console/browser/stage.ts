// What a file of tests in a browser stands on: a platform of its own that keeps nothing, a browser, and tokens for whoever acts beside it.
import type { Browser } from 'playwright-core';
import type { Role } from '../../../shared/domain/roles.ts';
import { ISSUER_PATH, readSigningKey, signToken } from '../../../infra/local/issuer.ts';
import { daochaStart, temporaryDirectory, waitFor } from '../../support/platform.ts';
import { launch } from './chromium.ts';

export interface Stage {
  api: string;
  /** the platform's data directory */
  data: string;
  browser: Browser;
  /** a token for a person of a role and an organisation */
  token: (role: Role, organisation: string, person?: string) => Promise<string>;
  /** until the views have everything that is in the log */
  caughtUp: () => Promise<unknown>;
  /** nothing of it is left after this */
  stop: () => Promise<void>;
}

export async function startStage(chromium: string): Promise<Stage> {
  const data = temporaryDirectory();
  const [platform, browser] = await Promise.all([daochaStart(data.path, ['--memory']), launch(chromium)]);
  const { api } = platform;
  const key = readSigningKey(data.path)!;
  const place = { issuer: `${api}${ISSUER_PATH}`, audience: 'daocha' };
  return {
    api,
    data: data.path,
    browser,
    token: (role, organisation, person) =>
      signToken(key, place, { roles: [role], org: organisation, person, post: role }),
    caughtUp: () =>
      waitFor('the views have everything', async () => {
        const { followers } = (await (await fetch(`${api}/health`)).json()) as {
          followers: Record<string, { lag: number }>;
        };
        return Object.values(followers).every(({ lag }) => lag === 0);
      }),
    stop: async () => {
      await browser.close();
      platform.child.kill('SIGINT');
      await platform.ended;
      data.remove();
    },
  };
}

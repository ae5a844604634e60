// What a file of tests in a browser stands on: a platform of its own that keeps nothing, a browser, and tokens for whoever acts beside it.
import type { Browser, Page } from 'playwright-core';
import type { Role } from '../../../../shared/rules/roles.ts';
import { ISSUER_PATH, readSigningKey, signToken } from '../../../../infra/local/issuer.ts';
import { daochaStart, temporaryDirectory, waitFor } from '../../../support/platform.ts';
import { launch } from './chromium.ts';

export interface Stage {
  api: string;
  /** the platform's data directory */
  data: string;
  browser: Browser;
  /** a token for a person of a role and an organisation */
  token: (role: Role, organisation: string, person?: string) => Promise<string>;
  /**
   * Asks the API as the person `p-<role>`; posts where there is a body.
   * @throws Error with what was answered, when that is no success
   */
  // what an answer holds is what each test asserts
  // oxlint-disable-next-line typescript/no-explicit-any
  call: (role: Role, organisation: string, path: string, body?: object) => Promise<any>;
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
  const token: Stage['token'] = (role, organisation, person) =>
    signToken(key, place, { roles: [role], org: organisation, person, post: role });
  return {
    api,
    data: data.path,
    browser,
    token,
    call: async (role, organisation, path, body) => {
      const bearer = await token(role, organisation, `p-${role}`);
      const answer = await fetch(`${api}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const content: unknown = await answer.json();
      if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(content)}`);
      return content;
    },
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

export interface KeptDraft {
  id: string;
  state: string;
  unitName: string;
  fields: [string, string][];
}

/** The drafts of inspections that lie in the browser's store. */
export const draftsIn = (page: Page): Promise<KeptDraft[]> =>
  page.evaluate(`new Promise((resolve, reject) => {
    const opened = indexedDB.open('daocha', 1);
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
      const asked = opened.result.transaction('drafts').objectStore('drafts').getAll();
      asked.onsuccess = () => { opened.result.close(); resolve(asked.result); };
    };
  })`);

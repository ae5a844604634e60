// A browser has one jar of cookies and many tabs: sign-ins that are under way side by side, a form that was opened
// before another tab signed out, or in as somebody else, and the one ground that all tabs share. Nothing goes on record
// under the wrong name, and nothing typed is lost.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../shared/rules/roles.ts';
import { Unavailable } from '../../../functions/api/problems.ts';
import { SIGN_IN_WITHIN } from '../../../functions/console/session.ts';
import { SignInFailed, type SignedIn, type SignIn } from '../../../functions/console/sign-in.ts';
import { ROLES_AT_MOST } from '../../../functions/console/standing.ts';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { actionOf, COOKIE, HOST, makeConsoleTown, type Answered, type ConsoleTown, type Sent } from './support.ts';

const PEOPLE: Record<string, SignedIn> = Object.fromEntries(
  (
    [
      ['p-a', 'village', 'village-01'],
      ['p-b', 'village', 'village-01'],
      ['p-leader', 'leader', 'leading-group'],
      ['p-auditor', 'auditor', 'office'],
    ] as [string, Role, string][]
  ).map(([person, role, organisation]) => [person, { person, roles: [role], organisation, post: role }]),
);
const UNDERWAY = `${COOKIE}-sign-in-`;
const OWN = { origin: `https://${HOST}` };
const HTML = { accept: 'text/html,application/xhtml+xml' };

let town: ConsoleTown;
/** What the issuer does with a code; a code is the reference of who chose themselves there. */
let answers: (code: string) => Promise<SignedIn>;
let refresh: SignIn['refresh'];
let begun = 0;
const signIn: SignIn = {
  begin: (_callback, to) => {
    const state = `state-${String((begun += 1)).padStart(10, '0')}`;
    return Promise.resolve({
      location: `https://issuer.test/?state=${state}`,
      underway: { state, nonce: 'n', verifier: 'v', to },
    });
  },
  finish: (_callback, query) => answers(new URLSearchParams(query).get('code')!),
  refresh: (token) => refresh(token),
  endSession: () => Promise.resolve(undefined),
};
beforeEach(async () => {
  answers = (code) => Promise.resolve(PEOPLE[code]!);
  town = await makeConsoleTown({}, { signIn });
});
const pass = (seconds: number): void => {
  town.town.now.at = new Date(town.town.now.at.getTime() + seconds * 1000);
};

class Browser {
  readonly jar = new Map<string, string>();

  async ask(method: string, path: string, sent: Sent = {}): Promise<Answered> {
    const cookies = [...this.jar].map((one) => one.join('='));
    const answer = await town.send(method, path, { ...sent, cookies });
    this.keep(answer);
    return answer;
  }
  keep({ cookies }: Answered): void {
    for (const cookie of cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (/Max-Age=0/.test(cookie)) this.jar.delete(name!);
      else this.jar.set(name!, value!);
    }
  }
  get = (path: string): Promise<Answered> => this.ask('GET', path, { headers: HTML });
  send = (path: string, form: Record<string, string>, headers: Record<string, string> = OWN): Promise<Answered> =>
    this.ask('POST', path, { form, headers: { ...HTML, ...headers } });
  /** Opens a tab on a page that needs a sign-in; the state with which the issuer will send it back. */
  async open(path: string): Promise<string> {
    const away = (await this.get(path)).headers['location']!;
    return new URL((await this.get(away)).headers['location']!).searchParams.get('state')!;
  }
  comeBack = (state: string, code = 'p-a'): Promise<Answered> =>
    this.get(`/console/callback?code=${code}&state=${state}`);
  async signIn(code: string): Promise<void> {
    const away = (await this.get('/console/sign-in?to=/console/account')).headers['location']!;
    await this.comeBack(new URL(away).searchParams.get('state')!, code);
  }
  async signOut(): Promise<void> {
    const { text } = await this.get('/console/account');
    await this.send('/console/sign-out', fieldsOf(text));
    if (this.jar.has(COOKIE)) throw new Error('not signed out');
  }
  underway = (): string[] => [...this.jar.keys()].filter((name) => name.startsWith(UNDERWAY));
}

const plain = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|(lt|gt|quot|amp));/g, (_all, code: string | undefined, name: string) =>
    code ? String.fromCodePoint(Number(code)) : { lt: '<', gt: '>', quot: '"', amp: '&' }[name]!,
  );

/** What a browser would send of the page's form as it stands: one line or choice a field. */
function fieldsOf(text: string): Record<string, string> {
  const form = /<form[^>]*method="post"[^]*?<\/form>/.exec(text)?.[0] ?? '';
  const fields: Record<string, string> = {};
  for (const [tag, options] of form.matchAll(/<input\s[^>]*>|<select[^>]*>([^]*?)<\/select>/g)) {
    const of = (name: string, from = tag): string | undefined => new RegExp(`\\s${name}="([^"]*)"`).exec(from)?.[1];
    if (/type="(radio|checkbox)"/.test(tag) && !/\schecked/.test(tag)) continue;
    const chosen = options === undefined ? tag : (/<option[^>]*\sselected[^>]*>/.exec(options)?.[0] ?? '');
    if (of('name')) fields[of('name')!] = plain(of('value', chosen) ?? '');
  }
  return fields;
}
const landsOn = ({ status, headers }: Answered): string => `${status} ${headers['location'] ?? ''}`;
const person = async (browser: Browser): Promise<string | undefined> =>
  /class="person">([^<]*)</.exec((await browser.get('/console/account')).text)?.[1];

describe('two sign-ins in one browser', () => {
  const [ONE, TWO] = ['/console/units?track=gas', '/console/account'];

  test.each([
    ['the first first', [0, 1]],
    ['the second first', [1, 0]],
  ])('both come to a good end, %s', async (_order, order) => {
    const browser = new Browser();
    const tabs = [
      { path: ONE, state: await browser.open(ONE) },
      { path: TWO, state: await browser.open(TWO) },
    ];
    for (const at of order) {
      const { path, state } = tabs[at]!;
      expect(landsOn(await browser.comeBack(state))).toBe(`303 ${path}`);
      expect((await browser.get(path)).status).toBe(200);
    }
    expect(browser.underway()).toEqual([]);
    expect(await person(browser)).toBe('p-a');
  });

  test('one that is broken off does not hinder the other, before or after it', async () => {
    for (const cancelled of [0, 1]) {
      const browser = new Browser();
      const states = [await browser.open(ONE), await browser.open(TWO)];
      answers = () => Promise.reject(new SignInFailed('cancelled'));
      const broken = await browser.comeBack(states[cancelled]!);
      expect(broken.status).toBe(400);
      expect(broken.text).toContain('您取消了登录');
      answers = (code) => Promise.resolve(PEOPLE[code]!);
      const path = cancelled === 0 ? TWO : ONE;
      expect(landsOn(await browser.comeBack(states[1 - cancelled]!))).toBe(`303 ${path}`);
      expect((await browser.get(path)).status).toBe(200);
    }
    // closed and never heard of again
    const browser = new Browser();
    await browser.open(TWO);
    expect(landsOn(await browser.comeBack(await browser.open(ONE)))).toBe(`303 ${ONE}`);
  });

  test('ten leave five cookies at most, and the newest five work', async () => {
    const browser = new Browser();
    const states: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      pass(1);
      states.push(await browser.open(`/console/units?n=${n}`));
      expect(browser.underway().length).toBeLessThanOrEqual(5);
    }
    for (const [n, state] of states.entries()) {
      const answer = await browser.comeBack(state);
      expect(landsOn(answer)).toBe(n < 5 ? '400 ' : `303 /console/units?n=${n}`);
    }
    expect(browser.underway()).toEqual([]);
  });

  test('a browser that opens its tabs again all at once is brought back to five by the next answer', async () => {
    const browser = new Browser();
    const answered = await Promise.all(
      Array.from({ length: 12 }, (_, n) => town.send('GET', `/console/sign-in?to=/console/units?n=${n}`)),
    );
    for (const answer of answered) browser.keep(answer);
    expect(browser.underway()).toHaveLength(12);
    const last = new URL(answered.at(-1)!.headers['location']!).searchParams.get('state')!;
    expect((await browser.comeBack(last)).status).toBe(303);
    expect(browser.underway().length).toBeLessThanOrEqual(5);
  });

  test('a state is good once', async () => {
    const browser = new Browser();
    const state = await browser.open(ONE);
    await browser.comeBack(state);
    const session = browser.jar.get(COOKIE);
    const replayed = await browser.comeBack(state, 'p-b');
    expect(replayed.status).toBe(400);
    expect(replayed.text).toContain('这次登录已失效，请重新登录');
    expect(browser.jar.get(COOKIE)).toBe(session);
    expect(await person(browser)).toBe('p-a');
  });

  test('a state of another browser, or of none, signs nobody in', async () => {
    const browser = new Browser();
    await browser.open(ONE);
    const other = new Browser();
    for (const state of [await other.open(ONE), 'state-of-nobody', '', 'state-000000']) {
      const answer = await browser.comeBack(state);
      expect(answer.status, state).toBe(400);
      expect(browser.jar.has(COOKIE), state).toBe(false);
    }
  });

  test('one that took too long says so, and another one can be begun', async () => {
    const browser = new Browser();
    const state = await browser.open(ONE);
    pass(SIGN_IN_WITHIN + 1);
    const { status, text } = await browser.comeBack(state);
    expect(status).toBe(400);
    expect(text).toContain('这次登录已失效，请重新登录。登录须在 10 分钟内完成');
    expect(text).toMatch(/<a class="button" href="\/console">重新登录<\/a>/);
    expect(browser.jar.has(COOKIE)).toBe(false);
    expect(landsOn(await browser.comeBack(await browser.open(ONE)))).toBe(`303 ${ONE}`);
  });

  test.each([
    ['is refused', new SignInFailed('refused'), 400],
    ['finds the issuer silent', new Unavailable('issuer-unreachable', 'silent'), 503],
  ])('one that %s can be begun again for the page that was asked for', async (_what, error, status) => {
    const browser = new Browser();
    const state = await browser.open(ONE);
    answers = () => Promise.reject(error);
    const answer = await browser.comeBack(state);
    expect(answer.status).toBe(status);
    const link = /<a class="button" href="([^"]+)">重新登录/.exec(answer.text)![1]!;
    expect(new URLSearchParams(link.split('?')[1]).get('to')).toBe(ONE);
  });
});

describe('a form, while another tab', () => {
  const FORM = '/console/units/new';
  const TYPED = { name: '两页“面馆”', address: '示例路 <1> 号', kind: '', area: 'village-01', tracks: 'gas' };
  const typedIn = ({ text }: Answered): Record<string, string> => {
    const { csrf: _csrf, key: _key, ...typed } = fieldsOf(text);
    return typed;
  };
  let browser: Browser;
  let form: Record<string, string>;
  let before: number;

  beforeEach(async () => {
    browser = new Browser();
    await browser.signIn('p-a');
    form = { ...fieldsOf((await browser.get(FORM)).text), ...TYPED };
    before = town.town.commits();
  });
  const send = (fields = form): Promise<Answered> => browser.send(FORM, fields);
  async function expectRecorded(answer: Answered, by: string): Promise<void> {
    expect(answer.status, answer.text).toBe(303);
    const [unit] = /u_[0-9a-f]+/.exec(answer.headers['location']!)!;
    const { event } = (await readStream(town.town.deps.store, 'liantang', 'unit', unit))[0]!;
    const { name, address } = TYPED;
    expect(event).toMatchObject({ actor: { person: by }, data: { details: { name, address } } });
    expect(town.town.commits()).toBe(before + 1);
  }
  /** Comes back as it was filled in, naming who it would be recorded as. */
  function expectAsked(answer: Answered, as: string): void {
    expect(answer.status).toBe(403);
    expect(answer.text).toMatch(new RegExp(`role="alert"[^]*页面已过期，没有提交[^]*现在登录的是 ${as}；`));
    expect(typedIn(answer)).toEqual(TYPED);
    expect(town.town.commits()).toBe(before);
  }

  test('has signed out, is not done and not lost: after signing in again it is checked and sent', async () => {
    await browser.signOut();
    const held = await send();
    expect(held.status).toBe(401);
    for (const words of ['没有提交', '所填内容还在本页', '在新页面登录', '再提交一次'])
      expect(held.text).toContain(words);
    expect(typedIn(held)).toEqual(TYPED);
    expect(town.town.commits()).toBe(before);
    await browser.signIn('p-a');
    const asked = await browser.send(actionOf(held.text), fieldsOf(held.text));
    expectAsked(asked, 'p-a');
    await expectRecorded(await browser.send(actionOf(asked.text), fieldsOf(asked.text)), 'p-a');
  });

  test('has signed in as somebody else, is not recorded under their name unsaid', async () => {
    await browser.signOut();
    await browser.signIn('p-b');
    const asked = await send();
    expectAsked(asked, 'p-b');
    await expectRecorded(await browser.send(actionOf(asked.text), fieldsOf(asked.text)), 'p-b');
  });

  test('has signed in as somebody who may not, is kept for who may', async () => {
    await browser.signIn('p-leader');
    const refused = await send();
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('<h1>不能办理</h1>');
    expect(typedIn(refused)).toEqual(TYPED);
    await browser.signIn('p-a');
    const asked = await browser.send(actionOf(refused.text), fieldsOf(refused.text));
    expectAsked(asked, 'p-a');
    await expectRecorded(await browser.send(actionOf(asked.text), fieldsOf(asked.text)), 'p-a');
  });

  test('has done nothing, but the session is too old for its roles: it is kept', async () => {
    pass(ROLES_AT_MOST + 1);
    const held = await send();
    expect([held.status, typedIn(held)]).toEqual([401, TYPED]);
  });

  test('has the roles asked for by another process, by a token that is good once: it goes on there', async () => {
    const again = new Browser();
    answers = () => Promise.resolve({ ...PEOPLE['p-a']!, refresh: 'r-1' });
    await again.signIn('p-a');
    const filled = { ...fieldsOf((await again.get(FORM)).text), ...TYPED };
    let good = 'r-1';
    refresh = (token) => {
      if (token !== good) return Promise.resolve(undefined);
      good = 'r-2';
      return Promise.resolve({ ...PEOPLE['p-a']!, refresh: good });
    };
    pass(ROLES_AT_MOST + 1);
    const elsewhere = await makeConsoleTown(town.town, { signIn });
    const cookies = [...again.jar].map((one) => one.join('='));
    const won = await elsewhere.send('GET', FORM, { cookies, headers: HTML });
    expect(won.status).toBe(200);
    const lost = await again.send(FORM, filled);
    expect([lost.status, typedIn(lost)]).toEqual([401, TYPED]);
    again.keep(won);
    await expectRecorded(await again.send(actionOf(lost.text), fieldsOf(lost.text)), 'p-a');
  });

  test('has done nothing, but the issuer or the store is not there: it is kept, and done once', async () => {
    answers = () => Promise.resolve({ ...PEOPLE['p-a']!, refresh: 'r-1' });
    await browser.signIn('p-a');
    form = { ...fieldsOf((await browser.get(FORM)).text), ...TYPED };
    pass(ROLES_AT_MOST + 1);
    refresh = () => Promise.reject(new Unavailable('issuer-unreachable', 'silent'));
    const silent = await send();
    expect([silent.status, typedIn(silent)]).toEqual([503, TYPED]);
    refresh = () => Promise.resolve({ ...PEOPLE['p-a']!, refresh: 'r-2' });
    // it is written, and the answer is lost on its way
    town.town.fake.hook = ({ name, when }) => {
      if (when === 'after' && (name === 'PutItem' || name === 'TransactWriteItems')) throw new Error('socket hang up');
    };
    const lost = await browser.send(actionOf(silent.text), fieldsOf(silent.text));
    expect(typedIn(lost)).toEqual(TYPED);
    expect(town.town.commits()).toBe(before + 1);
    town.town.fake.hook = () => {};
    await expectRecorded(await browser.send(actionOf(lost.text), fieldsOf(lost.text)), 'p-a');
  });

  test.each([
    ['another site', { origin: 'https://evil.test' }],
    ['nobody knows where', {}],
  ])('sent from %s is shown to nobody', async (_where, headers) => {
    await browser.signOut();
    const signedOut = await browser.send(FORM, form, headers);
    await browser.signIn('p-b');
    const foreign = await browser.send(FORM, form, headers);
    for (const { text } of [signedOut, foreign]) expect(text).not.toContain('示例路');
    expect([signedOut.status, foreign.status]).toEqual([303, 403]);
    expect(town.town.commits()).toBe(before);
  });

  test('of a script is refused as before: the draft waits on the device', async () => {
    await browser.signIn('p-b');
    const answer = await browser.send(FORM, form, { ...OWN, accept: 'application/json' });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { type: 'foreign-form' }]);
    expect(town.town.commits()).toBe(before);
  });

  test('signing out of a page of another sign-in ends nobody’s session, and says so', async () => {
    const account = fieldsOf((await browser.get('/console/account')).text);
    await browser.signIn('p-b');
    const { status, text } = await browser.send('/console/sign-out', account);
    expect(status).toBe(403);
    expect(text).toContain('现在登录的可能已是另一人。<a href="/console/account">查看账号</a>');
    expect(await person(browser)).toBe('p-b');
  });
});

describe('the ground of an auditor, stated in two tabs', () => {
  const UNIT = '/console/units/u_1';
  let browser: Browser;
  let form: Record<string, string>;
  beforeEach(async () => {
    browser = new Browser();
    await browser.signIn('p-auditor');
    const away = (await browser.get(UNIT)).headers['location']!;
    form = fieldsOf((await browser.get(away)).text);
    await browser.send('/console/ground', { ...form, ground: '案件1' });
  });
  const stated = async (): Promise<string | undefined> =>
    /查阅事由：([^ ]+) /.exec((await browser.get('/console/account')).text)?.[1];

  test('another one does not put the first aside unsaid', async () => {
    expect(await stated()).toBe('案件1');
    const asked = await browser.send('/console/ground', { ...form, ground: '案件2' });
    expect(asked.status).toBe(400);
    expect(asked.text).toContain('另一页面已填写事由“案件1”');
    expect(fieldsOf(asked.text)['ground']).toBe('案件2');
    expect(landsOn(await browser.send('/console/ground', fieldsOf(asked.text)))).toBe(`303 ${UNIT}`);
    expect(await stated()).toBe('案件2');
  });

  test('the same one, or one that is changed on purpose, is taken at once', async () => {
    expect((await browser.send('/console/ground', { ...form, ground: '案件1' })).status).toBe(303);
    const fresh = fieldsOf((await browser.get('/console/ground')).text);
    expect((await browser.send('/console/ground', { ...fresh, ground: '案件3' })).status).toBe(303);
    expect(await stated()).toBe('案件3');
  });
});

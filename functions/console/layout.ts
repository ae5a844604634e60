// The whole page around what a page shows: head, skip link, name of the town, who is signed in, navigation, the line that says as of
// when it is. Works without script; the script only spares a second click.
import { organisationName, ROLE_NAMES } from '../../shared/reading/dictionary.ts';
import type { Principal } from '../api/auth.ts';
import { assetPath } from './assets.ts';
import { attribute, html, type Content, type Html } from '../../shared/reading/html.ts';
import { SECTIONS, sectionsFor, type SectionId } from './navigation.ts';
import { to, type Shown, type Visit } from './page.ts';
import { townSecond } from '../../shared/town-time.ts';

/** A page of somebody who is signed in. */
export function document(visit: Visit, shown: Shown): string {
  const { principal, campaign, session } = visit;
  return shell({
    title: shown.title,
    town: campaign.definition?.name ?? '安全专项整治',
    who: html`<p class="who">
      ${whoIs(visit)}
      <span class="person">${principal.person}</span>
      <a href="${to('/account')}">账号</a>
      ${session.ground && html`<span class="ground">查阅事由：${session.ground} <a href="${to('/ground')}">更改</a></span>`}
    </p>`,
    navigation: navigation(principal, shown.section),
    main: html`${above(shown)}${shown.body}${asOf(shown, visit.now)}`,
    wide: shown.wide,
    scripts: shown.scripts,
  });
}

/** Role and organisation; once, where both have the same name. */
function whoIs({ principal, campaign }: Visit): string {
  const organisation = organisationName(campaign.definition, principal.organisation);
  const roles = principal.roles.map((role) => ROLE_NAMES[role]).join('、');
  return roles === organisation || roles === '' ? organisation : `${roles} · ${organisation}`;
}

/** A page for whoever is not signed in. */
export function open(title: string, body: Html): string {
  return shell({ title, town: '安全专项整治', main: body });
}

interface Parts {
  title: string;
  town: string;
  who?: Html;
  navigation?: Html;
  main: Html;
  wide?: boolean | undefined;
  scripts?: Shown['scripts'];
}

function shell({ title, town, who, navigation: sections, main, wide, scripts = [] }: Parts): string {
  return `<!doctype html>
${html`<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · 倒查</title>
    <link rel="icon" href="${assetPath('icon.svg')}" type="image/svg+xml" />
    <link rel="stylesheet" href="${assetPath('console.css')}" />
    <script src="${assetPath('console.js')}" defer></script>
    ${scripts.map((name) => html`<script src="${assetPath(name)}" defer></script>`)}
  </head>
  <body>
    <a class="skip" href="#main">跳到正文</a>
    <header>
      <div class="bar">
        <p class="brand"><a href="${to('/')}">倒查</a> <span>${town}</span></p>
        ${who}
      </div>
      ${sections}
    </header>
    <main id="main" tabindex="-1" ${attribute('class', wide && 'wide')}>${main}</main>
    <footer>
      <p>事件只存一次，不可更改；页面由事件计算得出。<a href="/docs">接口文档</a></p>
    </footer>
  </body>
</html>`}
`;
}

/** On a phone the items are folded away under one; both lists are there and one of them is shown, so that no script is needed. */
function navigation(principal: Principal, current: SectionId | undefined): Html {
  const items = sectionsFor(principal).map(
    (id) =>
      html`<li>
        <a href="${to(SECTIONS[id].path)}" ${attribute('aria-current', id === current && 'page')}
          >${SECTIONS[id].name}</a
        >
      </li>`,
  );
  const label = current === undefined ? '菜单' : `菜单：${SECTIONS[current].name}`;
  return html`<nav class="sections" aria-label="主导航">
      <ul>
        ${items}
      </ul>
    </nav>
    <details class="menu">
      <summary>${label}</summary>
      <nav aria-label="主导航">
        <ul>
          ${items}
        </ul>
      </nav>
    </details>`;
}

function above({ above: pages, title }: Shown): Content {
  return (
    pages !== undefined &&
    html`<nav class="above" aria-label="所在位置">
      <ol>
        ${pages.map(([name, path]) => html`<li><a href="${path}">${name}</a></li>`)}
        <li aria-current="page">${title}</li>
      </ol>
    </nav>`
  );
}

function asOf({ asOf: position }: Shown, now: Date): Content {
  return (
    position !== undefined &&
    html`<p class="as-of">
      截至日志位置 <b>${position}</b>（<time datetime="${now.toISOString()}">${townSecond(now)}</time>）
    </p>`
  );
}

// The page of the development issuer: everybody whom the campaign knows, by role and organisation, one button each. It stands in for the
// town's own sign-in and says so; it is served on this machine only.

import { ROLE_NAMES } from '../../shared/reading/dictionary.ts';
import { ROLES, type Role } from '../../shared/rules/roles.ts';
import { assetPath } from '../../functions/console/assets.ts';
import { html, type Content, type Html } from '../../shared/reading/html.ts';
import { LIANTANG } from '../../shared/rules/campaign/liantang.ts';
import type { DaochaError } from '../../events/errors.ts';
import { AUTHORIZE_PATH } from './issuer.ts';

export const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

interface Who {
  role: Role;
  organisation: string;
  name: string;
}

const of = (role: Role, ...kinds: string[]): Who[] =>
  LIANTANG.organisations
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ id, name }) => ({ role, organisation: id, name }));
const at = (role: Role, ...organisations: string[]): Who[] =>
  organisations.flatMap((id) => {
    const known = LIANTANG.organisations.find((organisation) => organisation.id === id);
    return known ? [{ role, organisation: id, name: known.name }] : [];
  });

/** In the order of the campaign's work: found, ordered, rectified, signed off; then those who watch. */
const GROUPS: readonly { title: string; note: string; who: readonly Who[] }[] = [
  { title: '村居', note: '登记单位、检查、提交整改', who: of('village', 'village') },
  {
    title: '检查人员',
    note: '检查、复查',
    who: at('inspector', 'guijianban', 'chengyun', 'ebike-taskforce', 'factory-taskforce'),
  },
  { title: '部门', note: '定级、责令整改、复查、销项', who: of('department', 'member', 'taskforce') },
  { title: '城运中心', note: '派发、改派', who: at('operations', 'chengyun') },
  { title: '专班办公室', note: '全镇：派发、撤并、上报', who: at('office', 'office') },
  { title: '领导小组', note: '查看', who: at('leader', 'leading-group') },
  { title: '执法人员', note: '案件', who: at('enforcement', 'zhifadui', 'paichusuo') },
  { title: '审计', note: '查看全部，查看本身也有记录', who: at('auditor', 'office') },
  { title: '区级指导单位', note: '只看上报给本单位的事项', who: of('district', 'district') },
  {
    title: '平台',
    note: '管理员、导入、订阅',
    who: [...at('admin', 'office'), ...at('importer', 'office'), ...at('subscriber', 'office')],
  },
];

/** @param query what the sign-in was begun with; the choice is sent back to the same address */
export function signInPage(query: URLSearchParams, error?: DaochaError): string {
  const action = `${AUTHORIZE_PATH}?${query.toString()}`;
  const body = error
    ? html`<div class="faults" role="alert">
          <h2>不能登录</h2>
          <p>${error.message}</p>
          ${error.expected && html`<p>${error.expected}</p>`}
        </div>
        <p><a href="/console">回到控制台</a></p>`
    : html`<p class="lead">这是本机的开发用登录页，代替乡镇自己的统一身份认证。选择以谁的身份登录。</p>
        <form method="post" action="${action}" class="who-list">
          ${GROUPS.filter(({ who }) => who.length > 0).map(group)}
        </form>
        ${other(action)}`;
  return `<!doctype html>
${html`<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>登录 · 倒查</title>
    <link rel="icon" href="${assetPath('icon.svg')}" type="image/svg+xml" />
    <link rel="stylesheet" href="${assetPath('console.css')}" />
  </head>
  <body>
    <header>
      <div class="bar">
        <p class="brand"><span class="name">倒查</span> <span>${LIANTANG.name}</span></p>
      </div>
    </header>
    <main id="main">
      <h1>登录</h1>
      ${body}
    </main>
  </body>
</html>`}
`;
}

function group({ title, note, who }: (typeof GROUPS)[number]): Html {
  return html`<section>
    <h2>${title}</h2>
    <p class="hint">${note}</p>
    <p class="choices">
      ${who.map(
        ({ role, organisation, name }) =>
          html`<button class="button quiet" name="who" value="${role} ${organisation} dev-${role}-${organisation}">
            ${title === '平台' ? ROLE_NAMES[role] : name}
          </button> `,
      )}
    </p>
  </section>`;
}

/** Any roles, organisation, post and person: two people of the same office, somebody with two roles. */
function other(action: string): Content {
  return html`<details class="other">
    <summary>其他身份</summary>
    <form method="post" action="${action}">
      <fieldset class="field">
        <legend>角色（可多选）</legend>
        ${ROLES.map(
          (role) =>
            html`<div class="choice">
              <input type="checkbox" id="role-${role}" name="roles" value="${role}" /><label for="role-${role}"
                >${ROLE_NAMES[role]}</label
              >
            </div>`,
        )}
      </fieldset>
      <div class="field">
        <label for="org">单位</label>
        <select id="org" name="org">
          <option value="">无</option>
          ${LIANTANG.organisations.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}
        </select>
      </div>
      <div class="field"><label for="post">岗位</label><input id="post" name="post" autocomplete="off" /></div>
      <div class="field">
        <label for="person">人员编号</label>
        <p class="hint" id="person-hint">人员的编号，不是姓名，例如 p-017</p>
        <input id="person" name="person" autocomplete="off" aria-describedby="person-hint" />
      </div>
      <p><button class="button">登录</button></p>
    </form>
  </details>`;
}

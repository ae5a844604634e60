// What a person sees when something is not possible: what it is, and what to do next. Never the inside of the platform; the number at
// the bottom finds the line in the log.
import { ROLE_NAMES } from '../../shared/reading/dictionary.ts';
import { DaochaError } from '../../events/errors.ts';
import type { Principal } from '../api/auth.ts';
import { wordsFor } from './error-words.ts';
import { html, joined, type Content, type Html } from '../../shared/reading/html.ts';
import { address, to, type Shown } from './page.ts';
import { eventPath } from './pages/trace-answer.ts';

const TITLES: Record<number, string> = {
  403: '不能办理',
  404: '没有找到',
  413: '内容太大',
  503: '暂时不能访问',
  504: '稍后再看',
};

/** A form that was sent and came to nothing; sent again, under the same key, it is done once. */
export interface Held {
  /** where it was sent to */
  action: string;
  form: Record<string, string[]>;
}

interface Around {
  status: number;
  correlation: string;
  who?: Principal | undefined;
  /** where a sign-in was to lead */
  back?: string | undefined;
  held?: Held | undefined;
}

export function errorPage(error: Error, around: Around): Shown {
  const { status, correlation, held } = around;
  const title = TITLES[status] ?? (status >= 500 ? '出错了' : '没有办成');
  const words =
    error instanceof DaochaError
      ? wordsFor(error)
      : status === 503
        ? '系统繁忙，请稍后再试；再提交一次不会重复。'
        : '系统出现错误，没有已保存的内容丢失。请再试一次；仍不行请联系管理员，并告知下面的编号。';
  return {
    title,
    status,
    body: html`
      <h1>${title}</h1>
      <p class="lead">${words}</p>
      ${held && !isForeign(error) && again(held, '所填内容还在本页，没有丢失。请不要关闭本页；可以办理时再提交一次，不会重复。')}
      ${next(error, around)}
      <p class="muted">编号 <code>${correlation}</code></p>
    `,
  };
}

const isForeign = (error: Error): boolean => error instanceof DaochaError && error.type === 'foreign-form';

const again = ({ action, form }: Held, words: string): Html => html`
  <p>${words}</p>
  <form method="post" action="${action}" data-once>
    ${Object.entries(form).flatMap(([name, all]) => all.map((value) => html`<input type="hidden" name="${name}" value="${value}" />`))}
    <div class="actions"><button class="button">再提交一次</button></div>
  </form>
`;

/** The session has ended, or was ended in another tab, while a form was filled in. */
export function notSentPage(held: Held): Html {
  const signIn = address('/sign-in', { to: to('/account') });
  return html`
    <h1>没有提交</h1>
    <p class="lead">登录已过期，或已在另一页面退出。所填内容还在本页，没有丢失，请不要关闭本页。</p>
    <p><a href="${signIn}" target="_blank" rel="noopener">在新页面登录</a></p>
    ${again(held, '登录后回到本页，再提交一次；提交前还可以核对。')}
  `;
}

function next(error: Error, { status, who, back }: Around): Content {
  if (back !== undefined) {
    return html`<p><a class="button" href="${address('/sign-in', { to: back })}">重新登录</a></p>`;
  }
  if (status === 403 && who?.roles.length === 0) {
    return html`<p>您的账号还没有本平台的角色，请联系专班办公室。<a href="${to('/account')}">查看账号</a></p>`;
  }
  if (status === 403 && who) {
    return html`<p>
      您现在的角色是${joined(
        who.roles.map((role) => ROLE_NAMES[role]),
        '、',
      )}。<a href="${to('/account')}">查看账号</a>，或<a href="${to('/')}">回到首页</a>。
    </p>`;
  }
  if (error instanceof DaochaError && error.type.startsWith('sign-in-')) {
    return html`<p><a class="button" href="${to('/')}">重新登录</a></p>`;
  }
  if (error instanceof DaochaError && error.type === 'event-altered' && typeof error.facts['position'] === 'number') {
    const { position } = error.facts;
    return html`<p>不符的事件：<a href="${to(eventPath(position))}">日志位置 ${position}</a></p>`;
  }
  if (isForeign(error)) return html`<p>现在登录的可能已是另一人。<a href="${to('/account')}">查看账号</a></p>`;
  return html`<p><a href="${to('/')}">回到首页</a></p>`;
}

export function signedOutPage(issuer: string | undefined): Html {
  return html`
    <h1>已退出</h1>
    <p class="lead">您已退出本平台。在公用设备上，请同时退出统一身份认证。</p>
    <p><a class="button" href="${to('/')}">重新登录</a></p>
    ${issuer && html`<p><a href="${issuer}" rel="noreferrer">退出统一身份认证</a></p>`}
  `;
}

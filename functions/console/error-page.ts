// What a person sees when something is not possible: what it is, and what to do next. Never the inside of the platform; the number at
// the bottom finds the line in the log.
import { DaochaError } from '../../shared/errors.ts';
import type { Principal } from '../api/auth.ts';
import { wordsFor } from './faults.ts';
import { html, joined, type Content, type Html } from './html.ts';
import { ROLE_NAMES } from './labels.ts';
import { to, type Shown } from './page.ts';

const TITLES: Record<number, string> = {
  403: '不能办理',
  404: '没有找到',
  413: '内容太大',
  503: '暂时不能访问',
  504: '稍后再看',
};

export function errorPage(error: Error, status: number, correlation: string, who: Principal | undefined): Shown {
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
      ${next(error, status, who)}
      <p class="muted">编号 <code>${correlation}</code></p>
    `,
  };
}

function next(error: Error, status: number, who: Principal | undefined): Content {
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

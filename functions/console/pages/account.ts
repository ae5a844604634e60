// 账号: as whom one is signed in, until when, and the way out.
import { organisationName, ROLE_NAMES } from '../../../shared/reading/dictionary.ts';
import { html, joined } from '../../../shared/reading/html.ts';
import { hidden } from '../form.ts';
import { to, type Page } from '../page.ts';
import { facts } from '../components.ts';
import { lasts, LONGEST } from '../session.ts';
import { townMinute } from '../../../shared/town-time.ts';

const moment = (seconds: number): string => townMinute(new Date(seconds * 1000));

export const accountPage: Page = {
  path: '/account',
  get: async (visit) => {
    const { principal, campaign, session } = visit;
    const roles = principal.roles.map((role) => ROLE_NAMES[role]);
    return {
      title: '账号',
      body: html`
        <h1>账号</h1>
        ${facts([
          ['人员', principal.person],
          ['角色', roles.length > 0 ? joined(roles, '、') : '没有本平台的角色'],
          ['单位', organisationName(campaign.definition, principal.organisation)],
          ['岗位', principal.post ?? '—'],
          ['登录时间', moment(session.since)],
          ['最晚退出', moment(session.since + LONGEST)],
        ])}
        <p>
          ${`不操作超过 ${Math.round(lasts({ ...session, since: session.seen }) / 3600)} 小时自动退出。在公用设备上用完请退出。`}
        </p>
        <form method="post" action="${to('/sign-out')}">${hidden(visit)}<button class="button">退出登录</button></form>
      `,
    };
  },
};

// 系统: the state of the platform, for those who run it and those who audit it: the log and its last sealed checkpoint with
// what witnesses say, each follower and its lag, what is held back, messages that could not be delivered, rules and
// calendar.
import { CHANNEL_NAMES } from '../../../events/delivery.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import type { GIVEN_UP } from '../../../events/delivery.ts';
import type { Answers } from '../answers.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import type { Page, Visit } from '../page.ts';
import { provisionalWords } from '../../api/warnings.ts';
import { facts, moment, nothing, records } from '../components.ts';
import { townDay } from '../../../shared/town-time.ts';

type System = Answers['getSystem'];
type Attestations = Answers['getAttestations'];
type Deliveries = Answers['listDeliveries'];

/** What each follower does, by the beginning of its name. */
const FOLLOWERS: readonly (readonly [begins: string, does: string])[] = [
  ['project', '计算视图'],
  ['publish', '对外发布'],
  ['react', '按规则上报、汇总材料'],
  ['notify', '消息通知'],
];
const WHY: Record<(typeof GIVEN_UP)[number], string> = {
  refused: '对方拒收',
  exhausted: '多次尝试未成',
  expired: '过期未送',
  'no-channel': '渠道已撤',
};
/** Seconds behind from which a follower needs a look: a wake-up lost is made up for within minutes. */
const LATE = 300;
/** Failed messages shown. */
const SHOWN = '20';

export const systemPage: Page = {
  path: '/system',
  action: 'read.system',
  get: async (visit) => {
    const [system, attested, failed] = await Promise.all([
      visit.ask('getSystem'),
      visit.ask('getAttestations'),
      visit.ask('listDeliveries', {}, { status: 'failed', limit: SHOWN }),
    ]);
    return {
      title: '系统',
      section: 'system',
      asOf: system.log.size,
      body: html`
        <h1>系统</h1>
        ${log(system)} ${followers(system)} ${witnesses(attested)} ${held(system)} ${messages(visit, failed)}
        ${rules(visit, system)}
      `,
    };
  },
};

function log({ log: { size, signed }, generation, tenant }: System): Html {
  return html`<section aria-labelledby="log">
    <h2 id="log">日志</h2>
    ${facts([
      ['镇', html`<code>${tenant}</code>`],
      ['事件数', size],
      [
        '最近签名检查点',
        signed === null
          ? html`<span class="late">还没有签名</span>`
          : html`${signed.size} 个事件，${moment(signed.at)}<span class="muted">（${ago(signed.age)}前）</span>`,
      ],
      ['尚未签名', signed !== null && signed.size < size && `${size - signed.size} 个事件，稍后签名`],
      ['视图第几代', generation],
    ])}
  </section>`;
}

function followers({ followers: all }: System): Html {
  return html`<section aria-labelledby="followers">
    <h2 id="followers">跟随者</h2>
    ${records(
      '跟随者',
      [
        {
          head: '名称',
          main: true,
          cell: ({ name }) =>
            html`${FOLLOWERS.find(([begins]) => name.startsWith(begins))?.[1]}
              <span class="sub"><code>${name}</code></span>`,
        },
        { head: '读到位置', figure: true, cell: ({ position }) => position },
        { head: '状况', cell: (one) => outOfOrder(one) ?? '正常' },
        { head: '落后事件', figure: true, cell: ({ lag }) => (lag > 0 ? html`<b>${lag}</b>` : 0) },
        {
          head: '落后时间',
          cell: ({ behind, lag }) =>
            behind === null
              ? lag > 0
                ? '—'
                : '没有落后'
              : html`<span class="${behind > LATE ? 'late' : 'muted'}">${ago(behind)}</span>`,
        },
        { head: '最近前进', cell: ({ movedAt }) => (movedAt === null ? '从未运行' : moment(movedAt)) },
      ],
      all,
    )}
    <p class="muted">落后时间从第一个还没有读到的事件进入日志时算起。长时间不前进的，须按运行手册处理。</p>
  </section>`;
}

/** What a follower passes over. */
function outOfOrder({ ahead, broken }: System['followers'][number]): Content | undefined {
  if (ahead > 0) return html`<b class="late">位置被移到日志之后 ${ahead} 位，其间事件会被跳过</b>`;
  if (broken.length === 0) return undefined;
  return html`<b class="late">${broken.length} 条事件流有事件缺失或被改动，自该处起不再跟随</b>
    <span class="sub">${broken.map(({ stream, position }) => html`<code>${stream}</code>（位置 ${position}）`)}</span>`;
}

function witnesses({ witnesses: all, timeStamp, copies }: Attestations): Html {
  const failing = ({ failingSince, problem }: { failingSince: string | null; problem: string | null }): Content =>
    failingSince && html`<span class="late">自 ${moment(failingSince)} 起失败（${problem}）</span>`;
  return html`<section aria-labelledby="witnesses">
    <h2 id="witnesses">见证</h2>
    ${
      all.length > 0
        ? records(
            '见证人',
            [
              { head: '见证人', main: true, cell: ({ name }) => name },
              { head: '会签到', figure: true, cell: ({ size }) => size ?? '尚未' },
              { head: '会签时间', cell: ({ at }) => moment(at) },
              { head: '状况', cell: (one) => failing(one) || '正常' },
            ],
            all,
          )
        : nothing('没有配置见证人。', '没有见证人会签时，日志只由平台自己签名。')
    }
    ${facts([
      [
        '可信时间戳',
        timeStamp.size === null
          ? failing(timeStamp) || '没有'
          : html`${timeStamp.size} 个事件，${moment(timeStamp.time)}，${timeStamp.authority} ${failing(timeStamp)}`,
      ],
      ['只写副本', html`${copies.size} 个事件${copies.at && html`，${moment(copies.at)}`} ${failing(copies)}`],
    ])}
  </section>`;
}

function held({ held: all }: System): Html {
  return html`<section aria-labelledby="held">
    <h2 id="held">不能排序的提交</h2>
    ${
      all.length > 0
        ? records(
            '不能排序的提交',
            [
              {
                head: '事件流',
                main: true,
                cell: ({ stream }) => {
                  const { category, id } = parseStreamKey(stream);
                  return html`<code>${category}/${id}</code>`;
                },
              },
              { head: '第几版起', figure: true, cell: ({ version }) => version },
            ],
            all,
          )
        : html`<p>没有。每个提交都有日志位置。</p>`
    }
  </section>`;
}

function messages({ campaign }: Visit, { items, cursor }: Deliveries): Html {
  return html`<section aria-labelledby="messages">
    <h2 id="messages">没有送达的消息 <span class="count">${items.length}${cursor !== undefined && ' 以上'}</span></h2>
    ${
      items.length > 0
        ? records(
            '没有送达的消息',
            [
              { head: '收件组织', main: true, cell: (row) => organisationName(campaign.definition, row.organisation) },
              { head: '渠道', cell: (row) => CHANNEL_NAMES[row.channel] },
              { head: '事件数', figure: true, cell: (row) => row.carries.length },
              { head: '尝试', figure: true, cell: (row) => row.attempts },
              {
                head: '原因',
                long: true,
                cell: (row) => [row.why && WHY[row.why], row.error].filter(Boolean).join('：'),
              },
              { head: '放弃于', cell: (row) => moment(row.at) },
            ],
            items,
          )
        : html`<p>没有。</p>`
    }
    ${items.length > 0 && html`<p class="muted">查明原因后，用 <code>daocha notify retry</code> 再送一次。</p>`}
  </section>`;
}

function rules({ campaign, now }: Visit, { ruleSet, ruleSets, calendar }: System): Html {
  const year = Number(townDay(now).slice(0, 4));
  const years = (all: readonly number[]): string => all.join('、') || '没有';
  return html`<section aria-labelledby="rules">
    <h2 id="rules">规则与日历</h2>
    ${facts([
      ['专项行动', campaign.definition?.name],
      [
        '现行规则集',
        ruleSet === null
          ? html`<span class="late">没有</span>`
          : html`第 ${ruleSet.version} 版，自 ${ruleSet.effectiveFrom} 起施行<span class="muted"
                >（共发布 ${ruleSets} 版）</span
              >`,
      ],
      [
        '工作日历',
        html`${years(calendar.ruleSet)}${calendar.missing.map((lacking) => html` <span class="late">有期限在 ${lacking} 年：${provisionalWords(lacking)}</span>`)}${calendar.missing.length === 0 && !calendar.ruleSet.includes(year + 1) && html` <span class="muted">${year + 1} 年的安排公布后，须发布新规则集</span>`}`,
      ],
      ['软件已有的日历', years(calendar.announced)],
    ])}
  </section>`;
}

/** `45 秒`, `12 分钟`, `3 小时`, `4 天` */
export function ago(seconds: number): string {
  if (seconds < 60) return `${seconds} 秒`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} 分钟`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} 小时` : `${Math.floor(seconds / 86_400)} 天`;
}

// The words of a message (提醒文字): short, in Chinese, a line a notice: how urgent, which unit, what is to be done until
// when, which post, a link. Most urgent first. Only names of units, organisations, posts and tracks: what inspectors
// wrote stays in the platform, behind sign-in.
import { organisationName as nameIn, postZh } from '../../shared/reading/dictionary.ts';
import type { CampaignDefinition } from '../../events/campaign.ts';
import { ESCALATION_GROUNDS } from '../../events/escalation.ts';
import type { HazardStatus } from '../../events/hazard.ts';
import { AWAITS_ZH, PROVISIONAL_ZH, type Awaits } from '../../events/reminder.ts';
import { REPORT_KINDS } from '../../events/report.ts';
import { parseStreamKey } from '../../events/envelope.ts';
import { LAST_ANSWER_DAY } from '../../shared/rules/waiting/answering.ts';
import type { Message, Notice } from './message.ts';
import { onTheWall } from '../../shared/town-time.ts';

export interface NoticeLine {
  /** 0 first */
  urgency: number;
  /** 逾期2个工作日 */
  state: string;
  /** the unit or the report */
  subject: string;
  /** what is to be done, until when, by which post */
  act: string;
  link: string | undefined;
}

/** Begins every message; a robot that asks for a keyword (自定义关键词) is given this one. */
export const KEYWORD = '倒查';
const LONGEST_NAME = 40;

/** What a status waits for. */
const ACTS: Partial<Record<HazardStatus, string>> = {
  ordered: '整改',
  rejected: '整改',
  recurred: '整改',
  submitted: '复查',
  verified: '销项',
};

/** A message without notices is a trial (测试消息): somebody looks whether the channel works. */
export function titleOf({ notices, organisation, campaign }: Message): string {
  if (notices.length === 0) return `【${KEYWORD}】测试消息（${organisationName(campaign, organisation)}）`;
  return `【${KEYWORD}】安全整治提醒${notices.length}件（${organisationName(campaign, organisation)}）`;
}

/** The lines of a message, most urgent first, within the same urgency in the order of the log. */
export function noticeLines(message: Message): NoticeLine[] {
  return message.notices.map((notice) => lineOf(notice, message)).toSorted((a, b) => a.urgency - b.urgency);
}

function lineOf(notice: Notice, { campaign, console }: Message): NoticeLine {
  const { event } = notice;
  const link = (path: string): string | undefined => (console === undefined ? undefined : `${console}${path}`);
  const unit = plain(notice.unit ?? (event.unit === undefined ? '' : `单位${event.unit}`));
  const track = event.track === undefined ? '' : trackName(campaign, event.track);
  const posts = notice.posts.length === 0 ? '' : `，请${notice.posts.map(postName).join('、')}办理`;
  switch (event.type) {
    case 'ReminderIssued':
    case 'DeadlineMissed': {
      const { clause, after, due, grade } = event.data;
      const awaits = event.type === 'ReminderIssued' ? event.data.awaits : undefined;
      const missed = event.type === 'DeadlineMissed';
      const what = [track, plain(clause), grade === 'major' ? '重大隐患' : ''].filter(Boolean).join(' ');
      return {
        ...(missed ? { urgency: 1, state: '逾期未完成' } : awaits ? waited(awaits, event.data) : distance(event.data)),
        subject: unit,
        act: `${what}，${awaits ? `${AWAITS_ZH[awaits]}应在${dayOf(due)}前` : `${ACTS[after] ?? '处理'}期限${dayOf(due)}`}${posts}`,
        link: link(`/hazards/${parseStreamKey(event.stream).id}`),
      };
    }
    case 'ReportReminderIssued':
    case 'ReportMissed': {
      const { kind, period, due } = event.data;
      const awaits = event.type === 'ReportReminderIssued' ? event.data.awaits : undefined;
      return {
        ...(event.type === 'ReportMissed'
          ? { urgency: 1, state: '逾期未报' }
          : awaits
            ? waited(awaits, event.data)
            : distance(event.data)),
        subject: `${REPORT_KINDS[kind]}（${period}）`,
        act: `${track ? `${track}，` : ''}${awaits ? `${AWAITS_ZH[awaits]}应在${dayOf(due)}前` : `报送期限${dayOf(due)}`}${posts}`,
        link: link('/deadlines'),
      };
    }
    case 'DutyReminderIssued':
    case 'DutyMissed': {
      const { name, due } = event.data;
      const missed = event.type === 'DutyMissed';
      return {
        ...(missed ? { urgency: 1, state: '逾期未办' } : distance(event.data)),
        subject: unit || plain(name),
        act: `${[track, plain(name)].filter(Boolean).join(' ')}，办理期限${dayOf(due)}${posts}`,
        link: link(`/duties/${parseStreamKey(event.stream).id}`),
      };
    }
    case 'EscalationProposed':
      return escalated(0, '重大险情', '已提出上报区级，请立即处置');
    case 'EscalationGroundAdded': {
      const ground = `追加上报理由：${ESCALATION_GROUNDS[event.data.rule]}`;
      return event.data.urgent ? escalated(0, '重大险情', `${ground}，请立即处置`) : escalated(3, '上报区级', ground);
    }
    case 'EscalationSubmitted':
      return escalated(2, '上报区级', `第 ${event.data.round} 次报送，请受理或退回`);
    case 'EscalationReturned':
      return escalated(1, '区级退回', '请按退回意见补充材料后再次上报');
    case 'EscalationAccepted':
      return escalated(5, '区级受理', '区级指导单位已受理');
    case 'EscalationResolved':
      return escalated(3, '区级处理', '区级已作出处理，请核实');
    case 'ProposalMade':
    case 'ProposalExpired': {
      const { name, until } = event.data;
      const waits = event.type === 'ProposalMade';
      return {
        urgency: 3,
        state: waits ? '待确认' : '过期未确认',
        subject: unit || plain(name),
        act: `${plain(name)}，${waits ? `须由第二人在${dayOf(until)}前确认` : `至${dayOf(until)}无人确认，已作废`}`,
        link: link(`/proposals/${parseStreamKey(event.stream).id}`),
      };
    }
    case 'RuleSetPublished':
      return {
        urgency: 3,
        state: '规则变更',
        subject: `规则第 ${event.data.version} 版`,
        act: `自${event.data.effectiveFrom}起施行，请知悉`,
        link: link('/'),
      };
  }

  function escalated(urgency: number, state: string, todo: string): NoticeLine {
    const act = `${track ? `${track}，` : ''}${todo}`;
    return { urgency, state, subject: unit, act, link: link(`/escalations/${parseStreamKey(event.stream).id}`) };
  }
}

interface Counted {
  workingDays: number;
  provisional?: true | undefined;
}

/** The last rung is about what should have been answered by the evening. */
function waited(awaits: Awaits, { workingDays, provisional }: Counted): Pick<NoticeLine, 'urgency' | 'state'> {
  const guessed = provisional ? `（${PROVISIONAL_ZH}）` : '';
  const urgency = workingDays >= LAST_ANSWER_DAY ? 2 : 3;
  return { urgency, state: `等待${AWAITS_ZH[awaits]}${workingDays}个工作日${guessed}` };
}

function distance({ workingDays, provisional }: Counted): Pick<NoticeLine, 'urgency' | 'state'> {
  const guessed = provisional ? `（${PROVISIONAL_ZH}）` : '';
  if (workingDays > 0) return { urgency: 1, state: `逾期${workingDays}个工作日${guessed}` };
  if (workingDays === 0) return { urgency: 2, state: '今日到期' };
  return { urgency: 4, state: `距期限${-workingDays}个工作日${guessed}` };
}

/** `5月20日` for the end of that day in the town, `5月20日18:00` for an hour of it. */
function dayOf(due: string): string {
  const local = onTheWall(due).toISOString();
  const day = `${Number(local.slice(5, 7))}月${Number(local.slice(8, 10))}日`;
  return local.slice(11, 16) === '23:59' ? day : `${day}${local.slice(11, 16)}`;
}

const organisationName = (campaign: CampaignDefinition | null, id: string): string => plain(nameIn(campaign, id));

function trackName(campaign: CampaignDefinition | null, id: string): string {
  return plain(campaign?.tracks.find(({ track }) => track === id)?.name ?? id);
}

const postName = (post: string): string => plain(postZh(post));

const WIDE: Record<string, string> = {
  '[': '［',
  ']': '］',
  '(': '（',
  ')': '）',
  '<': '＜',
  '>': '＞',
  '*': '＊',
  _: '＿',
  '`': '｀',
  '#': '＃',
  '@': '＠',
  '!': '！',
  '\\': '＼',
  '|': '｜',
};

/**
 * A name within the markdown of robots, which know no escaping: what they would take for markup, for an address, or for
 * calling somebody (@), stands in its wide form; one line, 40 characters at most.
 */
export function plain(name: string): string {
  const line = name
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .replaceAll(/[[\]()<>*_`#@!\\|]/g, (sign) => WIDE[sign]!)
    .replaceAll('://', '：//')
    .trim();
  const letters = Array.from(line);
  return letters.length <= LONGEST_NAME ? line : `${letters.slice(0, LONGEST_NAME - 1).join('')}…`;
}

const TRIAL = '通知渠道已接通，此后的提醒将发送到这里。';

/** Markdown as WeCom's and DingTalk's robots both show it. @param gap what parts two lines */
export function markdownOf(message: Message, gap: string): string {
  const lines = noticeLines(message).map(
    ({ state, subject, act, link }, index) =>
      `${index + 1}. **【${state}】${subject}**：${act}。${link === undefined ? '' : `[查看](${link})`}`,
  );
  const site = message.console === undefined ? '登录平台' : `[登录平台](${message.console})`;
  const end = lines.length === 0 ? TRIAL : `请${site}办理并确认收到。`;
  return [`**${titleOf(message)}**`, ...lines, end].join(gap);
}

/** The same as plain text, for e-mail. */
export function noticeText(message: Message): string {
  if (message.notices.length === 0) return `${TRIAL}\n`;
  const lines = noticeLines(message).map(
    ({ state, subject, act, link }, index) =>
      `${index + 1}. 【${state}】${subject}：${act}。${link === undefined ? '' : `\n   ${link}`}`,
  );
  const end = `请登录平台办理并确认收到。${message.console === undefined ? '' : `\n${message.console}`}`;
  return `${[...lines, '', end].join('\n')}\n`;
}

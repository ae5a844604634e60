// What stands above an answer when people read it, on the terminal and in the console: what was asked about, and as known when.
import { REPORT_KINDS } from '../../../events/report.ts';
import { own } from '../../own.ts';
import type { TraceAnswer } from './answer.ts';
import { trackZh, SUBJECT_ZH } from '../dictionary.ts';
import { townMinute } from '../../town-time.ts';

/** What an answer is about, name by name; what is not set is left out. */
export function subjectLines({ subject }: TraceAnswer<unknown>): [name: string, value: string][] {
  return Object.entries(subject)
    .filter(([name, value]) => value !== null && name !== 'figures' && name !== 'events')
    .map(([name, value]) => [own(SUBJECT_ZH, name) ?? name, subjectValue(name, value)]);
}

function subjectValue(name: string, value: unknown): string {
  if (name === 'track') return trackZh(String(value));
  if (name === 'kind') return own(REPORT_KINDS, String(value)) ?? String(value);
  if (name === 'from' || name === 'to' || name === 'after' || name === 'submittedAt') return townMinute(String(value));
  if (name === 'now') return `现在（日志位置 ${(value as { position: number }).position} 之前）`;
  return String(value);
}

/** As known when: one line. */
export function knownZh({ knownAt: { asked, position, time, by, vouched }, indexed }: TraceAnswer<unknown>): string {
  const compared = indexed ? `；日志位置 ${indexed.size} 之前已与索引核对，无遗漏` : '';
  const before = `日志位置 ${position} 之前`;
  if (asked === null) return `截至现在（${before}）${compared}`;
  const then = /^\d+$/.test(asked)
    ? `按当时所知：${before}（最后一条记录于 ${townMinute(time)}）`
    : `按当时所知：${townMinute(time)} 以前已入册的事项（${before}；${KNOWN_BY_ZH[by]}${vouched ? `；${vouched.name} 于 ${townMinute(vouched.time)} 见到日志位置 ${vouched.size} 以前` : ''}）`;
  return then + compared;
}

const KNOWN_BY_ZH: Record<TraceAnswer<unknown>['knownAt']['by'], string> = {
  position: '按日志位置',
  log: '按日志入册时间',
  cosignature: '按见证人会签时间',
  'time-stamp': '按可信时间戳',
  events: '当时日志尚未记入册时间，仅凭记录自称时间',
};

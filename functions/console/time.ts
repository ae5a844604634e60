// Days and spans of time in the words of the console.
import { townDay, daysBetween, DAY_MS } from '../../shared/town-time.ts';

/** A day written for reading: `6月2日`, with the year when it is another one than this. */
export function dayInWords(day: string, today: string): string {
  const [year, month, date] = day.split('-').map(Number);
  const short = `${month}月${date}日`;
  return day.slice(0, 4) === today.slice(0, 4) ? short : `${year}年${short}`;
}

const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六'];
export const weekday = (day: string): string => `星期${WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()]}`;

/** `逾期 3 天`, `今天到期`, `还剩 5 天` */
export function untilDue(due: string, now: Date): string {
  const left = daysBetween(townDay(now), townDay(due));
  if (due < now.toISOString()) return left === 0 ? '今天已逾期' : `逾期 ${-left} 天`;
  return left === 0 ? '今天到期' : `还剩 ${left} 天`;
}

/** How long after it happened something was recorded, when that is worth telling: more than a day. */
export function recordedLate(occurredAt: string, recordedAt: string): number | undefined {
  const days = Math.floor((Date.parse(recordedAt) - Date.parse(occurredAt)) / DAY_MS);
  return days >= 1 ? days : undefined;
}

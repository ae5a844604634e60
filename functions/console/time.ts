// Times as people of the town read them: Asia/Shanghai, which has been UTC+8 without summer time since 1991, so plain arithmetic will do.
const OFFSET = 8 * 3_600_000;
const DAY = 24 * 3_600_000;

/** The same moment as a clock on the wall in the town shows it, in the fields that end in UTC. */
const onTheWall = (instant: string | Date): Date => new Date(new Date(instant).getTime() + OFFSET);

/** `2025-06-02` */
export const townDay = (instant: string | Date): string => onTheWall(instant).toISOString().slice(0, 10);
/** `2025-06-02 12:05` */
export const townMinute = (instant: string | Date): string =>
  onTheWall(instant).toISOString().slice(0, 16).replace('T', ' ');
/** `2025-06-02 12:05:09` */
export const townSecond = (instant: string | Date): string =>
  onTheWall(instant).toISOString().slice(0, 19).replace('T', ' ');

/** A day written for reading: `6月2日`, with the year when it is another one than this. */
export function dayInWords(day: string, today: string): string {
  const [year, month, date] = day.split('-').map(Number);
  const short = `${month}月${date}日`;
  return day.slice(0, 4) === today.slice(0, 4) ? short : `${year}年${short}`;
}

const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六'];
export const weekday = (day: string): string => `星期${WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()]}`;

/** Days from one calendar day to another; negative when the second is earlier. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);

/** The day so many days later. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

/** `逾期 3 天`, `今天到期`, `还剩 5 天` */
export function untilDue(due: string, now: Date): string {
  const left = daysBetween(townDay(now), townDay(due));
  if (due < now.toISOString()) return left === 0 ? '今天已逾期' : `逾期 ${-left} 天`;
  return left === 0 ? '今天到期' : `还剩 ${left} 天`;
}

/** How long after it happened something was recorded, when that is worth telling: more than a day. */
export function recordedLate(occurredAt: string, recordedAt: string): number | undefined {
  const days = Math.floor((Date.parse(recordedAt) - Date.parse(occurredAt)) / DAY);
  return days >= 1 ? days : undefined;
}

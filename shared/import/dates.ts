// Dates as Chinese tables have them: the year first, in any separators, in Han characters, in eight digits, with a time of day or without.
// What can be read two ways is refused with the reason; nothing is guessed. The foreign registers have their own (local-time.ts).
import { localClock, type LocalInstant } from './local-time.ts';
import { asTyped, trimmed } from './cells.ts';
import { say, type MessageKey } from './messages.ts';
import { DAY_MS, EARLIEST } from '../town-time.ts';

const clock = localClock('Asia/Shanghai');

/** `2025-4-25`, `2025/4/25`, `2025.4.25`, `2025年4月25日`, `20250425`; whatever follows is a time of day. */
const DATES = [
  /^(\d{4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,2})(?!\d)(.*)$/s,
  /^(\d{4})\s*(年)\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号](.*)$/s,
  /^(\d{4})()(\d{2})(\d{2})(?!\d)(.*)$/s,
] as const;
const TIME =
  /^(上午|下午)?\s*(\d{1,2})\s*(?:[:时点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})(?:\.(\d{1,9}))?\s*秒?|\s*分)?|[时点])$/;
/** An instant with its zone. */
const ZONED =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/i;

const DAY_NUMBER = /^([3-6]\d{4})(?:\.\d+)?$/;
const YEAR_ELSEWHERE = /^\d{1,2}\s*([-/.])\s*\d{1,2}\s*\1\s*(?:\d{4}|\d{2})(?!\d)/;
const MONTH = /^\d{4}\s*(?:[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月?)$/;
/** A second day, or a word for “to”, after a date. */
const SPAN = /[-~～至到—/]\s*(?:\d{4}|\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}\s*[日号])/;
/** Day 0 of a spreadsheet that counts from 1900, as it counts after February 1900. */
const DAY_ZERO = Date.UTC(1899, 11, 30);

/** What is written as a day or a time and is none: 2025-13-01, a day number, digits that are too many for anything else. */
const NO_DAY = new Set<MessageKey>(['date-no-such-day', 'date-no-such-time', 'date-day-number', 'date-too-early']);
const MANY_DIGITS = /^\d{5,}(?:\.\d+)?$/;

/** A whole date or time, whenever it is; `no-day` for what has the form of one; undefined for words, and for what can be read two ways. */
export function wholeDate(cell: string): LocalInstant | 'no-day' | undefined {
  const text = asTyped(trimmed(cell));
  const read = readTime(text);
  if (typeof read !== 'string') return read;
  return NO_DAY.has(read) || MANY_DIGITS.test(text) ? 'no-day' : undefined;
}

/** @returns the instant, or in words why it cannot be read */
export function writtenTime(cell: string): LocalInstant | { wrong: string } {
  const text = asTyped(trimmed(cell));
  const read = readTime(text);
  if (typeof read === 'string') return { wrong: say(read, { text: cell, day: dayOf(text) }) };
  return read.at < EARLIEST ? { wrong: say('date-too-early', { text: cell }) } : read;
}

function readTime(text: string): LocalInstant | MessageKey {
  const zoned = ZONED.exec(text);
  if (zoned) return readZoned(zoned);
  const match = DATES.map((form) => form.exec(text)).find(Boolean);
  if (!match) return why(text);
  const [, year = '', form, month = '', day = '', after = ''] = match;
  const date = `${year}-${month}-${day}`;
  const midnight = clock(date);
  // A spreadsheet's day 0 is 1899-12-30: a day that there was.
  if (!midnight && longAgo(year, month, day)) return 'date-too-early';
  const rest = after.trim();
  if (rest === '') return midnight ?? 'date-no-such-day';
  const time = TIME.exec(rest.replace(/^T(?=\d)/, ''));
  // Between digits and digits there is a blank.
  const apart = form === '年' || /^\D/.test(after);
  if (!time || !apart) return SPAN.test(after) ? 'date-span' : 'date-unreadable';
  if (!midnight) return 'date-no-such-day';
  const [, half, hours, minute = '0', second = '0', fraction = ''] = time;
  const hour = hourOf(half, Number(hours));
  if (hour === undefined) return 'date-no-such-time';
  const instant = clock(`${date} ${hour}:${minute.padStart(2, '0')}:${second.padStart(2, '0')}`);
  return instant ? withFraction(instant, fraction) : 'date-no-such-time';
}

function readZoned([text, date = '']: RegExpExecArray): LocalInstant | MessageKey {
  const [year = '', month = '', day = ''] = date.split('-');
  if (!clock(date)) return longAgo(year, month, day) ? 'date-too-early' : 'date-no-such-day';
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) ? 'date-unreadable' : { at: new Date(ms).toISOString(), dateOnly: false };
}

/** A day before 1900, which the clocks of local-time.ts do not go back to. */
function longAgo(year: string, month: string, day: string): boolean {
  // 400 years on, the calendar is the same.
  const later = clock(`${Number(year) + 400 * Math.ceil((1900 - Number(year)) / 400)}-${month}-${day}`);
  return Number(year) < 1900 && later !== undefined;
}

/** 上午 ends before 12; 下午 begins with 1, or is written in 24 hours. */
function hourOf(half: string | undefined, hour: number): number | undefined {
  if (hour > 23) return undefined;
  if (half === '上午') return hour < 12 ? hour : undefined;
  if (half === '下午') return hour === 0 ? undefined : hour < 12 ? hour + 12 : hour;
  return hour;
}

function withFraction(instant: LocalInstant, fraction: string): LocalInstant {
  const ms = Math.floor(Number(`0.${fraction || '0'}`) * 1000);
  return { ...instant, at: new Date(Date.parse(instant.at) + ms).toISOString() };
}

function why(text: string): MessageKey {
  if (DAY_NUMBER.test(text)) return 'date-day-number';
  if (YEAR_ELSEWHERE.test(text)) return 'date-year';
  return MONTH.test(text) ? 'date-no-day' : 'date-unreadable';
}

/** The day that a day number counted from 1900 is. */
function dayOf(text: string): string {
  const number = Number(DAY_NUMBER.exec(text)?.[1] ?? Number.NaN);
  return Number.isNaN(number) ? '' : new Date(DAY_ZERO + number * DAY_MS).toISOString().replace(/T.*/, '');
}

import type { ConsoleTag } from './console-tag.ts';

/** `HH:mm:ss.SSS` in local time, of epoch milliseconds (reference 5.2). */
export function formatTimeOfDay(atMs: number): string {
  const date = new Date(atMs);
  const [h, m, s] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits);
  return `${h}:${m}:${s}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `yyyy-MM-dd HH:mm:ss z` in local time, as in "Job Started" (reference 4.11). */
export function formatDateTime(atMs: number): string {
  const date = new Date(atMs);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  return `${day} ${formatTimeOfDay(atMs).slice(0, 8)} ${zoneName(date)}`;
}

/** Intl costs each process 1.5 MB and its first use 20 ms; where it is UTC, as on most build machines, it is not needed. */
function zoneName(date: Date): string {
  if (date.toString().endsWith('(Coordinated Universal Time)')) return 'UTC';
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/**
 * `<tag>|<HH:mm:ss.SSS> <text>` without a line end. Each line feed in `text` begins another physical line with the same
 * tag and time (reference 5.1).
 */
export function formatConsoleLine(tag: ConsoleTag, atMs: number, text: string): string {
  const prefix = `${tag}|${formatTimeOfDay(atMs)} `;
  return prefix + text.replaceAll('\n', `\n${prefix}`);
}

/** A physical line of the console. The server appends lines without a tag of its own (reference 5.2). */
export interface ConsoleLine {
  readonly tag?: string;
  /** `HH:mm:ss.SSS` */
  readonly time?: string;
  readonly text: string;
}

export function parseConsoleLine(line: string): ConsoleLine {
  const match = /^(..)\|(\d\d:\d\d:\d\d\.\d{3}) (.*)$/s.exec(line);
  if (match === null) return { text: line };
  const [, tag = '', time = '', text = ''] = match;
  return { tag, time, text };
}

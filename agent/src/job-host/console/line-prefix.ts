import { type ConsoleTag, formatTimeOfDay } from '@go-agent/protocol';

let cachedAt = Number.NaN;
let cachedTime = '';

/** What stands before the text of each physical line. Lines come by the million, so the last millisecond's time is kept. */
export function linePrefix(tag: ConsoleTag, atMs: number): string {
  if (atMs !== cachedAt) {
    cachedTime = formatTimeOfDay(atMs);
    cachedAt = atMs;
  }
  return `${tag}|${cachedTime} `;
}

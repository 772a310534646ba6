const LONGEST_MS = 3_600_000;
const SHORTEST_MS = 1_000;

/** How long a busy server asks to be left alone, in ms, within bounds; undefined if it does not say. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS);
}

import { open } from 'node:fs/promises';

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly msg: string;
}

const TAIL_BYTES = 512 * 1024;

/** The JSON lines at the end of a log whose message matches, not older than `since` (ms since the epoch). Oldest first. */
export async function logEvidence(path: string, pattern: RegExp, since: number): Promise<LogLine[]> {
  return (await tail(path)).split('\n').flatMap((line): LogLine[] => {
    if (!pattern.test(line)) return [];
    try {
      const { time, msg } = JSON.parse(line) as { readonly time?: unknown; readonly msg?: unknown };
      const at = typeof time === 'number' ? time : Date.parse(String(time));
      return at >= since && typeof msg === 'string' ? [{ time: at, msg }] : [];
    } catch {
      return [];
    }
  });
}

async function tail(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } catch {
    return '';
  }
}

import { openSync, renameSync, statSync } from 'node:fs';

const MAX_BYTES = 10 * 1024 * 1024;

/**
 * Opens what job hosts print by themselves: next to nothing, but why one could not start, each time. A file that has grown
 * beyond 10 MB becomes `<path>.1`; hosts that have it open write on there. Returns the descriptor, or `ignore` where the disk has no
 * room even for the file: a job is worth more than that.
 */
export function openErrorLog(path: string): number | 'ignore' {
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(path, `${path}.1`);
    return openSync(path, 'a', 0o600);
  } catch {
    return 'ignore';
  }
}

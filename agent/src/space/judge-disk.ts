export interface DiskSpace {
  readonly freeBytes: number;
  /** Infinity where the file system does not count them. */
  readonly freeInodes: number;
}

export interface DiskShortage {
  /** Part of a sentence. */
  readonly reason: string;
  /** At least 1, also where it is inodes that are lacking. */
  readonly lackingBytes: number;
}

// A checkout of nothing but a few files needs some hundreds, git's own included.
const LEAST_INODES = 1000;

/** What the disk lacks for another job; undefined if nothing. */
export function judgeDisk(
  { freeBytes, freeInodes }: DiskSpace,
  limitBytes: number,
): DiskShortage | undefined {
  if (freeBytes < limitBytes) {
    return {
      reason: `${freeBytes} of at least ${limitBytes} bytes are free`,
      lackingBytes: limitBytes - freeBytes,
    };
  }
  if (freeInodes < LEAST_INODES)
    return { reason: `${freeInodes} of at least ${LEAST_INODES} inodes are free`, lackingBytes: 1 };
  return undefined;
}

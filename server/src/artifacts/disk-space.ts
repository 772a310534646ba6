import { statfs } from 'node:fs/promises';
import type { Clock } from '@go-agent/runtime';

const CACHE_MS = 5000;
/** Kept free, as GoCD's `artifact.full.size.limit` (agent-protocol 6.4). */
const RESERVE_BYTES = 100 * 1024 * 1024;

/** Whether the artifacts' disk can take an upload. The free space is asked for once in 5 s at most. */
export class DiskSpace {
  readonly #folder: string;
  readonly #clock: Clock;
  #free = 0;
  #askedAt: number | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** @param times how often the bytes lie there for a while: a zip and what it holds, or only what is kept */
  async canTake(bytes: number, times: 1 | 2): Promise<boolean> {
    const now = this.#clock.monotonic();
    if (this.#askedAt === undefined || now - this.#askedAt >= CACHE_MS) {
      const { bavail, bsize } = await statfs(this.#folder);
      this.#free = bavail * bsize;
      this.#askedAt = now;
    }
    return times * bytes <= this.#free - RESERVE_BYTES;
  }
}

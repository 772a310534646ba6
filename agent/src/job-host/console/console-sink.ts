import type { Clock } from '@go-agent/runtime/core';

/** More than this waiting for the disk, and the writers are asked to pause. Bytes. */
const HIGH_WATER = 4 * 1024 * 1024;
const MAX_BATCH = 1024 * 1024;
const RETRY_MS = 1000;
const NEVER = new AbortController().signal;

export interface ConsoleSinkOptions {
  /** Appends to console.log, all of it or nothing. */
  append(bytes: Buffer): Promise<void>;
  readonly clock: Clock;
  /** Called at each attempt that fails (a full disk, say). What could not be written is kept and tried again. */
  onStall(error: unknown): void;
}

interface Waiter {
  /** Count of bytes that must have been appended. */
  readonly at: number;
  resolve(): void;
}

/** Collects what is written into large batches, in order, dropping nothing: a disk that is slow or full holds back the writers. */
export class ConsoleSink {
  readonly #options: ConsoleSinkOptions;
  #queue: Buffer[] = [];
  #taken = 0;
  #appended = 0;
  #waiters: Waiter[] = [];
  #busy = false;

  constructor(options: ConsoleSinkOptions) {
    this.#options = options;
  }

  /** True while writers should wait for {@link flush}. They may write nevertheless, at the cost of memory. */
  get congested(): boolean {
    return this.#taken - this.#appended > HIGH_WATER;
  }

  /** Count of bytes up to now. */
  get written(): number {
    return this.#taken;
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#taken += bytes.length;
    if (!this.#busy) void this.#drain();
  }

  /** Resolves when all that was written up to now is in the file. */
  flush(): Promise<void> {
    if (this.#appended === this.#taken) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ at: this.#taken, resolve }));
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    this.#busy = true;
    // What the writers add in this turn of the event loop goes out in the same batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      while (!(await this.#tryAppend(batch))) await this.#options.clock.sleep(RETRY_MS, NEVER);
      this.#appended += batch.length;
      this.#wakeWaiters();
    }
    this.#busy = false;
  }

  async #tryAppend(batch: Buffer): Promise<boolean> {
    try {
      await this.#options.append(batch);
      return true;
    } catch (error) {
      this.#options.onStall(error);
      return false;
    }
  }

  #nextBatch(): Buffer {
    let bytes = 0;
    let count = 0;
    for (const buffer of this.#queue) {
      if (count > 0 && bytes + buffer.length > MAX_BATCH) break;
      bytes += buffer.length;
      count += 1;
    }
    const buffers = this.#queue.splice(0, count);
    const [first] = buffers;
    return count === 1 && first ? first : Buffer.concat(buffers, bytes);
  }

  #wakeWaiters(): void {
    while (this.#waiters[0] && this.#waiters[0].at <= this.#appended) this.#waiters.shift()?.resolve();
  }
}

import type { Clock } from '@go-agent/runtime/core';
import { ConsoleBatch } from './console-batch.ts';

/** More than this waiting for the disk, and the writers are asked to pause. Bytes. */
const HIGH_WATER = 4 * 1024 * 1024;
/** As many batches are kept for what comes next: those that fill up to the high water, and the one that is being written. */
const KEPT_BATCHES = 5;
const RETRY_MS = 1000;
const NEVER = new AbortController().signal;

export interface ConsoleSinkOptions {
  /** Appends to console.log, all of it or nothing. The bytes are others as soon as it has resolved. */
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
  /** To be written; the last one has room, perhaps. */
  readonly #queue: ConsoleBatch[] = [];
  readonly #empty: ConsoleBatch[] = [];
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

  /** @param bytes are copied; a string has a byte in each character (latin1) */
  write(bytes: Buffer | string): void {
    if (bytes.length === 0) return;
    this.#taken += bytes.length;
    for (let rest = bytes; rest.length > 0; ) {
      const count = this.#queue.at(-1)?.add(rest) ?? 0;
      rest = typeof rest === 'string' ? rest.slice(count) : rest.subarray(count);
      if (rest.length > 0) this.#queue.push(this.#empty.pop() ?? new ConsoleBatch());
    }
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
    for (let batch = this.#queue.shift(); batch; batch = this.#queue.shift()) {
      while (!(await this.#tryAppend(batch.bytes))) await this.#options.clock.sleep(RETRY_MS, NEVER);
      this.#appended += batch.bytes.length;
      batch.clear();
      if (this.#empty.length < KEPT_BATCHES) this.#empty.push(batch);
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

  #wakeWaiters(): void {
    while (this.#waiters[0] && this.#waiters[0].at <= this.#appended) this.#waiters.shift()?.resolve();
  }
}

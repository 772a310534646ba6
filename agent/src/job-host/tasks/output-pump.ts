import type { Readable } from 'node:stream';
import type { Clock } from '@go-agent/runtime/core';
import type { ConsoleSink } from '../console/console-sink.ts';
import type { ConsoleStream } from '../console/console-stream.ts';

/** Where output goes. What is written is gone afterwards: who wants to keep it copies it. */
export type OutputTarget = Pick<ConsoleStream, 'write' | 'showNow' | 'end'>;

const QUIET_MS = 30;
/** The same for what is captured, of which nothing may be missing that is only read later on a busy machine. */
export const CAPTURE_QUIET_MS = 2000;
/** A background child may go on writing for ever. */
const LONGEST_DRAIN_MS = 1000;

/** Carries the output of a process to the console, no faster than the disk takes it. */
export class OutputPump {
  readonly #source: Readable;
  readonly #target: OutputTarget;
  readonly #ended: Promise<void>;
  readonly #sink: ConsoleSink;
  #chunks = 0;
  #waiting = false;

  /** @param watch sees each chunk before it is masked, and keeps nothing of it */
  constructor(source: Readable, target: OutputTarget, sink: ConsoleSink, watch?: (chunk: Buffer) => void) {
    this.#source = source;
    this.#target = target;
    this.#sink = sink;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    source.on('data', (chunk: Buffer) => {
      this.#chunks += 1;
      watch?.(chunk);
      target.write(chunk);
      freeMemory(chunk);
      if (sink.congested) void this.#pause();
    });
    // A pipe whose other end is gone in an odd way (EIO) has ended for us.
    source.on('error', () => source.destroy());
    source.on('close', () => {
      target.end();
      resolve();
    });
  }

  /**
   * Call when the process has exited: resolves once what it wrote is on the console. A background child that holds the pipe does
   * not delay that; its output goes on being carried.
   * @param quietMs no byte for so long: what the process wrote has been read
   * @returns whether the pipe has ended
   */
  async drained(clock: Clock, quietMs = QUIET_MS): Promise<boolean> {
    const stop = new AbortController();
    const ended = this.#ended.then(() => true);
    const quiet = this.#quiet(clock, quietMs, stop.signal).then(() => false);
    try {
      const hasEnded = await Promise.race([ended, quiet]);
      if (!hasEnded) this.#target.showNow();
      return hasEnded;
    } finally {
      stop.abort();
    }
  }

  /** Reads no more. */
  async close(): Promise<void> {
    this.#source.destroy();
    await this.#ended;
  }

  async #quiet(clock: Clock, quietMs: number, signal: AbortSignal): Promise<void> {
    const deadline = clock.monotonic() + Math.max(LONGEST_DRAIN_MS, quietMs);
    for (let seen = -1; seen !== this.#chunks || this.#waiting; ) {
      if (clock.monotonic() > deadline && !this.#waiting) return;
      seen = this.#chunks;
      if (!(await clock.sleep(quietMs, signal))) return;
    }
  }

  async #pause(): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#source.pause();
    await this.#sink.flush();
    this.#waiting = false;
    this.#source.resume();
  }
}

/** At once: a flood fills the memory with what is done with, faster than that is collected. */
function freeMemory({ buffer, byteLength }: Buffer): void {
  // What shares its memory with others is theirs.
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

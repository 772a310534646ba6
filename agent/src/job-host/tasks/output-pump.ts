import type { Readable } from 'node:stream';
import type { Clock } from '@go-agent/runtime/core';
import type { ConsoleSink } from '../console/console-sink.ts';
import type { ConsoleStream } from '../console/console-stream.ts';

export type OutputTarget = Pick<ConsoleStream, 'write' | 'showNow' | 'end'>;

/** No byte for so long after the process has ended: what it wrote has been read. */
const QUIET_MS = 30;
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

  /** @param watch sees each chunk before it is masked */
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
   * @returns whether the pipe has ended
   */
  async drained(clock: Clock): Promise<boolean> {
    const stop = new AbortController();
    const ended = this.#ended.then(() => true);
    const quiet = this.#quiet(clock, stop.signal).then(() => false);
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

  async #quiet(clock: Clock, signal: AbortSignal): Promise<void> {
    const deadline = clock.monotonic() + LONGEST_DRAIN_MS;
    for (let seen = -1; seen !== this.#chunks || this.#waiting; ) {
      if (clock.monotonic() > deadline && !this.#waiting) return;
      seen = this.#chunks;
      if (!(await clock.sleep(QUIET_MS, signal))) return;
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

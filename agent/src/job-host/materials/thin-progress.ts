import type { Clock } from '@go-agent/runtime/core';
import type { OutputTarget } from '../tasks/output-pump.ts';

const CR = 0x0d;
const LF = 0x0a;
/** How often a progress line is shown that the next one is to overwrite. */
const EVERY_MS = 5000;
/** Whatever has no end after so many bytes is no progress. */
const MAX_HELD = 16 * 1024;

/**
 * A terminal shows progress in one line, each state written over the last with a carriage return. A log would keep hundreds of
 * them: this lets one state through every few seconds, as a line of its own, and all that ends with a line feed.
 */
export class ThinProgress implements OutputTarget {
  readonly #console: OutputTarget;
  readonly #clock: Clock;
  #held = Buffer.alloc(0);
  #shownAt: number;

  constructor(console: OutputTarget, clock: Clock) {
    this.#console = console;
    this.#clock = clock;
    // What is done within seconds needs no progress.
    this.#shownAt = clock.monotonic();
  }

  write(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let start = 0;
    for (let end = nextEnd(bytes, start); end >= 0; end = nextEnd(bytes, start)) {
      this.#take(bytes, start, end);
      start = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
    }
    this.#held = Buffer.from(bytes.subarray(start));
    if (this.#held.length > MAX_HELD) this.showNow();
  }

  showNow(): void {
    // A carriage return at the very end waits to see what follows it.
    if (this.#held.length > 0 && this.#held.at(-1) !== CR) this.#release();
    this.#console.showNow();
  }

  end(): void {
    this.#release();
    this.#console.end();
  }

  #take(bytes: Buffer, start: number, end: number): void {
    const isOverwritten = bytes[end] === CR && bytes[end + 1] !== LF;
    const now = this.#clock.monotonic();
    if (isOverwritten && now - this.#shownAt < EVERY_MS) return;
    if (isOverwritten) this.#shownAt = now;
    this.#console.write(Buffer.concat([bytes.subarray(start, end), Buffer.of(LF)]));
  }

  #release(): void {
    if (this.#held.length > 0) this.#console.write(this.#held);
    this.#held = Buffer.alloc(0);
  }
}

/** Where the next line, or state of progress, ends; -1 if that is not known yet. */
function nextEnd(bytes: Buffer, start: number): number {
  const feed = bytes.indexOf(LF, start);
  const searched = feed < 0 ? bytes : bytes.subarray(0, feed);
  const carriage = searched.indexOf(CR, start);
  if (carriage < 0) return feed;
  return carriage === bytes.length - 1 ? -1 : carriage;
}

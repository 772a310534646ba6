// What a plugin writes for people, to its standard error, line by line: however long a line is, and however much is written.

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '@go-agent/runtime/core';
import { TokenBucket } from './token-bucket.ts';

const LONGEST_LINE = 8000;
const LINES = { burst: 1000, perSecond: 200 };
/** Above that it is read no faster, and the pipe stops the plugin. */
const BYTES = { burst: 8 * 1024 * 1024, perSecond: 1024 * 1024 };
const PAUSE_MS = 100;
const LINE_FEED = 10;

export interface PluginLogParts {
  readonly stream: Readable;
  readonly clock: Clock;
  /** Aborted when the plugin has ended: what it has left is read at once. */
  readonly signal: AbortSignal;
  write(line: string): void;
}

/** Until the stream ends. Never rejects. */
export async function writePluginLog({ stream, clock, signal, write }: PluginLogParts): Promise<void> {
  const lines = new TokenBucket(clock, LINES);
  const bytes = new TokenBucket(clock, BYTES);
  const line = new BoundedLine();
  let leftOut = 0;
  const flush = () => {
    const text = line.take();
    if (!lines.take()) return void leftOut++;
    if (leftOut > 0) write(`(${leftOut} lines before this one are left out: there were too many)`);
    leftOut = 0;
    write(text);
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        line.add(chunk.subarray(from, end));
        flush();
        from = end + 1;
      }
      line.add(chunk.subarray(from));
      while (!bytes.take(chunk.length) && !signal.aborted) await clock.sleep(PAUSE_MS, signal);
    }
  } catch {
    // Nothing more can be read.
  }
  if (!line.isEmpty) flush();
}

/** The beginning of a line that has not ended yet. */
class BoundedLine {
  readonly #bytes = Buffer.alloc(LONGEST_LINE);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(part: Buffer): void {
    this.#length += part.copy(this.#bytes, this.#length);
  }

  /** A character that was cut in two at the end is left out. */
  take(): string {
    const text = new StringDecoder('utf8').write(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return text.replace(/\r$/, '');
  }
}

import { AppError } from '@go-agent/runtime/core';

const MAX_LINE_BYTES = 1024 * 1024;

/**
 * The messages of host.sock and of a spare's stdin: one JSON value a line. Ends with the stream; a last line without its newline is
 * not a message. What a value means is the caller's to check.
 * @throws AppError journal-line-too-long, journal-damaged
 */
export async function* readJsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const lines = new JsonLines();
  for await (const chunk of stream) yield* lines.of(chunk);
}

/** The same for whoever gets the chunks some other way. */
export class JsonLines {
  #rest = Buffer.alloc(0);

  /** The values whose lines end in this chunk. @throws as {@link readJsonLines} */
  *of(chunk: Uint8Array): Generator<unknown> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const line = this.#rest.subarray(0, end).toString();
      this.#rest = this.#rest.subarray(end + 1);
      yield parse(line);
    }
    if (this.#rest.length > MAX_LINE_BYTES) {
      throw new AppError('journal-line-too-long', `A message is longer than ${MAX_LINE_BYTES} bytes`);
    }
  }
}

export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new AppError('journal-damaged', `A message is not JSON: ${line.slice(0, 200)}`, { cause });
  }
}

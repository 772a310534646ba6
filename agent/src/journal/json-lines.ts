import { AppError } from '@go-agent/runtime/core';

const MAX_LINE_BYTES = 1024 * 1024;

/**
 * The messages of host.sock and of a spare's stdin: one JSON value a line. Ends with the stream; a last line without its newline is
 * not a message. What a value means is the caller's to check.
 * @throws AppError journal-line-too-long, journal-damaged
 */
export async function* readJsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString();
      rest = rest.subarray(end + 1);
      yield parse(line);
    }
    if (rest.length > MAX_LINE_BYTES) {
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

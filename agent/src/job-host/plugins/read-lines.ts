const LF = 0x0a;

/** The lines of a stream, without their ends; the last may lack its end. A line longer than `maxBytes` ends it, as `'too-long'`. */
export async function* readLines(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<string | typeof TOO_LONG> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (rest: Buffer) => {
    const line = Buffer.concat([...parts, rest]).toString();
    parts = [];
    length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    if (length > maxBytes) {
      yield TOO_LONG;
      return;
    }
    parts.push(rest);
  }
  if (length > 0) yield take(Buffer.alloc(0));
}

export const TOO_LONG = Symbol('a line that is too long');

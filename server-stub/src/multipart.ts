export interface MultipartPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly content: Buffer;
}

/** The parts of a multipart/form-data body, whole in memory; an empty list if it is none. */
export function parseMultipart(contentType: string | undefined, body: Buffer): MultipartPart[] {
  const [, quoted, bare] =
    /^multipart\/form-data\s*;.*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return [];
  // With a line break in front of the first boundary, all of them look the same.
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: MultipartPart[] = [];
  for (let at = text.indexOf(delimiter); at >= 0; ) {
    const start = at + delimiter.length;
    const next = text.indexOf(delimiter, start);
    const head = text.indexOf('\r\n\r\n', start);
    if (next < 0 || head < 0 || head > next) break;
    const headers = text.toString('utf8', start, head);
    const name = /;\s*name="([^"]*)"/i.exec(headers)?.[1];
    const filename = /;\s*filename="([^"]*)"/i.exec(headers)?.[1];
    if (name !== undefined) parts.push({ name, filename, content: text.subarray(head + 4, next) });
    at = next;
  }
  return parts;
}

import { ZipFile } from 'yazl';

export interface Part {
  readonly name: string;
  readonly filename: string;
  readonly content: Buffer | string;
}

/** A multipart body as the stock agent sends it (agent-protocol 6.2). */
export function multipart(parts: readonly Part[]): {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
} {
  const boundary = 'XyZ-boundary';
  const chunks = parts.flatMap(({ name, filename, content }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n` +
        'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n',
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}`, 'X-GoCD-Confirm': 'true' },
  };
}

/** A zip of files by name; `mode` for those that are to be something else. */
export async function zipOf(
  files: Readonly<Record<string, string | { readonly mode: number; readonly content: string }>>,
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, file] of Object.entries(files)) {
    const { mode, content } = typeof file === 'string' ? { mode: 0o100644, content: file } : file;
    zip.addBuffer(Buffer.from(content), name, { mode });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

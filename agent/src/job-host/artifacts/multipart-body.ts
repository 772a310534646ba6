import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

export interface Multipart {
  readonly contentType: string;
  /** Bytes of the whole body. */
  readonly length: number;
  readonly body: () => Readable;
}

export interface UploadParts {
  /** Absolute path of the zip, its size in bytes, and the name that it has for the server. */
  readonly zip: { readonly path: string; readonly size: number; readonly name: string };
  readonly checksums: Buffer;
  /** A string that does not occur in the content. */
  readonly boundary: string;
}

/** The two parts of an artifact upload, in the order that the server expects (agent-protocol 6.2). */
export function uploadBody({ zip, checksums, boundary }: UploadParts): Multipart {
  const head = Buffer.from(`--${boundary}\r\n${partHead('zipfile', zip.name)}`);
  const middle = Buffer.from(`\r\n--${boundary}\r\n${partHead('file_checksum', 'checksum_file')}`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: head.length + zip.size + middle.length + checksums.length + tail.length,
    body: () =>
      Readable.from(
        (async function* () {
          yield head;
          yield* createReadStream(zip.path, { highWaterMark: 1 << 18 });
          yield Buffer.concat([middle, checksums, tail]);
        })(),
        { objectMode: false },
      ),
  };
}

function partHead(name: string, fileName: string): string {
  const safe = fileName.replace(/["\r\n]/g, '_');
  return [
    `Content-Disposition: form-data; name="${name}"; filename="${safe}"`,
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: binary',
    '',
    '',
  ].join('\r\n');
}

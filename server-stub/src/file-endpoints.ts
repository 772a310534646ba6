import { createHash } from 'node:crypto';
import { CONSOLE_LOG, HeaderName, MD5_CHECKSUM, parseCount, REMOTING_FILES_PATH } from '@go-agent/protocol';
import { type MultipartPart, parseMultipart } from './multipart.ts';
import { type StubAnswer, textAnswer } from './stub-answer.ts';
import type { StubRequest } from './stub-request.ts';

export interface StubUpload {
  /** Where it went, below `/go/remoting/files/`. */
  readonly path: string;
  readonly request: StubRequest;
  readonly parts: readonly MultipartPart[];
  /** The part `zipfile`. */
  readonly zip: Buffer | undefined;
  /** The part `file_checksum`. */
  readonly checksum: Buffer | undefined;
}

/** Console logs and artifacts (reference 5.1, 6). Zips are kept as they came, not unpacked. */
export class FileEndpoints {
  /** By path below `/go/remoting/files/`, decoded. */
  readonly files = new Map<string, Buffer>();
  readonly uploads: StubUpload[] = [];
  readonly #stock: boolean;

  constructor(stock: boolean) {
    this.#stock = stock;
  }

  answer(request: StubRequest): StubAnswer | null {
    if (!request.endpoint.startsWith(REMOTING_FILES_PATH)) return null;
    const path = request.endpoint.slice(REMOTING_FILES_PATH.length);
    if (path.includes('..')) return { status: 403 };
    switch (request.method) {
      case 'PUT':
        return path.endsWith(`/${CONSOLE_LOG}`) ? this.#append(path, request) : { status: 404 };
      case 'POST':
        return this.#upload(path, request);
      case 'GET':
        return this.#download(path, request.query.get('sha1'));
      default:
        return { status: 405 };
    }
  }

  #append(path: string, { body, headers }: StubRequest): StubAnswer {
    const stored = this.files.get(path);
    const size = stored?.length ?? 0;
    const header = headers[HeaderName.uploadOffset.toLowerCase()];
    if (this.#stock || typeof header !== 'string') {
      this.files.set(path, Buffer.concat([stored ?? Buffer.alloc(0), body]));
      return textAnswer(200, `File ${path} was appended successfully`);
    }
    const offset = parseCount(header);
    if (offset === undefined) return textAnswer(400, `${HeaderName.uploadOffset} is not a number of bytes`);
    if (offset > size) return { status: 409, headers: { [HeaderName.uploadOffset]: String(size) } };
    const fresh = body.subarray(size - offset);
    this.files.set(path, Buffer.concat([stored ?? Buffer.alloc(0), fresh]));
    return {
      status: stored ? 200 : 201,
      headers: { [HeaderName.uploadOffset]: String(size + fresh.length) },
    };
  }

  #upload(path: string, request: StubRequest): StubAnswer {
    if (request.headers[HeaderName.confirm.toLowerCase()] !== 'true') {
      return textAnswer(400, `Missing required header '${HeaderName.confirm}'`);
    }
    if (this.files.has(path)) return textAnswer(403, `File ${path} already exists.`);
    const parts = parseMultipart(request.headers['content-type'], request.body);
    const part = (name: string) => parts.find((part) => part.name === name)?.content;
    const zip = part('zipfile');
    const file = part('file');
    if (!zip && !file) {
      return textAnswer(
        400,
        `Invalid request. MultipartFile must have name 'file' or 'zipfile' (to automatically unzip stream)`,
      );
    }
    const checksum = part('file_checksum');
    this.uploads.push({ path, request, parts, zip, checksum });
    if (file) this.files.set(path, file);
    if (checksum) this.#addChecksums(path, checksum);
    return textAnswer(201, `File ${path} was created successfully`);
  }

  #addChecksums(path: string, checksum: Buffer): void {
    const job = path.split('/').slice(0, 5).join('/');
    const key = `${job}/${MD5_CHECKSUM}`;
    this.files.set(key, Buffer.concat([this.files.get(key) ?? Buffer.alloc(0), checksum]));
  }

  #download(path: string, sha1: string | null): StubAnswer {
    const stored = this.files.get(path);
    if (!stored) {
      const name = path.split('/').slice(5).join('/');
      const why = 'is unavailable as it may have been purged by Go or deleted externally.';
      return textAnswer(404, `Artifact '${name}' ${why}`);
    }
    if (sha1 !== null && createHash('sha1').update(stored).digest('base64') === sha1) return { status: 304 };
    return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: stored };
  }
}

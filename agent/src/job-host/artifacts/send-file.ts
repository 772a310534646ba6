import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileUploadPath, formatReprDigest, HeaderName, parseCount } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import type { RelayAnswer } from '../relay.ts';
import type { LargeFile } from './batch-entries.ts';
import { Patience } from './patience.ts';
import type { TransferContext } from './transfer-context.ts';
import { judgeUpload, type UploadOutcome } from './upload-outcome.ts';

/** In a row without a byte of progress. */
const ATTEMPTS = 3;

/** Sends one large file as it is read, and goes on where it stopped when the connection, the agent or the server ends in between. */
export function sendFile(file: LargeFile, context: TransferContext): Promise<UploadOutcome> {
  return new FileSender(file, context).send();
}

interface Again {
  readonly kind: 'again';
  readonly message: string;
  readonly isAway?: boolean;
  /** What arrived is not what was sent: from the start. */
  readonly isOther?: boolean;
}

class FileSender {
  readonly #file: LargeFile;
  readonly #context: TransferContext;
  #patience: Patience;
  #path = '';
  /** Of the first `#hashed` bytes, as they were read first. */
  #hash: Hash = createHash('sha256');
  #hashed = 0;

  constructor(file: LargeFile, context: TransferContext) {
    this.#file = file;
    this.#context = context;
    this.#patience = new Patience(context);
    this.#startOver();
  }

  async send(): Promise<UploadOutcome> {
    let offset = 0;
    let message = '';
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const outcome = await this.#attempt(offset);
      if (outcome.kind !== 'again') return outcome;
      message = outcome.message;
      if (!(await this.#patience.wait())) break;
      const next = outcome.isOther ? this.#startOver() : await this.#whereToGoOn();
      if (next === undefined) return { kind: 'done' };
      if (next > offset) this.#patience = new Patience(this.#context);
      if (next > offset || outcome.isAway) attempt = 0;
      offset = next;
    }
    return { kind: 'failed', message };
  }

  /** Under a new name, so that nothing of an attempt before is gone on with. */
  #startOver(): number {
    const job = this.#context.assignment.work.assignment.jobIdentifier;
    this.#path = fileUploadPath(job, this.#file.path, randomUUID());
    this.#hash = createHash('sha256');
    this.#hashed = 0;
    return 0;
  }

  async #attempt(offset: number): Promise<UploadOutcome | Again> {
    const { size } = this.#file;
    try {
      // All of it may be there already, and only the end be missing.
      let answer = offset < size ? await this.#put(offset, size, () => this.#read(offset)) : undefined;
      let said = answer === undefined ? '' : await text(answer.body);
      if (answer === undefined || judgeUpload(answer.status) === 'done') {
        answer = await this.#put(size, size, () => Readable.from([]), this.#hash.copy().digest('hex'));
        said = await text(answer.body);
      }
      const { status } = answer;
      if (!this.#patience.isThere(answer)) return { kind: 'again', message: said, isAway: true };
      const verdict = judgeUpload(status);
      if (verdict === 'done') return { kind: 'done' };
      if (verdict === 'denied') return { kind: 'denied', size };
      const message = `The server answered ${status}: ${said}`;
      return verdict === 'again'
        ? { kind: 'again', message, isOther: status === 422 }
        : { kind: 'failed', message };
    } catch (error) {
      this.#context.cancelled.throwIfAborted();
      return { kind: 'again', message: describeError(error) };
    }
  }

  /** @param sha256 hex; given if the file is whole with this body */
  #put(offset: number, end: number, body: () => Readable, sha256?: string): Promise<RelayAnswer> {
    const { size, mode } = this.#file;
    const { relay, cancelled } = this.#context;
    return relay.request({
      method: 'PUT',
      path: this.#path,
      headers: {
        'Content-Type': 'application/octet-stream',
        'Content-Length': String(end - offset),
        [HeaderName.uploadOffset]: String(offset),
        [HeaderName.uploadLength]: String(size),
        [HeaderName.uploadComplete]: sha256 === undefined ? '?0' : '?1',
        [HeaderName.fileMode]: mode.toString(8).padStart(3, '0'),
        ...(sha256 === undefined ? {} : { [HeaderName.reprDigest]: formatReprDigest(sha256) }),
      },
      body,
      // Where it goes on must be asked first.
      resend: false,
      signal: cancelled,
    });
  }

  #read(offset: number): Readable {
    const { source, size } = this.#file;
    const content = createReadStream(source, { start: offset, end: size - 1, highWaterMark: 1 << 18 });
    const hashing = async function* (this: FileSender) {
      let at = offset;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        at += chunk.length;
        if (at > this.#hashed) {
          this.#hash.update(chunk.subarray(Math.max(0, chunk.length - (at - this.#hashed))));
          this.#hashed = at;
        }
        yield chunk;
      }
      if (at < size) throw new Error(`${source} has become shorter while it was uploaded`);
    };
    return Readable.from(hashing.call(this), { objectMode: false });
  }

  /**
   * With a patience of its own: a server that answers this may still not get, or not take, what is sent.
   * @returns undefined: the server has all of it, only the answer that said so was lost
   */
  async #whereToGoOn(): Promise<number | undefined> {
    const { relay, cancelled: signal } = this.#context;
    const patience = new Patience(this.#context);
    const answer = await patience.ask(() => relay.request({ method: 'HEAD', path: this.#path, signal }));
    answer.body.resume();
    if (answer.header(HeaderName.uploadComplete) === '?1') return undefined;
    const offset = parseCount(answer.header(HeaderName.uploadOffset)) ?? 0;
    // More than was ever read here is not of this file.
    return offset > this.#hashed ? this.#startOver() : offset;
  }
}

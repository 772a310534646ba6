// Messages from a plugin's stdout, framed as language servers do. Unlike the library's own reader it takes no message of any length,
// and no more requests than the server is willing to serve: it stops reading, and the pipe stops the plugin.

import type { Readable } from 'node:stream';
import { AppError, toError } from '@go-agent/runtime/core';
import { AbstractMessageReader, type DataCallback, type Disposable, type Message } from 'vscode-jsonrpc/node';

const LONGEST_HEADER = 4096;
const LONGEST_MESSAGE = 16 * 1024 * 1024;
const HEADER_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /(?:^|\r\n)content-length: *(\d{1,15}) *(?:\r\n|$)/i;

export class BoundedMessageReader extends AbstractMessageReader {
  readonly #stream: Readable;
  readonly #admit: () => Promise<void>;
  #buffer = Buffer.alloc(0);
  #length: number | undefined;

  /** @param admit awaited before each request or notification of the plugin */
  constructor(stream: Readable, admit: () => Promise<void>) {
    super();
    this.#stream = stream;
    this.#admit = admit;
  }

  override listen(callback: DataCallback): Disposable {
    this.#pump(callback)
      .catch((error: unknown) => {
        this.#stream.destroy();
        this.fireError(toError(error));
      })
      .finally(() => this.fireClose());
    return { dispose: () => this.#stream.destroy() };
  }

  async #pump(callback: DataCallback): Promise<void> {
    for await (const chunk of this.#stream) {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      for (let message = this.#next(); message !== undefined; message = this.#next()) {
        if ('method' in message) await this.#admit();
        callback(message);
      }
    }
  }

  /** @throws AppError `plugin-message` */
  #next(): Message | undefined {
    this.#length ??= this.#readHeader();
    if (this.#length === undefined || this.#buffer.length < this.#length) return undefined;
    const text = this.#buffer.toString('utf8', 0, this.#length);
    this.#buffer = this.#buffer.subarray(this.#length);
    this.#length = undefined;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch (error) {
      throw new AppError('plugin-message', `The plugin sent ${text.length} characters that are not JSON`, {
        cause: error,
      });
    }
    if (typeof message === 'object' && message !== null && 'jsonrpc' in message) return message as Message;
    throw new AppError('plugin-message', 'The plugin sent JSON that is no JSON-RPC message');
  }

  #readHeader(): number | undefined {
    const end = this.#buffer.indexOf(HEADER_END);
    if (end < 0 && this.#buffer.length <= LONGEST_HEADER) return undefined;
    const header = this.#buffer.toString(
      'latin1',
      0,
      Math.min(LONGEST_HEADER, end < 0 ? LONGEST_HEADER : end),
    );
    const length = Number(CONTENT_LENGTH.exec(header)?.[1] ?? Number.NaN);
    if (end < 0 || !Number.isSafeInteger(length)) {
      throw new AppError(
        'plugin-message',
        'The plugin wrote something other than JSON-RPC to its standard output. Its messages for people belong on standard error.',
      );
    }
    if (length > LONGEST_MESSAGE) {
      throw new AppError(
        'plugin-message',
        `The plugin announced a message of ${length} bytes; more than ${LONGEST_MESSAGE} are not accepted`,
      );
    }
    this.#buffer = this.#buffer.subarray(end + HEADER_END.length);
    return length;
  }
}

/** Looks at what comes over a plugin's standard output: header lines, an empty line, so many bytes, and again. */
export class FrameCheck {
  #buffer = Buffer.alloc(0);
  #skip = 0;
  #wrong = false;

  /** Returns the first bytes that are none of a message; undefined if all is well, or it was told before. */
  see(chunk: Buffer): string | undefined {
    if (this.#wrong) return undefined;
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const body = Math.min(this.#skip, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(body);
      this.#skip -= body;
      const end = this.#buffer.indexOf('\r\n\r\n');
      const header = this.#buffer.subarray(0, end < 0 ? undefined : end).toString('latin1');
      if (header !== '' && !/^c(o(n(t(e(n(t(-.*)?)?)?)?)?)?)?$/is.test(header)) return this.#isWrong(header);
      if (this.#skip > 0 || end < 0) return undefined;
      const length = /^content-length: *(\d+)$/im.exec(header.replaceAll('\r', ''))?.[1];
      if (length === undefined) return this.#isWrong(header);
      this.#buffer = this.#buffer.subarray(end + 4);
      this.#skip = Number(length);
    }
  }

  #isWrong(header: string): string {
    this.#wrong = true;
    return header.slice(0, 60);
  }
}

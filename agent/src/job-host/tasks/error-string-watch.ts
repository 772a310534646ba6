const LF = 0x0a;
/** Longer lines are not compared. Bytes. */
const MAX_LINE = 4096;

/** Looks for a line that, trimmed and ignoring case, equals the text by which ant and nant say that they failed. */
export class ErrorStringWatch {
  readonly #wanted: string;
  #line = '';
  #seen = false;

  constructor(errorString: string) {
    this.#wanted = errorString.trim().toLowerCase();
  }

  get seen(): boolean {
    return this.#seen || this.#matches();
  }

  write(chunk: Buffer): void {
    if (this.#wanted === '' || this.#seen) return;
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#append(chunk.subarray(start, end));
      if (this.#matches()) this.#seen = true;
      this.#line = '';
      start = end + 1;
    }
    this.#append(chunk.subarray(start));
  }

  #append(bytes: Buffer): void {
    if (this.#line.length <= MAX_LINE) this.#line += bytes.toString('utf8', 0, MAX_LINE + 1);
  }

  #matches(): boolean {
    return this.#wanted !== '' && this.#line.trim().toLowerCase() === this.#wanted;
  }
}

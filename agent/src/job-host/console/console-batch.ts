const BYTES = 1024 * 1024;

/** What goes to the file in one piece. Its memory is used again and again: buffers are collected far later than a flood fills them. */
export class ConsoleBatch {
  // Of which only what is used becomes resident.
  readonly #memory = Buffer.allocUnsafeSlow(BYTES);
  #length = 0;

  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  /**
   * Takes as much as there is room for.
   * @param bytes a string has a byte in each character (latin1)
   * @returns how many bytes that is
   */
  add(bytes: Buffer | string): number {
    const count =
      typeof bytes === 'string'
        ? this.#memory.write(bytes, this.#length, 'latin1')
        : bytes.copy(this.#memory, this.#length);
    this.#length += count;
    return count;
  }

  clear(): void {
    this.#length = 0;
  }
}

/** More than any plugin has at a time; keys, which work once, are forgotten in the order in which they came. */
const MANY = 2000;

/** The texts that no line of the log and no message to the server may show. */
export class SecretBook {
  readonly #texts = new Set<string>();

  add(...texts: readonly string[]): void {
    for (const text of texts) {
      this.#texts.delete(text);
      this.#texts.add(text);
    }
    for (const text of this.#texts) {
      if (this.#texts.size <= MANY) break;
      this.#texts.delete(text);
    }
  }

  list(): Iterable<string> {
    return this.#texts;
  }
}

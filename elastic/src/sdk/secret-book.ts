/** More agents than any plugin has on their way; their keys work once, and are forgotten in the order in which they came. */
const MANY_KEYS = 2000;

/** The texts that no line of the log and no message to the server may show. */
export class SecretBook {
  /** Of clusters and profiles. */
  readonly #configured = new Set<string>();
  readonly #keys = new Set<string>();

  add(...texts: readonly string[]): void {
    for (const text of texts) this.#configured.add(text);
  }

  /** A new agent's key. */
  addKey(key: string): void {
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > MANY_KEYS && oldest !== undefined) this.#keys.delete(oldest);
  }

  list(): readonly string[] {
    return [...this.#configured, ...this.#keys];
  }
}

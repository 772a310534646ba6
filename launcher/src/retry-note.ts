/** When it is worth asking the server again, because it was busy, could not vouch for an offer, or a download broke. */
export class RetryNote {
  #at: number | undefined;

  /** Ms since the epoch; undefined if there is nothing to wait for. */
  get at(): number | undefined {
    return this.#at;
  }

  /** The earliest of all counts. */
  note(at: number): void {
    this.#at = Math.min(this.#at ?? at, at);
  }
}

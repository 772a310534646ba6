export const MAX_CHUNK_BYTES = 4 * 1024 * 1024;
/** What has this size is refused for another reason than its size: a full disk. */
const MIN_BYTES = 64 * 1024;
/** After so many that were accepted a larger one is tried: the server's disk may have been full, or its proxy's settings are others now. */
const ACCEPTED_IN_A_ROW = 64;

/** How much of a console is sent at once. A proxy may limit the size of requests. */
export class ChunkSize {
  #bytes = MAX_CHUNK_BYTES;
  #accepted = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** @param bytes size of the chunk for which the server, or a proxy before it, has answered 413 */
  refused(bytes: number): void {
    this.#accepted = 0;
    if (bytes > MIN_BYTES) this.#bytes = Math.max(MIN_BYTES, Math.floor(bytes / 2));
  }

  accepted(): void {
    this.#accepted += 1;
    if (this.#accepted < ACCEPTED_IN_A_ROW) return;
    this.#accepted = 0;
    this.#bytes = Math.min(MAX_CHUNK_BYTES, 2 * this.#bytes);
  }
}

const LARGE = 16 * 1024;

/**
 * Gives a chunk's memory back at once. Hardly anything else is allocated while a body comes in, so the engine would notice
 * the garbage by its size only, and answer it with a full collection every few megabytes.
 */
export function releaseMemory({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= LARGE && buffer.byteLength === byteLength && buffer instanceof ArrayBuffer)
    buffer.transfer(0);
}

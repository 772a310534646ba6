const CR = 0x0d;

/** Bytes of a UTF-8 character that starts with `lead`. */
function characterLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/**
 * How many bytes at the end of `bytes` must not be shown yet: the beginning of a UTF-8 character, or a carriage return that
 * may turn out to be half of a line end. 0 to 3.
 */
export function unfinishedTail(bytes: Uint8Array): number {
  if (bytes.at(-1) === CR) return 1;
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes.at(-back) ?? 0;
    const continues = (byte & 0xc0) === 0x80;
    if (!continues) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

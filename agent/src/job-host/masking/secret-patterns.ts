/** The byte strings that must not be seen, and where they occur. */
export class SecretPatterns {
  readonly #patterns: readonly Buffer[];
  /** Length of the longest pattern, in bytes; 0 if there is none. */
  readonly longest: number;

  /** @param patterns none of them empty */
  constructor(patterns: readonly Buffer[]) {
    this.#patterns = patterns;
    this.longest = Math.max(0, ...patterns.map((pattern) => pattern.length));
  }

  /** All occurrences, overlapping ones too, as [start, end), in the order of their starts. */
  find(bytes: Buffer): [number, number][] {
    const found: [number, number][] = [];
    for (const pattern of this.#patterns) {
      for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
        found.push([at, at + pattern.length]);
      }
    }
    return found.length > 1 ? found.sort(([a], [b]) => a - b) : found;
  }

  /** Length of the longest end of `bytes` that is a beginning, but not the whole, of a pattern. */
  unfinishedLength(bytes: Buffer): number {
    let longest = 0;
    for (const pattern of this.#patterns) {
      const first = pattern[0] ?? 0;
      const from = bytes.length - Math.min(pattern.length - 1, bytes.length);
      for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
        const length = bytes.length - at;
        if (length <= longest) break;
        if (bytes.compare(pattern, 0, length, at) === 0) longest = length;
      }
    }
    return longest;
  }
}

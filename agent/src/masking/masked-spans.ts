interface Span {
  readonly start: number;
  readonly end: number;
  /** Its mask has been given out already; the span reaches on into what is held back. */
  readonly given: boolean;
}

/** Where occurrences lie in the bytes at hand. Those that overlap are one span, and get one mask. */
export class MaskedSpans {
  #spans: Span[] = [];

  /**
   * Makes the last span longer, if the occurrence that ends here is sure to overlap it and not to begin before it.
   * @param begin before which no occurrence that ends here begins
   * @param shortest that an occurrence may be
   */
  extend(begin: number, end: number, shortest: number): boolean {
    const last = this.#spans.at(-1);
    if (!last || last.start > begin || end - shortest >= last.end) return false;
    this.#spans[this.#spans.length - 1] = { ...last, end };
    return true;
  }

  /** @param end not before the end of any span so far */
  add(start: number, end: number): void {
    let [from, given] = [start, false];
    for (let last = this.#spans.at(-1); last && last.end > start; last = this.#spans.at(-1)) {
      this.#spans.pop();
      from = Math.min(from, last.start);
      given ||= last.given;
    }
    this.#spans.push({ start: from, end, given });
  }

  /** What becomes of the bytes before `end`. The spans that are left count from there. */
  release(bytes: Buffer, end: number, mask: Buffer): Buffer[] {
    const out: Buffer[] = [];
    const left: Span[] = [];
    let at = 0;
    for (const span of this.#spans) {
      const begun = span.given || span.start < end;
      if (begun && !span.given) {
        if (span.start > at) out.push(bytes.subarray(at, span.start));
        out.push(mask);
      }
      if (begun) at = span.end;
      if (span.end > end) {
        left.push({ start: begun ? 0 : span.start - end, end: span.end - end, given: begun });
      }
    }
    if (at < end) out.push(bytes.subarray(at, end));
    this.#spans = left;
    return out;
  }
}

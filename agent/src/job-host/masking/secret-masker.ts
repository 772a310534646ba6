import { MASKED_IN_OUTPUT } from '@go-agent/protocol';
import { MaskingStream } from './masking-stream.ts';
import { SecretPatterns } from './secret-patterns.ts';

const MASK = Buffer.from(MASKED_IN_OUTPUT);

/** Knows the secrets of one job. Blank values are none. */
export class SecretMasker {
  readonly #patterns: SecretPatterns;

  constructor(secrets: Iterable<string>) {
    const values = new Set([...secrets].filter((secret) => secret.trim() !== ''));
    this.#patterns = new SecretPatterns([...values].map((value) => Buffer.from(value)));
  }

  /** For the output of one stream; each needs its own. */
  stream(): MaskingStream {
    return new MaskingStream(this.#patterns, MASK);
  }

  maskText(text: string): string {
    if (this.#patterns.longest === 0) return text;
    const stream = this.stream();
    return Buffer.concat([stream.push(Buffer.from(text)), stream.end()]).toString();
  }
}

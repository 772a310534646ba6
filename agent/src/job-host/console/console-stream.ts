import type { SecretMasker } from '../../masking/secret-masker.ts';
import { HeldBytes } from './held-bytes.ts';
import { unfinishedTail } from './unfinished-tail.ts';

const CR = 0x0d;
const LF = 0x0a;
/** A longer line is shown piece by piece. Bytes. */
const MAX_HELD = 64 * 1024;

export interface ConsoleStreamOptions {
  readonly masker: SecretMasker;
  /** Tag, time and whatever else stands before the text of a line that begins now. */
  prefix(): string;
  /**
   * @param bytes as the characters of a string (latin1)
   * @param lineIsOpen the last line in `bytes` has no end yet
   */
  emit(bytes: string, lineIsOpen: boolean): void;
  onEnd(): void;
}

/**
 * Bytes in, tagged lines out. A line without an end is held back for a moment, so that two streams do not tear each other's
 * lines apart; then it is shown, and what follows continues it without a second tag. CR LF ends a line as LF does.
 */
export class ConsoleStream {
  readonly #options: ConsoleStreamOptions;
  readonly #held = new HeldBytes();
  /** The held bytes were there at the last look already. */
  #stale = false;
  /** The beginning of the current line is shown already, its end is not. */
  #continues = false;

  constructor(options: ConsoleStreamOptions) {
    this.#options = options;
  }

  /** @param chunk is used no longer than the call takes */
  write(chunk: Buffer): void {
    this.#take(this.#options.masker.write(chunk));
  }

  /** Shows an unfinished line if it was there the last time already. */
  showIfStale(): void {
    if (this.#held.length === 0) return;
    if (this.#stale) this.showNow();
    else this.#stale = true;
  }

  /** Shows an unfinished line; what may still be the beginning of a secret stays back. */
  showNow(): void {
    const held = this.#takeHeld();
    const end = held.length - unfinishedTail(held);
    if (end > 0) {
      const start = this.#continues ? '' : this.#prefix();
      this.#options.emit(`${start}${held.toString('latin1', 0, end)}`, true);
      this.#continues = true;
    }
    this.#hold(held.subarray(end));
  }

  /** No more will come: what is held back is shown, and its line ended. */
  end(): void {
    this.#take(this.#options.masker.flush());
    if (this.#held.length > 0) this.#endHeldLine(Buffer.of(LF));
    else if (this.#continues) this.#options.emit('\n', false);
    this.#continues = false;
    this.#options.onEnd();
  }

  /** Somebody else wrote after our unfinished line: the next piece starts a line of its own. */
  lineWasClosed(): void {
    this.#continues = false;
  }

  #take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const end = bytes.lastIndexOf(LF) + 1;
    const start = end > 0 && this.#held.length > 0 ? bytes.indexOf(LF) + 1 : 0;
    if (start > 0) this.#endHeldLine(bytes.subarray(0, start));
    if (end > start) this.#emitLines(bytes.subarray(start, end));
    this.#hold(bytes.subarray(end));
    if (this.#held.length > MAX_HELD) this.showNow();
  }

  #hold(bytes: Buffer): void {
    if (bytes.length > 0) this.#held.add(bytes);
  }

  #takeHeld(): Buffer {
    this.#stale = false;
    return this.#held.take();
  }

  /** @param end of the line; its last byte is the line feed */
  #endHeldLine(end: Buffer): void {
    this.#held.add(end);
    this.#emitLines(this.#takeHeld());
  }

  /**
   * latin1 maps bytes to characters one to one, and V8 replaces in strings faster than JavaScript can copy buffers.
   * @param bytes ends with a line feed
   */
  #emitLines(bytes: Buffer): void {
    const prefix = this.#prefix();
    let text = bytes.toString('latin1', 0, bytes.length - 1);
    if (bytes.at(-2) === CR || text.includes('\r\n'))
      text = `${text}\n`.replaceAll('\r\n', '\n').slice(0, -1);
    const first = this.#continues ? '' : prefix;
    this.#options.emit(`${first}${text.replaceAll('\n', `\n${prefix}`)}\n`, false);
    this.#continues = false;
  }

  #prefix(): string {
    return Buffer.from(this.#options.prefix()).toString('latin1');
  }
}

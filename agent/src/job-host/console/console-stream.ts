import type { SecretMasker } from '../../masking/secret-masker.ts';
import { unfinishedTail } from './unfinished-tail.ts';

const LF = 0x0a;
/** A longer line is shown piece by piece. Bytes. */
const MAX_HELD = 64 * 1024;

export interface ConsoleStreamOptions {
  readonly masker: SecretMasker;
  /** Tag, time and whatever else stands before the text of a line that begins now. */
  prefix(): string;
  /** @param lineIsOpen the last line in `bytes` has no end yet */
  emit(bytes: Buffer, lineIsOpen: boolean): void;
  onEnd(): void;
}

/**
 * Bytes in, tagged lines out. A line without an end is held back for a moment, so that two streams do not tear each other's
 * lines apart; then it is shown, and what follows continues it without a second tag. CR LF ends a line as LF does.
 */
export class ConsoleStream {
  readonly #options: ConsoleStreamOptions;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** The held bytes were there at the last look already. */
  #stale = false;
  /** The beginning of the current line is shown already, its end is not. */
  #continues = false;

  constructor(options: ConsoleStreamOptions) {
    this.#options = options;
  }

  write(chunk: Buffer): void {
    this.#take(this.#options.masker.write(chunk));
  }

  /** Shows an unfinished line if it was there the last time already. */
  showIfStale(): void {
    if (this.#heldBytes === 0) return;
    if (this.#stale) this.showNow();
    else this.#stale = true;
  }

  /** Shows an unfinished line; what may still be the beginning of a secret stays back. */
  showNow(): void {
    const held = this.#takeHeld();
    const end = held.length - unfinishedTail(held);
    if (end > 0) {
      const start = this.#continues ? '' : this.#options.prefix();
      this.#options.emit(Buffer.concat([Buffer.from(start), held.subarray(0, end)]), true);
      this.#continues = true;
    }
    this.#hold(held.subarray(end));
  }

  /** No more will come: what is held back is shown, and its line ended. */
  end(): void {
    this.#take(this.#options.masker.flush());
    const rest = this.#takeHeld();
    if (rest.length > 0) this.#emitLines(Buffer.concat([rest, Buffer.of(LF)]));
    else if (this.#continues) this.#options.emit(Buffer.of(LF), false);
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
    if (end > 0) {
      this.#emitLines(Buffer.concat([this.#takeHeld(), bytes.subarray(0, end)]));
      this.#continues = false;
    }
    this.#hold(bytes.subarray(end));
    if (this.#heldBytes > MAX_HELD) this.showNow();
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #takeHeld(): Buffer {
    const [only = Buffer.alloc(0)] = this.#held;
    const held = this.#held.length > 1 ? Buffer.concat(this.#held) : only;
    this.#held = [];
    this.#heldBytes = 0;
    this.#stale = false;
    return held;
  }

  /**
   * latin1 maps bytes to characters one to one, and V8 replaces in strings faster than JavaScript can copy buffers.
   * @param bytes ends with a line feed
   */
  #emitLines(bytes: Buffer): void {
    const prefix = Buffer.from(this.#options.prefix()).toString('latin1');
    let text = bytes.toString('latin1', 0, bytes.length - 1);
    if (bytes.at(-2) === 0x0d || text.includes('\r\n'))
      text = `${text}\n`.replaceAll('\r\n', '\n').slice(0, -1);
    const first = this.#continues ? '' : prefix;
    this.#options.emit(Buffer.from(`${first}${text.replaceAll('\n', `\n${prefix}`)}\n`, 'latin1'), false);
  }
}

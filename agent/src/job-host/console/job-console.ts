import type { ConsoleTag } from '@go-agent/protocol';
import type { Clock } from '@go-agent/runtime/core';
import type { CompiledSecrets } from '../../masking/compiled-secrets.ts';
import { createMasker, maskText, type SecretMasker } from '../../masking/secret-masker.ts';
import type { ConsoleSink } from './console-sink.ts';
import { ConsoleStream } from './console-stream.ts';
import { linePrefix } from './line-prefix.ts';

/** A line without an end becomes visible after at most twice this time. */
const PARTIAL_LINE_MS = 400;

export interface JobConsoleOptions {
  readonly sink: ConsoleSink;
  readonly clock: Clock;
  readonly secrets: CompiledSecrets;
}

/**
 * The console of one job: every physical line carries tag and time, secrets are masked, and the lines of several streams
 * never run into each other.
 */
export class JobConsole {
  readonly sink: ConsoleSink;
  readonly #secrets: CompiledSecrets;
  readonly #clock: Clock;
  readonly #streams = new Set<ConsoleStream>();
  /** The stream whose unfinished line is the last thing in the file. */
  #open: ConsoleStream | null = null;

  constructor({ sink, clock, secrets }: JobConsoleOptions) {
    this.sink = sink;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** One line of our own; each line feed in it starts another physical line with the same tag. */
  line(tag: ConsoleTag, text: string): void {
    const prefix = linePrefix(tag, this.#clock.now());
    const masked = maskText(this.#secrets, text).replaceAll('\n', `\n${prefix}`);
    this.#closeOpenLine();
    this.sink.write(Buffer.from(`${prefix}${masked}\n`));
  }

  /**
   * For the output of a process. The caller ends it.
   * @param textPrefix stands before the text of each line, as `STDERR: ` does
   */
  stream(tag: ConsoleTag, textPrefix = ''): ConsoleStream {
    const stream = new ConsoleStream({
      masker: createMasker(this.#secrets),
      prefix: () => linePrefix(tag, this.#clock.now()) + textPrefix,
      emit: (bytes, lineIsOpen) => this.#emit(stream, bytes, lineIsOpen),
      onEnd: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    return stream;
  }

  /** For text that leaves the machine some other way. */
  masker(): SecretMasker {
    return createMasker(this.#secrets);
  }

  /** Shows unfinished lines (prompts, progress) soon, until `signal` is aborted. */
  async showPartialLines(signal: AbortSignal): Promise<void> {
    while (await this.#clock.sleep(PARTIAL_LINE_MS, signal)) {
      for (const stream of this.#streams) stream.showIfStale();
    }
  }

  #emit(stream: ConsoleStream, bytes: string, lineIsOpen: boolean): void {
    if (this.#open !== stream) this.#closeOpenLine();
    this.#open = lineIsOpen ? stream : null;
    this.sink.write(bytes);
  }

  #closeOpenLine(): void {
    if (!this.#open) return;
    this.#open.lineWasClosed();
    this.#open = null;
    this.sink.write('\n');
  }
}

import { closePipe, type OutputPipe, openOutputPipes } from './output-pipe.ts';

const PIPES = 2;

/** Pipes that are made before they are needed: making them takes milliseconds that a job would wait for. */
export class PipeSupply implements AsyncDisposable {
  #next: Promise<OutputPipe[] | null> | undefined;

  /** Makes the next ones, unless there are some. Does not wait for them. */
  prepare(): void {
    this.#next ??= openOutputPipes(PIPES);
  }

  /** Resolves when nothing is being made: until then, what makes them runs among the processes of the job. */
  async settled(): Promise<void> {
    await this.#next;
  }

  /** Two pipes, at once if they were prepared; null if this system has none. */
  async take(): Promise<OutputPipe[] | null> {
    const prepared = await this.#next;
    this.#next = undefined;
    // Once more: what made them may have been ended along with a job's processes.
    return prepared ?? openOutputPipes(PIPES);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.#next;
    this.#next = undefined;
    for (const pipe of left ?? []) closePipe(pipe);
  }
}

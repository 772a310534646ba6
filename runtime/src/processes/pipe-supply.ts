import { closePipe, type OutputPipe, openOutputPipes } from './output-pipe.ts';

const PIPES = 2;

/** Pipes that are made before they are needed: making them takes milliseconds that a job would wait for. */
export class PipeSupply implements AsyncDisposable {
  #next: Promise<OutputPipe[] | null> | undefined;
  readonly #making = new Set<Promise<unknown>>();

  /** Makes the next ones, unless there are some. Does not wait for them. */
  prepare(): void {
    this.#next ??= this.#make();
  }

  /** Resolves when nothing is being made: until then, what makes them runs among the processes of the job. */
  async settled(): Promise<void> {
    await Promise.all(this.#making);
  }

  /** Two pipes, at once if they were prepared; null if this system has none. */
  async take(): Promise<OutputPipe[] | null> {
    // Before they are there: of several who come meanwhile, each gets pipes of its own.
    const prepared = await this.#takeNext();
    // Once more: what made them may have been ended along with a job's processes.
    return prepared ?? this.#make();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pipe of (await this.#takeNext()) ?? []) closePipe(pipe);
  }

  #takeNext(): Promise<OutputPipe[] | null> | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  #make(): Promise<OutputPipe[] | null> {
    const made = openOutputPipes(PIPES);
    this.#making.add(made);
    void made.then(() => this.#making.delete(made));
    return made;
  }
}

import { Bell } from '../bell.ts';

export interface AskingGateOptions {
  /** After each change of {@link AskingGate.reason} and {@link AskingGate.isAsking}. */
  readonly onChange: () => void;
}

/** Whether work may be asked for. Whoever sees a reason against it closes the gate under his own name, and opens it again. */
export class AskingGate {
  /** Rings when it is opened: who waited before asking again need not wait any longer. */
  readonly opened = new Bell();
  readonly #reasons = new Map<string, string>();
  readonly #options: AskingGateOptions;
  #closed = new AbortController();
  #isAsking = false;

  constructor(options: AskingGateOptions) {
    this.#options = options;
  }

  /** A sentence; undefined if work may be asked for. */
  get reason(): string | undefined {
    return this.#reasons.values().next().value;
  }

  /** Work is being asked for, or has come: also with the gate closed there may be a job in a moment. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** Until it is disposed of, work is being asked for. */
  beginAsking(): Disposable {
    const set = (isAsking: boolean) => {
      this.#isAsking = isAsking;
      this.#options.onChange();
    };
    set(true);
    return { [Symbol.dispose]: () => set(false) };
  }

  /** Aborted as long as there is a reason; then there is a new one. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** @returns whether that is news */
  close(name: string, reason: string): boolean {
    const isNew = !this.#reasons.has(name);
    const isOther = this.#reasons.get(name) !== reason;
    this.#reasons.set(name, reason);
    this.#closed.abort(new Error(reason));
    if (isOther) this.#options.onChange();
    return isNew;
  }

  /** @returns whether that is news */
  open(name: string): boolean {
    if (!this.#reasons.delete(name)) return false;
    if (this.#reasons.size === 0) {
      this.#closed = new AbortController();
      this.opened.ring();
    }
    this.#options.onChange();
    return true;
  }
}

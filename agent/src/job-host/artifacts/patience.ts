import { ConsoleTag } from '@go-agent/protocol';
import { backoffDelay } from '@go-agent/runtime/core';
import type { RelayAnswer } from '../relay.ts';
import type { TransferContext } from './transfer-context.ts';

/** Bad gateway (so does the relay call a server that it cannot reach), unavailable, gateway time-out. */
const AWAY = new Set([502, 503, 504]);
const PAUSE = { firstMs: 500, factor: 1.7, maxMs: 30_000, jitter: 0.2 };
/** A server that is away for an hour costs a job nothing but this hour. */
const LONGEST_MS = 2 * 3_600_000;

/** Waits for a server that is away, with growing pauses. For one transfer. */
export class Patience {
  readonly #context: Pick<TransferContext, 'clock' | 'cancelled' | 'console'>;
  #pauses = 0;
  #since: number | undefined;

  constructor(context: Pick<TransferContext, 'clock' | 'cancelled' | 'console'>) {
    this.#context = context;
  }

  /** Whether the answer comes from a server that is there. */
  isThere({ status }: Pick<RelayAnswer, 'status'>): boolean {
    if (AWAY.has(status)) return false;
    this.#pauses = 0;
    this.#since = undefined;
    return true;
  }

  /**
   * Pauses before the next attempt.
   * @returns false if the server has been away for too long
   * @throws the reason of `cancelled`
   */
  async wait(): Promise<boolean> {
    const { clock, cancelled, console } = this.#context;
    const now = clock.monotonic();
    this.#since ??= now;
    if (now - this.#since > LONGEST_MS) return false;
    if (this.#pauses === 2) {
      console.line(
        ConsoleTag.notice,
        '[go] The server cannot be reached. The transfer goes on when it is back.',
      );
    }
    await clock.sleep(backoffDelay(PAUSE, this.#pauses), cancelled);
    cancelled.throwIfAborted();
    this.#pauses += 1;
    return true;
  }

  /** Asks until a server that is there answers, or for as long as there is patience. */
  async ask(attempt: () => Promise<RelayAnswer>): Promise<RelayAnswer> {
    for (;;) {
      const answer = await attempt();
      if (this.isThere(answer)) return answer;
      answer.body.resume();
      if (!(await this.wait())) return answer;
    }
  }
}

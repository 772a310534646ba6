import type { Logger } from '@go-agent/runtime';
import {
  AppError,
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  describeError,
} from '@go-agent/runtime/core';
import type { Session } from '../session.ts';
import { retryDecision } from './retry-decision.ts';

export interface PersistentCallerOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly log: Logger;
  readonly backoff: BackoffPolicy;
}

export type CallEnd<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The server will never take it. */
  | { readonly kind: 'skipped' };

/** Thrown when the server says that the job is another agent's now. */
export class SupersededError extends AppError {
  constructor(cause: unknown) {
    super('server-superseded', 'The job was given to another agent', { cause });
  }
}

/** Makes one call after the other, each of them for as long as it takes. */
export class PersistentCaller {
  readonly #options: PersistentCallerOptions;
  #interrupted = false;

  constructor(options: PersistentCallerOptions) {
    this.#options = options;
  }

  /** True once after the server was away: things may have been decided without this agent. */
  takeInterruption(): boolean {
    const interrupted = this.#interrupted;
    this.#interrupted = false;
    return interrupted;
  }

  /** How often the server was found away by any call of this agent. */
  get outages(): number {
    return this.#options.session.outages;
  }

  /**
   * @param attempt is told how often it has failed so far
   * @throws SupersededError; what has nothing to do with the server; the signal's reason when that is aborted
   */
  async call<T>(
    what: string,
    attempt: (failures: number) => Promise<T>,
    signal: AbortSignal,
  ): Promise<CallEnd<T>> {
    const { session, clock, log, backoff } = this.#options;
    let failingSince: number | undefined;
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted();
      try {
        const { kind } = await session.establish(signal);
        if (kind === 'ready') {
          const value = await attempt(failures);
          if (failures > 0) {
            this.#interrupted = true;
            log.info({ failures }, `${what}: accepted by the server`);
          }
          return { kind: 'done', value };
        }
      } catch (error) {
        signal.throwIfAborted();
        const code = session.noteFailure(error);
        if (code === undefined && !isRetryable(error)) throw error;
        failingSince = code === 'server-failed' ? (failingSince ?? clock.monotonic()) : undefined;
        const failedForMs = failingSince === undefined ? 0 : clock.monotonic() - failingSince;
        const decision = code === undefined ? 'again' : retryDecision(code, failedForMs);
        if (decision === 'superseded') throw new SupersededError(error);
        if (decision === 'skip') {
          log.error({ err: error }, `${what}: given up, the server will not accept it`);
          return { kind: 'skipped' };
        }
        // The first failure and then each time that the wait has reached its longest.
        const level = failures === 0 ? 'warn' : 'debug';
        log[level]({ failures: failures + 1 }, `${what}: ${describeError(error)}`);
      }
      await clock.sleep(backoffDelay(backoff, failures), signal);
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof AppError && error.retryable;
}

import { type BackoffPolicy, backoffDelay, type Clock } from '@go-agent/runtime/core';
import type { Trouble } from './decide-work.ts';

/** The first failure costs five seconds; agents that fail again and again are tried every ten minutes. */
const PATIENCE: BackoffPolicy = { firstMs: 5000, factor: 2, maxMs: 600_000, jitter: 0.2 };

interface Failures {
  readonly count: number;
  readonly reason: string;
  /** On the clock that never jumps. */
  readonly until: number;
}

/** Agents that fail to start cost money: after each failure in a row, the next try is further away. */
export class StartFailures {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #byProfile = new Map<string, Failures>();

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Several that fail together count as one. */
  failed(profileId: string, reason: string): void {
    const before = this.#byProfile.get(profileId);
    const now = this.#clock.monotonic();
    if (before !== undefined && before.until > now) {
      this.#byProfile.set(profileId, { ...before, reason });
      return;
    }
    const count = (before?.count ?? 0) + 1;
    this.#byProfile.set(profileId, {
      count,
      reason,
      until: now + backoffDelay(PATIENCE, count - 1, this.#random),
    });
  }

  /** An agent of this profile has registered. */
  succeeded(profileId: string): void {
    this.#byProfile.delete(profileId);
  }

  trouble(profileId: string): Extract<Trouble, { type: 'wait' }> | null {
    const failures = this.#byProfile.get(profileId);
    const left = failures === undefined ? 0 : failures.until - this.#clock.monotonic();
    if (failures === undefined || left <= 0) return null;
    const { count, reason } = failures;
    const times = count === 1 ? 'once' : `${count} times in a row`;
    return {
      type: 'wait',
      reason: `Starting an agent has failed ${times} (${reason}); the next try is in ${Math.ceil(left / 1000)} s`,
      askAgainMs: Math.max(1000, Math.ceil(left)),
    };
  }
}

import type { Clock } from '@go-agent/runtime';
import type { EventBus } from '../core.ts';
import type { HealthMessage } from '../domain/views.ts';

/** Problems that an operator should see, one for each scope; each ends when whoever reported it says so. */
export class HealthBoard {
  readonly #messages = new Map<string, HealthMessage>();
  /** Monotonic: a clock that is set back must not keep a problem alive. */
  readonly #ends = new Map<string, number>();
  readonly #events: EventBus;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;

  constructor(events: EventBus, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#events = events;
    this.#clock = clock;
  }

  messages(): readonly HealthMessage[] {
    return [...this.#messages.values()];
  }

  /**
   * The same problem again keeps the time at which it began. A warning whose detail alone is another is no event: the jobs that wait, for
   * example, are others each second. Of an error the followers of a run want to know.
   */
  report(message: Omit<HealthMessage, 'at'>): void {
    const before = this.#messages.get(message.scope);
    const isSame = before?.message === message.message && before.level === message.level;
    if (isSame && before.detail === message.detail) return;
    this.#messages.set(message.scope, { ...message, at: isSame ? before.at : this.#clock.now() });
    if (!isSame || message.level === 'error') this.#events.publish({ type: 'health-changed' });
  }

  /** For what is only seen again and again, and never seen to end. Said again, it lives on. */
  reportFor(lifeMs: number, message: Omit<HealthMessage, 'at'>): void {
    this.report(message);
    this.#ends.set(message.scope, this.#clock.monotonic() + lifeMs);
  }

  /** It was reported for some time only. */
  endsByItself(scope: string): boolean {
    return this.#ends.has(scope);
  }

  /** Ends what has outlived its time. */
  expire(): void {
    for (const [scope, end] of this.#ends) if (end <= this.#clock.monotonic()) this.clear(scope);
  }

  clear(scope: string): void {
    this.#ends.delete(scope);
    if (this.#messages.delete(scope)) this.#events.publish({ type: 'health-changed' });
  }
}

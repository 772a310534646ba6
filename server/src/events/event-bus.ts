import type { Logger } from '@go-agent/runtime';
import type { EventBus, ServerEvent } from '../core.ts';

type Listener = (event: ServerEvent) => void;

/** Within this process. Listeners are called at once and in order; one that throws harms neither the others nor the publisher. */
export class LocalEventBus implements EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  publish(event: ServerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error({ err: error, event: event.type }, 'A listener to server events failed');
      }
    }
  }

  subscribe(listener: Listener): Disposable {
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }
}

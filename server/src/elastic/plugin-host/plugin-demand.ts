import { type Service, untilAborted } from '@go-agent/runtime/core';

/** Whether anybody has a use for a plugin: it is not started before. */
export class PluginDemand {
  readonly #wanted = Promise.withResolvers<void>();
  readonly #tried = Promise.withResolvers<void>();
  #isWanted = false;

  get isWanted(): boolean {
    return this.#isWanted;
  }

  want(): void {
    this.#isWanted = true;
    this.#wanted.resolve();
  }

  /** It has come up, or could not. */
  noteTried(): void {
    this.#tried.resolve();
  }

  /** Resolves when it has come up for the first time, or could not, or the server is stopping. */
  async untilTried(): Promise<void> {
    this.want();
    await this.#tried.promise;
  }

  /** The same service, which does nothing before it is wanted. */
  hold(service: Service): Service {
    return {
      name: service.name,
      run: async (signal) => {
        await Promise.race([this.#wanted.promise, untilAborted(signal)]);
        if (!signal.aborted) await service.run(signal);
        this.#tried.resolve();
      },
    };
  }
}

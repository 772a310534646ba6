import { withDeadline } from '@go-agent/runtime/core';
import type { PluginContext } from './plugin-context.ts';

/** The server waits for a minute, then asks again. */
const ANSWER_MS = 50_000;
/** Longer than any cloud takes: it hangs. */
const LONGEST_MS = 600_000;

/** One removal of an agent at a time: whoever asks for another waits for it. */
export class Removals {
  readonly #context: Pick<PluginContext, 'clock' | 'log' | 'stop'>;
  readonly #running = new Map<string, Promise<void>>();

  constructor(context: PluginContext) {
    this.#context = context;
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** @throws what `work` throws; AppError `deadline-exceeded` (retryable) while it goes on */
  async remove(agentId: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, stop } = this.#context;
    const running = this.#running.get(agentId) ?? this.#begin(agentId, work);
    await withDeadline(() => running, ANSWER_MS, clock, stop);
  }

  #begin(agentId: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, log, stop } = this.#context;
    const running = withDeadline(work, LONGEST_MS, clock, stop).finally(() => this.#running.delete(agentId));
    this.#running.set(agentId, running);
    running.catch((error: unknown) => {
      if (!stop.aborted) log('warn', `agent ${agentId} could not be removed`, error);
    });
    return running;
  }
}

import type { Logger } from '@go-agent/runtime';
import { type Clock, type Service, trimWhileWaiting, untilAborted } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';

/** Gives memory back once the agent has had nothing to do for a while: after its start, and after each job. */
export class IdleTrim implements Service {
  readonly name = 'trim';
  readonly #self: AgentSelf;
  readonly #clock: Clock;
  readonly #log: Logger;
  #changed = new AbortController();

  constructor(self: AgentSelf, clock: Clock, log: Logger) {
    this.#self = self;
    this.#clock = clock;
    this.#log = log;
    self.observers.add(() => this.#changed.abort());
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#changed = new AbortController();
      const ends = AbortSignal.any([signal, this.#changed.signal]);
      if (this.#self.state.kind === 'idle') await trimWhileWaiting(this.#clock, ends, this.#log);
      else await untilAborted(ends);
    }
  }
}

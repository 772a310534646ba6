import { type Clock, type Service, trimMemory } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';
import { Bell } from '../bell.ts';

/** Work that comes one after the other is not interrupted. */
const IDLE_MS = 10_000;
const UNTIL_RUNG_MS = 3_600_000;

/** Gives memory back once the agent has had nothing to do for a while: after its start, and after each job. */
export class IdleTrim implements Service {
  readonly name = 'trim';
  readonly #self: AgentSelf;
  readonly #clock: Clock;
  readonly #changed = new Bell();

  constructor(self: AgentSelf, clock: Clock) {
    this.#self = self;
    this.#clock = clock;
    self.observers.add(() => this.#changed.ring());
  }

  async run(signal: AbortSignal): Promise<void> {
    let isTrimmed = false;
    for (let from = this.#clock.monotonic(); ; ) {
      if (!(await this.#changed.wait(isTrimmed ? UNTIL_RUNG_MS : IDLE_MS, this.#clock, signal))) return;
      const now = this.#clock.monotonic();
      const waited = now - from >= IDLE_MS;
      from = now;
      if (this.#self.state.kind !== 'idle' || !waited) isTrimmed = false;
      else if (!isTrimmed) {
        trimMemory();
        isTrimmed = true;
      }
    }
  }
}

import type { AgentInstruction } from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import { type Clock, describeError, type Service } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';
import { usableSpace } from '../identity/machine.ts';
import type { AgentServer } from '../server/agent-server.ts';
import type { Session } from '../session.ts';
import type { CourierSettings } from '../settings/courier-settings.ts';

export interface PingLoopOptions {
  readonly self: AgentSelf;
  readonly session: Session;
  readonly server: AgentServer;
  readonly settings: CourierSettings;
  readonly home: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onInstruction: (instruction: AgentInstruction) => void;
  /** The first accepted ping of this process. */
  readonly onAccepted: () => void;
}

/** Tells the server that the agent lives and what it does, and hears whether the job is to end. */
export class PingLoop implements Service {
  readonly name = 'ping';
  readonly #options: PingLoopOptions;
  #accepted = false;
  #failing = false;
  /** The server has refused this agent since it was last accepted. */
  #lost = false;

  constructor(options: PingLoopOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { self, clock, settings, log, session } = this.#options;
    // A job must not begin in a pause: until the next ping it could not be cancelled.
    for (let wait = settings.pingDelayMs; await self.jobBegins.wait(wait, clock, signal); ) {
      const startedAt = clock.monotonic();
      try {
        const held = await this.#ping(signal);
        if (this.#failing) log.info('The server answers pings again');
        this.#failing = false;
        // A held answer has waited for the interval already.
        const spent = held ? clock.monotonic() - startedAt : 0;
        wait = Math.max(0, settings.pingIntervalMs - spent);
      } catch (error) {
        if (signal.aborted) return;
        const code = session.noteFailure(error);
        this.#lost = code === 'server-forbidden' || code === 'server-cookie';
        log[this.#failing ? 'debug' : 'error'](`A ping failed: ${describeError(error)}`);
        this.#failing = true;
        wait = settings.pingIntervalMs;
      }
    }
  }

  /** @returns whether the server held its answer */
  async #ping(signal: AbortSignal): Promise<boolean> {
    const { self, session, server, settings, home, onInstruction, onAccepted } = this.#options;
    if (!session.ready) {
      // While idle the work loop registers, unless it waits for an answer of a server that knows the agent no more.
      if (self.state.kind === 'idle' && !this.#lost) return false;
      this.#lost = false;
      if ((await session.establish(signal)).kind !== 'ready') return false;
    }
    self.usableSpace = await usableSpace(home);
    const { instruction, held } = await server.ping(settings.pingWaitMs, signal);
    onInstruction(instruction);
    if (!this.#accepted) onAccepted();
    this.#accepted = true;
    return held;
  }
}

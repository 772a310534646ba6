import type { AgentInstruction } from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import { type Clock, describeError, type Service } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';
import type { AgentServer } from '../server/agent-server.ts';
import type { Session } from '../session.ts';
import type { CourierSettings } from '../settings/courier-settings.ts';

export interface PingLoopOptions {
  readonly self: AgentSelf;
  readonly session: Session;
  readonly server: AgentServer;
  readonly settings: CourierSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** `askedFor`: the build id of the job that ran when the server was asked. */
  readonly onInstruction: (instruction: AgentInstruction, askedFor: number | undefined) => void;
  /** The first accepted ping of this process. */
  readonly onAccepted: () => void;
  /** After each answered ping. */
  readonly onContact: (serverNow: number | undefined) => void;
  /** After a ping that was not. */
  readonly onFailure: () => void;
}

/** Tells the server that the agent lives and what it does, and hears whether the job is to end. */
export class PingLoop implements Service {
  readonly name = 'ping';
  readonly #options: PingLoopOptions;
  /** The cookie of the last accepted ping. */
  #acceptedAs: string | undefined;
  #failing = false;
  #heard: AgentInstruction = 'NONE';
  /** The server has refused this agent since it was last accepted. */
  #lost = false;

  constructor(options: PingLoopOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { self, clock, settings, log, session } = this.#options;
    // A job must not begin in a pause: until the next ping it could not be cancelled.
    for (let wait = settings.pingDelayMs; await self.pingDue.wait(wait, clock, signal); ) {
      const startedAt = clock.monotonic();
      try {
        const answered = await this.#ping(signal);
        if (this.#failing) log.info('The server answers pings again');
        this.#failing = false;
        // A held answer has waited for the interval already.
        const spent = answered === 'held' ? clock.monotonic() - startedAt : 0;
        // After news the server holds its next answer until there is other news: a kill overtakes the pause after a cancel.
        wait = answered === 'first' || answered === 'news' ? 0 : Math.max(0, settings.pingIntervalMs - spent);
      } catch (error) {
        if (signal.aborted) return;
        const code = session.noteFailure(error);
        this.#lost = code === 'server-forbidden' || code === 'server-cookie';
        log[this.#failing ? 'debug' : 'error'](`A ping failed: ${describeError(error)}`);
        this.#failing = true;
        this.#options.onFailure();
        wait = settings.pingIntervalMs;
      }
    }
  }

  /** @returns whether the server held its answer; `first`: it was not asked to, for it was to answer at once */
  async #ping(signal: AbortSignal): Promise<'held' | 'at-once' | 'first' | 'news' | 'none'> {
    const { self, session, server, settings, onInstruction, onAccepted, onContact } = this.#options;
    if (!session.ready) {
      // While idle the work loop registers, unless it waits for an answer of a server that knows the agent no more.
      if (self.state.kind === 'idle' && !this.#lost) return 'none';
      this.#lost = false;
      if ((await session.establish(signal)).kind !== 'ready') return 'none';
    }
    // Nobody may wait to learn that this agent is accepted; the ping after it may be held as any other.
    const { cookie } = self;
    const isFirst = cookie !== this.#acceptedAs;
    const askedFor = self.state.kind === 'idle' ? undefined : self.state.job.buildId;
    const { instruction, held, serverNow } = await server.ping(isFirst ? 0 : settings.pingWaitMs, signal);
    onContact(serverNow);
    onInstruction(instruction, askedFor);
    if (this.#acceptedAs === undefined) onAccepted();
    this.#acceptedAs = cookie;
    if (isFirst && settings.pingWaitMs > 0) return 'first';
    const isNews = instruction !== this.#heard;
    this.#heard = instruction;
    if (held && isNews) return 'news';
    return held ? 'held' : 'at-once';
  }
}

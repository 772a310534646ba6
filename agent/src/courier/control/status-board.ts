import { buildLocator } from '@go-agent/protocol';
import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import type { DiskSpace } from '../../space/judge-disk.ts';
import type { AgentSelf } from '../agent-self.ts';

export interface StatusSources {
  readonly self: AgentSelf;
  readonly contact: { readonly isThere: boolean; readonly lastAt: number | undefined };
  readonly gate: { readonly reason: string | undefined; readonly isAsking: boolean };
  readonly order: { readonly isGiven: boolean };
  readonly fitness: { readonly space: DiskSpace | undefined };
  readonly session: {
    readonly ready: boolean;
    readonly pending: boolean;
    readonly problem: string | undefined;
  };
  readonly settings: { readonly restartFor: readonly string[] };
}

/** Tells the launcher what the agent does: when that changes, and when it is asked. */
export class StatusBoard {
  readonly #send: (status: AgentStatus) => void;
  #sources: StatusSources | undefined;
  #said = '';
  #isDue = false;
  /** What earlier processes have left is taken over. */
  #isUp = false;
  #isDisabled = false;

  constructor(send: (status: AgentStatus) => void) {
    this.#send = send;
  }

  attach(sources: StatusSources): void {
    this.#sources = sources;
    sources.self.observers.add(() => this.touch());
    this.touch();
  }

  /** Nothing is left of earlier processes. */
  noteUp(): void {
    this.#isUp = true;
    this.touch();
  }

  /** The server's word on whether this agent may work. */
  noteDisabled(isDisabled: boolean): void {
    this.#isDisabled = isDisabled;
    this.touch();
  }

  /** Something may have changed; what changes at the same moment is told at once. */
  touch(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      const status = this.#read();
      const { lastContactAt: _at, disk: _disk, ...lasting } = status;
      const text = JSON.stringify(lasting);
      if (text === this.#said) return;
      this.#said = text;
      this.#send(status);
    });
  }

  answer(): void {
    this.#send(this.#read());
  }

  #read(): AgentStatus {
    if (this.#sources === undefined) return { connected: false, state: 'starting' };
    const { self, contact, gate, fitness, session, settings } = this.#sources;
    const { space } = fitness;
    const { state } = self;
    return {
      version: self.profile.agentVersion,
      guid: self.profile.identifier.uuid,
      connected: contact.isThere,
      ...(contact.lastAt === undefined ? {} : { lastContactAt: contact.lastAt }),
      state: this.#state(this.#sources),
      ...(state.kind === 'idle' ? {} : { job: buildLocator(state.job) }),
      ...(session.problem === undefined ? {} : { problem: session.problem }),
      ...(space === undefined ? {} : { disk: diskOf(space) }),
      ...(gate.reason === undefined ? {} : { notAskingBecause: gate.reason }),
      ...(settings.restartFor.length === 0 ? {} : { restartFor: settings.restartFor }),
    };
  }

  #state({ self, order, session, gate }: StatusSources): string {
    const { kind } = self.state;
    if (kind === 'cancelled') return 'cancelled';
    if (kind === 'building') return order.isGiven ? 'draining' : 'building';
    if (!this.#isUp) return 'starting';
    // Whoever hears of this one may switch the machine off.
    if (order.isGiven) return gate.isAsking ? 'draining' : 'drained';
    if (!session.ready) return session.pending ? 'pending' : 'registering';
    return this.#isDisabled ? 'disabled' : 'idle';
  }
}

function diskOf({ freeBytes, freeInodes }: DiskSpace): NonNullable<AgentStatus['disk']> {
  return { freeBytes, ...(Number.isFinite(freeInodes) ? { freeInodes } : {}) };
}

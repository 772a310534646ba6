// All agents in memory. Reference: server-agents-jobs-elastic 1.1 to 1.4.

import type { AgentInstruction, AgentRuntimeInfo } from '@go-agent/protocol';
import type { Clock } from '@go-agent/runtime/core';
import type { ConfigModel } from '../../config/config-model.ts';
import type { EventBus } from '../../core.ts';
import {
  type AgentEvent,
  agentDisplayState,
  instructionFor,
  transitionAgent,
} from '../../domain/agent-state.ts';
import type { AgentOffer } from '../../domain/job-matching.ts';
import type { AgentView } from '../../domain/views.ts';
import type { JobBoard } from '../../scheduler/job-board.ts';
import type { AgentRecord } from '../../store/agent-repository.ts';
import { configStateOf, type LiveAgent } from './live-agent.ts';

export interface AgentRegistryOptions {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly board: JobBoard;
  config(): ConfigModel;
}

export class AgentRegistry {
  readonly #agents = new Map<string, LiveAgent>();
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #options: AgentRegistryOptions;

  constructor(options: AgentRegistryOptions) {
    this.#options = options;
  }

  get(uuid: string): LiveAgent | undefined {
    return this.#agents.get(uuid);
  }

  all(): LiveAgent[] {
    return [...this.#agents.values()];
  }

  /** A stored agent that has not been heard of since the server started; its time begins now. */
  restore(record: AgentRecord): void {
    const heardMonotonic = this.#options.clock.monotonic();
    this.#agents.set(record.uuid, { record, pending: false, runtime: 'missing', heardMonotonic });
  }

  /** A new agent, or the known one with another record. */
  put(record: AgentRecord, pending: boolean): LiveAgent {
    const { clock } = this.#options;
    const known = this.#agents.get(record.uuid);
    const heard = { lastHeardAt: clock.now(), heardMonotonic: clock.monotonic() };
    return this.#set(
      known === undefined ? { record, pending, runtime: 'idle', ...heard } : { ...known, record, pending },
    );
  }

  remove(uuid: string): void {
    this.#agents.delete(uuid);
    this.#wake(uuid);
  }

  /**
   * Takes over what an agent says about itself in a ping. That may have been on its way while its agent was given a job: an agent that
   * says there that it is idle is not so as long as it has not said a word about that job.
   */
  heardPing(info: AgentRuntimeInfo): LiveAgent | undefined {
    const { uuid } = info.identifier;
    const isGivenJob = this.#options.board.onAgent(uuid)?.view.state === 'assigned';
    return this.heard(info, isGivenJob && this.#agents.get(uuid)?.runtime === 'building');
  }

  /**
   * Takes over what an agent says about itself. Undefined if it is not known.
   * @param staysBusy whatever it says
   */
  heard(info: AgentRuntimeInfo, staysBusy = false): LiveAgent | undefined {
    const known = this.#agents.get(info.identifier.uuid);
    if (known === undefined) return undefined;
    const { clock } = this.#options;
    const isIdle = info.runtimeStatus === 'Idle' && !staysBusy;
    return this.#set({
      ...known,
      record: {
        ...known.record,
        ipAddress: info.identifier.ipAddress,
        location: info.location,
        operatingSystem: info.operatingSystemName,
      },
      runtime: transitionAgent(known.runtime, isIdle ? 'heard-idle' : 'heard-busy'),
      lastHeardAt: clock.now(),
      heardMonotonic: clock.monotonic(),
      freeSpace: info.usableSpace,
      ...(info.agentVersion === undefined ? {} : { agentVersion: info.agentVersion }),
      ...(info.agentBootstrapperVersion === undefined
        ? {}
        : { bootstrapperVersion: info.agentBootstrapperVersion }),
    });
  }

  apply(uuid: string, event: AgentEvent): void {
    const known = this.#agents.get(uuid);
    if (known === undefined) return;
    this.#set({ ...known, runtime: transitionAgent(known.runtime, event) });
  }

  /** The agent is told to kill what is left of its cancelled job. */
  requestKill(agent: LiveAgent): void {
    this.#set({ ...agent, killRequested: true });
  }

  /** Milliseconds since the agent was last heard of. */
  silentMs({ heardMonotonic }: LiveAgent): number {
    return this.#options.clock.monotonic() - heardMonotonic;
  }

  instruction(uuid: string): AgentInstruction {
    return instructionOf(this.#agents.get(uuid));
  }

  /**
   * Whether the answer to this ping would be nothing new to its agent: it was told so, and what it says shows that it has heard.
   * An answer that was lost on its way is given again at once.
   */
  hasHeard({ identifier, runtimeStatus }: AgentRuntimeInfo): boolean {
    const instruction = this.instruction(identifier.uuid);
    if (instruction === 'NONE') return true;
    return runtimeStatus === 'Cancelled' && this.#agents.get(identifier.uuid)?.told === instruction;
  }

  noteTold(uuid: string, told: AgentInstruction): void {
    const known = this.#agents.get(uuid);
    if (known !== undefined) this.#set({ ...known, told });
  }

  /** Resolves when this agent's instruction is another, or `signal` is aborted, or the time is over. */
  async untilInstructionChanges(uuid: string, waitMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    const waiters = this.#waiters.get(uuid) ?? new Set();
    this.#waiters.set(uuid, waiters.add(wake));
    await this.#options.clock.sleep(waitMs, AbortSignal.any([signal, woken.signal]));
    waiters.delete(wake);
    if (waiters.size === 0) this.#waiters.delete(uuid);
  }

  offer({ record }: LiveAgent): AgentOffer {
    return {
      uuid: record.uuid,
      resources: record.resources,
      environments: this.#environmentsOf(record),
      elastic: record.elastic !== undefined,
    };
  }

  view(agent: LiveAgent): AgentView {
    const { record, freeSpace, lastHeardAt, runtime } = agent;
    const job = this.#options.board.onAgent(record.uuid);
    const environments = this.#environmentsOf(record);
    const unknown = environments.filter((name) => this.#options.config().environment(name) === undefined);
    const unknownSpace = freeSpace === undefined || runtime === 'missing' || runtime === 'lost-contact';
    return {
      uuid: record.uuid,
      hostName: record.hostName,
      ipAddress: record.ipAddress,
      sandbox: record.location,
      operatingSystem: record.operatingSystem,
      freeSpace: unknownSpace ? 'unknown' : freeSpace,
      agentVersion: agent.agentVersion ?? '',
      bootstrapperVersion: agent.bootstrapperVersion ?? '',
      configState: configStateOf(agent),
      state: agentDisplayState({ configState: configStateOf(agent), runtime, jobState: job?.view.state }),
      resources: record.resources,
      environments,
      ...(unknown.length === 0 ? {} : { unknownEnvironments: unknown }),
      ...(job === undefined ? {} : { building: job.view }),
      ...(lastHeardAt === undefined ? {} : { lastHeardAt }),
      ...(record.elastic === undefined ? {} : { elastic: record.elastic }),
    };
  }

  /** Tells listeners about an agent whose job has moved. */
  announce(uuid: string): void {
    const agent = this.#agents.get(uuid);
    if (agent !== undefined) this.#options.events.publish({ type: 'agent-changed', agent: this.view(agent) });
  }

  #environmentsOf(record: AgentRecord): string[] {
    return [
      ...new Set([...record.environments, ...this.#options.config().environmentsOfAgent(record.uuid)]),
    ].sort();
  }

  #set(agent: LiveAgent): LiveAgent {
    const before = this.#agents.get(agent.record.uuid);
    // A request to kill ends with the job that it was meant for.
    const { killRequested: _, ...unasked } = agent;
    const after: LiveAgent = agent.runtime === 'cancelled' ? agent : unasked;
    this.#agents.set(after.record.uuid, after);
    if (instructionOf(before) !== instructionOf(after)) this.#wake(after.record.uuid);
    if (before === undefined || isVisiblyDifferent(before, agent)) this.announce(agent.record.uuid);
    return after;
  }

  #wake(uuid: string): void {
    for (const wake of this.#waiters.get(uuid) ?? []) wake();
  }
}

function instructionOf(agent: LiveAgent | undefined): AgentInstruction {
  return instructionFor(agent?.runtime ?? 'missing', agent?.killRequested ?? false);
}

/** Each ping brings a new time and some other free space; that is not worth an event. */
function isVisiblyDifferent(before: LiveAgent, after: LiveAgent): boolean {
  return (
    before.runtime !== after.runtime ||
    before.pending !== after.pending ||
    before.record.disabled !== after.record.disabled ||
    before.record.hostName !== after.record.hostName ||
    before.record.resources !== after.record.resources ||
    before.record.environments !== after.record.environments
  );
}

// The agents of the day: they register, are stopped, get lost, as the bench wills.
import type { ElasticAgent, ElasticInstance, StopReason } from '@go-agent/protocol/elastic';
import { systemClock } from '@go-agent/runtime/core';
import type { DayContext } from './day-context.ts';
import { readInstances } from './read-instances.ts';

const NEVER = new AbortController().signal;
const MINUTE_MS = 60_000;

export class DayAgents {
  readonly #context: DayContext;
  /** An agent on its way that is listed registers at this time of the bench's clock. */
  readonly #registersAt = new Map<string, number>();

  constructor(context: DayContext) {
    this.#context = context;
  }

  /** Agents that the plugin lists register a minute later. */
  async registerAgents(): Promise<void> {
    for (const agentId of this.#context.server.starting.keys()) {
      const at = this.#registersAt.get(agentId);
      if (at === undefined) await this.#untilListed(agentId);
      else if (at <= this.#context.server.now) {
        this.#registersAt.delete(agentId);
        const jobId = this.#context.server.starting.get(agentId)?.jobId;
        const environment = jobId === undefined ? undefined : this.#context.environmentOf(jobId);
        this.#context.server.register(agentId, environment === undefined ? [] : [environment]);
        this.#context.done.agents++;
        await this.event(agentId, 'registered');
        await this.event(agentId, 'idle');
      }
    }
  }

  /** A crash without an agent would show nothing. */
  async haveOne(): Promise<void> {
    const { server } = this.#context;
    if (server.agents.size > 0) return;
    await this.warmUp();
    for (const agentId of server.starting.keys()) await this.#untilListed(agentId);
    for (const agentId of this.#registersAt.keys()) this.#registersAt.set(agentId, server.now);
    await this.registerAgents();
  }

  async retireIdle(): Promise<void> {
    for (const { agentId, idleSince = this.#context.server.now } of this.idle()) {
      const idleMs = this.#context.server.now - idleSince;
      if (idleMs >= this.#context.profile.policy.idleTimeoutMs) await this.stop(agentId, 'idle-timeout');
    }
  }

  async stop(agentId: string, reason: StopReason): Promise<void> {
    const { cluster } = this.#context;
    this.#context.server.agents.delete(agentId);
    this.#context.server.starting.delete(agentId);
    this.#registersAt.delete(agentId);
    const before = this.#context.server.violations.list().length;
    await this.#context.calls.stopAgent({
      cluster,
      agentId,
      reason,
      message: `The bench ends it: ${reason}`,
    });
    if (this.#context.server.violations.list().length > before) return;
    const left = await this.instances();
    if (left?.some((each) => each.agentId === agentId)) {
      this.#context.server.violations.add(
        'stops-agents',
        `after stop-agent (${reason}) the agent is still listed`,
      );
    }
    await this.event(agentId, 'gone');
  }

  failed(agentId: string): void {
    this.#context.server.failed.delete(agentId);
    this.#context.done.failed++;
    const { agents } = this.#context.server;
    if (agents.has(agentId)) {
      this.#context.server.violations.add(
        'keeps-agents',
        'an agent that nobody had stopped was reported as failed',
      );
      agents.delete(agentId);
    }
  }

  async warmUp(): Promise<void> {
    const { cluster, profile } = this.#context;
    const before = new Set(this.#context.server.starting.keys());
    const answer = await this.#context.calls.startAgents({ cluster, profile, count: 1 });
    const made = [...this.#context.server.starting.values()].filter(({ agentId }) => !before.has(agentId));
    const { violations } = this.#context.server;
    if (made.length > 1) violations.add('starts-what-is-asked', `${made.length} keys for one agent`);
    if (made.some(({ jobId }) => jobId !== undefined)) {
      violations.add('starts-what-is-asked', 'a key for a job, although none was named');
    }
    const named = answer?.agentIds ?? [];
    if (named.some((agentId) => !made.some((each) => each.agentId === agentId))) {
      violations.add('starts-what-is-asked', 'an agent is named for which there is no key');
    }
  }

  async event(agentId: string, event: string): Promise<void> {
    await this.#context.calls.tell('agent-event', {
      clusterId: this.#context.cluster.id,
      agentId,
      event,
      at: this.#context.server.now,
    });
  }

  idle(): readonly ElasticAgent[] {
    return [...this.#context.server.agents.values()].filter(({ state }) => state === 'idle');
  }

  instances(): Promise<readonly ElasticInstance[] | undefined> {
    return readInstances(this.#context.calls, [this.#context.cluster], this.#context.server.violations);
  }

  async #untilListed(agentId: string): Promise<void> {
    const deadline = systemClock.monotonic() + this.#context.startTimeoutMs;
    while (systemClock.monotonic() < deadline && this.#context.server.starting.has(agentId)) {
      const instances = await this.instances();
      const instance = instances?.find((each) => each.agentId === agentId);
      if (instance?.state === 'running') {
        this.#registersAt.set(agentId, this.#context.server.now + MINUTE_MS);
        return;
      }
      await systemClock.sleep(50, NEVER);
    }
    if (!this.#context.server.starting.has(agentId)) return;
    this.#context.server.violations.add(
      'starts-agents',
      'an agent was never listed as running, nor reported as failed',
    );
    await this.stop(agentId, 'never-registered');
  }
}

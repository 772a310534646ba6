// Everything of one cluster: its connection, the agents on their way, and the answers about its jobs.
import type {
  AssignDecision,
  AssignWorkParams,
  AssignWorkResult,
  ElasticCluster,
  ElasticInstance,
  ElasticProfile,
  StartAgentsParams,
  StartAgentsResult,
} from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import { AgentStarts } from './agent-starts.ts';
import { ClusterConnection } from './cluster-connection.ts';
import { decideWork, hold, type Trouble, type WorkStep } from './decide-work.ts';
import { InstanceWatch } from './instance-watch.ts';
import { Label, labelValue, newAgentId } from './labels.ts';
import { masked } from './log.ts';
import type { PluginContext } from './plugin-context.ts';
import { profileValues } from './profile-values.ts';
import type { FoundAgent, Provider } from './provider.ts';
import { Removals } from './removals.ts';
import type { Fields } from './schema.ts';
import { StartFailures } from './start-failures.ts';
import { StartingAgents } from './starting-agents.ts';

/** Keys that are asked for at a time. */
const KEYS_AT_ONCE = 8;

export class ClusterDesk<CF extends Fields, PF extends Fields, K> {
  readonly id: string;
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #connection: ClusterConnection<CF, PF, K>;
  readonly #starting = new StartingAgents();
  readonly #failures: StartFailures;
  readonly #starts: AgentStarts<CF, PF, K>;
  readonly #watch: InstanceWatch;
  readonly #removals: Removals;

  constructor(cluster: ElasticCluster, provider: Provider<CF, PF, K>, context: PluginContext) {
    this.id = cluster.id;
    this.#provider = provider;
    this.#context = context;
    this.#connection = new ClusterConnection(cluster, provider, context);
    this.#removals = new Removals(context);
    this.#failures = new StartFailures(context.clock, context.random);
    this.#starts = new AgentStarts(provider, this.#connection, context, {
      made: (agentId) => this.#watch.made(agentId, context.clock.monotonic()),
      failed: (agentId, reason) => this.#failed(agentId, reason),
    });
    this.#watch = new InstanceWatch((agentId, reason) => this.#ended(agentId, reason));
  }

  /** The cluster as the latest message has it. */
  update(cluster: ElasticCluster): void {
    this.#connection.update(cluster);
  }

  async assignWork({ jobs, agents }: AssignWorkParams): Promise<AssignWorkResult> {
    const starting = this.#starting.list(this.#context.clock.now());
    const steps = decideWork({ jobs, agents, starting, trouble: (job) => this.#trouble(job.profile) });
    const decisions: AssignDecision[] = [];
    // In turns, oldest first: if there is room for a few only, it goes to those who have waited longest.
    for (let first = 0; first < steps.length; first += KEYS_AT_ONCE) {
      const turn = steps.slice(first, first + KEYS_AT_ONCE);
      decisions.push(...(await Promise.all(turn.map((step) => this.#take(step)))));
    }
    return { decisions };
  }

  async startAgents({ profile, count }: StartAgentsParams): Promise<StartAgentsResult> {
    const agentIds: string[] = [];
    for (let made = 0; made < count; made++) {
      const trouble = this.#trouble(profile);
      if (trouble?.type === 'decline') return { agentIds, reason: trouble.reason };
      if (trouble?.type === 'wait')
        return { agentIds, reason: trouble.reason, askAgainMs: trouble.askAgainMs };
      const started = await this.#start(profile, {});
      if (!started.ok) return { agentIds, reason: started.reason, askAgainMs: started.askAgainMs };
      agentIds.push(started.agentId);
    }
    return { agentIds };
  }

  async stopAgent(agentId: string, failure: string | undefined): Promise<void> {
    const starting = this.#starting.remove(agentId);
    if (failure !== undefined && starting !== undefined) this.#failures.failed(starting.profileId, failure);
    this.#watch.forget(agentId);
    await this.#removals.remove(agentId, async (signal) => {
      await this.#starts.cancel(agentId);
      await this.#provider.remove(agentId, await this.#connection.open(), signal);
    });
  }

  /** @throws what the provider throws if the cluster cannot be looked at */
  async listInstances(): Promise<readonly ElasticInstance[]> {
    const cluster = await this.#connection.open();
    const since = this.#context.clock.monotonic();
    const found = await this.#provider.list(cluster, this.#context.stop);
    const making = this.#starts.since(since);
    // What is being made, or was made while the list was, has neither ended nor gone.
    const agents: readonly FoundAgent[] = [
      ...found.map((agent) => (making.includes(agent.agentId) ? { ...agent, state: begun(agent) } : agent)),
      ...making
        .filter((agentId) => found.every((each) => each.agentId !== agentId))
        .map((agentId) => ({ agentId, state: 'starting' as const })),
    ];
    this.#watch.seen(agents, since);
    return agents.map(({ agentId, state, createdAt }) => ({
      agentId,
      clusterId: this.id,
      state,
      ...(createdAt === undefined ? {} : { startedAt: createdAt }),
    }));
  }

  /** The job has another agent, or is over. */
  jobLeft(jobId: number): void {
    this.#starting.release(jobId);
  }

  agentRegistered(agentId: string): void {
    const starting = this.#starting.remove(agentId);
    if (starting !== undefined) this.#failures.succeeded(starting.profileId);
  }

  agentGone(agentId: string, failure?: string): void {
    const starting = this.#starting.remove(agentId);
    if (starting !== undefined && failure !== undefined) this.#failures.failed(starting.profileId, failure);
    this.#watch.forget(agentId);
  }

  /** Looks at the cluster whenever the provider says that something has changed there. Resolves when `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { watch } = this.#provider;
    if (watch === undefined) return;
    await this.#connection.keep(signal, async (cluster, until) => {
      const look = this.#watch.looks(() => this.listInstances().then(() => undefined), this.#context, until);
      await watch(cluster, look, until);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  async #take(step: WorkStep): Promise<AssignDecision> {
    switch (step.type) {
      case 'answer':
        if (step.decision.action === 'assign') this.#starting.release(step.decision.jobId);
        return step.decision;
      case 'claim':
        this.#starting.claim(step.agentId, step.job.jobId);
        return hold(step.job.jobId, step.agentId);
      case 'start': {
        const { profile, jobId, environment } = step.job;
        const started = await this.#start(profile, {
          jobId,
          ...(environment === undefined ? {} : { environment }),
        });
        if (started.ok) return hold(jobId, started.agentId);
        return { action: 'wait', jobId, reason: started.reason, askAgainMs: started.askAgainMs };
      }
      default:
        return step satisfies never;
    }
  }

  async #start(
    profile: ElasticProfile,
    target: { readonly jobId?: number; readonly environment?: string },
  ): Promise<Started> {
    const { server, serverId } = this.#context;
    const agentId = newAgentId(profile.id);
    const { jobId } = target;
    const key = await server.createRegistrationKey({
      clusterId: this.id,
      profileId: profile.id,
      agentId,
      ...(jobId === undefined ? {} : { jobId }),
    });
    if (key.type === 'refused') return { ok: false, reason: key.reason, askAgainMs: key.askAgainMs };
    this.#context.secrets.addKey(key.key);
    this.#starting.add({ agentId, profileId: profile.id, expiresAt: key.expiresAt, ...target });
    this.#starts.begin(
      {
        agentId,
        profileId: profile.id,
        profile: profileValues(this.#provider, profile, this.#context.secrets),
        labels: {
          ...this.#connection.labels(serverId),
          [Label.agent]: agentId,
          [Label.profile]: labelValue(profile.id),
        },
        serverUrl: key.serverUrl,
      },
      key,
    );
    return { ok: true, agentId };
  }

  #trouble(profile: ElasticProfile): Trouble | null {
    try {
      profileValues(this.#provider, profile, this.#context.secrets);
    } catch (error) {
      return { type: 'decline', reason: describeError(error) };
    }
    return this.#failures.trouble(profile.id);
  }

  /** It could not be made. */
  #failed(agentId: string, why: string): void {
    const reason = masked(why, this.#context.secrets.list());
    this.agentGone(agentId, reason);
    this.#context.log('warn', `agent ${agentId} could not be started: ${reason}`);
    this.#tell(agentId, reason);
  }

  /** It was there, and is not any more. */
  #ended(agentId: string, why: string): void {
    const reason = masked(why, this.#context.secrets.list());
    const starting = this.#starting.remove(agentId);
    if (starting !== undefined) this.#failures.failed(starting.profileId, reason);
    this.#context.log('info', `agent ${agentId} has ended: ${reason}`);
    this.#tell(agentId, reason);
  }

  #tell(agentId: string, reason: string): void {
    const { server, log } = this.#context;
    server.instanceFailed({ agentId, reason }).catch((error: unknown) => {
      log(
        'warn',
        `the server could not be told that agent ${agentId} is gone; it will see from the next list`,
        error,
      );
    });
  }
}

function begun({ state }: FoundAgent): FoundAgent['state'] {
  return state === 'ended' ? 'starting' : state;
}

type Started =
  | { readonly ok: true; readonly agentId: string }
  | { readonly ok: false; readonly reason: string; readonly askAgainMs: number };

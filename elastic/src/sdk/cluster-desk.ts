// Everything of one cluster: the places that its profile points to or has pointed to, the agents on their way, and the answers
// about its jobs.
import type {
  AssignDecision,
  AssignWorkParams,
  AssignWorkResult,
  ElasticCluster,
  ElasticInstance,
  ElasticProfile,
  StartAgentsParams,
  StartAgentsResult,
  StopAgentParams,
} from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { ClusterPlace } from './cluster-place.ts';
import { ClusterPlaces } from './cluster-places.ts';
import { decideWork, hold, type Trouble, type WorkStep } from './decide-work.ts';
import { Label, labelValue, newAgentId } from './labels.ts';
import { masked } from './log.ts';
import type { PluginContext } from './plugin-context.ts';
import { profileValues } from './profile-values.ts';
import type { Provider } from './provider.ts';
import type { Fields } from './schema.ts';
import { StartFailures } from './start-failures.ts';
import { StartingAgents } from './starting-agents.ts';

/** Keys that are asked for at a time. */
const KEYS_AT_ONCE = 8;

export class ClusterDesk<CF extends Fields, PF extends Fields, K> {
  readonly id: string;
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #places: ClusterPlaces<CF, PF, K>;
  readonly #starting = new StartingAgents();
  readonly #failures: StartFailures;

  constructor(id: string, provider: Provider<CF, PF, K>, context: PluginContext) {
    this.id = id;
    this.#provider = provider;
    this.#context = context;
    this.#failures = new StartFailures(context.clock, context.random);
    this.#places = new ClusterPlaces(provider, context, {
      failed: (agentId, reason) => this.#failed(agentId, reason),
      ended: (agentId, reason) => this.#ended(agentId, reason),
    });
  }

  /** The cluster is so from now on; null: it is configured no more. What is going on where it was before goes on there. */
  configure(cluster: ElasticCluster | null): void {
    this.#places.configure(cluster);
  }

  /** Nothing is left of it. */
  get isEmpty(): boolean {
    return this.#places.all().length === 0;
  }

  assignWork({ cluster, jobs, agents }: AssignWorkParams): Promise<AssignWorkResult> {
    const place = this.#places.at(cluster);
    return place.use(() => this.#assign(place, jobs, agents));
  }

  startAgents({ cluster, profile, count }: StartAgentsParams): Promise<StartAgentsResult> {
    const place = this.#places.at(cluster);
    return place.use(() => this.#startSome(place, profile, count));
  }

  async stopAgent({ cluster, agentId, reason, message }: StopAgentParams): Promise<void> {
    this.#context.log('info', `ending agent ${agentId}: ${message}`);
    this.agentGone(agentId, reason === 'never-registered' ? message : undefined);
    const place = this.#places.at(cluster);
    // Wherever it is being made.
    const cancel = async () => {
      await Promise.all(this.#places.all().map(({ starts }) => starts.cancel(agentId)));
    };
    await place.use(() => place.remove(agentId, cancel));
  }

  /** Null if it cannot be known what there is. */
  async listInstances(cluster: ElasticCluster): Promise<readonly ElasticInstance[] | null> {
    const place = this.#places.at(cluster);
    const name = `cluster ${this.id}${this.#places.isCurrent(place) ? '' : ' as it was configured before'}`;
    const agents = await place.use(() => place.tryList(name));
    if (agents === null) return null;
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
    for (const { instances } of this.#places.all()) instances.forget(agentId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#places[Symbol.asyncDispose]();
  }

  async #assign(
    place: ClusterPlace<CF, PF, K>,
    jobs: AssignWorkParams['jobs'],
    agents: AssignWorkParams['agents'],
  ): Promise<AssignWorkResult> {
    const starting = this.#starting.list(this.#context.clock.now());
    const steps = decideWork({ jobs, agents, starting, trouble: (job) => this.#trouble(job.profile) });
    const decisions: AssignDecision[] = [];
    // In turns, oldest first: if there is room for a few only, it goes to those who have waited longest.
    for (let first = 0; first < steps.length; first += KEYS_AT_ONCE) {
      const turn = steps.slice(first, first + KEYS_AT_ONCE);
      decisions.push(...(await Promise.all(turn.map((step) => this.#take(place, step)))));
    }
    return { decisions };
  }

  async #startSome(
    place: ClusterPlace<CF, PF, K>,
    profile: ElasticProfile,
    count: number,
  ): Promise<StartAgentsResult> {
    const agentIds: string[] = [];
    for (let made = 0; made < count; made++) {
      const trouble = this.#trouble(profile);
      if (trouble?.type === 'decline') return { agentIds, reason: trouble.reason };
      if (trouble?.type === 'wait')
        return { agentIds, reason: trouble.reason, askAgainMs: trouble.askAgainMs };
      const started = await this.#start(place, profile, {});
      if (!started.ok) return { agentIds, reason: started.reason, askAgainMs: started.askAgainMs };
      agentIds.push(started.agentId);
    }
    return { agentIds };
  }

  async #take(place: ClusterPlace<CF, PF, K>, step: WorkStep): Promise<AssignDecision> {
    switch (step.type) {
      case 'answer':
        if (step.decision.action === 'assign') this.#starting.release(step.decision.jobId);
        return step.decision;
      case 'claim':
        this.#starting.claim(step.agentId, step.job.jobId);
        return hold(step.job.jobId, step.agentId);
      case 'start': {
        const { profile, jobId, environment } = step.job;
        const started = await this.#start(place, profile, {
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
    place: ClusterPlace<CF, PF, K>,
    profile: ElasticProfile,
    target: { readonly jobId?: number; readonly environment?: string },
  ): Promise<Started> {
    const { server } = this.#context;
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
    place.starts.begin(
      {
        agentId,
        profileId: profile.id,
        profile: profileValues(this.#provider, profile, this.#context.secrets),
        labels: {
          ...place.labels,
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
    this.agentGone(agentId, reason);
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

type Started =
  | { readonly ok: true; readonly agentId: string }
  | { readonly ok: false; readonly reason: string; readonly askAgainMs: number };

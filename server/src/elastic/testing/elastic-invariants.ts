// What must hold of jobs and elastic agents whatever happens.

import type { ServerCore } from '../../core.ts';
import type { ElasticAgentView, JobView } from '../../domain/views.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import { ElasticTimeLimits, type TimeLimits } from './elastic-time-limits.ts';
import type { MovingCluster } from './moving-cluster.ts';
import type { Machine, ScriptedCloud } from './scripted-cloud.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

/** What is looked at; what breaks goes to `faults`. */
export interface Observed {
  readonly agents: ReadonlyMap<string, SimulatedAgent>;
  readonly jobs: ReadonlyMap<number, JobView>;
  readonly cloud: ScriptedCloud;
  readonly cluster: MovingCluster;
  readonly core: ServerCore;
  readonly faults: string[];
}

/** As many as its world's pipeline file allows. */
export interface ProfileLimits extends TimeLimits {
  readonly jobsPerAgent: number;
  readonly maxAgents: number;
  readonly maxAttempts: number;
}

export class ElasticInvariants {
  readonly #world: Observed;
  readonly #limits: () => Readonly<Record<string, ProfileLimits>>;
  readonly #time = new ElasticTimeLimits((text) => this.#fault(text));
  /** Jobs that each agent, by uuid, has been given: counted here, not by the server. */
  readonly #given = new Map<string, Set<number>>();
  /** By its place in its stage: how many agents had the job. */
  readonly #attempts = new Map<string, number>();
  /** Machines, elsewhere than the cluster is, that the server need not find. */
  readonly #lost = new Set<string>();
  /** Jobs that failed and never had an agent. */
  readonly #failed = new Set<number>();

  constructor(world: Observed, limits: () => Readonly<Record<string, ProfileLimits>>) {
    this.#world = world;
    this.#limits = limits;
  }

  atRestart(): void {
    this.#time.restarted();
    this.#failed.clear();
  }

  /** After each event of the server. */
  atAnyTime(job: JobView | undefined): void {
    if (job !== undefined && isFailedUnassigned(job)) this.#failed.add(job.jobId);
    if (job?.agentUuid !== undefined && job.state === 'assigned') {
      const given = this.#given.get(job.agentUuid) ?? new Set();
      if (!given.has(job.jobId)) this.#checkAttempt(job);
      const profileId = this.#fleet().find(({ uuid }) => uuid === job.agentUuid)?.profileId;
      if (profileId !== undefined && profileId !== job.elasticAgent?.profileId)
        this.#fault(`job ${job.jobId} was given to ${job.agentUuid}, an agent of profile ${profileId}`);
      this.#given.set(job.agentUuid, given.add(job.jobId));
    }
    for (const agent of this.#fleet()) if (agent.phase === 'retiring') this.#hasNoJob(agent);
  }

  /** No machine is ended under a job that its agent has, as far as the server knows and counts it. */
  atEnding(agentId: string): void {
    const agent = this.#world.agents.get(agentId);
    if (agent?.job === undefined || agent.machine.dead) return;
    const job = this.#world.jobs.get(agent.job.buildId);
    if (job?.agentUuid === agent.uuid) this.#fault(`${agentId} was ended while it had job ${job.jobId}`);
  }

  /** Whose machine is still there is not forgotten, unless it cannot be reached, and people are told. */
  atChange({ phase, agentId = '', uuid }: ElasticAgentView): void {
    const { cloud, cluster, core } = this.#world;
    const machine = cloud.machines.get(agentId);
    if (phase !== 'gone' || machine === undefined) return;
    const isOut = machine.host !== cluster.host && cluster.refuses(machine.cluster);
    const isTold = core.health().some(({ scope }) => scope.endsWith(`/${agentId}`));
    // Of one that nobody has ever seen, nobody is told.
    const isAllowed = uuid === undefined ? isOut || cloud.denied.has(agentId) : isOut && isTold;
    if (isAllowed) this.#lost.add(agentId);
    else this.#fault(`left: ${agentId} at ${machine.host} was forgotten`);
  }

  /** Before all comes to its end. What nobody knows is looked for where the cluster is, and where agents are. */
  atLast(): void {
    const { cloud, cluster } = this.#world;
    const machines = [...cloud.machines.values()];
    const isKnown = ({ agentId }: Machine) =>
      cloud.broker.context.fleet.byAgentId(cloud.pluginId, agentId) !== undefined;
    const isOpen = (machine: Machine) =>
      !cluster.refuses(machine.cluster) && !cloud.failed.has(machine.host ?? '');
    const looked = new Set(machines.filter((each) => isKnown(each) && isOpen(each)).map(({ host }) => host));
    for (const machine of machines)
      if (!isKnown(machine) && !looked.has(machine.host)) this.#lost.add(machine.agentId);
  }

  isLost({ agentId, host }: Machine): boolean {
    return host !== this.#world.cluster.host && this.#lost.has(agentId);
  }

  takeLost(): string[] {
    const lost = [...this.#lost];
    this.#lost.clear();
    return lost;
  }

  /** While no time passes, and nothing goes on. */
  atRest(): void {
    const { jobs, core } = this.#world;
    const busy = new Set<string>();
    for (const job of jobs.values()) {
      if (job.agentUuid !== undefined && job.state !== 'scheduled') {
        if (busy.has(job.agentUuid)) this.#fault(`${job.agentUuid} has two jobs`);
        busy.add(job.agentUuid);
      }
      if (job.state !== 'scheduled') continue;
      const wait = core.elastic.waitOf(job.jobId);
      if (wait === undefined || wait.reason === '') this.#fault(`job ${job.jobId} waits without a reason`);
      else if (wait.action !== 'asking' && wait.askAgainAt === undefined)
        this.#fault(`job ${job.jobId} waits and is never asked about again`);
    }
    this.#checkFailed();
    for (const [profileId, limits] of Object.entries(this.#limits())) this.#checkLimits(profileId, limits);
    for (const agent of this.#fleet()) if (agent.phase === 'retiring') this.#hasNoJob(agent);
  }

  #checkLimits(profileId: string, limits: ProfileLimits): void {
    const { jobsPerAgent, maxAgents } = limits;
    const own = this.#fleet().filter((agent) => agent.profileId === profileId);
    const { cloud, jobs, core } = this.#world;
    const waiting = [...jobs.values()].filter(
      ({ state, jobId }) => state === 'scheduled' && core.elastic.waitOf(jobId)?.profileId === profileId,
    );
    this.#time.atRest(cloud.broker, own, waiting, limits);
    if (own.length > maxAgents) this.#fault(`${own.length} agents where ${maxAgents} are allowed`);
    for (const { uuid = '', phase } of own) {
      const given = this.#given.get(uuid)?.size ?? 0;
      if (given > jobsPerAgent) this.#fault(`${uuid} was given ${given} jobs, more than it may have`);
      const { registry, board } = this.#world.cloud.broker.context.scheduler;
      if (phase !== 'registered' || board.onAgent(uuid) !== undefined) continue;
      const runtime = registry.get(uuid)?.runtime;
      if (runtime === 'idle' && given >= jobsPerAgent)
        this.#fault(`${uuid} stays although it has had as many jobs as it may`);
      if (runtime === 'lost-contact') this.#fault(`${uuid} stays although it is lost`);
    }
  }

  #checkFailed(): void {
    for (const jobId of this.#failed) {
      const isSaid = this.#world.core
        .health()
        .some(({ scope, detail }) => scope === `job/${jobId}` && detail.length > 0);
      if (!isSaid) this.#fault(`job ${jobId} failed without a reason`);
    }
    this.#failed.clear();
  }

  #checkAttempt({ pipeline, counter, stage, stageCounter, job, elasticAgent }: JobView): void {
    const place = [pipeline, counter, stage, stageCounter, job].join('/');
    const attempts = (this.#attempts.get(place) ?? 0) + 1;
    this.#attempts.set(place, attempts);
    const most = this.#limits()[elasticAgent?.profileId ?? '']?.maxAttempts ?? 0;
    if (attempts > most) this.#fault(`${place} has had ${attempts} agents, more than it may have`);
  }

  #hasNoJob({ uuid }: ElasticAgentRecord): void {
    const job =
      uuid === undefined ? undefined : this.#world.cloud.broker.context.scheduler.board.onAgent(uuid);
    if (job !== undefined) this.#fault(`${uuid} is on its way out while it has job ${job.view.jobId}`);
  }

  #fleet(): ElasticAgentRecord[] {
    return this.#world.cloud.broker.context.fleet.all();
  }

  #fault(text: string): void {
    this.#world.faults.push(text);
  }
}

function isFailedUnassigned({ state, result, agentUuid }: JobView): boolean {
  return state === 'completed' && result === 'failed' && agentUuid === undefined;
}

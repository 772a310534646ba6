// A whole core on a real database with a scripted plugin and simulated agents, and a clock that stands still: for seeded
// interleavings of whatever may happen to elastic agents.

import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { CoreFixture } from '../../core/core-fixture.ts';
import type { JobView } from '../../domain/views.ts';
import { ElasticInvariants } from './elastic-invariants.ts';
import { elasticWorldFile, LIMITS } from './elastic-world-file.ts';
import { MovingCluster } from './moving-cluster.ts';
import { type Machine, ScriptedCloud } from './scripted-cloud.ts';
import { SimulatedAgent } from './simulated-agent.ts';

const LOST_MS = 120_000;

export class ElasticWorld implements AsyncDisposable {
  readonly fixture: CoreFixture;
  readonly cloud = new ScriptedCloud();
  readonly cluster = new MovingCluster();
  readonly agents = new Map<string, SimulatedAgent>();
  /** Whose machines are gone; their last requests may still be held. */
  readonly #former: SimulatedAgent[] = [];
  /** What must never be and was. */
  readonly faults: string[] = [];
  /** Active jobs, as events told. */
  readonly jobs = new Map<number, JobView>();
  /** Of the profile `small`. */
  #minIdle = 0;
  readonly #invariants = new ElasticInvariants(this, () => ({
    ...LIMITS,
    small: { ...LIMITS.small, minIdle: this.#minIdle },
  }));
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(fixture: CoreFixture) {
    this.fixture = fixture;
    this.cloud.ending = (agentId) => this.#invariants.atEnding(agentId);
    this.cloud.refuses = (cluster) => this.cluster.refuses(cluster);
  }

  static async open(): Promise<ElasticWorld> {
    const fixture = await CoreFixture.make();
    const world = new ElasticWorld(fixture);
    await world.#writeFile();
    await world.#begin(() => fixture.start({ lostContactMs: LOST_MS }, world.cloud.source));
    return world;
  }

  get core() {
    return this.fixture.core;
  }

  async restartServer(): Promise<void> {
    await this.#end();
    await this.#begin(() => this.fixture.restart({ lostContactMs: LOST_MS }, this.cloud.source));
  }

  /** Its profile, as `change` has left it, comes into force. */
  async changeCluster(change: (cluster: MovingCluster) => void): Promise<void> {
    change(this.cluster);
    await this.#writeFile();
    const wanted = Object.values(this.cluster.properties).join();
    await waitFor(async () => {
      await this.fixture.clock.advance(100);
      const { clusterProfiles } = this.cloud.broker.context.scheduler.config();
      return clusterProfiles[0]?.properties.map(({ value }) => value).join() === wanted;
    });
  }

  /** So many agents are kept warm from now on. */
  async keepWarm(minIdle: number): Promise<void> {
    if (minIdle === this.#minIdle) return;
    this.#minIdle = minIdle;
    await this.#writeFile();
    await waitFor(async () => {
      await this.fixture.clock.advance(100);
      const { elasticProfiles } = this.cloud.broker.context.scheduler.config();
      return elasticProfiles.find(({ id }) => id === 'small')?.policy.minIdle === minIdle;
    });
  }

  /** Time goes by; agents that live are heard of in between. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 30) {
      await this.fixture.clock.advance(Math.min(left, 30) * 1000);
      for (const agent of this.living()) await agent.ping(this.core);
    }
    await this.settle();
  }

  /** New machines get an agent, those that are gone lose it. */
  living(): SimulatedAgent[] {
    for (const machine of this.cloud.machines.values())
      if (!this.agents.has(machine.agentId)) this.agents.set(machine.agentId, new SimulatedAgent(machine));
    for (const [id, { machine }] of this.agents)
      if (machine.dead || !this.cloud.machines.has(id)) this.#forget(id);
    return [...this.agents.values()];
  }

  /** Lets whatever goes on without time passing come to rest, and checks what must always be. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await this.fixture.clock.advance(10);
    this.#invariants.atRest();
  }

  /** With a plugin that behaves and agents that live, everything comes to its end. */
  async finish(): Promise<void> {
    this.cloud.recover();
    await this.keepWarm(0);
    this.#invariants.atLast();
    await this.cloud.broker.reconcile(this.cloud.pluginId);
    for (const agent of this.living()) agent.silent = false;
    // What refuses everything is given up after an hour.
    const isRefused = this.#left().some(({ cluster }) => this.cluster.refuses(cluster));
    const rounds = isRefused ? 300 : 80;
    for (let round = 0; round < rounds && !this.#isEmpty(); round++) {
      for (const agent of this.living()) {
        if (!agent.isRegistered) await agent.register(this.core);
        await agent.work(this.core, true);
        agent.ask(this.core);
      }
      await this.pass(round < 20 ? 5 : 30);
      await this.cloud.broker.reconcile(this.cloud.pluginId);
    }
    if (!this.#isEmpty())
      this.faults.push(
        `left: ${this.#left().length} machines, ${this.cloud.broker.context.fleet.all().length} agents, ${this.jobs.size} jobs ` +
          JSON.stringify({
            machines: this.#left(),
            agents: this.cloud.broker.context.fleet.all(),
            jobs: [...this.jobs.keys()].map(
              (jobId) => this.core.elastic.waitOf(jobId) ?? this.jobs.get(jobId),
            ),
          }),
      );
    // As people do who were told.
    for (const id of this.#invariants.takeLost()) this.cloud.machines.delete(id);
    this.cluster.forgetRefused();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.fixture[Symbol.asyncDispose]();
  }

  #isEmpty(): boolean {
    return (
      this.jobs.size === 0 && this.#left().length === 0 && this.cloud.broker.context.fleet.all().length === 0
    );
  }

  #left(): Machine[] {
    return [...this.cloud.machines.values()].filter((machine) => !this.#invariants.isLost(machine));
  }

  async #writeFile(): Promise<void> {
    await this.fixture.pipelineFile(
      'elastic.gocd.yaml',
      elasticWorldFile(this.cluster.properties, this.#minIdle),
    );
  }

  async #begin(start: () => Promise<unknown>): Promise<void> {
    await start();
    this.cloud.isEnding = false;
    this.#invariants.atRestart();
    this.core.events.subscribe((event) => {
      const job = event.type === 'job-changed' ? event.job : undefined;
      if (event.type === 'elastic-agent-changed') this.#invariants.atChange(event.agent);
      this.#invariants.atAnyTime(job);
      if (job === undefined) return;
      if (job.state === 'completed' || job.state === 'rescheduled') this.jobs.delete(job.jobId);
      else this.jobs.set(job.jobId, job);
    });
    this.#stop = new AbortController();
    this.#running = runServices(this.core.services, this.#stop.signal);
    await this.settle();
  }

  #forget(agentId: string): void {
    const agent = this.agents.get(agentId);
    if (agent !== undefined) this.#former.push(agent);
    this.agents.delete(agentId);
  }

  /** As the edge does it: first no request is left. */
  async #end(): Promise<void> {
    this.cloud.isEnding = true;
    this.cloud.answerNow();
    this.core.work.releaseHeldRequests();
    for (const agent of [...this.#former.splice(0), ...this.agents.values()]) await agent.asked();
    this.#stop.abort();
    await this.#running;
  }
}

/** The pipeline's newest instance, once the trigger has made one; undefined if it was refused. */
export async function triggerAndWait(world: ElasticWorld, pipeline: string): Promise<number | undefined> {
  const { core } = world;
  const before = (await core.pipelines.history(pipeline, { size: 1 })).instances[0]?.counter ?? 0;
  const outcome = await core.pipelines.trigger(pipeline, { approver: 'ann', updateMaterials: before === 0 });
  if (outcome.type !== 'ok') return undefined;
  await waitFor(async () => (await core.pipelines.instance(pipeline, before + 1)) !== undefined);
  await world.settle();
  return before + 1;
}
